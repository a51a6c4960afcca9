#!/usr/bin/env bats
# H-90: the kernel is asked what it did. strace makes system calls "succeed" without being made; the start must then end before
# the container's program has run. A run under strace without injection comes first: what fails here fails for that reason.
load helpers

# lied CALLS TEXT [WHEN] [FILTER...]: run with CALLS injected. TEXT is what the refusal must say.
lied() {
	local calls=$1 text=$2 when=${3:+:when=$3}
	shift 2
	[ $# = 0 ] || shift
	script "echo ran > /data/ran; echo ran" '.mounts += [{destination: "/data", type: "bind", source: ($w + "/vol"), options: ["rbind", "rw"]}]' "$@"
	PREFIX="strace -f -qq -o $W/trace -e trace=$calls${ALSO:+,$ALSO} -e inject=$calls:retval=0$when ${ALSO:+-e inject=$ALSO:retval=0}"
	LIMIT=30 go
	PREFIX=
	[ ! -e "$W/vol/ran" ] && [ "$output" = '' ] || { echo "it ran"; show; tail -5 "$W/trace"; return 1; }
	[ "$status" = 1 ] || { show; return 1; }
	has H-90 "$stderr"
	has "$text" "$stderr"
	grep -q INJECTED "$W/trace" || { echo "nothing was injected"; return 1; }
	[ ! -e "$ROOT/$ID" ] && [ ! -e "/sys/fs/cgroup/kanuki/$ID" ] || { echo "something remains"; return 1; }
}

test_begin() {
	mkdir -m 777 "$W/vol"
}

@test "H-90: under strace without lies it runs (control)" {
	script 'echo ran > /data/ran' '.mounts += [{destination: "/data", type: "bind", source: ($w + "/vol"), options: ["rbind", "rw"]}]'
	PREFIX="strace -f -qq -o $W/trace -e trace=capset"
	LIMIT=30 go
	[ "$status" = 0 ] && [ -e "$W/vol/ran" ]
}

@test "H-90: capset that did nothing" {
	lied capset 'capability set'
}

@test "H-90: personality that did nothing" {
	lied personality 'the personality is 0x0, the plan has 0x8' 1 '.linux.personality = {domain: "LINUX32"}'
}

# which_prctl PATTERN: the number of the first such prctl among those of the process that becomes the container, for strace's when=.
which_prctl() {
	script 'true'
	PREFIX="strace -f -o $W/all -e trace=prctl"
	go
	PREFIX=
	local pid
	pid=$(awk '/PR_SET_SECUREBITS/ { print $1; exit }' "$W/all")
	grep "^$pid .*prctl(" "$W/all" | grep -n "$1" | head -1 | cut -d: -f1
}

@test "H-90: prctl(PR_CAPBSET_DROP) that did nothing" {
	lied prctl 'bounding capability set' "$(which_prctl PR_CAPBSET_DROP)"
}

@test "H-90: prctl(PR_SET_SECUREBITS) that did nothing" {
	lied prctl 'securebits are' "$(which_prctl PR_SET_SECUREBITS)"
}

@test "H-90: prctl(PR_SET_NO_NEW_PRIVS) that did nothing" {
	# Landlock would notice it first: it is lied about as well.
	ALSO=landlock_restrict_self
	lied prctl 'no_new_privs is off' "$(which_prctl PR_SET_NO_NEW_PRIVS)"
}

@test "H-90: setresuid that did nothing" {
	lied setresuid 'user is'
}

@test "H-90: setresgid that did nothing" {
	lied setresgid 'group is'
}

@test "H-90: setgroups that did nothing" {
	lied setgroups 'supplementary groups' '' '.process.user.additionalGids = [5]'
}

@test "H-90: mount_setattr that did nothing" {
	lied mount_setattr ''
}

# Each attaching of a mount in turn, but the last one, which puts our own procfs away.
@test "H-90: no move_mount may do nothing" {
	local total nth # bats's run has an i of its own
	script 'true'
	PREFIX="strace -f -qq -o $W/all -e trace=move_mount" go
	succeeded
	total=$(grep -c 'move_mount(' "$W/all")
	[ "$total" -gt 15 ]
	for ((nth = 1; nth < total; nth++)); do
		script 'echo ran'
		PREFIX="strace -f -qq -o $W/trace -e trace=move_mount -e inject=move_mount:retval=0:when=$nth" LIMIT=30 go
		grep -q INJECTED "$W/trace"
		refused "" || { sed -n "${nth}p" "$W/all"; return 1; }
	done
}

# behind TEXT COMMAND...: the start is held after it has entered its root, while COMMAND changes its mounts.
behind() {
	local text=$1 i
	shift
	script 'echo ran'
	strace -f -qq -o "$W/trace" -e trace=sethostname -e inject=sethostname:delay_enter=3s \
		"$KANUKI" --root "$ROOT" --policy builtin:sandbox run --bundle "$B" "$ID" < /dev/null > "$W/out" 2> "$W/err" 3>&- 4>&- &
	for ((i = 0; i < 200; i++)); do
		PID=$(head -1 "/sys/fs/cgroup/kanuki/$ID/cgroup.procs" 2> /dev/null) || :
		[ -n "$PID" ] && grep -q ' /proc/sys ' "/proc/$PID/mountinfo" && ! grep -q ' /home ' "/proc/$PID/mountinfo" &&
			[ "$(readlink "/proc/$PID/cwd")" = / ] && [ "$(grep -c . "/proc/$PID/mountinfo")" -lt 60 ] && break
		sleep 0.01
	done
	sleep 0.2
	nsenter -t "$PID" -m -p "$@"
	wait $! && return 1
	is '' "$(cat "$W/out")"
	has "$text" "$(cat "$W/err")"
}

@test "H-90: a mount that the plan doesn't have" {
	behind "H-90: '/mnt' is mounted and the plan has no such mount" \
		/bin/busybox mount -t tmpfs -o ro,nosuid,nodev,noexec none /mnt
}

@test "H-90: a mount over one of the plan's" {
	behind "H-90: mount '/dev/shm' is another one than was planned" \
		/bin/busybox mount -t ramfs -o nosuid,nodev,noexec none /dev/shm
}

@test "H-90 H-30: a mask that is gone" {
	behind "H-90, H-30: nothing is mounted on '/proc/keys'" /bin/busybox umount /proc/keys
}

@test "H-90 H-30: a mask that shows what it covers" {
	behind "H-90, H-30: '/proc/keys' is not masked" /bin/busybox sh -c \
		'umount /proc/keys && mount --bind /proc/keys /proc/keys && mount -o remount,bind,ro,nosuid,noexec,nodev /proc/keys'
}

@test "H-90 H-31: a read-only path that is writable again" {
	behind "H-90, H-31: '/proc/sys' is not read-only" \
		/bin/busybox mount -o remount,bind,rw,nosuid,nodev,noexec /proc/sys
}

@test "H-90: a planned mount that lost an attribute" {
	behind "H-90: mount '/dev' is not read-only" /bin/busybox mount -o remount,bind,rw,nosuid,nodev,noexec /dev
}

@test "H-90: mounts that came with the root, and those of hooks, may stay" {
	own_image
	mkdir "$IMAGE/came" "$IMAGE/hooked"
	mount -t tmpfs -o ro,nosuid,nodev,noexec none "$IMAGE/came"
	printf '#!/bin/sh\nexec nsenter -t $(jq .pid) -m mount -t tmpfs -o ro,nosuid,nodev,noexec none "%s/hooked"\n' "$IMAGE" > "$W/hook"
	chmod 755 "$W/hook"
	inside 'grep -c -e "^none /came " -e "^none /hooked " /proc/mounts' '.hooks.createRuntime = [{path: ($w + "/hook")}]'
	is 2
	inside 'grep -c "^none /came " /proc/mounts'
	umount "$IMAGE/came"
	is 1
}

@test "H-90: mounts within a recursive bind" {
	mkdir -m 755 "$W/vol/sub"
	mount -t tmpfs -o ro none "$W/vol/sub"
	inside 'grep -c " /data" /proc/mounts' '.mounts += [{destination: "/data", type: "bind", source: ($w + "/vol"), options: ["rbind", "rw"]}]'
	umount "$W/vol/sub"
	is 2
}

@test "H-90: a mount on a link of the image" {
	own_image
	mkdir "$IMAGE/real"
	ln -s real "$IMAGE/link"
	inside 'grep -c " /real " /proc/mounts' '.mounts += [{destination: "/link", type: "tmpfs", source: "tmpfs"}]' \
		'.linux.maskedPaths += ["/link/none"]'
	is 1
}

@test "H-90: prlimit64 that did nothing" {
	lied prlimit64 'resource limit'
}

@test "H-90: a filter that was not loaded" {
	lied seccomp 'seccomp'
}

# The runtime makes the network namespace and comes back, the child enters it: neither does.
@test "H-90: setns that did nothing" {
	lied setns 'net namespace'
}

# The first of each process: the runtime's is that of the network namespace.
@test "H-90: unshare(CLONE_NEWNET) that did nothing" {
	lied unshare 'net namespace' 1
}

# The child would be quick enough to forbid user namespaces to the host if it didn't wait for the runtime's word, which comes late.
# Only where root has CAP_SYS_RESOURCE, which the limit asks for, could that be seen; with it the test failed.
@test "H-12: an unshare that did nothing is found before the maps are written, and H-13 isn't written for the host" {
	local before
	before=$(< /proc/sys/user/max_user_namespaces)
	script 'echo ran'
	PREFIX="strace -f -qq -o $W/trace -e trace=unshare,recvmsg -e inject=unshare:retval=0 -e inject=recvmsg:delay_exit=200000"
	LIMIT=30 go
	PREFIX=
	refused 'user namespace'
	grep -q 'unshare.*INJECTED' "$W/trace"
	grep -q 'recvmsg' "$W/trace"
	if [ "$before" != "$(< /proc/sys/user/max_user_namespaces)" ]; then
		echo "$before" > /proc/sys/user/max_user_namespaces
		echo "the host's limit was changed"
		return 1
	fi
}

@test "H-90: a pivot_root that did nothing" {
	script 'echo ran'
	PREFIX="strace -f -qq -o $W/trace -e inject=pivot_root:retval=0"
	LIMIT=30 go
	PREFIX=
	refused ''
	grep -q 'pivot_root.*INJECTED' "$W/trace"
}

@test "H-90: exec reads back, too" {
	up
	PREFIX="strace -f -qq -o $W/trace -e inject=setresuid:retval=0"
	LIMIT=30 run --separate-stderr k exec "$ID" sh -c 'echo ran'
	PREFIX=
	[ "$status" = 255 ]
	is ''
	has 'H-90: user is' "$stderr"
}
