/* The host beneath the containers: settings, sockets, ports, logins, updates.  Reads
 * files; asks no server and no daemon. */
#include "config.h"

#include "check/probe_host.h"

#include "base/auto.h"
#include "plan/host_sockets.h"
#include "sys/file.h"
#include "sys/sys.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <utmp.h>

#include "base/banned.h"

/* Whether the kernel was built with it: only "no such file" says that it wasn't. */
static enum check_seen seen_if_there(const char *path)
{
	if (sys_faccessat2(AT_FDCWD, path, F_OK, 0) == 0)
		return SEEN_YES;
	return errno == ENOENT ? SEEN_NO : SEEN_NOT;
}

static int take_settings(const struct check_probe *p, struct check_host *h, struct err *err)
{
	const struct { const char *path; struct check_number *to; } settings[] = {
		{"/proc/sys/kernel/kptr_restrict", &h->kptr_restrict},
		{"/proc/sys/kernel/dmesg_restrict", &h->dmesg_restrict},
		{"/proc/sys/kernel/unprivileged_bpf_disabled", &h->unprivileged_bpf_disabled},
		{"/proc/sys/kernel/perf_event_paranoid", &h->perf_event_paranoid},
		{"/proc/sys/kernel/yama/ptrace_scope", &h->ptrace_scope},
		{"/proc/sys/kernel/unprivileged_userns_clone", &h->unprivileged_userns_clone},
		{"/proc/sys/kernel/apparmor_restrict_unprivileged_userns", &h->apparmor_userns},
		{"/proc/sys/user/max_user_namespaces", &h->max_user_namespaces},
		{"/proc/sys/kernel/modules_disabled", &h->modules_disabled},
		{"/proc/sys/kernel/kexec_load_disabled", &h->kexec_disabled},
		{"/proc/sys/fs/protected_hardlinks", &h->protected_hardlinks},
		{"/proc/sys/fs/protected_symlinks", &h->protected_symlinks},
	};

	for (size_t i = 0; i < ARRAY_LEN(settings); i++)
		if (check_read_number(p, settings[i].path, settings[i].to, err) < 0)
			return -1;
	h->yama = seen_if_there("/proc/sys/kernel/yama");
	h->modules = seen_if_there("/proc/modules");
	h->kexec = seen_if_there("/proc/sys/kernel/kexec_load_disabled");
	return 0;
}

/* "none [integrity] confidentiality" -> "integrity" */
static const char *chosen(char *text)
{
	char *word = text ? strchr(text, '[') : NULL;
	char *end = word ? strchr(word, ']') : NULL;

	if (!end)
		return NULL;
	*end = 0;
	return word + 1;
}

/* EFI variable: four bytes of attributes, then the value. */
static int take_secure_boot(const struct check_probe *p, struct check_host *h, struct err *err)
{
	static const char variable[] =
		"/sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c";
	struct err why = ERR_INIT;
	char *text;
	size_t len;

	if (sys_faccessat2(AT_FDCWD, "/sys/firmware/efi", F_OK, 0) < 0) {
		/* a machine without EFI has none; a container or VM guest doesn't see it */
		return check_note(p, err, "this machine shows no EFI: Secure Boot can't be told");
	}
	if (file_read(AT_FDCWD, variable, 64, p->arena, &text, &len, &why) < 0)
		return check_note(p, err, "Secure Boot: %s", why.msg);
	if (len == 5)
		h->secure_boot = text[4] == 1 ? SEEN_YES : SEEN_NO;
	return 0;
}

static int take_security(const struct check_probe *p, const struct host *host, struct check_host *h,
			 struct err *err)
{
	char *text;
	struct check_number measured = {0};

	if (check_read(p, AT_FDCWD, "/sys/kernel/security/lsm", &text, err) < 0)
		return -1;
	if (text)
		text[strcspn(text, "\n")] = 0;
	h->lsm = text;
	/* securityfs is not mounted here: what answers by itself is on */
	if (!text && (host->apparmor || host->selinux || host->landlock_abi))
		h->lsm = host->apparmor ? "apparmor" : host->selinux ? "selinux" : "landlock";
	if (check_read(p, AT_FDCWD, "/sys/kernel/security/lockdown", &text, err) < 0)
		return -1;
	h->lockdown = chosen(text);
	if (check_read_number(p, "/sys/kernel/security/ima/runtime_measurements_count", &measured,
			      err) < 0)
		return -1;
	/* the first entry is the boot aggregate, there without any policy */
	if (measured.seen)
		h->ima = measured.v > 1 ? SEEN_YES : SEEN_NO;
	else if (sys_faccessat2(AT_FDCWD, "/sys/kernel/security/lsm", F_OK, 0) == 0)
		h->ima = SEEN_NO;
	return take_secure_boot(p, h, err);
}

static int take_system(const struct check_probe *p, const struct host *host, struct check_host *h,
		       struct err *err)
{
	struct utsname uts;
	char *text, *line;
	const char *variant = NULL;

	if (sys_uname(&uts) < 0)
		return err_sys(err, "ask for the kernel's name");
	h->kernel_version = host->kernel_version;
	h->cgroup_seen = true;
	h->cgroup_v2 = host->cgroup == HOST_CGROUP_V2;
	h->release = arena_strdup(p->arena, uts.release);
	if (!h->release)
		return err_oom(err);
	if (check_read(p, AT_FDCWD, "/etc/os-release", &text, err) < 0)
		return -1;
	while (text && (line = strsep(&text, "\n"))) {
		char *value = strchr(line, '=');

		if (!value)
			continue;
		*value++ = 0;
		if (*value == '"' || *value == '\'')
			value++;
		value[strcspn(value, "\"'")] = 0;
		if (strcmp(line, "ID") == 0)
			h->os_id = value;
		else if (strcmp(line, "PRETTY_NAME") == 0)
			h->os_name = value;
		else if (strcmp(line, "VARIANT_ID") == 0)
			variant = value;
	}
	if (variant && strcmp(variant, "coreos") == 0)
		h->os_id = variant;
	return 0;
}

static int take_sockets(const struct check_probe *p, struct check_host *h, struct err *err)
{
	for (size_t i = 0; i < plan_host_sockets_n; i++) {
		struct check_socket *s;
		struct stat st;

		if (!plan_host_sockets[i].engine)
			continue;
		s = ARENA_PUSH(p->arena, &h->sockets);
		if (!s)
			return err_oom(err);
		s->path = plan_host_sockets[i].path;
		if (sys_fstatat(AT_FDCWD, s->path, &st, AT_SYMLINK_NOFOLLOW) < 0) {
			if (errno != ENOENT && errno != ENOTDIR)
				return check_note(p, err, "%s can't be looked at", s->path);
			continue;
		}
		s->exists = S_ISSOCK(st.st_mode);
		s->uid = st.st_uid;
		s->gid = st.st_gid;
		s->mode = st.st_mode;
	}
	h->sockets_seen = true;
	return 0;
}

static int add_login(const struct check_probe *p, struct check_host *h, const char *user,
		     const char *tty, struct err *err)
{
	const char **slot = ARENA_PUSH(p->arena, &h->logins);

	if (!slot)
		return err_oom(err);
	*slot = arena_printf(p->arena, "%s%s%s", user, tty ? " on " : "", tty ? tty : "");
	return *slot ? 0 : err_oom(err);
}

static int take_utmp(const struct check_probe *p, struct check_host *h, struct err *err)
{
	struct err why = ERR_INIT;
	struct utmp entry;
	char *text;
	size_t len;

	if (file_read(AT_FDCWD, "/run/utmp", (size_t)1 << 20, p->arena, &text, &len, &why) < 0)
		return why.sys_errno == ENOENT ? 0 : check_note(p, err, "%s", why.msg);
	h->logins_seen = true;
	for (size_t at = 0; at + sizeof(entry) <= len; at += sizeof(entry)) {
		char user[UT_NAMESIZE + 1] = "", tty[UT_LINESIZE + 1] = "";

		memcpy(&entry, text + at, sizeof(entry));
		if (entry.ut_type != USER_PROCESS)
			continue;
		memcpy(user, entry.ut_user, UT_NAMESIZE);
		memcpy(tty, entry.ut_line, UT_LINESIZE);
		if (add_login(p, h, user, tty, err) < 0)
			return -1;
	}
	return 0;
}

static int take_session(const struct check_probe *p, struct check_host *h, int dirfd,
			const char *name, struct err *err)
{
	const char *user = NULL, *tty = NULL, *class = "user";
	char *text, *line;

	if (check_read(p, dirfd, name, &text, err) < 0)
		return -1;
	while (text && (line = strsep(&text, "\n"))) {
		if (strncmp(line, "USER=", 5) == 0)
			user = line + 5;
		else if (strncmp(line, "TTY=", 4) == 0)
			tty = line + 4;
		else if (strncmp(line, "CLASS=", 6) == 0)
			class = line + 6;
	}
	return user && strncmp(class, "user", 4) == 0 ? add_login(p, h, user, tty, err) : 0;
}

/* logind's, where it keeps them; else utmp, which some distributions no longer have. */
static int take_logins(const struct check_probe *p, struct check_host *h, struct err *err)
{
	autodir DIR *dir = opendir("/run/systemd/sessions");
	struct dirent *d;

	if (!dir)
		return take_utmp(p, h, err);
	h->logins_seen = true;
	while ((d = readdir(dir)))
		if (d->d_name[0] != '.' && !strchr(d->d_name, '.') &&
		    take_session(p, h, dirfd(dir), d->d_name, err) < 0)
			return -1;
	return 0;
}

static int take_updates(const struct check_probe *p, struct check_host *h, struct err *err)
{
	autofd int rootfd = sys_open("/", O_PATH | O_DIRECTORY | O_CLOEXEC, 0);

	if (rootfd < 0)
		return err_sys(err, "open '/'");
	return check_probe_updates(p, rootfd, h, err);
}

int check_probe_host(const struct check_probe *p, const struct host *host, struct check_host *ret,
		     struct err *err)
{
	struct check_host h = {0};

	if (take_settings(p, &h, err) < 0 || take_security(p, host, &h, err) < 0 ||
	    take_system(p, host, &h, err) < 0 || take_sockets(p, &h, err) < 0 ||
	    check_probe_api_ports(p, &h, err) < 0 || take_logins(p, &h, err) < 0 ||
	    take_updates(p, &h, err) < 0 || check_probe_sshd(p, &h, err) < 0)
		return -1;
	*ret = h;
	return 0;
}
