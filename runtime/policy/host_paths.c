/* H-25: which host paths a bundle may bind.  By name only: who asks has followed the
 * host's links before (cmd/decide.c), and who opens them follows none (act/mounts.c).
 */
#include "config.h"

#include "policy/resolve.h"

#include "base/path.h"

#include <linux/mount.h>
#include <string.h>

#include "base/banned.h"

/* The host's own: its kernel, its configuration, its services' sockets and state,
 * root's files, and the stores from which other containers are made.  Neither these,
 * nor what is in them, nor what holds them. */
static const char *const forbidden[] = {
	"/boot",
	"/dev",
	"/efi",
	"/etc",
	"/proc",
	"/root",
	"/run",
	"/sys",
	"/var/lib/cni",
	"/var/lib/containerd",
	"/var/lib/containers",
	"/var/lib/crio",
	"/var/lib/docker",
	"/var/lib/etcd",
	"/var/lib/kubelet",
	"/var/lib/systemd",
	"/var/run",
};

/* Not even by an exception: with any of these the container is the host, or all others. */
static const char *const never[] = {
	"/boot",	  "/dev",		"/efi",			"/etc",
	"/proc",	  "/root",		"/sys",			"/run/containerd",
	"/run/containers", "/run/crio",		"/run/dbus",		"/run/docker",
	"/run/libpod",	  "/run/podman",	"/run/systemd",		"/run/udev",
	"/var/lib/cni",	  "/var/lib/containerd", "/var/lib/containers", "/var/lib/crio",
	"/var/lib/docker", "/var/lib/etcd",	"/var/lib/kubelet",	"/var/lib/systemd",
	"/var/run", /* a link to /run, which is to be named */
};

/* Programs of the host: an engine lends them read-only (docker-init, NVIDIA's libraries). */
static const char *const forbidden_writable[] = {
	"/bin", "/lib", "/lib32", "/lib64", "/libx32", "/sbin", "/usr", "/var/spool/cron",
};

/* What engines make for this one container, exactly where each keeps it.  A '*' is
 * any text without '/'; "**" at the end is anything beneath. */
static const char *const managed[] = {
	/* podman, CRI-O: containers/storage */
	"/run/containers/storage/*-containers/*/userdata/**",
	"/run/user/*/containers/*-containers/*/userdata/**",
	"/var/lib/containers/storage/*-containers/*/userdata/**",
	"/var/lib/containers/storage/volumes/*/_data",
	"/var/lib/containers/storage/volumes/*/_data/**",
	"/var/run/containers/storage/*-containers/*/userdata/**",
	/* containerd */
	"/run/containerd/io.containerd.*/sandboxes/*/**",
	"/var/lib/containerd/io.containerd.*/sandboxes/*/**",
	"/var/lib/containerd/io.containerd.*/containers/*/volumes/*",
	/* docker */
	"/var/lib/docker/containers/*/hostname",
	"/var/lib/docker/containers/*/hosts",
	"/var/lib/docker/containers/*/mounts/**",
	"/var/lib/docker/containers/*/resolv.conf",
	"/var/lib/docker/volumes/*/_data",
	"/var/lib/docker/volumes/*/_data/**",
	/* and with userns-remap, by the first ids of its maps */
	"/var/lib/docker/*.*/containers/*/hostname",
	"/var/lib/docker/*.*/containers/*/hosts",
	"/var/lib/docker/*.*/containers/*/mounts/**",
	"/var/lib/docker/*.*/containers/*/resolv.conf",
	"/var/lib/docker/*.*/volumes/*/_data",
	"/var/lib/docker/*.*/volumes/*/_data/**",
	/* kubelet */
	"/var/lib/kubelet/pods/*/containers/*/*",
	"/var/lib/kubelet/pods/*/etc-hosts",
	"/var/lib/kubelet/pods/*/volume-subpaths/**",
	"/var/lib/kubelet/pods/*/volumes/**",
};

/* The same of engines that people run for themselves, in their homes.  There it says
 * nothing about who wrote them: no runtime of root's takes them. */
static const char *const managed_rootless[] = {
	"/.local/share/containers/storage/*-containers/*/userdata/**",
	"/.local/share/containers/storage/volumes/*/_data",
	"/.local/share/containers/storage/volumes/*/_data/**",
	"/.local/share/docker/containers/*/hostname",
	"/.local/share/docker/containers/*/hosts",
	"/.local/share/docker/containers/*/resolv.conf",
	"/.local/share/docker/volumes/*/_data",
	"/.local/share/docker/volumes/*/_data/**",
};

/* Public parts of /etc that images without their own are given, read-only. */
static const char *const lent[] = {
	"/etc/ca-certificates", "/etc/hosts",     "/etc/localtime", "/etc/pki/ca-trust",
	"/etc/resolv.conf",     "/etc/ssl/certs", "/etc/timezone",
};

/* Programs of engines that they put into containers as the first process, read-only. */
static const char *const lent_programs[] = {
	"/usr/bin/catatonit",
	"/usr/bin/docker-init",
	"/usr/bin/tini-static",
	"/usr/libexec/catatonit/catatonit",
	"/usr/libexec/docker/docker-init",
	"/usr/libexec/podman/catatonit",
};

/* Whoever may speak to these is root on the host. */
static const char *const sockets[] = {
	"containerd.sock", "crio.sock", "docker.sock", "dockershim.sock", "podman.sock",
};

/* '*' is any text but none. */
static bool matches_component(const char *pattern, size_t pattern_len, const char *s, size_t len)
{
	size_t p = 0, i = 0, star = SIZE_MAX, from = 0;
	while (i < len) {
		if (p < pattern_len && pattern[p] == '*') {
			star = p++;
			from = ++i;
		} else if (p < pattern_len && pattern[p] == s[i]) {
			p++;
			i++;
		} else if (star != SIZE_MAX) {
			p = star + 1; /* the last star takes one more */
			i = ++from;
		} else {
			return false;
		}
	}
	return p == pattern_len;
}

static bool matches(const char *pattern, const char *path)
{
	while (*pattern && *path) {
		pattern++; /* both stand on '/' */
		path++;
		if (!strcmp(pattern, "**"))
			return *path;
		size_t p = strcspn(pattern, "/"), n = strcspn(path, "/");
		if (!matches_component(pattern, p, path, n))
			return false;
		pattern += p;
		path += n;
	}
	return !*pattern && !*path;
}

static bool is_managed(const char *source)
{
	for (size_t i = 0; i < ARRAY_LEN(managed); i++)
		if (matches(managed[i], source))
			return true;
	return false;
}

/* "/home/NAME", "/var/home/NAME": what follows */
static const char *beneath_home(const char *source)
{
	static const char *const homes[] = {"/home/", "/var/home/"};
	for (size_t i = 0; i < ARRAY_LEN(homes); i++) {
		size_t len = strlen(homes[i]);
		if (!strncmp(source, homes[i], len))
			return source + len + strcspn(source + len, "/");
	}
	return NULL;
}

static bool is_managed_rootless(const struct resolve *r, const char *source)
{
	const char *rest = r->host->initial_userns ? NULL : beneath_home(source);
	for (size_t i = 0; rest && i < ARRAY_LEN(managed_rootless); i++)
		if (matches(managed_rootless[i], rest))
			return true;
	return false;
}

/* What an engine puts into the bundle itself (buildah: all that it binds).  Who writes
 * there writes config.json. */
static bool is_of_bundle(const struct resolve *r, const char *source)
{
	return path_is_beneath(source, r->plan->bundle) && strcmp(source, r->plan->bundle) != 0;
}

/* Files in memory and names that an engine makes for a start: no data of the container's. */
static bool is_for_start(const char *source)
{
	return is_managed(source) &&
	       (path_is_beneath(source, "/run") || path_is_beneath(source, "/var/run"));
}

static bool is_lent(const char *source)
{
	for (size_t i = 0; i < ARRAY_LEN(lent); i++)
		if (!strcmp(source, lent[i]))
			return true;
	return false;
}

static bool is_lent_program(const char *source)
{
	for (size_t i = 0; i < ARRAY_LEN(lent_programs); i++)
		if (!strcmp(source, lent_programs[i]))
			return true;
	return false;
}

bool policy_path_is_engines(const char *source)
{
	return is_managed(source) || is_lent(source) || is_lent_program(source);
}

/* What engines keep for containers is data: another container may write the same volume,
 * and nobody has scanned that.  Who wrote it can't be told from whose it is, since root in
 * other runtimes' containers is the host's. */
enum plan_programs mount_programs(const struct resolve *r, const struct plan_mount *mount)
{
	const char *source = mount->source;
	if (path_is_beneath(source, r->plan->root.path))
		return PROGRAMS_IMAGE;
	if (is_lent_program(source))
		return PROGRAMS_ENGINE;
	if (policy_path_is_engines(source) || is_managed_rootless(r, source) ||
	    is_of_bundle(r, source))
		return PROGRAMS_NONE;
	return str_list_has(&r->request->roots_own, source) ? PROGRAMS_HOST : PROGRAMS_NONE;
}

/* The entry that `source` is, is in, or holds; NULL when none. */
static const char *touches(const char *source, const char *const *list, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		/* A policy asks for all its mounts at every create: one look does for most. */
		if (source[1] && source[1] != list[i][1])
			continue;
		if (path_is_beneath(source, list[i]) || path_is_beneath(list[i], source))
			return list[i];
	}
	return NULL;
}

static bool is_engine_socket(const char *source)
{
	for (size_t i = 0; i < ARRAY_LEN(sockets); i++)
		if (!strcmp(path_base(source), sockets[i]))
			return true;
	return false;
}

const char *policy_path_never(const char *source)
{
	return is_engine_socket(source) ? "engine's socket"
					: touches(source, never, ARRAY_LEN(never));
}

const char *policy_path_refused(const char *source, bool writable)
{
	const char *place = touches(source, forbidden, ARRAY_LEN(forbidden));

	if (place || !writable)
		return place;
	return touches(source, forbidden_writable, ARRAY_LEN(forbidden_writable));
}

/* The entry that names this mount: its source or what holds that, its place if the entry
 * says one, and writing only if the entry does. */
static const struct policy_mount *find_entry(const policy_mounts *entries,
					     const struct plan_mount *mount, bool readonly)
{
	for (size_t i = 0; i < entries->n; i++) {
		const struct policy_mount *entry = &entries->items[i];
		if (path_is_beneath(mount->source, entry->source) &&
		    (entry->writable || readonly) &&
		    (!entry->target || !strcmp(entry->target, mount->target)))
			return entry;
	}
	return NULL;
}

static int refuse_place(const struct plan_mount *mount, const char *place, bool lent_too,
			struct err *err)
{
	if (policy_path_refused(mount->source, false))
		return err_policy(err, "H-25",
				  "mount '%s': its source '%s' reaches the host's %s; remove it%s",
				  mount->target, mount->source, place,
				  lent_too ? " or make it read-only" : "");
	return err_policy(
		err, "H-25",
		"mount '%s': its source '%s' makes the host's %s writable; make it read-only",
		mount->target, mount->source, place);
}

/* An entry for this very file, not for a directory that holds it. */
static bool is_named(const struct resolve *r, const struct plan_mount *mount)
{
	const policy_mounts *lists[] = {&r->conf->mounts, r->grant ? &r->grant->mounts : NULL};
	bool readonly = is_readonly_mount(mount);
	for (size_t i = 0; i < ARRAY_LEN(lists); i++)
		for (size_t k = 0; lists[i] && k < lists[i]->n; k++) {
			const struct policy_mount *entry = &lists[i]->items[k];
			if (!strcmp(mount->source, entry->source) &&
			    (entry->writable || readonly) &&
			    (!entry->target || !strcmp(entry->target, mount->target)))
				return true;
		}
	return false;
}

/* Whoever may speak to a service of the host's may do what that does, and a read-only
 * mount doesn't hinder it.  What was looked at before is told here; what is opened is
 * looked at again (act/host_sockets.c). */
static int check_socket(const struct resolve *r, struct plan_mount *mount, struct err *err)
{
	mount->socket = is_named(r, mount);
	for (size_t i = 0; i < r->request->sockets.n; i++) {
		const struct policy_socket *s = &r->request->sockets.items[i];
		if (strcmp(s->source, mount->source))
			continue;
		if (s->host) {
			err_policy(err, "H-25",
				   "mount '%s': its source '%s' is the host's '%s', "
				   "which gives root on the host; remove it",
				   mount->target, mount->source, s->host);
			return err_changed_by(err, ERR_BY_LEVEL);
		}
		if (!mount->socket)
			return err_policy(
				err, "H-25",
				"mount '%s': its source '%s' is a socket of the host's "
				"and no entry of the policy names it; "
				"remove it, or add {\"source\": \"%s\"%s} to mounts.allow",
				mount->target, mount->source, mount->source,
				is_readonly_mount(mount) ? "" : ", \"writable\": true");
	}
	return 0;
}

static int check_source(struct resolve *r, struct plan_mount *mount, struct err *err)
{
	const char *source = mount->source;
	bool readonly = is_readonly_mount(mount);
	if (is_engine_socket(source)) {
		err_policy(err, "H-25",
			   "mount '%s': its source '%s' is an engine's socket, "
			   "which gives root on the host; remove it",
			   mount->target, source);
		return err_changed_by(err, ERR_BY_LEVEL);
	}
	if (check_socket(r, mount, err))
		return -1;
	if (is_managed(source) || (readonly && (is_lent(source) || is_lent_program(source))))
		return 0;
	const char *never_place = policy_path_never(source),
		   *place = policy_path_refused(source, !readonly);
	if (never_place) {
		refuse_place(mount, place ? place : never_place, is_lent(source), err);
		return err_changed_by(err, ERR_BY_LEVEL);
	}
	if (r->grant && find_entry(&r->grant->mounts, mount, readonly)) {
		note(r, "H-25", CHANGE_EXCEPTED, text(r, "mount %s", mount->target), source, NULL);
		return 0;
	}
	if (place)
		return refuse_place(mount, place, is_lent(source), err);
	if (!r->conf->mounts_limited || is_managed_rootless(r, source) || is_of_bundle(r, source) ||
	    find_entry(&r->conf->mounts, mount, readonly))
		return 0;
	return err_policy(err, "H-25",
			  "mount '%s': its source '%s' is the host's "
			  "and no entry of the policy allows it%s; "
			  "remove it, or add {\"source\": \"%s\"%s} to mounts.allow",
			  mount->target, source, readonly ? "" : " to be written", source,
			  readonly ? "" : ", \"writable\": true");
}

/* Any other is made of the host's devices, network or directories (overlay), or
 * opens the kernel (debugfs, bpf, binfmt_misc). */
static int check_type(const struct plan_mount *mount, struct err *err)
{
	static const char *const types[] = {"devpts", "mqueue", "proc", "sysfs", "tmpfs"};
	for (size_t i = 0; i < ARRAY_LEN(types); i++)
		if (!strcmp(mount->type, types[i]))
			return 0;
	err_policy(err, "H-25",
		   "mount '%s': type '%s' reaches beyond the container; "
		   "have the engine mount it and bind it",
		   mount->target, mount->type);
	return err_changed_by(err, ERR_BY_LEVEL);
}

/* Where no container's root is kept.  /proc/PID/root is a link to another's. */
static const char *const no_roots[] = {"/boot", "/dev", "/etc", "/proc", "/sys"};
/* Directories of the host's own root: their parts may be one. */
static const char *const not_itself[] = {
	"/bin", "/home", "/lib", "/lib64", "/media", "/mnt", "/opt",     "/root",
	"/run", "/sbin", "/srv", "/tmp",   "/usr",   "/var", "/var/lib",
};

static int check_root(const struct plan_root *root, struct err *err)
{
	bool host = false;
	for (size_t i = 0; i < ARRAY_LEN(no_roots); i++)
		host |= path_is_beneath(root->path, no_roots[i]);
	for (size_t i = 0; i < ARRAY_LEN(not_itself); i++)
		host |= !strcmp(root->path, not_itself[i]);
	if (!host)
		return 0;
	err_policy(err, "H-25",
		   "root.path: '%s' is a part of the host; give the container a root of its own",
		   root->path);
	return err_changed_by(err, ERR_BY_LEVEL);
}

/* What the id `outside` is called within `maps`. */
static bool find_inside(const plan_idmaps *maps, uint32_t outside, uint32_t *ret)
{
	for (size_t i = 0; i < maps->n; i++) {
		const struct plan_idmap *map = &maps->items[i];
		if (outside >= map->outside && outside - map->outside < map->count) {
			*ret = map->inside + (outside - map->outside);
			return true;
		}
	}
	return false;
}

/* What is root's on the disk, in the hands of an id that the program has or may take, makes
 * it root there: it could leave a setuid program of root's for the host's users.  Its own
 * root, where it has one (an exception, remap), in ids that the engine set aside for it, is
 * what idmapped volumes are for.  Of a joined user namespace nobody knows here which ids
 * it has. */
static bool gives_root(const struct resolve *r, const plan_idmaps *disk, const plan_idmaps *bundle,
		       const plan_idmaps *last)
{
	enum plan_ns_mode mode = r->plan->ns[NS_USER].mode;
	const plan_idmaps *maps = disk->n ? disk : bundle;
	uint32_t id = 0;
	if (!plan_has_inside_id(maps, 0) || mode == NS_JOIN)
		return false;
	id = plan_outside_id(maps, 0);
	if (mode == NS_PRIVATE && !find_inside(bundle, id, &id))
		return false;
	return find_inside(last, id, &id) && (id || mode == NS_HOST);
}

static int check_idmap(const struct resolve *r, const struct plan_mount *mount, struct err *err)
{
	const struct plan *plan = r->plan;
	bool uid, gid;
	if (!mount->idmap || !r->host->initial_userns)
		return 0;
	uid = gives_root(r, &mount->uid_maps, &plan->uid_maps, &plan->userns_last.uid_maps);
	gid = gives_root(r, &mount->gid_maps, &plan->gid_maps, &plan->userns_last.gid_maps);
	if (!uid && !gid)
		return 0;
	err_policy(err, "H-25",
		   "mount '%s': its %sMappings make what is the host's root's in '%s' "
		   "the container's; map other ids, or none",
		   mount->target, uid ? "uid" : "gid", mount->source);
	return err_changed_by(err, ERR_BY_LEVEL);
}

static int check_mount(struct resolve *r, struct plan_mount *mount, struct err *err)
{
	bool ours = r->request->notify_dir && !strcmp(mount->target, NOTIFY_TARGET);
	if (mount->kind == MOUNT_BIND && !ours)
		return check_source(r, mount, err) || check_idmap(r, mount, err) ? -1 : 0;
	return mount->kind == MOUNT_NEW ? check_type(mount, err) : 0;
}

int rule_host_mounts(struct resolve *r, struct err *err)
{
	if (check_root(&r->plan->root, err) && refused(r, err))
		return -1;
	for (size_t i = 0; i < r->plan->mounts.n; i++)
		if (check_mount(r, &r->plan->mounts.items[i], err) && refused(r, err))
			return -1;
	return 0;
}

/* --- H-27 --- */

/* Which sources are on dm-crypt was looked at before (cmd/decide.c): a source of which
 * the host doesn't show it is none. */
int rule_encrypted(struct resolve *r, struct err *err)
{
	size_t written = 0;
	if (!r->conf->encrypted_volumes)
		return idle(r, "the policy doesn't want it (mounts.encryptedVolumes)");
	for (size_t i = 0; i < r->plan->mounts.n; i++) {
		const struct plan_mount *mount = &r->plan->mounts.items[i];
		bool readonly = is_readonly_mount(mount);
		if (mount->kind != MOUNT_BIND || readonly || is_for_start(mount->source))
			continue;
		written++;
		if (str_list_has(&r->request->encrypted, mount->source))
			continue;
		err_policy(err, "H-27",
			   "mount '%s': what is written to '%s' is not kept on an encrypted "
			   "volume, as far as this host shows (dm-crypt); "
			   "move it to one, or make it read-only (mounts.encryptedVolumes)",
			   mount->target, mount->source);
		if (refused(r, err))
			return -1;
	}
	return written ? 0 : idle(r, "nothing of the host's is mounted writable");
}
