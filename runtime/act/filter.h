/* Seccomp: the plan's filters as BPF, and loading them.  libseccomp is known to
 * filter.c only; the shipped profiles are embedded, compiled at build time. */
#ifndef KANUKI_ACT_FILTER_H
#define KANUKI_ACT_FILTER_H

#include "base/err.h"
#include "plan/plan.h"

#include <linux/filter.h>
#include <stdio.h>

struct child;
struct prepared;

struct filter_program {
	const struct sock_filter *insns;
	unsigned short n;
	unsigned flags; /* SECCOMP_FILTER_FLAG_* */
	bool listener;	/* wants SECCOMP_FILTER_FLAG_NEW_LISTENER */
	void *owned;	/* mapping or heap behind insns, or NULL (embedded) */
	size_t owned_len;
};

/* Compiles (or finds embedded) one filter. FILTER_RULES go through libseccomp;
 * names it doesn't know are dropped only where their action equals the default.  One
 * of an exception (`added`) that it doesn't know is refused: ERR_POLICY. */
int filter_compile(const struct plan_filter *filter, struct filter_program *ret, struct err *err)
	__attribute__((warn_unused_result));
/* The same for plan->filters.items[i], with what the rest of the plan asks of it. */
int filter_compile_planned(const struct plan *plan, size_t i, struct filter_program *ret,
			   struct err *err) __attribute__((warn_unused_result));
/* Whether its program is kept in the state directory, as it isn't just embedded. */
bool filter_is_recorded(const struct plan *plan, size_t i);
/* A compiled program read back from the state directory (exec). */
int filter_open(int dirfd, const char *name, unsigned flags, struct filter_program *ret,
		struct err *err) __attribute__((warn_unused_result));
/* The recorded program of plan->filters.items[i] in the state directory. */
#define FILTER_NAME_MAX 24
static inline void filter_name(size_t i, char name[FILTER_NAME_MAX])
{
	(void)snprintf(name, FILTER_NAME_MAX, "filter-%zu.bpf", i);
}
void filter_release(struct filter_program *program);

/* Step: loads all programs in order, after ids and capabilities are set; with no_new_privs off,
 * capabilities go right after it (late-drop).  A listener's descriptor is sent to whoever holds the
 * other end of sync_fd: the parent, or `start`. */
int filter_load(const struct plan *plan, struct child *child, struct err *err);

/* A startContainer hook is held by the same programs.  It has no listener: the agent's is the
 * program's, and what it would answer is ENOSYS here (seccomp_unotify(2)). */
int filter_load_for_hook(const struct plan *plan, const struct prepared *prepared, struct err *err)
	__attribute__((warn_unused_result));

/* Passes a notify listener to its agent with the container's process state
 * (config-linux.md, "The Container Process State"). */
int filter_send_listener(const struct plan *plan, int64_t pid, const char *status, int listener_fd,
			 struct err *err) __attribute__((warn_unused_result));

#endif
