# Shared by tests/faults: a bundle, the operations under test, the look for what is left, and the table at the end.
# LEVEL may name several levels of the policy; each operation is tried at each.
# Needs root, strace, jq, a static busybox, and a cgroup v2 at /sys/fs/cgroup (tests/lib/rootns gives one).
# shellcheck shell=bash

: "${KANUKI:?}"
LEVEL=${LEVEL:-hardened}
WORK=$(mktemp -d "${TMPDIR:-/tmp}/kanuki-faults.XXXXXX")
ROOT=$WORK/state
ID=f${$}x # the x: a glob of ours finds no other run's
HELD='^(Uid|Gid|Groups|NoNewPrivs|Seccomp|Seccomp_filters|Cap[A-Z][a-z]*):' # of /proc/PID/status: what holds a process
SECONDS_OF_OURS=$((100000 + $$)) # tells our sleep from others
K=("$KANUKI" --root "$ROOT")
number=0
rows=()
trap 'finish' EXIT

# at LEVEL: what follows is under this policy.
at()
{
	level=$1
	K=("$KANUKI" --root "$ROOT" --policy "builtin:${level/#hardened/sandbox}") # no image, no gate to ask
}

need_tools()
{
	local tool
	for tool in strace jq busybox; do
		if ! command -v "$tool" >/dev/null; then
			echo "1..1"
			echo "ok 1 - $1 # SKIP $tool is missing"
			exit 0
		fi
	done
}

bail()
{
	echo "Bail out! $*"
	exit 1
}

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
	busybox=$(command -v busybox) || bail "busybox is missing"
	mkdir -p "$WORK/bundle/rootfs"/{bin,proc,sys,dev,tmp,run,etc}
	cp "$busybox" "$WORK/bundle/rootfs/bin/busybox"
	for name in sh sleep true grep; do
		ln -s busybox "$WORK/bundle/rootfs/bin/$name"
	done
	(cd "$WORK/bundle" && "$KANUKI" spec) || bail "kanuki spec fails"
	jq '.process.terminal = false | .process.args = ["sleep", "'"$SECONDS_OF_OURS"'"]
		| .mounts += [{"destination": "/data", "type": "bind", "source": "'"$WORK"'/bundle/data",
			"options": ["bind", "rw", "noexec", "nosuid", "nodev"]}]
		| .hooks = {"createRuntime": [{"path": "/bin/true"}], "poststart": [{"path": "/bin/true"}],
			"poststop": [{"path": "/bin/true"}]}
		| .linux.seccomp = {"defaultAction": "SCMP_ACT_ALLOW",
			"syscalls": [{"names": ["swapon"], "action": "SCMP_ACT_ERRNO"}]}' \
		"$WORK/bundle/config.json" > "$WORK/config" || bail "the config can't be made"
	mv "$WORK/config" "$WORK/bundle/config.json"
	mkdir "$WORK/bundle/data"
	chmod 777 "$WORK/bundle/data"
}

# The names below the bundle once it has been used: mount points are made in it the first time.
baseline()
{
	if ! begin start || ! "${K[@]}" start "$ID" >"$WORK/out" 2>&1; then
		bail "$level: a container does not even start: $(head -1 "$WORK/out")"
	fi
	fingerprint > "$WORK/fingerprint.$level"
	grep -q '^Seccomp' "$WORK/fingerprint.$level" || bail "$level: a running container has no /proc to read"
	"${K[@]}" delete --force "$ID" || bail "$level: delete --force fails"
	bundle_names > "$WORK/names"
}

bundle_names()
{
	find "$WORK/bundle" | LC_ALL=C sort
}

# begin OPERATION: what must stand before it; fails if it can't be made to.
begin()
{
	rm -f "$WORK"/{pid,out,out2,trace} "$WORK"/.[!.]*
	case $1 in
	create | run) ;;
	start | exec | kill | delete)
		"${K[@]}" create --bundle "$WORK/bundle" "$ID" </dev/null >"$WORK/out" 2>&1 || return 1
		[ "$1" = start ] || "${K[@]}" start "$ID" >"$WORK/out" 2>&1 || return 1
		[ "$1" != delete ] || { "${K[@]}" kill "$ID" KILL && await_stopped; } || return 1
		;;
	*) bail "no operation '$1'" ;;
	esac
	command_of "$1"
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
	exec) COMMAND=("${K[@]}" exec "$ID" grep -E "$HELD" /proc/self/status) ;;
	kill) COMMAND=("${K[@]}" kill "$ID" TERM) ;;
	delete) COMMAND=("${K[@]}" delete "$ID") ;;
	esac
}

# traced STRACE-OPTIONS...: COMMAND under strace, with its own exit status.  strace follows what the command leaves running, too,
# so it runs as a grandchild (-D) and is sent away when the command has ended; what it traced goes on.  The trace is whole then.
# -I 2: with -o it would ignore the signal.
traced()
{
	local status i begun=$SECONDS
	{ timeout -k 2 20 strace -D -I 2 -qq -o "$WORK/trace" "$@" "${COMMAND[@]}" </dev/null >"$WORK/out" 2>&1; } 2>/dev/null # "Killed"
	status=$?
	for ((i = 0; i < 400; i++)); do
		pkill -TERM -f "^strace -D -I 2 -qq -o $WORK/" || break
		sleep 0.005
	done
	[ $((SECONDS - begun)) -lt 20 ] || status=124
	return "$status"
}

# What holds the container's first process, as the host sees it; nothing if it does not run.
fingerprint()
{
	local pid ns
	pid=$("${K[@]}" state "$ID" 2>/dev/null | jq -r 'select(.status == "running") | .pid')
	[ -n "$pid" ] || return 0
	grep -E "$HELD" "/proc/$pid/status"
	cat "/proc/$pid"/{oom_score_adj,limits} && grep '^0::' "/proc/$pid/cgroup"
	for ns in cgroup ipc mnt net pid user uts; do
		[ "/proc/$pid/ns/$ns" -ef "/proc/self/ns/$ns" ] && echo "$ns: the host's"
	done
	awk '{ for (i = 7; $i != "-"; i++) sub(/:.*/, "", $i); $1 = $2 = $3 = $4 = $NF = $(NF - 1) = ""; print }' "/proc/$pid/mountinfo"
}

# Everything of ours that is still there, one word each; nothing when all is clean.
left_over()
{
	local file
	[ ! -e "$ROOT" ] || find "$ROOT" -mindepth 1 -printf 'state:%P\n'
	for file in /sys/fs/cgroup/"$ID"* /sys/fs/cgroup/*/"$ID"* "$WORK"/.[!.]*; do
		[ ! -e "$file" ] || echo "file:$file"
	done
	bundle_names | LC_ALL=C comm -3 "$WORK/names" - | sed 's/^[[:space:]]*/bundle:/'
	grep -o " ${WORK}[^ ]*" /proc/self/mountinfo | sed 's/^ /mount:/'
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

# Each kind of thing that can be left, left on purpose: a look that misses one of them proves nothing.
control()
{
	local kind pid
	settle >/dev/null || bail "something is left before anything was done: $(left_over)"
	mkdir -p "$ROOT/$ID" "/sys/fs/cgroup/kanuki/$ID"
	: > "$WORK/.pid.tmp"
	: > "$WORK/bundle/rootfs/run/left"
	mount --bind "$WORK/bundle/data" "$WORK/bundle/data"
	"$WORK/bundle/rootfs/bin/busybox" sleep "$SECONDS_OF_OURS" &
	pid=$!
	left_over > "$WORK/out"
	kill "$pid"
	wait "$pid" 2>/dev/null
	umount "$WORK/bundle/data"
	rmdir "$ROOT/$ID" "/sys/fs/cgroup/kanuki/$ID"
	rm "$WORK/.pid.tmp" "$WORK/bundle/rootfs/run/left"
	for kind in "state:$ID" "file:/sys/fs/cgroup/kanuki/$ID" "file:$WORK/.pid.tmp" "bundle:$WORK/bundle/rootfs/run/left" \
		"mount:$WORK/bundle/data" "process:$pid:"; do
		if grep -qF "$kind" "$WORK/out"; then
			ok "the look for leaks sees a planted ${kind%%:*}"
		else
			not_ok "the look for leaks misses a planted ${kind%%:*}"
			leaks=$((leaks + 1))
		fi
	done
	settle >/dev/null || bail "what was planted does not go: $(left_over)"
}

# After a leak, by hand: the next one starts clean and is judged for itself.
sweep()
{
	local left pid
	"${K[@]}" delete --force "$ID" >/dev/null 2>&1
	for left in $(pids_of_ours); do
		pid=${left#process:}
		[ "$left" = "$pid" ] || kill -KILL "${pid%%:*}" 2>/dev/null
	done
	rmdir "/sys/fs/cgroup/kanuki/$ID" 2>/dev/null
	rm -rf "${ROOT:?}/$ID" "$WORK"/.[!.]*
}

row()
{
	rows+=("| $1 | $2 | $3 | $4 |")
}

# table HEADING POINTS: the plan and the rows.
table()
{
	echo "1..$number"
	echo
	echo "| operation | level | $1 | leaks |"
	echo "| --- | --- | ---: | ---: |"
	printf '%s\n' "${rows[@]}"
	echo "| all | stride $STRIDE | $2 | $leaks |"
	echo
}
