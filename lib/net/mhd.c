#include "net/mhd.h"

#include <dlfcn.h>
#include <string.h>

static const char library[] = "libmicrohttpd.so.12";

int ct_mhd_load(struct ct_mhd *mhd, struct ct_err *err)
{
	const struct {
		const char *name;
		void *place;
	} functions[] = {
		{ "MHD_start_daemon", &mhd->start_daemon },
		{ "MHD_stop_daemon", &mhd->stop_daemon },
		{ "MHD_run", &mhd->run },
		{ "MHD_get_timeout", &mhd->get_timeout },
		{ "MHD_get_daemon_info", &mhd->get_daemon_info },
		{ "MHD_get_connection_info", &mhd->get_connection_info },
		{ "MHD_get_connection_values", &mhd->get_connection_values },
		{ "MHD_lookup_connection_value", &mhd->lookup_connection_value },
		{ "MHD_suspend_connection", &mhd->suspend_connection },
		{ "MHD_resume_connection", &mhd->resume_connection },
		{ "MHD_create_response_from_callback",
		  &mhd->create_response_from_callback },
		{ "MHD_create_response_from_buffer", &mhd->create_response_from_buffer },
		{ "MHD_create_response_for_upgrade",
		  &mhd->create_response_for_upgrade },
		{ "MHD_upgrade_action", &mhd->upgrade_action },
		{ "MHD_add_response_header", &mhd->add_response_header },
		{ "MHD_queue_response", &mhd->queue_response },
		{ "MHD_destroy_response", &mhd->destroy_response },
	};
	void *handle = dlopen(library, RTLD_NOW | RTLD_LOCAL);

	if (handle == NULL) {
		int code = ct_fail(err, CT_EIO, "no HTTP server: %s", dlerror());
		ct_hint(err, "install libmicrohttpd12");
		return code;
	}
	for (size_t i = 0; i < CT_COUNT(functions); i++) {
		void *symbol = dlsym(handle, functions[i].name);

		if (symbol == NULL)
			return ct_fail(err, CT_EIO, "%s has no %s", library,
				       functions[i].name);
		memcpy(functions[i].place, &symbol, sizeof(symbol));
	}
	return CT_OK;
}
