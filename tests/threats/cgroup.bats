# The cgroup file system and what a container can do through it.

load harness

CGROUP_MOUNT='.mounts += [
	{ destination: "/sys", type: "sysfs", source: "sysfs", options: ["nosuid", "noexec", "nodev", "ro"] },
	{ destination: "/sys/fs/cgroup", type: "cgroup", source: "cgroup",
	  options: ["nosuid", "noexec", "nodev", "relatime", "ro"] }]'

# --- T-CG-1 -------------------------------------------------------------------------------------

cgroup_is_readonly() {
	local variant
	for variant in . '.linux.namespaces += [{ type: "cgroup" }]' "$USERNS" \
		"$USERNS | .linux.namespaces += [{ type: \"cgroup\" }]"; do
		mk -s 'mkdir /sys/fs/cgroup/x && echo made >/res/result
			find /sys/fs/cgroup -name cgroup.procs >/res/seen
			for f in $(cat /res/seen); do echo $$ >$f && echo moved >>/res/result; done
			cat /proc/self/mountinfo >/res/mountinfo' \
			"$CGROUP_MOUNT" "$variant" \
			'.process.capabilities |= map_values(["CAP_DAC_OVERRIDE", "CAP_KILL"])'
		launch
		if is_hardened && [[ $OUTCOME == refused && $variant == *user* ]]; then
			continue
		fi
		must_run
		[[ -z $(result) ]] || violation "cgroupfs was written: $(result) ($variant)"
		# What counts is the mount on top.
		awk '$5 ~ /^\/sys\/fs\/cgroup/ { last[$5] = $6 }
			END { for (at in last) if (last[at] !~ /(^|,)ro(,|$)/) print at, last[at] }' \
			"$W/res/mountinfo" >"$W/writable"
		[[ ! -s $W/writable ]] || violation "mounted writable: $(<"$W/writable") ($variant)"
	done
}

@test "T-CG-1 CVE-2023-25809: the container's cgroupfs is read-only, in a user namespace too" {
	each_level cgroup_is_readonly
}

# --- T-CG-2 -------------------------------------------------------------------------------------

release_agent() {
	mk -s '/bin/probe try release-agent unshare-user >/res/result
		find / -xdev -name release_agent 2>/dev/null | while read -r f; do
			echo x >$f && echo "wrote $f"; done >/res/agents
		find /sys/fs/cgroup -name "release_agent" -o -name "notify_on_release" >>/res/agents' \
		"$CGROUP_MOUNT" '.linux.namespaces += [{ type: "cgroup" }]'
	launch
	must_run
	grep -q '^release-agent' "$W/res/result" || broken "no attempt was made"
	! grep -q '^release-agent OK' "$W/res/result" || violation "release_agent was opened for writing"
	[[ ! -s $W/res/agents ]] || violation "$(<"$W/res/agents")"
	if is_hardened; then
		! grep -q '^unshare-user OK' "$W/res/result" || violation "a user namespace was made"
	fi
}

@test "T-CG-2 CVE-2022-0492 W-19: no version 1 hierarchy, no release_agent" {
	each_level release_agent
}

# --- T-CG-3 -------------------------------------------------------------------------------------

foreign_cgroups() { find /sys/fs/cgroup -name '*kt-outside*' -type d; }

cgroup_paths() {
	local path
	for path in ../../kt-outside /../kt-outside ../kt-outside /x/../../kt-outside a:b:c:d \
		'kt-outside\nx' '/kt-outside\u0000' '/./../kt-outside' \
		'kt-outside/../../..'; do
		mk ".linux.cgroupsPath = \"$path\""
		launch
		[[ -z $(foreign_cgroups) ]] || violation "'$path' made $(foreign_cgroups)"
		if [[ $RT_KIND == kanuki ]]; then
			must_refuse "cgroupsPath '$path'"
		fi
	done
	mk '.linux.cgroupsPath = "/" + "a" * 10000'
	launch
	must_refuse "a cgroupsPath of 10000 bytes"
}

@test "T-CG-3a: a cgroupsPath can't climb" {
	each_level cgroup_paths
}

exec_cgroups() {
	local path own pid
	up
	own=$(cut -d: -f3 "/proc/$PID/cgroup" | tail -n 1)
	# What an escape would join is there already.
	mkdir -p "/sys/fs/cgroup$own/../outside-$LEVEL" "/sys/fs/cgroup$own/foo"
	for path in "../outside-$LEVEL" "./../outside-$LEVEL" foo/.. "foo/../../outside-$LEVEL" \
		"/../outside-$LEVEL" "$(printf '../%.0s' {1..20})kt-$THREATS_RUN/outside-$LEVEL" \
		"/kt-$THREATS_RUN/outside-$LEVEL" ..; do
		rm -f "$W/exec.pid"
		xc --cgroup "$path" --detach --pid-file "$W/exec.pid" "$CID" /bin/sleep 20
		if [[ $RC -eq 0 ]]; then
			pid=$(<"$W/exec.pid")
			[[ $(cut -d: -f3 "/proc/$pid/cgroup" | tail -n 1) == "$own"* ]] ||
				violation "'$path' joined $(tail -n 1 "/proc/$pid/cgroup")"
			kill -KILL "$pid"
		fi
		if [[ $RT_KIND == kanuki && $path == *..* ]]; then
			[[ $RC -ne 0 ]] || violation "exec --cgroup '$path' was taken"
		fi
	done
	down
}

@test "T-CG-3b: nor can exec --cgroup" {
	each_level exec_cgroups
}

# --- T-CG-5 -------------------------------------------------------------------------------------

# confinement PID: what exec must share with init, as the host sees it.
confinement() {
	local ns
	awk '/^(Cap|NoNewPrivs|Seccomp:|Groups|Uid|Gid|Umask|SigIgn|SigBlk|Cpus_allowed_list|Speculation)/' \
		"/proc/$1/status"
	cat "/proc/$1/cgroup" "/proc/$1/oom_score_adj" "/proc/$1/personality"
	cat "/proc/$1/attr/current" 2>/dev/null || echo "no label"
	for ns in cgroup ipc mnt net pid uts user time; do
		readlink "/proc/$1/ns/$ns"
	done
	stat -Lc %d:%i "/proc/$1/root"
	# A limit on pending signals or files is the same; the table's spacing is not.
	awk '{ $1 = $1; print }' "/proc/$1/limits"
}

exec_like_init() {
	local pid
	mk -s 'exec sleep 60' '.process.oomScoreAdj = 77 | .process.user.umask = 23
		| .process.rlimits = [{ type: "RLIMIT_NOFILE", soft: 100, hard: 200 },
				      { type: "RLIMIT_CORE", soft: 0, hard: 0 }]
		| .linux.personality = { domain: "LINUX" }
		| .linux.seccomp = { defaultAction: "SCMP_ACT_ALLOW",
			syscalls: [{ names: ["acct"], action: "SCMP_ACT_ERRNO" }] }'
	create
	must_create
	rt start "$CID" >"$W/stdout" 2>"$W/stderr" || broken "start: $(<"$W/stderr")"
	wait_for grep -q sleep "/proc/$PID/comm"
	xc --detach --pid-file "$W/exec.pid" "$CID" /bin/sleep 30
	[[ $RC -eq 0 ]] || broken "exec: $(<"$W/stderr")"
	pid=$(<"$W/exec.pid")
	wait_for grep -q sleep "/proc/$pid/comm"
	confinement "$PID" >"$W/init.conf"
	confinement "$pid" >"$W/exec.conf"
	cmp -s "$W/init.conf" "$W/exec.conf" ||
		violation "exec differs from init: $(diff "$W/init.conf" "$W/exec.conf")"
	[[ $(awk '/^Seccomp_filters/ { print $2 }' "/proc/$pid/status") -ge \
		$(awk '/^Seccomp_filters/ { print $2 }' "/proc/$PID/status") ]] ||
		violation "exec has fewer filters than init"
	grep -q '^Seccomp:[[:space:]]2' "/proc/$pid/status" || violation "exec has no filter"
	down
}

@test "T-CG-5 CVE-2019-10144 CVE-2019-10145 CVE-2019-10147 CVE-2025-47291: exec is confined like the container's first process" {
	each_level exec_like_init
}

# --- T-CG-6 -------------------------------------------------------------------------------------

gone_within() {
	local i
	for ((i = 0; i < $1 * 20; i++)); do
		! is_dead "$PID" || return 0
		sleep 0.05
	done
	return 1
}

kill_when_paused() {
	up
	rt pause "$CID" >"$W/stdout" 2>"$W/stderr" || broken "pause: $(<"$W/stderr")"
	RC=0
	rt kill --all "$CID" KILL >"$W/stdout" 2>"$W/stderr" || RC=$?
	[[ $RC -ne 124 ]] || violation "kill hung"
	if ! gone_within 5; then
		# A runtime may leave it frozen, but then it has to say so.
		[[ $RC -ne 0 ]] || violation "killed, it says, but still there"
		rt resume "$CID" || true
	fi
	RC=0
	rt delete --force "$CID" >"$W/stdout" 2>"$W/stderr" || RC=$?
	[[ $RC -eq 0 ]] || violation "delete --force of a paused container: $(<"$W/stderr")"
	gone_within 5 || violation "the container's process survived its deletion"
}

@test "T-CG-6a: a paused container can be killed and deleted" {
	each_level kill_when_paused
}

fork_bomb() {
	local cgroup start
	# Bounded: this machine may have no pids controller.
	mk -s 'i=0; while [ $i -lt 300 ]; do (while :; do /bin/true; done) & i=$((i + 1)); done; wait'
	create
	must_create
	cgroup=/sys/fs/cgroup$(cut -d: -f3 "/proc/$PID/cgroup" | tail -n 1)
	rt start "$CID" >"$W/stdout" 2>"$W/stderr" || broken "start: $(<"$W/stderr")"
	sleep 0.5
	start=$SECONDS
	RC=0
	rt delete --force "$CID" >"$W/stdout" 2>"$W/stderr" || RC=$?
	[[ $RC -eq 0 ]] || violation "delete failed: $(<"$W/stderr")"
	[[ $((SECONDS - start)) -le 10 ]] || violation "delete took $((SECONDS - start)) s"
	[[ ! -d $cgroup ]] || violation "the cgroup is still there"
	gone_within 1 || violation "the container's process survived"
}

@test "T-CG-6b: deletion in the middle of a fork bomb ends within ten seconds" {
	each_level fork_bomb
}
