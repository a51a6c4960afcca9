/* One thin function per system call that libc lacks or that unit tests replace.
 *
 * No decisions, no retries, no messages: each returns what syscall(2) returns
 * (-1 and errno).  Unit tests of act/ and state/ link tests/unit/fake_sys.c
 * instead, which records calls and can fail the N-th one; so every call of
 * act/, state/ and host/ that changes or reads the system goes through here.
 * Structures come from the kernel's own headers where Debian 12 has them;
 * newer constants are in sys/kernel.h with the version that introduced them.
 */
#ifndef KANUKI_SYS_SYS_H
#define KANUKI_SYS_SYS_H

#include "sys/kernel.h"

#include <dirent.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/utsname.h>
#include <sys/vfs.h>
#include <sys/wait.h>

/* files */
int sys_open(const char *path, int flags, mode_t mode);
int sys_openat(int dirfd, const char *path, int flags, mode_t mode);
int sys_openat2(int dirfd, const char *path, const struct open_how *how);
int sys_close(int fd);
int sys_close_range(unsigned first, unsigned last, unsigned flags);
ssize_t sys_read(int fd, void *buf, size_t len);
ssize_t sys_pread(int fd, void *buf, size_t len, off_t off);
ssize_t sys_write(int fd, const void *buf, size_t len);
ssize_t sys_pwrite(int fd, const void *buf, size_t len, off_t off);
int sys_dup3(int oldfd, int newfd, int flags);
int sys_fcntl(int fd, int cmd, long arg);
int sys_fstat(int fd, struct stat *st);
int sys_fstatat(int dirfd, const char *path, struct stat *st, int flags);
int sys_statx(int dirfd, const char *path, int flags, unsigned mask, struct statx *stx);
int sys_fstatfs(int fd, struct statfs *sfs);
int sys_mkdirat(int dirfd, const char *path, mode_t mode);
int sys_mknodat(int dirfd, const char *path, mode_t mode, dev_t dev);
int sys_symlinkat(const char *target, int dirfd, const char *path);
int sys_linkat(int olddirfd, const char *oldpath, int newdirfd, const char *newpath, int flags);
int sys_unlinkat(int dirfd, const char *path, int flags);
int sys_renameat(int olddirfd, const char *oldpath, int newdirfd, const char *newpath);
int sys_faccessat2(int dirfd, const char *path, int mode, int flags);
off_t sys_lseek(int fd, off_t off, int whence);
int sys_setpgid(pid_t pid, pid_t pgid);
ssize_t sys_readlinkat(int dirfd, const char *path, char *buf, size_t len);
int sys_fchmod(int fd, mode_t mode);
int sys_fchmodat(int dirfd, const char *path, mode_t mode);
int sys_fchown(int fd, uid_t uid, gid_t gid);
int sys_fsetxattr(int fd, const char *name, const void *value, size_t size, int flags);
ssize_t sys_fgetxattr(int fd, const char *name, void *value, size_t size);
int sys_fremovexattr(int fd, const char *name);
int sys_fchownat(int dirfd, const char *path, uid_t uid, gid_t gid, int flags);
int sys_flock(int fd, int operation);
int sys_fsync(int fd);
int sys_memfd_create(const char *name, unsigned flags);
ssize_t sys_sendfile(int out_fd, int in_fd, size_t len);
long sys_getdents64(int fd, void *buf, size_t len);
int sys_pipe2(int fds[2], int flags);
int sys_poll(struct pollfd *fds, unsigned n, int timeout_ms);
int sys_ioctl(int fd, unsigned long request, void *arg);

/* mounts (fsopen(2), mount_setattr(2), move_mount(2), open_tree(2)) */
int sys_open_tree(int dirfd, const char *path, unsigned flags);
int sys_move_mount(int from_dirfd, const char *from, int to_dirfd, const char *to, unsigned flags);
/* -1 and ENOSYS before Linux 6.8. */
int sys_listmount(uint64_t unique_id, uint64_t *ids, size_t n);
int sys_fsopen(const char *fstype, unsigned flags);
int sys_fsconfig(int fd, unsigned cmd, const char *key, const void *value, int aux);
int sys_fsmount(int fd, unsigned flags, unsigned attr_flags);
int sys_mount_setattr(int dirfd, const char *path, unsigned flags, struct mount_attr *attr,
		      size_t size);
int sys_pivot_root(const char *new_root, const char *put_old);
int sys_umount2(const char *target, int flags);
int sys_chroot(const char *path);
int sys_chdir(const char *path);
int sys_fchdir(int fd);
ssize_t sys_getcwd(char *buf, size_t len); /* the raw call: shows "(unreachable)" */

/* processes and namespaces */
pid_t sys_clone3(struct clone_args *args, size_t size);
int sys_unshare(int flags);
int sys_setns(int fd, int nstype);
int sys_pidfd_open(pid_t pid, unsigned flags);
int sys_pidfd_send_signal(int pidfd, int sig, unsigned flags);
int sys_waitid(idtype_t type, id_t id, siginfo_t *info, int options, struct rusage *ru);
int sys_execve(const char *path, char *const argv[], char *const envp[]);
int sys_execveat(int dirfd, const char *path, char *const argv[], char *const envp[], int flags);
int sys_kill(pid_t pid, int sig);
pid_t sys_setsid(void);
int sys_uname(struct utsname *uts);
pid_t sys_getpid(void);
pid_t sys_getppid(void);
void sys_exit(int status) __attribute__((noreturn)); /* exit_group(2): no atexit handlers */
int sys_prctl(int option, unsigned long a2, unsigned long a3, unsigned long a4, unsigned long a5);
int sys_sethostname(const char *name, size_t len);
int sys_setdomainname(const char *name, size_t len);
mode_t sys_umask(mode_t mask);

/* identity (raw calls: this process only, no libc thread broadcasting) */
int sys_setresuid(uid_t r, uid_t e, uid_t s);
int sys_setresgid(gid_t r, gid_t e, gid_t s);
int sys_getresuid(uid_t *r, uid_t *e, uid_t *s);
int sys_getresgid(gid_t *r, gid_t *e, gid_t *s);
int sys_setgroups(size_t n, const gid_t *list);
int sys_getgroups(int n, gid_t *list);
int sys_capset(const uint64_t *effective, const uint64_t *permitted, const uint64_t *inheritable);

/* limits and scheduling */
int sys_prlimit(pid_t pid, int resource, const struct rlimit *set, struct rlimit *get);
int sys_sched_setattr(pid_t pid, const struct sched_attr *attr, unsigned flags);
int sys_sched_setaffinity(pid_t pid, size_t len, const unsigned long *mask);
int sys_ioprio_set(int which, int who, int ioprio);
int sys_set_mempolicy(int mode, const unsigned long *nodemask, unsigned long maxnode);
int sys_personality(unsigned long persona);

/* confinement */
int sys_seccomp(unsigned op, unsigned flags, void *args);
int sys_landlock_create_ruleset(const void *attr, size_t size, uint32_t flags);
int sys_landlock_add_rule(int ruleset_fd, int rule_type, const void *rule, uint32_t flags);
int sys_landlock_restrict_self(int ruleset_fd, uint32_t flags);
long sys_keyctl(int op, unsigned long a2, unsigned long a3, unsigned long a4, unsigned long a5);
int sys_bpf(int cmd, void *attr, unsigned size);

/* sockets and signals */
int sys_socket(int domain, int type, int protocol);
int sys_socketpair(int domain, int type, int protocol, int sv[2]);
int sys_bind(int fd, const struct sockaddr *addr, socklen_t len);
int sys_listen(int fd, int backlog);
int sys_accept4(int fd, struct sockaddr *addr, socklen_t *len, int flags);
int sys_connect(int fd, const struct sockaddr *addr, socklen_t len);
int sys_getsockopt(int fd, int level, int name, void *val, socklen_t *len);
ssize_t sys_sendmsg(int fd, const struct msghdr *msg, int flags);
ssize_t sys_recvmsg(int fd, struct msghdr *msg, int flags);
int sys_sigaction(int sig, const struct sigaction *act, struct sigaction *old);
int sys_signal_default(int sig); /* SIG_DFL by the raw call: libc refuses 32 and 33 */
int sys_sigprocmask(int how, const sigset_t *set, sigset_t *old);
int sys_signalfd(int fd, const sigset_t *mask, int flags);

#endif
