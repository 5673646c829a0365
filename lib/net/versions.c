#include "net/versions.h"

#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <uv.h>

#include "net/curl.h"
#include "net/transfer.h"

int ct_net_versions(struct ct_buf *out, struct ct_err *err)
{
	struct ct_curl curl;
	char *(*version)(void) = NULL;
	int rc = ct_curl_load(&curl, err);

	if (rc != CT_OK)
		return rc;
	void *library = dlopen("libcurl.so.4", RTLD_LAZY | RTLD_NOLOAD);
	void *symbol = library != NULL ? dlsym(library, "curl_version") : NULL;
	memcpy(&version, &symbol, sizeof(symbol)); /* see curl.c */
	ct_buf_printf(out, "%s, libuv %s", version != NULL ? version() : "libcurl",
		      uv_version_string());
	if (library != NULL)
		dlclose(library);
	return CT_OK;
}

int ct_net_certificates(struct ct_buf *out, struct ct_err *err)
{
	static const char bundle[] = "/etc/ssl/certs/ca-certificates.crt";
	const char *file = getenv("SSL_CERT_FILE"), *dir = getenv("SSL_CERT_DIR");
	const char *path = file != NULL && *file != '\0' ? file : dir;

	if (path != NULL && *path != '\0') {
		ct_buf_printf(out, "%s, as %s says", path,
			      path == file ? "SSL_CERT_FILE" : "SSL_CERT_DIR");
	} else {
		path = ct_http_hashed_directory();
		if (path == NULL)
			path = bundle;
		ct_buf_puts(out, path);
	}
	if (access(path, R_OK) == 0)
		return CT_OK;
	ct_fail(err, CT_EIO, "no certificates: %s cannot be read", path);
	ct_hint(err, "Install the package ca-certificates, or set SSL_CERT_FILE");
	return CT_EIO;
}
