#include "net/wslay.h"

#include <dlfcn.h>
#include <string.h>

static const char library[] = "libwslay.so.1";

int ct_wslay_load(struct ct_wslay *wslay, struct ct_err *err)
{
	const struct {
		const char *name;
		void *place;
	} functions[] = {
		{ "wslay_frame_context_init", &wslay->frame_context_init },
		{ "wslay_frame_context_free", &wslay->frame_context_free },
		{ "wslay_frame_send", &wslay->frame_send },
		{ "wslay_frame_recv", &wslay->frame_recv },
	};
	void *handle = dlopen(library, RTLD_NOW | RTLD_LOCAL);

	if (handle == NULL) {
		int code = ct_fail(err, CT_EIO, "no WebSockets: %s", dlerror());
		ct_hint(err, "install libwslay1");
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
