/* /proc/PID/mountinfo (proc_pid_mountinfo(5)); pure.  The only reader of that form: what the child
 * verifies and what `kanuki check` reports is read alike. */
#ifndef KANUKI_BASE_MOUNTINFO_H
#define KANUKI_BASE_MOUNTINFO_H

#include "base/arena.h"
#include "base/err.h"
#include "base/list.h"

#include <stdbool.h>
#include <stdint.h>

struct mountinfo {
	uint32_t id, parent;
	uint32_t major, minor;
	const char *root;   /* within the file system, unescaped */
	const char *target; /* mount point, unescaped */
	const char *type;
	bool readonly, nosuid, nodev, noexec; /* of the mount */
	bool sb_readonly;		      /* of the file system */
	const char *sb_options;		      /* all of them as written, escapes too */
	uint32_t peer;			      /* the group it is shared in, or 0 */
};

/* Parses one line without its newline, in place: it is cut and unescaped, and *ret
 * points into it.  An escape is a backslash and three octal digits of a byte that is
 * not NUL; any other backslash stands for itself, as the kernel writes none.  False
 * when the line has not the documented form; *ret is then not to be used. */
bool mountinfo_parse(char *line, struct mountinfo *ret) __attribute__((warn_unused_result));

typedef LIST_OF(struct mountinfo) mountinfo_list;

/* A whole table, in place as well, appended to *ret in `arena`.  An error of `kind` names
 * the first line that has not the documented form. */
int mountinfo_parse_all(char *text, struct arena *arena, enum err_kind kind, mountinfo_list *ret,
			struct err *err) __attribute__((warn_unused_result));

#endif
