/* What the log says was revoked, beside what the store has: a revocation is a file, and a file
 * can go, by hand or with a backup that is put back.  The log is a chain, and elsewhere. */
#ifndef KANUKI_GATE_LOG_REVOKED_H
#define KANUKI_GATE_LOG_REVOKED_H

#include "base/arena.h"
#include "base/err.h"
#include "gate/store.h"

struct log_revocation {
	const char *kind, *hex, *at; /* "image", 64 digits, when it was logged */
	bool taken_back;
};
typedef LIST_OF(struct log_revocation) log_revocation_list;

/* A line of the log -> the list, with texts in `arena`; what speaks of no revocation, or isn't in
 * form, changes nothing.  -1: no memory. */
int log_revoked_line(const char *text, size_t len, struct arena *arena, log_revocation_list *list,
		     struct err *err) __attribute__((warn_unused_result));
/* Prints a line for each that nobody has taken back and the store lacks; *ret_gone: how many.
 * -1: the store can't be read. */
int log_revoked_print_gone(const log_revocation_list *list, const struct gate_store *store,
			   size_t *ret_gone, struct err *err) __attribute__((warn_unused_result));

#endif
