/* The namespaces section of the printed plan, and the one of filters, Landlock,
 * cgroup and hooks.  The format is described in print.c. */
#include "config.h"

#include "plan/names.h"
#include "plan/print.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/banned.h"

/* --- namespaces --- */

static void print_namespace(struct printer *p, enum plan_ns_kind kind)
{
	const struct plan_ns *ns = &p->plan->ns[kind];
	print_begin(p, "namespace.", plan_ns_name(kind));
	switch (ns->mode) {
	case NS_PRIVATE:
		str_add(p->out, "private");
		break;
	case NS_JOIN:
		str_add(p->out, "join ");
		print_word(p->out, ns->path);
		if (ns->refuse_host)
			str_add(p->out, " not-host");
		if (kind == NS_USER && p->plan->join_below_own)
			str_add(p->out, " level=below-own");
		break;
	case NS_HOST:
		str_add(p->out,
			kind == NS_USER && p->plan->userns_last.enabled ? "private-last" : "host");
		break;
	}
	print_end(p);
}

/* Those that are the host's, and with '?' those joined without comparing. */
static void print_host_namespaces(struct printer *p)
{
	const char *comma = "";
	print_begin(p, "namespaces.host", NULL);
	for (int i = 0; i < NS_COUNT; i++) {
		const struct plan_ns *ns = &p->plan->ns[i];
		bool unseen = ns->mode == NS_JOIN && !ns->refuse_host;
		if (!unseen &&
		    (ns->mode != NS_HOST || (i == NS_USER && p->plan->userns_last.enabled)))
			continue;
		str_addf(p->out, "%s%s%s", comma, plan_ns_name((enum plan_ns_kind)i),
			 unseen ? "?" : "");
		comma = ",";
	}
	if (!*comma)
		str_add(p->out, "none");
	print_end(p);
}

static void print_maps(struct printer *p, const char *key, const plan_idmaps *maps)
{
	print_begin(p, key, NULL);
	print_idmaps(p->out, maps);
	print_end(p);
}

static void print_user_maps(struct printer *p)
{
	const struct plan *plan = p->plan;
	if (plan->uid_maps.n || plan->gid_maps.n) {
		print_maps(p, "user-map.uid", &plan->uid_maps);
		print_maps(p, "user-map.gid", &plan->gid_maps);
	}
	if (plan->deny_setgroups)
		print_text(p, "user-map.setgroups", "deny");
	print_yes_no(p, "userns-last", plan->userns_last.enabled);
	if (plan->userns_last.enabled) {
		print_maps(p, "userns-last.uid-map", &plan->userns_last.uid_maps);
		print_maps(p, "userns-last.gid-map", &plan->userns_last.gid_maps);
		print_text(p, "userns-last.children",
			   plan->userns_last.forbid_children ? "forbidden" : "allowed");
	}
}

static void print_offset(struct printer *p, const char *key, int64_t secs, uint32_t nanosecs)
{
	print_begin(p, key, NULL);
	str_addf(p->out, "%" PRId64 ".%09u", secs, nanosecs);
	print_end(p);
}

static void print_network(struct printer *p)
{
	const struct plan *plan = p->plan;
	print_text(p, "loopback", plan->loopback_up ? "up" : "(untouched)");
	for (size_t i = 0; i < plan->net_devices.n; i++) {
		print_begin(p, "net-device ", plan->net_devices.items[i].host_name);
		print_word(p->out, plan->net_devices.items[i].name);
		print_end(p);
	}
	print_number(p, "sysctls", (int64_t)plan->sysctls.n);
	for (size_t i = 0; i < plan->sysctls.n; i++) {
		print_begin(p, "sysctl.", plan->sysctls.items[i].key);
		print_word(p->out, plan->sysctls.items[i].value);
		if (plan->sysctls.items[i].optional)
			str_add(p->out, " (where it exists)");
		print_end(p);
	}
}

void print_namespaces(struct printer *p)
{
	const struct plan *plan = p->plan;
	for (int i = 0; i < NS_COUNT; i++)
		print_namespace(p, (enum plan_ns_kind)i);
	print_host_namespaces(p);
	print_user_maps(p);
	if (plan->boottime.set)
		print_offset(p, "time.boottime", plan->boottime.secs, plan->boottime.nanosecs);
	if (plan->monotonic.set)
		print_offset(p, "time.monotonic", plan->monotonic.secs, plan->monotonic.nanosecs);
	if (plan->hostname)
		print_word_line(p, "hostname", plan->hostname);
	if (plan->domainname)
		print_word_line(p, "domainname", plan->domainname);
	if (!p->recorded)
		print_network(p);
}

/* --- filters --- */

static void print_filter_rule(struct printer *p, size_t filter, size_t index,
			      const struct plan_filter_rule *rule)
{
	char key[64];
	(void)snprintf(key, sizeof(key), "filter.%zu.rule.", filter); /* 20 digits at most */
	print_begin_indexed(p, key, index);
	print_words(p->out, &rule->names, ",");
	str_add(p->out, " ");
	plan_add_filter_action(p->out, rule->action);
	for (size_t i = 0; i < rule->args.n; i++) {
		const struct plan_filter_arg *arg = &rule->args.items[i];
		const char *op = plan_compare_name(arg->op);
		str_addf(p->out, " arg%u:%s:0x%" PRIx64, arg->index, op ? op : "?", arg->a);
		if (op && !strcmp(op, "masked-eq"))
			str_addf(p->out, ":0x%" PRIx64, arg->b);
	}
	print_end(p);
}

static void print_filter(struct printer *p, size_t index)
{
	const struct plan_filter *filter = &p->plan->filters.items[index];
	print_begin_indexed(p, "filter.", index);
	switch (filter->kind) {
	case FILTER_DEFAULT:
		str_add(p->out, "default");
		break;
	case FILTER_STRICT:
		str_add(p->out, "strict");
		break;
	case FILTER_RULES:
		str_add(p->out, "rules");
		if (p->recorded)
			break;
		str_add(p->out, " otherwise=");
		plan_add_filter_action(p->out, filter->default_action);
		str_add(p->out, " archs=native");
		if (filter->archs.n) {
			str_add(p->out, ",");
			print_words(p->out, &filter->archs, ",");
		}
		/* Names that libseccomp doesn't know: act/filter.c. */
		str_add(p->out, " unknown=skipped");
		break;
	}
	if (filter->added.n) {
		str_add(p->out, " and ");
		print_words(p->out, &filter->added, ",");
	}
	if (filter->flags) {
		str_add(p->out, " flags=");
		plan_add_filter_flags(p->out, filter->flags);
	}
	if (filter->listener_path) {
		str_add(p->out, " listener=");
		print_word(p->out, filter->listener_path);
	}
	if (filter->listener_metadata) {
		str_add(p->out, " metadata=");
		print_word(p->out, filter->listener_metadata);
	}
	print_end(p);
	for (size_t i = 0; i < filter->rules.n; i++)
		print_filter_rule(p, index, i, &filter->rules.items[i]);
}

static void print_filters(struct printer *p)
{
	const struct plan *plan = p->plan;
	const char *abi = plan->filters.n ? "as each filter says" : "any";
	for (size_t i = 0; i < plan->filters.n; i++)
		if (plan->filters.items[i].kind != FILTER_RULES) /* ours refuse every ABI but the native one */
			abi = "native";
	print_text(p, "filters.point",
		   plan->filter_point == FILTER_BEFORE_EXEC ? "last" : "before-drop");
	print_text(p, "filters.abi", abi);
	for (size_t i = 0; i < plan->filters.n; i++)
		print_filter(p, i);
}

static void print_ports(struct printer *p, const char *key, const uint16_t *ports, size_t n)
{
	print_begin(p, key, NULL);
	for (size_t i = 0; i < n; i++)
		str_addf(p->out, "%s%u", i ? " " : "", ports[i]);
	if (!n)
		str_add(p->out, "none");
	print_end(p);
}

static void print_landlock(struct printer *p)
{
	const struct plan_landlock *landlock = &p->plan->landlock;
	if (!landlock->enabled) {
		print_text(p, "landlock", "no");
		return;
	}
	print_begin(p, "landlock", NULL);
	str_addf(p->out, "yes min-abi=%d", landlock->min_abi);
	print_end(p);
	print_begin(p, "landlock.rights", NULL);
	plan_add_landlock_rights(p->out, landlock->handled_fs);
	print_end(p);
	print_begin(p, "landlock.writable", NULL);
	print_words(p->out, &landlock->writable, " ");
	print_end(p);
	print_begin(p, "landlock.no-exec", NULL);
	print_words(p->out, &landlock->no_exec, " ");
	print_end(p);
	if (landlock->no_daemons.n) {
		print_begin(p, "landlock.no-daemons", NULL);
		print_words(p->out, &landlock->no_daemons, " ");
		print_end(p);
		print_begin(p, "landlock.daemon-places", NULL);
		print_words(p->out, &landlock->daemon_places, " ");
		print_end(p);
	}
	if (landlock->exec_only.n) {
		print_begin(p, "landlock.exec-only", NULL);
		print_words(p->out, &landlock->exec_only, " ");
		print_end(p);
	}
	if (landlock->bind_limited)
		print_ports(p, "landlock.bind", landlock->bind.items, landlock->bind.n);
	if (landlock->connect_limited)
		print_ports(p, "landlock.connect", landlock->connect.items, landlock->connect.n);
}

/* --- cgroup --- */

static void add_device_number(struct str *out, int64_t number)
{
	if (number < 0)
		str_add(out, "*");
	else
		str_addf(out, "%" PRId64, number);
}

static void print_device_rules(struct printer *p)
{
	const struct plan_cgroup *cgroup = &p->plan->cgroup;
	print_yes_no(p, "devices.filter", cgroup->device_filter);
	for (size_t i = 0; i < cgroup->devices.n; i++) {
		const struct plan_device_rule *rule = &cgroup->devices.items[i];
		print_begin_indexed(p, "device-rule.", i);
		str_add(p->out, rule->allow ? "allow " : "deny ");
		str_add_bytes(p->out, (const char[]){rule->type, ' '}, 2);
		add_device_number(p->out, rule->major);
		str_add(p->out, ":");
		add_device_number(p->out, rule->minor);
		str_add(p->out, rule->read ? " r" : " ");
		str_add(p->out, rule->write ? "w" : "");
		str_add(p->out, rule->mknod ? "m" : "");
		print_end(p);
	}
}

static const char *cgroup_writable(const struct plan *plan)
{
	for (size_t i = 0; i < plan->mounts.n; i++) {
		const struct plan_mount *mount = &plan->mounts.items[i];
		/* MOUNT_ATTR_RDONLY is 1 */
		if (mount->kind == MOUNT_CGROUP_VIEW && !(plan_mount_attrs(mount) & 1))
			return "yes";
	}
	return "no";
}

static void print_cgroup(struct printer *p)
{
	static const char *const managers[] = {[CGROUP_CGROUPFS] = "cgroupfs",
					       [CGROUP_SYSTEMD] = "systemd",
					       [CGROUP_DISABLED] = "disabled"};
	const struct plan_cgroup *cgroup = &p->plan->cgroup;
	print_text(p, "cgroup.manager", managers[cgroup->manager]);
	print_begin(p, "cgroup.path", NULL);
	print_word(p->out, cgroup->path);
	if (cgroup->path_from_caller)
		str_add(p->out, " (beneath the caller's)");
	print_end(p);
	for (size_t i = 0; i < cgroup->writes.n; i++) {
		print_begin(p, "cgroup.", cgroup->writes.items[i].file);
		print_word(p->out, cgroup->writes.items[i].value);
		if (cgroup->writes.items[i].absent == ABSENT_SKIP)
			str_add(p->out, " (where the controller exists)");
		print_end(p);
	}
	if (cgroup->check_before_update)
		print_yes_no(p, "cgroup.check-before-update", true);
	print_begin(p, "cgroup.delegated", NULL);
	if (cgroup->delegate_uid >= 0 && cgroup->delegate_gid >= 0)
		str_addf(p->out, "%" PRId64 ":%" PRId64, cgroup->delegate_uid,
			 cgroup->delegate_gid);
	else
		str_add(p->out, "no");
	print_end(p);
	if (!p->recorded)
		print_text(p, "cgroup.writable", cgroup_writable(p->plan));
	print_device_rules(p);
}

/* --- the rest --- */

static void print_hooks(struct printer *p)
{
	size_t n = 0;
	for (int kind = 0; kind < HOOK_COUNT; kind++)
		n += p->plan->hooks[kind].n;
	if (!p->recorded)
		print_number(p, "hooks", (int64_t)n);
	for (int kind = 0; kind < HOOK_COUNT; kind++) {
		for (size_t i = 0; i < p->plan->hooks[kind].n; i++) {
			const struct plan_hook *hook = &p->plan->hooks[kind].items[i];
			print_begin(p, "hook.", plan_hook_name((enum plan_hook_kind)kind));
			print_word(p->out, hook->path);
			str_add(p->out, " args=");
			print_words(p->out, &hook->args, ",");
			str_add(p->out, " env=");
			print_words(p->out, &hook->env, ",");
			if (hook->timeout_s)
				str_addf(p->out, " timeout=%us", hook->timeout_s);
			print_end(p);
		}
	}
}

void print_confinement(struct printer *p)
{
	const struct plan *plan = p->plan;
	print_filters(p);
	print_landlock(p);
	print_cgroup(p);
	print_hooks(p);
	print_number(p, "annotations", (int64_t)plan->annotations.n);
	if (plan->intel_rdt.set) {
		print_begin(p, "intel-rdt", NULL);
		str_add(p->out, "closid=");
		print_word(p->out, plan->intel_rdt.clos_id);
		if (!p->recorded) {
			str_add(p->out, " schemata=");
			print_words(p->out, &plan->intel_rdt.schemata, ",");
			str_addf(p->out, " monitoring=%s",
				 plan->intel_rdt.enable_monitoring ? "yes" : "no");
		}
		str_addf(p->out, " own-group=%s", plan->intel_rdt.own_group ? "yes" : "no");
		print_end(p);
	}
	if (plan->notify_socket)
		print_yes_no(p, "notify-socket", true);
	print_text(p, "own-binary",
		   plan->own_binary == OWN_BINARY_SEALED_COPY ? "sealed-copy" : "unreachable");
	print_yes_no(p, "verify", plan->verify);
}
