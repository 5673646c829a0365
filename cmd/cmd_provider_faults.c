/* `provider test --faults`. */
#include <stdio.h>
#include <unistd.h>

#include "cmd_provider.h"
#include "faults.h"

struct watch {
	struct ct_fault_card card;
	bool progress;
};

static void on_result(void *user, const struct ct_fault_result *r, size_t done, size_t total)
{
	struct watch *watch = user;

	ct_fault_card_add(&watch->card, r);
	if (watch->progress)
		fprintf(stderr, "\r%zu of %zu faults played%s", done, total,
			done == total ? "\r\033[K" : "");
}

int ct_cmd_provider_faults(struct ct_cli *cli, struct ct_err *err)
{
	struct watch watch = { .progress = cli->out.err_is_tty && cli->verbose >= 0 };
	char exe[4096];
	ssize_t len = readlink("/proc/self/exe", exe, sizeof(exe) - 1);

	if (len < 0)
		return ct_exit_status(ct_fail(err, CT_EIO, "cannot find this program's own file"));
	exe[len] = '\0';
	ct_fault_card_begin(&watch.card, &cli->out);
	int rc = ct_fault_play(exe, on_result, &watch, err);
	if (rc == CT_OK)
		ct_fault_card_print(&watch.card);
	ct_fault_card_fini(&watch.card);
	if (rc != CT_OK)
		return ct_exit_status(rc);
	return watch.card.failed == 0 ? CT_EXIT_OK : CT_EXIT_FAILED;
}
