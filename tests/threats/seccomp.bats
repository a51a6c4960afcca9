# The system call filter: what a profile denies stays denied however it is spelt.

load harness

refused_by_filter() {
	case $1 in
	EPERM | EACCES | ENOSYS | SIGSYS | SIGKILL) return 0 ;;
	esac
	return 1
}

# denied NAME...: every attempt was made and got nowhere. The default filter says of a socket's
# family or protocol that it does not exist.
denied() {
	local name got
	for name; do
		got=$(awk -v n="$name" '$1 == n { print $2 }' "$W/res/result")
		[[ -n $got ]] || broken "$name was not attempted"
		if is_hardened && [[ $name == *socket* && $got == E*NOSUPPORT ]]; then
			continue
		fi
		if [[ $name == set[ug]id-0 && $got == EINVAL ]]; then
			continue	# there is no such user in the namespace
		fi
		refused_by_filter "$got" && continue
		[[ $name == i386-* ]] && no_i386_calls || violation "$name: $got"
	done
}

allowed() {
	local name
	for name; do
		grep -qx "$name OK" "$W/res/result" || broken "$(grep "^$name " "$W/res/result")"
	done
}

# --- T-SEC-1 ------------------------------------------------------------------------------------

DENY='.linux.seccomp = { defaultAction: "SCMP_ACT_ALLOW", architectures: ["SCMP_ARCH_X86_64"],
	syscalls: [
		{ names: ["socket", "socketpair"], action: "SCMP_ACT_ERRNO", errnoRet: 1,
		  args: [{ index: 0, value: 38, op: "SCMP_CMP_EQ" }] },
		{ names: ["socket", "socketpair"], action: "SCMP_ACT_ERRNO", errnoRet: 1,
		  args: [{ index: 0, value: 40, op: "SCMP_CMP_EQ" }] },
		{ names: ["socketcall"], action: "SCMP_ACT_ERRNO", errnoRet: 38 },
		{ names: ["setsockopt"], action: "SCMP_ACT_ERRNO", errnoRet: 1,
		  args: [{ index: 1, value: 6, op: "SCMP_CMP_EQ" },
			 { index: 2, value: 31, op: "SCMP_CMP_EQ" }] },
		{ names: ["personality"], action: "SCMP_ACT_ERRNO", errnoRet: 1,
		  args: [{ index: 0, value: 262144, op: "SCMP_CMP_EQ" }] } ] }'

deny_rules() {
	mk -s '/bin/probe try >/res/result' "$DENY"
	launch
	must_run
	denied socket-alg socket-vsock personality
	denied socket-alg-high socket-vsock-high socket-vsock-high2 socketpair-vsock-high
	denied setsockopt-ulp setsockopt-ulp-high
	denied i386-socket i386-socketcall x32-socket
	is_hardened || allowed socket-unix socket-inet
}

@test "T-SEC-1a CVE-2026-123876 CVE-2026-31431 W-12: a denied int argument is denied with more bits set" {
	[[ $(uname -m) == x86_64 ]] || skip "the i386 and x32 calls are of x86"
	each_level deny_rules
}

# What a shell and the probe need; everything else is refused. Sockets are allowed by range, as
# the profile that most engines ship does it.
ALLOW='.linux.seccomp = { defaultAction: "SCMP_ACT_ERRNO", defaultErrnoRet: 1,
	architectures: ["SCMP_ARCH_X86_64"], syscalls: [
	{ names: ["access", "arch_prctl", "brk", "capget", "capset", "chdir", "clock_gettime", "close",
		"close_range", "dup", "dup2", "dup3", "epoll_create1", "epoll_ctl", "epoll_pwait",
		"execve", "execveat", "exit", "exit_group", "faccessat", "faccessat2", "fchdir",
		"fchown", "fcntl", "fork", "fstat", "fstatfs", "ftruncate", "futex", "getcwd",
		"getdents64", "getegid", "geteuid", "getgid", "getgroups", "getpgrp", "getpid",
		"getppid", "getrandom", "getrlimit", "gettid", "getuid", "getxattr", "kill",
		"lseek", "lstat", "madvise", "mmap", "mprotect", "mremap", "munmap", "nanosleep",
		"newfstatat", "open", "openat", "openat2", "pipe", "pipe2", "poll", "ppoll", "prctl",
		"pread64", "prlimit64", "pwrite64", "read", "readlink", "readlinkat", "readv",
		"rseq", "rt_sigaction", "rt_sigprocmask", "rt_sigreturn", "sched_getaffinity",
		"sched_yield", "seccomp", "select", "sendmsg", "recvmsg", "sendto", "recvfrom",
		"set_robust_list", "set_tid_address", "setgid", "setgroups", "setresgid",
		"setresuid", "setuid", "setpgid", "setsid", "sigaltstack", "stat", "statfs", "statx",
		"sysinfo", "tgkill", "time", "umask", "uname", "unlink", "vfork", "wait4", "waitid",
		"write", "writev", "clone", "clone3", "fchmod", "mkdir"], action: "SCMP_ACT_ALLOW" },
	{ names: ["ioctl"], action: "SCMP_ACT_ALLOW",
	  args: [{ index: 1, value: 21522, op: "SCMP_CMP_NE" }] },
	{ names: ["socket"], action: "SCMP_ACT_ALLOW",
	  args: [{ index: 0, value: 38, op: "SCMP_CMP_LT" }] },
	{ names: ["socket"], action: "SCMP_ACT_ALLOW",
	  args: [{ index: 0, value: 39, op: "SCMP_CMP_EQ" }] },
	{ names: ["socket"], action: "SCMP_ACT_ALLOW",
	  args: [{ index: 0, value: 40, op: "SCMP_CMP_GT" }] } ] }'

allow_rules() {
	mk -s '/bin/probe try >/res/result' "$ALLOW"
	launch
	must_run
	allowed socket-unix
	denied socket-alg socket-vsock socket-alg-high socket-vsock-high socket-vsock-high2
	denied ioctl-tiocsti ioctl-tiocsti-high
	denied i386-socket i386-socketcall x32-socket x32-getpid i386-getpid
	denied keyctl bpf mount unshare-user io_uring_setup
}

@test "T-SEC-1b CVE-2026-123876 W-11 W-12: nor does an allowed range reach around what it leaves out" {
	[[ $(uname -m) == x86_64 ]] || skip "the i386 and x32 calls are of x86"
	each_level allow_rules
}

default_filter() {
	mk -s '/bin/probe try >/res/result; cat /proc/self/status >/res/status' 'del(.linux.seccomp)'
	launch
	must_run
	grep -q '^Seccomp:[[:space:]]2' "$W/res/status" || violation "no filter"
	denied socket-alg socket-alg-high socket-vsock socket-vsock-high socket-vsock-high2 socket-rxrpc \
		socket-rxrpc-high socket-packet socket-raw socket-netlink-audit socketpair-vsock-high
	denied unshare-user unshare-user-high unshare-mount unshare-net unshare-pid unshare-cgroup \
		clone-user clone-mount clone-net clone-pid clone-ipc clone-uts clone-cgroup clone-high \
		setns-user setns-mount
	denied mount umount2 pivot_root fsopen fspick fsmount open_tree move_mount mount_setattr chroot
	denied io_uring_setup io_uring_enter io_uring_register userfaultfd userfaultfd-user bpf \
		perf_event_open add_key request_key keyctl open_by_handle_at kcmp pidfd_getfd \
		process_vm_readv ptrace-init personality personality-high
	denied init_module finit_module delete_module kexec_load reboot swapon acct settimeofday \
		clock_settime sethostname syslog quotactl fanotify_init vhangup setuid-0 setgid-0 \
		mknod-mem release-agent
	allowed socket-unix socket-inet
	grep -qx 'clone3-user ENOSYS' "$W/res/result" || violation "$(grep ^clone3-user "$W/res/result")"
	grep -qx 'clone3-plain ENOSYS' "$W/res/result" || violation "$(grep ^clone3-plain "$W/res/result")"
	if [[ $(uname -m) == x86_64 ]]; then
		denied iopl ioperm modify_ldt x32-socket x32-getpid i386-socket i386-socketcall \
			i386-unshare i386-getpid
	fi
}

@test "T-SEC-1c CVE-2026-31431 CVE-2026-43284 CVE-2026-46300 CVE-2022-0185 CVE-2022-0492 W-06 W-07 W-09 W-10 W-11 W-17 W-29 W-30: the default filter, call by call" {
	[[ $RT_KIND == kanuki ]] || skip "kanuki's own filter"
	at "${LEVELS%% *}"
	default_filter
}

exec_filter() {
	up "$DENY"
	xc "$CID" /bin/probe try socket-vsock socket-vsock-high i386-socket
	cp "$W/stdout" "$W/res/result"
	denied socket-vsock socket-vsock-high i386-socket
	down
}

@test "T-SEC-1d CVE-2019-10147 W-11: exec is under the same filter" {
	[[ $(uname -m) == x86_64 ]] || skip "the i386 call is of x86"
	each_level exec_filter
}

# --- W-13, W-14 ---------------------------------------------------------------------------------

# A rule for all arguments and one for some: the narrower denial must not be swallowed. The
# default action isn't ALLOW, as a rule that only repeats it is no rule to libseccomp.
ALL='{ names: ["socket"], action: "SCMP_ACT_ALLOW" }'
SOME='{ names: ["socket"], action: "SCMP_ACT_ERRNO", errnoRet: 1,
	args: [{ index: 0, value: 40, op: "SCMP_CMP_EQ" }] }'

odd_rules() {
	local rules
	for rules in "$ALL, $SOME" "$SOME, $ALL"; do
		mk -s '/bin/probe try socket-vsock socket-unix >/res/result' '.linux.seccomp = {
			defaultAction: "SCMP_ACT_LOG", syscalls: ['"$rules"'] }'
		launch
		if [[ $OUTCOME == ran ]]; then
			denied socket-vsock
			allowed socket-unix
		fi
	done
	mk '.linux.seccomp = { defaultAction: "SCMP_ACT_NONSENSE" }'
	launch
	must_refuse "an unknown action"
	mk '.linux.seccomp = { defaultAction: "SCMP_ACT_ALLOW", syscalls: [{ names: ["acct"],
		action: "SCMP_ACT_ERRNO", args: [{ index: 7, value: 1, op: "SCMP_CMP_EQ" }] }] }'
	launch
	must_refuse "a seventh argument"
	mk '.linux.seccomp = { defaultAction: "SCMP_ACT_ALLOW", architectures: ["SCMP_ARCH_NONSENSE"] }'
	launch
	must_refuse "an unknown architecture"
	mk '.linux.seccomp = { defaultAction: "SCMP_ACT_ALLOW", flags: ["SECCOMP_FILTER_FLAG_NONSENSE"] }'
	launch
	must_refuse "an unknown flag"
}

@test "W-13: a profile's rules all count; what can't be expressed is an error" {
	each_level odd_rules
}

minimal_filter() {
	# The runtime's own calls must not need the filter's leave. Without no_new_privs the filter
	# goes in with privilege, and all that may follow is giving the privilege up.
	mk '.process.noNewPrivileges = false' '.process.args = ["/bin/probe", "mark", "/res/ran"]' \
		'.linux.seccomp = { defaultAction: "SCMP_ACT_KILL_PROCESS", syscalls: [{
		names: ["capset", "prctl", "execve", "execveat", "exit_group", "brk", "arch_prctl", "mmap", "mprotect",
			"openat", "close", "write", "set_tid_address", "set_robust_list", "rseq",
			"prlimit64", "readlink", "readlinkat", "getrandom", "fstat", "newfstatat", "read",
			"uname", "futex"],
		action: "SCMP_ACT_ALLOW" }] }'
	launch
	if [[ $RT_KIND == kanuki ]]; then
		must_run
	fi
}

@test "W-14: the filter is loaded last: nothing but the payload's own calls has to be in it" {
	each_level minimal_filter
}
