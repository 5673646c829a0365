/*
 * libcurl, opened when the first transfer needs it: relocating it takes longer
 * than most commands that have no network business. Only its headers are known
 * at build time.
 */
#ifndef CT_NET_CURL_H
#define CT_NET_CURL_H

#include <curl/curl.h>

#include "base/err.h"

struct ct_curl {
	CURLcode (*global_init)(long flags);
	CURL *(*easy_init)(void);
	void (*easy_cleanup)(CURL *easy);
	CURLcode (*easy_setopt)(CURL *easy, CURLoption option, ...);
	CURLcode (*easy_getinfo)(CURL *easy, CURLINFO info, ...);
	CURLcode (*easy_pause)(CURL *easy, int bits);
	CURLcode (*easy_recv)(CURL *easy, void *out, size_t room, size_t *count);
	CURLcode (*easy_send)(CURL *easy, const void *bytes, size_t len, size_t *count);
	const char *(*easy_strerror)(CURLcode code);
	CURLM *(*multi_init)(void);
	CURLMcode (*multi_cleanup)(CURLM *multi);
	CURLMcode (*multi_setopt)(CURLM *multi, CURLMoption option, ...);
	CURLMcode (*multi_add_handle)(CURLM *multi, CURL *easy);
	CURLMcode (*multi_remove_handle)(CURLM *multi, CURL *easy);
	CURLMcode (*multi_socket_action)(CURLM *multi, curl_socket_t fd, int bits,
					 int *running);
	CURLMcode (*multi_assign)(CURLM *multi, curl_socket_t fd, void *user);
	CURLMsg *(*multi_info_read)(CURLM *multi, int *left);
};

/*
 * Fill the table. The library stays loaded until the process ends: it keeps state that is not
 * worth taking down. CT_EIO when it is not there, too old, or does not start.
 */
int ct_curl_load(struct ct_curl *curl, struct ct_err *err);

#endif
