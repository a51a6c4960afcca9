/* The audit trail: one JSON line per event in an append-only file, each chained to
 * the one before by SHA-256.
 *
 * A line begins {"seq":N,"prev":"HEX", and prev is the hash of the line before
 * without its newline; 64 zeros before the first.  So nothing can be changed,
 * removed, inserted or moved without a line that no longer fits.  What a chain
 * can't show, that its end was cut off, shows the head: FILE.head,
 * TRAIL_HEAD_BYTES that hold seq and hash of the last line.  It also carries the chain
 * over a rotation (rename and create, or copytruncate).
 *
 * What this proves: that the file is what kanuki wrote, against everybody who can't
 * write both files.  Root on the host can compute a new chain; a copy elsewhere helps
 * against that (trail_syslog), whose lines carry the same hashes.
 *
 * A writer takes flock(2) on the head, not on the trail: the head outlives a
 * rotation, so two writers never hold "the" lock on two files, and it is 0600
 * while the trail may be readable to a group, whose readers could else hold
 * everything up with a shared lock.
 *
 * A line goes out with one write(2), then the head.  A writer may die at any point:
 * - between the two: the head is one line behind.  Accepted by verify and by the
 *   next writer, which first brings the head up to the file.
 * - all but the newline arrived: the next writer adds it.
 * - within the write (a kill at a page boundary, a full disk): the line has no
 *   end.  The next writer ends it with a newline, says "torn":true and
 *   chains to the torn bytes: prev is the hash of HASH "\n" BYTES for each torn
 *   line, HASH being what prev would have been without it.  Nothing is ever
 *   truncated, so the file may be append-only (chattr +a; the head may not).
 * Whatever else a writer finds wrong it keeps as evidence, says so in its line
 * ("found": cut, changed, ahead, headless), and goes on.
 *
 * No fsync(2) unless asked (TRAIL_SYNC): a kill loses nothing that write(2) took, only
 * a power cut or a kernel crash does, and those take the containers along and show
 * as a cut end.  Measured: 40 to 90 us for a line without it, 430 us more with it.
 */
#ifndef KANUKI_AUDIT_TRAIL_H
#define KANUKI_AUDIT_TRAIL_H

#include "base/arena.h"
#include "base/err.h"
#include "base/sha256.h"
#include "base/str.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define TRAIL_WORD_MAX	 256u	       /* bytes of an untrusted string, before escaping; "..." at the end when cut */
#define TRAIL_CHANGES_MAX 64u	       /* then "more" */
#define TRAIL_LINE_MAX	 (48u << 10)   /* bytes with the newline */
#define TRAIL_HEAD_BYTES 86u	       /* 20 digits, space, 64 digits, newline */
#define TRAIL_NONE	 "0000000000000000000000000000000000000000000000000000000000000000"

enum trail_event {
	TRAIL_CREATE = 0,
	TRAIL_EXEC,
	TRAIL_START,
	TRAIL_KILL,
	TRAIL_DELETE,
	TRAIL_REFUSED,
	TRAIL_WOULD_REFUSE, /* mode audit */
	TRAIL_WOULD_CHANGE,
	TRAIL_ADMIT, /* of the gate: an image was let in, */
	TRAIL_BREAKGLASS, /* let in by break-glass, */
	TRAIL_ADMIN, /* or somebody changed what decides */
	TRAIL_EVENTS
};
const char *trail_event_name(enum trail_event event); /* "would-refuse" */

struct trail_change {
	const char *rule, *key, *outcome; /* "H-01", "process.uid", "forced" */
	const char *asked, *given;	  /* NULL: absent from the line */
};

/* Who called: all of it is what the kernel says of our parent, which may lie about its name. */
struct trail_caller {
	int64_t pid;	 /* of the parent */
	char comm[16];	 /* /proc/PPID/comm; empty: not readable (gone, another pid namespace) */
	char exe[TRAIL_WORD_MAX + 1]; /* /proc/PPID/exe; likewise */
	uint32_t uid;	 /* our real uid */
	bool has_loginuid;
	uint32_t loginuid;
};

/* Every pointer may be NULL: null or absent in the line. */
struct trail_entry {
	enum trail_event event;
	int64_t time_ns; /* since 1970 */
	const char *id;
	struct trail_caller caller;
	const char *image; /* "sha256:..." */
	const char *policy, *policy_hash, *plan_hash;
	const struct trail_change *changes;
	size_t n_changes;
	const char *rule, *message; /* of a refusal */
	const char *record;	    /* the gate's: digest of the scan record ... */
	uint64_t generation;	    /* ... and its store's state; 0: absent */
};

/* What a writer saw of the file and its head before it wrote. */
enum trail_found {
	FOUND_SOUND = 0,
	FOUND_CUT,	/* the head knows later lines than the file has */
	FOUND_CHANGED,	/* the last line isn't the one the head knows */
	FOUND_AHEAD,	/* more than one line that the head doesn't know */
	FOUND_HEADLESS, /* lines, but no readable head */
};
const char *trail_found_name(enum trail_found found); /* NULL for FOUND_SOUND */

struct trail_link {
	uint64_t seq;
	char prev[SHA256_HEX_SIZE];
	bool torn;
	enum trail_found found;
};

/* The line with its newline, appended to *out.  Pure. ERR_SYSTEM: no memory. */
int trail_format(const struct trail_entry *entry, const struct trail_link *link, struct str *out,
		 struct err *err) __attribute__((warn_unused_result));

/* The reverse for the part that chains, from a line without its newline.  False: it is
 * no whole line of a trail (torn, or something else). */
bool trail_link_parse(const char *line, size_t len, struct trail_link *ret);
/* Nanoseconds since 1970 -> "2026-11-22T07:09:01.123Z". */
void trail_time_text(int64_t time_ns, char ret[32]);
/* prev of what follows a torn line: hash of `hash` "\n" `torn`. */
void trail_chain_torn(const char hash[SHA256_HEX_SIZE], const char *torn, size_t len,
		      char ret[SHA256_HEX_SIZE]);

void trail_head_text(uint64_t seq, const char hash[SHA256_HEX_SIZE],
		     char ret[TRAIL_HEAD_BYTES + 1]);
/* False: that is no head. */
bool trail_head_parse(const char *text, size_t len, uint64_t *ret_seq,
		      char ret_hash[SHA256_HEX_SIZE]);

/* Our parent, from /proc. Can't fail: what can't be read is absent in the line. */
void trail_caller_read(struct trail_caller *ret);

enum trail_options {
	TRAIL_SYNC = 1, /* O_DSYNC: the line is on the disk when trail_append returns */
};

/* What a process's next line need not find out again: the trail's directory, with all above it
 * looked at, and the end of the file as our last line left it.  All zero: nothing yet. */
struct trail_place {
	bool known;
	dev_t dev;
	ino_t ino;
	struct {
		ino_t ino;
		off_t size; /* 0: unknown */
		uint64_t seq;
		char hash[SHA256_HEX_SIZE];
	} end;
};

/* One line to `path` (absolute).  Makes the file and its head (0600) and their
 * directory (0700, the last part of the path only) when missing.  Refused: a link, anything but a
 * regular file, a file or directory of somebody else or writable to group or others; and so for
 * each directory above, from "/" on, but that those may be writable to others and sticky (/tmp).
 * With a `place`, what is above is looked at for its first line alone, as long as the path leads
 * to the same directory; NULL: always.  And its last line isn't read again while file and head are
 * as that left them: whoever changed it meanwhile is found by verify, not by this writer.
 * Waits at most 5 s for other writers.  The line as written, without the newline, is appended
 * to *ret_line when that isn't NULL.
 *
 * -1 with ERR_SYSTEM: it isn't in the file, or not whole, or the head couldn't
 * follow.  What that means is the caller's decision (policy: trail.required). No
 * message has the words of an errno, which engines remap. */
int trail_append(const char *path, const struct trail_entry *entry, unsigned options,
		 struct trail_place *place, struct str *ret_line, struct err *err)
	__attribute__((warn_unused_result));

/* The line to the system's log: one datagram to `socket` ("/dev/log"), RFC 3164,
 * authpriv.notice (a refusal: authpriv.warning).  Never waits: a log that is full
 * or absent is an error.  Comes after trail_append, so that what the log has, the file has,
 * too.  Daemons cut long lines (rsyslog at 8 KiB); seq and prev are in front. */
int trail_syslog(const char *socket, const struct trail_entry *entry, const char *line,
		 struct err *err) __attribute__((warn_unused_result));

#endif
