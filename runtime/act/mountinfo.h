/* One line of /proc/PID/mountinfo (proc_pid_mountinfo(5)); pure. */
#ifndef KANUKI_ACT_MOUNTINFO_H
#define KANUKI_ACT_MOUNTINFO_H

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
	bool shared;
};

/* Parses one line in place (it is cut and unescaped).  False when it has not the
 * documented form. */
bool mountinfo_parse(char *line, struct mountinfo *ret) __attribute__((warn_unused_result));

#endif
