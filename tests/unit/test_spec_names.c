/* Names and numbers: against the kernel's and libcap's own, and the search for what was meant. */
#include "config.h"

#include "spec/table.h"
#include "tap.h"

#include <linux/capability.h>
#include <stdio.h>
#include <string.h>
#include <sys/capability.h>
#include <sys/resource.h>

static void capabilities(void)
{
	int known = 0;

	/* libcap as an independent source; what it doesn't know (older than the kernel) it prints as a number. */
	for (int i = 0; i <= CAP_LAST_CAP; i++) {
		char *theirs = cap_to_name((cap_value_t)i);
		const char *ours = spec_capability_name(i);

		ok(ours && theirs && strcasecmp(ours, theirs) == 0 && spec_capability_number(ours) == i,
		       "capability %d is %s", i, ours ? ours : "unknown");
		cap_free(theirs);
		known++;
	}
	ok(known == 41 && !spec_capability_name(CAP_LAST_CAP + 1), "41 capabilities and no more");
	ok(!spec_capability_name(-1) && !spec_capability_name(64), "numbers out of range have no name");
	ok(spec_capability_number("cap_Kill") == CAP_KILL && spec_capability_number("KILL") == CAP_KILL,
	       "case and the prefix are free");
	ok(spec_capability_number("CAP_CAP_KILL") == -1 && spec_capability_number("") == -1 &&
		       spec_capability_number("CAP_KILL ") == -1,
	       "nothing else is");
}

static void rlimits(void)
{
	int named = 0;

	for (int i = 0; i < (int)RLIM_NLIMITS; i++) {
		const char *name = spec_rlimit_name(i);

		ok(name && spec_rlimit_number(name) == i, "resource %d is %s", i, name ? name : "unknown");
		named++;
	}
	ok(named == 16 && !spec_rlimit_name(16) && !spec_rlimit_name(-1), "16 resources and no more");
	ok(spec_rlimit_number("NOFILE") == -1 && spec_rlimit_number("RLIMIT_nofile") == -1, "as written only");
}

static void namespaces(void)
{
	for (int i = 0; i < SPEC_NS_COUNT; i++) {
		const char *name = spec_ns_name((enum spec_ns)i);

		ok(name && spec_ns_number(name) == i, "namespace %d is %s", i, name ? name : "unknown");
	}
	ok(!spec_ns_name(SPEC_NS_COUNT) && spec_ns_number("net") == -1, "and no other");
	ok(spec_ns_number("network") == SPEC_NS_NETWORK && spec_ns_number("mount") == SPEC_NS_MOUNT, "by their number");
}

static void words(void)
{
	static const struct {
		enum spec_words set;
		size_t n;
		const char *first;
	} cases[] = {
		{ SPEC_WORDS_SECCOMP_ACTION, 9, "SCMP_ACT_KILL" },
		{ SPEC_WORDS_SECCOMP_OPERATOR, 7, "SCMP_CMP_NE" },
		{ SPEC_WORDS_SECCOMP_ARCH, 23, "SCMP_ARCH_X86" },
		{ SPEC_WORDS_SECCOMP_FLAG, 4, "SECCOMP_FILTER_FLAG_TSYNC" },
		{ SPEC_WORDS_MEMORY_MODE, 7, "MPOL_DEFAULT" },
		{ SPEC_WORDS_MEMORY_FLAG, 3, "MPOL_F_NUMA_BALANCING" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		size_t n = 0;

		while (spec_word(cases[i].set, n))
			n++;
		ok(n == cases[i].n && strcmp(spec_word(cases[i].set, 0), cases[i].first) == 0, "%zu words from %s", n,
		   cases[i].first);
	}
}

static void what_was_meant(void)
{
	static const char *const words[] = { "hostname", "domainname", "mounts", "root",
					     "a_name_that_is_longer_than_any_property_ever_was" };
	static const struct {
		const char *word, *near;
	} cases[] = {
		{ "hostnam", "hostname" },   { "HostName", "hostname" }, { "hotsname", "hostname" },
		{ "hostname2", "hostname" }, { "mount", "mounts" },	 { "xmounts", "mounts" },
		{ "roo", "root" },	     { "a_name_that_is_longer_than_any_propertyx", NULL },
		{ "host", "hostname" },	     { "roto", "root" },	 { "rt", NULL },
		{ "", NULL },		     { "linux", NULL },		 { "hostnnnname", NULL },
		{ "a_name_that_is_longer_than_any_property_ever_was", NULL },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char *near = names_closest(cases[i].word, words, ARRAY_LEN(words), sizeof(words[0]));

		ok(near == cases[i].near || (near && cases[i].near && strcmp(near, cases[i].near) == 0),
		       "'%s' means %s", cases[i].word, cases[i].near ? cases[i].near : "nothing known");
	}
}

int main(void)
{
	capabilities();
	rlimits();
	namespaces();
	words();
	what_was_meant();
	return tap_done();
}
