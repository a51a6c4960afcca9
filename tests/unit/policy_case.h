/* What the tests of runtime/policy share: a bundle written as the parts that a case is about (with ' for "), a host that
 * has everything, and questions to the plan that came out.
 *
 * The bundle of an empty case asks for nothing that hardening would change in the process: uid 1000, no capabilities.
 */
#ifndef KANUKI_TEST_POLICY_CASE_H
#define KANUKI_TEST_POLICY_CASE_H

#include "policy/policy.h"

#include <linux/mount.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tap.h"

/* NULL: what stands in default_bundle(). An empty string: nothing. */
struct bundle {
	const char *user, *args, *process, *root, *mounts, *namespaces, *lin, *top;
	/* not of the config: */
	enum plan_level level;
	const struct host *host;
	struct policy_request request;
};

#define NAMESPACES_ALL                                                                                                 \
	"{'type':'mount'},{'type':'pid'},{'type':'network'},{'type':'ipc'},{'type':'uts'},{'type':'cgroup'}"
#define MOUNT_PROC "{'destination':'/proc','type':'proc','source':'proc'}"
#define MOUNT_DEV                                                                                                      \
	"{'destination':'/dev','type':'tmpfs','source':'tmpfs','options':['nosuid','strictatime','mode=755'," \
	"'size=65536k']}"
#define MOUNT_SYS "{'destination':'/sys','type':'sysfs','source':'sysfs','options':['nosuid','noexec','nodev','ro']}"
#define MOUNT_CGROUP                                                                                                   \
	"{'destination':'/sys/fs/cgroup','type':'cgroup','source':'cgroup','options':['nosuid','noexec','nodev'," \
	"'relatime','ro']}"
#define MOUNTS_ALL MOUNT_PROC "," MOUNT_DEV "," MOUNT_SYS "," MOUNT_CGROUP
#define BIND(source, target, options)                                                                                  \
	"{'destination':'" target "','type':'bind','source':'" source "','options':[" options "]}"
#define IDMAP(inside, outside, size) "{'containerID':" #inside ",'hostID':" #outside ",'size':" #size "}"

static const struct host full_host = {
	.kernel_version = 6 << 16 | 12,
	.last_cap = 40,
	.cgroup = HOST_CGROUP_V2,
	.cgroup_root = "/sys/fs/cgroup",
	.ctl_cpu = true, .ctl_cpuset = true, .ctl_io = true, .ctl_memory = true, .ctl_hugetlb = true, .ctl_pids = true,
	.ctl_rdma = true, .ctl_misc = true,
	.swap_accounting = true,
	.landlock_abi = 6,
	.memfd_noexec = true,
	.time_ns = true,
	.apparmor = true,
	.selinux = true,
	.initial_userns = true,
	.resctrl = true,
};

static inline const char *part(const char *given, const char *otherwise)
{
	return given ? given : otherwise;
}

/* The config of a case; to be freed. */
static inline char *bundle_text(const struct bundle *b)
{
	const char *sep = b->process && *b->process ? "," : "", *lin = b->lin && *b->lin ? "," : "";
	char *json;
	if (asprintf(&json,
		     "{'ociVersion':'1.3.0','process':{'cwd':'/','args':[%s],'user':{%s}%s%s},'root':{%s},'mounts':[%s],"
		     "'linux':{'namespaces':[%s]%s%s}%s%s}",
		     part(b->args, "'/bin/true'"), part(b->user, "'uid':1000,'gid':1000"), sep, part(b->process, ""),
		     part(b->root, "'path':'rootfs','readonly':true"), part(b->mounts, MOUNTS_ALL),
		     part(b->namespaces, NAMESPACES_ALL), lin, part(b->lin, ""), b->top && *b->top ? "," : "",
		     part(b->top, "")) < 0)
		abort();
	for (char *c = json; *c; c++)
		if (*c == '\'')
			*c = '"';
	return json;
}

static inline int resolve_text(const struct bundle *b, const char *json, struct plan *plan, struct err *err)
{
	struct spec spec = SPEC_INIT;
	struct policy_conf conf = POLICY_CONF_INIT;
	struct policy_request request = b->request;
	int rc;

	if (policy_conf_builtin(b->level == LEVEL_OCI ? "builtin:oci" : "builtin:hardened", &conf, err))
		abort();
	conf.mounts_limited = false; /* as with an entry for all that a test binds */
	request.id = request.id ? request.id : "c1";
	request.bundle = request.bundle ? request.bundle : "/bundle";
	if (request.gate.answer == GATE_ABSENT)
		request.gate.answer = GATE_LATER; /* only test_policy_gate.c asks for what isn't there */
	if (spec_parse(json, strlen(json), &spec, err)) {
		diag("the test's own config: %s", err->msg);
		fflush(stdout);
		abort();
	}
	rc = policy_resolve(&spec, b->host ? b->host : &full_host, &conf, &request, plan, err);
	spec_release(&spec); /* the plan must not point into it */
	return rc;
}

static inline int resolve(const struct bundle *b, struct plan *plan, struct err *err)
{
	char *json = bundle_text(b);
	int rc = resolve_text(b, json, plan, err);

	memset(json, 'x', strlen(json));
	free(json);
	return rc;
}

/* A plan for a case that must have one. `name` is reported only when there is none. */
static inline bool resolved(const struct bundle *b, struct plan *plan, const char *name)
{
	struct err err = ERR_INIT;

	if (resolve(b, plan, &err) == 0)
		return true;
	ok(false, "%s: a plan", name);
	diag("%s %s", err.rule, err.msg);
	return false;
}

/* The phrases that engines take for an exit code of their own (podman, docker). */
static inline bool has_errno_phrase(const char *msg)
{
	static const char *const phrases[] = {"permission denied", "operation not permitted", "no such file",
					      "not a directory", "is a directory", "executable file not found",
					      "no such process", "does not exist", "container not running"};
	for (size_t i = 0; i < ARRAY_LEN(phrases); i++)
		if (strcasestr(msg, phrases[i]))
			return true;
	return false;
}

/* Refused with the kind, by the rule (NULL: by none), with a text that contains `text`. */
static inline void refused(const struct bundle *b, enum err_kind kind, const char *rule, const char *text, const char *name)
{
	struct plan plan = PLAN_INIT;
	struct err err = ERR_INIT;
	int rc = resolve(b, &plan, &err);
	bool good = rc == -1 && err.kind == (uint32_t)kind && strstr(err.msg, text) && !has_errno_phrase(err.msg) &&
		    !strcmp(err.rule, rule ? rule : "");

	ok(good, "%s", name);
	if (!good)
		diag("got  %d, kind %u, rule '%s', '%s'\nwant kind %u, rule '%s', '%s'", rc, err.kind, err.rule, err.msg,
		     (unsigned)kind, rule ? rule : "", text);
	plan_release(&plan);
}

static inline const struct plan_change *find_change(const struct plan *plan, const char *rule, const char *key)
{
	for (size_t i = 0; i < plan->changes.n; i++)
		if (!strcmp(plan->changes.items[i].rule, rule) && !strcmp(plan->changes.items[i].key, key))
			return &plan->changes.items[i];
	return NULL;
}

/* The rule says that it did this, and (unless NULL) what was asked. */
static inline void is_change(const struct plan *plan, const char *rule, const char *key, enum plan_outcome outcome,
			     const char *asked, const char *name)
{
	const struct plan_change *c = find_change(plan, rule, key);
	bool good = c && c->outcome == outcome &&
		    (asked ? c->asked && !strcmp(c->asked, asked) : outcome != CHANGE_ADDED || !c->asked);

	ok(good, "%s %s: %s", rule, key, name);
	if (!good)
		diag("got  %s, outcome %d, asked '%s'\nwant outcome %d, asked '%s'", c ? "a change" : "no change",
		     c ? (int)c->outcome : -1, c && c->asked ? c->asked : "", (int)outcome, asked ? asked : "");
}

static inline struct plan_mount *find_mount(const struct plan *plan, const char *target)
{
	for (size_t i = 0; i < plan->mounts.n; i++)
		if (!strcmp(plan->mounts.items[i].target, target))
			return &plan->mounts.items[i];
	return NULL;
}

/* What the kernel is told of a mount in the end: "ro,nosuid,nodev,noexec", whichever are set; "-" for none. */
static inline const char *mount_flags(const struct plan_mount *m)
{
	static char text[64];
	uint64_t attrs = m ? (m->attr_set & ~m->attr_clr_rec) | m->attr_set_rec : 0;

	snprintf(text, sizeof(text), "%s%s%s%s", attrs & MOUNT_ATTR_RDONLY ? "ro," : "",
		 attrs & MOUNT_ATTR_NOSUID ? "nosuid," : "", attrs & MOUNT_ATTR_NODEV ? "nodev," : "",
		 attrs & MOUNT_ATTR_NOEXEC ? "noexec," : "");
	if (text[0])
		text[strlen(text) - 1] = '\0';
	return m ? text[0] ? text : "-" : "(no mount)";
}

static inline const struct plan_cgroup_write *find_write(const struct plan_cgroup *cgroup, const char *file)
{
	for (size_t i = cgroup->writes.n; i-- > 0;)
		if (!strcmp(cgroup->writes.items[i].file, file))
			return &cgroup->writes.items[i];
	return NULL;
}

static inline const char *written(const struct plan_cgroup *cgroup, const char *file)
{
	const struct plan_cgroup_write *w = find_write(cgroup, file);

	return w ? w->value : NULL;
}

static inline const struct plan_rlimit *find_rlimit(const struct plan_process *process, int resource)
{
	for (size_t i = 0; i < process->rlimits.n; i++)
		if (process->rlimits.items[i].resource == resource)
			return &process->rlimits.items[i];
	return NULL;
}

static inline const char *find_env(const struct plan_process *process, const char *name)
{
	size_t n = strlen(name);

	for (size_t i = 0; i < process->env.n; i++)
		if (!strncmp(process->env.items[i], name, n) && process->env.items[i][n] == '=')
			return process->env.items[i] + n + 1;
	return NULL;
}

static inline bool has_string(const struct str_list *list, const char *s)
{
	for (size_t i = 0; i < list->n; i++)
		if (!strcmp(list->items[i], s))
			return true;
	return false;
}

/* Items with ',' between them. */
static inline const char *joined(const struct str_list *list)
{
	static char text[1024];
	size_t at = 0;

	text[0] = '\0';
	for (size_t i = 0; i < list->n && at < sizeof(text); i++)
		at += (size_t)snprintf(text + at, sizeof(text) - at, "%s%s", i ? "," : "", list->items[i]);
	return text;
}

#endif
