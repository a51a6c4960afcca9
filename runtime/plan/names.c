/* Owns the tables from the plan's numbers to names.  Must not decide anything:
 * an unknown number is shown as a number. */
#include "config.h"

#include "plan/names.h"

#include <inttypes.h>
#include <linux/landlock.h>
#include <linux/mount.h>
#include <linux/seccomp.h>
#include <linux/securebits.h>
#include <sys/resource.h>

#include "base/banned.h"

/* Linux 6.2 and 6.10; the oldest supported headers end before. */
#ifndef LANDLOCK_ACCESS_FS_TRUNCATE
#define LANDLOCK_ACCESS_FS_TRUNCATE (1ULL << 14)
#endif
#ifndef LANDLOCK_ACCESS_FS_IOCTL_DEV
#define LANDLOCK_ACCESS_FS_IOCTL_DEV (1ULL << 15)
#endif

static const char *const cap_names[] = {
	"CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_DAC_READ_SEARCH", "CAP_FOWNER", "CAP_FSETID",
	"CAP_KILL", "CAP_SETGID", "CAP_SETUID", "CAP_SETPCAP", "CAP_LINUX_IMMUTABLE",
	"CAP_NET_BIND_SERVICE", "CAP_NET_BROADCAST", "CAP_NET_ADMIN", "CAP_NET_RAW", "CAP_IPC_LOCK",
	"CAP_IPC_OWNER", "CAP_SYS_MODULE", "CAP_SYS_RAWIO", "CAP_SYS_CHROOT", "CAP_SYS_PTRACE",
	"CAP_SYS_PACCT", "CAP_SYS_ADMIN", "CAP_SYS_BOOT", "CAP_SYS_NICE", "CAP_SYS_RESOURCE",
	"CAP_SYS_TIME", "CAP_SYS_TTY_CONFIG", "CAP_MKNOD", "CAP_LEASE", "CAP_AUDIT_WRITE",
	"CAP_AUDIT_CONTROL", "CAP_SETFCAP", "CAP_MAC_OVERRIDE", "CAP_MAC_ADMIN", "CAP_SYSLOG",
	"CAP_WAKE_ALARM", "CAP_BLOCK_SUSPEND", "CAP_AUDIT_READ", "CAP_PERFMON", "CAP_BPF",
	"CAP_CHECKPOINT_RESTORE",
};

const char *plan_cap_name(int number)
{
	if (number < 0 || (size_t)number >= ARRAY_LEN(cap_names))
		return NULL;
	return cap_names[number];
}

static const struct table_entry rlimit_names[] = {
	{"AS", RLIMIT_AS},	     {"CORE", RLIMIT_CORE},	  {"CPU", RLIMIT_CPU},
	{"DATA", RLIMIT_DATA},	     {"FSIZE", RLIMIT_FSIZE},	  {"LOCKS", RLIMIT_LOCKS},
	{"MEMLOCK", RLIMIT_MEMLOCK}, {"MSGQUEUE", RLIMIT_MSGQUEUE}, {"NICE", RLIMIT_NICE},
	{"NOFILE", RLIMIT_NOFILE},   {"NPROC", RLIMIT_NPROC},	  {"RSS", RLIMIT_RSS},
	{"RTPRIO", RLIMIT_RTPRIO},   {"RTTIME", RLIMIT_RTTIME},	  {"SIGPENDING", RLIMIT_SIGPENDING},
	{"STACK", RLIMIT_STACK},
};

const char *plan_rlimit_name(int resource)
{
	return table_name(rlimit_names, resource);
}

static const struct table_entry propagation_names[] = {
	{"private", MS_PRIVATE},
	{"slave", MS_SLAVE},
	{"shared", MS_SHARED},
	{"unbindable", MS_UNBINDABLE},
};

const char *plan_propagation_name(uint32_t flag)
{
	return table_name(propagation_names, flag);
}

/* sched(7); the policies' numbers are ABI. */
static const struct table_entry sched_names[] = {
	{"other", 0}, {"fifo", 1},     {"rr", 2},  {"batch", 3},
	{"idle", 5},  {"deadline", 6}, {"ext", 7},
};

const char *plan_sched_name(int policy)
{
	return table_name(sched_names, policy);
}

/* enum scmp_compare of libseccomp, which only act/filter.c includes. */
static const struct table_entry compare_names[] = {
	{"ne", 1}, {"lt", 2}, {"le", 3}, {"eq", 4}, {"ge", 5}, {"gt", 6}, {"masked-eq", 7},
};

const char *plan_compare_name(int op)
{
	return table_name(compare_names, op);
}

const char *plan_level_name(enum plan_level level)
{
	static const struct table_entry levels[] = {
		{"hardened", LEVEL_HARDENED},
		{"oci", LEVEL_OCI},
		{"personal-data", LEVEL_PERSONAL_DATA},
		{"card-payments", LEVEL_CARD_PAYMENTS},
	};
	return table_name(levels, level);
}

/* Joins the names of the bits that are set; what has no name follows as a number. */
static void add_bits(struct str *out, const struct table_entry *table, size_t n, uint64_t bits)
{
	const char *comma = "";
	if (bits == 0) {
		str_add(out, "none");
		return;
	}
	for (size_t i = 0; i < n; i++) {
		uint64_t bit = (uint64_t)table[i].value;
		if ((bits & bit) != bit)
			continue;
		str_add(out, comma);
		str_add(out, table[i].name);
		comma = ",";
		bits &= ~bit;
	}
	if (bits)
		str_addf(out, "%s0x%" PRIx64, comma, bits);
}

void plan_add_caps(struct str *out, uint64_t set)
{
	const char *comma = "";
	if (set == 0)
		str_add(out, "none");
	for (int i = 0; i < 64; i++) {
		if (!(set & (UINT64_C(1) << i)))
			continue;
		if (plan_cap_name(i))
			str_addf(out, "%s%s", comma, plan_cap_name(i));
		else
			str_addf(out, "%sCAP_%d", comma, i);
		comma = ",";
	}
}

static const struct table_entry securebit_names[] = {
	{"noroot", SECBIT_NOROOT},
	{"noroot-locked", SECBIT_NOROOT_LOCKED},
	{"no-setuid-fixup", SECBIT_NO_SETUID_FIXUP},
	{"no-setuid-fixup-locked", SECBIT_NO_SETUID_FIXUP_LOCKED},
	{"keep-caps", SECBIT_KEEP_CAPS},
	{"keep-caps-locked", SECBIT_KEEP_CAPS_LOCKED},
	{"no-cap-ambient-raise", SECBIT_NO_CAP_AMBIENT_RAISE},
	{"no-cap-ambient-raise-locked", SECBIT_NO_CAP_AMBIENT_RAISE_LOCKED},
};

void plan_add_securebits(struct str *out, uint32_t bits)
{
	add_bits(out, securebit_names, ARRAY_LEN(securebit_names), bits);
}

static const struct table_entry filter_flag_names[] = {
	{"tsync", SECCOMP_FILTER_FLAG_TSYNC},
	{"log", SECCOMP_FILTER_FLAG_LOG},
	{"spec-allow", SECCOMP_FILTER_FLAG_SPEC_ALLOW},
	{"new-listener", SECCOMP_FILTER_FLAG_NEW_LISTENER},
	{"tsync-esrch", SECCOMP_FILTER_FLAG_TSYNC_ESRCH},
	{"wait-killable-recv", 1 << 5}, /* Linux 5.19 */
};

void plan_add_filter_flags(struct str *out, uint32_t flags)
{
	add_bits(out, filter_flag_names, ARRAY_LEN(filter_flag_names), flags);
}

static const struct table_entry landlock_names[] = {
	{"execute", LANDLOCK_ACCESS_FS_EXECUTE},
	{"write-file", LANDLOCK_ACCESS_FS_WRITE_FILE},
	{"read-file", LANDLOCK_ACCESS_FS_READ_FILE},
	{"read-dir", LANDLOCK_ACCESS_FS_READ_DIR},
	{"remove-dir", LANDLOCK_ACCESS_FS_REMOVE_DIR},
	{"remove-file", LANDLOCK_ACCESS_FS_REMOVE_FILE},
	{"make-char", LANDLOCK_ACCESS_FS_MAKE_CHAR},
	{"make-dir", LANDLOCK_ACCESS_FS_MAKE_DIR},
	{"make-reg", LANDLOCK_ACCESS_FS_MAKE_REG},
	{"make-sock", LANDLOCK_ACCESS_FS_MAKE_SOCK},
	{"make-fifo", LANDLOCK_ACCESS_FS_MAKE_FIFO},
	{"make-block", LANDLOCK_ACCESS_FS_MAKE_BLOCK},
	{"make-sym", LANDLOCK_ACCESS_FS_MAKE_SYM},
	{"refer", LANDLOCK_ACCESS_FS_REFER},
	{"truncate", LANDLOCK_ACCESS_FS_TRUNCATE},
	{"ioctl-dev", LANDLOCK_ACCESS_FS_IOCTL_DEV},
};

void plan_add_landlock_rights(struct str *out, uint64_t rights)
{
	add_bits(out, landlock_names, ARRAY_LEN(landlock_names), rights);
}

static const struct table_entry sched_flag_names[] = {
	{"reset-on-fork", 0x01},  {"reclaim", 0x02},     {"dl-overrun", 0x04},
	{"keep-policy", 0x08},    {"keep-params", 0x10}, {"util-clamp-min", 0x20},
	{"util-clamp-max", 0x40},
};

void plan_add_sched_flags(struct str *out, uint64_t flags)
{
	add_bits(out, sched_flag_names, ARRAY_LEN(sched_flag_names), flags);
}

static const struct table_entry attr_names[] = {
	{"ro", MOUNT_ATTR_RDONLY},
	{"nosuid", MOUNT_ATTR_NOSUID},
	{"nodev", MOUNT_ATTR_NODEV},
	{"noexec", MOUNT_ATTR_NOEXEC},
	/* two bits of one field: the order keeps strictatime|noatime from being misread */
	{"noatime", MOUNT_ATTR_NOATIME},
	{"strictatime", MOUNT_ATTR_STRICTATIME},
	{"nodiratime", MOUNT_ATTR_NODIRATIME},
	{"nosymfollow", MOUNT_ATTR_NOSYMFOLLOW},
};

/* Clearing the whole atime field is how mount_setattr(2) asks for relatime. */
static const struct table_entry attr_clear_names[] = {
	{"rw", MOUNT_ATTR_RDONLY},	  {"suid", MOUNT_ATTR_NOSUID},
	{"dev", MOUNT_ATTR_NODEV},	  {"exec", MOUNT_ATTR_NOEXEC},
	{"relatime", MOUNT_ATTR__ATIME},  {"diratime", MOUNT_ATTR_NODIRATIME},
	{"symfollow", MOUNT_ATTR_NOSYMFOLLOW},
};

void plan_add_mount_attrs(struct str *out, uint64_t attrs, bool clear)
{
	if (clear)
		add_bits(out, attr_clear_names, ARRAY_LEN(attr_clear_names), attrs);
	else
		add_bits(out, attr_names, ARRAY_LEN(attr_names), attrs);
}

void plan_add_filter_action(struct str *out, uint32_t action)
{
	uint32_t data = action & SECCOMP_RET_DATA;
	switch (action & SECCOMP_RET_ACTION_FULL) {
	case SECCOMP_RET_KILL_PROCESS:
		str_add(out, "kill-process");
		break;
	case SECCOMP_RET_KILL_THREAD:
		str_add(out, "kill-thread");
		break;
	case SECCOMP_RET_TRAP:
		str_add(out, "trap");
		break;
	case SECCOMP_RET_ERRNO:
		str_addf(out, "errno(%u)", data);
		break;
	case SECCOMP_RET_USER_NOTIF:
		str_add(out, "notify");
		break;
	case SECCOMP_RET_TRACE:
		str_addf(out, "trace(%u)", data);
		break;
	case SECCOMP_RET_LOG:
		str_add(out, "log");
		break;
	case SECCOMP_RET_ALLOW:
		str_add(out, "allow");
		break;
	default:
		str_addf(out, "0x%08x", action);
	}
}
