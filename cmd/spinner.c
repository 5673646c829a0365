#include "spinner.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "service/tick.h"

enum { EVERY_MS = 100, NAME_BYTES = 200, BAR_COLUMNS = 30 };

struct ct_spinner {
	struct ct_cli *cli;
	struct ct_tick *tick;
	int64_t began_us;
	unsigned frame;
	int64_t sent, of; /* of a recording; 0: there is none */
	char name[NAME_BYTES]; /* who is asked */
};

/* "██████░░░░ 60 % ", while a recording goes up. */
static void draw_bar(const struct ct_spinner *s, char bar[4 * BAR_COLUMNS])
{
	int part = s->of > 0 ? (int)(s->sent * 100 / s->of) : 100;

	if (part >= 100)
		return;
	for (int i = 0; i < BAR_COLUMNS - 10; i++)
		strcat(bar, i * 100 < part * (BAR_COLUMNS - 10) ? "█" : "░");
	sprintf(bar + strlen(bar), " %d %% ", part);
}

static void show(void *user)
{
	static const char *const frames[] = { "⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏" };
	struct ct_spinner *s = user;
	char text[NAME_BYTES + 64 + 4 * BAR_COLUMNS];
	double elapsed = (double)(ct_clock_us() - s->began_us) / 1e6;

	char bar[4 * BAR_COLUMNS] = "";

	draw_bar(s, bar);
	snprintf(text, sizeof(text), "%s %s %s%.1f s", frames[s->frame++ % CT_COUNT(frames)],
		 s->name, bar, elapsed);
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
	if (s != NULL && event->type == CT_CALL_SENT) {
		s->sent = event->sent;
		s->of = event->of;
	}
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
