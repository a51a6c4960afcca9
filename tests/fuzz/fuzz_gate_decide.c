/* The gate's decision, from bytes as choices: a request, a record, a policy and permissions, and then one thing made worse:
 * a finding more, a later time, a stricter number, a permission less.  It never turns a refusal into an admission; and what
 * else decide.h promises.
 */
#include "config.h"

#include "tests/unit/gate_world.h"

#include <stdio.h>
#include <stdlib.h>

#define must(cond)                                                                                                     \
	do {                                                                                                           \
		if (!(cond)) {                                                                                         \
			fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #cond);                                     \
			abort();                                                                                       \
		}                                                                                                      \
	} while (0)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* --- choices --- */

struct choices { const uint8_t *at, *end; };

static uint8_t byte(struct choices *c)
{
	return c->at < c->end ? *c->at++ : 0;
}

#define pick(c, items) (items)[byte(c) % ARRAY_LEN(items)]

static const int64_t offsets[] = {
	0, -1, 1, -60, 60, 300, 301, -300, 3600, -3600, -DAY_S, DAY_S, -3 * DAY_S, -3 * DAY_S - 1, -7 * DAY_S, -7 * DAY_S - 1, -8 * DAY_S,
	-21 * DAY_S, -30 * DAY_S, -31 * DAY_S, -40 * DAY_S, -180 * DAY_S, -181 * DAY_S, 4 * 3600, 30 * DAY_S};
static const int64_t strange[] = {0, -1, INT64_MIN, INT64_MAX, 1};
static const int64_t numbers[] = {NO_LIMIT, 0, 1, 2, 3, 100, INT64_MAX, INT64_MIN};
static const int64_t durations[] = {0, 1, 60, 300, 3600, DAY_S, 3 * DAY_S, 7 * DAY_S, 30 * DAY_S, 1000 * DAY_S, INT64_MAX, -1};
static const char *const ids[] = {"CVE-2026-1", "CVE-2026-2", "GHSA-1", "GHSA-2", "rule-1", "E_OS_EOL", ""};
static const char *const packages[] = {NULL, "openssl", "libc6", "/app/.env", "a\nb\377", ""};
static const char *const digests[] = {IMAGE, OTHER, MANIFEST, INDEX, PAUSE, "sha256:", "x"};
static const char *const products[] = {NULL, IMAGE, MANIFEST, OTHER, "pkg:deb/debian/openssl@3.0.1", "pkg:deb/debian/libc6@2"};
static const char *const keyids[] = {"k1", "k2", "v1", "s1", NULL};
static const char *const tools[] = {"trivy", "clamav", "grype", "clair", ""};
static const char *const repositories[] = {"registry.example.com/prod/app", NULL, "registry.example.com/test/app", "app", ""};
static const char *const globs[] = {"*", "registry.example.com/*", "registry.example.com/prod/*", "*/prod/app", "prod", "app", "test*", ""};
static const char *const names[] = {"prod", NULL, "test", "kube-system"};
static const char *const codes[] = {"E_OS_EOL", "E_OS_UNKNOWN", "E_SCAN_INCOMPLETE", "E_CLASS_MISSING", "E_TOOL_MISSING", "CVE-2026-1",
				    "GHSA-1", "rule-1", "E_MALWARE", "E_CVE_DENIED", NULL};
static const char *const justifications[] = {NULL, "vulnerable_code_not_present", "code_not_reachable", "no", ""};
static const char *const platforms[] = {"linux/amd64", NULL, "linux/arm64", "linux/arm64/v8", "linux/arm"};

static int64_t when(struct choices *c)
{
	uint8_t b = byte(c);
	return b < 200 ? NOW + offsets[b % ARRAY_LEN(offsets)] : strange[b % ARRAY_LEN(strange)];
}

/* A value of an enum, seldom one that it doesn't have. */
static int word(struct choices *c, int count)
{
	uint8_t b = byte(c);
	return b < 250 ? b % count : (int)b;
}

/* --- the world --- */

static void make_finding(struct world *w, struct choices *c)
{
	struct finding *f = w->record.findings.n < 8 ? &w->findings[w->record.findings.n++] : &w->findings[byte(c) % 8];
	uint8_t flags = byte(c);

	*f = (struct finding){
		.scan_class = (enum scan_class)word(c, CLASS_COUNT), .severity = (enum severity)word(c, SEVERITY_COUNT), .id = pick(c, ids),
		.alias = flags & 1 ? pick(c, ids) : NULL, .package = pick(c, packages), .version = flags & 2 ? "1" : NULL,
		.fixed_version = flags & 4 ? "2" : NULL, .purl = flags & 8 ? "pkg:deb/debian/openssl@3.0.1" : NULL,
		.fix = (enum fix_state)word(c, 4), .known_exploited = flags & 16, .published = when(c)};
	if (flags & 32)
		f->scan_class = CLASS_VULN;
}

static void make_scan(struct world *w, struct choices *c)
{
	struct scan *s = w->record.scans.n < 4 && byte(c) % 2 ? &w->scans[w->record.scans.n++] : &w->scans[byte(c) % 4];
	uint8_t flags = byte(c);

	*s = (struct scan){
		.tool = pick(c, tools), .classes = byte(c) & 0x1f, .scanned_at = when(c), .db_updated_at = when(c), .complete = flags & 1,
		.incomplete_why = flags & 2 ? "--severity" : NULL, .os_family = flags & 4 ? "debian" : NULL, .os_end_of_life = flags & 8};
	if (flags >= 250)
		s->classes = 1u << 9;
}

static void make_vex(struct world *w, struct choices *c)
{
	struct vex_statement *v = w->record.vex.n < 4 ? &w->vex[w->record.vex.n++] : &w->vex[byte(c) % 4];

	*v = (struct vex_statement){
		.vulnerability = pick(c, ids), .status = (enum vex_status)word(c, 5), .justification = pick(c, justifications),
		.product = pick(c, products), .at = when(c), .signer = pick(c, keyids)};
}

static void make_signer(struct signer *s, struct choices *c, struct world *w)
{
	uint8_t flags = byte(c);

	*s = (struct signer){.keyid = pick(c, keyids), .roles = byte(c) | (flags & 1 ? ROLE_WAIVER : 0), .revoked = (flags & 6) == 6,
			     .out_of_time = (flags & 24) == 24};
	if ((flags & 96) == 96) {
		w->tools[3] = pick(c, globs);
		s->scopes = (struct str_list){w->tools + 3, 1, 1};
	}
}

static void make_permission(struct world *w, struct choices *c)
{
	struct permission *p = w->permission_list.n < 4 ? &w->permissions[w->permission_list.n++] : &w->permissions[byte(c) % 4];
	uint8_t flags = byte(c);

	*p = (struct permission){
		.kind = (enum permission_kind)word(c, 4), .id = "p", .owner = flags & 1 ? NULL : "anna", .reason = flags & 2 ? "" : "r",
		.ticket = flags & 4 ? NULL : "t", .finding = pick(c, codes), .package = pick(c, packages),
		.severity_max = (enum severity)word(c, SEVERITY_COUNT), .role = flags & 8 ? "deployer" : NULL, .created = when(c), .expires = when(c)};
	if (!(flags & 16))
		p->images = (struct str_list){w->images, 1 + (flags >> 7), 2};
	if (flags & 32)
		p->namespaces = (struct str_list){w->list, 1, 4};
	if (!(flags & 64))
		p->signers = (signer_list){w->permitters, 1, 1};
}

static void make_request(struct world *w, struct choices *c)
{
	struct gate_request *r = &w->request;

	switch (byte(c) % 12) {
	case 0: r->subject = (enum subject_class)word(c, SUBJECT_CLASSES); break;
	case 1: r->source = (enum identity_source)word(c, 4); break;
	case 2: r->digest = byte(c) % 4 ? pick(c, digests) : NULL; break;
	case 3: r->manifest = byte(c) % 4 ? pick(c, digests) : NULL; break;
	case 4: r->repository = pick(c, repositories); break;
	case 5: r->platform = pick(c, platforms); break;
	case 6: r->host_platform = pick(c, platforms); break;
	case 7: r->namespace_name = pick(c, names); break;
	case 8: r->uid = byte(c); break;
	case 9:
		r->max_scan_age_s = byte(c) % 2 ? pick(c, durations) : 0;
		r->login_uid = byte(c) % 2 ? UINT32_MAX : byte(c);
		break;
	case 10:
		w->denied[0] = pick(c, digests);
		r->contradicting = (struct str_list){w->denied, byte(c) % 2, 2};
		break;
	default:
		r->is_restart = byte(c) % 2;
		r->seen_at = when(c);
	}
}

static int64_t *pick_age(struct gate_policy *p, struct choices *c)
{
	int64_t *const ages[] = {&p->max_scan_age_s, &p->max_db_age_s, &p->clock_skew_s, &p->grace_restart_s, &p->max_record_age_s,
				 &p->vex_max_age_s, &p->permit_max_age_s, &p->breakglass_max_s, &p->unfixed_grace_s};
	return pick(c, ages);
}

static int64_t *pick_limit(struct gate_policy *p, struct choices *c)
{
	uint8_t b = byte(c);
	return b >= 240 ? &p->limit_known_exploited : &p->limit[b % CLASS_COUNT][b / CLASS_COUNT % SEVERITY_COUNT];
}

/* What is stricter when it is on; then what is stricter when it is off. */
static bool *pick_flag(struct gate_policy *p, struct choices *c, bool *ret_stricter)
{
	bool *const flags[] = {&p->require_platform, &p->require_complete, &p->require_os, &p->deny_eol_os, &p->signers_required,
			       &p->require_role, &p->breakglass_ticket, &p->ignore_unfixed, &p->vex_accept, &p->breakglass};
	uint8_t b = byte(c) % ARRAY_LEN(flags);

	*ret_stricter = b < 7;
	return flags[b];
}

static void make_list(struct world *w, struct choices *c)
{
	struct gate_policy *p = &w->policy;
	struct str_list *const lists[] = {&p->allow_digests, &p->allow_repositories, &p->deny_digests, &p->deny_repositories,
					  &p->pause_digests, &p->require_tools, &p->deny_cves};
	uint8_t b = byte(c) % ARRAY_LEN(lists);
	size_t at = byte(c) % 4, n = 1 + byte(c) % (4 - at);

	w->list[at] = b == 1 || b == 3 ? pick(c, globs) : b < 5 ? pick(c, digests) : b == 5 ? pick(c, tools) : pick(c, ids);
	*lists[b] = (struct str_list){w->list + at, n, n};
}

static void make_policy(struct world *w, struct choices *c)
{
	struct gate_policy *p = &w->policy;
	bool stricter;

	switch (byte(c) % 12) {
	case 0: p->mode = (enum gate_mode)word(c, 2); break;
	case 1: p->identity_accept = byte(c); break;
	case 2: p->classes_allowed = byte(c); break;
	case 3: *pick_age(p, c) = pick(c, durations); break;
	case 4: p->require_classes = byte(c) & 0x3e; break;
	case 5: p->min_tools = byte(c) % 4; break;
	case 6: *pick_limit(p, c) = pick(c, numbers); break;
	case 7: *pick_flag(p, c, &stricter) = byte(c) % 2; break;
	case 8: p->threshold_recorder = byte(c) % 3; break;
	case 9: p->threshold_scanner = byte(c) % 3; break;
	case 10: p->allow = (enum allow_mode)word(c, 4); break;
	default:
		p->roles.items = w->roles;
		p->roles.n = byte(c) % 3;
		w->roles[0] = (struct deploy_role){.name = "deployer", .namespaces = {w->list, byte(c) % 2, 1}};
		w->roles[1] = (struct deploy_role){.name = "deployer", .uids = {w->ids, byte(c) % 2, 1}};
		if (byte(c) % 2)
			w->roles[1].login_uids.n = w->roles[1].uids.n;
		w->roles[1].login_uids.items = w->ids;
	}
}

static void make_world(struct world *w, struct choices *c)
{
	world_good(w);
	w->policy.engines.n = 0;
	w->images[1] = OTHER;
	w->permitters[0] = (struct signer){.keyid = "p1", .roles = ~0u};
	for (size_t i = 0; i < 4; i++)
		w->list[i] = "prod";
	for (size_t i = 2; i < 4; i++)
		w->scans[i] = w->scans[0];
	for (int i = 0; i < 24 && c->at < c->end; i++) {
		switch (byte(c) % 14) {
		case 0: make_finding(w, c); break;
		case 1: make_scan(w, c); break;
		case 2: make_vex(w, c); break;
		case 3: make_signer(&w->signers[byte(c) % 4], c, w); break;
		case 4: make_signer(&w->keys[byte(c) % 4], c, w); break;
		case 5: make_signer(&w->permitters[0], c, w); break;
		case 6: make_permission(w, c); break;
		case 7: make_request(w, c); break;
		case 8: make_policy(w, c); break;
		case 9: make_list(w, c); break;
		case 10: w->in.now = when(c); break;
		case 11: w->record.issued_at = when(c); w->record.expires_at = when(c); break;
		case 12:
			w->signer_list.n = byte(c) % 5;
			w->key_list.n = byte(c) % 5;
			break;
		default:
			w->in.record_state = (enum record_state)word(c, 7);
			w->in.image_revoked = byte(c) == 1;
			w->in.record_revoked = byte(c) == 1;
			w->in.highest_seen = when(c);
			w->record.image.platform = pick(c, platforms);
		}
	}
	for (size_t i = 0; i < 4; i++)
		if (!w->scans[i].tool)
			w->scans[i].tool = "";
	world_tie(w);
	world_count(w);
}

/* --- what holds of any answer --- */

static bool is_admitted(const struct world *w)
{
	return w->result.verdict != GATE_DENY;
}

static bool is_clean(const struct world *w)
{
	return w->result.verdict == GATE_ALLOW || w->result.verdict == GATE_ALLOW_BREAKGLASS;
}

static bool has(const struct world *w, int code)
{
	return world_reason(w, code) != NULL;
}

static void check_result(const struct gate_result *r)
{
	bool denied = false;

	must(r->n_reasons <= GATE_REASONS_MAX && (unsigned)r->verdict <= GATE_ALLOW_BREAKGLASS);
	for (unsigned i = 0; i < r->n_reasons; i++) {
		const struct gate_reason *reason = &r->reasons[i];

		must(reason->code > E_NONE && reason->code < GATE_CODES && (i == 0 || reason[-1].code <= reason->code));
		must(memchr(reason->text, 0, sizeof(reason->text)));
		for (const char *ch = reason->text; *ch; ch++)
			must(*ch >= ' ' && *ch <= '~');
		denied |= gate_code_info(reason->code)->exit_status != 0;
	}
	must(denied == (r->verdict != GATE_ALLOW));
}

static bool is_unknown(const struct world *w)
{
	bool unknown = (unsigned)w->request.source > IDENTITY_PERMIT || (unsigned)w->in.record_state > RECORD_GOOD;

	for (size_t i = 0; i < w->record.findings.n; i++)
		unknown |= (unsigned)w->findings[i].severity >= SEVERITY_COUNT || (unsigned)w->findings[i].fix > FIX_WONT ||
			   (unsigned)w->findings[i].scan_class >= CLASS_COUNT;
	for (size_t i = 0; i < w->record.vex.n; i++)
		unknown |= (unsigned)w->vex[i].status > VEX_INVESTIGATED;
	return unknown || (unsigned)w->policy.allow > ALLOW_BOTH;
}

static void check_image(const struct world *w)
{
	const enum gate_verdict verdict = w->result.verdict;

	if ((unsigned)w->request.subject >= SUBJECT_CLASSES || w->request.subject == SUBJECT_UNKNOWN)
		must(verdict != GATE_ALLOW && verdict != GATE_ALLOW_BREAKGLASS);
	if (w->in.image_revoked || w->in.record_revoked)
		must(verdict == GATE_DENY);
	if (w->request.subject != SUBJECT_IMAGE)
		return;
	must(w->in.record_state == RECORD_GOOD || verdict != GATE_ALLOW);
	must(w->request.digest || !is_clean(w));
	must(!is_unknown(w) || verdict != GATE_ALLOW);
	for (size_t i = 0; i < w->record.findings.n; i++)
		must(w->findings[i].scan_class != CLASS_MALWARE || verdict != GATE_ALLOW);
	/* believed, and with malware: not even mode audit or a break-glass */
	must(!has(w, E_MALWARE) || verdict == GATE_DENY);
}

/* The same again is the same; mode audit changes the verdict and no reason. */
static void check_pure(struct world *w)
{
	struct gate_result first = w->result, other;
	enum gate_mode mode = w->policy.mode;

	gate_decide(&w->in, &other);
	must(!memcmp(&first, &other, sizeof(first)));
	w->policy.mode = mode == GATE_AUDIT ? GATE_ENFORCE : GATE_AUDIT;
	gate_decide(&w->in, &other);
	w->policy.mode = mode;
	must(first.n_reasons == other.n_reasons && !memcmp(first.reasons, other.reasons, first.n_reasons * sizeof(first.reasons[0])));
	must((first.verdict == GATE_ALLOW) == (other.verdict == GATE_ALLOW));
	must((first.verdict == GATE_ALLOW_BREAKGLASS) == (other.verdict == GATE_ALLOW_BREAKGLASS));
}

/* --- worse --- */

static void later(struct world *w, struct choices *c)
{
	static const int64_t steps[] = {1, 60, 301, 3600, DAY_S, 7 * DAY_S, 400 * DAY_S};

	if (w->in.now < INT64_MAX / 2)
		w->in.now += pick(c, steps);
}

static void stricter_number(struct world *w, struct choices *c)
{
	struct gate_policy *p = &w->policy;
	int64_t *number;

	switch (byte(c) % 7) {
	case 0:
		number = pick_age(p, c);
		if (number == &p->unfixed_grace_s) /* 0: for ever */
			*number = *number <= 0 ? 7 * DAY_S : *number > 1 ? *number / 2 : 1;
		else if (*number > 0)
			*number /= 2;
		break;
	case 1:
		number = pick_limit(p, c);
		*number = *number == NO_LIMIT ? 3 : *number > 0 ? *number - 1 : *number;
		break;
	case 2: p->min_tools++; break;
	case 3: p->threshold_recorder += 1; break;
	case 4: p->threshold_scanner++; break;
	case 5:
		number = &w->request.max_scan_age_s; /* 0: no limit of the runtime's */
		*number = *number <= 0 ? 7 * DAY_S : *number > 1 ? *number / 2 : 1;
		break;
	default: p->require_classes |= 2u << byte(c) % 5;
	}
}

static void stricter_word(struct world *w, struct choices *c)
{
	struct gate_policy *p = &w->policy;
	bool stricter, *flag;

	switch (byte(c) % 8) {
	case 0:
		flag = pick_flag(p, c, &stricter);
		*flag = stricter;
		break;
	case 1: p->identity_accept &= byte(c); break;
	case 2: p->classes_allowed &= byte(c); break;
	case 3:
		if (p->allow == ALLOW_ANY)
			p->allow = (enum allow_mode)(byte(c) % 4);
		else
			p->allow = ALLOW_BOTH;
		break;
	case 4: p->allow_digests.n = p->allow_repositories.n = 0; break;
	case 5: p->pause_digests.n /= 2; break;
	case 6:
		w->tools[0] = pick(c, tools);
		if (!p->require_tools.n)
			p->require_tools = (struct str_list){w->tools, 1, 1};
		break;
	default:
		w->tools[1] = byte(c) % 2 ? pick(c, ids) : pick(c, digests);
		if (!p->deny_cves.n)
			p->deny_cves = (struct str_list){w->tools + 1, 1, 1};
		if (!p->deny_digests.n)
			p->deny_digests = (struct str_list){w->tools + 1, 1, 1};
	}
}

static void less_permission(struct world *w, struct choices *c)
{
	size_t i = byte(c) % 4;

	switch (byte(c) % 8) {
	case 0: w->permission_list.n = w->permission_list.n ? w->permission_list.n - 1 : 0; break;
	case 1: w->permissions[i].expires = w->permissions[i].expires > INT64_MIN ? w->permissions[i].expires - 1 : INT64_MIN; break;
	case 2: w->permissions[i].signers.n = 0; break;
	case 3: w->permitters[0].roles &= byte(c); break;
	case 4: w->signers[i].roles &= byte(c); break;
	case 5: w->signers[i].revoked = true; break;
	case 6: w->keys[i].roles = 0; break;
	default:
		if (w->record.vex.n && w->vex[i].status != VEX_UNKNOWN && (unsigned)w->vex[i].status <= VEX_INVESTIGATED)
			w->vex[i].status = VEX_AFFECTED;
	}
}

/* Time alone mends what lies ahead. */
static bool is_ahead(const struct world *w)
{
	bool ahead = w->result.more || has(w, E_SCAN_FUTURE) || has(w, E_CLOCK_ROLLBACK);

	for (size_t i = 0; i < w->permission_list.n; i++)
		ahead |= w->permissions[i].created > w->in.now;
	for (size_t i = 0; i < w->record.vex.n; i++)
		ahead |= w->vex[i].at > w->in.now;
	return ahead;
}

/* The site's policy, made stricter for a part that the request may be in. */
static void add_scope(struct world *w, struct choices *c, struct tightening *scope, struct gate_policy *within)
{
	struct gate_policy site = w->policy;

	(void)(byte(c) % 2 ? stricter_number(w, c) : stricter_word(w, c));
	*within = w->policy;
	w->policy = site;
	*scope = (struct tightening){.namespace_glob = pick(c, globs), .policy = within};
	w->policy.scopes.items = scope;
	w->policy.scopes.n = 1;
}

static void tell(const char *name, const struct gate_result *r)
{
	fprintf(stderr, "%s: verdict %d\n", name, (int)r->verdict);
	for (unsigned i = 0; i < r->n_reasons; i++)
		fprintf(stderr, "  %s %s\n", gate_code_info(r->reasons[i].code)->name, r->reasons[i].text);
}

/* A refusal stays one, and so does what only mode audit let through. */
static void compare(const struct world *before, const struct world *after, int how)
{
	if ((is_admitted(before) || !is_admitted(after)) && (is_clean(before) || !is_clean(after)))
		return;
	tell("before", &before->result);
	tell("after", &after->result);
	fprintf(stderr, "way %d of becoming worse let it in\n", how);
	abort();
}

static void check_worse(const struct world *before, struct choices *c)
{
	static struct world after;
	static struct tightening scope;
	static struct gate_policy within;
	int how = byte(c) % 6;

	after = *before;
	world_tie(&after);
	switch (how) {
	case 0:
		if (after.record.findings.n == 8)
			return;
		make_finding(&after, c);
		world_count(&after);
		break;
	case 1:
		if (is_ahead(before))
			return;
		later(&after, c);
		break;
	case 2: stricter_number(&after, c); break;
	case 3: stricter_word(&after, c); break;
	case 4: less_permission(&after, c); break;
	default: add_scope(&after, c, &scope, &within);
	}
	world_decide(&after);
	check_result(&after.result);
	compare(before, &after, how);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct world w;
	size_t first = size < 8 ? size : 8;
	struct choices worse = {data, data + first}, c = {data + first, data + size};

	make_world(&w, &c);
	world_decide(&w);
	check_result(&w.result);
	check_image(&w);
	check_pure(&w);
	check_worse(&w, &worse);
	return 0;
}
