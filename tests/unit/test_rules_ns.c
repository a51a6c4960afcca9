/* H-10 to H-15: namespaces and sysctls. */
#include "policy_case.h"

#define MNT "{'type':'mount'}"
#define REST ",{'type':'pid'},{'type':'network'},{'type':'ipc'},{'type':'uts'}"

static void absent(void)
{
	autoplan plan = PLAN_INIT, timed = PLAN_INIT;
	static const struct { const char *namespaces, *text, *name; } cases[] = {
		{"{'type':'pid'},{'type':'network'},{'type':'ipc'},{'type':'uts'}", "add {\"type\": \"mount\"}", "mounts"},
		{MNT ",{'type':'network'},{'type':'ipc'},{'type':'uts'}", "share the host's processes; add {\"type\": \"pid\"}",
		 "processes"},
		{MNT ",{'type':'pid'},{'type':'ipc'},{'type':'uts'}", "share the host's network; add {\"type\": \"network\"}",
		 "network"},
		{MNT ",{'type':'pid'},{'type':'network'},{'type':'uts'}", "add {\"type\": \"ipc\"}", "ipc"},
		{MNT ",{'type':'pid'},{'type':'network'},{'type':'ipc'}", "share the host's host name", "uts"},
	};
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		char name[64];
		snprintf(name, sizeof(name), "H-10: the host's %s refused", cases[i].name);
		refused(&(struct bundle){.namespaces = cases[i].namespaces}, ERR_POLICY, "H-10", cases[i].text, name);
	}
	if (!resolved(&(struct bundle){.namespaces = MNT REST}, &plan, "no cgroup namespace"))
		return;
	is_int(plan.ns[NS_CGROUP].mode, NS_PRIVATE, "H-10: a cgroup namespace is added");
	is_change(&plan, "H-10", "namespace.cgroup", CHANGE_ADDED, NULL, "told");
	is_int(plan.ns[NS_TIME].mode, NS_HOST, "H-10: a time namespace is not");
	is_change(&plan, "H-10", "namespace.time", CHANGE_SKIPPED, NULL, "told");

	if (!resolved(&(struct bundle){.namespaces = NAMESPACES_ALL ",{'type':'time'}"}, &timed, "time"))
		return;
	is_int(timed.ns[NS_TIME].mode, NS_PRIVATE, "H-10: a time namespace that is asked for is made");
	ok(!find_change(&timed, "H-10", "namespace.cgroup"), "H-10: nothing told where nothing changed");
}

static void join(void)
{
	autoplan plan = PLAN_INIT, oci = PLAN_INIT;
	struct bundle b = {.namespaces = MNT ",{'type':'pid','path':'/proc/7/ns/pid'},{'type':'network','path':"
					     "'/run/netns/a'},{'type':'ipc','path':'/proc/7/ns/ipc'},{'type':'uts'}"};

	if (!resolved(&b, &plan, "a pod"))
		return;
	ok(plan.ns[NS_NET].refuse_host && plan.ns[NS_IPC].refuse_host && plan.ns[NS_PID].refuse_host,
	   "H-11: every joined namespace is compared with the host's");
	ok(!plan.ns[NS_UTS].refuse_host, "H-11: a new one needn't be");
	is_str(plan.ns[NS_NET].path, "/run/netns/a", "H-11: the path stays");
	b.level = LEVEL_OCI;
	if (!resolved(&b, &oci, "a pod at oci"))
		return;
	ok(!oci.ns[NS_NET].refuse_host, "H-11: not at level oci");
}

static bool is_map(const plan_idmaps *maps, size_t i, uint32_t inside, uint32_t outside, uint32_t count)
{
	return i < maps->n && maps->items[i].inside == inside && maps->items[i].outside == outside &&
	       maps->items[i].count == count;
}

static void userns(void)
{
	struct host rootless = full_host, none = full_host;
	autoplan plan = PLAN_INIT, own = PLAN_INIT, inner = PLAN_INIT, joined_ns = PLAN_INIT;

	if (!resolved(&(struct bundle){0}, &plan, "plain"))
		return;
	const struct plan_userns_last *last = &plan.userns_last;
	ok(last->enabled, "H-12: a user namespace is entered last");
	ok(last->uid_maps.n == 1 && is_map(&last->uid_maps, 0, 1, 1, 4294967294u), "H-12: every user but 0");
	ok(last->gid_maps.n == 1 && is_map(&last->gid_maps, 0, 1, 1, 4294967294u), "H-12: every group but 0");
	is_change(&plan, "H-12", "userns-last", CHANGE_ADDED, NULL, "told");
	ok(last->forbid_children, "H-13: no user namespace inside");
	is_change(&plan, "H-13", "userns-last.children", CHANGE_ADDED, NULL, "told");

	if (!resolved(&(struct bundle){.namespaces = NAMESPACES_ALL ",{'type':'user'}",
				       .lin = "'uidMappings':[" IDMAP(0, 5000, 2000) "," IDMAP(65532, 9, 1)
				       "],'gidMappings':[" IDMAP(0, 5000, 1) "," IDMAP(1000, 6000, 1) "]"},
		      &own, "the bundle's own"))
		return;
	last = &own.userns_last;
	ok(last->uid_maps.n == 2 && is_map(&last->uid_maps, 0, 1, 1, 1999) && is_map(&last->uid_maps, 1, 65532, 65532, 1),
	   "H-12: in the bundle's own user namespace, what that maps but 0");
	ok(last->gid_maps.n == 1 && is_map(&last->gid_maps, 0, 1000, 1000, 1), "H-12: a line for 0 alone goes");

	rootless.euid = 0;
	rootless.initial_userns = false;
	if (!resolved(&(struct bundle){.host = &rootless, .user = "'uid':1000,'gid':100,'additionalGids':[100,7,7]"}, &inner,
		      "rootless"))
		return;
	last = &inner.userns_last;
	ok(last->uid_maps.n == 1 && is_map(&last->uid_maps, 0, 1000, 1000, 1), "H-12: within another, only the user");
	ok(last->gid_maps.n == 2 && is_map(&last->gid_maps, 0, 100, 100, 1) && is_map(&last->gid_maps, 1, 7, 7, 1),
	   "H-12: and only the groups, each once");

	if (!resolved(&(struct bundle){.namespaces = NAMESPACES_ALL ",{'type':'user','path':'/proc/7/ns/user'}"}, &joined_ns,
		      "joined"))
		return;
	ok(joined_ns.userns_last.enabled && is_map(&joined_ns.userns_last.uid_maps, 0, 1000, 1000, 1),
	   "H-12: in a pod's, only the user");
	ok(joined_ns.join_below_own && joined_ns.ns[NS_USER].refuse_host, "H-12: where the pod was built, not in its last one");
	ok(!plan.join_below_own && !own.join_below_own, "H-12: where none is joined there is no level");

	none.max_user_namespaces_zero = true;
	refused(&(struct bundle){.host = &none}, ERR_HOST, NULL, "H-12: user namespaces are turned off",
		"H-12: refused where there are none");

	char *gids = malloc(16384);
	size_t at = 0;
	for (int i = 1; i <= 400; i++)
		at += (size_t)sprintf(gids + at, "%s%d", i > 1 ? "," : "'uid':1,'gid':1,'additionalGids':[", i);
	strcat(gids, "]");
	refused(&(struct bundle){.host = &rootless, .user = gids}, ERR_POLICY, "H-12", "at most 339 groups",
		"H-12: refused where a map would have too many lines");
	free(gids);
}

static void memfd(void)
{
	struct host old = full_host;
	autoplan plan = PLAN_INIT, skipped = PLAN_INIT, pod = PLAN_INIT;

	if (!resolved(&(struct bundle){0}, &plan, "plain"))
		return;
	ok(plan.sysctls.n == 1 && !strcmp(plan.sysctls.items[0].key, "vm/memfd_noexec") &&
		   !strcmp(plan.sysctls.items[0].value, "2") && !plan.sysctls.items[0].optional,
	   "H-14: memory files can't be executed");
	is_change(&plan, "H-14", "sysctl.vm/memfd_noexec", CHANGE_ADDED, NULL, "told");

	old.memfd_noexec = false;
	if (!resolved(&(struct bundle){.host = &old}, &skipped, "old kernel"))
		return;
	is_int(skipped.sysctls.n, 0, "H-14: not where the kernel hasn't got it");
	is_change(&skipped, "H-14", "sysctl.vm/memfd_noexec", CHANGE_SKIPPED, NULL, "told");

	if (!resolved(&(struct bundle){.namespaces = MNT ",{'type':'pid','path':'/proc/1/ns/pid'},{'type':'network'},"
							 "{'type':'ipc'},{'type':'uts'}"},
		      &pod, "pod"))
		return;
	is_int(pod.sysctls.n, 0, "H-14: not in another container's pid namespace");
	is_change(&pod, "H-14", "sysctl.vm/memfd_noexec", CHANGE_SKIPPED, NULL, "told");
}

static void sysctl_refused(const char *key, const char *namespaces, const char *text)
{
	char lin[256], name[128];
	const enum plan_level levels[] = {LEVEL_HARDENED, LEVEL_OCI};

	snprintf(lin, sizeof(lin), "'sysctl':{'%s':'1'}", key);
	for (size_t i = 0; i < ARRAY_LEN(levels); i++) {
		if (levels[i] == LEVEL_HARDENED && namespaces)
			continue; /* H-10 would be first */
		snprintf(name, sizeof(name), "H-15: %s refused%s", key, levels[i] ? " at oci too" : "");
		refused(&(struct bundle){.lin = lin, .namespaces = namespaces, .level = levels[i]}, ERR_POLICY, "H-15", text, name);
	}
}

static void sysctls(void)
{
	autoplan plan = PLAN_INIT, pod = PLAN_INIT;
	static const char *const host_keys[] = {
		"kernel.core_pattern", "kernel.modprobe", "vm.overcommit_memory", "user.max_user_namespaces", "vm.memfd_noexec",
		"kernel.msg_next_id",  "fs.file-max",	  "kernel.shmmaxx",	 "netx.a",		    "fs.mqueuex",
		"kernel/msgmax/x",     "kernel.panic",
	};
	static const char *const no_keys[] = {
		"net.ipv4./../../kernel/domainname", "net/ipv4/../../kernel/domainname", "/net/ipv4/ip_forward",
		"net..ipv4", "net.", "net/", "net/./a", "kernel", "net.ipv4.ip_forward\\n", "net.ipv4\\u007f.x", ".net.a",
	};
	for (size_t i = 0; i < ARRAY_LEN(host_keys); i++)
		sysctl_refused(host_keys[i], NULL, "belongs to no namespace");
	for (size_t i = 0; i < ARRAY_LEN(no_keys); i++)
		sysctl_refused(no_keys[i], NULL, "is no sysctl key");
	sysctl_refused("kernel.hostname", NULL, "set by the property hostname");
	sysctl_refused("kernel.shmmax", MNT ",{'type':'pid'}", "would change the host; add {\"type\": \"ipc\"}");
	sysctl_refused("fs.mqueue.msg_max", MNT ",{'type':'pid'}", "would change the host; add {\"type\": \"ipc\"}");
	sysctl_refused("net.ipv4.ip_forward", MNT ",{'type':'pid'}", "would change the host; add {\"type\": \"network\"}");
	sysctl_refused("kernel.domainname", MNT ",{'type':'pid'}", "would change the host; add {\"type\": \"uts\"}");
	refused(&(struct bundle){.lin = "'sysctl':{'net.ipv4.ip_forward':'1\\nkernel.x=1'}"}, ERR_POLICY, "H-15",
		"must have a value of one line", "H-15: a second line refused");

	if (!resolved(&(struct bundle){.level = LEVEL_OCI,
				       .lin = "'sysctl':{'net.ipv4.ip_forward':'1','net.ipv4.conf.eth0/100.forwarding':'0',"
					      "'net/ipv4/conf/eth0.100/forwarding':'0','kernel.shmmax':'9','fs.mqueue.msg_max':'3',"
					      "'kernel.domainname':'d','kernel.sem':'1 2 3 4'}"},
		      &plan, "sysctls"))
		return;
	is_str(plan.sysctls.items[0].key, "net/ipv4/ip_forward", "H-15: dots part");
	is_str(plan.sysctls.items[1].key, "net/ipv4/conf/eth0.100/forwarding", "H-15: a slash after dots is part of a name");
	is_str(plan.sysctls.items[2].key, "net/ipv4/conf/eth0.100/forwarding", "H-15: a dot after slashes is part of a name");
	is_str(plan.sysctls.items[6].value, "1 2 3 4", "H-15: the value stays");
	is_int(plan.sysctls.n, 7, "H-15: all that belong to namespaces");

	if (!resolved(&(struct bundle){.level = LEVEL_OCI, .lin = "'sysctl':{'net.ipv4.ip_forward':'1'}",
				       .namespaces = MNT ",{'type':'network','path':'/run/netns/a'}"},
		      &pod, "joined"))
		return;
	ok(pod.ns[NS_NET].refuse_host, "H-15: into a joined namespace only when it isn't the host's, at oci too");
}

int main(void)
{
	absent();
	join();
	userns();
	memfd();
	sysctls();
	return tap_done();
}
