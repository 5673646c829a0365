#include "net/curl.h"

#include <dlfcn.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#define LIBRARY "libcurl.so.4"

/*
 * Beneath it. A library is searched for symbols together with all that were opened with it:
 * opened before, these find their thousands of own ones in a fraction of the places.
 */
static const char *const beneath[] = { "libcrypto.so.3", "libgnutls.so.30" };

/*
 * GnuTLS comes with the LDAP and RTMP that we never speak, and starts when it is loaded unless this
 * says that whoever uses it will start it, as libcurl does where GnuTLS is its TLS.
 */
#define GNUTLS_WAITS "GNUTLS_NO_IMPLICIT_INIT"

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
	bool ours = getenv(GNUTLS_WAITS) == NULL;

	if (ours)
		setenv(GNUTLS_WAITS, "1", 1);
	for (size_t i = 0; i < CT_COUNT(beneath); i++)
		dlopen(beneath[i], RTLD_LAZY | RTLD_LOCAL);
	void *library = dlopen(LIBRARY, RTLD_LAZY | RTLD_LOCAL);

	if (ours)
		unsetenv(GNUTLS_WAITS);
	return library;
}

int ct_curl_load(struct ct_curl *curl, struct ct_err *err)
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
