# What every threat test stands on: a fresh hostile bundle, a start that can't hang the suite,
# and a look at the host afterwards. Loaded by each .bats file; run through ./run.
#
# A test runs its body at each of LEVELS. kanuki has two: "hardened", its default plan, and "oci",
# where nothing is forced and every defence has to be in the mechanism itself. Another runtime
# (a negative control) has one, "plain".
#
# Two kinds of outcome are told apart: violation (what the test is about was broken) and anything
# else (the test itself could not be done). Only the first is what a negative control must show.

bats_require_minimum_version 1.5.0

BASE_CONFIG='{
	ociVersion: "1.0.2",
	process: {
		user: { uid: 0, gid: 0 }, args: ["/bin/sh", "-c", $script],
		env: ["PATH=/bin"], cwd: "/", noNewPrivileges: true,
		capabilities: { bounding: ["CAP_KILL"], effective: ["CAP_KILL"],
				permitted: ["CAP_KILL"] }
	},
	root: { path: "rootfs" }, hostname: "victim",
	mounts: [
		{ destination: "/proc", type: "proc", source: "proc" },
		{ destination: "/dev", type: "tmpfs", source: "tmpfs",
		  options: ["nosuid", "mode=755", "size=64k"] },
		{ destination: "/dev/pts", type: "devpts", source: "devpts",
		  options: ["nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620"] },
		{ destination: "/res", type: "bind", source: $res,
		  options: ["bind", "rw", "nosuid", "nodev", "noexec"] }
	],
	linux: {
		namespaces: [ { type: "pid" }, { type: "ipc" }, { type: "uts" }, { type: "mount" },
			      { type: "network" } ],
		cgroupsPath: $cgroup, maskedPaths: [], readonlyPaths: []
	}
}'

# Without CONFIG_IA32_EMULATION and on some hypervisors int 0x80 is a fault; to a user-mode kernel it is a call by x86-64's numbers,
# of which i386's socketcall (102) is getuid.
no_i386_calls()
{
	local got
	got=$("$THREATS_BIN/probe" try i386-getpid)
	[[ $got == 'i386-getpid '* && $got != 'i386-getpid OK' ]]
}

violation() {
	echo "violation: [${LEVEL-}] $*" | head -c 1000 >&2
	diagnose >&2
	return 1
}

broken() {
	echo "test not done: [${LEVEL-}] $*" >&2
	diagnose >&2
	return 1
}

diagnose() {
	echo "  exit status ${RC-none}"
	local file
	for file in stderr res/result; do
		if [[ -s $W/$file ]]; then
			sed "s|^|  $file: |" "$W/$file" | head -n 6 | cut -c 1-300
		fi
	done
}

runtime_kind() {
	case $("$RT" --version 2>&1 | head -n 1) in
	kanuki*) echo kanuki ;;
	runc*) echo runc ;;
	crun*) echo crun ;;
	*) basename "$RT" ;;
	esac
}

setup() {
	[[ -n ${THREATS_DIR-} ]] || {
		echo "run this file through tests/threats/run" >&2
		return 1
	}
	W=$BATS_TEST_TMPDIR
	B=$W/bundle
	SEQ=0
	LEVEL=''
	CONTAINERS=()
	RT_KIND=$(runtime_kind)
	# A copy: a test that succeeds in overwriting the runtime's program must not cost it.
	mkdir -p "$W/rt" "$W/host" "$W/res" "$W/vol"
	cp "$RT" "$W/rt/"
	RTX=$W/rt/$(basename "$RT")
	# Every directory above is passable: a container's root may be an ordinary user outside.
	local dir=$W
	while [[ $dir == "$THREATS_DIR"/* ]]; do
		chmod 755 "$dir"
		dir=${dir%/*}
	done
	chmod 777 "$W/res"
	echo "HOST-SECRET-$RANDOM$RANDOM" >"$W/host/sentinel"
	SECRET=$(<"$W/host/sentinel")
	if [[ $RT_KIND == kanuki ]]; then
		LEVELS=$THREATS_LEVELS
	else
		LEVELS=plain
	fi
	LEVEL_ARGS=()
	host_remember
	cut -d' ' -f2- /proc/self/mountinfo >"$W/mountinfo"
}

teardown() {
	[[ -n ${W-} ]] || return 0
	local entry
	for entry in "${CONTAINERS[@]}"; do
		LEVEL=${entry%%/*}
		level_args
		rt delete --force "${entry#*/}" >/dev/null 2>&1 || true
	done
	if [[ -n ${BACKGROUND-} ]]; then
		# shellcheck disable=SC2086 # a list of ids
		kill $BACKGROUND 2>/dev/null || true
	fi
	# After a failure these would only repeat it.
	if [[ ${BATS_TEST_COMPLETED-} == 1 ]]; then
		host_same
		null_same
		runtime_same
		mounts_same
	fi
}

# each_level FUNCTION [ARGS]: runs it at every level, from a clean slate.
each_level() {
	for LEVEL in $LEVELS; do
		level_args
		"$@"
	done
}

level_args() {
	if [[ $LEVEL == plain ]]; then
		LEVEL_ARGS=()
	elif [[ $LEVEL == hardened ]]; then
		LEVEL_ARGS=(--policy "$THREATS_POLICY")
	else
		LEVEL_ARGS=(--policy "builtin:$LEVEL")
	fi
}

# What engines give a container's root by default; CAP_SYS_PTRACE is not among it.
ENGINE_CAPS='["CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_FSETID", "CAP_FOWNER", "CAP_MKNOD", "CAP_NET_RAW",
	"CAP_SETGID", "CAP_SETUID", "CAP_SETFCAP", "CAP_SETPCAP", "CAP_NET_BIND_SERVICE",
	"CAP_SYS_CHROOT", "CAP_KILL", "CAP_AUDIT_WRITE"]'

# A user namespace whose root is an ordinary user outside.
USERNS='.linux.namespaces += [{ type: "user" }]
	| .linux.uidMappings = [{ containerID: 0, hostID: 100000, size: 65536 }]
	| .linux.gidMappings = [{ containerID: 0, hostID: 100000, size: 65536 }]'

is_hardened() { [[ $LEVEL == hardened ]]; }

# host_remember, host_same: the directory that no container may touch. Access times are left out.
host_state() {
	find "$W/host" -printf '%p %y %m %U %G %s %T@ %l\n' | sort
	find "$W/host" -type f -exec cksum {} + | sort
}

host_remember() { host_state >"$W/host.before"; }

host_same() {
	host_state >"$W/host.after"
	cmp -s "$W/host.before" "$W/host.after" ||
		violation "the host's directory changed: $(diff "$W/host.before" "$W/host.after" |
			head -n 6)"
}

null_same() {
	[[ $(stat -c %u:%g:%a:%t:%T /dev/null) == 0:0:666:1:3 ]] || {
		chown 0:0 /dev/null
		chmod 666 /dev/null
		violation "the host's null device was changed"
	}
}

runtime_same() { cmp -s "$RT" "$RTX" || violation "the runtime's own program was overwritten"; }

mounts_same() {
	# Without the first field, the mount id; with propagation tags.
	cut -d' ' -f2- /proc/self/mountinfo | diff "$W/mountinfo" - >"$W/mountinfo.diff" ||
		violation "mounts changed on the host: $(head -n 4 "$W/mountinfo.diff")"
}

# rt ARGS: the runtime at the current level, with the state directory of this test.
rt() {
	# shellcheck disable=SC2086 # a command and its arguments
	timeout -k 2 "${RT_TIMEOUT:-15}" ${RT_PREFIX-} "$RTX" "${LEVEL_ARGS[@]}" \
		--root "$W/state-$LEVEL" "$@" 3>&- 4>&-
}

# mk [-n|-d] [-s SCRIPT] [JQ-FILTER...]: a fresh bundle in $B.
# -d drops the mount on /dev, -n every mount at or below it, so that the runtime finds the
# image's own /dev.
# Filters may use $host, $res, $vol, $root and $b.
mk() {
	local drop='' script='' filter opt OPTIND=1
	while getopts nds: opt; do
		case $opt in
		n) drop='^/dev' ;;
		d) drop='^/dev$' ;;
		s) script=$OPTARG ;;
		*) return 1 ;;
		esac
	done
	shift $((OPTIND - 1))
	filter=$BASE_CONFIG
	if [[ -n $drop ]]; then
		filter+=" | .mounts |= map(select(.destination | test(\"$drop\") | not))"
	fi
	for opt; do
		filter+=" | $opt"
	done
	rm -rf --one-file-system "$B"
	mkdir -p "$B"
	cp -a "$THREATS_DIR/template/rootfs" "$B/rootfs"
	jq -n --arg script ": >/res/ran; $script" --arg res "$W/res" --arg host "$W/host" \
		--arg vol "$W/vol" --arg root "$B/rootfs" --arg b "$B" \
		--arg cgroup "$(cgroup_path)" "$filter" >"$B/config.json" || broken "config.json"
}

cgroup_path() { echo "/kt-$THREATS_RUN/${W##*/}-$BASHPID-$((++SEQ))"; }

# edit FILTER: changes the bundle's config.json in place.
edit() {
	jq --arg res "$W/res" --arg host "$W/host" --arg vol "$W/vol" "$@" "$B/config.json" \
		>"$B/config.new" || broken "jq"
	mv "$B/config.new" "$B/config.json"
}

new_id() {
	CID=t$((++SEQ))
	CONTAINERS+=("$LEVEL/$CID")
}

# launch [RUN-ARGS]: runs the bundle to its end. Sets RC and OUTCOME (ran or refused); the output
# is in $W/stdout and $W/stderr. Hanging, crashing and saying nothing are never acceptable.
launch() {
	clear_results
	new_id
	RC=0
	rt run --bundle "$B" "$@" "$CID" >"$W/stdout" 2>"$W/stderr" </dev/null || RC=$?
	settle
}

clear_results() { find "$W/res" -mindepth 1 -delete; }

settle() {
	case $RC in
	124 | 137) violation "the runtime hung" ;;
	129 | 13[0-689]) violation "the runtime died of signal $((RC - 128))" ;;
	esac
	if [[ -e $W/res/ran ]]; then
		OUTCOME=ran
		return
	fi
	OUTCOME=refused
	[[ $RC -ne 0 ]] || broken "success was reported, but the payload left no mark"
	[[ -s $W/stderr ]] || violation "refused without a word"
}

must_run() { [[ $OUTCOME == ran ]] || broken "refused: $(head -c 300 "$W/stderr")"; }

must_refuse() { [[ $OUTCOME == refused ]] || violation "started: $*"; }

# baseline [MK-ARGS]: the same bundle without the attack does start; without this, "refused" in
# the rest of a test would prove nothing.
baseline() {
	mk "$@"
	launch
	must_run
}

result() { cat "$W/res/result" 2>/dev/null || true; }

# create [CREATE-ARGS]: up to the "created" state. Sets RC, CID and, if it got there, PID.
create() {
	clear_results
	new_id
	RC=0
	PID=''
	rt create --bundle "$B" --pid-file "$W/pid" "$@" "$CID" >"$W/stdout" 2>"$W/stderr" \
		</dev/null || RC=$?
	case $RC in
	124 | 137) violation "create hung" ;;
	0) PID=$(<"$W/pid") ;;
	*) [[ -s $W/stderr ]] || violation "refused without a word" ;;
	esac
}

must_create() { [[ $RC -eq 0 ]] || broken "create refused: $(head -c 300 "$W/stderr")"; }

# up [FILTER...]: a container that keeps running, for exec and the like.
up() {
	mk -s 'exec sleep 60' "$@"
	create
	must_create
	rt start "$CID" >"$W/stdout" 2>"$W/stderr" || broken "start failed: $(<"$W/stderr")"
}

# xc ARGS...: exec in the running container CID; RC, $W/stdout and $W/stderr as for launch.
xc() {
	RC=0
	rt exec "$@" >"$W/stdout" 2>"$W/stderr" </dev/null || RC=$?
	case $RC in
	124 | 137) violation "exec hung" ;;
	esac
}

down() {
	rt delete --force "$CID" >/dev/null 2>&1 || broken "delete failed"
}

# in_ns_pid PID: the pid that a host process has in its innermost pid namespace.
in_ns_pid() { awk '/^NSpid:/ { print $NF }' "/proc/$1/status"; }

is_dead() { [[ ! -d /proc/$1 ]] || grep -q '^State:.*[ZX]' "/proc/$1/status" 2>/dev/null; }

# background CMD: started now, killed at the end of the test at the latest.
background() {
	"$@" 3>&- 4>&- &
	BACKGROUND="${BACKGROUND-} $!"
}

wait_for() {
	local i
	for i in {1..100}; do
		"$@" && return 0
		sleep 0.05
	done
	broken "waited in vain for: $*"
}

# run_raw [RUN-ARGS]: as launch, for programs that leave no mark. Sets RC only.
run_raw() {
	clear_results
	new_id
	RC=0
	rt run --bundle "$B" "$@" "$CID" >"$W/stdout" 2>"$W/stderr" </dev/null || RC=$?
	case $RC in
	124 | 137) violation "the runtime hung" ;;
	129 | 13[0-689]) violation "the runtime died of signal $((RC - 128))" ;;
	esac
}

# weakest: the level at which an attacker's container gets what its configuration asks for.
weakest() {
	LEVEL=${LEVELS##* }
	level_args
}

at() {
	LEVEL=$1
	level_args
}

# no_secret: nothing that the payload wrote or said holds the host's secret.
no_secret() {
	! grep -rqs "$SECRET" "$W/res" "$W/stdout" "$W/stderr" ||
		violation "the host's file was read: $*"
}

# console_create: create with a terminal; what came over the console socket is in $W/console.
console_create() {
	rm -f "$W/tty.sock" "$W/console"
	background "$THREATS_BIN/recvfd" "$W/tty.sock" 20 >"$W/console"
	wait_for test -S "$W/tty.sock"
	create --console-socket "$W/tty.sock"
}
