# Weaknesses that have no CVE number but that a payload can observe, under the default plan.
#
# Most tests read what one payload found out; the container is run once per file.

load harness

# facts: runs the payload that looks at everything, once; its findings are in $F.
facts() {
	F=$BATS_FILE_TMPDIR/facts
	LEVEL=${LEVELS%% *}
	level_args
	[[ ! -e $F/done ]] || return 0
	mkdir -p "$F"
	KT_SECRET=$SECRET
	export KT_SECRET
	umask 077
	mk -s "$FACTS" '.mounts += [
		{ destination: "/sys", type: "sysfs", source: "sysfs",
		  options: ["nosuid", "noexec", "nodev", "ro"] },
		{ destination: "/dev/shm", type: "tmpfs", source: "shm", options: ["mode=1777"] },
		{ destination: "/dev/mqueue", type: "mqueue", source: "mqueue" },
		{ destination: "/data", type: "tmpfs", source: "tmpfs", options: ["mode=1777"] },
		{ destination: "/bound", type: "bind", source: $vol, options: ["bind", "rw"] }]' \
		'.process.env += ["GIVEN=1"]' 'del(.process.noNewPrivileges)' \
		'.process.capabilities = null' '.process.capabilities = { bounding: [], effective: [],
			permitted: [], inheritable: [], ambient: [] }'
	umask 022
	chmod 777 "$W/vol"
	launch
	must_run
	cp -r "$W/res/." "$F/"
	touch "$F/done"
}

FACTS='/bin/probe try >/res/try
	/bin/probe leftovers >/res/leftovers
	/bin/probe open /proc/kcore /proc/kmsg /dev/kmsg /proc/keys /proc/key-users /proc/timer_list \
		/proc/sched_debug /proc/latency_stats /proc/interrupts /proc/slabinfo \
		/proc/sysrq-trigger /proc/sys/kernel/core_pattern /proc/sys/kernel/modprobe \
		/proc/sys/kernel/hotplug /sys/kernel/uevent_helper /proc/sys/vm/panic_on_oom \
		/proc/sys/fs/binfmt_misc/register /sys/kernel/vmcoreinfo /proc/bus/pci/devices \
		/dev/mem /dev/port /dev/kvm /dev/fuse /dev/net/tun /dev/kcore >/res/open
	head -n 1 /proc/kallsyms >/res/kallsyms
	cat /proc/self/status >/res/status
	cat /proc/self/limits >/res/limits
	cat /proc/self/mountinfo >/res/mountinfo
	cat /proc/1/environ | tr "\0" "\n" >/res/environ
	cat /proc/1/cmdline | tr "\0" " " >/res/cmdline
	cat /proc/sys/user/max_user_namespaces >/res/max_user_namespaces
	cat /proc/sys/vm/memfd_noexec >/res/memfd_noexec
	ls -lA /dev >/res/dev
	ls -A / >/res/root
	ls -A /sys/firmware /sys/kernel/debug /sys/kernel/tracing /sys/kernel/security /sys/fs/bpf \
		/sys/fs/pstore >/res/sysdirs
	for d in /tmp /var/tmp /run /dev /dev/shm /data /bound /res /root /etc / /home; do
		/bin/probe exec $d/copy 2>&1 | sed "s|^|$d |"; rm -f $d/copy; done >/res/exec
	/bin/probe exec - >/res/memfd
	for i in 1 2 3 4 5 6 7 8; do readlink /proc/self/ns/* ; break; done >/res/ns
	grep -c . /proc/mounts >/res/mounts; echo 1 >/res/end'

fact() { awk -v n="$1" '$1 == n { $1 = ""; print substr($0, 2) }' "$F/${2-leftovers}"; }

tried() {
	local name got
	for name; do
		got=$(fact "$name" try)
		case $got in
		EPERM | EACCES | ENOSYS | SIGSYS | EROFS) ;;
		EAFNOSUPPORT | EPROTONOSUPPORT) [[ $name == *socket* ]] || violation "$name: $got" ;;
		'') broken "$name was not attempted" ;;
		*) [[ $name == i386-* ]] && no_i386_calls || violation "$name: $got" ;;
		esac
	done
}

only_kanuki() { [[ $RT_KIND == kanuki ]] || skip "kanuki's default plan"; }

@test "W-03: keyrings can't be used or listed" {
	only_kanuki
	facts
	tried keyctl add_key request_key
	! grep -q '^/proc/keys .*DATA' "$F/open" || violation "/proc/keys is readable"
}

@test "W-04 W-05: nothing of the kernel's insides is readable" {
	only_kanuki
	facts
	local file
	for file in /proc/kcore /proc/kmsg /dev/kmsg /proc/keys /proc/timer_list /proc/sched_debug \
		/proc/latency_stats /proc/interrupts /proc/slabinfo /dev/mem; do
		! grep -q "^$file .*DATA" "$F/open" || violation "$(grep "^$file " "$F/open")"
	done
	[[ ! -s $F/kallsyms || $(<"$F/kallsyms") == 0000000000000000* ]] ||
		violation "kernel addresses: $(<"$F/kallsyms")"
	! grep -q '[^:]$' "$F/sysdirs" || violation "sysfs: $(<"$F/sysdirs")"
}

@test "W-06 W-07: io_uring and userfaultfd are refused" {
	only_kanuki
	facts
	tried io_uring_setup io_uring_enter io_uring_register userfaultfd userfaultfd-user
}

@test "W-09 W-10 W-44: no namespace by any call, and none could be made" {
	only_kanuki
	facts
	tried unshare-user unshare-mount unshare-net clone-user clone-mount clone-high clone3-user \
		clone3-plain setns-user setns-mount
	[[ $(<"$F/max_user_namespaces") == 0 ]] ||
		violation "max_user_namespaces is $(<"$F/max_user_namespaces")"
}

@test "W-11 W-12: neither another ABI nor higher bits help" {
	only_kanuki
	facts
	tried socket-alg-high socket-vsock-high socket-vsock-high2 personality-high unshare-user-high
	[[ $(uname -m) != x86_64 ]] || tried x32-socket x32-getpid i386-socket i386-socketcall i386-getpid
}

@test "W-15: other processes can't be traced or read" {
	only_kanuki
	facts
	tried ptrace-init process_vm_readv kcmp pidfd_getfd
}

@test "W-16 R-18 R-20: what is written can't be executed or mapped for execution, in memory or on any mount" {
	only_kanuki
	facts
	grep -q 'EACCES\|EROFS\|EPERM' "$F/exec" || broken "nothing was tried: $(<"$F/exec")"
	! grep -q 'exec OK\|map-exec OK' "$F/exec" || violation "$(grep OK "$F/exec")"
	! grep -q 'exec OK\|map-exec OK' "$F/memfd" || violation "memfd: $(<"$F/memfd")"
	if [[ -e /proc/sys/vm/memfd_noexec ]]; then
		[[ $(<"$F/memfd_noexec") == 2 ]] || violation "memfd_noexec is $(<"$F/memfd_noexec")"
	fi
}

@test "W-16b: the runtime works where programs in memory files are restricted" {
	[[ -e /proc/sys/vm/memfd_noexec ]] || skip "the kernel has no vm.memfd_noexec"
	# In a pid namespace of its own: the value can only be raised.
	memfd_noexec() {
		local value
		for value in 1 2; do
			mk
			clear_results
			RC=0
			timeout -k 2 15 unshare -pf --mount-proc sh -c \
				"echo $value >/proc/sys/vm/memfd_noexec; exec \"\$@\"" sh "$RTX" \
				"${LEVEL_ARGS[@]}" --root "$W/state-noexec" run --bundle "$B" noexec \
				>"$W/stdout" 2>"$W/stderr" </dev/null 3>&- 4>&- || RC=$?
			settle
			# With 2 there can be no copy to run from, and none may be done without.
			if [[ $RT_KIND == kanuki && ( $value == 1 || $LEVEL == hardened ) ]]; then
				[[ $OUTCOME == ran ]] || violation "$value: $(<"$W/stderr")"
			fi
		done
	}
	each_level memfd_noexec
}

@test "W-17: no socket of a family that only widens the attack surface" {
	only_kanuki
	facts
	tried socket-alg socket-vsock socket-rxrpc socket-packet socket-raw socket-netlink-audit
}

@test "W-18: no upcall of the kernel can be redirected" {
	only_kanuki
	facts
	local file
	for file in /proc/sysrq-trigger /proc/sys/kernel/core_pattern /proc/sys/kernel/modprobe \
		/proc/sys/kernel/hotplug /sys/kernel/uevent_helper /proc/sys/vm/panic_on_oom \
		/proc/sys/fs/binfmt_misc/register; do
		! grep -q "^$file .*write=OK" "$F/open" || violation "$(grep "^$file " "$F/open")"
	done
}

# A root with every permission override but no CAP_SYS_ADMIN: what protects is the mount.
upcalls_as_root() {
	mk -s '/bin/probe open /proc/sysrq-trigger /proc/sys/kernel/core_pattern \
		/proc/sys/vm/panic_on_oom /proc/irq/0/smp_affinity >/res/result
		umount /proc/sys 2>/dev/null && echo "/proc/sys write=OK umounted" >>/res/result' \
		'.linux.readonlyPaths = ["/proc/sys", "/proc/sysrq-trigger", "/proc/irq"]' \
		'.process.capabilities |= map_values(["CAP_DAC_OVERRIDE", "CAP_KILL"])'
	launch
	must_run
	! grep -q 'write=OK' "$W/res/result" || violation "$(grep write=OK "$W/res/result")"
	grep -q core_pattern "$W/res/result" || broken "nothing was tried"
}

@test "W-18b: nor by root, where /proc/sys is read-only" {
	each_level upcalls_as_root
}

@test "W-21 W-45: the devices are the default set, and no other file system has devices" {
	only_kanuki
	facts
	local extra
	extra=$(awk 'NR > 1 && /^[cb]/ { print $NF }' "$F/dev" |
		grep -vx 'null\|zero\|full\|random\|urandom\|tty\|console\|ptmx') || true
	[[ -z $extra ]] || violation "devices: $extra"
	extra=$(awk '$5 != "/dev" && $5 !~ /^\/dev\/(null|zero|full|random|urandom|tty|pts|console)/ &&
		$6 !~ /nodev/ && $5 !~ /^\/(proc|sys)\// { print $5, $6 }' "$F/mountinfo")
	[[ -z $extra ]] || violation "devices would work on: $extra"
	tried mknod-mem
}

@test "W-22 W-23: one root, no way back to the old one" {
	only_kanuki
	facts
	[[ $(awk '$5 == "/"' "$F/mountinfo" | wc -l) -eq 1 ]] || violation "$(<"$F/mountinfo")"
	! grep -qi 'oldroot\|pivot' "$F/root" || violation "$(<"$F/root")"
	! grep -q "$THREATS_DIR.* / \|bats-run.* /old" "$F/mountinfo" || violation "$(<"$F/mountinfo")"
	tried chroot pivot_root mount
}

no_pivot() {
	mk -s 'cat /proc/self/mountinfo >/res/result; unshare -m true; chroot / true; ls / >/res/root'
	launch --no-pivot
	if [[ $OUTCOME == ran && $RT_KIND == kanuki ]]; then
		! is_hardened || violation "--no-pivot was taken under the default plan"
		[[ $(awk '$5 == "/"' "$W/res/result" | wc -l) -eq 1 ]] || violation "$(result)"
	fi
}

@test "W-22b: --no-pivot is refused by default" {
	each_level no_pivot
}

@test "W-24: no mount of the container is shared with or a slave of the host's" {
	only_kanuki
	facts
	! grep -q 'shared:\|master:' "$F/mountinfo" || violation "$(grep 'shared:\|master:' "$F/mountinfo")"
}

@test "W-26: nothing of the caller's environment" {
	only_kanuki
	facts
	! grep -rq "HOST-SECRET" "$F" || violation "$(grep -r HOST-SECRET "$F")"
	! grep -qv '^PATH=/bin$\|^GIVEN=1$\|^HOME=' "$F/environ" || violation "$(<"$F/environ")"
}

waiting_tells() {
	KT_SECRET=$SECRET
	export KT_SECRET
	mk '.process.env += ["INNER=1"]'
	create
	must_create
	! tr '\0' '\n' <"/proc/$PID/environ" | grep -q "$SECRET\|THREATS_DIR\|BATS" ||
		violation "environ: $(tr '\0' '\n' <"/proc/$PID/environ" | grep -m 3 "SECRET\|THREATS\|BATS")"
	! tr '\0' ' ' <"/proc/$PID/cmdline" | grep -q "$W" ||
		violation "cmdline: $(tr '\0' ' ' <"/proc/$PID/cmdline")"
	down
}

@test "W-26b W-27: the waiting process shows neither the caller's environment nor paths of the host" {
	only_kanuki
	each_level waiting_tells
}

@test "W-28: signals, scheduling, the limits that are forced and the rest are reset" {
	only_kanuki
	facts
	[[ $(fact SigIgn: status) == 0000000000000000 && $(fact SigBlk: status) == 0000000000000000 ]] ||
		violation "$(grep Sig "$F/status")"
	[[ $(fact Umask: status) == 0022 ]] || violation "umask $(fact Umask: status)"
	[[ $(fact pdeathsig) == 0 ]] || violation "pdeathsig $(fact pdeathsig)"
	[[ $(fact personality) == 0x0 ]] || violation "personality $(fact personality)"
	[[ $(fact sched) == 0 ]] || violation "scheduler $(fact sched)"
	[[ $(fact no_new_privs) == 1 ]] || violation "no_new_privs $(fact no_new_privs)"
	# Any other limit that the bundle doesn't name is the caller's, as with runc.
	grep -q '^Max core file size *0 *0 ' "$F/limits" || violation "$(grep core "$F/limits")"
	grep -q '^Max processes *1024 *1024 ' "$F/limits" || violation "$(grep processes "$F/limits")"
	grep -q '^Max nice priority *0 *0 ' "$F/limits" || violation "$(grep nice "$F/limits")"
	grep -q '^Max realtime priority *0 *0 ' "$F/limits" || violation "$(grep realtime "$F/limits")"
}

inherited_state() {
	mk '.process.args = ["/bin/probe", "leftovers"]'
	clear_results
	new_id
	RC=0
	# A caller that ignores and blocks signals, is nice, and has an odd personality and umask.
	timeout -k 2 15 sh -c 'trap "" PIPE INT HUP USR1; umask 077; exec setarch -R nice -n 5 "$@"' sh \
		"$RTX" "${LEVEL_ARGS[@]}" --root "$W/state-$LEVEL" run --bundle "$B" "$CID" \
		>"$W/stdout" 2>"$W/stderr" </dev/null 3>&- 4>&- || RC=$?
	[[ $RC -eq 0 ]] || broken "$(<"$W/stderr")"
	F=$W
	if [[ $RT_KIND == kanuki ]]; then
		[[ -z $(fact ignored stdout) ]] || violation "ignored signals: $(fact ignored stdout)"
		[[ $(fact personality stdout) == 0x0 ]] || violation "personality $(fact personality stdout)"
		[[ $(fact umask stdout) == 022 ]] || violation "umask $(fact umask stdout)"
	fi
}

@test "W-28b: whatever the caller's state was" {
	each_level inherited_state
}

@test "W-29 W-30: personality and file handles" {
	only_kanuki
	facts
	tried personality personality-high open_by_handle_at
}

fake_cgroupfs() {
	local dir=/sys/fs/cgroup/kt-$THREATS_RUN/fake
	mkdir -p "$dir"
	mount -t tmpfs fake "$dir"
	: >"$dir/cgroup.procs"
	mkdir "$dir/leaf"
	: >"$dir/leaf/cgroup.procs"
	mk ".linux.cgroupsPath = \"/kt-$THREATS_RUN/fake/leaf\""
	launch
	[[ $OUTCOME == refused || $RT_KIND != kanuki ]] || violation "a tmpfs was taken for a cgroup"
	[[ ! -s $dir/cgroup.procs && ! -s $dir/leaf/cgroup.procs || $RT_KIND != kanuki ]] ||
		violation "written to a false cgroup"
	umount "$dir"
	rmdir "$dir"
}

@test "W-31: what only looks like cgroupfs is not written" {
	each_level fake_cgroupfs
}

nested() {
	mk '.linux.cgroupsPath = null' 'del(.linux.cgroupsPath)' \
		'.linux.namespaces += [{ type: "user" }]
		| .linux.uidMappings = [{ containerID: 0, hostID: 0, size: 1 }]
		| .linux.gidMappings = [{ containerID: 0, hostID: 0, size: 1 }]'
	clear_results
	RC=0
	timeout -k 2 15 unshare -Urmpf --mount-proc "$RTX" "${LEVEL_ARGS[@]}" --root "$W/state-nested" \
		run --bundle "$B" nested >"$W/stdout" 2>"$W/stderr" </dev/null 3>&- 4>&- || RC=$?
	settle
	host_same
}

@test "W-34: inside a user namespace: a clean refusal or a start, nothing between" {
	each_level nested
}

args_of_all_kinds() {
	local kind want
	for kind in missing directory fifo noexec notthere relative; do
		mk '.process.args = ["/thing"]'
		case $kind in
		directory) mkdir "$B/rootfs/thing" ;;
		fifo) mkfifo -m 755 "$B/rootfs/thing" ;;
		noexec) echo '#!/bin/sh' >"$B/rootfs/thing" ;;
		notthere) printf '#!/no/such\n' >"$B/rootfs/thing"; chmod 755 "$B/rootfs/thing" ;;
		relative) edit '.process.args = ["thing"]' ;;
		esac
		RT_TIMEOUT=5 run_raw
		[[ $RC -ne 0 ]] || violation "args[0] is $kind: success"
		if [[ $RT_KIND == kanuki ]]; then
			grep -q thing "$W/stderr" || violation "the message names no path: $(<"$W/stderr")"
		fi
	done
	# A name is looked for in the container's PATH only.
	mk '.process.args = ["jq", "--version"]' '.process.env = ["PATH=/bin"]'
	run_raw
	[[ $RC -ne 0 ]] || violation "a program of the host was found"
	up
	RT_TIMEOUT=5 xc "$CID" /no/such
	[[ $RC -eq 127 || $RC -eq 255 || $RC -eq 1 ]] || violation "exec of nothing: $RC"
	mkfifo -m 755 "$B/rootfs/tmp/fifo"
	RT_TIMEOUT=5 xc "$CID" /tmp/fifo
	[[ $RC -ne 0 ]] || violation "exec of a FIFO"
	down
}

@test "W-35 W-36: args[0] of any kind ends at once, by the container's PATH only" {
	each_level args_of_all_kinds
}

config_replaced() {
	mk -s 'echo first >/res/result; sleep 5'
	create
	must_create
	jq '.process.args = ["/bin/sh", "-c", "echo second >/res/result"]
		| .process.user = { uid: 7, gid: 7 } | .hooks = { poststop: [{ path: "/bin/false" }] }' \
		"$B/config.json" >"$B/config.new"
	mv "$B/config.new" "$B/config.json"
	rt start "$CID" >"$W/stdout" 2>"$W/stderr" || broken "start: $(<"$W/stderr")"
	wait_for test -s "$W/res/result"
	[[ $(result) == first ]] || violation "start read the changed config.json"
	rm "$B/config.json"
	xc "$CID" /bin/id
	[[ $RC -eq 0 ]] || violation "exec needs config.json: $(<"$W/stderr")"
	rt delete --force "$CID" >"$W/stdout" 2>"$W/stderr" || violation "delete: $(<"$W/stderr")"
}

@test "W-38: config.json is read once, by create" {
	each_level config_replaced
}

idmapped_unsupported() {
	# proc can't be idmapped: the mount has to fail, not to go on unmapped.
	mk -s 'stat -c %u /in >/res/result' '.mounts += [{ destination: "/in", type: "bind",
		source: "/proc/sys", options: ["bind"],
		uidMappings: [{ containerID: 0, hostID: 100000, size: 65536 }],
		gidMappings: [{ containerID: 0, hostID: 100000, size: 65536 }] }]'
	launch
	must_refuse "an idmapped mount of procfs: $(result)"
}

@test "W-40: a mount that can't be idmapped is an error" {
	only_kanuki
	each_level idmapped_unsupported
}

recursive_readonly() {
	mkdir -p "$W/vol/sub"
	mount -t tmpfs sub "$W/vol/sub"
	chmod 777 "$W/vol" "$W/vol/sub"
	mk -s 'touch /in/x /in/sub/x 2>/dev/null; echo tried >/res/result' '.mounts += [{
		destination: "/in", type: "bind", source: $vol, options: ["rbind", "rro", "rnosuid",
		"rnodev", "rnoexec"] }]'
	launch
	if [[ $OUTCOME == ran && ( $RT_KIND == kanuki || -e $W/vol/sub/x ) ]]; then
		[[ ! -e $W/vol/x && ! -e $W/vol/sub/x ]] || {
			umount "$W/vol/sub"
			violation "a mount below was writable"
		}
	fi
	umount "$W/vol/sub"
	[[ $RT_KIND != kanuki ]] || must_run
}

@test "W-41: the recursive attributes reach the mounts below" {
	[[ $RT_KIND != runc ]] || skip "runc 1.1.5 has no rro"
	each_level recursive_readonly
}

notify_socket() {
	mk -s 'env >/res/result; ls -lA /run/notify >>/res/result 2>&1; cat /proc/self/mountinfo >>/res/result'
	NOTIFY_SOCKET=$W/notify.sock launch
	[[ $RC -eq 0 || $OUTCOME == refused ]] || broken "status $RC"
	if [[ $OUTCOME == ran ]]; then
		! grep -q "$W/notify.sock" "$W/res/result" || violation "the host's notify path is visible"
	fi
}

@test "W-25: the host's notification socket is not shown" {
	each_level notify_socket
}
