/* JSON text in pieces -> the few values that were asked for, one at a time.
 *
 * As strict as json.h (RFC 8259 only, valid UTF-8, no NUL, no lone surrogate, no
 * duplicate key in any object, nesting at most JSON_MAX_DEPTH, numbers by their text),
 * whether a value is asked for or passed over.  The document is an object or an array
 * of at most JSON_STREAM_MAX_BYTES.
 *
 * Memory doesn't grow with the document: the value in hand (at most
 * JSON_STREAM_MAX_VALUE), one string (at most JSON_STREAM_MAX_STRING as written), and
 * eight bytes for each member of the objects that are open (at most
 * JSON_STREAM_MAX_MEMBERS): a hash of its name.  So a duplicate is never missed; two
 * names that were made to have the same hash are refused as well.
 */
#ifndef KANUKI_BASE_JSON_STREAM_H
#define KANUKI_BASE_JSON_STREAM_H

#include "base/json.h"

#define JSON_STREAM_MAX_BYTES	(64u << 20)
#define JSON_STREAM_MAX_STRING	(1u << 20)
#define JSON_STREAM_MAX_VALUE	(16u << 20) /* of the tree in memory */
#define JSON_STREAM_MAX_MEMBERS (1u << 20)
#define JSON_STREAM_MAX_TOKENS	20000000u
#define JSON_STREAM_SELECTORS	64

enum json_select {
	JSON_SELECT_WHOLE = 0, /* the value as a tree; nothing beneath it can be selected */
	JSON_SELECT_END,       /* when it has ended: type, key, index and number of children only */
};

/* `v` lives until the call returns; its path is the whole one (json_path, json_error).
 * -1 with err filled ends the reading. */
typedef int json_found(void *ctx, const struct json *v, struct err *err);

/* path: "Results[].Class"; "packages.*" is every member; "" the document itself. */
struct json_selector {
	const char *path;
	json_found *found;
	enum json_select what;
};

struct json_stream;

struct json_stream *json_stream_new(struct err *err) __attribute__((warn_unused_result));
/* Before the first piece.  `prefix` ("" or "predicate.scanner") goes before each path;
 * all of it is copied.  More than JSON_STREAM_SELECTORS in all is a bug of ours. */
int json_stream_select(struct json_stream *s, const char *prefix,
		       const struct json_selector *selectors, size_t n, void *ctx, struct err *err)
	__attribute__((warn_unused_result));
/* After an error the stream can only be freed. */
int json_stream_feed(struct json_stream *s, const char *text, size_t len, struct err *err)
	__attribute__((warn_unused_result));
/* There is no more: was it exactly one document? */
int json_stream_end(struct json_stream *s, struct err *err) __attribute__((warn_unused_result));
void json_stream_free(struct json_stream *s);

#endif
