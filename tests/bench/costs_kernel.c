/* costs, the part about cgroups, programs and filters, and the rest. */
#include "costs.h"

#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/keyctl.h>
#include <linux/landlock.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

void s_cgroup(long what)
{
	char dir[192], procs[224];

	snprintf(dir, sizeof(dir), "%s/c%d", cgroup_dir, getpid());
	if (what == 0) {
		TIMED(mkdir(dir, 0755), "mkdir");
		rmdir(dir);
		return;
	}
	if (mkdir(dir, 0755) < 0)
		die("mkdir");
	if (what == 1) {
		TIMED(rmdir(dir), "rmdir");
		return;
	}
	/* 2: migration by writing cgroup.procs, what CLONE_INTO_CGROUP avoids */
	snprintf(procs, sizeof(procs), "%s/cgroup.procs", dir);
	pid_t pid = fork();
	if (pid == 0) {
		TIMED(write_file(procs, "0"), "cgroup.procs");
		_exit(0);
	}
	waitpid(pid, NULL, 0);
	rmdir(dir);
}

void s_cgroup_kill(long arg)
{
	struct clone_args args = { .flags = CLONE_INTO_CGROUP, .exit_signal = SIGCHLD };
	char dir[192], file[224];

	(void)arg;
	snprintf(dir, sizeof(dir), "%s/k%d", cgroup_dir, getpid());
	if (mkdir(dir, 0755) < 0)
		die("mkdir");
	args.cgroup = (unsigned)open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	long pid = syscall(SYS_clone3, &args, sizeof(args));
	if (pid == 0)
		for (;;)
			pause();
	snprintf(file, sizeof(file), "%s/cgroup.kill", dir);
	double start = now_us();
	if (write_file(file, "1") < 0)
		die("cgroup.kill");
	waitpid((pid_t)pid, NULL, 0);
	*shared = now_us() - start;
	rmdir(dir);
}

/* A device list of `entries` items, each testing type, access, major and minor, then deny. */
static int bpf_device_prog(long entries)
{
	struct bpf_insn prog[160];
	int n = 0;
	char log[4096];

#define EMIT(c, d, s, o, i) prog[n++] = (struct bpf_insn){ .code = (c), .dst_reg = (d), .src_reg = (s), .off = (o), .imm = (i) }
	EMIT(BPF_LDX | BPF_MEM | BPF_W, 2, 1, 0, 0);
	EMIT(BPF_ALU | BPF_AND | BPF_K, 2, 0, 0, 0xffff);
	EMIT(BPF_LDX | BPF_MEM | BPF_W, 3, 1, 0, 0);
	EMIT(BPF_ALU | BPF_RSH | BPF_K, 3, 0, 0, 16);
	EMIT(BPF_LDX | BPF_MEM | BPF_W, 4, 1, 4, 0);
	EMIT(BPF_LDX | BPF_MEM | BPF_W, 5, 1, 8, 0);
	for (int i = 0; i < (int)entries; i++) {
		EMIT(BPF_JMP | BPF_JNE | BPF_K, 2, 0, 6, BPF_DEVCG_DEV_CHAR);
		EMIT(BPF_ALU | BPF_MOV | BPF_X, 6, 3, 0, 0);
		EMIT(BPF_ALU | BPF_AND | BPF_K, 6, 0, 0, 7);
		EMIT(BPF_JMP | BPF_JNE | BPF_X, 6, 3, 3, 0);
		EMIT(BPF_JMP | BPF_JNE | BPF_K, 4, 0, 2, i);
		EMIT(BPF_ALU64 | BPF_MOV | BPF_K, 0, 0, 0, 1);
		EMIT(BPF_JMP | BPF_EXIT, 0, 0, 0, 0);
	}
	EMIT(BPF_ALU64 | BPF_MOV | BPF_K, 0, 0, 0, 0);
	EMIT(BPF_JMP | BPF_EXIT, 0, 0, 0, 0);
#undef EMIT
	union bpf_attr attr = { 0 };

	attr.prog_type = BPF_PROG_TYPE_CGROUP_DEVICE;
	attr.insns = (unsigned long)prog;
	attr.insn_cnt = (unsigned)n;
	attr.license = (unsigned long)"Apache-2.0";
	int fd = (int)syscall(SYS_bpf, BPF_PROG_LOAD, &attr, sizeof(attr));
	if (fd < 0) {
		attr.log_buf = (unsigned long)log;
		attr.log_size = sizeof(log);
		attr.log_level = 1;
		syscall(SYS_bpf, BPF_PROG_LOAD, &attr, sizeof(attr));
		fprintf(stderr, "%s", log);
		die("device program");
	}
	return fd;
}

void s_bpf_load(long entries)
{
	TIMED(bpf_device_prog(entries), "load");
}

void s_bpf_attach(long what)
{
	union bpf_attr attr = { 0 };
	char dir[192];
	int prog = bpf_device_prog(16);

	snprintf(dir, sizeof(dir), "%s/b%d", cgroup_dir, getpid());
	if (mkdir(dir, 0755) < 0)
		die("mkdir");
	int cg = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	attr.target_fd = (unsigned)cg;
	attr.attach_bpf_fd = (unsigned)prog;
	attr.attach_type = BPF_CGROUP_DEVICE;
	attr.attach_flags = BPF_F_ALLOW_MULTI;
	TIMED((int)syscall(SYS_bpf, BPF_PROG_ATTACH, &attr, sizeof(attr)), "attach");
	if (what == 2)
		TIMED(rmdir(dir), "rmdir");
	else
		rmdir(dir);
	close(cg);
}

void s_landlock(long rules)
{
	static const char *const paths[] = { "/usr", "/etc", "/bin", "/lib", "/var", "/tmp", "/dev", "/proc", "/sys",
		"/run", "/home", "/opt", "/root" };
	struct landlock_ruleset_attr attr = { .handled_access_fs = (1ull << 13) - 1 };
	double start = now_us();
	int set = (int)syscall(SYS_landlock_create_ruleset, &attr, sizeof(attr), 0);

	if (set < 0)
		die("landlock");
	for (long i = 0; i < rules; i++) {
		struct landlock_path_beneath_attr rule = { .allowed_access = 1ull << (i % 13) };

		rule.parent_fd = open(paths[(size_t)i % (sizeof(paths) / sizeof(*paths))], O_PATH | O_CLOEXEC);
		if (rule.parent_fd < 0)
			continue;
		if (!(rule.allowed_access & ((1 << 2) | (1 << 3) | 1 << 4)))
			rule.allowed_access |= LANDLOCK_ACCESS_FS_EXECUTE;
		if (syscall(SYS_landlock_add_rule, set, LANDLOCK_RULE_PATH_BENEATH, &rule, 0) < 0)
			die("landlock rule");
		close(rule.parent_fd);
	}
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 || syscall(SYS_landlock_restrict_self, set, 0) < 0)
		die("landlock restrict");
	close(set);
	*shared = now_us() - start;
}

void s_seccomp(long flags)
{
	struct sock_fprog prog = { .len = filter_len, .filter = filter };

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		die("no_new_privs");
	double start = now_us();
	long failed = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &prog);
	double end = now_us();
	*shared = end - start;
	if (failed < 0)
		die("seccomp");
}

void s_netns_lo(long arg)
{
	struct ifreq ifr = { .ifr_name = "lo" };

	(void)arg;
	if (unshare(CLONE_NEWNET) < 0)
		die("unshare");
	double start = now_us();
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	ifr.ifr_flags = IFF_UP;
	if (ioctl(fd, SIOCSIFFLAGS, &ifr) < 0)
		die("lo up");
	close(fd);
	*shared = now_us() - start;
}

void s_keyring(long arg)
{
	(void)arg;
	TIMED((int)syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL), "keyctl");
}

void s_memfd_copy(long bytes)
{
	static char block[1 << 20];
	double start = now_us();
	int fd = memfd_create("copy", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	for (long done = 0; done < bytes; done += (long)sizeof(block))
		if (write(fd, block, sizeof(block)) < 0)
			die("write");
	if (fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL) < 0)
		die("seal");
	*shared = now_us() - start;
	close(fd);
}
