/*
 * Settings: built-in defaults, the YAML file, the environment, in rising order; options of the
 * command line come last, in the commands themselves. Each setting knows where it came
 * from. An unknown key, a wrong type or a duplicate is an error with file and line and the nearest
 * known key.
 */
#ifndef CT_SERVICE_CONFIG_H
#define CT_SERVICE_CONFIG_H

#include "model/limit.h"
#include "provider/provider.h"

enum { CT_FALLBACK_MAX = 16 };

/* Whom to ask for a task: these, in order. */
struct ct_chain {
	struct ct_str primary;
	struct ct_str fallback[CT_FALLBACK_MAX]; /* names, or provider/model */
	size_t fallback_count;
};

enum ct_role_in_chain { CT_ROLE_PRIMARY, CT_ROLE_FALLBACK, CT_ROLE_OTHER };

/* One service as configured: what provider/ needs to know of it, and how to get at its key. */
struct ct_service_config {
	struct ct_endpoint endpoint; /* endpoint.key is set by ct_config_key() */
	struct ct_str model; /* default model; {NULL, 0}: the catalogue's */
	struct ct_str key_env; /* the variable that holds its key, or would; {NULL, 0}: none */
	struct ct_str key_command; /* {NULL, 0}: none */
	bool key_required; /* false: a call without a key may be answered (a local server) */
	struct ct_rate rate; /* how often it may be asked; zeros: as often as one likes */
	bool from_file; /* has a section in the configuration file */
	bool key_looked_for; /* ct_config_key() has been here */
	const char *key_origin; /* "environment", "key file", "command"; NULL: none (yet) */
};

/* A line of the key file. */
struct ct_file_key {
	struct ct_str name;
	struct ct_secret *key; /* one of the configuration's secrets */
};

/* `cartrita stream`, where its options say nothing. */
struct ct_stream_config {
	int64_t max_connections, buffer_size, max_tokens_per_second;
	int64_t flush_interval_ms, timeout_ms, heartbeat_interval_ms;
};

/* A prompt with gaps; see template.h. {NULL, 0}: not given. */
struct ct_template {
	struct ct_str name, system, prompt, model;
};

/* What a user may ask. */
struct ct_user_limit {
	struct ct_str id; /* "default": each who is not named, and those without a name together */
	struct ct_rate rate; /* zeros: no limit */
};

/* One line of `config show`. */
struct ct_setting {
	struct ct_str name; /* "chat.primary", "providers.claude.base_url", "providers.claude.key" */
	struct ct_str value; /* keys as "set" or "not set" */
	struct ct_str origin; /* "default", "environment PRIMARY_PROVIDER", "FILE:12" */
};

struct ct_config {
	struct ct_str path; /* of the file, whether it exists or not */
	bool exists;
	struct ct_chain chat, search; /* search: also for extracting and reading */
	struct ct_chain transcribe, speak;
	int64_t max_wait_ms, timeout_ms;
	int64_t first_token_timeout_ms, idle_timeout_ms; /* 0: by the model (30 s, or 120 s) */
	int64_t retries;
	bool on_cut_fail;
	int64_t circuit_threshold, circuit_timeout_ms;
	struct ct_stream_config stream;
	int64_t store_max_mb; /* past it the oldest bodies go; 0: no ceiling */
	struct ct_str log_level;
	struct ct_service_config *services; /* vendors' own first, then the file's, in its order */
	size_t service_count;
	struct ct_str (*aliases)[2]; /* name, target */
	size_t alias_count;
	struct ct_template *templates;
	size_t template_count;
	struct ct_user_limit *users;
	size_t user_count;
	struct ct_setting *settings;
	size_t setting_count;
	struct ct_arena arena; /* owns all strings */
	struct ct_redactor *redactor; /* borrowed: each key found is made known to it */
	struct ct_secret **secrets; /* owns them */
	size_t secret_count;
	struct ct_file_key *file_keys;
	size_t file_key_count;
	struct ct_err keys_err; /* why the key file was refused; code CT_OK: it was not */
};

/* Where the file is: path, else $CARTRITA_CONFIG, else the default place. *named: not the last. */
void ct_config_path(const char *path, struct ct_buf *out, bool *named);

/*
 * Load from path ({NULL, 0}: $CARTRITA_CONFIG, else the default place, which may be missing; one
 * that was named must exist). CT_ECONFIG with "FILE:LINE: what", CT_ENOMEM.
 * All keys in the environment and the key file are made known to redactor at once.
 */
int ct_config_load(const char *path, struct ct_redactor *redactor, struct ct_config **out,
		   struct ct_err *err);
void ct_config_destroy(struct ct_config *config); /* NULL is fine */

/* By name, or by a vendor's alias (anthropic, google, hf); NULL where there is none. */
struct ct_service_config *ct_config_service(struct ct_config *config, struct ct_str name);

/* The names nearest to one that is none, for an error's hint: CT_ENOPROVIDER. */
int ct_config_no_service(const struct ct_config *config, struct ct_str name, struct ct_err *err);

/* Whom to ask for that task. */
const struct ct_chain *ct_config_chain(const struct ct_config *config, enum ct_task task);

/* In the chain for chat. */
enum ct_role_in_chain ct_config_role(const struct ct_config *config, struct ct_str name);

/*
 * Find the service's key: environment, key file, key command (which runs now, without provider
 * keys in its environment; its first line counts). CT_OK with endpoint.key set or, where none is
 * needed, NULL; CT_ENOKEY with a hint that names the variable and `cartrita sandbox`;
 * CT_ECONFIG when the command fails or the key file can be read by others.
 */
int ct_config_key(struct ct_config *config, struct ct_service_config *service,
		  struct ct_err *err);

/* Could it have a key (or needs none), without running a command? */
bool ct_config_has_key(struct ct_config *config, const struct ct_service_config *service);

/*
 * The environment without the variables that hold keys, for a child; config NULL: only the
 * vendors' are known. The array is yours to free, its strings are the environment's. NULL: no memory.
 */
char **ct_config_child_env(const struct ct_config *config);

/* share/config.example.yaml: what a new file begins with. */
extern const char ct_config_example[];

/* The setting of that name; NULL: none. */
const struct ct_setting *ct_config_setting(const struct ct_config *config, const char *name);

/* How often a user ({NULL, 0}: without a name) may ask; NULL or zeros: no limit. */
const struct ct_rate *ct_config_user_rate(const struct ct_config *config, struct ct_str user);

enum { CT_RATE_TEXT_SIZE = 32 };
/* "100/minute", into out. */
struct ct_str ct_rate_text(const struct ct_rate *rate, char out[CT_RATE_TEXT_SIZE]);

/* The target of an alias, or {NULL, 0}. */
struct ct_str ct_config_alias(const struct ct_config *config, struct ct_str name);

#endif
