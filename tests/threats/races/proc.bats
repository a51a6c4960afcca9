# Writes through /proc while /proc is exchanged for a look-alike.

load race

proc_run() {
	local pid i
	clear_results
	new_id
	RC=0
	rm -f "$W/pid"
	RT_PREFIX="$RACE_PREFIX" rt run --bundle "$B" --pid-file "$W/pid" "$CID" >"$W/stdout" \
		2>"$W/stderr" </dev/null &
	local job=$!
	for ((i = 0; i < 1200; i++)); do
		[[ ! -e $W/res/ran || ! -s $W/pid ]] || break
		kill -0 "$job" 2>/dev/null || break
		sleep 0.02
	done
	if [[ -e $W/res/ran ]]; then
		RAN=$((RAN + 1))
		pid=$(<"$W/pid")
		[[ $(<"/proc/$pid/oom_score_adj") == 123 ]] ||
			violation "run $RUN: oom_score_adj is $(<"/proc/$pid/oom_score_adj")"
		[[ $(nsenter -t "$pid" -n cat /proc/sys/net/ipv4/ip_forward) == 1 ]] ||
			violation "run $RUN: the sysctl was not set"
		: >"$W/res/go"
	else
		REFUSED=$((REFUSED + 1))
	fi
	wait "$job" || RC=$?
	[[ $RC -ne 124 && $RC -ne 137 ]] || violation "run $RUN: hung"
	(cd "$W/vol/fake" && find . -type f -exec cksum {} + | sort) | cmp -s "$W/fake.before" - ||
		violation "run $RUN: the look-alike was written"
	host_same
}

fake_proc_swapped() {
	local file fake=$W/vol/fake
	race_setup
	rm -rf "$fake"
	mkdir -p "$fake/self/attr/apparmor" "$fake/self/fd" "$fake/sys/net/ipv4" "$fake/sys/kernel" \
		"$fake/thread-self"
	for file in self/attr/exec self/attr/apparmor/exec self/oom_score_adj self/setgroups \
		sys/net/ipv4/ip_forward sys/kernel/domainname self/uid_map self/gid_map; do
		echo fake >"$fake/$file"
	done
	(cd "$fake" && find . -type f -exec cksum {} + | sort) >"$W/fake.before"
	mk -s 'while [ ! -e /res/go ]; do sleep 0.02; done' '.process.oomScoreAdj = 123
		| .linux.sysctl = { "net.ipv4.ip_forward": "1" }
		| .mounts += [{ destination: "/vol", type: "bind", source: $vol,
			options: ["rbind", "rw", "rshared"] }]'
	case $1 in
	link) ln -s /vol/fake "$B/rootfs/proc2" ;;
	host) ln -s "$W/host" "$B/rootfs/proc2" ;;
	directory) cp -a "$fake" "$B/rootfs/proc2" ;;
	esac
	swapping "$B/rootfs/proc" "$B/rootfs/proc2"
	race "$2" proc_run
	if [[ $1 == directory ]]; then
		for file in "$B/rootfs/proc" "$B/rootfs/proc2"; do
			[[ ! -e $file/self/oom_score_adj ]] ||
				[[ $(cat "$file/self/oom_score_adj" "$file/sys/net/ipv4/ip_forward") == $'fake\nfake' ]] ||
				violation "the look-alike was written"
		done
	fi
}

@test "T-PROC-3a CVE-2025-52881 CVE-2025-62596 CVE-2019-19921: /proc swapped for a link to a look-alike" {
	each_level fake_proc_swapped link T-PROC-3a
}

@test "T-PROC-3b CVE-2025-52881: /proc swapped for a directory that looks like it" {
	each_level fake_proc_swapped directory T-PROC-3b
}

@test "T-PROC-3c CVE-2019-19921: /proc swapped for a link to the host" {
	each_level fake_proc_swapped host T-PROC-3c
}
