#include "base/clock.h"

#include <fcntl.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static int64_t read_ms(clockid_t id)
{
	struct timespec ts;

	clock_gettime(id, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

/* FNV-1a, 64 bits: http://www.isthe.com/chongo/tech/comp/fnv/ */
static int64_t read_boot(void)
{
	char id[64];
	uint64_t hash = 0xcbf29ce484222325u;
	int fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return 0;
	ssize_t n = read(fd, id, sizeof(id));
	close(fd);
	for (ssize_t i = 0; i < n; i++)
		hash = (hash ^ (unsigned char)id[i]) * 0x100000001b3u;
	return n > 0 ? (int64_t)(hash >> 1) : 0;
}

struct ct_time ct_time_now(void)
{
	static int64_t boot = -1; /* never changes while we run */

	if (boot < 0)
		boot = read_boot();
	return (struct ct_time){ read_ms(CLOCK_REALTIME), read_ms(CLOCK_BOOTTIME), boot };
}

int64_t ct_time_since(struct ct_time now, struct ct_time then)
{
	if (now.boot != 0 && now.boot == then.boot)
		return now.boot_ms - then.boot_ms;
	return now.wall_ms - then.wall_ms;
}

struct ct_time ct_time_add(struct ct_time t, int64_t ms)
{
	t.wall_ms += ms;
	t.boot_ms += ms;
	return t;
}

int64_t ct_clock_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_BOOTTIME, &ts);
	return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

static void put_digits(char *out, int count, int value)
{
	for (; count > 0; value /= 10)
		out[--count] = (char)('0' + value % 10);
}

char *ct_time_iso(char *out, int64_t wall_ms)
{
	int64_t ms = wall_ms % 1000;
	time_t seconds = (time_t)(wall_ms / 1000);
	struct tm tm;

	if (ms < 0) {
		ms += 1000;
		seconds--;
	}
	/* a year past 9999 would not fit: no clock of ours can have it */
	if (gmtime_r(&seconds, &tm) == NULL || tm.tm_year > 8099 || tm.tm_year < -1899)
		tm = (struct tm){ .tm_year = 70, .tm_mday = 1 };
	memcpy(out, "YYYY-MM-DDTHH:MM:SS.sssZ", CT_ISO_SIZE);
	put_digits(out, 4, tm.tm_year + 1900);
	put_digits(out + 5, 2, tm.tm_mon + 1);
	put_digits(out + 8, 2, tm.tm_mday);
	put_digits(out + 11, 2, tm.tm_hour);
	put_digits(out + 14, 2, tm.tm_min);
	put_digits(out + 17, 2, tm.tm_sec);
	put_digits(out + 20, 3, (int)ms);
	return out;
}
