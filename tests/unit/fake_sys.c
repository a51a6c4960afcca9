/* Owns the seam between the runtime and the kernel in unit tests; see the
 * header.  The real calls are runtime/sys/sys.c, compiled here under other
 * names; a call that the table below lacks is simply not counted (the lint
 * tests/lint/fake.sh sees to it that none is lacking). */
#include "config.h"

#include "fake_sys.h"

#include <dirent.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define sys_open	real_open
#define sys_openat	real_openat
#define sys_openat2	real_openat2
#define sys_close	real_close
#define sys_close_range	real_close_range
#define sys_read	real_read
#define sys_pread	real_pread
#define sys_write	real_write
#define sys_pwrite	real_pwrite
#define sys_dup3	real_dup3
#define sys_fcntl	real_fcntl
#define sys_fstat	real_fstat
#define sys_fstatat	real_fstatat
#define sys_statx	real_statx
#define sys_fstatfs	real_fstatfs
#define sys_mkdirat	real_mkdirat
#define sys_mknodat	real_mknodat
#define sys_symlinkat	real_symlinkat
#define sys_linkat	real_linkat
#define sys_unlinkat	real_unlinkat
#define sys_renameat	real_renameat
#define sys_faccessat2	real_faccessat2
#define sys_setpgid	real_setpgid
#define sys_readlinkat	real_readlinkat
#define sys_fchmod	real_fchmod
#define sys_fchmodat	real_fchmodat
#define sys_fchown	real_fchown
#define sys_fchownat	real_fchownat
#define sys_fsetxattr	real_fsetxattr
#define sys_fgetxattr	real_fgetxattr
#define sys_fremovexattr real_fremovexattr
#define sys_lseek	real_lseek
#define sys_flock	real_flock
#define sys_fsync	real_fsync
#define sys_memfd_create	real_memfd_create
#define sys_sendfile	real_sendfile
#define sys_getdents64	real_getdents64
#define sys_pipe2	real_pipe2
#define sys_poll	real_poll
#define sys_ioctl	real_ioctl
#define sys_open_tree	real_open_tree
#define sys_move_mount	real_move_mount
#define sys_listmount	real_listmount
#define sys_fsopen	real_fsopen
#define sys_fsconfig	real_fsconfig
#define sys_fsmount	real_fsmount
#define sys_mount_setattr	real_mount_setattr
#define sys_pivot_root	real_pivot_root
#define sys_umount2	real_umount2
#define sys_chroot	real_chroot
#define sys_chdir	real_chdir
#define sys_fchdir	real_fchdir
#define sys_getcwd	real_getcwd
#define sys_clone3	real_clone3
#define sys_unshare	real_unshare
#define sys_setns	real_setns
#define sys_pidfd_open	real_pidfd_open
#define sys_pidfd_send_signal	real_pidfd_send_signal
#define sys_waitid	real_waitid
#define sys_execve	real_execve
#define sys_execveat	real_execveat
#define sys_kill	real_kill
#define sys_setsid	real_setsid
#define sys_uname	real_uname
#define sys_prctl	real_prctl
#define sys_sethostname	real_sethostname
#define sys_setdomainname	real_setdomainname
#define sys_setresuid	real_setresuid
#define sys_setresgid	real_setresgid
#define sys_getresuid	real_getresuid
#define sys_getresgid	real_getresgid
#define sys_setgroups	real_setgroups
#define sys_getgroups	real_getgroups
#define sys_capset	real_capset
#define sys_prlimit	real_prlimit
#define sys_sched_setattr	real_sched_setattr
#define sys_sched_setaffinity	real_sched_setaffinity
#define sys_ioprio_set	real_ioprio_set
#define sys_set_mempolicy	real_set_mempolicy
#define sys_personality	real_personality
#define sys_seccomp	real_seccomp
#define sys_landlock_create_ruleset	real_landlock_create_ruleset
#define sys_landlock_add_rule	real_landlock_add_rule
#define sys_landlock_restrict_self	real_landlock_restrict_self
#define sys_keyctl	real_keyctl
#define sys_bpf	real_bpf
#define sys_socket	real_socket
#define sys_socketpair	real_socketpair
#define sys_bind	real_bind
#define sys_listen	real_listen
#define sys_accept4	real_accept4
#define sys_connect	real_connect
#define sys_getsockopt	real_getsockopt
#define sys_sendmsg	real_sendmsg
#define sys_recvmsg	real_recvmsg
#define sys_sigaction	real_sigaction
#define sys_signal_default	real_signal_default
#define sys_sigprocmask	real_sigprocmask
#define sys_signalfd	real_signalfd

#include "../../runtime/sys/sys.c"

#define PRETEND_MAX 80

enum privilege { ORDINARY, PRIVILEGED, PRIVILEGED_FD };

static struct {
	char **calls;
	unsigned n;
	unsigned cap;
	unsigned fail_at;
	const char *fail_name;
	int fail_code;
	char *failed;
	struct {
		const char *name;
		long result;
		bool once, used;
	} pretend[PRETEND_MAX];
	unsigned n_pretend;
	bool pretend_privileged;
} fake;

static void *must(void *p)
{
	if (!p)
		abort();
	return p;
}

void fake_reset(void)
{
	for (unsigned i = 0; i < fake.n; i++)
		free(fake.calls[i]);
	free(fake.calls);
	memset(&fake, 0, sizeof(fake));
}

void fake_fail(unsigned n, int code)
{
	fake.fail_at = n;
	fake.fail_name = NULL;
	fake.fail_code = code;
}

void fake_fail_named(const char *name, unsigned n, int code)
{
	fake.fail_at = n;
	fake.fail_name = name;
	fake.fail_code = code;
}

const char *fake_failed(void)
{
	return fake.failed;
}

void fake_pretend(const char *name, long result)
{
	if (fake.n_pretend == PRETEND_MAX)
		abort();
	fake.pretend[fake.n_pretend].name = name;
	fake.pretend[fake.n_pretend++].result = result;
}

void fake_next(const char *name, long result)
{
	fake_pretend(name, result);
	fake.pretend[fake.n_pretend - 1].once = true;
}

void fake_pretend_privileged(void)
{
	fake.pretend_privileged = true;
}

unsigned fake_count(void)
{
	return fake.n;
}

const char *fake_call(unsigned i)
{
	return i < fake.n ? fake.calls[i] : NULL;
}

int fake_find(unsigned from, const char *prefix)
{
	for (unsigned i = from; i < fake.n; i++)
		if (!strncmp(fake.calls[i], prefix, strlen(prefix)))
			return (int)i;
	return -1;
}

static bool is_call(const char *call, const char *name)
{
	size_t n = strlen(name);
	return !strncmp(call, name, n) && call[n] == '(';
}

unsigned fake_count_named(const char *name)
{
	unsigned count = 0;
	for (unsigned i = 0; i < fake.n; i++)
		count += is_call(fake.calls[i], name);
	return count;
}

unsigned fake_open_fds(void)
{
	unsigned n = 0;
	DIR *d = must(opendir("/proc/self/fd"));
	while (readdir(d))
		n++;
	closedir(d);
	return n - 3; /* ".", ".." and the directory itself */
}

static const char *text(const char *s)
{
	return s ? s : "NULL";
}

__attribute__((format(printf, 2, 0))) static void record(const char *name, const char *fmt, va_list ap)
{
	char args[512];
	(void)vsnprintf(args, sizeof(args), fmt, ap);
	if (fake.n == fake.cap) {
		fake.cap = fake.cap ? fake.cap * 2 : 64;
		fake.calls = must(realloc(fake.calls, fake.cap * sizeof(*fake.calls)));
	}
	if (asprintf(&fake.calls[fake.n++], "%s(%s)", name, args) < 0)
		abort();
}

/* True when the call must not be made; its result is in *ret and errno. */
__attribute__((format(printf, 4, 5))) static bool intercept(enum privilege privilege, const char *name, long *ret,
							    const char *fmt, ...)
{
	int saved = errno;
	va_list ap;
	va_start(ap, fmt);
	record(name, fmt, ap);
	va_end(ap);
	unsigned n = fake.fail_name ? fake_count_named(fake.fail_name) : fake.n;
	if (!fake.failed && fake.fail_at && n == fake.fail_at && (!fake.fail_name || !strcmp(fake.fail_name, name))) {
		fake.failed = fake.calls[fake.n - 1];
		*ret = -1;
		errno = fake.fail_code;
		return true;
	}
	errno = saved;
	for (unsigned i = 0; i < fake.n_pretend; i++)
		if (!strcmp(fake.pretend[i].name, name) && !fake.pretend[i].used) {
			fake.pretend[i].used = fake.pretend[i].once;
			if (fake.pretend[i].once && fake.pretend[i].result < 0) {
				errno = (int)-fake.pretend[i].result;
				*ret = -1;
				return true;
			}
			*ret = fake.pretend[i].result == FAKE_FD ? open("/dev/null", O_RDWR | O_CLOEXEC)
								 : fake.pretend[i].result;
			return true;
		}
	if (!fake.pretend_privileged || privilege == ORDINARY)
		return false;
	*ret = privilege == PRIVILEGED_FD ? open("/dev/null", O_RDWR | O_CLOEXEC) : 0;
	return true;
}

/* The wrapper takes the place of sys_NAME at link time; in this file that name
 * is a macro, hence the assembler label. */
#define WRAP(privilege, type, name, params, args, ...)                                                                 \
	type wrap_##name params __asm__("sys_" #name);                                                                 \
	type wrap_##name params                                                                                        \
	{                                                                                                              \
		long ret;                                                                                              \
		if (intercept(privilege, #name, &ret, __VA_ARGS__))                                                    \
			return (type)ret;                                                                              \
		return real_##name args;                                                                               \
	}

int wrap_close(int fd) __asm__("sys_close");
int wrap_close(int fd)
{
	long ret;
	if (!intercept(ORDINARY, "close", &ret, "%d", fd))
		return real_close(fd);
	int code = errno;
	(void)real_close(fd); /* close(2) frees the descriptor even when it fails */
	errno = code;
	return (int)ret;
}

/* clang-format off */
WRAP(ORDINARY, int, open, (const char *path, int flags, mode_t mode), (path, flags, mode),
     "%s, %#lx, %#o", text(path), (unsigned long)flags, (unsigned)mode)
WRAP(ORDINARY, int, openat, (int dirfd, const char *path, int flags, mode_t mode), (dirfd, path, flags, mode),
     "%ld, %s, %#lx, %#o", (long)dirfd, text(path), (unsigned long)flags, (unsigned)mode)
WRAP(ORDINARY, int, openat2, (int dirfd, const char *path, const struct open_how *how), (dirfd, path, how),
     "%ld, %s", (long)dirfd, text(path))
WRAP(PRIVILEGED, int, close_range, (unsigned first, unsigned last, unsigned flags), (first, last, flags),
     "%ld, %ld, %#lx", (long)first, (long)last, (unsigned long)flags)
WRAP(ORDINARY, ssize_t, read, (int fd, void *buf, size_t len), (fd, buf, len),
     "%ld, %ld", (long)fd, (long)len)
WRAP(ORDINARY, ssize_t, pread, (int fd, void *buf, size_t len, off_t off), (fd, buf, len, off),
     "%ld, %ld, %ld", (long)fd, (long)len, (long)off)
WRAP(ORDINARY, ssize_t, write, (int fd, const void *buf, size_t len), (fd, buf, len),
     "%ld, %ld", (long)fd, (long)len)
WRAP(ORDINARY, ssize_t, pwrite, (int fd, const void *buf, size_t len, off_t off), (fd, buf, len, off),
     "%ld, %ld, %ld", (long)fd, (long)len, (long)off)
WRAP(ORDINARY, int, dup3, (int oldfd, int newfd, int flags), (oldfd, newfd, flags),
     "%ld, %ld, %#lx", (long)oldfd, (long)newfd, (unsigned long)flags)
WRAP(ORDINARY, int, fcntl, (int fd, int cmd, long arg), (fd, cmd, arg),
     "%ld, %ld, %ld", (long)fd, (long)cmd, (long)arg)
WRAP(ORDINARY, int, fstat, (int fd, struct stat *st), (fd, st),
     "%ld", (long)fd)
WRAP(ORDINARY, int, fstatat, (int dirfd, const char *path, struct stat *st, int flags), (dirfd, path, st, flags),
     "%ld, %s, %#lx", (long)dirfd, text(path), (unsigned long)flags)
WRAP(ORDINARY, int, statx, (int dirfd, const char *path, int flags, unsigned mask, struct statx *stx), (dirfd, path, flags, mask, stx),
     "%ld, %s, %#lx, %#o", (long)dirfd, text(path), (unsigned long)flags, (unsigned)mask)
WRAP(ORDINARY, int, fstatfs, (int fd, struct statfs *sfs), (fd, sfs),
     "%ld", (long)fd)
WRAP(ORDINARY, int, mkdirat, (int dirfd, const char *path, mode_t mode), (dirfd, path, mode),
     "%ld, %s, %#o", (long)dirfd, text(path), (unsigned)mode)
WRAP(PRIVILEGED, int, mknodat, (int dirfd, const char *path, mode_t mode, dev_t dev), (dirfd, path, mode, dev),
     "%ld, %s, %#o, %ld", (long)dirfd, text(path), (unsigned)mode, (long)dev)
WRAP(ORDINARY, int, symlinkat, (const char *target, int dirfd, const char *path), (target, dirfd, path),
     "%s, %ld, %s", text(target), (long)dirfd, text(path))
WRAP(ORDINARY, int, linkat, (int olddirfd, const char *oldpath, int newdirfd, const char *newpath, int flags), (olddirfd, oldpath, newdirfd, newpath, flags),
     "%ld, %s, %ld, %s, %#lx", (long)olddirfd, text(oldpath), (long)newdirfd, text(newpath), (unsigned long)flags)
WRAP(ORDINARY, int, unlinkat, (int dirfd, const char *path, int flags), (dirfd, path, flags),
     "%ld, %s, %#lx", (long)dirfd, text(path), (unsigned long)flags)
WRAP(ORDINARY, int, renameat, (int olddirfd, const char *oldpath, int newdirfd, const char *newpath), (olddirfd, oldpath, newdirfd, newpath),
     "%ld, %s, %ld, %s", (long)olddirfd, text(oldpath), (long)newdirfd, text(newpath))
WRAP(ORDINARY, int, faccessat2, (int dirfd, const char *path, int mode, int flags), (dirfd, path, mode, flags),
     "%ld, %s, %#o, %#lx", (long)dirfd, text(path), (unsigned)mode, (unsigned long)flags)
WRAP(PRIVILEGED, int, setpgid, (pid_t pid, pid_t pgid), (pid, pgid),
     "%ld, %ld", (long)pid, (long)pgid)
WRAP(ORDINARY, ssize_t, readlinkat, (int dirfd, const char *path, char *buf, size_t len), (dirfd, path, buf, len),
     "%ld, %s, %ld", (long)dirfd, text(path), (long)len)
WRAP(ORDINARY, int, fchmod, (int fd, mode_t mode), (fd, mode),
     "%ld, %#o", (long)fd, (unsigned)mode)
WRAP(ORDINARY, int, fchmodat, (int dirfd, const char *path, mode_t mode), (dirfd, path, mode),
     "%ld, %s, %#o", (long)dirfd, text(path), (unsigned)mode)
WRAP(PRIVILEGED, int, fchown, (int fd, uid_t uid, gid_t gid), (fd, uid, gid),
     "%ld, %ld, %ld", (long)fd, (long)uid, (long)gid)
WRAP(PRIVILEGED, int, fsetxattr, (int fd, const char *name, const void *value, size_t size, int flags), (fd, name, value, size, flags),
     "%ld, %s, %ld, %#lx", (long)fd, text(name), (long)size, (unsigned long)flags)
WRAP(ORDINARY, ssize_t, fgetxattr, (int fd, const char *name, void *value, size_t size), (fd, name, value, size),
     "%ld, %s, %ld", (long)fd, text(name), (long)size)
WRAP(PRIVILEGED, int, fremovexattr, (int fd, const char *name), (fd, name), "%ld, %s", (long)fd, text(name))
WRAP(PRIVILEGED, int, fchownat, (int dirfd, const char *path, uid_t uid, gid_t gid, int flags), (dirfd, path, uid, gid, flags),
     "%ld, %s, %ld, %ld, %#lx", (long)dirfd, text(path), (long)uid, (long)gid, (unsigned long)flags)
WRAP(ORDINARY, off_t, lseek, (int fd, off_t off, int whence), (fd, off, whence),
     "%ld, %ld, %ld", (long)fd, (long)off, (long)whence)
WRAP(ORDINARY, int, flock, (int fd, int operation), (fd, operation),
     "%ld, %ld", (long)fd, (long)operation)
WRAP(ORDINARY, int, fsync, (int fd), (fd), "%ld", (long)fd)
WRAP(ORDINARY, int, memfd_create, (const char *name, unsigned flags), (name, flags),
     "%s, %#lx", text(name), (unsigned long)flags)
WRAP(ORDINARY, ssize_t, sendfile, (int out_fd, int in_fd, size_t len), (out_fd, in_fd, len),
     "%ld, %ld, %ld", (long)out_fd, (long)in_fd, (long)len)
WRAP(ORDINARY, long, getdents64, (int fd, void *buf, size_t len), (fd, buf, len),
     "%ld, %ld", (long)fd, (long)len)
WRAP(ORDINARY, int, pipe2, (int fds[2], int flags), (fds, flags),
     "%#lx", (unsigned long)flags)
WRAP(ORDINARY, int, poll, (struct pollfd *fds, unsigned n, int timeout_ms), (fds, n, timeout_ms),
     "%ld, %ld", (long)n, (long)timeout_ms)
WRAP(ORDINARY, int, ioctl, (int fd, unsigned long request, void *arg), (fd, request, arg),
     "%ld, %#lx", (long)fd, (unsigned long)request)
WRAP(PRIVILEGED_FD, int, open_tree, (int dirfd, const char *path, unsigned flags), (dirfd, path, flags),
     "%ld, %s, %#lx", (long)dirfd, text(path), (unsigned long)flags)
WRAP(PRIVILEGED, int, move_mount, (int from_dirfd, const char *from, int to_dirfd, const char *to, unsigned flags), (from_dirfd, from, to_dirfd, to, flags),
     "%ld, %s, %ld, %s, %#lx", (long)from_dirfd, text(from), (long)to_dirfd, text(to), (unsigned long)flags)
WRAP(PRIVILEGED, int, listmount, (uint64_t unique_id, uint64_t *ids, size_t n), (unique_id, ids, n), "%llu", (unsigned long long)unique_id)
WRAP(PRIVILEGED_FD, int, fsopen, (const char *fstype, unsigned flags), (fstype, flags),
     "%s, %#lx", text(fstype), (unsigned long)flags)
WRAP(PRIVILEGED, int, fsconfig, (int fd, unsigned cmd, const char *key, const void *value, int aux), (fd, cmd, key, value, aux),
     "%ld, %ld, %s, %ld", (long)fd, (long)cmd, text(key), (long)aux)
WRAP(PRIVILEGED_FD, int, fsmount, (int fd, unsigned flags, unsigned attr_flags), (fd, flags, attr_flags),
     "%ld, %#lx, %#lx", (long)fd, (unsigned long)flags, (unsigned long)attr_flags)
WRAP(PRIVILEGED, int, mount_setattr, (int dirfd, const char *path, unsigned flags, struct mount_attr *attr, size_t size), (dirfd, path, flags, attr, size),
     "%ld, %s, %#lx, %ld", (long)dirfd, text(path), (unsigned long)flags, (long)size)
WRAP(PRIVILEGED, int, pivot_root, (const char *new_root, const char *put_old), (new_root, put_old),
     "%s, %s", text(new_root), text(put_old))
WRAP(PRIVILEGED, int, umount2, (const char *target, int flags), (target, flags),
     "%s, %#lx", text(target), (unsigned long)flags)
WRAP(PRIVILEGED, int, chroot, (const char *path), (path),
     "%s", text(path))
WRAP(PRIVILEGED, int, chdir, (const char *path), (path),
     "%s", text(path))
WRAP(PRIVILEGED, int, fchdir, (int fd), (fd),
     "%ld", (long)fd)
WRAP(ORDINARY, ssize_t, getcwd, (char *buf, size_t len), (buf, len),
     "%ld", (long)len)
WRAP(ORDINARY, pid_t, clone3, (struct clone_args *args, size_t size), (args, size),
     "%ld", (long)size)
WRAP(PRIVILEGED, int, unshare, (int flags), (flags),
     "%#lx", (unsigned long)flags)
WRAP(PRIVILEGED, int, setns, (int fd, int nstype), (fd, nstype),
     "%ld, %ld", (long)fd, (long)nstype)
WRAP(ORDINARY, int, pidfd_open, (pid_t pid, unsigned flags), (pid, flags),
     "%ld, %#lx", (long)pid, (unsigned long)flags)
WRAP(ORDINARY, int, pidfd_send_signal, (int pidfd, int sig, unsigned flags), (pidfd, sig, flags),
     "%ld, %ld, %#lx", (long)pidfd, (long)sig, (unsigned long)flags)
WRAP(ORDINARY, int, waitid, (idtype_t type, id_t id, siginfo_t *info, int options, struct rusage *ru), (type, id, info, options, ru),
     "%ld, %ld, %#lx", (long)type, (long)id, (unsigned long)options)
WRAP(PRIVILEGED, int, execve, (const char *path, char *const argv[], char *const envp[]), (path, argv, envp), "%s", path)
WRAP(PRIVILEGED, int, execveat, (int dirfd, const char *path, char *const argv[], char *const envp[], int flags), (dirfd, path, argv, envp, flags),
     "%ld, %s, %#lx", (long)dirfd, text(path), (unsigned long)flags)
WRAP(PRIVILEGED, int, kill, (pid_t pid, int sig), (pid, sig),
     "%ld, %ld", (long)pid, (long)sig)
WRAP(PRIVILEGED, pid_t, setsid, (void), (),
     "%s", "")
WRAP(ORDINARY, int, uname, (struct utsname *uts), (uts),
     "%s", "")
WRAP(PRIVILEGED, int, prctl, (int option, unsigned long a2, unsigned long a3, unsigned long a4, unsigned long a5), (option, a2, a3, a4, a5),
     "%ld, %ld, %ld, %ld, %ld", (long)option, (long)a2, (long)a3, (long)a4, (long)a5)
WRAP(PRIVILEGED, int, sethostname, (const char *name, size_t len), (name, len),
     "%s, %ld", text(name), (long)len)
WRAP(PRIVILEGED, int, setdomainname, (const char *name, size_t len), (name, len),
     "%s, %ld", text(name), (long)len)
WRAP(PRIVILEGED, int, setresuid, (uid_t r, uid_t e, uid_t s), (r, e, s),
     "%ld, %ld, %ld", (long)r, (long)e, (long)s)
WRAP(PRIVILEGED, int, setresgid, (gid_t r, gid_t e, gid_t s), (r, e, s),
     "%ld, %ld, %ld", (long)r, (long)e, (long)s)
WRAP(ORDINARY, int, getresuid, (uid_t *r, uid_t *e, uid_t *s), (r, e, s),
     "%s", "")
WRAP(ORDINARY, int, getresgid, (gid_t *r, gid_t *e, gid_t *s), (r, e, s),
     "%s", "")
WRAP(PRIVILEGED, int, setgroups, (size_t n, const gid_t *list), (n, list),
     "%ld", (long)n)
WRAP(ORDINARY, int, getgroups, (int n, gid_t *list), (n, list),
     "%ld", (long)n)
WRAP(PRIVILEGED, int, capset, (const uint64_t *effective, const uint64_t *permitted, const uint64_t *inheritable), (effective, permitted, inheritable),
     "%s", "")
WRAP(PRIVILEGED, int, prlimit, (pid_t pid, int resource, const struct rlimit *set, struct rlimit *get), (pid, resource, set, get),
     "%ld, %ld", (long)pid, (long)resource)
WRAP(PRIVILEGED, int, sched_setattr, (pid_t pid, const struct sched_attr *attr, unsigned flags), (pid, attr, flags),
     "%ld, %#lx", (long)pid, (unsigned long)flags)
WRAP(PRIVILEGED, int, sched_setaffinity, (pid_t pid, size_t len, const unsigned long *mask), (pid, len, mask),
     "%ld, %ld", (long)pid, (long)len)
WRAP(PRIVILEGED, int, ioprio_set, (int which, int who, int ioprio), (which, who, ioprio),
     "%ld, %ld, %ld", (long)which, (long)who, (long)ioprio)
WRAP(PRIVILEGED, int, set_mempolicy, (int mode, const unsigned long *nodemask, unsigned long maxnode), (mode, nodemask, maxnode),
     "%#o, %ld", (unsigned)mode, (long)maxnode)
WRAP(PRIVILEGED, int, personality, (unsigned long persona), (persona),
     "%#lx", (unsigned long)persona)
WRAP(PRIVILEGED, int, seccomp, (unsigned op, unsigned flags, void *args), (op, flags, args),
     "%ld, %#lx", (long)op, (unsigned long)flags)
WRAP(PRIVILEGED_FD, int, landlock_create_ruleset, (const void *attr, size_t size, uint32_t flags), (attr, size, flags),
     "%ld, %#lx", (long)size, (unsigned long)flags)
WRAP(PRIVILEGED, int, landlock_add_rule, (int ruleset_fd, int rule_type, const void *rule, uint32_t flags), (ruleset_fd, rule_type, rule, flags),
     "%ld, %ld, %#lx", (long)ruleset_fd, (long)rule_type, (unsigned long)flags)
WRAP(PRIVILEGED, int, landlock_restrict_self, (int ruleset_fd, uint32_t flags), (ruleset_fd, flags),
     "%ld, %#lx", (long)ruleset_fd, (unsigned long)flags)
WRAP(PRIVILEGED, long, keyctl, (int op, unsigned long a2, unsigned long a3, unsigned long a4, unsigned long a5), (op, a2, a3, a4, a5),
     "%ld, %ld, %ld, %ld, %ld", (long)op, (long)a2, (long)a3, (long)a4, (long)a5)
WRAP(ORDINARY, int, bpf, (int cmd, void *attr, unsigned size), (cmd, attr, size),
     "%ld, %ld", (long)cmd, (long)size)
WRAP(ORDINARY, int, socket, (int domain, int type, int protocol), (domain, type, protocol),
     "%ld, %ld, %ld", (long)domain, (long)type, (long)protocol)
WRAP(ORDINARY, int, socketpair, (int domain, int type, int protocol, int sv[2]), (domain, type, protocol, sv),
     "%ld, %ld, %ld", (long)domain, (long)type, (long)protocol)
WRAP(ORDINARY, int, bind, (int fd, const struct sockaddr *addr, socklen_t len), (fd, addr, len),
     "%ld, %ld", (long)fd, (long)len)
WRAP(ORDINARY, int, listen, (int fd, int backlog), (fd, backlog),
     "%ld, %ld", (long)fd, (long)backlog)
WRAP(ORDINARY, int, accept4, (int fd, struct sockaddr *addr, socklen_t *len, int flags), (fd, addr, len, flags),
     "%ld, %#lx", (long)fd, (unsigned long)flags)
WRAP(ORDINARY, int, connect, (int fd, const struct sockaddr *addr, socklen_t len), (fd, addr, len),
     "%ld, %ld", (long)fd, (long)len)
WRAP(ORDINARY, int, getsockopt, (int fd, int level, int name, void *val, socklen_t *len), (fd, level, name, val, len),
     "%ld, %ld, %ld", (long)fd, (long)level, (long)name)
WRAP(ORDINARY, ssize_t, sendmsg, (int fd, const struct msghdr *msg, int flags), (fd, msg, flags),
     "%ld, %#lx", (long)fd, (unsigned long)flags)
WRAP(ORDINARY, ssize_t, recvmsg, (int fd, struct msghdr *msg, int flags), (fd, msg, flags),
     "%ld, %#lx", (long)fd, (unsigned long)flags)
WRAP(ORDINARY, int, sigaction, (int sig, const struct sigaction *act, struct sigaction *old), (sig, act, old),
     "%ld", (long)sig)
WRAP(ORDINARY, int, signal_default, (int sig), (sig), "%ld", (long)sig)
WRAP(ORDINARY, int, sigprocmask, (int how, const sigset_t *set, sigset_t *old), (how, set, old),
     "%ld", (long)how)
WRAP(ORDINARY, int, signalfd, (int fd, const sigset_t *mask, int flags), (fd, mask, flags),
     "%ld, %#lx", (long)fd, (unsigned long)flags)
/* clang-format on */
