/* The built-in seccomp profiles as BPF, compiled from default.json and strict.json when kanuki was
 * built.
 *
 * Ready for seccomp(2) as they are. The arrays are made for one architecture;
 * they kill a process that calls through any other (x32 and i386 included).
 */
#ifndef KANUKI_PROFILES_EMBEDDED_H
#define KANUKI_PROFILES_EMBEDDED_H

#include <linux/filter.h>
#include <stdint.h>

extern const struct sock_filter embedded_default[];
extern const unsigned short embedded_default_len;

extern const struct sock_filter embedded_strict[]; /* what it allows, embedded_default allows */
extern const unsigned short embedded_strict_len;

#define EMBEDDED_N_NEWER 9
/* The number of a call that is younger than libseccomp 2.5.4; -1: not on this
 * architecture (AUDIT_ARCH_*), -2: unknown here, too.  newer.c */
int embedded_newer_call(uint32_t arch, const char *name);

#endif
