/* main() of a fuzz target without libFuzzer: runs each file, and each file of each
 * directory, once and speaks TAP.  So the corpora are ordinary tests, with any
 * compiler.  Options of libFuzzer ("-runs=0") are ignored. */
#include "config.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define INPUT_MAX (32 << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char current[PATH_MAX];
static unsigned count;

/* Says which input it was; then the signal does what it does. */
static void on_crash(int sig)
{
	static const char text[] = "\nnot ok - crashed on ";
	(void)!write(STDOUT_FILENO, text, sizeof(text) - 1);
	(void)!write(STDOUT_FILENO, current, strlen(current));
	(void)!write(STDOUT_FILENO, "\n", 1);
	raise(sig); /* SA_RESETHAND: fatal now */
}

static void must(int good, const char *what)
{
	if (good)
		return;
	printf("Bail out! %s: %s: %s\n", current, what, strerror(errno));
	exit(99);
}

static void run_file(void)
{
	FILE *f = fopen(current, "rb");
	must(f != NULL, "open");
	uint8_t *buf = malloc(INPUT_MAX);
	must(buf != NULL, "memory");
	size_t len = fread(buf, 1, INPUT_MAX, f);
	must(!ferror(f), "read");
	fclose(f);
	/* Exactly as large as the input: reading beyond it is seen by ASan. */
	uint8_t *exact = malloc(len ? len : 1);
	must(exact != NULL, "memory");
	memcpy(exact, buf, len);
	free(buf);
	(void)LLVMFuzzerTestOneInput(exact, len); /* aborts on a finding */
	free(exact);
	count++;
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static void run_path(const char *path)
{
	struct stat st;
	(void)snprintf(current, sizeof(current), "%s", path);
	must(stat(path, &st) == 0, "stat");
	if (!S_ISDIR(st.st_mode)) {
		run_file();
		return;
	}
	struct dirent **entries;
	int n = scandir(path, &entries, NULL, by_name);
	must(n >= 0, "list");
	for (int i = 0; i < n; i++) {
		if (entries[i]->d_name[0] != '.') {
			(void)snprintf(current, sizeof(current), "%s/%s", path, entries[i]->d_name);
			run_file();
		}
		free(entries[i]);
	}
	free(entries);
}

int main(int argc, char **argv)
{
	static const int fatal[] = {SIGABRT, SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGALRM};
	struct sigaction act = {.sa_handler = on_crash, .sa_flags = (int)SA_RESETHAND};
	for (size_t i = 0; i < sizeof(fatal) / sizeof(fatal[0]); i++)
		sigaction(fatal[i], &act, NULL);
	setvbuf(stdout, NULL, _IONBF, 0);
	for (int i = 1; i < argc; i++)
		if (argv[i][0] != '-')
			run_path(argv[i]);
	printf("%s 1 - %u inputs\n1..1\n", count ? "ok" : "not ok", count);
	return count ? 0 : 1;
}
