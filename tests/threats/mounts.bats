# Mount targets, mount sources and what creating them does to the host.

load harness

SYSFS='.mounts += [{ destination: "/sys", type: "sysfs", source: "sysfs",
	options: ["nosuid", "noexec", "nodev", "ro"] }]'
MASKS='.linux.maskedPaths = ["/proc/kcore", "/proc/keys", "/sys/firmware"]
	| .linux.readonlyPaths = ["/proc/sys", "/proc/sysrq-trigger", "/proc/irq"]'

# --- T-MNT-1 ------------------------------------------------------------------------------------

# make_hostile SHAPE PATH: puts something else where the image should have a directory.
make_hostile() {
	local at=$B/rootfs/$2
	rm -rf "$at"
	mkdir -p "$B/rootfs/bad" "$W/vol/$2" "$B/rootfs/vol"
	case $1 in
	existing) ln -s /bad "$at" ;;
	dangling) ln -s /nowhere "$at" ;;
	absolute) ln -s "$W/host" "$at" ;;
	relative) ln -s ../../host "$at" ;;
	magic) ln -s "/proc/self/root$W/host" "$at" ;;
	volume) ln -s "vol/$2" "$at" ;;
	file) : >"$at" ;;
	fifo) mkfifo "$at" ;;
	esac
}

not_a_directory() {
	local path shape
	baseline "$SYSFS" "$MASKS"
	for path in proc sys; do
		for shape in existing dangling absolute relative magic volume file fifo; do
			mk "$SYSFS" "$MASKS" '.mounts = [{ destination: "/vol", type: "bind",
				source: $vol, options: ["bind"] }] + .mounts'
			make_hostile "$shape" "$path"
			launch
			must_refuse "/$path is $shape"
			host_same
		done
	done
}

@test "T-MNT-1 CVE-2019-19921 CVE-2023-27561 CVE-2023-28642 CVE-2025-54867: /proc and /sys are mounted on directories only" {
	each_level not_a_directory
}

# --- T-MNT-2 ------------------------------------------------------------------------------------

over_procfs() {
	local at
	baseline '.process.oomScoreAdj = 100'
	mkdir -p "$W/vol/fake"
	for at in /proc/self /proc/self/attr /proc/self/attr/exec /proc/thread-self /proc/1 \
		/proc/sys /proc/sys/kernel /proc/./self//attr /x/../proc/self /lnk /lnk/attr \
		/proc/self/fd /proc/self/task /proc/thread-self/attr; do
		mk '.process.oomScoreAdj = 100' ".mounts += [{ destination: \"$at\", type: \"tmpfs\",
			source: \"tmpfs\" }]"
		mkdir "$B/rootfs/x"
		ln -s /proc/self "$B/rootfs/lnk"
		launch
		must_refuse "tmpfs over $at"
		edit '.mounts[-1] = { destination: .mounts[-1].destination, type: "bind",
			source: ($vol + "/fake"), options: ["rbind"] }'
		launch
		must_refuse "bind over $at"
	done
	# A second mount on /proc itself hides the procfs that labels are written through.
	mk '.mounts += [{ destination: "/proc", type: "tmpfs", source: "tmpfs" }]'
	launch
	must_refuse "tmpfs over /proc"
}

@test "T-MNT-2 CVE-2019-16884 CVE-2015-1334 CVE-2015-3631: nothing is mounted over procfs" {
	each_level over_procfs
}

lxcfs_file() {
	echo 12.34 >"$W/vol/uptime"
	mk -s 'cat /proc/uptime >/res/result' '.mounts += [{ destination: "/proc/uptime",
		type: "bind", source: ($vol + "/uptime"), options: ["bind", "ro"] }]'
	launch
	if is_hardened && [[ $OUTCOME == refused ]]; then
		return
	fi
	must_run
	[[ $(result) == 12.34 ]] || broken "the mount is not there"
}

@test "T-MNT-2b: the files that lxcfs provides may still be mounted" {
	each_level lxcfs_file
}

# --- T-MNT-4, T-MNT-5 ---------------------------------------------------------------------------

# try_link TARGET: rootfs/lnk points there and is part of every kind of mount target.
try_link() {
	local dst
	for dst in /lnk/newdir /lnk/a/b/c /lnk /x/../lnk/newdir; do
		mk ".mounts += [{ destination: \"$dst\", type: \"tmpfs\", source: \"tmpfs\" }]"
		mkdir "$B/rootfs/x"
		ln -s "$1" "$B/rootfs/lnk"
		launch
		host_same
	done
	for dst in /lnk/newfile /lnk/a/newfile /lnk; do
		mk ".mounts += [{ destination: \"$dst\", type: \"bind\", source: (\$vol + \"/file\"),
			options: [\"bind\"] }]"
		ln -s "$1" "$B/rootfs/lnk"
		launch
		host_same
	done
}

links_in_targets() {
	local target
	echo data >"$W/vol/file"
	baseline '.mounts += [{ destination: "/new/dir", type: "tmpfs", source: "tmpfs" }]'
	for target in "$W/host" "../../../../../../../../..$W/host" "$W/host/none/such" \
		"$W/host/newfile" "/proc/self/root$W/host" "/proc/1/root$W/host" /proc/1/cwd \
		/.oldroot /oldroot "/vol/../../..$W/host"; do
		try_link "$target"
	done
}

@test "T-MNT-4 CVE-2024-45310 CVE-2019-18837 CVE-2015-1335 CVE-2026-87766: targets behind links are made inside the root" {
	each_level links_in_targets
}

long_chains() {
	local i long
	baseline
	mk '.mounts += [{ destination: "/l0/newdir", type: "tmpfs", source: "tmpfs" }]'
	for i in {0..44}; do
		ln -s "l$((i + 1))" "$B/rootfs/l$i"
	done
	ln -s "$W/host" "$B/rootfs/l45"
	launch
	host_same
	# Each link is nearly PATH_MAX long: expanded into one string they need ten times that.
	mk '.mounts += [{ destination: "/m0/newdir", type: "tmpfs", source: "tmpfs" }]'
	mkdir "$B/rootfs/d"
	long=$(printf 'd/../%.0s' {1..800})
	for i in {0..9}; do
		ln -s "${long}m$((i + 1))" "$B/rootfs/m$i"
	done
	ln -s "${long}..$W/host" "$B/rootfs/m10"
	launch
	host_same
	edit '.mounts[-1].destination = "/" + ("a" * 255 + "/") * 40'
	launch
	host_same
	edit '.mounts[-1].destination = "/" + "b" * 300'
	launch
	must_refuse "a file name of 300 bytes"
}

@test "T-MNT-5a: chains of links beyond every limit" {
	each_level long_chains
}

no_openat2() {
	local RT_PREFIX="$THREATS_BIN/warden without-openat2"
	echo data >"$W/vol/file"
	try_link "$W/host"
	try_link "../../../../../../../../..$W/host"
	mk
	launch
	if [[ $RT_KIND == kanuki ]]; then
		must_refuse "without openat2 no path can be resolved safely"
	fi
}

@test "T-MNT-5b W-33: where openat2 does not exist, the start is refused or still safe" {
	each_level no_openat2
}

# --- T-MNT-6 ------------------------------------------------------------------------------------

source_kinds() {
	local kind
	echo alpha >"$W/vol/file"
	mkdir "$W/vol/dir" 2>/dev/null || true
	echo beta >"$W/vol/dir/file"
	ln -sfn "$W/vol/file" "$W/vol/to-file"
	ln -sfn "$W/vol/dir" "$W/vol/to-dir"
	ln -sfn "$W/vol/none" "$W/vol/to-none"
	[[ -e $W/vol/fifo ]] || mkfifo "$W/vol/fifo"
	for kind in file dir to-file to-dir; do
		mk -s 'cat /in /in/file >/res/result 2>/dev/null' ".mounts += [{
			destination: \"/in\", type: \"bind\", source: (\$vol + \"/$kind\"),
			options: [\"bind\", \"ro\"] }]"
		launch
		must_run
		case $kind in
		*file) [[ $(result) == alpha ]] || violation "$kind: $(result)" ;;
		*dir) [[ $(result) == beta ]] || violation "$kind: $(result)" ;;
		esac
	done
	for kind in to-none none; do
		mk ".mounts += [{ destination: \"/in\", type: \"bind\", source: (\$vol + \"/$kind\"),
			options: [\"bind\"] }]"
		launch
		must_refuse "bind from $kind"
		[[ ! -e $W/vol/none ]] || violation "a missing source was made on the host"
	done
	# Must not be opened for reading, which would wait for a writer.
	mk '.mounts += [{ destination: "/in", type: "bind", source: ($vol + "/fifo"),
		options: ["bind"] }]'
	launch
	# The object itself was asked for, not what it points to.
	mk -s 'cat /in >/res/result 2>/dev/null' '.mounts += [{ destination: "/in",
		type: "bind", source: ($vol + "/to-file"), options: ["bind", "src-nofollow"] }]'
	launch
	[[ $RT_KIND != kanuki || $(result) != alpha ]] || violation "src-nofollow was followed"
}

@test "T-MNT-6 CVE-2024-1753 CVE-2024-9341 CVE-2022-23648: a bind source is one object, opened once" {
	each_level source_kinds
}

# --- T-MNT-8 ------------------------------------------------------------------------------------

copy_up() {
	baseline -s 'cat /data/plain >/res/result' '.mounts += [{ destination: "/etc2",
		type: "tmpfs", source: "tmpfs" }]'
	mk -s 'ls -lR /etc2 /data >/res/list; cat /etc2/* /data/plain /data/lnk >/res/result' \
		'.mounts += [{ destination: "/etc2", type: "tmpfs", source: "tmpfs",
				options: ["tmpcopyup"] },
			     { destination: "/data", type: "tmpfs", source: "tmpfs",
				options: ["tmpcopyup", "nosuid", "nodev"] }]'
	ln -s "$W/host" "$B/rootfs/etc2"
	mkdir "$B/rootfs/data"
	echo plain >"$B/rootfs/data/plain"
	mkfifo "$B/rootfs/data/fifo"
	mknod "$B/rootfs/data/mem" c 1 1
	cp "$B/rootfs/bin/busybox" "$B/rootfs/data/suid"
	chmod 4755 "$B/rootfs/data/suid"
	ln "$B/rootfs/data/plain" "$B/rootfs/data/hard"
	ln -s "$W/host/sentinel" "$B/rootfs/data/lnk"
	ln -s "$W/host" "$B/rootfs/data/dir"
	launch
	no_secret tmpcopyup
	if [[ $OUTCOME == ran ]]; then
		# the file itself; a copied link may well have its name in its text
		! grep -q '^-.* sentinel$' "$W/res/list" || violation "the host's directory was copied"
	fi
}

@test "T-MNT-8: tmpcopyup copies nothing of the host and waits for nothing" {
	each_level copy_up
}

# --- T-MNT-9 ------------------------------------------------------------------------------------

readonly_without_proc() {
	local n
	mk -s 'touch /x; touch /mnt/y && echo mnt-ok >>/res/result
		touch /vol/z; touch /deep/z; exec sleep 20' \
		'.root.readonly = true
		| .mounts |= map(select(.destination != "/proc"))
		| .mounts += [{ destination: "/mnt", type: "tmpfs", source: "tmpfs",
				options: ["mode=1777"] },
			      { destination: "/vol", type: "bind", source: $vol,
				options: ["bind", "ro"] },
			      { destination: "/deep", type: "tmpfs", source: "tmpfs",
				options: ["ro", "mode=1777"] }]'
	mkdir -p "$B/rootfs/proc/self/fd" "$B/rootfs/proc/thread-self"
	chmod 777 "$W/vol" "$B/rootfs"
	ln -s ../self/fd "$B/rootfs/proc/thread-self/fd"
	for n in {0..120}; do
		ln -s /mnt "$B/rootfs/proc/self/fd/$n"
	done
	create
	if [[ $RC -ne 0 ]]; then
		return	# refused, and nothing was run
	fi
	awk '$5 == "/" && $6 ~ /(^|,)ro(,|$)/ { ro = 1 } END { exit !ro }' "/proc/$PID/mountinfo" ||
		violation "the root is mounted writable"
	for n in /vol /deep; do
		awk -v at=$n '$5 == at && $6 ~ /(^|,)ro(,|$)/ { ro = 1 } END { exit !ro }' \
			"/proc/$PID/mountinfo" || violation "$n is mounted writable"
	done
	rt start "$CID" >"$W/stdout" 2>"$W/stderr" || broken "start: $(<"$W/stderr")"
	wait_for test -e "$W/res/ran"
	wait_for grep -q mnt-ok "$W/res/result"
	[[ ! -e $B/rootfs/x ]] || violation "the read-only root was written"
	[[ ! -e $W/vol/z ]] || violation "a read-only bind was written"
	down
}

@test "T-MNT-9 CVE-2026-115521: read-only holds although the image brings its own /proc/self/fd" {
	each_level readonly_without_proc
}

# --- T-MNT-11 -----------------------------------------------------------------------------------

shared_bundle() {
	local mode
	for mode in '' shared slave private unbindable rshared rslave rprivate runbindable; do
		mk '.mounts += [{ destination: "/mnt", type: "tmpfs", source: "tmpfs" }]'
		if [[ -n $mode ]]; then
			edit --arg mode "$mode" '.linux.rootfsPropagation = $mode'
		fi
		mount --bind "$B" "$B"
		mount --make-shared "$B"
		cut -d' ' -f2- /proc/self/mountinfo >"$W/mountinfo.shared"
		launch
		cut -d' ' -f2- /proc/self/mountinfo | cmp -s "$W/mountinfo.shared" - ||
			violation "propagation '$mode': mounts of the container reached the host"
		umount "$B"
	done
}

@test "T-MNT-11a W-24: no propagation mode leaks a mount or changes one of the host" {
	each_level shared_bundle
}

killed_midway() {
	local delay pid
	mk '.mounts += [{ destination: "/mnt", type: "tmpfs", source: "tmpfs" }]'
	mount --bind "$B" "$B"
	mount --make-shared "$B"
	cut -d' ' -f2- /proc/self/mountinfo >"$W/mountinfo.shared"
	for delay in 0.001 0.002 0.004 0.006 0.008 0.012 0.016 0.024 0.032; do
		new_id
		"$RTX" "${LEVEL_ARGS[@]}" --root "$W/state-$LEVEL" run --bundle "$B" "$CID" \
			>/dev/null 2>&1 </dev/null 3>&- 4>&- &
		pid=$!
		sleep "$delay"
		kill -KILL "$pid" 2>/dev/null || true
		wait "$pid" 2>/dev/null || true
		rt delete --force "$CID" >/dev/null 2>&1 || true
		cut -d' ' -f2- /proc/self/mountinfo | cmp -s "$W/mountinfo.shared" - ||
			violation "killed after $delay s: a mount was left on the host"
	done
	umount "$B"
}

@test "T-MNT-11b: a runtime killed midway leaves no mount" {
	each_level killed_midway
}

# --- T-MNT-12 -----------------------------------------------------------------------------------

subpaths() {
	local option
	ln -sfn "$W/host" "$W/vol/lnk"
	echo top >"$W/vol/file"
	for option in X-mount.subdir=lnk subdir=lnk volume-subpath=lnk subpath=lnk/.. \
		X-mount.subdir=../host; do
		mk -s 'cat /in/file /in/sentinel >/res/result' ".mounts += [{ destination: \"/in\",
			type: \"bind\", source: \$vol, options: [\"bind\", \"$option\"] }]"
		launch
		no_secret "$option"
		if [[ $RT_KIND == kanuki ]]; then
			must_refuse "unknown mount option $option"
		fi
	done
}

@test "T-MNT-12 CVE-2026-78409: no mount option walks into a source through a link" {
	each_level subpaths
}
