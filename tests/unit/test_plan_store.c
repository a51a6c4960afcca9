/* The recorded plan: what is written is what is read, and anything else is
 * refused by name. */
#include "config.h"

#include "tests/unit/plan_fixture.h"
#include "tests/unit/tap.h"

static char *stored(const struct plan *plan)
{
	struct str out = STR_INIT;
	struct err err = ERR_INIT;
	if (plan_store_write(plan, &out, &err)) {
		diag("%s", err.msg);
		abort();
	}
	return out.s;
}

/* Every recorded field has a value that is not its zero. */
static void full_plan(struct plan *plan)
{
	fixture_plan(plan);
	struct plan_process *process = &plan->process;
	process->terminal = true;
	process->console_rows = 65535;
	process->console_cols = 1;
	process->preserve_fds = 4;
	process->oom_score_adj_set = true;
	process->oom_score_adj = 1000;
	process->sched = (struct plan_sched){true, 3, -20, 99, UINT64_MAX, 1, 2, 3};
	process->io_priority = 3 << 13;
	process->affinity_initial = "0";
	process->affinity_final = "1-2";
	process->personality = 8;
	process->mempolicy.set = true;
	process->mempolicy.mode = 1;
	process->mempolicy.flags = 1u << 15;
	process->mempolicy.nodes = "0";
	process->apparmor_profile = "p";
	process->selinux_label = "l \xe2\x82\xac \x7f";
	plan->ns[NS_NET] = (struct plan_ns){NS_JOIN, "/run/netns/x", true};
	plan->loopback_up = false;
	plan->cgroup.path_from_caller = plan->cgroup.check_before_update = true;
	plan->cgroup.devices.items[0].allow = false;
	plan->cgroup.delegate_uid = 7;
	struct plan_filter *filter = PUSH(plan, &plan->filters);
	filter->kind = FILTER_RULES;
	filter->flags = 2;
	filter->listener_path = "/run/l";
	filter->listener_metadata = "m";
	fixture_text(plan, &plan->hooks[HOOK_POSTSTOP].items[0].env, "A=1");
	PUSH(plan, &plan->hooks[HOOK_POSTSTART])->path = "/bin/a";
	PUSH(plan, &plan->hooks[HOOK_START_CONTAINER])->path = "/bin/b";
	plan->intel_rdt.set = plan->intel_rdt.own_group = true;
	plan->intel_rdt.clos_id = "c1";
	plan->landlock.min_abi = 3;
}

static void test_round_trip(const char *name, void (*make)(struct plan *))
{
	autoplan plan = PLAN_INIT, read = PLAN_INIT;
	struct err err = ERR_INIT;
	make(&plan);
	char *text = stored(&plan);
	if (!ok(plan_store_parse(text, strlen(text), &read, &err) == 0, "%s: read back", name)) {
		diag("%s\n%s", err.msg, text);
		free(text);
		return;
	}
	char *again = stored(&read);
	is_str(again, text, name);
	free(text);
	free(again);
}

static void test_levels(void)
{
	static const char *const names[] = {"hardened", "personal-data", "card-payments"};
	static const enum plan_level levels[] = {LEVEL_HARDENED, LEVEL_PERSONAL_DATA, LEVEL_CARD_PAYMENTS};
	for (size_t i = 0; i < ARRAY_LEN(levels); i++) {
		autoplan plan = PLAN_INIT, read = PLAN_INIT;
		struct err err = ERR_INIT;
		full_plan(&plan);
		plan.level = levels[i];
		char *text = stored(&plan);
		ok(strstr(text, names[i]) && !plan_store_parse(text, strlen(text), &read, &err) &&
			   read.level == levels[i],
		   "level %s", names[i]);
		free(text);
	}
}

static void test_fields(void)
{
	autoplan plan = PLAN_INIT, read = PLAN_INIT;
	struct err err = ERR_INIT;
	full_plan(&plan);
	char *text = stored(&plan);
	if (plan_store_parse(text, strlen(text), &read, &err))
		abort();
	free(text);
	is_str(read.id, "c1", "id");
	is_int(read.level, LEVEL_HARDENED, "level");
	is_int(read.process.uid, 65532, "uid");
	is_int(read.process.groups.items[0], 100, "groups");
	is_int(read.process.umask, 022, "umask");
	is_int(read.process.securebits, plan.process.securebits, "securebits");
	ok(read.process.no_new_privs && read.process.set_groups && read.process.terminal, "booleans");
	is_int(read.process.home, HOME_FROM_PASSWD, "where HOME comes from");
	is_str(read.process.args.items[1], "1 h", "arguments");
	is_str(read.process.selinux_label, "l \xe2\x82\xac \x7f", "odd text");
	ok(read.process.rlimits.items[1].hard == UINT64_MAX, "an unlimited limit");
	is_int(read.process.sched.nice, -20, "a negative number");
	ok(read.process.sched.flags == UINT64_MAX, "a large number");
	is_int(read.process.mempolicy.flags, 1u << 15, "memory policy");
	is_int(read.ns[NS_NET].mode, NS_JOIN, "namespace mode");
	is_str(read.ns[NS_NET].path, "/run/netns/x", "namespace path");
	ok(read.ns[NS_NET].refuse_host && !read.ns[NS_IPC].path, "what else of namespaces");
	ok(read.userns_last.enabled && read.userns_last.forbid_children, "the last user namespace");
	is_int(read.userns_last.gid_maps.items[0].count, 65535, "and its map");
	is_int(read.filters.n, 2, "two filters");
	is_int(read.filters.items[1].kind, FILTER_RULES, "kind of filter");
	is_str(read.filters.items[1].listener_path, "/run/l", "its listener");
	ok(read.landlock.enabled && read.landlock.handled_fs == plan.landlock.handled_fs, "Landlock");
	is_str(read.landlock.no_exec.items[0], "/tmp", "its paths");
	is_str(read.cgroup.path, "/kanuki/c1", "cgroup");
	is_int(read.cgroup.devices.items[1].minor, -1, "device rules");
	is_int(read.cgroup.delegate_uid, 7, "delegation");
	is_int(read.hooks[HOOK_POSTSTOP].items[0].timeout_s, 5, "hooks");
	is_str(read.hooks[HOOK_START_CONTAINER].items[0].path, "/bin/b", "of start too");
	is_str(read.annotations.items[0].value, "b", "annotations");
	ok(read.intel_rdt.own_group && !strcmp(read.intel_rdt.clos_id, "c1"), "the cache group to remove");
	ok(read.verify && read.own_binary == OWN_BINARY_UNREACHABLE, "read-back and own binary");
	is_int(read.mounts.n, 0, "mounts are not recorded");
}

/* The recorded text with the first `from` replaced by `to`. */
static void expect_refusal(const char *name, const char *from, const char *to, enum err_kind kind, const char *part)
{
	autoplan plan = PLAN_INIT, read = PLAN_INIT;
	autostr changed = STR_INIT;
	struct err err = ERR_INIT;
	full_plan(&plan);
	char *text = stored(&plan);
	char *at = strstr(text, from);
	if (!at)
		abort();
	str_add_bytes(&changed, text, (size_t)(at - text));
	str_add(&changed, to);
	str_add(&changed, at + strlen(from));
	is_int(plan_store_parse(str_text(&changed), changed.len, &read, &err), -1, name);
	is_err(&err, kind, part, name);
	free(text);
}

static void test_refusals(void)
{
	expect_refusal("another version", "\"version\":1", "\"version\":2", ERR_SPEC, "version: 2");
	expect_refusal("an unknown key", "\"version\":1", "\"version\":1,\"more\":1", ERR_SPEC, "members");
	expect_refusal("an unknown key further in", "\"createCwd\":", "\"x\":1,\"createCwd\":", ERR_SPEC,
		       "process: has");
	expect_refusal("a missing key", "\"gid\":65532,", "", ERR_SPEC, "'gid' is missing");
	expect_refusal("a missing optional text", "\"closId\":\"c1\",", "", ERR_SPEC, "'closId' is missing");
	expect_refusal("a duplicate key", "\"uid\":65532,", "\"uid\":65532,\"uid\":0,", ERR_SPEC, "uid");
	expect_refusal("a wrong type", "\"uid\":65532", "\"uid\":\"65532\"", ERR_SPEC, "process.uid");
	expect_refusal("a number too large", "\"uid\":65532", "\"uid\":4294967296", ERR_SPEC, "process.uid");
	expect_refusal("a number too small", "\"oomScoreAdj\":1000", "\"oomScoreAdj\":-2147483649", ERR_SPEC,
		       "oomScoreAdj");
	expect_refusal("a fraction", "\"uid\":65532", "\"uid\":65532.0", ERR_SPEC, "process.uid");
	expect_refusal("a number for a boolean", "\"verify\":true", "\"verify\":1", ERR_SPEC, "verify");
	expect_refusal("a text for a list", "\"args\":[\"sleep\",\"1 h\"]", "\"args\":\"sleep\"", ERR_SPEC, "args");
	expect_refusal("a number in a list of texts", "\"args\":[\"sleep\"", "\"args\":[1", ERR_SPEC, "args[0]");
	expect_refusal("an object for a list", "\"filters\":[", "\"filters\":{},\"filters2\":[", ERR_SPEC, "filters");
	expect_refusal("a number for an object", "\"landlock\":{", "\"landlock\":1,\"landlock2\":{", ERR_SPEC,
		       "landlock");
	expect_refusal("a text in a list of objects", "\"poststop\":[", "\"poststop\":[\"x\",", ERR_SPEC,
		       "poststop[0]");
	expect_refusal("null for a text", "\"id\":\"c1\"", "\"id\":null", ERR_SPEC, "id");
	expect_refusal("an unknown name", "\"level\":\"hardened\"", "\"level\":\"soft\"", ERR_SPEC,
		       "level: 'soft' is unknown");
	expect_refusal("an unknown mode", "\"mode\":\"private\"", "\"mode\":\"shared\"", ERR_SPEC,
		       "'shared' is unknown");
	expect_refusal("text behind it", "\"verify\":true}", "\"verify\":true} x", ERR_SPEC, "recorded plan");
	expect_refusal("no object", "{\"version\"", "[{\"version\"", ERR_SPEC, "recorded plan");
	/* what plan_check() refuses is refused here too */
	expect_refusal("a record made weaker: root", "\"uid\":65532", "\"uid\":0", ERR_POLICY, "user 0");
	expect_refusal("a record made weaker: capability", "\"bounding\":0", "\"bounding\":1", ERR_POLICY,
		       "a capability set");
	expect_refusal("a record made weaker: filter", "\"kind\":\"default\"", "\"kind\":\"rules\"", ERR_POLICY,
		       "our own filter");
	expect_refusal("a record made weaker: user namespace", "\"last\":true", "\"last\":false", ERR_POLICY, "");
	expect_refusal("an id that is a path", "\"id\":\"c1\"", "\"id\":\"../x\"", ERR_POLICY, "id");
	expect_refusal("a climbing cgroup", "/kanuki/c1", "/kanuki/../c1", ERR_POLICY, "cgroup path");
}

static void test_empty(void)
{
	autoplan read = PLAN_INIT;
	struct err err = ERR_INIT;
	is_int(plan_store_parse("", 0, &read, &err), -1, "nothing is no record");
	is_int(err.kind, ERR_SPEC, "and is said to be broken");
}

static void test_not_utf8(void)
{
	autoplan plan = PLAN_INIT;
	autostr out = STR_INIT;
	struct err err = ERR_INIT;
	fixture_plan(&plan);
	plan.bundle = "/b\xff";
	is_int(plan_store_write(&plan, &out, &err), -1, "a path that JSON can't hold isn't recorded as another");
	is_err(&err, ERR_SPEC, "bundle: is not valid UTF-8", "and is named");
	is_int(out.len, 0, "nothing is written");

	struct err again = ERR_INIT;
	plan.bundle = "/b";
	plan.process.args.items[1] = "\xc0\x80";
	is_int(plan_store_write(&plan, &out, &again), -1, "nor one in a list");
	is_err(&again, ERR_SPEC, "is not valid UTF-8", "which is named");
}

int main(void)
{
	test_round_trip("hardened", fixture_plan);
	test_round_trip("oci", fixture_oci_plan);
	test_round_trip("everything set", full_plan);
	test_levels();
	test_fields();
	test_refusals();
	test_empty();
	test_not_utf8();
	return tap_done();
}
