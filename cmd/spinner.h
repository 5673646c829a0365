/* What a person sees on stderr until the first token: who is asked, and for how long already. */
#ifndef CT_CMD_SPINNER_H
#define CT_CMD_SPINNER_H

#include "cmd.h"
#include "service/call.h"

struct ct_spinner;

/* For a call that was started. NULL where stderr is no terminal, or with --quiet. */
struct ct_spinner *ct_spinner_start(struct ct_cli *cli);
/* Who is asked now. NULL is fine, also below. */
void ct_spinner_event(struct ct_spinner *spinner, const struct ct_call_event *event);
/* Erase it. Before anything of the answer is shown. */
void ct_spinner_stop(struct ct_spinner *spinner);

#endif
