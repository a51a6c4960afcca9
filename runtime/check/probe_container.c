/* A running container as /proc shows it, whatever runtime made it: ids, capabilities,
 * namespaces, limits, what runs and listens in it.  All by one descriptor of /proc/PID:
 * should the process end and its pid be used again, the reads fail. */
#include "config.h"

#include "check/probe_container.h"

#include "base/auto.h"
#include "base/num.h"
#include "base/path.h"
#include "plan/plan.h"
#include "sys/sys.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "base/banned.h"

/* --- status --- */

static bool parse_u32s(char *text, uint32_t *ret, size_t n)
{
	char *word;
	size_t i = 0;

	while (i < n && (word = strsep(&text, "\t "))) {
		uint64_t v;
		if (!*word)
			continue;
		if (!num_parse_u64(word, UINT32_MAX, &v))
			return false;
		ret[i++] = (uint32_t)v;
	}
	return i == n;
}

static bool parse_hex(const char *text, uint64_t *ret)
{
	uint64_t v = 0;

	if (strlen(text) != 16)
		return false;
	for (; *text; text++) {
		const char *digits = "0123456789abcdef", *at = strchr(digits, *text);
		if (!at)
			return false;
		v = v << 4 | (uint64_t)(at - digits);
	}
	*ret = v;
	return true;
}

static int take_groups(struct arena *arena, char *text, struct check_confinement *c,
		       struct err *err)
{
	char *word;

	while ((word = strsep(&text, "\t "))) {
		uint64_t v;
		uint32_t *gid;

		if (!*word || !num_parse_u64(word, UINT32_MAX, &v))
			continue;
		gid = ARENA_PUSH(arena, &c->groups);
		if (!gid)
			return err_oom(err);
		*gid = (uint32_t)v;
	}
	return 0;
}

static enum check_seen seen_if(bool yes)
{
	return yes ? SEEN_YES : SEEN_NO;
}

static int take_status(const struct check_probe *p, int dirfd, struct check_confinement *c,
		       struct err *err)
{
	const struct { const char *name; uint64_t *caps;
	} sets[] = {
		{"CapInh", &c->caps.inheritable}, {"CapPrm", &c->caps.permitted},
		{"CapEff", &c->caps.effective},   {"CapBnd", &c->caps.bounding},
		{"CapAmb", &c->caps.ambient},
	};
	unsigned ids = 0, n_sets = 0;
	char *text, *line;

	if (check_read(p, dirfd, "status", &text, err) < 0)
		return -1;
	while (text && (line = strsep(&text, "\n"))) {
		char *value = strchr(line, ':');

		if (!value)
			continue;
		*value++ = 0;
		value += strspn(value, "\t ");
		if (strcmp(line, "Uid") == 0)
			ids += parse_u32s(value, c->uids, 4);
		else if (strcmp(line, "Gid") == 0)
			ids += parse_u32s(value, c->gids, 4);
		else if (strcmp(line, "Groups") == 0 && take_groups(p->arena, value, c, err) < 0)
			return -1;
		else if (strcmp(line, "NoNewPrivs") == 0)
			c->no_new_privs = seen_if(strcmp(value, "1") == 0);
		else if (strcmp(line, "Seccomp") == 0)
			c->filter = seen_if(strcmp(value, "2") == 0);
		for (size_t i = 0; i < ARRAY_LEN(sets); i++)
			if (strcmp(line, sets[i].name) == 0)
				n_sets += parse_hex(value, sets[i].caps);
	}
	c->ids_seen = ids == 2;
	c->caps_seen = n_sets == ARRAY_LEN(sets);
	return 0;
}

/* --- user namespace --- */

/* Outside -> inside.  0 outside stays 0 whatever it is called inside. */
static uint32_t map_inside(uint32_t id, const plan_idmaps *maps)
{
	for (size_t i = 0; id && i < maps->n; i++)
		if (id >= maps->items[i].outside &&
		    id - maps->items[i].outside < maps->items[i].count)
			return maps->items[i].inside + (id - maps->items[i].outside);
	return id;
}

static int read_maps(const struct check_probe *p, int dirfd, const char *name, plan_idmaps *ret,
		     const char **ret_text, struct err *err)
{
	autostr words = STR_INIT;
	char *text, *line;

	*ret_text = NULL;
	if (check_read(p, dirfd, name, &text, err) < 0)
		return -1;
	while (text && (line = strsep(&text, "\n"))) {
		uint32_t n[3];
		struct plan_idmap *map;

		if (!*line || !parse_u32s(line, n, 3))
			continue;
		map = ARENA_PUSH(p->arena, ret);
		if (!map)
			return err_oom(err);
		*map = (struct plan_idmap){.inside = n[0], .outside = n[1], .count = n[2]};
		str_addf(&words, "%s%u:%u:%u", words.len ? " " : "", n[0], n[1], n[2]);
	}
	if (str_failed(&words))
		return err_oom(err);
	if (ret->n && !(*ret_text = arena_strdup(p->arena, str_text(&words))))
		return err_oom(err);
	return 0;
}

static int take_maps(const struct check_probe *p, int dirfd, struct check_confinement *c,
		     struct err *err)
{
	plan_idmaps uids = {0}, gids = {0};
	const char *gid_text;

	if (read_maps(p, dirfd, "uid_map", &uids, &c->uid_map, err) < 0 ||
	    read_maps(p, dirfd, "gid_map", &gids, &gid_text, err) < 0)
		return -1;
	/* an empty map: nobody in it is anybody, its root neither */
	if (c->uid_map)
		c->root_is_host_root = SEEN_NO;
	for (size_t i = 0; i < uids.n; i++)
		if (uids.items[i].inside == 0 && uids.items[i].outside == 0)
			c->root_is_host_root = SEEN_YES;
	for (size_t i = 0; i < 4; i++) {
		c->uids[i] = map_inside(c->uids[i], &uids);
		c->gids[i] = map_inside(c->gids[i], &gids);
	}
	for (size_t i = 0; i < c->groups.n; i++)
		c->groups.items[i] = map_inside(c->groups.items[i], &gids);
	return 0;
}

/* include/linux/nsfs.h, proc_ns.h: inodes of the first namespaces, 0 where the kernel gave it none
 * that is fixed (mnt and net: since 6.18). */
static const uint32_t initial_inodes[NS_COUNT] = {
	[NS_USER] = 0xEFFFFFFDu, [NS_PID] = 0xEFFFFFFCu,    [NS_IPC] = 0xEFFFFFFFu,
	[NS_UTS] = 0xEFFFFFFEu,  [NS_CGROUP] = 0xEFFFFFFBu, [NS_TIME] = 0xEFFFFFFAu,
	[NS_NET] = 0xEFFFFFF9u,  [NS_MNT] = 0xEFFFFFF8u,
};

/* The host's is pid 1's.  Who may not look at that (no CAP_SYS_PTRACE over it) is told so, and
 * gets the comparison with the first namespaces and with those of the checking process. */
static int open_host(const struct check_probe *p, int *ret_fd, struct err *err)
{
	autofd int fd = sys_open("/proc/1", O_PATH | O_DIRECTORY | O_CLOEXEC, 0);
	struct stat st;

	if (fd < 0 || sys_fstatat(fd, "ns/net", &st, 0) < 0) {
		if (check_note(p, err,
			       "pid 1's namespaces may not be looked at: compared with those of "
			       "this process instead") < 0)
			return -1;
		if (fd >= 0)
			(void)sys_close(steal_fd(&fd)); /* a path only */
		fd = sys_open("/proc/self", O_PATH | O_DIRECTORY | O_CLOEXEC, 0);
		if (fd < 0)
			return err_sys(err, "open '/proc/self'");
	}
	*ret_fd = steal_fd(&fd);
	return 0;
}

static int take_namespaces(const struct check_probe *p, int dirfd, struct check_confinement *c,
			   struct err *err)
{
	autofd int host = -1;

	if (open_host(p, &host, err) < 0)
		return -1;
	for (enum plan_ns_kind ns = 0; ns < NS_COUNT; ns++) {
		struct stat theirs, hosts;
		char name[16];

		(void)snprintf(name, sizeof(name), "ns/%s", plan_ns_name(ns)); /* names of at most 6 */
		if (sys_fstatat(dirfd, name, &theirs, 0) < 0)
			continue; /* this kernel has none, or it may not be looked at */
		if (theirs.st_ino == initial_inodes[ns])
			c->ns[ns] = CHECK_NS_HOST;
		else if (sys_fstatat(host, name, &hosts, 0) == 0)
			c->ns[ns] = theirs.st_ino == hosts.st_ino && theirs.st_dev == hosts.st_dev
					    ? CHECK_NS_HOST
					    : CHECK_NS_OWN;
	}
	return 0;
}

/* --- limits --- */

static int64_t limit_value(const char *text)
{
	int64_t v;

	return num_parse_i64(text, 0, CHECK_UNLIMITED, &v) ? v : CHECK_UNLIMITED;
}

static int take_rlimits(const struct check_probe *p, int dirfd, struct check_confinement *c,
			struct err *err)
{
	const struct { const char *name; int64_t *v;
	} limits[] = {{"Max core file size", &c->core},
		      {"Max open files", &c->nofile},
		      {"Max processes", &c->nproc}};
	char *text, *line;
	unsigned n = 0;

	if (check_read(p, dirfd, "limits", &text, err) < 0)
		return -1;
	while (text && (line = strsep(&text, "\n")))
		for (size_t i = 0; i < ARRAY_LEN(limits); i++) {
			size_t len = strlen(limits[i].name);
			char *word = line + len, *soft;

			if (strncmp(line, limits[i].name, len) != 0)
				continue;
			word += strspn(word, " ");
			soft = strsep(&word, " ");
			if (!soft || !word)
				continue;
			word += strspn(word, " ");
			/* the hard one: the soft one can be raised to it */
			*limits[i].v = limit_value(strsep(&word, " "));
			n++;
		}
	c->rlimits_seen = n == ARRAY_LEN(limits);
	return 0;
}

static int take_labels(const struct check_probe *p, int dirfd, const struct host *host,
		       struct check_confinement *c, struct err *err)
{
	char *text;

	c->apparmor_on = seen_if(host->apparmor);
	c->selinux_on = seen_if(host->selinux);
	if (host->apparmor) {
		if (check_read(p, dirfd, "attr/apparmor/current", &text, err) < 0)
			return -1;
		c->apparmor = text;
	}
	if (host->selinux) {
		if (check_read(p, dirfd, "attr/current", &text, err) < 0)
			return -1;
		c->selinux = text;
	}
	if (c->apparmor)
		((char *)c->apparmor)[strcspn(c->apparmor, "\n")] = 0;
	return 0;
}

static int take_environment(const struct check_probe *p, int dirfd, struct check_confinement *c,
			    struct err *err)
{
	struct err why = ERR_INIT;
	size_t len, name_len;
	char *text;

	if (check_read_bytes(p, dirfd, "environ", &text, &len, &why) < 0)
		return check_note(p, err, "environment: %s", why.msg);
	for (size_t at = 0; at < len; at += strlen(text + at) + 1) {
		const char **slot;

		if (!check_env_is_secret(text + at, &name_len))
			continue;
		slot = ARENA_PUSH(p->arena, &c->secrets);
		if (!slot)
			return err_oom(err);
		*slot = arena_memdup(p->arena, text + at, name_len);
		if (!*slot)
			return err_oom(err);
	}
	c->environment_seen = true;
	return 0;
}

static int take_ports(const struct check_probe *p, int dirfd, struct check_confinement *c,
		      struct err *err)
{
	static const struct { const char *file, *protocol; bool udp;
	} tables[] = {{"net/tcp", "tcp", false},
		      {"net/tcp6", "tcp", false},
		      {"net/udp", "udp", true},
		      {"net/udp6", "udp", true}};

	for (size_t i = 0; i < ARRAY_LEN(tables); i++) {
		char *text;

		if (check_read(p, dirfd, tables[i].file, &text, err) < 0)
			return -1;
		if (!text)
			continue;
		c->ports_seen = true;
		if (check_ports_parse(text, tables[i].protocol, tables[i].udp, p->arena,
				      &c->ports.items, &c->ports.n, &c->ports.cap, err) < 0)
			return -1;
	}
	return 0;
}

/* --- what runs in it --- */

static int take_program(const struct check_probe *p, int dirfd, struct check_confinement *c,
			struct err *err)
{
	char exe[4096];
	ssize_t n = sys_readlinkat(dirfd, "exe", exe, sizeof(exe) - 1);
	const char **slot;

	if (n < 0)
		return 0; /* a kernel thread, gone, or not ours to see */
	exe[n] = 0;
	slot = ARENA_PUSH(p->arena, &c->programs);
	if (!slot)
		return err_oom(err);
	*slot = arena_strdup(p->arena, path_base(exe));
	return *slot ? 0 : err_oom(err);
}

static bool is_number(const char *s)
{
	return *s && strspn(s, "0123456789") == strlen(s);
}

/* The process itself, and all that share its process namespace where that is its own. */
static int take_programs(const struct check_probe *p, int pid_dirfd, struct check_confinement *c,
			 struct err *err)
{
	struct stat theirs, other, self;
	autodir DIR *proc = NULL;
	struct dirent *d;

	if (take_program(p, pid_dirfd, c, err) < 0)
		return -1;
	c->programs_seen = c->programs.n > 0;
	if (c->ns[NS_PID] != CHECK_NS_OWN || sys_fstatat(pid_dirfd, "ns/pid", &theirs, 0) < 0 ||
	    sys_fstat(pid_dirfd, &self) < 0)
		return 0;
	proc = opendir("/proc");
	if (!proc)
		return err_sys(err, "open '/proc'");
	while ((d = readdir(proc))) {
		autofd int fd = -1;

		if (!is_number(d->d_name))
			continue;
		fd = sys_openat(dirfd(proc), d->d_name, O_PATH | O_DIRECTORY | O_CLOEXEC, 0);
		if (fd < 0 || sys_fstatat(fd, "ns/pid", &other, 0) < 0 ||
		    other.st_ino != theirs.st_ino || other.st_dev != theirs.st_dev ||
		    sys_fstat(fd, &other) < 0 || other.st_ino == self.st_ino)
			continue;
		if (take_program(p, fd, c, err) < 0)
			return -1;
	}
	return 0;
}

int check_probe_container(const struct check_probe *p, pid_t pid, const struct host *host,
			  struct check_confinement *ret, struct err *err)
{
	struct check_confinement c = {0};
	autofd int dirfd = -1;
	char path[32];

	(void)snprintf(path, sizeof(path), "/proc/%d", pid); /* fits any pid */
	dirfd = sys_open(path, O_PATH | O_DIRECTORY | O_CLOEXEC, 0);
	if (dirfd < 0)
		return errno == ENOENT ? err_set(err, ERR_NOT_FOUND, "there is no process %d", pid)
				       : err_sys(err, "open '%s'", path);
	c.caps_all = host->last_cap >= 63 ? UINT64_MAX : (UINT64_C(1) << (host->last_cap + 1)) - 1;
	if (take_status(p, dirfd, &c, err) < 0 || take_namespaces(p, dirfd, &c, err) < 0 ||
	    take_maps(p, dirfd, &c, err) < 0 || take_rlimits(p, dirfd, &c, err) < 0 ||
	    take_labels(p, dirfd, host, &c, err) < 0 || take_environment(p, dirfd, &c, err) < 0 ||
	    take_ports(p, dirfd, &c, err) < 0 || take_programs(p, dirfd, &c, err) < 0 ||
	    check_probe_mounts(p, dirfd, &c, err) < 0 ||
	    check_probe_devices(p, dirfd, &c, err) < 0 ||
	    check_probe_cgroup(p, dirfd, host, &c, err) < 0)
		return -1;
	check_probe_memfd(dirfd, &c);
	if (!c.ids_seen || !c.caps_seen)
		return err_set(err, ERR_NOT_FOUND, "process %d ended while it was looked at", pid);
	*ret = c;
	return 0;
}
