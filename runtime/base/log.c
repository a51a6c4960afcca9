/* Owns the two places an error is told: --log's file and standard error.
 *
 * Called from main.c and cmd/ only; everything else returns struct err.  A line
 * that can't be written is dropped: there is nobody left to tell.
 */
#include "config.h"

#include "base/log.h"

#include "base/auto.h"
#include "base/num.h"
#include "base/str.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/banned.h"

/* Of one line, its end included: what is longer was not written by us. */
#define LOG_LINE_MAX 4096

/* Names of what the caller has opened already.  All are links, which are never followed: what
 * is taken is the descriptor itself, and only by these names. */
static bool names_descriptor(const char *path, int *ret)
{
	static const char dir[] = "/proc/self/fd/";
	uint64_t n;
	if (!strcmp(path, "/dev/stdout"))
		n = 1;
	else if (!strcmp(path, "/dev/stderr"))
		n = 2;
	else if (strncmp(path, dir, strlen(dir)) != 0 ||
		 !num_parse_u64(path + strlen(dir), INT_MAX, &n))
		return false;
	*ret = (int)n;
	return true;
}

/* A copy of a standard stream, which others use too; any other is the log alone and stays
 * under its number, by which the sealed copy of the runtime will look for it. */
static int take_descriptor(int number, const char *path, struct err *err)
{
	int flags = fcntl(number, F_GETFL);
	if (flags < 0)
		return err_sys(err, "open log file '%s'", path);
	if ((flags & O_ACCMODE) == O_RDONLY)
		return err_set(err, ERR_USAGE, "log file '%s' is not open for writing", path);
	int fd = number <= STDERR_FILENO ? fcntl(number, F_DUPFD_CLOEXEC, STDERR_FILENO + 1)
		 : fcntl(number, F_SETFD, FD_CLOEXEC) < 0 ? -1
							  : number;
	return fd < 0 ? err_sys(err, "keep log file '%s' open", path) : fd;
}

static int open_file(const char *path, int *ret_given, struct err *err)
{
	autofd int fd = -1;
	struct stat st;
	int number = -1;
	bool named = names_descriptor(path, &number);
	if (named) {
		fd = take_descriptor(number, path, err);
		if (fd < 0)
			return -1;
	} else {
		/* O_NONBLOCK: a FIFO without a reader must not stop the runtime. */
		fd = open(path,
			  O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_CLOEXEC | O_NOCTTY |
				  O_NONBLOCK,
			  0600);
		if (fd < 0)
			return err_sys(err, "open log file '%s'", path);
	}
	if (fstat(fd, &st) < 0)
		return err_sys(err, "stat log file '%s'", path);
	/* A service's standard error is a socket of the journal's. */
	if (!S_ISREG(st.st_mode) && !S_ISFIFO(st.st_mode) && !S_ISCHR(st.st_mode) &&
	    !(named && S_ISSOCK(st.st_mode)))
		return err_set(err, ERR_USAGE,
			       "log file '%s' is neither a file, a FIFO nor a character device",
			       path);
	*ret_given = named && number == fd ? fd : -1;
	return steal_fd(&fd);
}

int log_open(struct log *log, const char *path, const char *format, bool debug, struct err *err)
{
	bool json = format && !strcmp(format, "json");
	int fd = -1, given = -1;
	if (format && !json && strcmp(format, "text") != 0)
		return err_set(err, ERR_USAGE, "invalid log format '%s' (text or json)", format);
	if (path && *path) {
		fd = open_file(path, &given, err);
		if (fd < 0)
			return -1;
	}
	log->fd = fd;
	log->given_fd = given;
	log->json = json;
	log->debug = debug;
	return 0;
}

static void format_time(char *buf, size_t size)
{
	struct tm tm;
	time_t now = time(NULL);
	if (!gmtime_r(&now, &tm) || strftime(buf, size, "%Y-%m-%dT%H:%M:%SZ", &tm) == 0)
		(void)snprintf(buf, size, "1970-01-01T00:00:00Z");
}

/* One write(2) per line: with O_APPEND, lines of several commands that share a
 * file (buildkit) do not mix. */
static void write_line(int fd, const struct str *line)
{
	if (!str_failed(line))
		(void)!write(fd, str_text(line), line->len);
}

/* The message, escaped by `add`, cut so that the line with `rest` more bytes fits. */
static void add_message(struct str *line, const char *msg, size_t rest,
			void (*add)(struct str *str, const char *text, size_t len))
{
	size_t len = strlen(msg);
	size_t room = LOG_LINE_MAX - rest;
	for (;;) {
		autostr escaped = STR_INIT;
		add(&escaped, msg, len);
		if (str_failed(&escaped) || escaped.len + 3 <= room || len == 0) {
			str_add(line, str_text(&escaped));
			return;
		}
		/* Each byte takes at most six when escaped: cut generously, on a
		 * character boundary, and mark the cut. */
		size_t over = escaped.len + 3 - room;
		len -= over / 6 + 1 < len ? over / 6 + 1 : len;
		while (len > 0 && ((unsigned char)msg[len] & 0xc0) == 0x80)
			len--;
	}
}

static void log_line(const struct log *log, const char *level, const char *msg)
{
	char when[32];
	format_time(when, sizeof(when));
	autostr line = STR_INIT;
	if (log->json) {
		str_addf(&line, "{\"level\":\"%s\",\"msg\":\"", level);
		add_message(&line, msg, 128, str_add_escaped);
		str_addf(&line, "\",\"time\":\"%s\"}\n", when);
	} else {
		str_addf(&line, "time=\"%s\" level=%s msg=\"", when, level);
		add_message(&line, msg, 128, str_add_escaped);
		str_add(&line, "\"\n");
	}
	write_line(log->fd, &line);
}

static void stderr_line(const char *prefix, const char *msg)
{
	autostr line = STR_INIT;
	str_addf(&line, "kanuki: %s", prefix);
	add_message(&line, msg, 128, str_add_printable); /* read by people, as runc's is: nothing quotes it */
	str_add(&line, "\n");
	write_line(STDERR_FILENO, &line);
}

void log_error(const struct log *log, const struct err *err)
{
	int saved = errno;
	char msg[sizeof(err->msg) + 32];
	/* A refusal names its rule, and nothing in the line reads like an errno that
	 * engines would take for a missing program. */
	if (err->kind == ERR_POLICY && err->rule[0])
		(void)snprintf(msg, sizeof(msg), "policy: %s: %s", err->rule, err->msg);
	else
		(void)snprintf(msg, sizeof(msg), "%s", err->msg);
	if (log->fd >= 0)
		log_line(log, "error", msg);
	stderr_line("", msg);
	errno = saved;
}

void log_warning(const struct err *err)
{
	int saved = errno;
	stderr_line("warning: ", err->msg);
	errno = saved;
}

void log_debug(const struct log *log, const char *fmt, ...)
{
	if (!log->debug)
		return;
	int saved = errno;
	va_list ap;
	va_start(ap, fmt);
	autofree char *msg = NULL;
	int n = vasprintf(&msg, fmt, ap);
	va_end(ap);
	if (n < 0) {
		msg = NULL; /* undefined after a failure */
		errno = saved;
		return;
	}
	if (log->fd >= 0)
		log_line(log, "debug", msg);
	stderr_line("debug: ", msg);
	errno = saved;
}
