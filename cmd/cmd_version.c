#include "cmd.h"

static int run(struct ct_cli *cli, struct ct_err *err)
{
	(void)err;
	if (!cli->out.json) {
		ct_out_printf(&cli->out, "cartrita %s\n", CT_VERSION);
		return CT_EXIT_OK;
	}
	CT_CLEANUP(ct_buf_fini) struct ct_buf text = CT_BUF_INIT(1024);
	struct ct_jw jw = ct_jw(&text);
	ct_jw_object(&jw);
	ct_jw_member(&jw, "version", ct_str(CT_VERSION));
	ct_jw_end_object(&jw);
	ct_out_json(&cli->out, &text);
	return CT_EXIT_OK;
}

const struct ct_cmd ct_cmd_version = {
	.name = "version",
	.args = "",
	.summary = "Show the version",
	.run = run,
};
