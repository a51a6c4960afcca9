/* Bytes as choices: a bundle, a host, policies. Three things hold of all of them:
 *   an exception changes nothing of another image's container, and takes nothing from its own;
 *   an annotation changes nothing but the plan's annotations;
 *   what a stricter policy starts, a looser one starts too, and there it may do all that it may do here, or more.
 */
#include "config.h"

#include "policy/policy.h"
#include "tests/fuzz/bundles.h"
#include "tests/fuzz/powers.h"
#include "tests/fuzz/promises.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define NOW INT64_C(1790000000)
#define DAY 86400

static const char image_a[] = "sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
static const char image_b[] = "sha256:bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb";

/* --- policies --- */

#define PUSH(conf, list)                                                                                               \
	({                                                                                                             \
		__typeof__((list)->items) pushed_ = ARENA_PUSH(&(conf)->arena, list);                                  \
		must(pushed_);                                                                                         \
		pushed_;                                                                                               \
	})

static const char *const host_dirs[] = {"/srv", "/srv/v", "/srv/v/w", "/srv/vw", "/home", "/home/u", "/data", "/bundle/data"};
static const char *const exception_dirs[] = {"/srv", "/srv/v", "/home/u", "/usr", "/run/app", "/var/cron", "/bundle/data"};
static const char *const places[] = {"/v1", "/v2", "/v2/v3", "/opt/x", "/tmp", "/run", "/a/b", "/dev/shm"};
static const char *const commands[] = {"/bin", "/bin/sh", "/usr/bin/app", "/usr", "/v1", "/v1/x"};
static const char *const sysctl_names[] = {"net/", "net/ipv4/", "net/ipv4/ip_forward", "kernel/shmmax", "fs/mqueue/"};
static const uint16_t port_numbers[] = {0, 80, 443, 8080};

static void add_mount(struct policy_conf *p, policy_mounts *mounts, struct choices *c, const char *const *dirs, size_t n)
{
	*PUSH(p, mounts) = (struct policy_mount){dirs[byte(c) % n], chance(c, 3) ? pick(c, places) : NULL, chance(c, 2)};
}

static void add_text(struct policy_conf *p, struct str_list *list, const char *s)
{
	*PUSH(p, list) = s;
}

/* What a file may say over its level. */
static void make_conf(struct policy_conf *p, struct choices *c)
{
	do
		*p = *pick_level(c);
	while (p->level == LEVEL_OCI);
	if (p->sysctls_limited) { /* the level's own list is not ours to grow */
		p->sysctls = (struct str_list){0};
		add_text(p, &p->sysctls, pick(c, sysctl_names));
	}
	if (chance(c, 3))
		p->root = ROOT_REJECT;
	else if (p->root == ROOT_DEMOTE && chance(c, 3))
		p->root = ROOT_REMAP;
	p->remap_first = 524288;
	p->remap_count = chance(c, 2) ? 65536 : 1 + number(c) % 100000;
	if (chance(c, 4))
		p->bind_limited = true;
	if (chance(c, 4))
		p->connect_limited = true;
	for (int n = p->bind_limited ? byte(c) % 4 : 0; n > 0; n--)
		*PUSH(p, &p->bind) = pick(c, port_numbers);
	for (int n = p->connect_limited ? byte(c) % 4 : 0; n > 0; n--)
		*PUSH(p, &p->connect) = pick(c, port_numbers);
	p->mounts_limited |= chance(c, 3);
	for (int n = p->mounts_limited ? byte(c) % 4 : 0; n > 0; n--)
		add_mount(p, &p->mounts, c, host_dirs, ARRAY_LEN(host_dirs));
	for (int n = chance(c, 4) ? byte(c) % 3 : 0; n > 0; n--)
		add_text(p, &p->commands_allow, pick(c, commands));
	for (int n = chance(c, 4) ? byte(c) % 3 : 0; n > 0; n--)
		add_text(p, &p->commands_deny, pick(c, commands));
}

static struct policy_exception *add_exception(struct policy_conf *p, struct choices *c, const char *image, bool expired)
{
	struct policy_exception *e = PUSH(p, &p->exceptions);
	*e = (struct policy_exception){
		.image = image,
		.owner = "o",
		.reason = "r",
		.expires = expired ? NOW - byte(c) : NOW + 1 + byte(c) % 20 * DAY,
		.expires_text = "then",
		.root_user = chance(c, 3),
		.root_group = chance(c, 3),
		.capabilities = chance(c, 2) ? (uint64_t)byte(c) << 8 | byte(c) : 0,
		.pids_max = chance(c, 3) ? 1 + number(c) : 0,
		.memory_max = chance(c, 3) ? (uint64_t)(1 + byte(c)) << 20 : 0,
	};
	if (chance(c, 3))
		add_text(p, &e->exec_on, pick(c, places));
	if (chance(c, 3))
		add_text(p, &e->writable, pick(c, places));
	if (chance(c, 3))
		add_mount(p, &e->mounts, c, exception_dirs, ARRAY_LEN(exception_dirs));
	if (chance(c, 3))
		add_text(p, &e->syscalls, pick(c, calls));
	if (chance(c, 3))
		*PUSH(p, &e->bind) = pick(c, port_numbers);
	if (chance(c, 3))
		*PUSH(p, &e->connect) = pick(c, port_numbers);
	return e;
}

/* Lists of its own, the same values. */
static void copy_conf(const struct policy_conf *from, struct policy_conf *to)
{
	*to = *from;
	to->arena = (struct arena)ARENA_INIT;
	to->bind = to->connect = (policy_ports){0};
	to->mounts = (policy_mounts){0};
	to->commands_allow = to->commands_deny = to->sysctls = (struct str_list){0};
	memset(&to->exceptions, 0, sizeof(to->exceptions));
	for (size_t i = 0; i < from->bind.n; i++)
		*PUSH(to, &to->bind) = from->bind.items[i];
	for (size_t i = 0; i < from->connect.n; i++)
		*PUSH(to, &to->connect) = from->connect.items[i];
	for (size_t i = 0; i < from->mounts.n; i++)
		*PUSH(to, &to->mounts) = from->mounts.items[i];
	for (size_t i = 0; i < from->commands_allow.n; i++)
		add_text(to, &to->commands_allow, from->commands_allow.items[i]);
	for (size_t i = 0; i < from->commands_deny.n; i++)
		add_text(to, &to->commands_deny, from->commands_deny.items[i]);
	for (size_t i = 0; i < from->sysctls.n; i++)
		add_text(to, &to->sysctls, from->sysctls.items[i]);
	for (size_t i = 0; i < from->exceptions.n; i++)
		*PUSH(to, &to->exceptions) = from->exceptions.items[i];
}

/* One step, in one key. */
static void tighten(struct policy_conf *p, struct choices *c)
{
	static const uint64_t sizes[] = {1 << 20, 64 << 20, UINT64_C(1) << 30};
	switch (byte(c) % 18) {
	case 0: p->root = ROOT_REJECT; break;
	case 1: p->seccomp = SECCOMP_PROFILE_STRICT; break;
	case 2: p->landlock_abi_min += byte(c) % 4; break;
	case 3: p->pids_max = 1 + byte(c) % p->pids_max; break;
	case 4: {
		uint64_t most = pick(c, sizes);
		p->memory_max = p->memory_max && p->memory_max < most ? p->memory_max : most;
		break;
	}
	case 5: {
		uint64_t most = 16 + number(c) % 100000;
		p->open_files_max = p->open_files_max && p->open_files_max < most ? p->open_files_max : most;
		break;
	}
	case 6:
		if (!p->commands_allow.n)
			add_text(p, &p->commands_allow, pick(c, commands));
		else if (p->commands_allow.n > 1)
			p->commands_allow.n--;
		break;
	case 7: add_text(p, &p->commands_deny, pick(c, commands)); break;
	case 8:
		p->bind_limited = true;
		p->bind.n -= p->bind.n > 0;
		break;
	case 9:
		p->connect_limited = true;
		p->connect.n -= p->connect.n > 0;
		break;
	case 10:
		p->mounts_limited = true;
		p->mounts.n -= p->mounts.n > 0;
		break;
	case 11:
		if (p->mounts.n)
			p->mounts.items[byte(c) % p->mounts.n].writable = false;
		break;
	case 12:
		if (p->mounts.n && !p->mounts.items[0].target)
			p->mounts.items[0].target = pick(c, places);
		break;
	case 13: p->encrypted_volumes = true; break;
	case 14:
		if (p->sysctls_limited)
			p->sysctls.n -= p->sysctls.n > 0;
		p->sysctls_limited = true;
		break;
	case 15: p->exceptions.n -= p->exceptions.n > 0; break;
	case 16:
		if (p->exceptions.n) {
			struct policy_exception *e = &p->exceptions.items[0];
			e->root_user &= chance(c, 2);
			e->root_group &= chance(c, 2);
			e->capabilities &= byte(c);
			e->exec_on.n = e->writable.n = e->mounts.n = 0;
			e->pids_max /= 2;
		}
		break;
	case 17:
		if (p->exceptions.n && p->exceptions.items[0].expires > NOW)
			p->exceptions.items[0].expires = NOW;
		break;
	}
}

/* --- decisions --- */

struct question {
	const struct spec *spec;
	const struct host *host;
	struct policy_request request;
};

/* 0 and a plan, or a clear refusal. */
static int ask(const struct question *q, const struct policy_conf *conf, const char *image, struct plan *plan, struct err *err)
{
	struct policy_request request = q->request;
	request.image = image;
	if (policy_resolve(q->spec, q->host, conf, &request, plan, err) == 0)
		return 0;
	check_refusal(err);
	return -1;
}

/* The plan's whole text without the lines that have `but` in them. */
static void text_of(const struct plan *plan, const char *but, struct str *ret)
{
	autostr all = STR_INIT;
	plan_print(plan, true, &all);
	must(!str_failed(&all));
	for (const char *at = str_text(&all); *at;) {
		size_t len = strcspn(at, "\n") + 1;
		const char *found = but ? strstr(at, but) : NULL;
		if (!found || found >= at + len)
			str_add_bytes(ret, at, len);
		at += len;
	}
}

/* Both refused alike, or both planned alike but for some lines. */
static void must_be_same(int rc1, const struct plan *plan1, const struct err *err1, int rc2, const struct plan *plan2,
			 const struct err *err2, const char *but)
{
	autostr one = STR_INIT, two = STR_INIT;
	must(rc1 == rc2);
	if (rc1) {
		/* The refusal is the same; that there was an exception, it may say. */
		size_t n = strlen(err1->msg);
		must(!strncmp(err1->msg, err2->msg, n) && err1->kind == err2->kind);
		must(!err2->msg[n] || (but && !strcmp(but, "H-84") && !strncmp(err2->msg + n, "; the exception for its image", 29)) ||
		     n > sizeof(err1->msg) - 64);
		return;
	}
	text_of(plan1, but, &one);
	text_of(plan2, but, &two);
	if (one.len != two.len || strcmp(str_text(&one), str_text(&two)) != 0) {
		fprintf(stderr, "%s\nand\n%s\n", str_text(&one), str_text(&two));
		abort();
	}
}

/* --- the properties --- */

static void check_exception(const struct question *q, const struct policy_conf *conf, struct choices *c)
{
	autoconf more = POLICY_CONF_INIT;
	autoplan before = PLAN_INIT, after = PLAN_INIT, other_before = PLAN_INIT, other_after = PLAN_INIT;
	struct err err_before = ERR_INIT, err_after = ERR_INIT, other_err_before = ERR_INIT, other_err_after = ERR_INIT;
	bool expired = chance(c, 4);
	const char *other = chance(c, 2) ? image_b : NULL;
	copy_conf(conf, &more);
	struct policy_exception *added = add_exception(&more, c, image_a, expired);
	/* A place that is to be written is a tmpfs over what the image has there: that is what it is for. */
	added->writable.n = 0;
	int rc_before = ask(q, conf, image_a, &before, &err_before), rc_after = ask(q, &more, image_a, &after, &err_after);
	if (expired) {
		must_be_same(rc_before, &before, &err_before, rc_after, &after, &err_after, "H-84");
	} else if (rc_before == 0) {
		if (rc_after)
			fprintf(stderr, "%s\n", err_after.msg);
		must(rc_after == 0);
		powers_within(&before, &after);
	}
	rc_before = ask(q, conf, other, &other_before, &other_err_before);
	rc_after = ask(q, &more, other, &other_after, &other_err_after);
	must_be_same(rc_before, &other_before, &other_err_before, rc_after, &other_after, &other_err_after, NULL);
}

static void check_annotation(const struct question *q, struct spec *spec, const struct policy_conf *conf, struct choices *c)
{
	static const char *const keys[] = {
		"run.oci.handler", "org.systemd.property.DeviceAllow", "krun.cpus", "module.wasm.image/variant", "org.criu.config",
		"kanuki.policy", "kanuki.image", "io.kubernetes.cri-o.ImageRef", "io.kubernetes.cri.sandbox-id", "bundle", "x",
	};
	static const char *const texts[] = {"builtin:oci", image_a, image_b, "", "true", "a\nlevel: oci"};
	autoplan before = PLAN_INIT, after = PLAN_INIT;
	struct err err_before = ERR_INIT, err_after = ERR_INIT;
	int rc_before = ask(q, conf, image_b, &before, &err_before);
	for (int n = 1 + byte(c) % 3; n > 0; n--)
		*ADD(spec, &spec->annotations) = (struct spec_pair){pick(c, keys), pick(c, texts)};
	int rc_after = ask(q, conf, image_b, &after, &err_after);
	must_be_same(rc_before, &before, &err_before, rc_after, &after, &err_after, "annotation");
}

static void check_subset(const struct question *q, const struct policy_conf *strict, const struct policy_conf *loose, const char *image)
{
	autoplan less = PLAN_INIT, more = PLAN_INIT;
	struct err err = ERR_INIT, err_more = ERR_INIT;
	if (ask(q, strict, image, &less, &err))
		return;
	if (!image && strict->level != LEVEL_OCI)
		promises_hold(&less, q->host, &q->request.roots_own);
	if (ask(q, loose, image, &more, &err_more)) {
		fprintf(stderr, "only the stricter starts it: %s\n", err_more.msg);
		abort();
	}
	powers_within(&less, &more);
}

static void check_levels(const struct question *q, const struct policy_conf *conf, struct choices *c)
{
	static const enum plan_level levels[] = {LEVEL_OCI, LEVEL_HARDENED, LEVEL_PERSONAL_DATA, LEVEL_CARD_PAYMENTS};
	autoconf strict = POLICY_CONF_INIT;
	const char *key = NULL, *image = chance(c, 2) ? image_a : NULL;
	unsigned lower = byte(c) % 4, higher = lower + byte(c) % (4 - lower);
	must(policy_conf_is_stricter(level_conf(levels[higher]), level_conf(levels[lower]), &key));
	check_subset(q, level_conf(levels[higher]), level_conf(levels[lower]), NULL);
	copy_conf(conf, &strict);
	for (int n = 1 + byte(c) % 4; n > 0; n--)
		tighten(&strict, c);
	if (!policy_conf_is_stricter(&strict, conf, &key)) {
		fprintf(stderr, "not stricter: %s\n", key);
		abort();
	}
	check_subset(q, &strict, conf, image);
}

/* Two that have nothing to do with each other: where one is the stricter by the table, it is. */
static void check_pair(const struct question *q, const struct policy_conf *conf, struct choices *c)
{
	autoconf other = POLICY_CONF_INIT;
	const char *key;
	make_conf(&other, c);
	if (policy_conf_is_stricter(&other, conf, &key))
		check_subset(q, &other, conf, image_a);
	else if (policy_conf_is_stricter(conf, &other, &key))
		check_subset(q, conf, &other, image_a);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct choices c = {data, data + size};
	struct spec spec = SPEC_INIT;
	struct host host;
	autoconf conf = POLICY_CONF_INIT;
	struct arena arena = ARENA_INIT;
	uint8_t what = byte(&c), flags = byte(&c);
	struct question q = {
		.spec = &spec,
		.host = &host,
		.request = {
			.gate.answer = GATE_LATER,
			.id = "c1",
			.bundle = "/bundle",
			.now = NOW,
			.cgroup_manager = (flags & 3) == 3 ? "disabled" : NULL,
			.console_socket = flags & 4,
			.detached = flags & 8,
			.notify_dir = flags & 16 ? "/run/kanuki/c1/notify" : NULL,
		},
	};
	make_conf(&conf, &c);
	for (int n = byte(&c) % 3; n > 0; n--)
		(void)add_exception(&conf, &c, chance(&c, 3) ? image_b : image_a, chance(&c, 4));
	make_host(&host, &c);
	make_spec(&spec, &c);
	pick_sources(&spec, &c, &arena, &q.request.encrypted);
	pick_sources(&spec, &c, &arena, &q.request.roots_own);
	switch (what % 4) {
	case 0: check_exception(&q, &conf, &c); break;
	case 1: check_annotation(&q, &spec, &conf, &c); break;
	case 2: check_levels(&q, &conf, &c); break;
	case 3: check_pair(&q, &conf, &c); break;
	}
	arena_release(&arena);
	spec_release(&spec);
	return 0;
}
