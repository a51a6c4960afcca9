/* The one error type: a fixed-size value that the caller owns.
 *
 * No pointer and no allocation, so it is valid after fork and is itself the
 * packet a child sends to its parent.  Functions return 0 or -1 (an
 * fd-returning one: the fd or -1) and fill it; only main.c prints it.
 * First writer wins; context is put in front on the way up, once per layer.
 */
#ifndef KANUKI_BASE_ERR_H
#define KANUKI_BASE_ERR_H

#include <stdint.h>

enum err_kind {
	ERR_NONE = 0,
	ERR_USAGE,	 /* the command line */
	ERR_SPEC,	 /* the bundle: config.json, process.json, resources */
	ERR_POLICY,	 /* refused by a hardening rule; `rule` names it */
	ERR_HOST,	 /* this machine lacks what the plan needs */
	ERR_SYSTEM,	 /* a system call failed; sys_errno says how */
	ERR_NOT_FOUND,	 /* the container does not exist */
	ERR_EXISTS,	 /* the container id is taken */
	ERR_NOT_RUNNING, /* container not running */
	ERR_STATE,	 /* the status does not allow the operation */
	ERR_EXEC,	 /* the program in the container can't be executed */
	ERR_VERIFY,	 /* read-back differs from the plan */
	ERR_PROTO,	 /* the peer process died or spoke nonsense */
};

/* What a site could change so that the refusal of a rule is none. */
enum err_changed_by {
	ERR_BY_KEYS = 0, /* the keys of its rule (policy/rules.h) */
	ERR_BY_LEVEL,	 /* none of them, only a level that forces nothing */
	ERR_BY_NOTHING,	 /* refused at every level */
};

struct err {
	uint32_t kind;	   /* enum err_kind; fixed width: it crosses a socket */
	int32_t sys_errno; /* 0 where no system call is behind it */
	char rule[7];	   /* "H-30", or empty */
	uint8_t by;	   /* enum err_changed_by, of ERR_POLICY */
	char msg[496];	   /* lower case, no full stop, cut with "..." if long */
};

#define ERR_INIT {0}

/* All return -1, so that `return err_set(...)` reads well.  `err` may not be
 * NULL.  A filled err is left as it is (first writer wins). */
int err_set(struct err *err, enum err_kind kind, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* ERR_SYSTEM with the current errno; ": strerror" is appended. */
int err_sys(struct err *err, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* ERR_POLICY by rule `rule` ("H-nn").  The text must not contain errno
 * phrases, which engines remap to exit codes of their own (podman: 126, 127). */
int err_policy(struct err *err, const char *rule, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* Of the refusal just filled in: its rule's keys don't change this one. */
int err_changed_by(struct err *err, enum err_changed_by by);

/* ERR_SYSTEM/ENOMEM: an arena's limit was reached or memory ran out. */
int err_oom(struct err *err);

/* Adds to the end of a filled err's message, cut to fit. */
void err_append(struct err *err, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Puts "text: " in front of a filled err; returns -1. */
int err_context(struct err *err, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Forgets the error (the caller has dealt with it). */
void err_clear(struct err *err);

/* Makes an err that came from another process safe to use: terminated
 * strings, known kind.  Returns 0, or -1 when `len` is not that of an err. */
int err_import(struct err *err, const void *buf, uint64_t len) __attribute__((warn_unused_result));

#endif
