# Mount targets and sources that are exchanged while they are used.

load race

# --- T-MNT-3 ------------------------------------------------------------------------------------

host_root_run() {
	sed "s|@N@|$RUN|" "$B/template.json" >"$B/config.json"
	race_launch
	no_secret "run $RUN: the host's root was mounted"
	host_same
	if [[ -s $W/res/mountinfo ]]; then
		! awk -v dev="$(stat -c %Hd:%Ld /)" '$3 == dev && $4 == "/"' "$W/res/mountinfo" |
			grep -q . || violation "run $RUN: the host's root is in mountinfo"
	fi
}

host_root() {
	race_setup
	# If the mount on /vol/a/x ever lands in sources/x on the host, the next mount's source is
	# behind a link that the attacker placed there.
	rm -rf "$W/vol" "$W/sources" "$W/attack"
	mkdir -p "$W/vol/a/x" "$W/sources/x/q" "$W/attack"
	ln -s "$W/sources" "$W/vol/l"
	ln -s / "$W/attack/q"
	mk -s "cat /proc/self/mountinfo >/res/mountinfo; cat /zz/$W/host/sentinel >/res/result" '
		.mounts += [
		{ destination: "/vol", type: "bind", source: $vol, options: ["rbind", "rw"] },
		{ destination: "/vol/a/x", type: "bind", source: ($vol + "/../attack"), options: ["bind"] },
		{ destination: "/zz", type: "bind", source: ($vol + "/../sources/x/q"), options: ["rbind"] }]'
	mv "$B/config.json" "$B/template.json"
	swapping "$W/vol/a" "$W/vol/l"
	race T-MNT-3 host_root_run
}

@test "T-MNT-3 CVE-2021-30465 CVE-2021-25741 CVE-2017-1002101: the host's root never arrives by a swapped target" {
	each_level host_root
}

# --- T-MNT-4r -----------------------------------------------------------------------------------

created_run() {
	# What earlier starts made would add calls to each step; nobody is swapping now.
	if [[ $RACE_LEVEL == L2 ]]; then
		find "${SWAP_NAMES[0]}" -mindepth 1 -delete
	fi
	sed "s|@N@|$RUN|g" "$B/template.json" >"$B/config.json"
	race_launch
	host_same
}

created_targets() {
	race_setup
	rm -rf "$W/vol"
	mkdir -p "$W/vol/a"
	echo data >"$W/vol/file"
	ln -s "$W/host" "$W/vol/l"
	mk '.mounts += [
		{ destination: "/vol", type: "bind", source: $vol, options: ["rbind", "rw"] },
		{ destination: "/vol/a/n@N@/c/d", type: "tmpfs", source: "tmpfs" },
		{ destination: "/vol/a/f@N@", type: "bind", source: ($vol + "/file"), options: ["bind"] }]'
	mv "$B/config.json" "$B/template.json"
	swapping "$W/vol/a" "$W/vol/l"
	race T-MNT-4r created_run
}

@test "T-MNT-4r CVE-2024-45310 CVE-2026-41568 CVE-2026-42306: nothing is made on the host through a swapped component" {
	each_level created_targets
}

root_swapped() {
	race_setup
	mk '.mounts += [{ destination: "/lnk/n@N@/c", type: "tmpfs", source: "tmpfs" }]
		| .linux.devices = [{ path: "/lnk/dev@N@", type: "c", major: 1, minor: 3 }]'
	mkdir "$B/rootfs/lnk"
	ln -s "$W/host" "$B/rootfs/other"
	mv "$B/config.json" "$B/template.json"
	swapping "$B/rootfs/lnk" "$B/rootfs/other"
	race T-MNT-4r2 created_run
}

@test "T-MNT-4r2 CVE-2024-45310: nor when the image itself is being changed" {
	each_level root_swapped
}

# --- T-MNT-6r -----------------------------------------------------------------------------------

source_run() {
	race_launch
	case $(result) in
	'' | alpha | beta) ;;
	*) violation "run $RUN: neither of the two objects: $(result)" ;;
	esac
}

swapped_source() {
	race_setup
	rm -rf "$W/vol"
	mkdir -p "$W/vol/dir"
	echo alpha >"$W/vol/src"
	echo beta >"$W/vol/dir/file"
	mk -s 'cat /in >/res/result 2>/dev/null || cat /in/file >/res/result' '.mounts += [{
		destination: "/in", type: "bind", source: ($vol + "/src"), options: ["bind", "ro"] }]'
	swapping "$W/vol/src" "$W/vol/dir"
	race T-MNT-6r source_run
}

@test "T-MNT-6r: a source that is now a file and now a directory is one of the two" {
	each_level swapped_source
}

# --- W-32 ---------------------------------------------------------------------------------------

storm_run() {
	RT_PREFIX='' launch
	if [[ $OUTCOME == ran ]]; then
		RAN=$((RAN + 1))
	else
		REFUSED=$((REFUSED + 1))
	fi
}

rename_storm() {
	race_setup
	[[ $RACE_LEVEL != L2 ]] || skip "a storm has no steps"
	RACE_RUNS=200
	mkdir -p "$W/storm/a" "$W/storm/b"
	mk '.mounts += [{ destination: "/mnt/x/../y", type: "tmpfs", source: "tmpfs" }]
		| .linux.maskedPaths = ["/proc/kcore", "/etc/../etc/group"]'
	mkdir -p "$B/rootfs/mnt/x" "$B/rootfs/mnt/y"
	swapping -t "$(nproc)" "$W/storm/a" "$W/storm/b"
	race W-32 storm_run
	[[ $((REFUSED * 200)) -le $((RAN + REFUSED)) ]] ||
		violation "$REFUSED of $((RAN + REFUSED)) starts failed in a storm of renames: $(<"$W/stderr")"
}

@test "W-32: a storm of renames does not keep containers from starting" {
	[[ $RT_KIND == kanuki ]] || skip "only runtimes that resolve in the kernel"
	each_level rename_storm
}
