/* A request that is admitted, with everything it takes, to be spoilt in one place at a
 * time; for the tests and the fuzzer of the decision. */
#ifndef KANUKI_TESTS_GATE_WORLD_H
#define KANUKI_TESTS_GATE_WORLD_H

#include "gate/decide.h"
#include "gate/policy.h"
#include "gate/record.h"

#include <string.h>

#define DAY_S	     INT64_C(86400)
#define NOW	     INT64_C(1795219200) /* 2026-11-21T00:00:00Z */
#define DIGEST(c)    "sha256:" c c c c
#define SIXTEEN(c)   c c c c c c c c c c c c c c c c
#define IMAGE	     DIGEST(SIXTEEN("a"))
#define OTHER	     DIGEST(SIXTEEN("b"))
#define MANIFEST     DIGEST(SIXTEEN("c"))
#define INDEX	     DIGEST(SIXTEEN("d"))
#define PAUSE	     DIGEST(SIXTEEN("e"))
#define ALL_CLASSES  (1u << CLASS_VULN | 1u << CLASS_SECRET | 1u << CLASS_MALWARE | 1u << CLASS_MISCONFIG)

struct world {
	struct gate_policy policy;
	struct gate_request request;
	struct record record;
	struct scan scans[4];
	struct finding findings[8];
	struct vex_statement vex[4];
	struct signer signers[4], keys[4], permitters[1];
	signer_list signer_list, key_list;
	struct permission permissions[4];
	permission_list permission_list;
	const char *images[2], *denied[2], *list[4], *tools[4];
	struct deploy_role roles[2];
	uint32_t ids[2];
	struct gate_input in;
	struct gate_result result;
};

__attribute__((unused)) static void world_scans(struct world *w)
{
	w->scans[0] = (struct scan){
		.tool = "trivy", .tool_version = "0.66.0", .format = "trivy-json", .classes = 1u << CLASS_VULN | 1u << CLASS_SECRET,
		.scanned_at = NOW - DAY_S, .db_updated_at = NOW - 2 * DAY_S, .complete = true, .os_family = "debian", .os_version = "12"};
	w->scans[1] = (struct scan){
		.tool = "clamav", .tool_version = "1.4.3", .format = "clamav-log", .classes = 1u << CLASS_MALWARE,
		.scanned_at = NOW - DAY_S, .db_updated_at = NOW - DAY_S, .complete = true};
	w->record.scans.items = w->scans;
	w->record.scans.n = 2;
}

__attribute__((unused)) static void world_count(struct world *w)
{
	record_count(&w->record, w->record.counted);
}

/* Lists that point into the world itself; also to be called for a copy. */
__attribute__((unused)) static void world_tie(struct world *w)
{
	w->record.scans.items = w->scans;
	w->record.findings.items = w->findings;
	w->record.vex.items = w->vex;
	w->signer_list.items = w->signers;
	w->key_list.items = w->keys;
	w->permission_list.items = w->permissions;
	for (size_t i = 0; i < 4; i++)
		if (w->permissions[i].signers.n)
			w->permissions[i].signers.items = w->permitters;
	w->in.policy = &w->policy;
	w->in.request = &w->request;
	w->in.record = &w->record;
	w->in.signers = &w->signer_list;
	w->in.keys = &w->key_list;
	w->in.permissions = &w->permission_list;
}

__attribute__((unused)) static void world_good(struct world *w)
{
	memset(w, 0, sizeof(*w));
	gate_policy_defaults(&w->policy);
	w->request = (struct gate_request){
		.subject = SUBJECT_IMAGE, .source = IDENTITY_ENGINE, .digest = IMAGE, .manifest = MANIFEST,
		.reference = "registry.example.com/prod/app:1", .repository = "registry.example.com/prod/app", .platform = "linux/amd64",
		.host_platform = "linux/amd64", .engine = "podman", .namespace_name = "prod", .uid = 0, .gid = 0, .login_uid = 1000};
	w->record = (struct record){
		.sequence = 1, .issued_at = NOW - DAY_S, .expires_at = NOW + 7 * DAY_S,
		.image = {.config = IMAGE, .manifest = MANIFEST, .platform = "linux/amd64"}};
	world_scans(w);
	w->signers[0] = (struct signer){.keyid = "k1", .roles = ROLE_RECORDER | ROLE_SCANNER};
	w->signers[1] = (struct signer){.keyid = "k2", .roles = ROLE_RECORDER};
	w->signer_list.n = 1;
	w->keys[0] = (struct signer){.keyid = "v1", .roles = ROLE_VEX};
	w->keys[1] = (struct signer){.keyid = "s1", .roles = ROLE_SCANNER};
	w->key_list.n = 2;
	w->in.record_state = RECORD_GOOD;
	w->in.now = NOW;
	w->in.highest_seen = NOW - 60;
	w->images[0] = IMAGE;
	world_tie(w);
	world_count(w);
}

/* A permission of a kind for this image, for an hour, by a key with the role. */
__attribute__((unused)) static struct permission *world_permission(struct world *w, enum permission_kind kind, unsigned role)
{
	struct permission *p = &w->permissions[w->permission_list.n++];

	w->permitters[0].keyid = "p1";
	w->permitters[0].roles |= role;
	*p = (struct permission){
		.kind = kind, .id = "p-1", .owner = "anna", .reason = "outage", .ticket = "OPS-1", .images = {w->images, 1, 1},
		.created = NOW - 60, .expires = NOW + 3600, .signers = {w->permitters, 1, 1}};
	return p;
}

__attribute__((unused)) static struct finding *world_finding(struct world *w, enum scan_class scan_class, enum severity severity, const char *id)
{
	struct finding *f = &w->findings[w->record.findings.n++];

	*f = (struct finding){
		.scan_class = scan_class, .severity = severity, .id = id, .package = "openssl", .version = "3.0.1", .fixed_version = "3.0.2",
		.purl = "pkg:deb/debian/openssl@3.0.1", .fix = FIX_FIXED, .published = NOW - 40 * DAY_S};
	world_count(w);
	return f;
}

__attribute__((unused)) static void world_decide(struct world *w)
{
	gate_decide(&w->in, &w->result);
}

__attribute__((unused)) static const char *world_reason(const struct world *w, int code)
{
	for (unsigned i = 0; i < w->result.n_reasons; i++)
		if (w->result.reasons[i].code == code)
			return w->result.reasons[i].text;
	return NULL;
}

#endif
