/* Stage one, namespaces and what lives in them: id maps, clock offsets, names,
 * sysctls, network devices.  Owns plan->ns, the maps and those. */
#include "config.h"

#include "policy/resolve.h"

#include <string.h>

#include "base/banned.h"

_Static_assert((int)SPEC_NS_USER == NS_USER && (int)SPEC_NS_MOUNT == NS_MNT &&
		       (int)SPEC_NS_PID == NS_PID && (int)SPEC_NS_NETWORK == NS_NET &&
		       (int)SPEC_NS_IPC == NS_IPC && (int)SPEC_NS_UTS == NS_UTS &&
		       (int)SPEC_NS_CGROUP == NS_CGROUP && (int)SPEC_NS_TIME == NS_TIME &&
		       (int)SPEC_NS_COUNT == NS_COUNT,
	       "spec and plan count namespaces alike");

static int copy_maps(struct resolve *r, const spec_idmaps *from, plan_idmaps *to)
{
	for (size_t i = 0; i < from->n; i++) {
		struct plan_idmap *map = RESOLVE_PUSH(r, to);
		if (!map)
			return -1;
		*map = (struct plan_idmap){from->items[i].container_id, from->items[i].host_id,
					   from->items[i].size};
	}
	return 0;
}

static int take_user_ns(struct resolve *r, struct err *err)
{
	struct plan *plan = r->plan;
	const struct spec_linux *lin = r->lin;
	switch (plan->ns[NS_USER].mode) {
	case NS_HOST:
		if (lin->uid_mappings.n || lin->gid_mappings.n)
			return err_set(err, ERR_SPEC,
				       "linux.uidMappings: needs a user namespace; "
				       "add {\"type\": \"user\"} to linux.namespaces");
		return 0;
	case NS_JOIN:
		return 0; /* the namespace joined has its maps; engines repeat them */
	case NS_PRIVATE:
		break;
	}
	if (!lin->uid_mappings.n || !lin->gid_mappings.n)
		return err_set(err, ERR_SPEC,
			       "linux.%s: missing; a new user namespace needs both mappings",
			       lin->uid_mappings.n ? "gidMappings" : "uidMappings");
	if (r->host->max_user_namespaces_zero)
		return err_set(err, ERR_HOST,
			       "linux.namespaces: user namespaces are turned off on this host "
			       "(user.max_user_namespaces is 0)");
	/* Without privilege the kernel takes a gid map only from a process that gave up
	 * setgroups(2) (user_namespaces(7)), or from newgidmap(1). */
	plan->deny_setgroups = r->host->euid != 0;
	if (copy_maps(r, &lin->uid_mappings, &plan->uid_maps) ||
	    copy_maps(r, &lin->gid_mappings, &plan->gid_maps))
		return err_oom(err);
	return 0;
}

/* A mount namespace of another's, or the host's, would be changed by every mount
 * we make: neither is a container. */
static int check_mount_ns(const struct resolve *r, struct err *err)
{
	const struct plan_ns *mnt = &r->plan->ns[NS_MNT];
	if (mnt->mode == NS_JOIN)
		return err_set(
			err, ERR_SPEC,
			"linux.namespaces: a mount namespace can't be joined; remove its \"path\"");
	if (mnt->mode == NS_HOST && r->plan->level == LEVEL_OCI) /* H-10 says it at hardened */
		return err_set(err, ERR_SPEC,
			       "linux.namespaces: no mount namespace; add {\"type\": \"mount\"}");
	return 0;
}

static int take_time(struct resolve *r, struct err *err)
{
	const struct spec_linux *lin = r->lin;
	struct plan *plan = r->plan;
	if (plan->ns[NS_TIME].mode == NS_PRIVATE && !r->host->time_ns)
		return err_set(err, ERR_HOST,
			       "linux.namespaces: this kernel has no time namespaces");
	if (!lin->boottime.set && !lin->monotonic.set)
		return 0;
	if (plan->ns[NS_TIME].mode != NS_PRIVATE)
		return err_set(err, ERR_SPEC,
			       "linux.timeOffsets: needs a time namespace of its own; "
			       "add {\"type\": \"time\"} to linux.namespaces");
	plan->boottime.set = lin->boottime.set;
	plan->boottime.secs = lin->boottime.secs;
	plan->boottime.nanosecs = lin->boottime.nanosecs;
	plan->monotonic.set = lin->monotonic.set;
	plan->monotonic.secs = lin->monotonic.secs;
	plan->monotonic.nanosecs = lin->monotonic.nanosecs;
	return 0;
}

/* Writing into a joined namespace is runc's behaviour; but a path can lead to the
 * host's own (containerd writes such for host-network pods), and then every
 * change would be the host's: those joins are compared by inode at any level. */
static bool owns_ns(struct plan *plan, enum plan_ns_kind kind)
{
	if (plan->ns[kind].mode == NS_JOIN)
		plan->ns[kind].refuse_host = true;
	return plan->ns[kind].mode != NS_HOST;
}

static int take_names(struct resolve *r, struct err *err)
{
	const struct {
		const char *key, *value;
		const char **to;
	} names[] = {
		{"hostname", r->spec->hostname, &r->plan->hostname},
		{"domainname", r->spec->domainname, &r->plan->domainname},
	};
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		if (!names[i].value || !*names[i].value)
			continue;
		if (!owns_ns(r->plan, NS_UTS))
			return err_set(err, ERR_SPEC,
				       "%s: would rename the host; "
				       "add {\"type\": \"uts\"} to linux.namespaces",
				       names[i].key);
		*names[i].to = keep(r, names[i].value);
	}
	return 0;
}

static int take_net_devices(struct resolve *r, struct err *err)
{
	const struct spec_linux *lin = r->lin;
	for (size_t i = 0; i < lin->net_devices.n; i++) {
		const struct spec_net_device *from = &lin->net_devices.items[i];
		if (r->plan->ns[NS_NET].mode == NS_HOST)
			return err_set(err, ERR_SPEC,
				       "linux.netDevices: "
				       "needs a network namespace of the container's own; "
				       "add {\"type\": \"network\"} to linux.namespaces");
		struct plan_net_device *to = RESOLVE_PUSH(r, &r->plan->net_devices);
		if (!to)
			return err_oom(err);
		*to = (struct plan_net_device){keep(r, from->host_name),
					       keep(r, from->name ? from->name : from->host_name)};
	}
	return 0;
}

int oci_namespaces(struct resolve *r, struct err *err)
{
	struct plan *plan = r->plan;
	for (int i = 0; i < NS_COUNT; i++) {
		const struct spec_namespace *from = &r->lin->namespaces[i];
		plan->ns[i].mode = !from->present ? NS_HOST : from->path ? NS_JOIN : NS_PRIVATE;
		plan->ns[i].path = from->present ? keep(r, from->path) : NULL;
	}
	plan->loopback_up = plan->ns[NS_NET].mode == NS_PRIVATE;
	if (check_mount_ns(r, err) || take_user_ns(r, err) || take_time(r, err) ||
	    take_names(r, err) || take_net_devices(r, err))
		return -1;
	return 0;
}

/* --- sysctls --- */

/* sysctl(8): whichever of '.' and '/' comes first parts the components; the other
 * is then part of a name ("net.ipv4.conf.eth0/100.forwarding").  To '/' form.
 * NULL in *ret when it could leave /proc/sys or is no key at all (T-CFG-2). */
static const char *sysctl_key(struct resolve *r, const char *key)
{
	size_t first = strcspn(key, "./");
	bool dots = key[first] == '.';
	if (!key[first])
		return NULL;
	char *path = arena_memdup(&r->plan->arena, key, strlen(key));
	if (!path) {
		r->oom = true;
		return NULL;
	}
	for (char *c = path; *c; c++) {
		if ((unsigned char)*c < ' ' || *c == 0x7f)
			return NULL;
		if (dots && (*c == '.' || *c == '/'))
			*c = *c == '.' ? '/' : '.';
	}
	for (const char *c = path;; c++) {
		size_t n = strcspn(c, "/");
		if (n == 0 || (n == 1 && c[0] == '.') || (n == 2 && c[0] == '.' && c[1] == '.'))
			return NULL;
		c += n;
		if (!*c)
			return path;
	}
}

/* What runc allows: the keys whose values belong to a namespace. */
static const struct {
	const char *key;
	enum plan_ns_kind ns;
} namespaced[] = {
	{"fs/mqueue/", NS_IPC},
	{"kernel/domainname", NS_UTS},
	{"kernel/msgmax", NS_IPC},
	{"kernel/msgmnb", NS_IPC},
	{"kernel/msgmni", NS_IPC},
	{"kernel/sem", NS_IPC},
	{"kernel/shm_rmid_forced", NS_IPC},
	{"kernel/shmall", NS_IPC},
	{"kernel/shmmax", NS_IPC},
	{"kernel/shmmni", NS_IPC},
	{"net/", NS_NET},
};

static bool covers(const char *entry, const char *key)
{
	size_t n = strlen(entry);
	return entry[n - 1] == '/' ? !strncmp(key, entry, n) : !strcmp(key, entry);
}

static const char *ns_type(enum plan_ns_kind ns)
{
	return ns == NS_NET ? "network" : ns == NS_UTS ? "uts" : "ipc";
}

/* H-15 at any level: elsewhere a sysctl is the host's (CVE-2022-0811). */
static int check_sysctl(const struct resolve *r, const char *given, const char *key,
			struct err *err)
{
	if (!key)
		return err_policy(err, "H-15",
				  "linux.sysctl: '%s' is no sysctl key; "
				  "write it like net.ipv4.ip_forward",
				  given);
	if (!strcmp(key, "kernel/hostname"))
		return err_policy(err, "H-15",
				  "linux.sysctl: '%s' is set by the property hostname; use that",
				  given);
	for (size_t i = 0; i < ARRAY_LEN(namespaced); i++) {
		if (!covers(namespaced[i].key, key))
			continue;
		if (owns_ns(r->plan, namespaced[i].ns))
			return 0;
		return err_policy(err, "H-15",
				  "linux.sysctl: '%s' would change the host; "
				  "add {\"type\": \"%s\"} to linux.namespaces",
				  given, ns_type(namespaced[i].ns));
	}
	return err_policy(err, "H-15",
			  "linux.sysctl: '%s' belongs to no namespace, "
			  "so it would change the host; remove it",
			  given);
}

int oci_sysctls(struct resolve *r, struct err *err)
{
	for (size_t i = 0; i < r->lin->sysctl.n; i++) {
		const struct spec_pair *pair = &r->lin->sysctl.items[i];
		const char *key = sysctl_key(r, pair->key);
		if (r->oom)
			return err_oom(err);
		if (check_sysctl(r, pair->key, key, err))
			return err_changed_by(err, ERR_BY_NOTHING);
		/* One write, one line: a second would be another value (CVE-2022-0811). */
		if (strchr(pair->value, '\n') || strlen(key) > 255) {
			err_policy(err, "H-15", "linux.sysctl: '%s' must have a value of one line",
				   pair->key);
			return err_changed_by(err, ERR_BY_NOTHING);
		}
		struct plan_sysctl *sysctl = RESOLVE_PUSH(r, &r->plan->sysctls);
		if (!sysctl)
			return err_oom(err);
		*sysctl = (struct plan_sysctl){.key = key, .value = keep(r, pair->value)};
	}
	return 0;
}
