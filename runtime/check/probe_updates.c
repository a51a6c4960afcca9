/* Updates of the host, as far as files tell: nobody's package manager is run, for it would ask
 * a server, take locks and write caches.  What none of them says stays unknown. */
#include "config.h"

#include "check/probe_host.h"

#include "base/auto.h"
#include "sys/sys.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <time.h>

#include "base/banned.h"

#define DAY_S 86400

static bool is_there(int rootfd, const char *path)
{
	struct stat st;

	return sys_fstatat(rootfd, path, &st, AT_SYMLINK_NOFOLLOW) == 0;
}

/* --- a restart --- */

/* Where the kernels' modules are; the running one's may be gone already. */
static int find_later_kernel(const struct check_probe *p, int rootfd, struct check_host *h,
			     struct err *err)
{
	autofd int fd = sys_openat(rootfd, "lib/modules", O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
	autodir DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	const char *latest = h->release;
	struct dirent *d;

	if (!dir)
		return errno == ENOENT ? 0 : check_note(p, err, "/lib/modules can't be looked at");
	(void)steal_fd(&fd); /* the stream's now */
	while ((d = readdir(dir))) {
		if (d->d_name[0] == '.' || !check_kernel_is_later(d->d_name, latest))
			continue;
		latest = arena_strdup(p->arena, d->d_name);
		if (!latest)
			return err_oom(err);
	}
	if (latest == h->release)
		return 0;
	h->reboot_required = SEEN_YES;
	h->reboot =
		arena_printf(p->arena, "Linux %s is installed, and %s runs", latest, h->release);
	return h->reboot ? 0 : err_oom(err);
}

static int take_reboot(const struct check_probe *p, int rootfd, struct check_host *h,
		       struct err *err)
{
	/* Debian's policy 9.12, and SUSE's zypp-boot-plugin(8) */
	static const char *const flags[] = {"run/reboot-required", "run/reboot-needed"};

	h->reboot_required = SEEN_NO;
	for (size_t i = 0; i < ARRAY_LEN(flags); i++) {
		if (!is_there(rootfd, flags[i]))
			continue;
		h->reboot_required = SEEN_YES;
		h->reboot = arena_printf(p->arena, "/%s is there", flags[i]);
		return h->reboot ? 0 : err_oom(err);
	}
	return h->release ? find_later_kernel(p, rootfd, h, err) : 0;
}

/* --- what is waiting --- */

/* The first line that isn't empty; NULL: there is no such file. */
static int read_line(const struct check_probe *p, int rootfd, const char *path, const char **ret,
		     struct err *err)
{
	char *text;

	if (check_read(p, rootfd, path, &text, err) < 0)
		return -1;
	if (text) {
		text += strspn(text, "\n ");
		text[strcspn(text, "\n")] = 0;
	}
	*ret = text;
	return 0;
}

/* Ubuntu's update-notifier counts: "3 updates can be applied immediately." */
static int take_count(const struct check_probe *p, int rootfd, struct check_host *h,
		      struct err *err)
{
	const char *text;

	if (read_line(p, rootfd, "var/lib/update-notifier/updates-available", &text, err) < 0)
		return -1;
	if (!text)
		return 0;
	h->updates_pending = *text && *text != '0' ? SEEN_YES : SEEN_NO;
	h->updates = *text ? text : "update-notifier: none";
	return 0;
}

/* Debian's unattended-upgrades names what it couldn't install, in one line. */
static int take_kept_back(const struct check_probe *p, int rootfd, struct check_host *h,
			  struct err *err)
{
	const char *text;

	if (read_line(p, rootfd, "var/lib/unattended-upgrades/kept-back", &text, err) < 0)
		return -1;
	if (!text || !*text)
		return 0;
	h->updates_pending = SEEN_YES;
	h->updates = arena_printf(p->arena, "unattended-upgrades has kept back: %s", text);
	return h->updates ? 0 : err_oom(err);
}

/* Those that are installed at the next start: systemd.offline-updates(7), PackageKit, dnf. */
static void take_prepared(int rootfd, struct check_host *h)
{
	static const struct {
		const char *path, *says;
	} prepared[] = {
		{"system-update", "updates wait for the next start (/system-update)"},
		{"etc/system-update", "updates wait for the next start (/etc/system-update)"},
		{"var/lib/PackageKit/prepared-update", "PackageKit has prepared updates"},
	};

	for (size_t i = 0; i < ARRAY_LEN(prepared); i++) {
		if (!is_there(rootfd, prepared[i].path))
			continue;
		h->updates_pending = SEEN_YES;
		h->updates = prepared[i].says;
		return;
	}
}

/* When the lists of packages were fetched last; of several stamps the newest. */
static int take_age(const struct check_probe *p, int rootfd, struct check_host *h, struct err *err)
{
	static const char *const stamps[] = {
		"var/lib/apt/periodic/update-success-stamp",
		"var/lib/apt/lists",
		"var/cache/dnf/last_makecache",
		"var/cache/dnf",
		"var/cache/libdnf5",
		"var/cache/zypp/solv",
		"var/cache/apk",
		"var/lib/pacman/sync",
	};
	const char *newest = NULL;
	time_t at = 0;

	for (size_t i = 0; i < ARRAY_LEN(stamps); i++) {
		struct stat st;

		if (sys_fstatat(rootfd, stamps[i], &st, 0) < 0 || (newest && st.st_mtime <= at))
			continue;
		newest = stamps[i];
		at = st.st_mtime;
	}
	if (!newest)
		return 0;
	h->updates = arena_printf(
		p->arena,
		"/%s is %lld days old; what is pending can't be told without the package manager",
		newest, (long long)((time(NULL) - at) / DAY_S));
	return h->updates ? 0 : err_oom(err);
}

int check_probe_updates(const struct check_probe *p, int rootfd, struct check_host *h,
			struct err *err)
{
	if (take_reboot(p, rootfd, h, err) < 0 || take_count(p, rootfd, h, err) < 0)
		return -1;
	if (h->updates_pending != SEEN_YES)
		take_prepared(rootfd, h);
	if (h->updates_pending != SEEN_YES && take_kept_back(p, rootfd, h, err) < 0)
		return -1;
	return h->updates_pending == SEEN_NOT ? take_age(p, rootfd, h, err) : 0;
}
