/* A trail's lines, for verify and show; changes nothing.
 *
 * Writers go on meanwhile: size and head are taken together, with the head locked for
 * that moment, and what is appended later isn't read.
 */
#ifndef KANUKI_AUDIT_READ_H
#define KANUKI_AUDIT_READ_H

#include "audit/trail.h"

struct trail_reader {
	int fd;
	const char *name;
	uint64_t limit;	     /* bytes when it was opened */
	bool has_head;	     /* a file of that name is there */
	char head[TRAIL_HEAD_BYTES + 1];
	size_t head_len;     /* as found: TRAIL_HEAD_BYTES in a good one */
	uint64_t line, byte; /* of the line that trail_next gave; at the end: lines, bytes */
	/* internal */
	char *buf;
	size_t start, len;
	uint64_t taken;
};

#define TRAIL_READER_INIT { .fd = -1 }
void trail_reader_release(struct trail_reader *reader);
#define autoreader __attribute__((cleanup(trail_reader_release))) struct trail_reader

/* `reader` is TRAIL_READER_INIT; `path` is kept.  A missing head is no error. */
int trail_reader_open(const char *path, struct trail_reader *reader, struct err *err)
	__attribute__((warn_unused_result));

struct trail_text {
	const char *text; /* NULL: no more; else valid until the next call */
	size_t len;
	bool ended;	  /* by a newline, which isn't in it */
};

/* Of a line longer than TRAIL_LINE_MAX, which no writer makes, only so much is given. */
int trail_next(struct trail_reader *reader, struct trail_text *ret, struct err *err)
	__attribute__((warn_unused_result));

#endif
