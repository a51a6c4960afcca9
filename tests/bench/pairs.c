/* pairs: the same command in several forms, turn by turn, so that whatever else the machine does falls on all alike.
 *
 * Reads a line "NAME<TAB>COMMAND [ARGUMENT]..." for each form from standard input (words are split at blanks; no quoting, no path
 * search; "<FILE" and ">FILE" are its standard input and output) and runs every form once per round, each round beginning with
 * another one. Prints a Markdown table: wall time (fastest, quartiles, and what 95 of 100 stay below), processor time of the command
 * and of all that it waited for, the most memory that it had, and how much longer than the first form it took: the median and the
 * middle half of the differences within a round, beside the first one's median. A command that fails ends it all.
 *
 * Usage: pairs ROUNDS < FORMS
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define MAX_FORMS  8
#define MAX_WORDS  64
#define MAX_ROUNDS 100000

extern char **environ;

struct form {
	char line[4096];
	const char *name;
	char *words[MAX_WORDS + 1];
	const char *input, *output;	/* NULL: as ours is */
	double *wall_us, *cpu_us;	/* by round */
	long memory_kib;
};

static void die(const char *what)
{
	fprintf(stderr, "pairs: %s: %s\n", what, strerror(errno));
	exit(1);
}

static double microseconds(struct timeval t)
{
	return (double)t.tv_sec * 1e6 + (double)t.tv_usec;
}

static double now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static void redirect(const char *path, int flags, int fd)
{
	int file = path ? open(path, flags, 0600) : fd;

	if (file < 0 || dup2(file, fd) < 0)
		_exit(126);
	if (file != fd)
		close(file);
}

static void run_once(struct form *form, double *ret_wall_us, double *ret_cpu_us)
{
	struct rusage usage;
	double start = now_us();
	int status;
	pid_t pid = vfork();

	if (pid == 0) {
		redirect(form->input, O_RDONLY, STDIN_FILENO);
		redirect(form->output, O_WRONLY | O_CREAT | O_TRUNC, STDOUT_FILENO);
		execve(form->words[0], form->words, environ);
		_exit(127);
	}
	if (pid < 0 || wait4(pid, &status, 0, &usage) < 0)
		die(form->name);
	*ret_wall_us = now_us() - start;
	*ret_cpu_us = microseconds(usage.ru_utime) + microseconds(usage.ru_stime);
	form->memory_kib = usage.ru_maxrss > form->memory_kib ? usage.ru_maxrss : form->memory_kib;
	if (status != 0) {
		fprintf(stderr, "pairs: '%s' ended with status 0x%x\n", form->name, status);
		exit(1);
	}
}

static int read_forms(struct form forms[MAX_FORMS], size_t rounds)
{
	int n = 0;

	while (n < MAX_FORMS && fgets(forms[n].line, sizeof(forms[n].line), stdin)) {
		struct form *form = &forms[n++];
		int words = 0;

		form->name = strtok(form->line, "\t\n");
		for (char *word; words < MAX_WORDS && (word = strtok(NULL, " \t\n"));) {
			if (word[0] == '<')
				form->input = word + 1;
			else if (word[0] == '>')
				form->output = word + 1;
			else
				form->words[words++] = word;
		}
		form->wall_us = calloc(rounds, sizeof(double));
		form->cpu_us = calloc(rounds, sizeof(double));
		if (!words || !form->wall_us || !form->cpu_us) {
			fprintf(stderr, "pairs: a line is NAME, a tab, and a command\n");
			exit(2);
		}
	}
	return n;
}

static int compare_double(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

/* minuend[] - subtrahend[] (or NULL), in order. */
static void sort_difference(const double *minuend, const double *subtrahend, size_t n, double *sorted)
{
	for (size_t i = 0; i < n; i++)
		sorted[i] = minuend[i] - (subtrahend ? subtrahend[i] : 0);
	qsort(sorted, n, sizeof(*sorted), compare_double);
}

static void print_form(const struct form *form, const struct form *first, size_t rounds, double *sorted)
{
	double base, base_cpu;

	sort_difference(first->cpu_us, NULL, rounds, sorted);
	base_cpu = sorted[rounds / 2];
	sort_difference(first->wall_us, NULL, rounds, sorted);
	base = sorted[rounds / 2];
	sort_difference(form->wall_us, NULL, rounds, sorted);
	printf("| %s | %.0f | %.0f | %.0f | %.0f | %.0f |", form->name, sorted[0],
	       sorted[rounds / 4], sorted[rounds / 2], sorted[rounds * 3 / 4],
	       sorted[rounds * 95 / 100]);
	sort_difference(form->cpu_us, NULL, rounds, sorted);
	printf(" %.0f | %.1f |", sorted[rounds / 2], (double)form->memory_kib / 1024);
	if (form == first) {
		printf(" | | |\n");
		return;
	}
	sort_difference(form->wall_us, first->wall_us, rounds, sorted);
	printf(" %+.1f %% | %+.1f to %+.1f %% |", 100 * sorted[rounds / 2] / base, 100 * sorted[rounds / 4] / base,
	       100 * sorted[rounds * 3 / 4] / base);
	sort_difference(form->cpu_us, first->cpu_us, rounds, sorted);
	printf(" %+.1f %% |\n", 100 * sorted[rounds / 2] / base_cpu);
}

int main(int argc, char **argv)
{
	static struct form forms[MAX_FORMS];
	long count = argc == 2 ? atol(argv[1]) : 0;
	size_t rounds = (size_t)count;
	double *sorted, ignored;
	int n;

	if (count < 4 || count > MAX_ROUNDS) {
		fprintf(stderr, "usage: pairs ROUNDS < FORMS (4 to %d rounds)\n", MAX_ROUNDS);
		return 2;
	}
	n = read_forms(forms, rounds);
	sorted = calloc(rounds, sizeof(*sorted));
	if (!sorted)
		die("memory");
	for (int i = 0; i < n; i++)
		run_once(&forms[i], &ignored, &ignored); /* warms up */
	for (size_t round = 0; round < rounds; round++)
		for (int i = 0; i < n; i++) {
			struct form *form = &forms[((size_t)i + round) % (size_t)n];

			run_once(form, &form->wall_us[round], &form->cpu_us[round]);
		}
	printf("| form | fastest µs | 25 %% | median | 75 %% | 95 %% | processor µs | MiB | longer by | middle half | processor |\n");
	printf("|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|\n");
	for (int i = 0; i < n; i++)
		print_form(&forms[i], &forms[0], rounds, sorted);
	return 0;
}
