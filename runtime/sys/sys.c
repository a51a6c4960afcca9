/* One function per system call, nothing more.  tests/unit/fake_sys.c replaces
 * this file in unit tests, so a decision made here would go untested. */
#include "config.h"

#include "sys/sys.h"

#include <errno.h>
#include <grp.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/personality.h>
#include <sys/sendfile.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/banned.h"

/* ---- files ---- */

int sys_open(const char *path, int flags, mode_t mode)
{
	return open(path, flags, mode);
}

int sys_openat(int dirfd, const char *path, int flags, mode_t mode)
{
	return openat(dirfd, path, flags, mode);
}

int sys_openat2(int dirfd, const char *path, const struct open_how *how)
{
	return (int)syscall(SYS_openat2, dirfd, path, how, sizeof(*how));
}

int sys_close(int fd)
{
	return close(fd);
}

int sys_close_range(unsigned first, unsigned last, unsigned flags)
{
	return (int)syscall(SYS_close_range, first, last, flags);
}

ssize_t sys_read(int fd, void *buf, size_t len)
{
	return read(fd, buf, len);
}

ssize_t sys_pread(int fd, void *buf, size_t len, off_t off)
{
	return pread(fd, buf, len, off);
}

ssize_t sys_write(int fd, const void *buf, size_t len)
{
	return write(fd, buf, len);
}

ssize_t sys_pwrite(int fd, const void *buf, size_t len, off_t off)
{
	return pwrite(fd, buf, len, off);
}

int sys_dup3(int oldfd, int newfd, int flags)
{
	return dup3(oldfd, newfd, flags);
}

int sys_fcntl(int fd, int cmd, long arg)
{
	return fcntl(fd, cmd, arg);
}

int sys_fstat(int fd, struct stat *st)
{
	return fstat(fd, st);
}

int sys_fstatat(int dirfd, const char *path, struct stat *st, int flags)
{
	return fstatat(dirfd, path, st, flags);
}

int sys_statx(int dirfd, const char *path, int flags, unsigned mask, struct statx *stx)
{
	return statx(dirfd, path, flags, mask, stx);
}

int sys_fstatfs(int fd, struct statfs *sfs)
{
	return fstatfs(fd, sfs);
}

int sys_mkdirat(int dirfd, const char *path, mode_t mode)
{
	return mkdirat(dirfd, path, mode);
}

int sys_mknodat(int dirfd, const char *path, mode_t mode, dev_t dev)
{
	return mknodat(dirfd, path, mode, dev);
}

int sys_symlinkat(const char *target, int dirfd, const char *path)
{
	return symlinkat(target, dirfd, path);
}

int sys_linkat(int olddirfd, const char *oldpath, int newdirfd, const char *newpath, int flags)
{
	return linkat(olddirfd, oldpath, newdirfd, newpath, flags);
}

int sys_unlinkat(int dirfd, const char *path, int flags)
{
	return unlinkat(dirfd, path, flags);
}

int sys_renameat(int olddirfd, const char *oldpath, int newdirfd, const char *newpath)
{
	return renameat(olddirfd, oldpath, newdirfd, newpath);
}

int sys_faccessat2(int dirfd, const char *path, int mode, int flags)
{
	return (int)syscall(SYS_faccessat2, dirfd, path, mode, flags);
}

off_t sys_lseek(int fd, off_t off, int whence)
{
	return lseek(fd, off, whence);
}

int sys_setpgid(pid_t pid, pid_t pgid)
{
	return setpgid(pid, pgid);
}

ssize_t sys_readlinkat(int dirfd, const char *path, char *buf, size_t len)
{
	return readlinkat(dirfd, path, buf, len);
}

int sys_fchmod(int fd, mode_t mode)
{
	return fchmod(fd, mode);
}

int sys_fchmodat(int dirfd, const char *path, mode_t mode)
{
	return fchmodat(dirfd, path, mode, 0);
}

int sys_fchown(int fd, uid_t uid, gid_t gid)
{
	return fchown(fd, uid, gid);
}

int sys_fsetxattr(int fd, const char *name, const void *value, size_t size, int flags)
{
	return fsetxattr(fd, name, value, size, flags);
}

ssize_t sys_fgetxattr(int fd, const char *name, void *value, size_t size)
{
	return fgetxattr(fd, name, value, size);
}

int sys_fremovexattr(int fd, const char *name)
{
	return fremovexattr(fd, name);
}

int sys_fchownat(int dirfd, const char *path, uid_t uid, gid_t gid, int flags)
{
	return fchownat(dirfd, path, uid, gid, flags);
}

int sys_flock(int fd, int operation)
{
	/* The raw call: flock(3) is declared in a libc header that has the name of our sys/file.h.
	 */
	return (int)syscall(SYS_flock, fd, operation);
}

int sys_fsync(int fd)
{
	return fsync(fd);
}

int sys_memfd_create(const char *name, unsigned flags)
{
	return memfd_create(name, flags);
}

ssize_t sys_sendfile(int out_fd, int in_fd, size_t len)
{
	return sendfile(out_fd, in_fd, NULL, len);
}

long sys_getdents64(int fd, void *buf, size_t len)
{
	return syscall(SYS_getdents64, fd, buf, len);
}

int sys_pipe2(int fds[2], int flags)
{
	return pipe2(fds, flags);
}

int sys_poll(struct pollfd *fds, unsigned n, int timeout_ms)
{
	return poll(fds, n, timeout_ms);
}

int sys_ioctl(int fd, unsigned long request, void *arg)
{
	return ioctl(fd, request, arg);
}

/* ---- mounts ---- */

int sys_open_tree(int dirfd, const char *path, unsigned flags)
{
	return (int)syscall(SYS_open_tree, dirfd, path, flags);
}

int sys_move_mount(int from_dirfd, const char *from, int to_dirfd, const char *to, unsigned flags)
{
	return (int)syscall(SYS_move_mount, from_dirfd, from, to_dirfd, to, flags);
}

int sys_listmount(uint64_t unique_id, uint64_t *ids, size_t n)
{
	struct kernel_mnt_id_req req = {.size = sizeof(req), .mnt_id = unique_id};

	return (int)syscall(SYS_listmount, &req, ids, n, 0);
}

int sys_fsopen(const char *fstype, unsigned flags)
{
	return (int)syscall(SYS_fsopen, fstype, flags);
}

int sys_fsconfig(int fd, unsigned cmd, const char *key, const void *value, int aux)
{
	return (int)syscall(SYS_fsconfig, fd, cmd, key, value, aux);
}

int sys_fsmount(int fd, unsigned flags, unsigned attr_flags)
{
	return (int)syscall(SYS_fsmount, fd, flags, attr_flags);
}

int sys_mount_setattr(int dirfd, const char *path, unsigned flags, struct mount_attr *attr,
		      size_t size)
{
	return (int)syscall(SYS_mount_setattr, dirfd, path, flags, attr, size);
}

int sys_pivot_root(const char *new_root, const char *put_old)
{
	return (int)syscall(SYS_pivot_root, new_root, put_old);
}

int sys_umount2(const char *target, int flags)
{
	return umount2(target, flags);
}

int sys_chroot(const char *path)
{
	return chroot(path);
}

int sys_chdir(const char *path)
{
	return chdir(path);
}

int sys_fchdir(int fd)
{
	return fchdir(fd);
}

ssize_t sys_getcwd(char *buf, size_t len)
{
	return syscall(SYS_getcwd, buf, len);
}

/* ---- processes and namespaces ---- */

pid_t sys_clone3(struct clone_args *args, size_t size)
{
	return (pid_t)syscall(SYS_clone3, args, size);
}

int sys_unshare(int flags)
{
	return unshare(flags);
}

int sys_setns(int fd, int nstype)
{
	return setns(fd, nstype);
}

int sys_pidfd_open(pid_t pid, unsigned flags)
{
	return (int)syscall(SYS_pidfd_open, pid, flags);
}

int sys_pidfd_send_signal(int pidfd, int sig, unsigned flags)
{
	return (int)syscall(SYS_pidfd_send_signal, pidfd, sig, NULL, flags);
}

int sys_waitid(idtype_t type, id_t id, siginfo_t *info, int options, struct rusage *ru)
{
	return (int)syscall(SYS_waitid, type, id, info, options, ru);
}

int sys_execve(const char *path, char *const argv[], char *const envp[])
{
	return execve(path, argv, envp);
}

int sys_execveat(int dirfd, const char *path, char *const argv[], char *const envp[], int flags)
{
	return (int)syscall(SYS_execveat, dirfd, path, argv, envp, flags);
}

int sys_kill(pid_t pid, int sig)
{
	return kill(pid, sig);
}

pid_t sys_setsid(void)
{
	return setsid();
}

/* The raw calls: after clone3 the library's view of the process may be stale. */
int sys_uname(struct utsname *uts)
{
	return uname(uts);
}

pid_t sys_getpid(void)
{
	return (pid_t)syscall(SYS_getpid);
}

pid_t sys_getppid(void)
{
	return (pid_t)syscall(SYS_getppid);
}

void sys_exit(int status)
{
	_exit(status);
}

int sys_prctl(int option, unsigned long a2, unsigned long a3, unsigned long a4, unsigned long a5)
{
	return prctl(option, a2, a3, a4, a5);
}

int sys_sethostname(const char *name, size_t len)
{
	return sethostname(name, len);
}

int sys_setdomainname(const char *name, size_t len)
{
	return setdomainname(name, len);
}

mode_t sys_umask(mode_t mask)
{
	return umask(mask);
}

/* ---- identity ---- */

/* i386 and 32-bit arm have two families of these calls; the old one truncates
 * ids to 16 bits. */
#ifdef SYS_setresuid32
#define ID_CALL(name) SYS_##name##32
#else
#define ID_CALL(name) SYS_##name
#endif

int sys_setresuid(uid_t r, uid_t e, uid_t s)
{
	return (int)syscall(ID_CALL(setresuid), r, e, s);
}

int sys_setresgid(gid_t r, gid_t e, gid_t s)
{
	return (int)syscall(ID_CALL(setresgid), r, e, s);
}

int sys_getresuid(uid_t *r, uid_t *e, uid_t *s)
{
	return (int)syscall(ID_CALL(getresuid), r, e, s);
}

int sys_getresgid(gid_t *r, gid_t *e, gid_t *s)
{
	return (int)syscall(ID_CALL(getresgid), r, e, s);
}

int sys_setgroups(size_t n, const gid_t *list)
{
	return (int)syscall(ID_CALL(setgroups), n, list);
}

int sys_getgroups(int n, gid_t *list)
{
	return (int)syscall(ID_CALL(getgroups), n, list);
}

/* Version 3 splits each set of 64 into two halves. */
int sys_capset(const uint64_t *effective, const uint64_t *permitted, const uint64_t *inheritable)
{
	struct __user_cap_header_struct head = {.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
	struct __user_cap_data_struct data[2];
	for (unsigned i = 0; i < 2; i++) {
		data[i].effective = (uint32_t)(*effective >> (32 * i));
		data[i].permitted = (uint32_t)(*permitted >> (32 * i));
		data[i].inheritable = (uint32_t)(*inheritable >> (32 * i));
	}
	return (int)syscall(SYS_capset, &head, data);
}

/* ---- limits and scheduling ---- */

int sys_prlimit(pid_t pid, int resource, const struct rlimit *set, struct rlimit *get)
{
	return prlimit(pid, (enum __rlimit_resource)resource, set, get);
}

int sys_sched_setattr(pid_t pid, const struct sched_attr *attr, unsigned flags)
{
	return (int)syscall(SYS_sched_setattr, pid, attr, flags);
}

int sys_sched_setaffinity(pid_t pid, size_t len, const unsigned long *mask)
{
	return (int)syscall(SYS_sched_setaffinity, pid, len, mask);
}

int sys_ioprio_set(int which, int who, int ioprio)
{
	return (int)syscall(SYS_ioprio_set, which, who, ioprio);
}

int sys_set_mempolicy(int mode, const unsigned long *nodemask, unsigned long maxnode)
{
	return (int)syscall(SYS_set_mempolicy, mode, nodemask, maxnode);
}

int sys_personality(unsigned long persona)
{
	return personality(persona);
}

/* ---- confinement ---- */

int sys_seccomp(unsigned op, unsigned flags, void *args)
{
	return (int)syscall(SYS_seccomp, op, flags, args);
}

int sys_landlock_create_ruleset(const void *attr, size_t size, uint32_t flags)
{
	return (int)syscall(SYS_landlock_create_ruleset, attr, size, flags);
}

int sys_landlock_add_rule(int ruleset_fd, int rule_type, const void *rule, uint32_t flags)
{
	return (int)syscall(SYS_landlock_add_rule, ruleset_fd, rule_type, rule, flags);
}

int sys_landlock_restrict_self(int ruleset_fd, uint32_t flags)
{
	return (int)syscall(SYS_landlock_restrict_self, ruleset_fd, flags);
}

long sys_keyctl(int op, unsigned long a2, unsigned long a3, unsigned long a4, unsigned long a5)
{
	return syscall(SYS_keyctl, op, a2, a3, a4, a5);
}

int sys_bpf(int cmd, void *attr, unsigned size)
{
	return (int)syscall(SYS_bpf, cmd, attr, size);
}

/* ---- sockets and signals ---- */

int sys_socket(int domain, int type, int protocol)
{
	return socket(domain, type, protocol);
}

int sys_socketpair(int domain, int type, int protocol, int sv[2])
{
	return socketpair(domain, type, protocol, sv);
}

int sys_bind(int fd, const struct sockaddr *addr, socklen_t len)
{
	return bind(fd, addr, len);
}

int sys_listen(int fd, int backlog)
{
	return listen(fd, backlog);
}

int sys_accept4(int fd, struct sockaddr *addr, socklen_t *len, int flags)
{
	return accept4(fd, addr, len, flags);
}

int sys_connect(int fd, const struct sockaddr *addr, socklen_t len)
{
	return connect(fd, addr, len);
}

int sys_getsockopt(int fd, int level, int name, void *val, socklen_t *len)
{
	return getsockopt(fd, level, name, val, len);
}

ssize_t sys_sendmsg(int fd, const struct msghdr *msg, int flags)
{
	return sendmsg(fd, msg, flags);
}

ssize_t sys_recvmsg(int fd, struct msghdr *msg, int flags)
{
	return recvmsg(fd, msg, flags);
}

int sys_sigaction(int sig, const struct sigaction *act, struct sigaction *old)
{
	return sigaction(sig, act, old);
}

int sys_signal_default(int sig)
{
	/* The kernel's struct sigaction differs by architecture, but all zeros
	 * is SIG_DFL, no flags and an empty mask in each. */
	static const char zeros[64];

	return (int)syscall(SYS_rt_sigaction, sig, zeros, NULL, 8L);
}

int sys_sigprocmask(int how, const sigset_t *set, sigset_t *old)
{
	return sigprocmask(how, set, old);
}

int sys_signalfd(int fd, const sigset_t *mask, int flags)
{
	/* 8: the kernel's set, not the library's 128 bytes */
	return (int)syscall(SYS_signalfd4, fd, mask, (size_t)8, flags);
}
