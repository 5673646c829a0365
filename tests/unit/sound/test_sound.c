/* Sound without a device: ALSA's own null and file plugins stand for one. */
#include <criterion/criterion.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "leaks.h"
#include "sound/sound.h"

enum { SAMPLES = 16000 };

static char folder[] = "/tmp/cartrita-sound-XXXXXX";
static sem_t woken;

static void in_folder(char *path, size_t size, const char *name)
{
	snprintf(path, size, "%s/%s", folder, name);
}

static void write_file(const char *name, const void *bytes, size_t len)
{
	char path[64];
	FILE *file;

	in_folder(path, sizeof(path), name);
	file = fopen(path, "w");
	cr_assert_not_null(file);
	cr_assert_eq(fwrite(bytes, 1, len, file), len);
	fclose(file);
}

/* Sample number n is n: what is lost, doubled or out of order shows. */
static void setup(void)
{
	static int16_t samples[SAMPLES];
	char config[1024], path[64];

	cr_assert_not_null(mkdtemp(folder));
	sem_init(&woken, 0, 0);
	for (int i = 0; i < SAMPLES; i++)
		samples[i] = (int16_t)i;
	write_file("in", samples, sizeof(samples));
	snprintf(config, sizeof(config),
		 "pcm.!default { type null }\n"
		 "pcm.talk { type file\n slave.pcm { type null }\n file /dev/null\n"
		 " infile %s/in\n format raw }\n"
		 "pcm.tape { type file\n slave.pcm { type null }\n file %s/out\n format raw }\n",
		 folder, folder);
	write_file("asoundrc", config, strlen(config));
	in_folder(path, sizeof(path), "asoundrc");
	setenv("ALSA_CONFIG_PATH", path, 1);
}

static void teardown(void)
{
	static const char *const names[] = { "in", "out", "asoundrc" };
	char path[64];

	for (size_t i = 0; i < CT_COUNT(names); i++) {
		in_folder(path, sizeof(path), names[i]);
		unlink(path);
	}
	rmdir(folder);
	sem_destroy(&woken);
	check_leaks();
}

TestSuite(sound, .init = setup, .fini = teardown, .timeout = 60);

static void wake(void *user)
{
	(void)user;
	sem_post(&woken);
}

static struct ct_capture *record_from(const char *device, struct ct_err *err)
{
	struct ct_sound sound = { .device = device, .rate = 16000, .channels = 1 };
	struct ct_capture *capture = NULL;

	if (ct_capture_open(&sound, wake, NULL, &capture, err) != CT_OK)
		return NULL;
	return capture;
}

Test(sound, records_what_the_device_hears_in_order)
{
	struct ct_err err = { 0 };
	struct ct_capture *capture = record_from("talk", &err);
	int16_t piece[500];
	int next = 0;

	cr_assert_not_null(capture, "%s", err.msg);
	while (next < SAMPLES) {
		size_t n = ct_capture_read(capture, piece, sizeof(piece));

		cr_assert_not(ct_capture_has_failed(capture, &err), "%s", err.msg);
		if (n == 0)
			sem_wait(&woken);
		cr_assert_eq(n % 2, 0);
		for (size_t i = 0; i < n / 2 && next < SAMPLES; i++, next++)
			cr_assert_eq(piece[i], (int16_t)next, "sample %d is %d", next, piece[i]);
	}
	ct_capture_close(capture);
}

Test(sound, holds_no_more_than_its_queue_for_a_reader_who_does_not_come)
{
	struct ct_err err = { 0 };
	struct ct_capture *capture = record_from(NULL, &err);
	static char bytes[1 << 20];
	size_t all = 0, n;

	cr_assert_not_null(capture, "%s", err.msg);
	/* null is as fast as memory: once nobody is woken any more, it waits */
	sem_wait(&woken);
	while (sem_trywait(&woken) == 0 || all++ < 10)
		usleep(1000);
	n = ct_capture_read(capture, bytes, sizeof(bytes));
	cr_expect(n > 0 && n <= 64000, "%zu bytes are two seconds", n);
	ct_capture_close(capture);
}

Test(sound, says_what_is_wrong_with_a_device)
{
	static const struct {
		struct ct_sound sound;
		int code;
		const char *what;
	} cases[] = {
		{ { "nobody", 16000, 1 }, CT_EINVALID, "'nobody'" },
		{ { "talk", 16000, 0 }, CT_EINVALID, "channels" },
		{ { "talk", 16000, 65 }, CT_EINVALID, "channels" },
		{ { "a:b:c{", 16000, 1 }, CT_EINVALID, "'a:b:c{'" },
	};

	for (size_t i = 0; i < CT_COUNT(cases); i++) {
		struct ct_capture *capture = NULL;
		struct ct_playback *playback = NULL;
		struct ct_err err = { 0 };

		cr_expect_eq(ct_capture_open(&cases[i].sound, wake, NULL, &capture, &err),
			     cases[i].code, "%zu: %s", i, err.msg);
		cr_expect_not_null(strstr(err.msg, cases[i].what), "%zu: %s", i, err.msg);
		cr_expect_eq(ct_playback_open(&cases[i].sound, wake, NULL, &playback, &err),
			     cases[i].code, "%zu: %s", i, err.msg);
	}
}

Test(sound, plays_all_it_is_given_and_says_when_it_was_heard)
{
	struct ct_sound sound = { .device = "tape", .rate = 16000, .channels = 1 };
	struct ct_playback *playback;
	struct ct_err err = { 0 };
	char path[64];
	static char bytes[3 << 20], back[sizeof(bytes)];
	size_t at = 0, len;
	FILE *file;

	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (char)(i / 3);
	cr_assert_eq(ct_playback_open(&sound, wake, NULL, &playback, &err), CT_OK, "%s", err.msg);
	while (at < sizeof(bytes)) {
		size_t n = ct_playback_write(playback,
					     (struct ct_str){ bytes + at, sizeof(bytes) - at });
		cr_assert_not(ct_playback_is_done(playback, NULL));
		at += n;
		if (n == 0)
			sem_wait(&woken);
	}
	ct_playback_end(playback);
	while (!ct_playback_is_done(playback, &err))
		sem_wait(&woken);
	cr_expect_eq(err.code, CT_OK, "%s", err.msg);
	ct_playback_close(playback);
	in_folder(path, sizeof(path), "out");
	file = fopen(path, "r");
	cr_assert_not_null(file);
	len = fread(back, 1, sizeof(back), file);
	fclose(file);
	cr_expect_eq(len, sizeof(bytes), "%zu", len);
	cr_expect_eq(memcmp(back, bytes, len), 0);
}

Test(sound, stops_playing_at_once)
{
	struct ct_sound sound = { .device = "tape", .rate = 16000, .channels = 2 };
	struct ct_playback *playback;
	static char bytes[100000];

	cr_assert_eq(ct_playback_open(&sound, wake, NULL, &playback, NULL), CT_OK);
	ct_playback_write(playback, (struct ct_str){ bytes, sizeof(bytes) });
	ct_playback_close(playback);
	ct_playback_close(NULL);
	ct_capture_close(NULL);
}
