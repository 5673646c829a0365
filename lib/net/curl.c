#include "net/curl.h"

#include <dlfcn.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "net/ahead.h"
#include "net/thread.h"

#define LIBRARY "libcurl.so.4"

/*
 * Beneath it. A library is searched for symbols together with all that were opened with it:
 * opened before, these find their thousands of own ones in a fraction of the places.
 */
static const char *const beneath[] = { "libcrypto.so.3", "libgnutls.so.30" };

static const struct {
	const char *name;
	size_t offset;
} functions[] = {
	{ "curl_global_init", offsetof(struct ct_curl, global_init) },
	{ "curl_easy_init", offsetof(struct ct_curl, easy_init) },
	{ "curl_easy_cleanup", offsetof(struct ct_curl, easy_cleanup) },
	{ "curl_easy_setopt", offsetof(struct ct_curl, easy_setopt) },
	{ "curl_easy_getinfo", offsetof(struct ct_curl, easy_getinfo) },
	{ "curl_easy_pause", offsetof(struct ct_curl, easy_pause) },
	{ "curl_easy_recv", offsetof(struct ct_curl, easy_recv) },
	{ "curl_easy_send", offsetof(struct ct_curl, easy_send) },
	{ "curl_easy_strerror", offsetof(struct ct_curl, easy_strerror) },
	{ "curl_multi_init", offsetof(struct ct_curl, multi_init) },
	{ "curl_multi_cleanup", offsetof(struct ct_curl, multi_cleanup) },
	{ "curl_multi_setopt", offsetof(struct ct_curl, multi_setopt) },
	{ "curl_multi_add_handle", offsetof(struct ct_curl, multi_add_handle) },
	{ "curl_multi_remove_handle", offsetof(struct ct_curl, multi_remove_handle) },
	{ "curl_multi_socket_action", offsetof(struct ct_curl, multi_socket_action) },
	{ "curl_multi_assign", offsetof(struct ct_curl, multi_assign) },
	{ "curl_multi_info_read", offsetof(struct ct_curl, multi_info_read) },
};

/* dlsym() answers a data pointer, which C does not convert to a function's. */
static bool find(void *library, struct ct_curl *curl, size_t i)
{
	void *symbol = dlsym(library, functions[i].name);

	memcpy((char *)curl + functions[i].offset, &symbol, sizeof(symbol));
	return symbol != NULL;
}

/* lazy: most of what it links to is for protocols we never speak */
static void *open_library(void)
{
	for (size_t i = 0; i < CT_COUNT(beneath); i++)
		dlopen(beneath[i], RTLD_LAZY | RTLD_LOCAL);
	return dlopen(LIBRARY, RTLD_LAZY | RTLD_LOCAL);
}

/* Did we set it? Then it goes again when all is loaded: it is for nobody else. */
static bool hold_gnutls(void)
{
	return getenv(CT_GNUTLS_WAITS) == NULL &&
	       setenv(CT_GNUTLS_WAITS, CT_GNUTLS_WAITS_OURS, 1) == 0;
}

static int fill(struct ct_curl *curl, struct ct_err *err)
{
	void *library = open_library();

	if (library == NULL) {
		ct_fail(err, CT_EIO, "cannot load %s: %s", LIBRARY, dlerror());
		ct_hint(err, "it comes in the package libcurl4");
		return CT_EIO;
	}
	for (size_t i = 0; i < CT_COUNT(functions); i++)
		if (!find(library, curl, i))
			return ct_fail(err, CT_EIO, "%s has no %s", LIBRARY,
				       functions[i].name);
	if (curl->global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
		return ct_fail(err, CT_EIO, "%s does not start", LIBRARY);
	return CT_OK;
}

int ct_curl_load(struct ct_curl *curl, struct ct_err *err)
{
	bool ours = hold_gnutls();
	int rc = fill(curl, err);

	if (ours)
		unsetenv(CT_GNUTLS_WAITS);
	return rc;
}

struct ct_ahead {
	pthread_t thread;
	bool ours;
};

static void *load(void *user)
{
	struct ct_curl curl;

	fill(&curl, NULL); /* what is wrong is said to whoever needs it */
	return user;
}

/* The environment changes before and after, not meanwhile. */
struct ct_ahead *ct_ahead_start(void)
{
	struct ct_ahead *ahead = malloc(sizeof(*ahead));

	if (ahead == NULL)
		return NULL;
	ahead->ours = hold_gnutls();
	if (ct_thread_start(&ahead->thread, load, NULL, NULL) == CT_OK)
		return ahead;
	if (ahead->ours)
		unsetenv(CT_GNUTLS_WAITS);
	free(ahead);
	return NULL;
}

void ct_ahead_end(struct ct_ahead *ahead)
{
	if (ahead == NULL)
		return;
	pthread_join(ahead->thread, NULL);
	if (ahead->ours)
		unsetenv(CT_GNUTLS_WAITS);
	free(ahead);
}
