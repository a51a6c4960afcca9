#!/usr/bin/env bats
# H-60, H-61: the cgroup. pids.max itself is tested where the host has the controller (tests/vm).
load helpers

@test "H-60: 1024 processes, whatever the bundle asks: EAGAIN" {
	inside 'ulimit -u; inside fork 1100' '.process.rlimits = [{type: "RLIMIT_NPROC", soft: 100000, hard: 100000}]'
	has 1024
	has EAGAIN
	[ "$(sed -n 's/ EAGAIN//p' <<< "$output")" -lt 1024 ]
}

@test "H-60: a lower limit of the bundle's stays" {
	inside 'ulimit -u; inside fork 100' '.process.rlimits = [{type: "RLIMIT_NPROC", soft: 50, hard: 50}]'
	is $'50\n48 EAGAIN' "$(sed 's/^4[5-9] EAGAIN/48 EAGAIN/' <<< "$output")"
}

@test "H-60: it counts for this container alone" {
	up '.process.rlimits = [{type: "RLIMIT_NPROC", soft: 20, hard: 20}]'
	k exec "$ID" inside fork 100 | grep EAGAIN
	script 'inside fork 15' '.process.rlimits = [{type: "RLIMIT_NPROC", soft: 20, hard: 20}]'
	run --separate-stderr k run --bundle "$B" "$ID-2" < /dev/null
	is '15 all'
}

@test "H-60: RLIMIT_NPROC can't be raised: EPERM" {
	inside 'inside rlimit 6 2000 2000'
	is EPERM
}

@test "H-60: update can't lift it" {
	up
	run --separate-stderr k update --pids-limit -1 "$ID"
	# Where the host has no pids controller an update that asks for one is an error that names it.
	if [ "$status" = 0 ]; then
		is 1024 "$(cat "/sys/fs/cgroup/kanuki/$ID/pids.max")"
	else
		has pids "$stderr"
	fi
}

@test "H-60: a limit of the bundle's that the host can't apply is an error that names the controller" {
	grep -qw pids /sys/fs/cgroup/cgroup.controllers && skip "this host has the pids controller"
	bundle '.linux.resources.pids = {limit: 10}'
	go
	refused pids
	[ ! -e "/sys/fs/cgroup/kanuki/$ID" ]
}

@test "H-61: cgroupfs is the container's own part and read-only, whatever the bundle says" {
	up '.mounts |= map(if .type == "cgroup" then .options -= ["ro"] | .options += ["rw"] else . end)'
	is 'cgroup2 ro nosuid nodev noexec' "$("$ORACLE" "/proc/$PID/mountinfo" /sys/fs/cgroup | cut -d' ' -f2,3,5-7)"
	run --separate-stderr k exec "$ID" sh -c 'cat /proc/self/cgroup; cat /sys/fs/cgroup/cgroup.procs | head -1
		inside write /sys/fs/cgroup/cgroup.procs 0; mkdir /sys/fs/cgroup/x 2>&1'
	has '0::/'
	hasnt kanuki
	has 'Read-only file system'
	hasnt $'\n0\n'
}

@test "H-61: nobody inside owns the cgroup" {
	up '.linux.cgroupsPath = "/kanuki/'"$ID"'"' '.process.user.uid = 5'
	is '0 0' "$(stat -c '%u %g' "/sys/fs/cgroup/kanuki/$ID/cgroup.procs")"
	is '0 0' "$(stat -c '%u %g' "/sys/fs/cgroup/kanuki/$ID")"
}

@test "H-61: builtin:oci gives a writable one (control)" {
	LEVEL=oci
	inside 'mkdir /sys/fs/cgroup/x && rmdir /sys/fs/cgroup/x && echo made' \
		'.mounts |= map(if .type == "cgroup" then .options -= ["ro"] | .options += ["rw"] else . end)'
	is made
}

@test "a container with 1500 cgroups, and 1500 within one another, is listed, signalled and removed with 64 descriptors" {
	local top deep
	up
	top=/sys/fs/cgroup/kanuki/$ID
	mkdir "$top"/w{1..1500}
	mkdir -p "$top/$(printf 'd/%.0s' {1..1500})"
	sleep 1000 > /dev/null 2>&1 3>&- 4>&- &
	deep=$!
	echo $! > "$top/$(printf 'd/%.0s' {1..1500})cgroup.procs"
	sleep 1000 > /dev/null 2>&1 3>&- 4>&- &
	BACKGROUND="$! $deep"
	echo $! > "$top/w1234/cgroup.procs"
	run --separate-stderr bash -c 'ulimit -n 64; exec "$@"' - "$KANUKI" --root "$ROOT" ps --format json "$ID"
	succeeded
	is "$(printf '%s\n' "$PID" "$deep" $! | sort -n)" "$(jq '.[]' <<< "$output" | sort -n)"
	run --separate-stderr bash -c 'ulimit -n 64; exec "$@"' - "$KANUKI" --root "$ROOT" kill --all "$ID" USR1
	succeeded
	run --separate-stderr bash -c 'ulimit -n 64; exec "$@"' - "$KANUKI" --root "$ROOT" delete --force "$ID"
	succeeded
	[ ! -e "$top" ]
}

# busy: the parent's processes keep a controller from being handed on; that is what the kernel says then.
busy() {
	PREFIX="strace -f -qq -o $W/trace -P /sys/fs/cgroup/cgroup.subtree_control -e trace=write -e inject=write:error=EBUSY"
	LIMIT=30 go
	PREFIX=
	grep -q 'write.*INJECTED' "$W/trace"
}

@test "a parent that is busy stops a start whose limit was asked for" {
	grep -qw hugetlb /sys/fs/cgroup/cgroup.controllers || skip "this host has no hugetlb controller"
	bundle '.linux.resources.hugepageLimits = [{pageSize: "2MB", limit: 0}]' '.process.args = ["/bin/true"]'
	busy
	refused "controller 'hugetlb' can't be enabled for containers: the parent cgroup holds processes itself"
}
