/* H-20 to H-26: the file system. */
#include "policy_case.h"

#define WITH(mount) MOUNTS_ALL "," mount

/* What none but root writes, as far as the host was looked at. */
static const char *own_sources[] = {"/srv/tools", "/srv/b", "/srv/a", "/bundle/tools", "/var/lib/docker/volumes/v/_data", "/etc/hosts"};
#define ROOTS_OWN .request = {.roots_own = {.items = own_sources, .n = ARRAY_LEN(own_sources)}}

static void root(void)
{
	autoplan plan = PLAN_INIT, ro = PLAN_INIT, shared = PLAN_INIT, slave = PLAN_INIT;

	if (!resolved(&(struct bundle){.root = "'path':'rootfs'"}, &plan, "writable root"))
		return;
	ok(plan.root.readonly, "H-20: the root is read-only");
	is_change(&plan, "H-20", "root.readonly", CHANGE_FORCED, "no", "told");
	is_int(plan.root.attr_set, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV, "H-23: the root is nosuid and nodev");
	is_change(&plan, "H-23", "root.flags", CHANGE_ADDED, NULL, "told");
	if (!resolved(&(struct bundle){0}, &ro, "read-only root"))
		return;
	ok(!find_change(&ro, "H-20", "root.readonly"), "H-20: nothing told where nothing changed");

	if (!resolved(&(struct bundle){.lin = "'rootfsPropagation':'rshared'"}, &shared, "shared root") ||
	    !resolved(&(struct bundle){.lin = "'rootfsPropagation':'slave'"}, &slave, "slave root"))
		return;
	is_int(shared.root.propagation, MS_SLAVE, "H-26: a shared root becomes a slave");
	is_change(&shared, "H-26", "root.propagation", CHANGE_FORCED, "rshared", "told");
	is_int(slave.root.propagation, MS_SLAVE, "H-26: a slave stays one");
	refused(&(struct bundle){.request = {.no_pivot = true}}, ERR_POLICY, "H-26", "--no-pivot: leaves the host's root",
		"H-26: no_pivot refused");
}

static void scratch(void)
{
	autoplan plan = PLAN_INIT, own = PLAN_INIT, var = PLAN_INIT, below = PLAN_INIT;

	if (!resolved(&(struct bundle){0}, &plan, "plain"))
		return;
	is_str(plan.mounts.items[0].target, "/tmp", "H-21: /tmp comes before the bundle's mounts");
	is_str(plan.mounts.items[1].target, "/var/tmp", "H-21: and /var/tmp");
	is_str(plan.mounts.items[2].target, "/run", "H-21: and /run");
	const struct plan_mount *tmp = &plan.mounts.items[0];
	is_str(mount_flags(tmp), "nosuid,nodev,noexec", "H-21: /tmp can't be executed from");
	is_str(joined(&tmp->data), "size=67108864,nr_inodes=65536,mode=1777", "H-21: /tmp is small and everybody's");
	ok(tmp->on_missing == ON_MISSING_SKIP && tmp->tmpcopyup, "H-21: only where the image has it, with what is there");
	is_str(joined(&plan.mounts.items[2].data), "size=67108864,nr_inodes=65536,mode=0755,uid=1000,gid=1000",
	       "H-21: /run is the process's");
	is_change(&plan, "H-21", "mount /tmp", CHANGE_ADDED, NULL, "told");
	is_change(&plan, "H-21", "mount /run", CHANGE_ADDED, NULL, "told");

	if (!resolved(&(struct bundle){.mounts = WITH("{'destination':'/tmp','type':'tmpfs','source':'t','options':['size=1m']}")},
		      &own, "own /tmp"))
		return;
	is_str(joined(&find_mount(&own, "/tmp")->data), "size=1m", "H-21: the bundle's own /tmp is used");
	ok(!find_change(&own, "H-21", "mount /tmp"), "H-21: and nothing told of it");

	if (!resolved(&(struct bundle){.mounts = WITH(BIND("/srv/var", "/var", "'bind'"))}, &var, "mount on /var"))
		return;
	ok(!find_mount(&var, "/var/tmp"), "H-21: no /var/tmp beneath a mount of the bundle's");

	if (!resolved(&(struct bundle){.mounts = WITH(BIND("/srv/env", "/run/.containerenv", "'bind','ro'"))}, &below, "beneath /run"))
		return;
	ok(find_mount(&below, "/run") < find_mount(&below, "/run/.containerenv") && find_mount(&below, "/run"),
	   "H-21: /run before what the bundle mounts in it");
}

static void noexec(void)
{
	autoplan plan = PLAN_INIT, rec = PLAN_INIT;

	if (!resolved(&(struct bundle){.mounts = WITH(
			      "{'destination':'/data','type':'tmpfs','source':'t','options':['exec','suid','dev']},"
			      "{'destination':'/rodata','type':'tmpfs','source':'t','options':['ro']},"
			      "{'destination':'/dev/pts','type':'devpts','source':'devpts'},"
			      "{'destination':'/dev/mqueue','type':'mqueue','source':'mqueue'},"
			      BIND("/srv/w", "/w", "'rw','bind'") "," BIND("/srv/tools", "/tools", "'ro','bind'")), ROOTS_OWN},
		      &plan, "mounts"))
		return;
	is_str(mount_flags(find_mount(&plan, "/data")), "nosuid,nodev,noexec", "H-22: a tmpfs");
	is_change(&plan, "H-22", "mount /data", CHANGE_FORCED, "exec,suid,dev", "told");
	is_int(find_mount(&plan, "/data")->attr_clr & (MOUNT_ATTR_NOEXEC | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV), 0,
	       "H-22: what is forced isn't cleared again");
	is_str(mount_flags(find_mount(&plan, "/rodata")), "ro,nosuid,nodev,noexec", "H-22: a read-only tmpfs too");
	is_str(mount_flags(find_mount(&plan, "/proc")), "nosuid,nodev,noexec", "H-22: /proc");
	is_str(mount_flags(find_mount(&plan, "/dev/mqueue")), "nosuid,nodev,noexec", "H-22: message queues");
	is_str(mount_flags(find_mount(&plan, "/dev")), "nosuid,noexec", "H-22: /dev has devices");
	is_str(mount_flags(find_mount(&plan, "/dev/pts")), "nosuid,noexec", "H-22: /dev/pts has terminals");
	is_str(mount_flags(find_mount(&plan, "/w")), "nosuid,nodev,noexec", "H-22: a writable bind");
	is_str(mount_flags(find_mount(&plan, "/tools")), "ro,nosuid,nodev", "H-23: a read-only bind may be executed from");
	is_change(&plan, "H-23", "mount /tools", CHANGE_FORCED, "suid,dev", "told");

	if (!resolved(&(struct bundle){.mounts = WITH(BIND("/srv/a", "/a", "'rbind','rexec','rsuid','rdev'") ","
						      BIND("/srv/b", "/b", "'rbind','rro','rexec'") ","
						      BIND("/srv/c", "/c", "'rbind','ro'")), ROOTS_OWN},
		      &rec, "trees"))
		return;
	const uint64_t three = MOUNT_ATTR_NOEXEC | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV;
	const struct plan_mount *a = find_mount(&rec, "/a"), *b = find_mount(&rec, "/b"), *c = find_mount(&rec, "/c");
	is_int(a->attr_set_rec & three, three, "H-22: the whole tree of a writable bind");
	is_int(a->attr_clr_rec & three, 0, "H-22: whatever its r-options say");
	is_int(b->attr_set_rec & (three | MOUNT_ATTR_RDONLY), MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV,
	       "H-23: the whole tree of a read-only one");
	ok(c->attr_set_rec & MOUNT_ATTR_RDONLY, "H-24: of a tree that is read-only at its top nothing below is writable");
	is_change(&rec, "H-24", "mount /c", CHANGE_FORCED, "rw", "told");
}

static void write_xor_exec(void)
{
	autoplan plan = PLAN_INIT, apart = PLAN_INIT;

	if (!resolved(&(struct bundle){.mounts = WITH(
			      BIND("/srv/x", "/x", "'bind','ro'") "," BIND("/srv/x", "/x-rw", "'bind'") ","
			      BIND("/srv/up", "/up", "'bind','ro'") "," BIND("/srv/up/down/here", "/down-rw", "'bind'") ","
			      BIND("/srv/big", "/big-rw", "'bind'") "," BIND("/srv/big/part", "/part", "'bind','ro'"))},
		      &plan, "two names"))
		return;
	is_str(mount_flags(find_mount(&plan, "/x")), "ro,nosuid,nodev,noexec", "H-24: the same source");
	is_change(&plan, "H-24", "mount /x", CHANGE_FORCED, "exec", "told");
	is_str(mount_flags(find_mount(&plan, "/up")), "ro,nosuid,nodev,noexec", "H-24: a source above a writable one");
	is_str(mount_flags(find_mount(&plan, "/part")), "ro,nosuid,nodev,noexec", "H-24: a source beneath a writable one");

	if (!resolved(&(struct bundle){.mounts = WITH(BIND("/srv/a", "/a", "'bind','ro'") "," BIND("/srv/ab", "/ab", "'bind'") ","
						      BIND("/srv/a", "/a2", "'bind','ro'")), ROOTS_OWN},
		      &apart, "apart"))
		return;
	is_str(mount_flags(find_mount(&apart, "/a")), "ro,nosuid,nodev", "H-24: other sources don't matter");

	static const char *const sources[] = {"/bundle/rootfs", "/bundle/rootfs/usr/bin", "/bundle"};
	for (size_t i = 0; i < ARRAY_LEN(sources); i++) {
		char mounts[1024], name[128];
		snprintf(mounts, sizeof(mounts), WITH("{'destination':'/m','type':'bind','source':'%s','options':['bind']}"),
			 sources[i]);
		snprintf(name, sizeof(name), "H-24: a writable name for the root refused: %s", sources[i]);
		refused(&(struct bundle){.mounts = mounts}, ERR_POLICY, "H-24", "is or holds the container's own root", name);
	}
	autoplan readonly = PLAN_INIT;
	if (!resolved(&(struct bundle){.mounts = WITH(BIND("/bundle/rootfs/usr", "/m", "'bind','ro'"))}, &readonly, "read-only name"))
		return;
	is_str(mount_flags(find_mount(&readonly, "/m")), "ro,nosuid,nodev", "H-24: a read-only name for the root is none");
	is_int(find_mount(&readonly, "/m")->programs, PROGRAMS_IMAGE, "H-24: its programs are the image's");
}

static void read_only(const char *path, const char *options, const char *flags, enum plan_programs programs)
{
	autoplan plan = PLAN_INIT;
	char mounts[1024], name[256];
	snprintf(mounts, sizeof(mounts), WITH("{'destination':'/m','type':'bind','source':'%s','options':[%s]}"), path, options);
	snprintf(name, sizeof(name), "H-24: %s (%s)", path, options);
	if (!resolved(&(struct bundle){.mounts = mounts, ROOTS_OWN}, &plan, name))
		return;
	const struct plan_mount *m = find_mount(&plan, "/m");
	const uint64_t tree = m->attr_set_rec & MOUNT_ATTR_NOEXEC, top = plan_mount_attrs(m) & MOUNT_ATTR_NOEXEC;
	is_str(mount_flags(m), flags, name);
	is_int(m->programs, programs, name);
	ok(!m->recursive || tree == top, "%s: what is mounted below is no other", name);
	ok(!find_change(&plan, "H-24", "mount /m") == (programs != PROGRAMS_NONE), "%s: told", name);
	ok(str_list_has(&plan.landlock.no_exec, "/m") == (programs == PROGRAMS_NONE), "%s: H-70 says the same", name);
}

/* What another container may have written is not executed here, although nothing in this one writes it. */
static void data(void)
{
	static const char *const engines[] = {
		"/var/lib/docker/volumes/v/_data", "/var/lib/docker/volumes/v/_data/sub", "/var/lib/docker/1000.1000/volumes/v/_data",
		"/var/lib/docker/containers/c/hosts", "/var/lib/docker/containers/c/mounts/shm",
		"/var/lib/containers/storage/volumes/v/_data", "/run/containers/storage/overlay-containers/c/userdata/run/secrets",
		"/var/lib/containerd/io.containerd.grpc.v1.cri/containers/c/volumes/v",
		"/run/containerd/io.containerd.grpc.v1.cri/sandboxes/s/shm",
		"/var/lib/kubelet/pods/p/volumes/kubernetes.io~empty-dir/e", "/var/lib/kubelet/pods/p/volumes/kubernetes.io~configmap/c",
		"/var/lib/kubelet/pods/p/volumes/kubernetes.io~secret/s", "/var/lib/kubelet/pods/p/volume-subpaths/v/c/0",
		"/var/lib/kubelet/pods/p/etc-hosts", "/etc/hosts", "/etc/ssl/certs", "/bundle/tools", "/srv/of-others",
	};
	for (size_t i = 0; i < ARRAY_LEN(engines); i++) {
		read_only(engines[i], "'bind','ro'", "ro,nosuid,nodev,noexec", PROGRAMS_NONE);
		read_only(engines[i], "'bind','ro','exec','rexec'", "ro,nosuid,nodev,noexec", PROGRAMS_NONE);
	}
	read_only("/var/lib/docker/volumes/v/_data", "'rbind','ro','rexec'", "ro,nosuid,nodev,noexec", PROGRAMS_NONE);
	read_only("/srv/tools", "'bind','ro'", "ro,nosuid,nodev", PROGRAMS_HOST);
	read_only("/usr/bin/docker-init", "'bind','ro'", "ro,nosuid,nodev", PROGRAMS_ENGINE);
	read_only("/usr/libexec/podman/catatonit", "'bind','ro'", "ro,nosuid,nodev", PROGRAMS_ENGINE);
	read_only("/srv/tools", "'rbind','ro','noexec'", "ro,nosuid,nodev,noexec", PROGRAMS_NONE);
	read_only("/usr/bin/docker-init", "'rbind','ro','noexec'", "ro,nosuid,nodev,noexec", PROGRAMS_NONE);
}

static void source(const char *path, const char *options, const char *text)
{
	char mounts[1024], name[160];
	struct bundle b = {.mounts = mounts};

	snprintf(mounts, sizeof(mounts), WITH("{'destination':'/m','type':'bind','source':'%s','options':[%s]}"), path, options);
	snprintf(name, sizeof(name), "H-25: %s %s (%s)", path, text ? "refused" : "taken", options);
	if (text) {
		refused(&b, ERR_POLICY, "H-25", text, name);
	} else {
		autoplan plan = PLAN_INIT;
		if (resolved(&b, &plan, name))
			ok(find_mount(&plan, "/m"), "%s", name);
	}
}

static void host_mounts(void)
{
	static const char *const bad[] = {
		"/", "/proc", "/proc/1", "/sys", "/sys/fs/cgroup", "/dev", "/dev/sda", "/boot", "/etc", "/etc/shadow", "/root",
		"/root/.ssh", "/run", "/run/systemd/private", "/var/run", "/var", "/var/lib", "/var/lib/docker",
		"/var/lib/docker/overlay2/a/merged", "/var/lib/containers/storage/overlay/x/diff", "/var/lib/kubelet",
		"/var/lib/kubelet/pods/u", "/var/lib/kubelet/pki/x", "/run/containers/storage/overlay-containers/id/userdata",
		"/var/lib/docker/containers/id/config.v2.json", "/run/netns/x", "/x/../etc/passwd", "//etc", "/etc/./passwd",
		"/run/user/1000/containers/x", "/var/lib/docker/volumes/v", "/run/containerd/io.containerd.x/sandboxes",
		"/var/lib/containers/storage/-containers/id/userdata/x",
	};
	static const char *const good[] = {
		"/run/containers/storage/overlay-containers/ID/userdata/hosts",
		"/run/containers/storage/overlay-containers/ID/userdata/run/secrets",
		"/run/user/1000/containers/vfs-containers/ID/userdata/resolv.conf",
		"/var/lib/containers/storage/overlay-containers/ID/userdata/shm",
		"/var/lib/containers/storage/volumes/v/_data",
		"/var/lib/containers/storage/volumes/v/_data/sub/dir",
		"/run/containerd/io.containerd.grpc.v1.cri/sandboxes/ID/shm",
		"/var/lib/containerd/io.containerd.grpc.v1.cri/sandboxes/ID/hostname",
		"/var/lib/containerd/io.containerd.grpc.v1.cri/containers/ID/volumes/v",
		"/var/lib/docker/containers/ID/hosts", "/var/lib/docker/containers/ID/mounts/shm",
		"/var/lib/docker/volumes/v/_data", "/var/lib/kubelet/pods/U/volumes/kubernetes.io~empty-dir/e",
		"/var/lib/kubelet/pods/U/volume-subpaths/v/c/0", "/var/lib/kubelet/pods/U/etc-hosts",
		"/var/lib/kubelet/pods/U/containers/c/1234", "/var/lib/nerdctl/h/containers/n/ID/resolv.conf",
		"/srv/data", "/home/u/src", "/varx", "/etcx", "data",
	};
	static const char *const system[] = {"/usr", "/usr/lib/x", "/bin", "/lib64", "/sbin/x"};
	static const char *const lent[] = {"/etc/localtime", "/etc/ssl/certs", "/etc/resolv.conf"};
	static const char *const sockets[] = {"/srv/docker.sock", "/run/docker.sock", "/run/podman/podman.sock",
					      "/run/containerd/containerd.sock"};
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		source(bad[i], "'bind','ro'", "reaches the host's");
	for (size_t i = 0; i < ARRAY_LEN(good); i++)
		source(good[i], "'bind'", NULL);
	for (size_t i = 0; i < ARRAY_LEN(system); i++) {
		source(system[i], "'bind'", "makes the host's");
		source(system[i], "'bind','ro'", NULL);
	}
	for (size_t i = 0; i < ARRAY_LEN(lent); i++) {
		source(lent[i], "'bind'", "remove it or make it read-only");
		source(lent[i], "'bind','ro'", NULL);
	}
	for (size_t i = 0; i < ARRAY_LEN(sockets); i++)
		source(sockets[i], "'bind','ro'", "is an engine's socket");

	static const char *const roots[] = {"/proc/1/root", "/proc", "/sys", "/dev/shm/x", "/etc", "/boot/x", "/usr", "/var", "/home", "/var/lib/", "/x/../run"};
	for (size_t i = 0; i < ARRAY_LEN(roots); i++) {
		char root[64], name[64];
		snprintf(root, sizeof(root), "'path':'%s'", roots[i]);
		snprintf(name, sizeof(name), "H-25: root %s refused", roots[i]);
		refused(&(struct bundle){.root = root}, ERR_POLICY, "H-25", "is a part of the host", name);
	}
	static const char *const good_roots[] = {"/var/lib/containers/storage/overlay/x/merged", "/run/containerd/x/rootfs", "/root/b/rootfs", "/rootfs"};
	for (size_t i = 0; i < ARRAY_LEN(good_roots); i++) {
		autoplan plan = PLAN_INIT;
		char root[64];
		snprintf(root, sizeof(root), "'path':'%s'", good_roots[i]);
		if (resolved(&(struct bundle){.root = root}, &plan, root))
			is_str(plan.root.path, good_roots[i], "H-25: a root where engines keep them");
	}

	static const char *const types[] = {"ext4", "overlay", "debugfs", "bpf", "fuse", "ramfs", "nfs", "tracefs"};
	for (size_t i = 0; i < ARRAY_LEN(types); i++) {
		char mounts[1024], name[64];
		snprintf(mounts, sizeof(mounts), WITH("{'destination':'/m','type':'%s','source':'/dev/sda'}"), types[i]);
		snprintf(name, sizeof(name), "H-25: type %s refused", types[i]);
		refused(&(struct bundle){.mounts = mounts}, ERR_POLICY, "H-25", "reaches beyond the container", name);
	}
}

static void propagation(void)
{
	autoplan plan = PLAN_INIT;

	if (!resolved(&(struct bundle){.mounts = WITH(BIND("/srv/a", "/a", "'rbind','rshared'") ","
						      BIND("/srv/b", "/b", "'bind','shared'") ","
						      BIND("/srv/c", "/c", "'rbind','rslave'") ","
						      BIND("/srv/d", "/d", "'bind','unbindable'"))},
		      &plan, "propagation"))
		return;
	ok(find_mount(&plan, "/a")->propagation == MS_SLAVE && find_mount(&plan, "/a")->propagation_rec,
	   "H-26: rshared becomes rslave");
	is_change(&plan, "H-26", "mount /a", CHANGE_FORCED, "rshared", "told");
	ok(find_mount(&plan, "/b")->propagation == MS_SLAVE && !find_mount(&plan, "/b")->propagation_rec,
	   "H-26: shared becomes slave");
	is_change(&plan, "H-26", "mount /b", CHANGE_FORCED, "shared", "told");
	is_int(find_mount(&plan, "/c")->propagation, MS_SLAVE, "H-26: rslave stays");
	is_int(find_mount(&plan, "/d")->propagation, MS_UNBINDABLE, "H-26: unbindable stays");
}

int main(void)
{
	root();
	scratch();
	noexec();
	write_xor_exec();
	data();
	host_mounts();
	propagation();
	return tap_done();
}
