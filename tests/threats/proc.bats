# Writes that a runtime makes through /proc, and labels.

load harness

has_apparmor() { [[ $(cat /sys/module/apparmor/parameters/enabled 2>/dev/null) == Y ]]; }
has_selinux() { [[ -e /sys/fs/selinux/enforce ]]; }

# --- T-PROC-1 -----------------------------------------------------------------------------------

make_fake_proc() {
	local proc=$B/rootfs/proc file
	mkdir -p "$proc/self/attr/apparmor" "$proc/self/attr/selinux" "$proc/self/fd" \
		"$proc/self/task/1/attr" "$proc/sys/net/ipv4" "$proc/sys/kernel" "$proc/1"
	for file in self/attr/exec self/attr/apparmor/exec self/attr/keycreate self/attr/current \
		self/oom_score_adj self/setgroups self/uid_map self/gid_map self/timens_offsets \
		self/loginuid self/status sys/net/ipv4/ip_forward sys/net/ipv4/ping_group_range \
		sys/kernel/domainname sys/kernel/cap_last_cap 1/oom_score_adj; do
		echo fake >"$proc/$file"
	done
	ln -s self "$proc/thread-self"
	for file in {0..30}; do
		ln -s ../setgroups "$proc/self/fd/$file"
	done
	chmod -R a+rwX "$proc"
	(cd "$proc" && find . -type f -exec cksum {} + -o -printf '%p %y %l\n' | sort) >"$W/proc.before"
}

fake_proc_same() {
	(cd "$B/rootfs/proc" && find . -type f -exec cksum {} + -o -printf '%p %y %l\n' | sort) \
		>"$W/proc.after"
	cmp -s "$W/proc.before" "$W/proc.after" ||
		violation "written to the image's own /proc: $(diff "$W/proc.before" "$W/proc.after")"
}

PROC_WRITES='.process.oomScoreAdj = 123 | .hostname = "real"
	| .linux.sysctl = { "net.ipv4.ip_forward": "1" }'

look_alikes() {
	local terminal
	mk "$PROC_WRITES"
	create
	must_create
	down
	for terminal in false true; do
		mk "$PROC_WRITES" ".process.terminal = $terminal" \
			'.mounts |= map(select(.destination != "/proc"))'
		make_fake_proc
		if $terminal; then
			console_create
		else
			create
		fi
		fake_proc_same
		[[ $RC -eq 0 ]] || continue
		[[ $(<"/proc/$PID/oom_score_adj") == 123 ]] ||
			violation "oom_score_adj is $(<"/proc/$PID/oom_score_adj")"
		[[ $(nsenter -t "$PID" -n cat /proc/sys/net/ipv4/ip_forward) == 1 ]] ||
			violation "the sysctl was not set"
		rt start "$CID" >"$W/stdout" 2>"$W/stderr" || broken "start: $(<"$W/stderr")"
		fake_proc_same
		down
	done
}

@test "T-PROC-1 CVE-2025-52881 CVE-2025-62596: what looks like procfs is not written; the real values are set" {
	each_level look_alikes
}

# --- T-PROC-2 -----------------------------------------------------------------------------------

EXEC_PROCESS='{ user: { uid: 0, gid: 0 }, args: ["/bin/sleep", "20"], env: ["PATH=/bin"], cwd: "/",
	noNewPrivileges: true, oomScoreAdj: 321 }'

# Runs EXEC_PROCESS; prints the value that the host sees for it, or "refused".
exec_oom_score() {
	local pid
	jq -n "$EXEC_PROCESS" >"$W/process.json"
	xc --process "$W/process.json" --detach --pid-file "$W/exec.pid" "$CID"
	if [[ $RC -ne 0 ]]; then
		echo refused
		return
	fi
	pid=$(<"$W/exec.pid")
	cat "/proc/$pid/oom_score_adj"
	kill -KILL "$pid"
}

covered_proc() {
	local cover before after
	for cover in tmpfs bind; do
		up '.process.capabilities |= map_values(["CAP_SYS_ADMIN", "CAP_KILL"])'
		before=$(exec_oom_score)
		[[ $before != refused ]] || broken "exec: $(<"$W/stderr")"
		if [[ $RT_KIND == kanuki && $before != 321 ]]; then
			violation "exec's oom_score_adj is $before"
		fi
		case $cover in
		tmpfs) xc "$CID" /bin/sh -c 'mount -t tmpfs t /proc && mkdir -p /proc/self/attr &&
			for f in oom_score_adj attr/exec; do echo fake >/proc/self/$f; done &&
			ln -s self /proc/thread-self' ;;
		bind) xc "$CID" /bin/sh -c 'mount -o bind /proc/1/sched /proc/1/oom_score_adj' ;;
		esac
		if is_hardened; then
			[[ $RC -ne 0 ]] || violation "the payload may mount"
		elif [[ $RC -ne 0 && $cover == tmpfs ]]; then
			broken "the attack could not be mounted: $(<"$W/stderr")"
		fi
		after=$(exec_oom_score)
		[[ $after == refused || $after == "$before" ]] ||
			violation "$cover: oom_score_adj is $after, was $before"
		if ! has_apparmor; then
			xc --apparmor some-profile "$CID" /bin/id
			[[ $(<"$W/stdout") != *uid=* ]] ||
				violation "$cover: run without the label that was asked for"
		fi
		down
	done
}

@test "T-PROC-2 CVE-2025-52881 CVE-2015-1334: a /proc covered from inside does not redirect exec" {
	each_level covered_proc
}

# --- T-LSM-1 ------------------------------------------------------------------------------------

missing_lsm() {
	baseline
	if ! has_apparmor; then
		mk '.process.apparmorProfile = "kanuki-threats"'
		launch
		must_refuse "AppArmor profile without AppArmor"
		mk '.process.apparmorProfile = "unconfined_foo"'
		launch
		must_refuse "a profile that only begins like 'unconfined'"
	fi
	if ! has_selinux; then
		mk '.process.selinuxLabel = "system_u:system_r:container_t:s0:c1,c2"'
		launch
		must_refuse "SELinux label without SELinux"
		mk '.linux.mountLabel = "system_u:object_r:container_file_t:s0:c1,c2"'
		launch
		must_refuse "SELinux mount label without SELinux"
	fi
}

@test "T-LSM-1a: a label that can't be applied is an error, not a warning" {
	if has_apparmor && has_selinux; then
		skip "both AppArmor and SELinux are active"
	fi
	each_level missing_lsm
}

label_seen_by_host() {
	local profile=kanuki-threats userns
	for userns in '.' "$USERNS"; do
		mk -s 'exec sleep 20' "$userns" ".process.apparmorProfile = \"$profile\""
		create
		must_create
		rt start "$CID" || broken "start"
		wait_for grep -q sleep "/proc/$PID/comm"
		[[ $(<"/proc/$PID/attr/current") == "$profile "* ]] ||
			violation "label $(<"/proc/$PID/attr/current")"
		xc --detach --pid-file "$W/exec.pid" "$CID" /bin/sleep 20
		[[ $(<"/proc/$(<"$W/exec.pid")/attr/current") == "$profile "* ]] ||
			violation "exec's label $(<"/proc/$(<"$W/exec.pid")/attr/current")"
		down
	done
}

@test "T-LSM-1b: the AppArmor label is the one asked for, for run and exec, with and without a user namespace" {
	has_apparmor || skip "AppArmor is not active"
	command -v apparmor_parser >/dev/null || skip "no apparmor_parser"
	echo 'profile kanuki-threats flags=(attach_disconnected) { file, capability, signal, network, mount, }' |
		apparmor_parser -r
	each_level label_seen_by_host
}
