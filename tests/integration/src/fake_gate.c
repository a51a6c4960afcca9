/* A scan gate that does as it is told by PROGRAM.do: "answer STATUS" and from the next line on what it prints; "hang"; "flood";
 * "crash"; "linger": an admission, and a child that keeps the pipe. PROGRAM.seen gets what it was given: arguments, environment,
 * directory, descriptors, the question. */
#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char order[8192];

static void read_order(const char *program)
{
	char path[4096];
	FILE *f;
	size_t n;

	snprintf(path, sizeof(path), "%s.do", program);
	f = fopen(path, "re");
	if (!f)
		exit(99);
	n = fread(order, 1, sizeof(order) - 1, f);
	order[n] = '\0';
	fclose(f);
}

static void write_seen(int argc, char **argv, char **envp)
{
	char path[4096], buf[4096];
	struct dirent *entry;
	size_t n;
	FILE *f;
	DIR *dir;

	snprintf(path, sizeof(path), "%s.seen", argv[0]);
	dir = opendir("/proc/self/fd");
	f = fopen(path, "we");
	if (!f || !dir || !getcwd(buf, sizeof(buf)))
		exit(98);
	fprintf(f, "args");
	for (int i = 1; i < argc; i++)
		fprintf(f, " %s", argv[i]);
	fprintf(f, "\ndirectory %s\n", buf);
	for (; *envp; envp++)
		fprintf(f, "env %s\n", *envp);
	while ((entry = readdir(dir))) {
		int fd = atoi(entry->d_name);

		if (entry->d_name[0] != '.' && fd != dirfd(dir) && fd != fileno(f))
			fprintf(f, "fd %d\n", fd);
	}
	fprintf(f, "question ");
	while ((n = fread(buf, 1, sizeof(buf), stdin)) > 0)
		fwrite(buf, 1, n, f);
	fclose(f);
	closedir(dir);
}

int main(int argc, char **argv, char **envp)
{
	char *text;
	int status;

	read_order(argv[0]);
	write_seen(argc, argv, envp);
	if (!strncmp(order, "hang", 4))
		for (;;)
			pause();
	if (!strncmp(order, "crash", 5))
		raise(SIGSEGV);
	if (!strncmp(order, "flood", 5))
		for (;;)
			puts("{\"verdict\":\"allow\",\"class\":\"image\"}");
	text = strchr(order, '\n');
	text = text ? text + 1 : order;
	status = atoi(order + strcspn(order, " "));
	fputs(text, stdout);
	fflush(stdout);
	if (!strncmp(order, "linger", 6) && fork() == 0)
		for (;;)
			pause();
	return status;
}
