/* Whom an https server may be certified by. */
#include <dirent.h>
#include <stdlib.h>

#include "net/transfer.h"

static const char hashed_directory[] = "/etc/ssl/certs";

static int set_ptr(struct ct_http_transfer *t, CURLoption option, const void *value)
{
	return t->http->curl.easy_setopt(t->easy, option, value) != CURLE_OK;
}

/* The name OpenSSL gives a certificate it shall find by its subject: 8 hex digits, a dot, 0. */
static bool is_hash_link(const char *name)
{
	return strlen(name) == 10 && strspn(name, "0123456789abcdef") == 8 &&
	       strcmp(name + 8, ".0") == 0;
}

static bool has_hash_links(const char *path)
{
	DIR *dir = opendir(path);
	bool found = false;

	if (dir == NULL)
		return false;
	for (struct dirent *e = readdir(dir); e != NULL && !found; e = readdir(dir))
		found = is_hash_link(e->d_name);
	closedir(dir);
	return found;
}

const char *ct_http_hashed_directory(void)
{
	return has_hash_links(hashed_directory) ? hashed_directory : NULL;
}

static char *dup_or_null(const char *text)
{
	return text != NULL && *text != '\0' ? strdup(text) : NULL;
}

/*
 * A hashed directory is read by need; the bundle, whole: 23 ms more for the
 * first connection. Found out once, when the first https URL comes.
 */
static void find_certificates(struct ct_http *http)
{
	if (http->certificates_known)
		return;
	http->certificates_known = true;
	http->ca_file = dup_or_null(getenv("SSL_CERT_FILE"));
	http->ca_dir = dup_or_null(getenv("SSL_CERT_DIR"));
	if (http->ca_file == NULL && http->ca_dir == NULL)
		http->ca_dir = dup_or_null(ct_http_hashed_directory());
}

int ct_transfer_set_certificates(struct ct_http_transfer *t)
{
	struct ct_http *http = t->http;

	find_certificates(http);
	if (http->ca_file == NULL && http->ca_dir == NULL)
		return 0;
	return set_ptr(t, CURLOPT_CAINFO, http->ca_file) |
	       set_ptr(t, CURLOPT_CAPATH, http->ca_dir) |
	       set_ptr(t, CURLOPT_PROXY_CAINFO, http->ca_file) |
	       set_ptr(t, CURLOPT_PROXY_CAPATH, http->ca_dir);
}
