/* A client on a loop, and all that one exchange called back. For the tests of net/http. */
#ifndef CT_TESTS_CLIENT_H
#define CT_TESTS_CLIENT_H

#include "net/http.h"

struct seen {
	int heads, dones, status, code;
	bool body_before_head;
	char body[4096]; /* its beginning */
	size_t body_len; /* all of it */
	char x[128]; /* the answer's header "x" */
	struct ct_err err;
	/* what the handler does */
	int body_reply; /* what on_body answers */
	bool cancel_in_head, cancel_in_body, cancel_in_done, pause_in_head,
		destroy_in_body;
	struct ct_http_transfer *transfer;
	void (*in_body)(struct seen *seen); /* called once, in the first on_body */
	void (*then)(struct seen *seen); /* called at the end of on_done */
	void *data; /* of the test */
};

extern struct ct_loop *client_loop;
extern struct ct_http *client_http;

void client_open(void); /* for .init */
void client_close(void); /* for .fini: looks for leaks too */

/* GET url, or POST body where there is one. */
int client_start(struct seen *seen, const char *url, const char *body);
int client_start_request(struct seen *seen, const struct ct_http_request *request);
/* The whole exchange. */
void client_run(struct seen *seen, const char *url, const char *body);

#endif
