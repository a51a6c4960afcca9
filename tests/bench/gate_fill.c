/* gate_fill: a site that is as large as is asked for: signed records of images that nobody has,
 * each with FINDINGS findings and seen to run once, published as the gate itself does, and
 * permissions that speak of them.
 *
 * Nothing is synced: that it survives a power cut isn't what is measured.
 *
 * Usage: gate_fill STORE ETC KEY RECORDS FINDINGS PERMISSIONS
 */
#include "config.h"

#include "base/num.h"
#include "gate/dsse.h"
#include "gate/findings.h"
#include "gate/permission.h"
#include "gate/record.h"
#include "gate/store.h"
#include "sys/file.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define DAY 86400

/* Instead of libc's. */
int fsync(int fd)
{
	(void)fd;
	return 0;
}

static struct err err;
static const char *key;
static size_t key_len;
static int64_t now;

static void must(int good, const char *what)
{
	if (good)
		return;
	fprintf(stderr, "gate_fill: %s: %s\n", what, err.msg);
	exit(1);
}

static void sign(const char *type, const struct str *payload, struct arena *arena, struct str *ret)
{
	struct dsse envelope = {
		.payload_type = type, .payload = payload->s, .payload_len = payload->len};
	struct dsse_signature *signature = ARENA_PUSH(arena, &envelope.signatures);
	autostr head = STR_INIT;
	struct public_key public_key;

	must(signature && dsse_pae_head(type, payload->len, &head, &err) == 0 &&
		     crypto_sign(key, key_len, head.s, head.len, payload->s, payload->len, arena,
				 &signature->bytes, &signature->len, &public_key, &err) == 0,
	     "sign");
	signature->keyid = public_key.keyid;
	must(dsse_print(&envelope, ret, &err) == 0, "print an envelope");
}

static const char *digest_of(struct arena *arena, const char *what, uint64_t n)
{
	char digest[72];

	crypto_digest(arena_printf(arena, "%s %" PRIu64, what, n), strlen(what) + 2, digest);
	(void)snprintf(digest + 7 + 48, 17, "%016" PRIx64, n); /* its own, whatever the length */
	return arena_strdup(arena, digest);
}

static void add_record(struct gate_store *store, uint64_t n, uint64_t findings, struct arena *arena)
{
	struct record record = {.sequence = 1, .issued_at = now, .expires_at = now + 7 * DAY};
	struct scan *scan = ARENA_PUSH(arena, &record.scans);
	autostr payload = STR_INIT, envelope = STR_INIT;
	int64_t seen;

	record.image.config = digest_of(arena, "image", n);
	record.image.platform = "linux/amd64";
	must(record.image.config && scan != NULL, "memory");
	*scan = (struct scan){.tool = "trivy",
			      .tool_version = "0.66.0",
			      .format = "trivy-json",
			      .classes = 1u << CLASS_VULN,
			      .scanned_at = now,
			      .db_updated_at = now,
			      .complete = true,
			      .os_family = "debian",
			      .os_version = "12.5"};
	for (uint64_t f = 0; f < findings; f++) {
		struct finding *finding = ARENA_PUSH(arena, &record.findings);

		must(finding != NULL, "memory");
		*finding = (struct finding){.scan_class = CLASS_VULN,
					    .severity = SEVERITY_LOW,
					    .fix = FIX_NONE,
					    .version = "1.2.3-4"};
		finding->id = arena_printf(arena, "CVE-2026-%05" PRIu64, f);
		finding->package = arena_printf(arena, "package-%03" PRIu64, f);
	}
	record_count(&record, record.counted);
	must(record_print(&record, &payload, &err) == 0, "print a record");
	sign(DSSE_STATEMENT_TYPE, &payload, arena, &envelope);
	must(gate_store_publish(store, &record, envelope.s, envelope.len, &err) == 0, "publish");
	must(gate_store_seen(store, record.image.config, now, &seen, &err) == 0,
	     "note that it ran");
}

static void add_permission(struct gate_store *store, uint64_t n, struct arena *arena)
{
	struct permission permission = {.kind = PERMISSION_WAIVER,
					.created = now,
					.expires = now + 90 * DAY,
					.severity_max = SEVERITY_HIGH};
	const char **image = ARENA_PUSH(arena, &permission.images);
	autostr payload = STR_INIT, envelope = STR_INIT;
	char digest[72];

	must(image != NULL && (*image = digest_of(arena, "image", n)), "memory");
	permission.finding = arena_printf(arena, "CVE-2026-%05" PRIu64, n);
	permission.owner = arena_printf(arena, "team-%" PRIu64 "@example.org", n);
	permission.reason = "not reachable from outside; replaced in the next release";
	must(permission_print(&permission, &payload, &err) == 0, "print a permission");
	sign(PERMISSION_PAYLOAD_TYPE, &payload, arena, &envelope);
	must(gate_store_put_permission(store, &permission.images, envelope.s, envelope.len, digest,
				       &err) == 0,
	     "publish a permission");
}

int main(int argc, char **argv)
{
	struct gate_store store = GATE_STORE_INIT;
	uint64_t records, findings, permissions;
	struct arena keys = ARENA_INIT, arena = ARENA_INIT;
	char *text;

	now = time(NULL);
	if (argc != 7 || !num_parse_u64(argv[4], 10000000, &records) ||
	    !num_parse_u64(argv[5], 10000, &findings) ||
	    !num_parse_u64(argv[6], 10000, &permissions)) {
		fprintf(stderr, "usage: gate_fill STORE ETC KEY RECORDS FINDINGS PERMISSIONS\n");
		return 2;
	}
	must(file_read(AT_FDCWD, argv[3], 1 << 16, &keys, &text, &key_len, &err) == 0,
	     "read the key");
	key = text;
	must(gate_store_open(argv[1], argv[2], true, &store, &err) == 0, "open the store");
	for (uint64_t n = 0; n < records || n < permissions; n++) {
		if (n < records)
			add_record(&store, n, findings, &arena);
		if (n < permissions)
			add_permission(&store, n, &arena);
		arena_release(&arena);
	}
	gate_store_close(&store);
	arena_release(&keys);
	return 0;
}
