/* A store beneath the temporary directory, records to put into it, and whether it is sound. */
#ifndef KANUKI_TESTS_GATE_STORE_CASE_H
#define KANUKI_TESTS_GATE_STORE_CASE_H

#include "gate/store.h"

#include "base/auto.h"
#include "gate/dsse.h"
#include "gate/record.h"

#include "tap.h"
#include "temp_dir.h"

#define CONFIG	 "sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define OTHER	 "sha256:bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
#define MANIFEST "sha256:cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc"
#define INDEX	 "sha256:dddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd"
#define HEX_A	 (&CONFIG[7])
#define HEX_B	 (&OTHER[7])
#define DIR_A                                                                                      \
	"store/by-digest/sha256/aa/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define CURRENT_A DIR_A "/current"

static struct err err;

static void fresh(void)
{
	temp_dir_remove("store");
	temp_dir_remove("etc");
	err_clear(&err);
	if (gate_store_create("store", "etc", &err) < 0) {
		diag("create: %s", err.msg);
		abort();
	}
}

static struct gate_store opened(bool write)
{
	struct gate_store store = GATE_STORE_INIT;

	if (gate_store_open("store", "etc", write, &store, &err) < 0) {
		diag("open: %s", err.msg);
		abort();
	}
	return store;
}

/* --- records --- */

struct sample {
	struct scan scans[2];
	struct finding findings[8];
	const char *indexes[1];
	struct record record;
	struct str envelope;
};

static void sample_release(struct sample *s)
{
	str_release(&s->envelope);
}
#define autosample __attribute__((cleanup(sample_release))) struct sample

/* The envelope of what the record says now. */
static void seal(struct sample *s)
{
	struct dsse dsse = {.payload_type = DSSE_STATEMENT_TYPE};
	autostr payload = STR_INIT;

	str_release(&s->envelope);
	if (record_print(&s->record, &payload, &err) < 0)
		abort();
	dsse.payload = payload.s;
	dsse.payload_len = payload.len;
	if (dsse_print(&dsse, &s->envelope, &err) < 0)
		abort();
}

/* A scan for vulnerabilities at `at` with n findings, one for malware at malware_at (0: none). */
static void make(struct sample *s, int64_t at, unsigned n, int64_t malware_at)
{
	*s = (struct sample){.indexes = {INDEX}};
	s->scans[0] = (struct scan){.tool = "trivy",
				    .tool_version = "1",
				    .format = "trivy-json",
				    .classes = 1 << CLASS_VULN,
				    .scanned_at = at,
				    .db_updated_at = at,
				    .complete = true,
				    .evidence = OTHER};
	s->scans[1] = (struct scan){.tool = "clamav",
				    .tool_version = "1",
				    .format = "clamav-log",
				    .classes = 1 << CLASS_MALWARE,
				    .scanned_at = malware_at,
				    .db_updated_at = malware_at,
				    .complete = true,
				    .evidence = OTHER};
	for (unsigned i = 0; i < n; i++) {
		static const char *const ids[] = {"CVE-2026-1", "CVE-2026-2", "CVE-2026-3",
						  "CVE-2026-4"};

		s->findings[i] = (struct finding){.scan_class = CLASS_VULN,
						  .severity = SEVERITY_HIGH,
						  .id = ids[i],
						  .package = "p",
						  .version = "1"};
	}
	s->record = (struct record){.sequence = 1,
				    .issued_at = at,
				    .expires_at = at + 1000,
				    .image = {.config = CONFIG,
					      .manifest = MANIFEST,
					      .indexes = {.items = s->indexes, .n = 1},
					      .platform = "linux/amd64"},
				    .scans = {.items = s->scans, .n = malware_at ? 2 : 1},
				    .findings = {.items = s->findings, .n = n}};
	record_count(&s->record, s->record.counted);
	seal(s);
}

static int publish(const struct sample *s)
{
	struct gate_store store = opened(true);
	int r = gate_store_publish(&store, &s->record, s->envelope.s, s->envelope.len, &err);

	gate_store_close(&store);
	return r;
}

static int gc_before(struct gate_store *store, int64_t before, uint64_t *ret_removed)
{
	struct arena arena = ARENA_INIT;
	struct gate_gc gc = {.before = before, .arena = &arena};
	int r = gate_store_gc(store, &gc, &err);

	*ret_removed = gc.removed;
	arena_release(&arena);
	return r;
}

static bool sound(void)
{
	struct gate_store store = opened(false);
	struct err why = ERR_INIT;
	uint64_t files;
	bool good = gate_store_check(&store, &files, &why) == 0;

	if (!good)
		diag("store: %s", why.msg);
	gate_store_close(&store);
	return good;
}

#endif
