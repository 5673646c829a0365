/* What the process and its terminal are made to be before any command runs. */
#ifndef CT_CMD_SETUP_H
#define CT_CMD_SETUP_H

#include "out.h"

/* Signals, limits, descriptors 0 to 2, locale. */
void ct_setup_process(void);

/* Fill what out says of terminals. color: auto, always, never; NULL is auto. */
void ct_setup_terminal(struct ct_out *out, const char *color);

/* The terminal's width may have changed. */
void ct_setup_width(struct ct_out *out);

/* May links (OSC 8) be written there? Some terminals show them as text. */
bool ct_setup_links(const struct ct_out *out);

/* Every value of the environment that looks like a key by its name becomes known to redactor. */
void ct_setup_secrets(struct ct_redactor *redactor);

/* Point the log at stderr. verbose: -1 with --quiet; level: of CARTRITA_LOG or the configuration. */
void ct_setup_log(struct ct_out *out, int verbose, struct ct_str level);

#endif
