/* Give a fuzz target each file in the folders named on the command line, without libFuzzer. */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { MOST_BYTES = 1 << 20 };

static int replay(const char *dir, const char *name)
{
	char path[4096];
	snprintf(path, sizeof(path), "%s/%s", dir, name);
	FILE *f = fopen(path, "rb");
	if (f == NULL) {
		perror(path);
		return 1;
	}
	uint8_t *bytes = malloc(MOST_BYTES);
	size_t len = bytes != NULL ? fread(bytes, 1, MOST_BYTES, f) : 0;
	fclose(f);
	/* a copy of the exact size: the sanitizer sees a read past its end */
	uint8_t *exact = malloc(len > 0 ? len : 1);
	for (size_t i = 0; exact != NULL && i < len; i++)
		exact[i] = bytes[i];
	free(bytes);
	if (exact == NULL)
		return 1;
	LLVMFuzzerTestOneInput(exact, len);
	free(exact);
	return 0;
}

int main(int argc, char *argv[])
{
	int seen = 0, failed = 0;

	for (int i = 1; i < argc; i++) {
		DIR *dir = opendir(argv[i]);
		if (dir == NULL) {
			perror(argv[i]);
			return 1;
		}
		for (struct dirent *e = readdir(dir); e != NULL; e = readdir(dir)) {
			if (e->d_name[0] == '.')
				continue;
			failed |= replay(argv[i], e->d_name);
			seen++;
		}
		closedir(dir);
	}
	return failed || seen == 0;
}
