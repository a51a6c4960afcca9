/* The printed plan: lines, words, notes; and that no text of a bundle can pass
 * for something that the plan says itself. */
#include "config.h"

#include "tests/unit/plan_fixture.h"
#include "tests/unit/tap.h"

#include "plan/print.h"
#include "policy/rules.h"

#include <linux/seccomp.h>

static char *text_of(const struct plan *plan, bool diff)
{
	struct str out = STR_INIT;
	plan_print(plan, diff, &out);
	if (str_failed(&out) || !out.s)
		abort();
	return out.s;
}

/* The whole line is there, once. */
static void has_line(const char *text, const char *line)
{
	size_t len = strlen(line);
	unsigned found = 0;
	for (const char *at = text; (at = strstr(at, line)); at += len)
		found += (at == text || at[-1] == '\n') && at[len] == '\n';
	if (!ok(found == 1, "line: %s", line))
		diag("found %u times in\n%s", found, text);
}

static void test_hardened(void)
{
	autoplan plan = PLAN_INIT;
	fixture_plan(&plan);
	char *text = text_of(&plan, false), *again = text_of(&plan, false);
	is_str(text, again, "the same plan has the same text");
	static const char *const lines[] = {
		"policy: builtin:hardened",
		"level: hardened",
		"id: c1",
		"user.uid: 65532  # H-01",
		"user.groups: 100  # H-03",
		"user.umask: 0022  # H-16",
		"capabilities.ambient: none  # H-04",
		"no-new-privs: yes  # H-05",
		"securebits: noroot,noroot-locked,no-setuid-fixup,no-setuid-fixup-locked,keep-caps-locked,"
		"no-cap-ambient-raise,no-cap-ambient-raise-locked  # H-06",
		"keyring: own  # H-08",
		"terminal: no  # H-18",
		"descriptors: 0-2  # H-17",
		"args: sleep \"1 h\"",
		"cwd: / (created)",
		"environment: 2  # H-09",
		"env.PATH: /usr/bin:/bin",
		"env.HOME: (from the image's passwd)",
		"rlimit.CORE: 0:0  # H-07",
		"rlimit.NOFILE: 1024:unlimited",
		"scheduler: other  # H-16",
		"oom-score-adj: (untouched)  # H-16",
		"io-priority: none:0  # H-16",
		"personality: 0x0  # H-16",
		"namespace.pid: private  # H-10",
		"namespace.user: private-last  # H-10",
		"namespaces.host: none  # H-11",
		"userns-last: yes  # H-12",
		"userns-last.uid-map: 1:1:65535  # H-12",
		"userns-last.children: forbidden  # H-13",
		"hostname: c1",
		"loopback: up",
		"sysctl.vm/memfd_noexec: 2  # H-14",
		"sysctls: 2  # H-15",
		"root.readonly: yes  # H-20",
		"root.propagation: private  # H-26",
		"root.no-pivot: no  # H-26",
		"writable-executable: none  # H-24",
		"mounts.from-host: 2  # H-25",
		"mount /proc: new type=proc source=proc flags=rw,nosuid,nodev,noexec links=refused missing=create(0755) "
		"on-procfs=refused  # H-22; H-32",
		"mount /sys/fs/cgroup: cgroup-view source=cgroup flags=ro,nosuid,nodev,noexec links=refused "
		"missing=create(0755) on-procfs=refused  # H-61",
		"mount /tmp: new type=tmpfs source=tmpfs flags=rw,nosuid,nodev,noexec data=size=64m links=refused "
		"missing=skip on-procfs=refused  # H-21; H-22",
		"mount /opt/tools: bind source=/srv/tools flags=ro,nosuid,nodev links=refused missing=create(0755) "
		"source-links=refused programs=host on-procfs=refused  # H-23; H-24",
		"dev.readonly: yes  # H-40",
		"device /dev/null: c 1:3 0666 0:0  # H-40",
		"dev-link /dev/fd: /proc/self/fd",
		"masked /proc/kcore: yes  # H-30",
		"readonly /proc/sys: yes  # H-31",
		"filters.point: last",
		"filters.abi: native  # H-51",
		"filter.0: default  # H-50",
		"landlock: yes min-abi=0  # H-70",
		"landlock.rights: execute,write-file",
		"landlock.writable: /tmp",
		"cgroup.path: /kanuki/c1",
		"cgroup.pids.max: 1024 (where the controller exists)  # H-60",
		"cgroup.delegated: no",
		"cgroup.writable: no  # H-61",
		"devices.filter: yes  # H-41",
		"device-rule.1: allow c 136:* rwm",
		"hooks: 1  # H-80",
		"hook.poststop: /usr/bin/cleanup args=cleanup env=none timeout=5s",
		"annotations: 1  # H-81",
		"own-binary: unreachable  # H-19",
		"apparmor: none  # H-71",
		"selinux: none  # H-71",
		"verify: yes  # H-90",
	};
	for (size_t i = 0; i < ARRAY_LEN(lines); i++)
		has_line(text, lines[i]);
	/* the others hold what a policy or a bundle has to ask for */
	static const char asked[] = "H-27 H-62 H-63 H-72 H-73 H-83 H-84 H-85";
#define RULE(id, name, holds, serves, key) ok(strstr(text, id) || strstr(asked, id), "%s is named although nothing had to change", id);
	POLICY_RULES(RULE)
	free(text);
	free(again);
}

static void test_gate(void)
{
	static const char image[] = "sha256:a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1";
	autoplan plan = PLAN_INIT;

	fixture_plan(&plan);
	char *text = text_of(&plan, false);
	ok(!strstr(text, "gate:") && !strstr(text, "image:"), "H-85: nobody was asked, no line");
	free(text);
	plan.gate.state = PLAN_GATE_LATER;
	text = text_of(&plan, false);
	has_line(text, "gate: (asked when it is made)  # H-85");
	ok(!strstr(text, "image:") && !strstr(text, "gate."),
	   "H-85: no image yet, and who is asked isn't said");
	free(text);
	plan.gate = (struct plan_gate){
		.state = PLAN_GATE_LATER, .program = "/opt/a gate", .scan_age_days = 30};
	text = text_of(&plan, false);
	has_line(text, "gate: (asked when it is made)  # H-85");
	has_line(text, "gate.program: \"/opt/a gate\"");
	has_line(text, "gate.scan-age: 30 days at most");
	free(text);
	plan.gate = (struct plan_gate){.state = PLAN_GATE_MISSING};
	text = text_of(&plan, false);
	has_line(text, "gate: (none is set up: create refuses)  # H-85");
	free(text);
	plan.gate = (struct plan_gate){.state = PLAN_GATE_ASKED,
				       .verdict = "allow-breakglass",
				       .image_class = "image",
				       .image = image};
	text = text_of(&plan, false);
	has_line(text, "gate: allow-breakglass class=image  # H-85");
	has_line(text, "image: sha256:a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1  # H-85");
	free(text);
	plan.gate = (struct plan_gate){
		.state = PLAN_GATE_ASKED, .verdict = "allow", .image_class = "pause"};
	text = text_of(&plan, false);
	has_line(text, "image: none  # H-85");
	free(text);
}

static void test_oci(void)
{
	autoplan plan = PLAN_INIT;
	fixture_oci_plan(&plan);
	plan.ns[NS_NET] = (struct plan_ns){NS_JOIN, "/run/netns/x", false};
	plan.ns[NS_PID].mode = NS_HOST;
	plan.process.set_groups = false;
	plan.process.groups.n = 0;
	plan.process.sched.set = plan.process.io_priority_set = plan.process.personality_set = false;
	plan.process.new_keyring = false;
	plan.landlock.enabled = false;
	char *text = text_of(&plan, true);
	ok(!strstr(text, "# H-"), "at level oci no rule holds a line");
	has_line(text, "level: oci");
	static const char *const stricter[] = {"level: personal-data", "level: card-payments"};
	for (int i = 0; i < 2; i++) {
		plan.level = LEVEL_PERSONAL_DATA + (unsigned)i;
		char *other = text_of(&plan, true);
		has_line(other, stricter[i]);
		ok(strstr(other, "# H-") != NULL, "%s: rules hold lines", stricter[i]);
		free(other);
	}
	has_line(text, "user.groups: (not set)");
	has_line(text, "capabilities.bounding: CAP_CHOWN,CAP_KILL");
	has_line(text, "namespace.net: join /run/netns/x");
	has_line(text, "namespaces.host: user,pid,net?");
	has_line(text, "keyring: (the caller's)");
	has_line(text, "scheduler: (untouched)");
	has_line(text, "io-priority: (untouched)");
	has_line(text, "personality: (untouched)");
	has_line(text, "landlock: no");
	has_line(text, "userns-last: no");
	has_line(text, "filters.point: before-drop");
	has_line(text, "filters.abi: any");
	has_line(text, "own-binary: sealed-copy");
	has_line(text, "verify: no");
	free(text);
}

static void test_changes(void)
{
	autoplan plan = PLAN_INIT;
	fixture_plan(&plan);
	fixture_change(&plan, "H-01", "user.uid", CHANGE_FORCED, "0", NULL);
	fixture_change(&plan, "H-04", "capabilities.bounding", CHANGE_FORCED, "CAP_KILL,CAP_CHOWN", NULL);
	fixture_change(&plan, "H-22", "mount /tmp", CHANGE_FORCED, "exec", NULL);
	fixture_change(&plan, "H-24", "mount /tmp", CHANGE_FORCED, "exec", "noexec,forced");
	fixture_change(&plan, "H-21", "mount /tmp", CHANGE_ADDED, NULL, NULL);
	fixture_change(&plan, "H-20", "root.readonly", CHANGE_FORCED, NULL, NULL);
	fixture_change(&plan, "H-70", "landlock", CHANGE_SKIPPED, NULL, "the kernel has it off");
	fixture_change(&plan, "H-40", "device /dev/kvm", CHANGE_DROPPED, "c 10:232", NULL);
	fixture_change(&plan, "H-41", "devices.filter", CHANGE_DROPPED, "3 allowed", NULL);
	fixture_change(&plan, "H-60", "cgroup.cpu.max", CHANGE_SKIPPED, NULL, "no controller");
	fixture_change(&plan, "H-30", "nowhere", CHANGE_FORCED, "x", NULL);
	char *text = text_of(&plan, false), *diff = text_of(&plan, true);

	has_line(text, "user.uid: 65532  # H-01");
	has_line(diff, "user.uid: 65532  # H-01 asked: 0");
	has_line(diff, "capabilities.bounding: none  # H-04 asked: CAP_KILL,CAP_CHOWN");
	has_line(diff, "root.readonly: yes  # H-20 asked: nothing");
	ok(strstr(diff, "refused  # H-21 added; H-22 asked: exec; H-24 asked: exec given: noexec,forced\n"),
	   "several rules on one line, in order");
	ok(strstr(text, "refused  # H-21; H-22; H-24\n"), "without --diff only their names");
	has_line(diff, "landlock: yes min-abi=0  # H-70 skipped given: \"the kernel has it off\"");
	has_line(text, "# H-60 skipped: cgroup.cpu.max given: \"no controller\"");
	has_line(text, "# H-30 forced: nowhere asked: x");
	has_line(diff, "# H-40 dropped: \"device /dev/kvm\" asked: \"c 10:232\"");
	ok(!strstr(text, "/dev/kvm"), "what was dropped is shown by --diff only");
	has_line(diff, "devices.filter: yes  # H-41");
	has_line(diff, "# H-41 dropped: devices.filter asked: \"3 allowed\"");
	free(text);
	free(diff);
}

static void test_words(void)
{
	static const struct { const char *word, *printed; } words[] = {
		{"plain", "plain"},
		{"/a/b-c_d.e:1=2+3@4%5,6~7*", "/a/b-c_d.e:1=2+3@4%5,6~7*"},
		{"", "\"\""},
		{"two words", "\"two words\""},
		{"none", "\"none\""},
		{"not-host", "\"not-host\""},
		{"(untouched)", "\"(untouched)\""},
		{"x  # H-01", "\"x  # H-01\""},
		{"a;b", "\"a;b\""},
		{"line\nlevel: oci", "\"line\\nlevel: oci\""},
		{"quote\"back\\slash", "\"quote\\\"back\\\\slash\""},
		{"\x1b[2J", "\"\\u001b[2J\""},
		{"caf\xc3\xa9", "\"caf\xc3\xa9\""},
		{"a\xe2\x80\xae" "b", "\"a\\u202eb\""},
		{"\xe2\x81\xa6", "\"\\u2066\""},
		{"\xe2\x80\x8f\xe2\x80\xa8", "\"\\u200f\\u2028\""},
		{"\xe2\x82\xac", "\"\xe2\x82\xac\""},
		{"bad\xff", "\"bad\\ufffd\""},
		{NULL, "none"},
	};
	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		autostr out = STR_INIT;
		print_word(&out, words[i].word);
		is_str(str_text(&out), words[i].printed, "word");
	}
}

static void test_rest(void)
{
	autoplan plan = PLAN_INIT;
	fixture_plan(&plan);
	struct plan_process *process = &plan.process;
	process->terminal = true;
	process->console_rows = 25;
	process->console_cols = 80;
	process->preserve_fds = 2;
	process->home = HOME_FROM_ENV;
	fixture_text(&plan, &process->env, "E=");
	fixture_text(&plan, &process->env, "odd name=a\nb");
	*PUSH(&plan, &process->rlimits) = (struct plan_rlimit){99, 1, 2};
	process->oom_score_adj_set = true;
	process->oom_score_adj = -5;
	process->sched = (struct plan_sched){true, 6, 3, 7, 0x41, 10, 20, 30};
	process->io_priority = 2 << 13 | 4;
	process->affinity_initial = "0-3";
	process->affinity_final = "0";
	process->mempolicy.set = true;
	process->mempolicy.mode = 2;
	process->mempolicy.nodes = "0,1";
	process->apparmor_profile = "profile";
	process->selinux_label = "u:r:t:s0";
	plan.ns[NS_IPC] = (struct plan_ns){NS_JOIN, "/proc/1/ns/ipc", true};
	*PUSH(&plan, &plan.uid_maps) = (struct plan_idmap){0, 1000, 5};
	*PUSH(&plan, &plan.uid_maps) = (struct plan_idmap){5, 2000, 1};
	plan.deny_setgroups = true;
	plan.boottime.set = plan.monotonic.set = true;
	plan.boottime.secs = -7;
	plan.monotonic.nanosecs = 5;
	plan.domainname = "d";
	*PUSH(&plan, &plan.net_devices) = (struct plan_net_device){"eth0", "e"};
	plan.sysctls.items[0].optional = true;
	plan.root.propagation = 0;
	plan.root.propagation_rec = true;
	plan.root.attr_set = MOUNT_ATTR_NODEV;
	struct plan_mount *data = fixture_find_mount(&plan, "/data");
	data->recursive = true;
	data->attr_set = 0;
	data->attr_clr = MOUNT_ATTR__ATIME | MOUNT_ATTR_NOEXEC;
	data->attr_set_rec = MOUNT_ATTR_NOSUID;
	data->attr_clr_rec = MOUNT_ATTR_RDONLY;
	data->idmap = true;
	*PUSH(&plan, &data->uid_maps) = (struct plan_idmap){0, 1, 2};
	data->mount_label = "l";
	data->propagation_rec = true;
	struct plan_mount *tools = fixture_find_mount(&plan, "/opt/tools");
	tools->programs = PROGRAMS_ENGINE;
	tools->idmap = tools->idmap_rec = true;
	tools->propagation = 77;
	tools->mode = 0;
	PUSH(&plan, &plan.filters)->kind = FILTER_STRICT;
	struct plan_filter *filter = PUSH(&plan, &plan.filters);
	filter->kind = FILTER_RULES;
	filter->default_action = SECCOMP_RET_ERRNO | 38;
	filter->flags = SECCOMP_FILTER_FLAG_LOG | 0x100;
	filter->listener_path = "/run/l";
	filter->listener_metadata = "m";
	fixture_text(&plan, &filter->archs, "SCMP_ARCH_ARM");
	static const uint32_t actions[] = {
		SECCOMP_RET_ALLOW, SECCOMP_RET_KILL_PROCESS, SECCOMP_RET_KILL_THREAD, SECCOMP_RET_TRAP,
		SECCOMP_RET_USER_NOTIF, SECCOMP_RET_TRACE | 3, SECCOMP_RET_LOG, 0x12340000,
	};
	for (size_t i = 0; i < ARRAY_LEN(actions); i++) {
		struct plan_filter_rule *rule = PUSH(&plan, &filter->rules);
		rule->action = actions[i];
		fixture_text(&plan, &rule->names, "read");
		*PUSH(&plan, &rule->args) = (struct plan_filter_arg){1, i == 0 ? 7 : i == 1 ? 9 : 4, 0xff, 0x10};
	}
	plan.cgroup.manager = CGROUP_SYSTEMD;
	plan.cgroup.path_from_caller = true;
	plan.cgroup.check_before_update = true;
	plan.cgroup.delegate_uid = plan.cgroup.delegate_gid = 5;
	plan.cgroup.device_filter = false;
	plan.cgroup.writes.items[0].absent = ABSENT_ERROR;
	fixture_find_mount(&plan, "/sys/fs/cgroup")->attr_set = RW_FLAGS;
	plan.cgroup.devices.items[0] = (struct plan_device_rule){false, 'a', -1, -1, true, false, false};
	plan.intel_rdt.set = plan.intel_rdt.own_group = true;
	plan.intel_rdt.clos_id = "c1";
	plan.notify_socket = true;
	static const char *const lines[] = {
		"terminal: yes 25x80  # H-18",
		"descriptors: 0-4  # H-17",
		"env.E: \"\"",
		"env.\"odd name\": \"a\\nb\"",
		"rlimit.99: 1:2",
		"oom-score-adj: -5  # H-16",
		"scheduler: deadline priority=7 runtime=10 deadline=20 period=30 flags=reset-on-fork,util-clamp-max  # H-16",
		"nice: 3  # H-16",
		"io-priority: best-effort:4  # H-16",
		"affinity.initial: 0-3",
		"affinity.final: 0",
		"memory-policy: mode=2 flags=0x0 nodes=0,1",
		"apparmor: profile  # H-71",
		"selinux: u:r:t:s0  # H-71",
		"namespace.ipc: join /proc/1/ns/ipc not-host  # H-10",
		"user-map.uid: 0:1000:5,5:2000:1",
		"user-map.gid: none",
		"user-map.setgroups: deny",
		"time.boottime: -7.000000000",
		"time.monotonic: 0.000000005",
		"domainname: d",
		"net-device eth0: e",
		"sysctl.net/ipv4/ip_forward: 0 (where it exists)",
		"root.flags: nodev",
		"root.propagation: rprivate  # H-26",
		"writable-executable: /data as /data  # H-24",
		("mount /data: bind-recursive source=/srv/data flags=rw clear=exec,relatime tree=nosuid "
		 "tree-clear=rw propagation=rprivate idmap=0:1:2;none label=l links=refused "
		 "missing=create(0755) on-procfs=refused  # H-22; H-23"),
		("mount /opt/tools: bind source=/srv/tools flags=ro,nosuid,nodev propagation=0x4d "
		 "ridmap=(the container's) links=refused missing=create source-links=refused "
		 "programs=engine on-procfs=refused  # H-23; H-24"),
		"filter.1: strict",
		"filter.2: rules otherwise=errno(38) archs=native,SCMP_ARCH_ARM unknown=skipped flags=log,0x100 listener=/run/l metadata=m",
		"filter.2.rule.0: read allow arg1:masked-eq:0xff:0x10",
		"filter.2.rule.1: read kill-process arg1:?:0xff",
		"filter.2.rule.2: read kill-thread arg1:eq:0xff",
		"filter.2.rule.3: read trap arg1:eq:0xff",
		"filter.2.rule.4: read notify arg1:eq:0xff",
		"filter.2.rule.5: read trace(3) arg1:eq:0xff",
		"filter.2.rule.6: read log arg1:eq:0xff",
		"filter.2.rule.7: read 0x12340000 arg1:eq:0xff",
		"cgroup.manager: systemd",
		"cgroup.path: /kanuki/c1 (beneath the caller's)",
		"cgroup.pids.max: 1024  # H-60",
		"cgroup.check-before-update: yes",
		"cgroup.delegated: 5:5",
		"cgroup.writable: yes  # H-61",
		"devices.filter: no  # H-41",
		"device-rule.0: deny a *:* r",
		"intel-rdt: closid=c1 schemata=none monitoring=no own-group=yes",
		"notify-socket: yes",
	};
	char *text = text_of(&plan, false);
	for (size_t i = 0; i < ARRAY_LEN(lines); i++)
		has_line(text, lines[i]);
	free(text);
}

static void test_numbers_without_names(void)
{
	autoplan plan = PLAN_INIT;
	fixture_oci_plan(&plan);
	plan.process.caps.bounding = UINT64_C(1) << 45;
	plan.process.sched.policy = 42;
	plan.process.io_priority = 7 << 13;
	plan.root.readonly = false;
	plan.filters.n = 0;
	PUSH(&plan, &plan.filters)->kind = FILTER_RULES;
	char *text = text_of(&plan, false);
	has_line(text, "capabilities.bounding: CAP_45");
	has_line(text, "scheduler: 42");
	has_line(text, "io-priority: 0xe000");
	has_line(text, "writable-executable: / as /");
	has_line(text, "filters.abi: as each filter says");
	free(text);
}

static void test_too_many_rules(void)
{
	static const char *const rules[] = {"H-02", "H-03", "H-04", "H-05", "H-06", "H-07", "H-08", "H-09", "H-10"};
	autoplan plan = PLAN_INIT;
	autostr out = STR_INIT;
	fixture_plan(&plan);
	for (size_t i = 0; i < ARRAY_LEN(rules); i++)
		fixture_change(&plan, rules[i], "user.uid", CHANGE_FORCED, NULL, NULL);
	plan_print(&plan, false, &out);
	ok(str_failed(&out), "more rules than a line holds is a failure, not a shorter line");
}

static void test_values(void)
{
	autoplan plan = PLAN_INIT;
	autostr out = STR_INIT, same = STR_INIT;
	struct arena arena = ARENA_INIT;
	const char *values[5] = {"x", "x", "x", "x", "x"};
	fixture_plan(&plan);
	plan.changes.n = 0;
	plan.policy_name = "a  # b";
	fixture_change(&plan, "H-01", "user.uid", CHANGE_FORCED, "0", NULL);
	fixture_change(&plan, "H-84", "policy", CHANGE_EXCEPTED, NULL, NULL);
	fixture_change(&plan, "H-40", "device /dev/fuse", CHANGE_DROPPED, "c 10:229", NULL);
	fixture_change(&plan, "H-20", "root.readonly", CHANGE_FORCED, "no", NULL);
	fixture_change(&plan, "H-02", "user.uid", CHANGE_FORCED, NULL, NULL);
	plan_print_values(&plan, &arena, values, &out);
	plan_print(&plan, false, &same);
	is_str(str_text(&out), str_text(&same), "the same text as without values");
	char *uid = NULL;
	if (asprintf(&uid, "%u", plan.process.uid) < 0)
		abort();
	is_str(values[0], uid, "a value without the rules behind it");
	is_str(values[1], "\"a  # b\"", "as it is printed");
	ok(!values[2], "none of what is left out");
	is_str(values[3], plan.root.readonly ? "yes" : "no", "a word");
	is_str(values[4], uid, "two changes of one line");
	free(uid);
	arena_release(&arena);
}

static void test_changes_alone(void)
{
	autoplan plan = PLAN_INIT;
	autostr out = STR_INIT;
	fixture_plan(&plan);
	plan.changes.n = 0;
	fixture_change(&plan, "H-01", "user.uid", CHANGE_FORCED, "0", NULL);
	fixture_change(&plan, "H-22", "mount /a\nb", CHANGE_DROPPED, "x y", "z");
	plan_print_changes(&plan, &out);
	is_str(str_text(&out),
	       "# H-01 forced: user.uid asked: 0\n# H-22 dropped: \"mount /a\\nb\" asked: \"x y\" given: z\n", "changes alone");
}

/* Each line of a recorded plan is one of the plan that was recorded, and of what isn't
 * recorded nothing is said. */
static void test_recorded(void)
{
	static const char *const unknown[] = {"mount ", "mounts", "root", "masked", "readonly", "device ", "devices: ", "sysctl",
					      "hostname", "loopback", "hooks: ", "hook.prestart", "cgroup.pids", "cgroup.writable", "dev."};
	static const char *const known[] = {"policy: ", "level: ", "id: ", "user.uid: ", "args: ", "capabilities.bounding: ",
					    "namespace.pid: ", "userns-last.uid-map: ", "filter.0: ", "landlock.no-daemons: ",
					    "cgroup.path: ", "device-rule.0: ", "verify: "};
	autoplan plan = PLAN_INIT, read = PLAN_INIT;
	autostr json = STR_INIT, text = STR_INIT;
	struct err err = ERR_INIT;
	fixture_plan(&plan);
	if (!ok(plan_store_write(&plan, &json, &err) == 0 && plan_store_parse(str_text(&json), json.len, &read, &err) == 0,
		"a plan is recorded and read"))
		return;
	plan_print_recorded(&read, &text);
	char *whole = text_of(&plan, false), *rest = strdup(str_text(&text));
	size_t lines = 0, foreign = 0;
	for (char *at = rest, *line; (line = strsep(&at, "\n"));) {
		if (!*line || *line == '#')
			continue;
		lines++;
		const char *there = strstr(whole, line);
		/* which rules changed it isn't recorded */
		if (!there || (there != whole && there[-1] != '\n')) {
			foreign++;
			diag("%s", line);
		}
		for (size_t i = 0; i < ARRAY_LEN(unknown); i++)
			if (!strncmp(line, unknown[i], strlen(unknown[i])))
				ok(false, "isn't recorded: %s", line);
	}
	ok(lines > 40 && !foreign, "%zu lines, each of the whole plan", lines);
	for (size_t i = 0; i < ARRAY_LEN(known); i++)
		ok(strstr(str_text(&text), known[i]), "has %s", known[i]);
	ok(!strncmp(str_text(&text), "# what was recorded", 19), "says that it isn't all");
	free(whole);
	free(rest);
}

/* Of a filter of the bundle's own the rules aren't recorded: no action is made up. */
static void test_recorded_rules(void)
{
	autoplan plan = PLAN_INIT;
	autostr text = STR_INIT;
	fixture_plan(&plan);
	PUSH(&plan, &plan.filters)->kind = FILTER_RULES;
	plan_print_recorded(&plan, &text);
	has_line(str_text(&text), "filter.1: rules");
}

int main(void)
{
	test_recorded();
	test_recorded_rules();
	test_hardened();
	test_gate();
	test_oci();
	test_changes();
	test_words();
	test_rest();
	test_numbers_without_names();
	test_too_many_rules();
	test_values();
	test_changes_alone();
	return tap_done();
}
