/* Programs that start and mind others (H-82, R-13): by what they are called and where
 * they usually are.  The only list; pure.  Small inits that run one program and reap
 * (tini, dumb-init, catatonit, podman-init, docker-init) are none. */
#ifndef KANUKI_POLICY_SUPER_DAEMONS_H
#define KANUKI_POLICY_SUPER_DAEMONS_H

#include "base/list.h"

#include <stdbool.h>
#include <stddef.h>

extern const char *const super_daemon_names[];
extern const size_t super_daemon_names_n;
/* Directories; "/" is for the /init of s6-overlay and of initramfs images. */
extern const char *const super_daemon_places[];
extern const size_t super_daemon_places_n;

/* `name` is a file's own, without its directory. */
bool is_super_daemon(const char *name);
/* Whether a process with these arguments is one, and by which of them: args[0], or the
 * applet that "busybox" and "toybox" are given. */
bool has_super_daemon(const struct str_list *args, size_t *ret_index);

#endif
