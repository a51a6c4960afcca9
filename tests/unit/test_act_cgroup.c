/* "key value" lines of cgroup files. */
#include "config.h"

#include "act/cgroup.h"
#include "act/cgroup_files.h"

#include "tap.h"

int main(void)
{
	static const struct {
		const char *text, *key;
		bool found;
		uint64_t want;
	} cases[] = {
		{"populated 1\nfrozen 0\n", "populated", true, 1},
		{"populated 1\nfrozen 0\n", "frozen", true, 0},
		{"populated 1\nfrozen 1", "frozen", true, 1},
		{"max 18446744073709551615\n", "max", true, UINT64_MAX},
		{"max 18446744073709551616\n", "max", false, 0},
		{"max max\n", "max", false, 0},
		{"max 99999999999999999999999999999999\n", "max", false, 0},
		{"anon 5\nanon_thp 6\n", "anon", true, 5},
		{"anon_thp 6\nanon 5\n", "anon", true, 5},
		{"anon_thp 6\n", "anon", false, 0},
		{"xanon 6\n", "anon", false, 0},
		{"file anon 6\n", "anon", false, 0},
		{"anon\n", "anon", false, 0},
		{"anon \n", "anon", false, 0},
		{"anon  6\n", "anon", false, 0},
		{"anon -6\n", "anon", false, 0},
		{"anon 6 7\n", "anon", false, 0},
		{"anon\t6\n", "anon", false, 0},
		{"anon 6\nanon 7\n", "anon", true, 6},
		{"\n\n\nanon 6", "anon", true, 6},
		{"", "anon", false, 0},
		{"\n", "anon", false, 0},
		{"anon", "anon", false, 0},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		uint64_t value = 0;
		bool found = cgroup_text_value(cases[i].text, cases[i].key, &value);

		ok(found == cases[i].found && (!found || value == cases[i].want), "'%s' in '%s'", cases[i].key, cases[i].text);
	}
	return tap_done();
}
