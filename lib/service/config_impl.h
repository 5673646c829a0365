/* What the files of the configuration share among themselves. */
#ifndef CT_SERVICE_CONFIG_IMPL_H
#define CT_SERVICE_CONFIG_IMPL_H

#include "service/config.h"
#include "service/yaml_tree.h"

enum {
	CT_SECTIONS_MAX = 64, /* providers in the file beside the vendors' own */
	CT_SECTION_ITEMS = 32, /* headers, and options, of one of them */
	CT_NAME_MAX = 64,
};

/* Where a value came from, and how to name it in a complaint. */
struct ct_origin {
	struct ct_str from; /* struct ct_setting's */
	const char *what; /* "FILE:12: chat.retries", "PRIMARY_PROVIDER" */
	const char *file; /* for what is said of values within; NULL: not the file */
	int line;
};

int ct_config_no_memory(struct ct_err *err);

/* Note a setting, or change what was noted. value and origin are copied. */
int ct_config_note(struct ct_config *config, struct ct_str name, struct ct_str value,
		   struct ct_str origin, struct ct_err *err);

/* The variable's value, with blanks around it removed; {NULL, 0}: unset or empty, or no name. */
struct ct_str ct_config_env(const char *name);

/* chat, circuit, stream, log: defaults, then the file's sections, then the environment. */
int ct_settings_default(struct ct_config *config, struct ct_err *err);
int ct_settings_env(struct ct_config *config, struct ct_err *err);
/* Is item one of theirs? Then *known and it is applied. */
int ct_settings_file(struct ct_config *config, const struct ct_yaml_item *item, bool *known,
		     struct ct_err *err);
/* Once the services are known: do the names in primary and fallback exist? */
int ct_settings_check(struct ct_config *config, struct ct_err *err);

/* The vendors' own services, the file's sections, their variables, what follows from all. */
int ct_services_default(struct ct_config *config, struct ct_err *err);
int ct_services_file(struct ct_config *config, const struct ct_yaml *providers,
		     struct ct_err *err);
int ct_services_env(struct ct_config *config, struct ct_err *err);
int ct_services_finish(struct ct_config *config, struct ct_err *err);

/* The section `templates`. */
int ct_templates_file(struct ct_config *config, const struct ct_yaml_item *section,
		      struct ct_err *err);

/* The section `users`. */
int ct_users_file(struct ct_config *config, const struct ct_yaml_item *section,
		  struct ct_err *err);
/* rate_limit or burst of a section ("providers.groq"). */
int ct_limit_item(struct ct_config *config, const char *section,
		  const struct ct_yaml_item *item, struct ct_rate *rate, struct ct_err *err);
/* What follows from both: the burst where none is given; CT_ECONFIG for a burst alone. */
int ct_limit_finish(struct ct_config *config, const char *section, struct ct_rate *rate,
		    struct ct_err *err);

/* The file, when it is there. */
int ct_config_read_file(struct ct_config *config, bool named, struct ct_err *err);
int ct_config_read_text(struct ct_config *config, struct ct_str text, struct ct_err *err);

/* A map's items, one after the other; a missing value is an empty map; else a complaint. */
int ct_config_map(const struct ct_config *config, const struct ct_yaml_item *item,
		  const char *what, const struct ct_yaml_item **first, struct ct_err *err);

/* CT_ECONFIG "FILE:LINE: unknown key 'x'", the nearest of known (NULL at the end) as hint. */
int ct_config_unknown(const struct ct_config *config, const struct ct_yaml_item *item,
		      const char *where, const char *const *known, struct ct_err *err);

/* Is it [A-Za-z0-9._-]{1,64}? */
bool ct_config_is_name(struct ct_str name);

/* Something that goes into URLs and headers: no blanks, no control characters, not long. */
bool ct_config_is_word(struct ct_str word);

/* One key of a section of the file. */
int ct_section_key(struct ct_config *config, struct ct_service_config *service,
		   const struct ct_yaml_item *item, struct ct_err *err);
/* auto, chat or responses, from wherever. */
int ct_section_api(struct ct_config *config, struct ct_service_config *service,
		   struct ct_str text, const struct ct_origin *origin, struct ct_err *err);
/* ct_config_note() of providers.NAME.KEY. */
int ct_service_note(struct ct_config *config, const struct ct_service_config *service,
		    const char *key, struct ct_str value, struct ct_str origin,
		    struct ct_err *err);

/* Know the keys of the environment and of the key file. */
int ct_config_learn_keys(struct ct_config *config, struct ct_err *err);
/* The secrets of headers that carry one. */
int ct_config_learn_header(struct ct_config *config, const struct ct_extra_header *header,
			   struct ct_err *err);

/* A base URL without slashes at its end; CT_ECONFIG named after what. */
int ct_config_url(struct ct_config *config, struct ct_str url, const char *what,
		  struct ct_str *out, struct ct_err *err);
/* Do both lead to the same place: scheme, host (case aside), port (also when implied), path? */
bool ct_config_same_address(struct ct_str a, struct ct_str b);

#endif
