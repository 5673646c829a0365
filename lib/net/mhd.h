/*
 * The functions of libmicrohttpd that the server uses, had on demand: linking it would make
 * every command pay for its relocations and those of gnutls behind it.
 */
#ifndef CT_NET_MHD_H
#define CT_NET_MHD_H

#include <microhttpd.h>

#include "base/err.h"

/* Named as there, without their prefix. */
struct ct_mhd {
	__typeof__(MHD_start_daemon) *start_daemon;
	__typeof__(MHD_stop_daemon) *stop_daemon;
	__typeof__(MHD_run) *run;
	__typeof__(MHD_get_timeout) *get_timeout;
	__typeof__(MHD_get_daemon_info) *get_daemon_info;
	__typeof__(MHD_get_connection_info) *get_connection_info;
	__typeof__(MHD_get_connection_values) *get_connection_values;
	__typeof__(MHD_lookup_connection_value) *lookup_connection_value;
	__typeof__(MHD_suspend_connection) *suspend_connection;
	__typeof__(MHD_resume_connection) *resume_connection;
	__typeof__(MHD_create_response_from_callback) *create_response_from_callback;
	__typeof__(MHD_create_response_from_buffer) *create_response_from_buffer;
	__typeof__(MHD_create_response_for_upgrade) *create_response_for_upgrade;
	__typeof__(MHD_upgrade_action) *upgrade_action;
	__typeof__(MHD_add_response_header) *add_response_header;
	__typeof__(MHD_queue_response) *queue_response;
	__typeof__(MHD_destroy_response) *destroy_response;
};

/* Load the library, which stays loaded. CT_EIO. */
int ct_mhd_load(struct ct_mhd *mhd, struct ct_err *err);

#endif
