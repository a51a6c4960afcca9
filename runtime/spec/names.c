/* Names and the numbers they stand for: capabilities, resource limits, namespace types, and the
 * search for the name that was probably meant.
 *
 * Our own tables rather than libcap's: parsing stays pure and doesn't depend on what the running
 * kernel knows.
 */
#include "config.h"

#include "spec/table.h"

#include <string.h>
#include <strings.h>
#include <sys/resource.h>

#include "base/banned.h"

/* capabilities(7), by number. */
static const char *const capability_names[] = {
	"CAP_CHOWN",
	"CAP_DAC_OVERRIDE",
	"CAP_DAC_READ_SEARCH",
	"CAP_FOWNER",
	"CAP_FSETID",
	"CAP_KILL",
	"CAP_SETGID",
	"CAP_SETUID",
	"CAP_SETPCAP",
	"CAP_LINUX_IMMUTABLE",
	"CAP_NET_BIND_SERVICE",
	"CAP_NET_BROADCAST",
	"CAP_NET_ADMIN",
	"CAP_NET_RAW",
	"CAP_IPC_LOCK",
	"CAP_IPC_OWNER",
	"CAP_SYS_MODULE",
	"CAP_SYS_RAWIO",
	"CAP_SYS_CHROOT",
	"CAP_SYS_PTRACE",
	"CAP_SYS_PACCT",
	"CAP_SYS_ADMIN",
	"CAP_SYS_BOOT",
	"CAP_SYS_NICE",
	"CAP_SYS_RESOURCE",
	"CAP_SYS_TIME",
	"CAP_SYS_TTY_CONFIG",
	"CAP_MKNOD",
	"CAP_LEASE",
	"CAP_AUDIT_WRITE",
	"CAP_AUDIT_CONTROL",
	"CAP_SETFCAP",
	"CAP_MAC_OVERRIDE",
	"CAP_MAC_ADMIN",
	"CAP_SYSLOG",
	"CAP_WAKE_ALARM",
	"CAP_BLOCK_SUSPEND",
	"CAP_AUDIT_READ",
	"CAP_PERFMON",
	"CAP_BPF",
	"CAP_CHECKPOINT_RESTORE",
};

int spec_capability_number(const char *name)
{
	if (strncasecmp(name, "CAP_", 4) == 0)
		name += 4;
	for (size_t i = 0; i < ARRAY_LEN(capability_names); i++)
		if (strcasecmp(name, capability_names[i] + 4) == 0)
			return (int)i;
	return -1;
}

const char *spec_capability_name(int number)
{
	if (number < 0 || (size_t)number >= ARRAY_LEN(capability_names))
		return NULL;
	return capability_names[number];
}

static const struct table_entry rlimit_items[] = {
	{"RLIMIT_AS", RLIMIT_AS},
	{"RLIMIT_CORE", RLIMIT_CORE},
	{"RLIMIT_CPU", RLIMIT_CPU},
	{"RLIMIT_DATA", RLIMIT_DATA},
	{"RLIMIT_FSIZE", RLIMIT_FSIZE},
	{"RLIMIT_LOCKS", RLIMIT_LOCKS},
	{"RLIMIT_MEMLOCK", RLIMIT_MEMLOCK},
	{"RLIMIT_MSGQUEUE", RLIMIT_MSGQUEUE},
	{"RLIMIT_NICE", RLIMIT_NICE},
	{"RLIMIT_NOFILE", RLIMIT_NOFILE},
	{"RLIMIT_NPROC", RLIMIT_NPROC},
	{"RLIMIT_RSS", RLIMIT_RSS},
	{"RLIMIT_RTPRIO", RLIMIT_RTPRIO},
	{"RLIMIT_RTTIME", RLIMIT_RTTIME},
	{"RLIMIT_SIGPENDING", RLIMIT_SIGPENDING},
	{"RLIMIT_STACK", RLIMIT_STACK},
};
NAME_SET(rlimit_names, rlimit_items, "a resource limit");

static const struct table_entry namespace_items[] = {
	{"user", SPEC_NS_USER},       {"mount", SPEC_NS_MOUNT}, {"pid", SPEC_NS_PID},
	{"network", SPEC_NS_NETWORK}, {"ipc", SPEC_NS_IPC},     {"uts", SPEC_NS_UTS},
	{"cgroup", SPEC_NS_CGROUP},   {"time", SPEC_NS_TIME},
};
NAME_SET(namespace_names, namespace_items, "a namespace type");

static int number_of(const struct name_set *set, const char *s)
{
	int64_t value;

	return table_value_n(set->items, set->n, s, &value) ? (int)value : -1;
}

int spec_rlimit_number(const char *name)
{
	return number_of(&rlimit_names, name);
}

const char *spec_rlimit_name(int resource)
{
	return table_name(rlimit_items, resource);
}

int spec_ns_number(const char *name)
{
	return number_of(&namespace_names, name);
}

const char *spec_ns_name(enum spec_ns ns)
{
	return table_name(namespace_items, (int64_t)ns);
}

const struct table_entry *names_find(const struct name_set *set, const char *name)
{
	for (size_t i = 0; i < set->n; i++)
		if (strcmp(set->items[i].name, name) == 0)
			return &set->items[i];
	return NULL;
}

const char *spec_word(enum spec_words set, size_t i)
{
	static const struct name_set *const sets[] = {
		[SPEC_WORDS_SECCOMP_ACTION] = &seccomp_action_names,
		[SPEC_WORDS_SECCOMP_OPERATOR] = &seccomp_operator_names,
		[SPEC_WORDS_SECCOMP_ARCH] = &seccomp_arch_names,
		[SPEC_WORDS_SECCOMP_FLAG] = &seccomp_flag_names,
		[SPEC_WORDS_MEMORY_MODE] = &memory_mode_names,
		[SPEC_WORDS_MEMORY_FLAG] = &memory_flag_names,
	};

	return i < sets[set]->n ? sets[set]->items[i].name : NULL;
}

/* --- what was meant --- */

#define WORD_MAX 40

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

/* Edits (insert, remove, replace; case is free) from a to b, both at most WORD_MAX long. */
static unsigned distance(const char *a, size_t a_len, const char *b, size_t b_len)
{
	unsigned row[WORD_MAX + 1];

	for (size_t j = 0; j <= b_len; j++)
		row[j] = (unsigned)j;
	for (size_t i = 1; i <= a_len; i++) {
		unsigned diagonal = row[0];

		row[0] = (unsigned)i;
		for (size_t j = 1; j <= b_len; j++) {
			unsigned best = diagonal + (lower(a[i - 1]) != lower(b[j - 1]));

			if (row[j] + 1 < best)
				best = row[j] + 1;
			if (row[j - 1] + 1 < best)
				best = row[j - 1] + 1;
			diagonal = row[j];
			row[j] = best;
		}
	}
	return row[b_len];
}

/* How far a name is from a word: 0 but for case, 1 when the word is its beginning ("net"), else one
 * more than the edits; FAR and beyond is something else. */
#define FAR 4

static unsigned farness(const char *word, size_t len, const char *name)
{
	size_t name_len = strlen(name);

	if (name_len > WORD_MAX)
		return FAR;
	if (strncasecmp(word, name, len) == 0)
		return name_len == len ? 0 : 1;
	return distance(word, len, name, name_len) + 1;
}

const char *names_closest(const char *word, const void *first, size_t n, size_t stride)
{
	size_t len = strnlen(word, WORD_MAX + 1);
	const char *best = NULL;
	unsigned least = FAR;

	/* Two edits turn any two letters into any other two: nothing can be said of those. */
	if (len < 3 || len > WORD_MAX)
		return NULL;
	for (size_t i = 0; i < n; i++) {
		const char *name = *(const char *const *)((const char *)first + i * stride);
		unsigned far = farness(word, len, name);

		if (far < least) {
			least = far;
			best = name;
		}
	}
	return best;
}
