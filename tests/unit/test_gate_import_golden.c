/* Reports as the tools write them, minimal and made by hand after their published
 * structure, each trap one: tests/gate/reports/NAME.json or .txt, NAME.hints (key value,
 * a line each), NAME.expected.  UPDATE=1 writes the last one anew.
 *
 * Every file is read whole, through a descriptor, and through a pipe: the same each time. */
#include "config.h"

#include "gate_report.h"
#include "sys/file.h"
#include "tap.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

static const char *dir;

static char *path_of(const char *name, const char *end)
{
	static char path[4][4096];
	static unsigned turn;
	char *p = path[turn++ % 4];
	(void)snprintf(p, sizeof(path[0]), "%s/%s%s", dir, name, end);
	return p;
}

static char *slurp(struct arena *arena, const char *path, size_t *len)
{
	struct err err = ERR_INIT;
	char *text = NULL;
	if (file_read(AT_FDCWD, path, 1 << 20, arena, &text, len, &err) < 0)
		return NULL;
	return text;
}

static void read_hint(struct import_hints *h, const char *key, const char *value)
{
	int64_t at = 0;
	if (!strcmp(key, "format")) {
		for (int f = 0; f < FORMAT_COUNT; f++)
			if (!strcmp(report_format_name(f), value))
				h->format = (enum report_format)f;
	} else if (!strcmp(key, "at") && rfc3339_parse(value, &at)) {
		h->scanned_at = at;
	} else if (!strcmp(key, "db") && rfc3339_parse(value, &at)) {
		h->db_updated_at = at;
	} else if (!strcmp(key, "class")) {
		for (unsigned i = 0; i < CLASS_COUNT; i++)
			if (!strcmp(report_classes[i], value))
				h->classes |= 1u << i;
	} else if (!strcmp(key, "exit")) {
		h->clamav_exit_said = true;
		h->clamav_exit = value[0] - '0';
	} else if (!strcmp(key, "exceeds-max")) {
		h->clamav_exceeds_max = true;
	} else if (strcmp(key, "mention") != 0) {
		printf("Bail out! unknown hint '%s'\n", key);
		exit(99);
	}
}

static void read_hints(struct arena *arena, const char *name, struct import_hints *h)
{
	size_t len;
	char *text = slurp(arena, path_of(name, ".hints"), &len);
	for (char *line; text && (line = strsep(&text, "\n"));) {
		char *key = strsep(&line, " ");
		if (key[0])
			read_hint(h, key, line ? line : "");
	}
}

static void print_answer(struct str *out, int r, const struct report *report, const struct err *err)
{
	if (r == 0)
		report_print(out, report);
	else
		str_addf(out, "error %s\n", err->msg);
	if (r < 0 && err->kind != ERR_SPEC)
		str_addf(out, "error of kind %u\n", err->kind);
}

static void from_descriptor(const char *path, bool pipe_it, const struct import_hints *hints, struct str *out)
{
	struct arena arena = ARENA_INIT;
	struct report report = {0};
	struct err err = ERR_INIT;
	int fd = open(path, O_RDONLY | O_CLOEXEC), fds[2] = {-1, -1};
	pid_t pid = 0;
	if (pipe_it && pipe(fds) == 0) {
		pid = fork();
		if (pid == 0) {
			char c;
			while (read(fd, &c, 1) == 1 && write(fds[1], &c, 1) == 1)
				;
			_exit(0);
		}
		close(fds[1]);
		close(fd);
		fd = fds[0];
	}
	int r = report_import(fd, "report", hints, &arena, &report, &err);
	print_answer(out, r, &report, &err);
	close(fd);
	if (pid > 0)
		waitpid(pid, NULL, 0);
	arena_release(&arena);
}

static void run_case(const char *file)
{
	struct arena arena = ARENA_INIT;
	struct import_hints hints = {0};
	struct report report = {0};
	struct err err = ERR_INIT;
	struct str got = STR_INIT, by_fd = STR_INIT, by_pipe = STR_INIT;
	char name[256];
	size_t len = 0, want_len = 0;
	(void)snprintf(name, sizeof(name), "%.*s", (int)(strrchr(file, '.') - file), file);
	read_hints(&arena, name, &hints);
	char *text = slurp(&arena, path_of(file, ""), &len);
	int r = report_import_bytes(text, len, "report", &hints, &arena, &report, &err);
	print_answer(&got, r, &report, &err);
	const char *update = getenv("UPDATE");
	if (update && *update) {
		FILE *f = fopen(path_of(name, ".expected"), "w");
		if (f) {
			(void)fputs(str_text(&got), f);
			(void)fclose(f);
		}
	}
	char *want = slurp(&arena, path_of(name, ".expected"), &want_len);
	is_str(str_text(&got), want ? want : "(no file)", name);
	from_descriptor(path_of(file, ""), false, &hints, &by_fd);
	from_descriptor(path_of(file, ""), true, &hints, &by_pipe);
	ok(!strcmp(str_text(&got), str_text(&by_fd)) && !strcmp(str_text(&got), str_text(&by_pipe)),
	   "%s: the same from a file and from a pipe", name);
	str_release(&got);
	str_release(&by_fd);
	str_release(&by_pipe);
	arena_release(&arena);
}

static int is_report(const struct dirent *e)
{
	const char *dot = strrchr(e->d_name, '.');
	return dot && (!strcmp(dot, ".json") || !strcmp(dot, ".txt"));
}

int main(void)
{
	static char where[4096];
	struct dirent **entries;
	const char *src = getenv("top_srcdir");
	(void)snprintf(where, sizeof(where), "%s/tests/gate/reports", src ? src : "..");
	dir = where;
	int n = scandir(dir, &entries, is_report, alphasort);
	ok(n > 0, "there are reports in %s", dir);
	for (int i = 0; i < n; i++) {
		run_case(entries[i]->d_name);
		free(entries[i]);
	}
	if (n >= 0)
		free(entries);
	return tap_done();
}
