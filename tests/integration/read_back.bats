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

@test "H-90: prlimit64 that did nothing" {
	lied prlimit64 'resource limit'
}

@test "H-90: a filter that was not loaded" {
	lied seccomp 'seccomp'
}

@test "H-12: an unshare that did nothing is found before the maps are written" {
	script 'echo ran'
	PREFIX="strace -f -qq -o $W/trace -e inject=unshare:retval=0"
	LIMIT=30 go
	PREFIX=
	refused 'user namespace'
	grep -q 'unshare.*INJECTED' "$W/trace"
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
