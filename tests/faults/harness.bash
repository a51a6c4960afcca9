# Shared by tests/faults: a bundle, the operations under test, and the look for what is left.
# Needs root, strace, jq, a static busybox, and a cgroup v2 at /sys/fs/cgroup (tests/lib/rootns gives one).
# shellcheck shell=bash

: "${KANUKI:?}"
LEVEL=${LEVEL:-hardened}
WORK=$(mktemp -d "${TMPDIR:-/tmp}/kanuki-faults.XXXXXX")
ROOT=$WORK/state
ID=f$$
SECONDS_OF_OURS=$((100000 + $$)) # tells our sleep from others
K=("$KANUKI" --root "$ROOT" --policy "builtin:$LEVEL")
number=0
trap 'finish' EXIT

finish()
{
	"${K[@]}" delete --force "$ID" >/dev/null 2>&1
	rm -rf "$WORK"
}

ok()
{
	number=$((number + 1))
	echo "ok $number - $*"
}

not_ok()
{
	number=$((number + 1))
	echo "not ok $number - $*"
}

# A busybox root and a config that sleeps; hooks and a bundle filter make their calls part of the test.
make_bundle()
{
	local busybox name
	busybox=$(command -v busybox) || { echo "Bail out! busybox is missing"; exit 1; }
	mkdir -p "$WORK/bundle/rootfs"/{bin,proc,sys,dev,tmp,run,etc}
	cp "$busybox" "$WORK/bundle/rootfs/bin/busybox"
	for name in sh sleep true; do
		ln -s busybox "$WORK/bundle/rootfs/bin/$name"
	done
	(cd "$WORK/bundle" && "$KANUKI" spec)
	jq '.process.terminal = false | .process.args = ["sleep", "'"$SECONDS_OF_OURS"'"]
		| .mounts += [{"destination": "/data", "type": "bind", "source": "'"$WORK"'/data",
			"options": ["bind", "rw", "noexec", "nosuid", "nodev"]}]
		| .hooks = {"createRuntime": [{"path": "/bin/true"}], "poststart": [{"path": "/bin/true"}],
			"poststop": [{"path": "/bin/true"}]}
		| .linux.seccomp = {"defaultAction": "SCMP_ACT_ALLOW",
			"syscalls": [{"names": ["swapon"], "action": "SCMP_ACT_ERRNO"}]}' \
		"$WORK/bundle/config.json" > "$WORK/config" && mv "$WORK/config" "$WORK/bundle/config.json"
	mkdir "$WORK/data"
	chmod 777 "$WORK/data"
}

# begin OPERATION: what must stand before it.  operate PREFIX... OPERATION: runs it behind PREFIX.
begin()
{
	rm -f "$WORK/pid" "$WORK"/.[!.]*
	case $1 in
	create | run) ;;
	start) "${K[@]}" create --bundle "$WORK/bundle" "$ID" </dev/null >/dev/null 2>&1 ;;
	exec | kill | delete)
		"${K[@]}" create --bundle "$WORK/bundle" "$ID" </dev/null >/dev/null 2>&1 &&
			"${K[@]}" start "$ID" >/dev/null 2>&1
		[ "$1" != delete ] || { "${K[@]}" kill "$ID" KILL && await_stopped; }
		;;
	esac
}

await_stopped()
{
	local i
	for ((i = 0; i < 200; i++)); do
		"${K[@]}" state "$ID" 2>/dev/null | grep -q '"stopped"' && return 0
		sleep 0.01
	done
	return 1
}

command_of()
{
	case $1 in
	create) COMMAND=("${K[@]}" create --bundle "$WORK/bundle" --pid-file "$WORK/pid" "$ID") ;;
	run) COMMAND=("${K[@]}" run --detach --bundle "$WORK/bundle" --pid-file "$WORK/pid" "$ID") ;;
	start) COMMAND=("${K[@]}" start "$ID") ;;
	exec) COMMAND=("${K[@]}" exec "$ID" true) ;;
	kill) COMMAND=("${K[@]}" kill "$ID" TERM) ;;
	delete) COMMAND=("${K[@]}" delete "$ID") ;;
	esac
}

# traced STRACE-OPTIONS...: COMMAND under strace, with its own exit status.  strace follows what the command leaves running, too,
# so it runs as a grandchild (-D) and is sent away when the command has ended; what it traced goes on.
traced()
{
	local status
	{ timeout -k 2 20 strace -D -qq "$@" "${COMMAND[@]}" </dev/null >"$WORK/out" 2>&1; } 2>/dev/null # "Killed", says the shell
	status=$?
	pkill -TERM -f "^strace -D -qq .*$WORK" 2>/dev/null
	return "$status"
}

# Everything of ours that is still there, one word each; nothing when all is clean.
left_over()
{
	local file
	[ ! -e "$ROOT/$ID" ] || find "$ROOT/$ID" -printf 'state:%P\n'
	[ ! -d "/sys/fs/cgroup/kanuki/$ID" ] || echo "cgroup:/kanuki/$ID"
	for file in "$WORK"/.[!.]* "$ROOT"/.[!.]*; do
		[ ! -e "$file" ] || echo "file:$file"
	done
	grep -q "$WORK/bundle/rootfs" /proc/self/mountinfo && echo "mount:rootfs"
	pids_of_ours
}

# Processes whose command line is our program's or the runtime's with our state root; zombies have none.
pids_of_ours()
{
	local pid
	for pid in $(pgrep -f "sleep $SECONDS_OF_OURS|--root $ROOT"); do
		[ "$pid" = $$ ] || echo "process:$pid:$(tr '\0' ' ' < "/proc/$pid/cmdline" 2>/dev/null)"
	done
}

# Killed processes take a moment to be gone: the look is repeated before it counts.
settle()
{
	local i left
	for ((i = 0; i < 100; i++)); do
		left=$(left_over)
		[ -n "$left" ] || return 0
		sleep 0.02
	done
	echo "$left"
	return 1
}
