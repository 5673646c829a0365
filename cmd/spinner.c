#include "spinner.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "service/tick.h"

enum { EVERY_MS = 100, NAME_BYTES = 200 };

struct ct_spinner {
	struct ct_cli *cli;
	struct ct_tick *tick;
	int64_t began_us;
	unsigned frame;
	char name[NAME_BYTES]; /* who is asked */
};

static void show(void *user)
{
	static const char *const frames[] = { "⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏" };
	struct ct_spinner *s = user;
	char text[NAME_BYTES + 64];
	double elapsed = (double)(ct_clock_us() - s->began_us) / 1e6;

	snprintf(text, sizeof(text), "%s %s %.1f s", frames[s->frame++ % CT_COUNT(frames)],
		 s->name, elapsed);
	ct_out_status(&s->cli->out, text);
}

struct ct_spinner *ct_spinner_start(struct ct_cli *cli)
{
	const char *term = getenv("TERM");
	bool dumb = term == NULL || *term == '\0' || strcmp(term, "dumb") == 0;

	if (!cli->out.err_is_tty || dumb || cli->verbose < 0)
		return NULL;
	struct ct_spinner *s = calloc(1, sizeof(*s));
	if (s == NULL)
		return NULL;
	s->cli = cli;
	s->began_us = ct_clock_us();
	ct_tick_start(cli->app, EVERY_MS, show, s, &s->tick, NULL);
	return s;
}

void ct_spinner_event(struct ct_spinner *s, const struct ct_call_event *event)
{
	if (s != NULL && event->type == CT_CALL_START)
		snprintf(s->name, sizeof(s->name), "%.*s/%.*s", CT_STR_ARG(event->provider),
			 CT_STR_ARG(event->model));
}

void ct_spinner_stop(struct ct_spinner *s)
{
	if (s == NULL)
		return;
	ct_tick_stop(s->tick);
	ct_out_status(&s->cli->out, "");
	free(s);
}
