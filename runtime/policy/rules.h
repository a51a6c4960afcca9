/* The hardening rules, one line each: the only list of H-ids.
 *
 * An id appears in the code that applies it, in the printed plan, in kanuki-policy(5), in a
 * unit or golden test and in a bats suite: tests/lint/rules.sh and plan_rules.sh hold them to
 * this list.  What a rule refuses (ERR_POLICY) begins with its id.  Columns: id, name, what it
 * holds, requirements of the mission served (R-nn and C-nn, kanuki-policy(5)), the keys of a
 * policy that change it ("allow.x" is that of an exception; "level": only another level does).
 */
#ifndef KANUKI_POLICY_RULES_H
#define KANUKI_POLICY_RULES_H

#include "base/err.h"
#include "plan/plan.h"

/* clang-format off */
#define POLICY_RULES(X) \
	X("H-01", "user",              "the process's user is not root (0 becomes 65532)",                                "C-05 R-05 R-11",  "root.request, allow.rootUser") \
	X("H-02", "group",             "the process's group is not root (0 becomes 65532)",                               "R-11",            "root.request, allow.rootGroup") \
	X("H-03", "groups",            "supplementary groups are exact and never 0",                                      "R-11",            "allow.rootGroup") \
	X("H-04", "capabilities",      "all five capability sets are empty",                                              "C-03 R-12",       "allow.capabilities") \
	X("H-05", "nnp",               "no_new_privs is on",                                                              "R-12",            "level") \
	X("H-06", "securebits",        "securebits are set and locked: uid 0 would mean nothing",                         "R-12",            "level") \
	X("H-07", "core",              "core dumps are off",                                                              "R-18",            "level") \
	X("H-08", "keyring",           "an own, empty session keyring",                                                   "R-15",            "level") \
	X("H-09", "environment",       "the environment is the bundle's, nothing of the caller's",                        "R-15",            "level") \
	X("H-10", "namespaces",        "every namespace is the container's own or its pod's",                             "R-06 R-07 R-08 R-09", "level") \
	X("H-11", "host-ns",           "the host's namespaces are refused, compared by inode",                            "R-06 R-07 R-08 R-09", "level") \
	X("H-12", "userns-last",       "a user namespace entered last, owning nothing, without uid 0",                    "R-09 R-05",       "level") \
	X("H-13", "userns-none",       "no user namespace can be made inside",                                            "R-05",            "level") \
	X("H-14", "memfd",             "memory files can't be executed (vm.memfd_noexec=2)",                              "R-20",            "level") \
	X("H-15", "sysctl",            "only sysctls of the container's own namespaces, and of the policy's list",        "R-10",            "sysctls.allow") \
	X("H-16", "scheduling",        "signals, scheduling, umask, oom score and personality don't leak in",             "R-12",            "level") \
	X("H-17", "descriptors",       "only standard streams and what was asked to be kept",                             "R-10",            "level") \
	X("H-18", "terminal",          "an own session; the caller's terminal is never controlling",                      "R-12",            "level") \
	X("H-19", "own-binary",        "the runtime's program file can't be written from inside",                         "R-17",            "level") \
	X("H-20", "read-only-root",    "the root file system is read-only",                                               "C-04 R-17",       "allow.writable") \
	X("H-21", "scratch",           "small tmpfs on /tmp, /var/tmp and /run where the image has them",                 "R-18 R-29",       "level") \
	X("H-22", "noexec",            "every writable mount is noexec, nosuid and nodev",                                "C-06 R-18",       "allow.exec") \
	X("H-23", "bind-flags",        "every bind mount is nosuid and nodev",                                            "R-10",            "level") \
	X("H-24", "write-xor-exec",    "nothing is both writable and executable, through any mount",                      "R-20",            "allow.exec") \
	X("H-25", "host-mounts",       "dangerous host paths are not mounted",                                            "R-10 R-12",       "mounts.allow, allow.mounts") \
	X("H-26", "propagation",       "mounts don't propagate to the host; no_pivot is refused",                         "R-10",            "level") \
	X("H-27", "encrypted-volumes", "what the container writes to the host lies on encrypted volumes",                 "R-27",            "mounts.encryptedVolumes") \
	X("H-30", "masked",            "kernel paths that leak or upcall are masked",                                     "R-12",            "level") \
	X("H-31", "read-only",         "kernel settings are read-only",                                                   "R-12",            "level") \
	X("H-32", "kernel-fs",         "/sys is read-only, /proc is the container's own",                                 "R-12",            "level") \
	X("H-40", "devices",           "the default devices only",                                                        "R-12",            "level") \
	X("H-41", "device-filter",     "all other devices are denied by the cgroup",                                      "R-12",            "level") \
	X("H-50", "seccomp",           "the default seccomp filter always, beneath the bundle's own",                     "C-07 R-19",       "seccomp, allow.syscalls") \
	X("H-51", "native-abi",        "system calls of the native ABI only",                                             "R-19",            "level") \
	X("H-60", "pids",              "the number of processes is limited",                                              "R-12",            "limits.pids, allow.pids") \
	X("H-61", "cgroup-view",       "cgroupfs is read-only and the container's own part",                              "R-10",            "level") \
	X("H-62", "memory",            "memory is limited",                                                               "R-12",            "limits.memory, allow.memory") \
	X("H-63", "open-files",        "the number of open files is limited",                                             "R-12",            "limits.openFiles") \
	X("H-70", "landlock",          "Landlock as a second lock on writing and executing",                              "R-19 R-20",       "landlock.minimumAbi") \
	X("H-71", "labels",            "a label asked for is applied exactly or the start refused",                       "R-12",            "level") \
	X("H-72", "ports",             "TCP ports that may be bound and connected to are listed",                         "R-21 R-22",       "ports.bind, ports.connect, allow.ports") \
	X("H-73", "commands",          "commands that may, or may not, be executed are listed",                           "R-14 R-19",       "commands.allow, commands.deny") \
	X("H-80", "hooks",             "hooks run from absolute paths with their own environment only",                   "R-10",            "level") \
	X("H-81", "annotations",       "annotations change nothing",                                                      "R-03",            "level") \
	X("H-82", "super-daemons",     "no super daemon is the process, or is executed by it",                            "R-13",            "superDaemons") \
	X("H-83", "privileged",        "a privileged container is refused as one",                                        "R-12",            "level") \
	X("H-84", "exceptions",        "an exception is for one image, owned, argued and ends",                           "R-26 R-29",       "exceptions") \
	X("H-85", "scanned-image",     "the scan gate lets the image in, before anything is made",                        "R-01 R-02 R-03 R-04 R-16 C-08", "gate.mode, gate.program") \
	X("H-90", "read-back",         "confinement is read back and compared with the plan before exec",                 "R-12",            "level")
/* clang-format on */

struct policy_rule { const char *id, *name, *holds, *serves, *key; };

/* The row of a rule; NULL for an id that is none. */
const struct policy_rule *policy_rule_find(const char *id);
/* What changes this refusal by the rule: its keys, or the words that say that none does. */
const char *policy_rule_changed_by(const struct policy_rule *rule, const struct err *refusal);
/* " [changed by: ...; serves: ...]": of a refusal by the rule; NULL: of the rule itself. */
#define POLICY_NOTE_SIZE 256
const char *policy_rule_note(const struct policy_rule *rule, const struct err *refusal,
			     char buf[POLICY_NOTE_SIZE]);

/* The rules that made the plan, each once, as "# ID NAME: CLAUSE [changed by: KEYS; serves: IDS]":
 * first those that changed something, then the others: "unchanged: " and what they found to
 * be so, or "nothing to do: " and why.  Of level oci none. */
void policy_print_rules(const struct plan *plan, struct str *out);

#endif
