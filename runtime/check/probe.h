/* The readers: each fills facts and changes nothing.  What can't be read stays "not
 * seen", and a note says why; only a subject that isn't there at all is an error. */
#ifndef KANUKI_CHECK_PROBE_H
#define KANUKI_CHECK_PROBE_H

#include "base/mountinfo.h"
#include "check/facts.h"
#include "host/host.h"

#include <sys/stat.h>
#include <sys/types.h>

struct check_probe {
	struct arena *arena;
	struct str_list *notes;
};
int check_note(const struct check_probe *p, struct err *err, const char *fmt, ...)
	__attribute__((format(printf, 3, 4), warn_unused_result));

/* The running container whose process is `pid`; the host is pid 1's namespaces. */
int check_probe_container(const struct check_probe *p, pid_t pid, const struct host *host,
			  struct check_confinement *ret, struct err *err)
	__attribute__((warn_unused_result));
int check_probe_rootfs(const struct check_probe *p, const char *path, struct check_rootfs *ret,
		       struct err *err) __attribute__((warn_unused_result));
int check_probe_host(const struct check_probe *p, const struct host *host, struct check_host *ret,
		     struct err *err) __attribute__((warn_unused_result));

/* --- shared by them --- */
/* A text of /proc, /sys or /etc.  *ret is NULL when it isn't there (no note) or can't be read (a
 * note says why). */
int check_read(const struct check_probe *p, int dirfd, const char *path, char **ret,
	       struct err *err) __attribute__((warn_unused_result));
int check_read_number(const struct check_probe *p, const char *path, struct check_number *ret,
		      struct err *err) __attribute__((warn_unused_result));

/* Where the host shows what is mounted at `m`, or NULL. */
int check_host_path(const mountinfo_list *host, const struct mountinfo *m, struct arena *arena,
		    const char **ret, struct err *err) __attribute__((warn_unused_result));

/* A tree, entry by entry, without following a link or leaving its file system.  `path`
 * is from the tree's top ("/usr/bin/x"); dirfd and name open it. */
struct check_entry { int dirfd; const char *name, *path; struct stat st; };
typedef int check_visit(void *ctx, const struct check_entry *entry, struct err *err);
struct check_walk_result { bool complete; uint64_t entries, other_file_systems, unreadable; };
int check_walk(int top_fd, check_visit *visit, void *ctx, struct check_walk_result *ret,
	       struct err *err) __attribute__((warn_unused_result));

#endif
