/* The table of items.h as data, and the words for its enums. */
#include "config.h"

#include "check/check.h"
#include "check/items.h"

#include <stdio.h>
#include <string.h>

#include "base/banned.h"

#define AS_ITEM(judge_, id_, subjects_, title_, rules_, reqs_, cis_, nist_, pci_, means_, mend_) \
	{.id = (id_),                                                                            \
	 .subjects = (subjects_),                                                                \
	 .title = (title_),                                                                      \
	 .rules = (rules_),                                                                      \
	 .reqs = (reqs_),                                                                        \
	 .cis = (cis_),                                                                          \
	 .nist = (nist_),                                                                        \
	 .pci = (pci_),                                                                          \
	 .means = (means_),                                                                      \
	 .mend = (mend_),                                                                        \
	 .judge = (judge_)},

const struct check_item check_items[] = {CHECK_ITEMS(AS_ITEM)};
const size_t check_items_n = ARRAY_LEN(check_items);

const char *check_verdict_name(enum check_verdict verdict)
{
	static const char *const names[VERDICT_COUNT] = {
		[VERDICT_UNKNOWN] = "unknown",
		[VERDICT_VIOLATED] = "violated",
		[VERDICT_HELD] = "held",
		[VERDICT_NOT_APPLICABLE] = "not applicable",
	};
	return names[verdict];
}

const char *check_subject_name(enum check_subject subject)
{
	switch (subject) {
	case CHECK_BUNDLE:
		return "bundle";
	case CHECK_CONTAINER:
		return "container";
	case CHECK_ROOTFS:
		return "rootfs";
	case CHECK_HOST:
		return "host";
	case CHECK_POLICY:
		return "policy";
	}
	return "unknown";
}

const char *check_subject_names(unsigned subjects, char buf[64])
{
	static const enum check_subject all[] = {CHECK_BUNDLE, CHECK_CONTAINER, CHECK_ROOTFS,
						 CHECK_HOST, CHECK_POLICY};
	size_t len = 0;

	buf[0] = 0;
	for (size_t i = 0; i < ARRAY_LEN(all); i++)
		if (subjects & all[i])
			len += (size_t)snprintf(buf + len, 64 - len, "%s%s", len ? ", " : "",
						check_subject_name(all[i]));
	return buf;
}

const char *check_standard_name(enum check_standard standard)
{
	static const char *const names[STANDARD_COUNT] = {
		[STANDARD_REQUIREMENTS] = "Requirements of the mission",
		[STANDARD_CIS] = "CIS Docker Benchmark 1.6.0, sections 4 and 5",
		[STANDARD_NIST] = "NIST SP 800-190, section 4",
		[STANDARD_PCI] = "PCI DSS v4, what concerns a runtime",
	};
	return names[standard];
}

bool check_has_number(const char *numbers, const char *number)
{
	size_t len = strlen(number);

	for (const char *at = numbers; len && *at; at += strspn(at, " ")) {
		size_t word = strcspn(at, " ");
		if (word == len && memcmp(at, number, len) == 0)
			return true;
		at += word;
	}
	return false;
}
