/* The hardening rules, one line each: the only list of H-ids.
 *
 * An id appears in the code that applies it, in error texts, in the printed
 * plan, in man/kanuki-policy.5 and in at least one test; tests/lint/rules.sh
 * keeps the five sets equal.  Columns: id, name, what it holds.
 */
#ifndef KANUKI_POLICY_RULES_H
#define KANUKI_POLICY_RULES_H

/* clang-format off */
#define POLICY_RULES(X) \
	X("H-01", "user",          "the process's user is not root (0 becomes 65532)") \
	X("H-02", "group",         "the process's group is not root (0 becomes 65532)") \
	X("H-03", "groups",        "supplementary groups are exact and never 0") \
	X("H-04", "capabilities",  "all five capability sets are empty") \
	X("H-05", "nnp",           "no_new_privs is on") \
	X("H-06", "securebits",    "securebits are set and locked: uid 0 would mean nothing") \
	X("H-07", "core",          "core dumps are off") \
	X("H-08", "keyring",       "an own, empty session keyring") \
	X("H-09", "environment",   "the environment is the bundle's, nothing of the caller's") \
	X("H-10", "namespaces",    "every namespace is the container's own or its pod's") \
	X("H-11", "host-ns",       "the host's namespaces are refused, compared by inode") \
	X("H-12", "userns-last",   "a user namespace entered last, owning nothing, without uid 0") \
	X("H-13", "userns-none",   "no user namespace can be made inside") \
	X("H-14", "memfd",         "memory files can't be executed (vm.memfd_noexec=2)") \
	X("H-15", "sysctl",        "only sysctls of the container's own namespaces") \
	X("H-16", "scheduling",    "signals, scheduling, umask, oom score and personality don't leak in") \
	X("H-17", "descriptors",   "only standard streams and what was asked to be kept") \
	X("H-18", "terminal",      "an own session; the caller's terminal is never controlling") \
	X("H-19", "own-binary",    "the runtime's program file can't be written from inside") \
	X("H-20", "read-only-root","the root file system is read-only") \
	X("H-21", "scratch",       "small tmpfs on /tmp, /var/tmp and /run where the image has them") \
	X("H-22", "noexec",        "every writable mount is noexec, nosuid and nodev") \
	X("H-23", "bind-flags",    "every bind mount is nosuid and nodev") \
	X("H-24", "write-xor-exec","nothing is both writable and executable, through any mount") \
	X("H-25", "host-mounts",   "dangerous host paths are not mounted") \
	X("H-26", "propagation",   "mounts don't propagate to the host; no_pivot is refused") \
	X("H-30", "masked",        "kernel paths that leak or upcall are masked") \
	X("H-31", "read-only",     "kernel settings are read-only") \
	X("H-32", "kernel-fs",     "/sys is read-only, /proc is the container's own") \
	X("H-40", "devices",       "the default devices only") \
	X("H-41", "device-filter", "all other devices are denied by the cgroup") \
	X("H-50", "seccomp",       "the default seccomp filter always, beneath the bundle's own") \
	X("H-51", "native-abi",    "system calls of the native ABI only") \
	X("H-60", "pids",          "the number of processes is limited") \
	X("H-61", "cgroup-view",   "cgroupfs is read-only and the container's own part") \
	X("H-70", "landlock",      "Landlock as a second lock on writing and executing") \
	X("H-71", "labels",        "a label asked for is applied exactly or the start refused") \
	X("H-80", "hooks",         "hooks run from absolute paths with their own environment only") \
	X("H-81", "annotations",   "annotations change nothing") \
	X("H-90", "read-back",     "confinement is read back and compared with the plan before exec")
/* clang-format on */

#endif
