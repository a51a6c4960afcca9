/* What this program takes from the kernel's headers, and what those lack.
 *
 * Debian 12 ships the headers of Linux 6.1; kernels we run on are newer.  Each
 * constant defined here names the version that introduced it, so that it may go
 * when the oldest supported headers have it.  Order matters: glibc's wrappers
 * of kernel headers come first because they sort out the double definitions.
 */
#ifndef KANUKI_SYS_KERNEL_H
#define KANUKI_SYS_KERNEL_H

#include <fcntl.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include <linux/capability.h>
#include <linux/ioprio.h>
#include <linux/keyctl.h>
#include <linux/landlock.h>
#include <linux/magic.h>
#include <linux/mempolicy.h>
#include <linux/mount.h>
#include <linux/nsfs.h>
#include <linux/openat2.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <linux/securebits.h>
#include <linux/types.h>

/* Before Linux 6.7 the next header defines struct sched_param too, which
 * <sched.h> has already done. */
#define sched_param kanuki_unused_sched_param
#include <linux/sched/types.h>
#undef sched_param

/* memfd_create(2), fcntl(2): Linux 6.3 */
#ifndef MFD_NOEXEC_SEAL
#define MFD_NOEXEC_SEAL 0x0008U
#endif
#ifndef MFD_EXEC
#define MFD_EXEC 0x0010U
#endif
#ifndef F_SEAL_EXEC
#define F_SEAL_EXEC 0x0020
#endif

/* prctl(2): memory-deny-write-execute, Linux 6.3; NO_INHERIT 6.6 */
#ifndef PR_SET_MDWE
#define PR_SET_MDWE		 65
#define PR_MDWE_REFUSE_EXEC_GAIN (1UL << 0)
#define PR_GET_MDWE		 66
#endif
#ifndef PR_MDWE_NO_INHERIT
#define PR_MDWE_NO_INHERIT (1UL << 1)
#endif

/* move_mount(2): Linux 6.5 */
#ifndef MOVE_MOUNT_BENEATH
#define MOVE_MOUNT_BENEATH 0x00000200
#endif
/* fsconfig(2): Linux 6.6.  An enumerator there, hence a name of our own. */
#define KERNEL_FSCONFIG_CMD_CREATE_EXCL 8

/* statx(2): Linux 6.8 */
#ifndef STATX_MNT_ID_UNIQUE
#define STATX_MNT_ID_UNIQUE 0x00004000U
#endif

/* listmount(2): Linux 6.8, one number on all architectures we build for */
#ifndef SYS_listmount
#define SYS_listmount 458
#endif
/* Its first version: what all kernels that have the call take. */
struct kernel_mnt_id_req {
	__u32 size;
	__u32 spare;
	__u64 mnt_id;
	__u64 param; /* the last one listed: 0 to begin */
};

/* pidfd_open(2): Linux 6.9 */
#ifndef PIDFD_THREAD
#define PIDFD_THREAD O_EXCL
#endif
/* set_mempolicy(2): Linux 6.9; an enumerator in the header */
#define KERNEL_MPOL_WEIGHTED_INTERLEAVE 6

/* sched_setattr(2): Linux 6.12 */
#ifndef SCHED_EXT
#define SCHED_EXT 7
#endif
/* In the kernel's <linux/sched.h>, but hidden by glibc's <sched.h> before 2.41 */
#ifndef SCHED_DEADLINE
#define SCHED_DEADLINE 6
#endif

/* execveat(2): Linux 6.14 */
#ifndef AT_EXECVE_CHECK
#define AT_EXECVE_CHECK 0x10000
#endif
/* capabilities(7): Linux 6.14 */
#ifndef SECBIT_EXEC_RESTRICT_FILE
#define SECBIT_EXEC_RESTRICT_FILE	    (1 << 8)
#define SECBIT_EXEC_RESTRICT_FILE_LOCKED    (1 << 9)
#define SECBIT_EXEC_DENY_INTERACTIVE	    (1 << 10)
#define SECBIT_EXEC_DENY_INTERACTIVE_LOCKED (1 << 11)
#endif

/* Landlock by ABI.  3: Linux 6.2; 4: 6.7; 5: 6.10; 6: 6.12; 7: 6.15 */
#ifndef LANDLOCK_ACCESS_FS_TRUNCATE
#define LANDLOCK_ACCESS_FS_TRUNCATE (1ULL << 14)
#endif
#ifndef LANDLOCK_ACCESS_NET_BIND_TCP
#define LANDLOCK_ACCESS_NET_BIND_TCP	(1ULL << 0)
#define LANDLOCK_ACCESS_NET_CONNECT_TCP (1ULL << 1)
#endif
#ifndef LANDLOCK_ACCESS_FS_IOCTL_DEV
#define LANDLOCK_ACCESS_FS_IOCTL_DEV (1ULL << 15)
#endif
#ifndef LANDLOCK_SCOPE_ABSTRACT_UNIX_SOCKET
#define LANDLOCK_SCOPE_ABSTRACT_UNIX_SOCKET (1ULL << 0)
#define LANDLOCK_SCOPE_SIGNAL		    (1ULL << 1)
#endif
#ifndef LANDLOCK_RESTRICT_SELF_LOG_SAME_EXEC_OFF
#define LANDLOCK_RESTRICT_SELF_LOG_SAME_EXEC_OFF  (1U << 0)
#define LANDLOCK_RESTRICT_SELF_LOG_NEW_EXEC_ON	  (1U << 1)
#define LANDLOCK_RESTRICT_SELF_LOG_SUBDOMAINS_OFF (1U << 2)
#endif
/* Enumerator in the header since Linux 6.7 */
#define KERNEL_LANDLOCK_RULE_NET_PORT 2

/* The attribute as of ABI 6.  The kernel takes a shorter or longer one, and
 * refuses (E2BIG) only non-zero bytes that it doesn't know. */
struct kernel_landlock_ruleset_attr {
	__u64 handled_access_fs;
	__u64 handled_access_net;
	__u64 scoped;
};

struct kernel_landlock_net_port_attr {
	__u64 allowed_access;
	__u64 port; /* host byte order */
};

#endif
