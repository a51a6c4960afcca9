/* Parent and child, one packet per step.
 *
 *   parent                                child
 *     |  clone3                             |
 *     |------------------------------------>|
 *     |--- NETNS [fd] --------------------->|  unasked, before anything else: the network namespace
 *     |--- DEVICES ------------------------>|  unasked, after it: the device rules hold
 *     |<-- MAPS_FIRST ----------------------|  user namespace first: write my maps
 *     |--- GO ----------------------------->|
 *     |<-- NETWORK -------------------------|  move the network devices in
 *     |--- GO ----------------------------->|
 *     |<-- TERMINAL [pty] ------------------|  foreground terminal: relay it
 *     |--- GO ----------------------------->|
 *     |<-- HOOKS ---------------------------|  prestart, createRuntime
 *     |--- GO ----------------------------->|
 *     |<-- MAPS_LAST -----------------------|  user namespace last: write my maps, I go on
 *     |--- FACTS -------------------------->|  what the parent has found out meanwhile
 *     |--- GO ----------------------------->|
 *     |<-- READY ---------------------------|  confined and verified
 *     |--- GO ----------------------------->|  the record is written (run, exec: in advance, where
 *     |                                     |  nothing is left to do: act_request.go_ahead)
 *     |   create: the child waits at the gate; from here on `start` is its peer (act/gate.h)
 *     |<-- LISTENER [fd] -------------------|  seccomp notify: pass it to its agent
 *     |--- GO ----------------------------->|
 *     |<-- ERROR ---------------------------|  at any time: struct err, then exit
 *     |<== end of file =====================|  after READY: the program runs
 *
 * Packets have one fixed size over SOCK_SEQPACKET.  End of file before READY is
 * an error, never success; so is an unexpected kind.  Requests that the plan
 * doesn't need are not sent; each is served once.
 */
#ifndef KANUKI_PROTO_SYNC_H
#define KANUKI_PROTO_SYNC_H

#include "base/err.h"

#include <stdint.h>

enum sync_kind {
	SYNC_EOF = 0, /* never sent: what sync_recv reports at end of file */
	SYNC_ERROR,
	SYNC_GO,
	SYNC_MAPS_FIRST,
	SYNC_NETWORK,
	SYNC_NETNS,
	SYNC_DEVICES,
	SYNC_HOOKS,
	SYNC_MAPS_LAST,
	SYNC_FACTS,
	SYNC_TERMINAL,
	SYNC_LISTENER,
	SYNC_READY,
	SYNC_KINDS
};

/* What the child needs at the end of its way, and the parent finds out while it is on it. */
struct sync_facts {
	struct sync_identity {
		uint64_t dev, ino;
	} own_ns[8];      /* the runtime's own namespaces, by kind (plan.h); 0: not asked for */
	uint64_t ignored; /* signals that the runtime ignores: bit n - 1 is signal n */
};

const char *sync_name(enum sync_kind kind);

/* A connected pair, CLOEXEC. */
int sync_open(int ret_fds[2], struct err *err) __attribute__((warn_unused_result));
/* `fd` >= 0 is passed along (SCM_RIGHTS); MSG_NOSIGNAL. */
int sync_send(int sync_fd, enum sync_kind kind, int fd, struct err *err)
	__attribute__((warn_unused_result));
/* The error as it stands; best effort by nature: the peer may be gone. */
void sync_send_error(int sync_fd, const struct err *error);
/* Next packet.  SYNC_ERROR fills err with the peer's error and returns -1.  End
 * of file: *ret_kind = SYNC_EOF, returns 0.  *ret_fd is -1 or an owned,
 * CLOEXEC descriptor (NULL: a descriptor is a protocol error). */
int sync_recv(int sync_fd, enum sync_kind *ret_kind, int *ret_fd, struct err *err)
	__attribute__((warn_unused_result));
/* Waits for that packet: one that was not asked for, or GO for what sync_send asked. */
int sync_await(int sync_fd, enum sync_kind kind, struct err *err)
	__attribute__((warn_unused_result));
/* SYNC_FACTS, unasked: the child has gone on. */
int sync_send_facts(int sync_fd, const struct sync_facts *facts, struct err *err)
	__attribute__((warn_unused_result));
/* Waits for them. */
int sync_await_facts(int sync_fd, struct sync_facts *ret, struct err *err)
	__attribute__((warn_unused_result));
/* Sends `kind` (with fd) and waits for GO. */
int sync_request(int sync_fd, enum sync_kind kind, int fd, struct err *err)
	__attribute__((warn_unused_result));

/* Pure: bytes of a packet -> kind and, for SYNC_ERROR, the err (fuzzed). */
int sync_parse(const void *buf, uint64_t len, enum sync_kind *ret_kind, struct err *ret_error)
	__attribute__((warn_unused_result));

/* One descriptor with a text payload over a connected stream socket, as consoles
 * and seccomp agents expect it (SCM_RIGHTS; runc's cmsg, conmon, containerd). */
int sync_send_fds(int sock_fd, const char *payload, uint64_t len, const int *fds, unsigned n_fds,
		  struct err *err) __attribute__((warn_unused_result));
/* Connects to an AF_UNIX stream socket at an absolute path of any length. */
int sync_connect(const char *path, struct err *err) __attribute__((warn_unused_result));

#endif
