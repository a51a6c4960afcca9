# Masks, devices and terminals while /dev and masked paths are exchanged.

load race

# A directory that serves as /dev and that somebody else can change.
make_dev() {
	rm -rf "$W/devdir"
	mkdir -p "$W/devdir/pts" "$W/devdir/shm" "$W/devdir/fakepts"
	local n
	mknod -m 666 "$W/devdir/null" c 1 3
	mknod -m 666 "$W/devdir/zero" c 1 5
	mknod -m 666 "$W/devdir/ptmx" c 5 2
	ln -s /canary "$W/devdir/other"
	for n in {0..9}; do
		ln -s /canary "$W/devdir/fakepts/$n"
	done
	ln -s /canary "$W/devdir/fakepts/ptmx"
}

DEV_BIND='.mounts = [{ destination: "/dev", type: "bind", source: ($vol + "/../devdir"),
	options: ["bind", "rw", "dev"] }] + .mounts'

mask_run() {
	race_launch
	[[ $OUTCOME == ran ]] || return 0
	[[ ! -s $W/res/result ]] || violation "run $RUN: $(head -c 60 "$W/res/result")"
	[[ $(<"$W/res/stat") == "character special file 1:3" ]] ||
		violation "run $RUN: the mask is $(<"$W/res/stat")"
	[[ $(<"$B/rootfs/canary") == CANARY ]] || violation "run $RUN: the canary was written"
}

null_swapped() {
	race_setup
	make_dev
	mk -n -s 'timeout 2 head -c 64 /secret >/res/result; stat -c "%F %t:%T" /secret >/res/stat' \
		"$DEV_BIND" '.linux.maskedPaths = ["/secret"]'
	echo MASKED >"$B/rootfs/secret"
	echo CANARY >"$B/rootfs/canary"
	swapping "$W/devdir/null" "$W/devdir/other"
	race T-MASK-1r mask_run
}

@test "T-MASK-1r CVE-2025-31133 CVE-2025-62161: masks stay the null device while /dev/null is swapped" {
	each_level null_swapped
}

# --- T-MASK-2 -----------------------------------------------------------------------------------

paths_run() {
	local loose path
	race_launch
	host_same
	[[ $OUTCOME == ran ]] || return 0
	# Whichever of the two was found: it has been covered, and what had to be is read-only.
	loose=$(awk '$5 ~ /\/ro$/ && $6 !~ /(^|,)ro(,|$)/ { print $5, $6 }' "$W/res/mountinfo")
	[[ -z $loose ]] || violation "run $RUN: bound, but left writable: $loose"
	for path in ro secret; do
		awk -v end="/$path$" '$5 ~ end { found = 1 } END { exit !found }' "$W/res/mountinfo" ||
			violation "run $RUN: no $path was covered"
	done
}

component_swapped() {
	race_setup
	rm -rf "$W/vol"
	mkdir -p "$W/vol/a/ro" "$W/vol/b/ro"
	echo x | tee "$W/vol/a/secret" >"$W/vol/b/secret"
	mk -s 'cat /proc/self/mountinfo >/res/mountinfo' '.mounts += [{ destination: "/vol",
		type: "bind", source: $vol, options: ["rbind", "rw"] }]
		| .linux.readonlyPaths = ["/vol/a/ro"] | .linux.maskedPaths = ["/vol/a/secret"]'
	swapping "$W/vol/a" "$W/vol/b"
	race T-MASK-2 paths_run
	rm -rf "$W/vol/b"
	ln -s "$W/host" "$W/vol/l"
	mkdir -p "$W/host/ro"
	echo x >"$W/host/secret"
	host_remember
	mkdir -p "$W/vol/a/ro"
	swapping "$W/vol/a" "$W/vol/l"
	race T-MASK-2 paths_run_link
}

paths_run_link() {
	race_launch
	host_same
}

@test "T-MASK-2 GHSA-3q8j-pf29-vwv8: a masked or read-only path is covered by what was found once" {
	each_level component_swapped
}

# --- T-TTY-1r -----------------------------------------------------------------------------------

console_run() {
	race_launch "$THREATS_BIN/ptyrun -e"
	[[ $(<"$B/rootfs/canary") == CANARY ]] || violation "run $RUN: the canary was written"
	[[ $OUTCOME == ran ]] || return 0
	[[ $(result) == "character special file 88" ]] || violation "run $RUN: console is $(result)"
}

pts_swapped() {
	race_setup
	make_dev
	mk -n -s 'stat -Lc "%F %t" /dev/console >/res/result 2>&1' "$DEV_BIND" '.process.terminal = true
		| .mounts += [{ destination: "/dev/pts", type: "devpts", source: "devpts",
			options: ["newinstance", "ptmxmode=0666", "mode=0620"] }]'
	echo CANARY >"$B/rootfs/canary"
	swapping "$W/devdir/pts" "$W/devdir/fakepts"
	race T-TTY-1r console_run
}

@test "T-TTY-1r CVE-2025-52565: the console stays a terminal while /dev/pts is swapped" {
	each_level pts_swapped
}
