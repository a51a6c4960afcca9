/* create and run up to the gate: the straight line from a bundle to a confined process. */
#ifndef KANUKI_CMD_BRING_UP_H
#define KANUKI_CMD_BRING_UP_H

#include "act/act.h"
#include "base/sha256.h"
#include "cmd/cmd.h"
#include "spec/spec.h"
#include "state/dir.h"
#include "state/record.h"

struct bring_up_args {
	const char *bundle, *console_socket, *pidfd_socket, *pid_file;
	struct opt_u32 preserve_fds;
	bool no_pivot, no_new_keyring;
};

/* clang-format off */
#define BRING_UP_OPTIONS(type, member)                                                      \
	{"bundle", 'b', OPTION_STRING, offsetof(type, member.bundle), "DIR",                \
	 "the bundle (default: here)"},                                                     \
	{"console-socket", 0, OPTION_STRING, offsetof(type, member.console_socket), "PATH", \
	 "socket that gets the terminal"},                                                  \
	{"pidfd-socket", 0, OPTION_STRING, offsetof(type, member.pidfd_socket), "PATH",     \
	 "socket that gets a pidfd of the process"},                                        \
	{"pid-file", 0, OPTION_STRING, offsetof(type, member.pid_file), "PATH",             \
	 "where to write the pid"},                                                         \
	{"no-pivot", 0, OPTION_FLAG, offsetof(type, member.no_pivot), NULL,                 \
	 "chroot instead of pivot_root (refused by policy hardened)"},                      \
	{"no-new-keyring", 0, OPTION_FLAG, offsetof(type, member.no_new_keyring), NULL,     \
	 "keep the caller's session keyring (without effect under policy hardened)"},       \
	{"preserve-fds", 0, OPTION_U32, offsetof(type, member.preserve_fds), "N",           \
	 "keep N more descriptors open, from 3 on"}
/* clang-format on */

/* Undone in reverse order when it goes out of scope, unless bring_up_commit() came first. */
struct bring_up {
	struct plan plan;
	struct state_dir dir;
	struct prepared prepared;
	struct init init;
	struct act_request request;
	struct record record;
	const char *pid_file;		 /* as written by bring_up, or NULL */
	char plan_hash[SHA256_HEX_SIZE]; /* where there is a trail; the record points at it */
	struct str plan_text;		 /* what it names */
};
void bring_up_release(struct bring_up *b);
#define autobringup __attribute__((cleanup(bring_up_release))) struct bring_up
#define BRING_UP_INIT { .dir = STATE_DIR_INIT, .init = INIT_INIT, .prepared = PREPARED_INIT }

/* Decides, prepares, launches, serves until the child is ready, writes record and pid file.
 * `gate`: the child waits for `start` (create), else it goes on to its program (run).  `detached`:
 * nobody relays its terminal or waits for it.  *b is BRING_UP_INIT, released by the caller also
 * after a failure.  Afterwards act_commit() lets the child go on, and bring_up_commit() keeps what
 * was made. */
int bring_up(const struct cmd_context *ctx, const char *id, const struct bring_up_args *args,
	     bool gate, bool detached, struct bring_up *b, struct err *err)
	__attribute__((warn_unused_result));

/* The container stays: nothing is undone any more. */
void bring_up_commit(struct bring_up *b);
/* After a failure: ends the process, and what hooks have set up poststop takes down. */
void bring_up_undo_hooks(struct bring_up *b);

#endif
