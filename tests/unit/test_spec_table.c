/* The table machinery: what it walks, what it says of long and odd values, and that it survives every lack of memory. */
#include "config.h"

#include "spec/table.h"
#include "spec_case.h"

struct tally {
	size_t handled, not_linux, other, doubled, n_refused;
	char refused[16][96];
	char paths[400][96];
	size_t n;
};

static void count(const char *path, const char *treatment, void *arg)
{
	struct tally *tally = arg;

	if (strcmp(treatment, "handled") == 0)
		tally->handled++;
	else if (strcmp(treatment, "not linux") == 0)
		tally->not_linux++;
	else if (strcmp(treatment, "refused: no counterpart in cgroup v2") == 0)
		snprintf(tally->refused[tally->n_refused++ % 16], sizeof(tally->refused[0]), "%s", path);
	else
		tally->other++;
	for (size_t i = 0; i < tally->n; i++)
		if (strcmp(tally->paths[i], path) == 0)
			tally->doubled++;
	if (tally->n < ARRAY_LEN(tally->paths))
		snprintf(tally->paths[tally->n++], sizeof(tally->paths[0]), "%s", path);
}

static bool walked(const struct tally *tally, const char *path)
{
	for (size_t i = 0; i < tally->n; i++)
		if (strcmp(tally->paths[i], path) == 0)
			return true;
	return false;
}

static void walk(void)
{
	/* each is asked for, and refused, in test_policy_resources.c */
	static const char *const refused[] = {
		"memory.kernel", "memory.kernelTCP", "memory.swappiness", "memory.disableOOMKiller", "cpu.realtimeRuntime", "cpu.realtimePeriod",
		"blockIO.leafWeight", "blockIO.weightDevice[].leafWeight", "network.classID", "network.priorities",
		"network.priorities[].name", "network.priorities[].priority",
	};
	static struct tally tally;

	spec_each_property(count, &tally);
	ok(tally.n == 228, "228 properties (%zu)", tally.n);
	ok(tally.not_linux == 7 && tally.n_refused == ARRAY_LEN(refused) && tally.other == 1 && tally.handled == 208,
	       "208 handled, 7 of other systems, 12 without a counterpart, 1 without a value (%zu, %zu, %zu, %zu)", tally.handled,
	       tally.not_linux, tally.n_refused, tally.other);
	for (size_t i = 0; i < ARRAY_LEN(refused); i++)
		ok(strncmp(tally.refused[i], "linux.resources.", 16) == 0 && strcmp(tally.refused[i] + 16, refused[i]) == 0,
		   "%s is always refused", refused[i]);
	ok(tally.doubled == 0, "none twice");
	ok(walked(&tally, "linux.resources.memory.limit") && walked(&tally, "hooks.poststop[].timeout") &&
		       walked(&tally, "linux.netDevices.*.name") && walked(&tally, "linux.resources.rdma.*.hcaObjects") &&
		       walked(&tally, "linux.seccomp.syscalls[].args[].valueTwo"),
	       "members, elements and values of maps");
	ok(!walked(&tally, "linux.resources.oomScoreAdj") && !walked(&tally, "platform"),
	       "what 1.3.0 no longer has is not counted");
}

/* A refused value is quoted, but neither whole nor raw. */
static void shown(void)
{
	char word[200];
	struct shown s;

	memset(word, 'a', sizeof(word));
	word[64] = '\0';
	s = table_show(word);
	ok(strcmp(s.s, word) == 0, "64 bytes are shown whole");
	word[64] = 'a';
	word[65] = '\0';
	s = table_show(word);
	ok(strlen(s.s) == 64 && strcmp(s.s + 61, "...") == 0, "65 are cut");
	memcpy(word + 59, "\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac", 10);
	s = table_show(word);
	ok(strlen(s.s) == 62 && strcmp(s.s + 59, "...") == 0, "before a character that would be cut in two");
	s = table_show("a\nb\x1b[2Jc\x7f");
	ok(strcmp(s.s, "a?b?[2Jc?") == 0, "control characters are not shown");
	ok(strcmp(table_show("").s, "") == 0, "nothing is nothing");
}

static const char everything[] =
	"{\"ociVersion\":\"1.3.0\",\"process\":{\"cwd\":\"/\",\"args\":[\"a\"],\"user\":{\"additionalGids\":[1]},"
	"\"capabilities\":{\"bounding\":[\"CAP_KILL\"]},\"rlimits\":[{\"type\":\"RLIMIT_CORE\",\"soft\":0,\"hard\":0}],"
	"\"scheduler\":{\"policy\":\"SCHED_OTHER\"}},\"annotations\":{\"a\":\"b\"},\"mounts\":[{\"destination\":\"/\"}],"
	"\"hooks\":{\"poststop\":[{\"path\":\"/x\",\"env\":[\"A=\"]}]},\"linux\":{\"netDevices\":{\"e\":{}},"
	"\"uidMappings\":[{\"containerID\":0,\"hostID\":0,\"size\":1}],\"resources\":{\"rdma\":{\"a\":{\"hcaHandles\":1}},"
	"\"devices\":[{\"allow\":true}]},\"seccomp\":{\"defaultAction\":\"SCMP_ACT_LOG\",\"architectures\":"
	"[\"SCMP_ARCH_X86\"],\"syscalls\":[{\"names\":[\"a\"],\"action\":\"SCMP_ACT_LOG\",\"args\":"
	"[{\"index\":0,\"value\":0,\"op\":\"SCMP_CMP_EQ\"}]}]}}}";

/* The arena's limit is set to every size up to what the document needs: each time one more allocation succeeds. */
static void lack_of_memory(void)
{
	size_t len = sizeof(everything) - 1;
	size_t need, failed = 0, wrong = 0;
	struct spec spec = SPEC_INIT;
	struct err err = ERR_INIT;

	ok(spec_parse(everything, len, &spec, &err) == 0, "the document is good");
	need = spec.arena.used;
	spec_release(&spec);
	for (size_t limit = 1; limit < need; limit += 8) {
		struct err e = ERR_INIT;

		spec.arena.limit_bytes = limit;
		failed += spec_parse(everything, len, &spec, &e) == -1;
		wrong += e.kind != ERR_SYSTEM;
		spec_release(&spec);
	}
	ok(failed == (need + 6) / 8 && wrong == 0, "%zu limits, %zu failures, %zu of another kind", (need + 6) / 8,
	       failed, wrong);
}

/* The objects that are read alone allocate themselves, too. */
static void lack_of_memory_alone(void)
{
	size_t need[3] = { 0 }, failed = 0, tried = 0;

	for (int pass = 0; pass < 2; pass++) {
		for (size_t which = 0; which < 3; which++) {
			for (size_t limit = pass ? 1 : 1u << 20; limit < need[which] || !pass; limit += 8) {
				struct arena arena = { .limit_bytes = limit };
				struct spec_process *process = NULL;
				struct spec_resources *resources = NULL;
				struct spec_seccomp *seccomp = NULL;
				struct err err = ERR_INIT;
				static const char seccomp_text[] = "{\"defaultAction\":\"SCMP_ACT_LOG\"}";
				int rc = which == 0   ? spec_parse_process("{\"cwd\":\"/\"}", 11, &arena, &process, &err)
					 : which == 1 ? spec_parse_resources("{}", 2, &arena, &resources, &err)
						      : spec_parse_seccomp(seccomp_text, strlen(seccomp_text), &arena,
									   &seccomp, &err);

				if (!pass)
					need[which] = arena.used;
				tried += (size_t)pass;
				failed += rc == -1 && err.kind == ERR_SYSTEM && !process && !resources && !seccomp;
				arena_release(&arena);
				if (!pass)
					break;
			}
		}
	}
	ok(tried > 10 && failed == tried, "%zu limits, %zu failures", tried, failed);
}

int main(void)
{
	walk();
	shown();
	lack_of_memory();
	lack_of_memory_alone();
	return tap_done();
}
