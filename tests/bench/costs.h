/* What the parts of costs share: the clock, what is set up for all samples, and the samples.
 * A sample runs in a child of its own, and leaves how long it took in *shared. */
#ifndef KANUKI_TESTS_COSTS_H
#define KANUKI_TESTS_COSTS_H

#include <linux/filter.h>

enum { MOVE_TO_FD = 0x44, MS_PRIV_REC = (1 << 18) | 0x4000, UMOUNT_DETACH = 2 };

extern char base_dir[];	/* a tmpfs, in the program's own mount namespace */
extern char cgroup_dir[128];
extern int cgroup_fd;
extern double *shared;		/* the running sample's result, in microseconds */
extern struct sock_filter filter[4096];
extern unsigned short filter_len;

__attribute__((noreturn)) void die(const char *what);
double now_us(void);

#define TIMED(expression, what)							\
	do {									\
		double start_ = now_us();					\
		int failed_ = (expression) < 0;					\
		*shared = now_us() - start_;					\
		if (failed_)							\
			die(what);						\
	} while (0)

/* Mounts, by the new API only, as the runtime uses it. */
int new_fs(const char *type, const char *key, const char *value);
int attach(int mnt, int target);
int clone_tree(const char *path);
int make_target(const char *name, int is_dir);
int write_file(const char *path, const char *text);

void s_nothing(long arg);
void s_unshare(long arg);
void s_fork_wait(long arg);
void s_clone_only(long arg);
void s_spawn(long arg);
void s_mountns(long arg);
void s_userns_map(long arg);
void s_fs(long arg);
void s_rootfs(long arg);
void s_attach(long arg);
void s_mask(long arg);
void s_mask_dir(long arg);
void s_close_detached(long arg);
void s_umount(long arg);
void s_pivot(long arg);
void s_mountns_exit(long arg);
void s_mknod(long arg);
void s_cgroup(long arg);
void s_cgroup_kill(long arg);
void s_bpf_load(long arg);
void s_bpf_attach(long arg);
void s_landlock(long arg);
void s_seccomp(long arg);
void s_netns_lo(long arg);
void s_keyring(long arg);
void s_memfd_copy(long arg);

#endif
