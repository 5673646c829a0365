/*
 * race [-n ROUNDS] [-i FILE] NAME COMMAND... [-- NAME COMMAND...]...: run the commands in turn,
 * ROUNDS times each, and print the median wall clock and CPU time of each, their least, the most
 * memory, and each as a ratio to the last, which is what the others are measured against.
 * In turn, because whatever else the machine does then falls on all of them alike.
 */
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/str.h"

enum { RACERS_MAX = 8, ROUNDS_MAX = 100000 };

struct racer {
	const char *name;
	char **argv;
	int64_t *wall_us, *cpu_us; /* one a round */
	long rss_kib; /* most there was */
};

struct race {
	struct racer racers[RACERS_MAX];
	size_t count;
	int64_t rounds;
	const char *input;
};

static void die(const char *what, const char *why)
{
	fprintf(stderr, "race: %s: %s\n", what, why);
	exit(2);
}

static int64_t us_of(struct timeval tv)
{
	return (int64_t)tv.tv_sec * 1000000 + tv.tv_usec;
}

static pid_t start(const struct racer *racer, const posix_spawn_file_actions_t *actions)
{
	pid_t pid;
	int rc = posix_spawnp(&pid, racer->argv[0], actions, NULL, racer->argv, environ);

	if (rc != 0)
		die(racer->argv[0], strerror(rc));
	return pid;
}

/* What fails in no time wins no race. */
static void run(struct racer *racer, int64_t round, const posix_spawn_file_actions_t *actions)
{
	struct rusage used;
	int status;
	int64_t began = ct_clock_us();
	pid_t pid = start(racer, actions);

	while (wait4(pid, &status, 0, &used) < 0)
		if (errno != EINTR)
			die(racer->name, strerror(errno));
	racer->wall_us[round] = ct_clock_us() - began;
	racer->cpu_us[round] = us_of(used.ru_utime) + us_of(used.ru_stime);
	if (used.ru_maxrss > racer->rss_kib)
		racer->rss_kib = used.ru_maxrss;
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
		die(racer->name, "failed");
}

static void run_all(struct race *race)
{
	posix_spawn_file_actions_t actions;

	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, race->input, O_RDONLY, 0);
	posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
	for (int64_t round = 0; round < race->rounds; round++)
		for (size_t i = 0; i < race->count; i++)
			run(&race->racers[i], round, &actions);
	posix_spawn_file_actions_destroy(&actions);
}

static int compare(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

static double ms(int64_t us)
{
	return (double)us / 1000;
}

static void report(struct race *race)
{
	struct racer *last = &race->racers[race->count - 1];
	int64_t middle = race->rounds / 2;

	for (size_t i = 0; i < race->count; i++) {
		struct racer *r = &race->racers[i];
		qsort(r->wall_us, (size_t)race->rounds, sizeof(int64_t), compare);
		qsort(r->cpu_us, (size_t)race->rounds, sizeof(int64_t), compare);
	}
	printf("%-28s %9s %9s %9s %9s %9s\n", "median of each, ms", "wall", "least", "CPU", "least",
	       "KiB");
	for (size_t i = 0; i < race->count; i++) {
		struct racer *r = &race->racers[i];
		printf("%-28s %9.2f %9.2f %9.2f %9.2f %9ld", r->name, ms(r->wall_us[middle]),
		       ms(r->wall_us[0]), ms(r->cpu_us[middle]), ms(r->cpu_us[0]), r->rss_kib);
		if (r != last)
			printf("   ratio wall %.2f, CPU %.2f",
			       ms(r->wall_us[middle]) / ms(last->wall_us[middle]),
			       ms(r->cpu_us[middle]) / ms(last->cpu_us[middle]));
		putchar('\n');
	}
}

static void add(struct race *race, char **words)
{
	struct racer *racer = &race->racers[race->count];

	if (words[0] == NULL || words[1] == NULL)
		die("usage", "race [-n ROUNDS] [-i FILE] NAME COMMAND... [-- NAME COMMAND...]...");
	if (race->count++ == RACERS_MAX)
		die("usage", "too many commands");
	racer->name = words[0];
	racer->argv = words + 1;
	racer->wall_us = calloc((size_t)race->rounds, sizeof(int64_t));
	racer->cpu_us = calloc((size_t)race->rounds, sizeof(int64_t));
	if (racer->wall_us == NULL || racer->cpu_us == NULL)
		die(words[0], "out of memory");
}

static void add_all(struct race *race, char **words)
{
	for (char **first = words;; first = ++words) {
		while (*words != NULL && strcmp(*words, "--") != 0)
			words++;
		bool more = *words != NULL;
		*words = NULL;
		add(race, first);
		if (!more)
			return;
	}
}

int main(int argc, char *argv[])
{
	static struct race race = { .rounds = 201, .input = "/dev/null" };

	for (int c; (c = getopt(argc, argv, "+n:i:")) != -1;) {
		if (c == 'n' && (!ct_str_int(ct_str(optarg), &race.rounds) || race.rounds < 1 ||
				 race.rounds > ROUNDS_MAX))
			die("-n", "not a number of rounds");
		if (c == 'i')
			race.input = optarg;
		if (c == '?')
			return 2;
	}
	add_all(&race, argv + optind);
	run_all(&race);
	report(&race);
	for (size_t i = 0; i < race.count; i++) {
		free(race.racers[i].wall_us);
		free(race.racers[i].cpu_us);
	}
	return 0;
}
