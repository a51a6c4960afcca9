/* Any bytes as a packet: sync_parse takes it with a kind that somebody sends, or
 * refuses it; over a socket sync_recv says the same, and an error that came in is
 * safe to print. */
#include "config.h"

#include "proto/sync.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define must(cond)                                                                                                     \
	do {                                                                                                           \
		if (!(cond)) {                                                                                         \
			fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #cond);                                     \
			abort();                                                                                       \
		}                                                                                                      \
	} while (0)

static void check_error(const struct err *err)
{
	must(err->kind > ERR_NONE && err->kind <= ERR_PROTO);
	must(memchr(err->msg, 0, sizeof(err->msg)) && memchr(err->rule, 0, sizeof(err->rule)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	enum sync_kind kind = SYNC_EOF, received = SYNC_EOF;
	struct err parsed = ERR_INIT, err = ERR_INIT;
	int fds[2], fd = -1, result = sync_parse(data, size, &kind, &parsed);

	if (result == 0) {
		must(kind > SYNC_EOF && kind < SYNC_KINDS);
		must((kind == SYNC_ERROR) == (parsed.kind != ERR_NONE));
		if (kind == SYNC_ERROR)
			check_error(&parsed);
	} else {
		must(kind == SYNC_EOF);
	}
	if (size > 4096)
		return 0;
	must(sync_open(fds, &err) == 0 && send(fds[0], data, size, 0) == (ssize_t)size);
	int r = sync_recv(fds[1], &received, &fd, &err);
	must(fd == -1);
	if (result == 0 && kind != SYNC_ERROR) {
		must(r == 0 && received == kind);
	} else {
		must(r < 0);
		check_error(&err);
		must(result == 0 ? !strcmp(err.msg, parsed.msg) : err.kind == ERR_PROTO);
	}
	close(fds[0]);
	close(fds[1]);
	return 0;
}
