/* What the tests of the trail share: a trail to write to and to verify. */
#ifndef KANUKI_TESTS_TRAIL_CASE_H
#define KANUKI_TESTS_TRAIL_CASE_H

#include "audit/trail.h"
#include "audit/verify.h"
#include "base/auto.h"
#include "base/list.h"
#include "base/sha256.h"

#include "fake_sys.h"
#include "tap.h"
#include "temp_dir.h"

#include <errno.h>

static char trail_path[128];
static const struct trail_change changes[] = {
	{"H-01", "process.uid", "forced", "0", "65532"},
	{"H-30", "masked /proc/kcore", "added", NULL, NULL},
};

__attribute__((unused)) static struct trail_entry entry(void)
{
	return (struct trail_entry){
		.event = TRAIL_CREATE, .time_ns = INT64_C(1795331341123456789), .id = "web",
		.caller = {.pid = 77, .comm = "conmon", .exe = "/usr/bin/conmon", .uid = 0, .has_loginuid = true, .loginuid = 1000},
		.image = "sha256:11", .policy = "builtin:hardened", .policy_hash = "aa", .plan_hash = "bb",
		.changes = changes, .n_changes = ARRAY_LEN(changes)};
}

__attribute__((unused)) static char *slurp(const char *name, size_t *ret_len)
{
	FILE *f = fopen(name, "r");
	char *text = calloc(1, 4 << 20);
	if (!f || !text)
		abort();
	*ret_len = fread(text, 1, 4 << 20, f);
	fclose(f);
	return text;
}

__attribute__((unused)) static void put(const char *name, const void *text, size_t len)
{
	FILE *f = fopen(name, "w");
	if (!f || fwrite(text, 1, len, f) != len || fclose(f))
		abort();
	if (chmod(name, 0600) < 0)
		abort();
}

__attribute__((unused)) static int append(enum trail_event event)
{
	struct err err = ERR_INIT;
	struct trail_entry e = entry();
	e.event = event;
	int r = trail_append(trail_path, &e, 0, NULL, NULL, &err);
	if (r < 0)
		diag("%s", err.msg);
	return r;
}

__attribute__((unused)) static void show_findings(const struct chain *chain)
{
	for (size_t i = 0; i < chain->n_findings; i++) {
		const struct chain_finding *f = &chain->findings[i];
		diag("file %u line %llu byte %llu: %s %llu..%llu", f->at.file, (unsigned long long)f->at.line,
		     (unsigned long long)f->at.byte, chain_kind_name(f->kind), (unsigned long long)f->from,
		     (unsigned long long)f->to);
	}
}

/* A trail of several files, oldest first; the head of the last. */
__attribute__((unused)) static bool verify(struct chain *chain, const char *const *names, size_t n, bool known)
{
	struct err err = ERR_INIT;
	bool good = false;
	*chain = (struct chain)CHAIN_INIT;
	for (size_t i = 0; i < n; i++) {
		autoreader reader = TRAIL_READER_INIT;
		struct trail_text text;
		if (trail_reader_open(names[i], &reader, &err) < 0)
			abort();
		do {
			if (verify_next(chain, (unsigned)i, &reader, &text, &err) < 0)
				abort();
		} while (text.text);
		if (i + 1 == n)
			good = verify_end(chain, (unsigned)i, &reader, known);
	}
	return good;
}

__attribute__((unused)) static bool verify_one(struct chain *chain)
{
	const char *name = trail_path;
	return verify(chain, &name, 1, true);
}

/* Exactly one finding, of this kind at this line. */
__attribute__((unused)) static bool found_only(const struct chain *chain, enum chain_kind kind, uint64_t line)
{
	bool good = chain->n_findings == 1 && chain->findings[0].kind == kind && chain->findings[0].at.line == line;
	if (!good)
		show_findings(chain);
	return good;
}

__attribute__((unused)) static bool found_kind(const struct chain *chain, enum chain_kind kind)
{
	for (size_t i = 0; i < chain->n_findings; i++)
		if (chain->findings[i].kind == kind)
			return true;
	show_findings(chain);
	return false;
}

__attribute__((unused)) static void fresh(void)
{
	unlink("d/trail");
	unlink("d/trail.head");
}

#endif
