# An image that brings its own /dev, and the devices that a container gets.

load harness

# --- T-DEV-1 ------------------------------------------------------------------------------------

# run_and_create: a start by run, and one by create and start.
run_and_create() {
	launch
	host_same
	create
	host_same
	if [[ $RC -eq 0 ]]; then
		rt start "$CID" >"$W/stdout" 2>"$W/stderr" || true
		down
		host_same
	fi
}

dev_is_a_link() {
	local target part
	echo keep >"$W/host/ptmx"
	mkdir -p "$W/host/pts" "$W/host/shm"
	host_remember
	baseline -n
	for target in "$W/host" ../../host "/proc/self/cwd/../host" "/proc/self/root$W/host" \
		"../../../../../../../../..$W/host"; do
		mk -n
		rmdir "$B/rootfs/dev"
		ln -s "$target" "$B/rootfs/dev"
		run_and_create
	done
	for part in pts shm mqueue fd ptmx stdin core; do
		mk -n
		ln -s "$W/host" "$B/rootfs/dev/$part"
		run_and_create
		mk -n
		ln -s "$W/host/new-$part" "$B/rootfs/dev/$part"
		run_and_create
	done
}

@test "T-DEV-1 CVE-2026-41579 CVE-2026-47766: a /dev that leads to the host is not furnished" {
	each_level dev_is_a_link
}

# --- T-DEV-2 ------------------------------------------------------------------------------------

make_console() {
	local at=$B/rootfs/dev/console
	case $1 in
	absolute) ln -s "$W/host/pwn" "$at" ;;
	relative) ln -s "../../../../../../../../..$W/host/pwn" "$at" ;;
	existing) ln -s "$W/host/sentinel" "$at" ;;
	proc) ln -s /proc/sys/kernel/domainname "$at" ;;
	regular) echo image >"$at" ;;
	hardlink) ln "$W/host/victim" "$at" ;;
	directory) mkdir "$at" ;;
	esac
}

hostile_console() {
	local shape ro
	echo victim >"$W/host/victim"
	host_remember
	for shape in none absolute relative existing proc regular hardlink directory; do
		for ro in true false; do
			mk -d -s 'stat -Lc "%F %t" /dev/console >/res/result 2>&1; sleep 5' \
				".process.terminal = true | .root.readonly = $ro"
			make_console "$shape"
			console_create
			host_same
			if [[ $RC -ne 0 ]]; then
				[[ $shape != none ]] || broken "no terminal at all: $(<"$W/stderr")"
				continue
			fi
			rt start "$CID" >"$W/stdout" 2>"$W/stderr" || broken "start: $(<"$W/stderr")"
			wait_for test -s "$W/res/result"
			host_same
			[[ $(result) == "character special file 88" ]] ||
				violation "console is $shape: $(result)"
			[[ $(nsenter -t "$PID" -u cat /proc/sys/kernel/domainname) == '(none)' ]] ||
				violation "console is $shape: written to"
			down
		done
	done
}

@test "T-DEV-2 CVE-2026-88264: no file is made through a /dev/console of the image" {
	each_level hostile_console
}

# --- T-DEV-3 ------------------------------------------------------------------------------------

null_is_a_file() {
	local user stdio
	[[ -e $W/null ]] || mknod -m 666 "$W/null" c 1 3
	for user in 0 1000; do
		mk -n -s 'echo hello' ".process.user = { uid: $user, gid: $user }
			| .mounts += [{ destination: \"/vol\", type: \"bind\", source: \$host,
				options: [\"bind\", \"rw\"] }]"
		rm -f "$B/rootfs/dev/null"
		ln -s /vol/sentinel "$B/rootfs/dev/null"
		for stdio in file null pipe socket; do
			clear_results
			new_id
			RC=0
			case $stdio in
			file) rt run --bundle "$B" "$CID" >"$W/stdout" 2>"$W/stderr" </dev/null || RC=$? ;;
			null) rt run --bundle "$B" "$CID" >"$W/null" 2>"$W/stderr" <"$W/null" || RC=$? ;;
			pipe) echo | rt run --bundle "$B" "$CID" 2>"$W/stderr" | cat >"$W/stdout" ||
				RC=$? ;;
			socket) RT_PREFIX="$THREATS_BIN/warden socket" rt run --bundle "$B" "$CID" \
				>"$W/stdout" 2>"$W/stderr" </dev/null || RC=$? ;;
			esac
			[[ $RC -ne 124 && $RC -ne 137 ]] || violation "hung with stdio $stdio"
			host_same
			if [[ -e $W/res/ran && $stdio != null ]]; then
				[[ $(<"$W/stdout") == hello ]] ||
					violation "stdout ($stdio) was taken away: '$(<"$W/stdout")'"
			fi
			[[ $(stat -c %u:%g:%a:%t:%T "$W/null") == 0:0:666:1:3 ]] ||
				violation "the caller's null device was changed"
		done
	done
}

@test "T-DEV-3 CVE-2026-88265: the caller's streams stay, whatever the image's /dev/null is" {
	each_level null_is_a_file
}

exec_on_null() {
	mknod -m 666 "$W/null.$LEVEL" c 1 3
	up
	RC=0
	rt exec --detach --user 1000:1000 "$CID" /bin/true <"$W/null.$LEVEL" >"$W/null.$LEVEL" \
		2>"$W/null.$LEVEL" || RC=$?
	[[ $(stat -c %u:%g:%a "$W/null.$LEVEL") == 0:0:666 ]] ||
		violation "exec changed the owner of the caller's null device"
	[[ $RC -eq 0 ]] || broken "exec --detach failed"
	down
}

@test "T-DEV-3b runc#3674: exec as a user leaves the caller's /dev/null alone" {
	each_level exec_on_null
}

# --- T-DEV-4, T-DEV-5 ---------------------------------------------------------------------------

DEVICE='.linux.devices = [{ path: "/dev/foo", type: "c", major: 1, minor: 3, uid: 1234, gid: 1234,
	fileMode: 438 }]'

device_through_link() {
	local variant
	for variant in '' -n; do
		mk $variant "$DEVICE"
		mkdir -p "$B/rootfs/dev"
		ln -sf "$W/host/sentinel" "$B/rootfs/dev/foo"
		launch
		host_same
		mk $variant "$DEVICE"
		rm -rf "$B/rootfs/dev/foo"
		mknod "$B/rootfs/dev/foo" c 1 1
		launch
		host_same
		mk $variant "$DEVICE" '.linux.devices[0].path = "/lnk/foo"'
		ln -s "$W/host" "$B/rootfs/lnk"
		launch
		host_same
	done
	mk -s 'stat -c "%u:%g %a %t:%T" /dev/foo >/res/result; stat -c "%u:%g" /dev/null >>/res/result' \
		"$DEVICE"
	launch
	if is_hardened && [[ $OUTCOME == refused ]]; then
		return
	fi
	must_run
	[[ $(result) == "1234:1234 666 1:3"* ]] || broken "the device is wrong: $(result)"
}

@test "T-DEV-4 GHSA-qw9x: mode and owner of a device are set on the new node only" {
	each_level device_through_link
}

device_paths() {
	local path
	for path in "/dev/../../../../../../../../..$W/host/node" "../host/node" \
		"/dev/../../host/node" "/../../../host/node" "$W/host/node" "" "/" "/dev" "/dev/."; do
		mk ".linux.devices = [{ path: \"$path\", type: \"c\", major: 1, minor: 3 }]"
		launch
		host_same
	done
}

@test "T-DEV-5: device paths with .. make nothing outside the root" {
	each_level device_paths
}

# --- T-DEV-6 ------------------------------------------------------------------------------------

# The nodes are made in a tmpfs that allows devices, so that the cgroup is the only lock.
ALLOW_LIST='.process.capabilities |= map_values(["CAP_MKNOD"])
	| .linux.resources.devices = [{ allow: true, type: "c", major: 1, minor: 3, access: "rwm" }]
	| .mounts += [{ destination: "/nodes", type: "tmpfs", source: "tmpfs", options: ["mode=1777"] }]'

host_disk() {
	local dev
	for dev in /sys/class/block/*/dev; do
		tr : ' ' <"$dev"
		return
	done
	echo 8 0
}

denied_devices() {
	local dev
	for dev in 'c 1 1' 'c 1 2' 'c 1 11' 'c 10 229' 'c 10 232' "b $(host_disk)"; do
		# shellcheck disable=SC2086 # type, major, minor
		xc "$CID" /bin/probe mknod /nodes/x $dev
		[[ $(<"$W/stdout") == 'mknod EPERM' || $(<"$W/stdout") == 'open EPERM' ||
			$(<"$W/stdout") == 'open EACCES' ]] ||
			violation "$1: device $dev: $(<"$W/stdout")"
	done
}

device_default_deny() {
	up "$ALLOW_LIST"
	denied_devices created
	if ! is_hardened; then
		xc "$CID" /bin/probe mknod /nodes/x c 1 3
		[[ $(<"$W/stdout") == 'open OK' ]] || broken "even the allowed device: $(<"$W/stdout")"
	fi
	rt update --pids-limit 100 "$CID" >/dev/null 2>&1 || true
	denied_devices 'after update --pids-limit'
	echo '{"pids":{"limit":100}}' | rt update --resources - "$CID" >/dev/null 2>&1 || true
	denied_devices 'after update --resources'
	down
}

@test "T-DEV-6 GHSA-g54h-m393-cpwq W-20 W-21: devices are denied unless listed, also after update" {
	each_level device_default_deny
}
