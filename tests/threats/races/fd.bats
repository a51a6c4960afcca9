# Races for the runtime's program and descriptors while it enters a container.

load race

# Nothing is exchanged here: there are no steps to take.
no_steps() { [[ $RACE_LEVEL != L2 ]] || skip "nothing is exchanged"; }

# A container whose first process pounces on every process that joins it.
watcher() {
	mk "$1" '.process.args = ["/bin/thief", "watch", "170"]'
	printf '#!/proc/self/exe\n' >"$B/rootfs/bin/reexec"
	chmod 755 "$B/rootfs/bin/reexec"
	create
	must_create
	cp "$W/pid" "$W/watcher.pid"
	rt start "$CID" 2>"$W/stderr" || broken "start: $(<"$W/stderr")"
	wait_for grep -q watching "$W/stdout"
	mv "$W/stdout" "$W/watch.out"
}

watcher_ends() {
	: >"$W/res/stop"
	wait_for grep -q 'thief: done' "$W/watch.out"
	awk '/thief: done/ { exit !($4 > 0) }' "$W/watch.out" || broken "nobody was seen"
	sed -n 's/^thief: done/# thief/p' "$W/watch.out" >&3
	down
}

EXEC_CALLS=execve,execveat,setns,openat,openat2,prctl,fcntl,close_range,capset,write,clone,clone3

race_exec() {
	if [[ $RACE_LEVEL == L1 ]]; then
		RT_PREFIX="strace -f -qq -o /dev/null -e trace=none -e inject=$EXEC_CALLS"
		RT_PREFIX+=":delay_enter=$RACE_DELAY_US"
	fi
	RC=0
	rt exec "$CID" "$PROGRAM" >"$W/exec.out" 2>&1 </dev/null || RC=$?
	RT_PREFIX=''
	[[ $RC -ne 124 && $RC -ne 137 ]] || violation "exec hung"
	RAN=$((RAN + 1))
}

reexec_race() {
	race_setup
	no_steps
	watcher ".process.capabilities |= map_values($ENGINE_CAPS + [\"CAP_SYS_PTRACE\"])"
	PROGRAM=/bin/reexec
	race T-FD-1r race_exec
	watcher_ends
	! grep -q 'granted write' "$W/watch.out" || violation "$(grep 'granted write' "$W/watch.out")"
	runtime_same
}

@test "T-FD-1r CVE-2019-5736: exec of the runtime's own program, against root with CAP_SYS_PTRACE" {
	each_level reexec_race
}

steal_race() {
	race_setup
	no_steps
	watcher ".process.capabilities |= map_values($ENGINE_CAPS)"
	PROGRAM=/bin/true
	race T-FD-2r race_exec
	watcher_ends
	! grep -q '^granted' "$W/watch.out" || violation "$(grep -m 3 '^granted' "$W/watch.out")"
	grep -q 'exe-opened 0 ' "$W/watch.out" || violation "$(tail -n 1 "$W/watch.out")"
}

@test "T-FD-2r CVE-2016-9962: what enters a container by exec is never open to its root" {
	each_level steal_race
}
