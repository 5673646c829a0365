/* What a test prints to stdout, as text: up to what a pipe holds. */
#ifndef TESTS_CAPTURE_H
#define TESTS_CAPTURE_H

#include <criterion/criterion.h>
#include <unistd.h>

static int capture_saved, capture_pipe[2];

/* Until captured(), stdout is a pipe. */
static inline void capture(void)
{
	cr_assert_eq(pipe(capture_pipe), 0);
	capture_saved = dup(STDOUT_FILENO);
	dup2(capture_pipe[1], STDOUT_FILENO);
	close(capture_pipe[1]);
}

static inline const char *captured(void)
{
	static char text[8192];

	dup2(capture_saved, STDOUT_FILENO);
	close(capture_saved);
	ssize_t n = read(capture_pipe[0], text, sizeof(text) - 1);
	close(capture_pipe[0]);
	text[n > 0 ? n : 0] = '\0';
	return text;
}

#endif
