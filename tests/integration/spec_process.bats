#!/usr/bin/env bats
# runtime-spec config.md "Process" and what a caller hands over, at builtin:oci: nothing forced, so that what is asked can be seen.
load helpers
LEVEL=oci

test_begin() {
	LEVEL=oci
}

# sock NAME: a path that fits into sun_path whatever the test's directory is called.
sock() {
	SOCKETS=${SOCKETS:-$(mktemp -d /tmp/kit.XXXXXX)}
	SOCK=$SOCKETS/$1
}

test_end() {
	[ -z "${SOCKETS-}" ] || rm -rf "$SOCKETS"
}

@test "process.terminal: create sends the master over --console-socket, of the container's own devpts" {
	sock console
	background "$THREATS_TOOLS/recvfd" "$SOCK" > "$W/console"
	until_true test -S "$SOCK"
	script 'tty; stty size; stat -c %t:%T /dev/console; [ -t 0 ] && [ -t 1 ] && [ -t 2 ] && echo three; : < /dev/tty && echo controlling' \
		'.process.terminal = true' '.process.consoleSize = {height: 33, width: 111}'
	k create --console-socket "$SOCK" --bundle "$B" "$ID" < /dev/null
	k start "$ID"
	until_true grep -q controlling "$W/console"
	grep -q '^message /dev/pts/0\|^message /dev/ptmx\|^message .' "$W/console"
	grep -q '^fd chr .* tiocgptn yes host-tty no' "$W/console"
	tr -d '\r' < "$W/console" > "$W/text"
	grep -qx /dev/pts/0 "$W/text"
	grep -qx '33 111' "$W/text"
	grep -qx '88:0' "$W/text"
	grep -qx three "$W/text"
}

@test "process.terminal: run in the foreground relays it, with the status" {
	script 'tty; exit 7' '.process.terminal = true'
	run "$THREATS_TOOLS/ptyrun" "$KANUKI" --root "$ROOT" --policy builtin:oci run --bundle "$B" "$ID"
	has /dev/pts/0
	has 'ptyrun: status 7'
}

# with_input ARGS...: kanuki with more input than any buffer takes, its echo left aside.
with_input() {
	status=0
	head -c 400000 /dev/zero > "$W/input"
	k "$@" < "$W/input" > "$W/echo" 2> "$W/stderr" || status=$?
	is '' "$(cat "$W/stderr")"
}

@test "process.terminal: run and exec end with the program, though it never read what was typed" {
	# The second gives the input time to fill the terminal.
	script 'stty raw -echo; sleep 1; exit 5' '.process.terminal = true'
	with_input run --bundle "$B" "$ID"
	is 5 "$status"
	[ ! -e "$ROOT/$ID" ]
	up
	with_input exec --tty "$ID" sh -c 'stty raw -echo; sleep 1; exit 6'
	is 6 "$status"
}

ask_to_end() {
	kill -TERM "$1" 2> /dev/null || :
	! kill -0 "$1" 2> /dev/null
}

@test "process.terminal: where nobody reads the output, SIGTERM reaches the program, and after its end kanuki" {
	local runner
	mkfifo "$W/out"
	exec 7<> "$W/out"
	dd if=/dev/zero of="$W/out" oflag=nonblock bs=4096 count=1000 2> /dev/null || :
	PREFIX="$W/as"
	printf '#!/bin/sh\necho $$ > "%s"\nexec "$@"\n' "$W/self" > "$PREFIX"
	chmod +x "$PREFIX"
	script 'trap "exit 7" TERM; yes & sleep 0.5; : > /data/began; wait' \
		'.process.terminal = true' '.mounts += [{destination: "/data", type: "bind", source: $w, options: ["bind", "rw"]}]'
	background k run --bundle "$B" "$ID" < /dev/null > "$W/out" 7>&-
	runner=${BACKGROUND##* }
	PREFIX=
	until_true test -e "$W/began"
	kill -TERM "$(cat "$W/self")"
	until_true has_status stopped
	until_true ask_to_end "$(cat "$W/self")"
	wait "$runner" && status=0 || status=$?
	is 7 "$status"
	[ ! -e "$ROOT/$ID" ]
	exec 7>&-
}

@test "process.terminal: a console socket without a terminal, or a detached terminal without one, is an error" {
	sock console
	background "$THREATS_TOOLS/recvfd" "$SOCK" > /dev/null
	until_true test -S "$SOCK"
	script true
	run --separate-stderr k create --console-socket "$SOCK" --bundle "$B" "$ID"
	refused console
	script true '.process.terminal = true'
	run --separate-stderr k create --bundle "$B" "$ID"
	refused console-socket
	run --separate-stderr k create --console-socket /nowhere/socket --bundle "$B" "$ID"
	refused /nowhere/socket
}

@test "exec --tty: a terminal of the container's" {
	up
	run "$THREATS_TOOLS/ptyrun" "$KANUKI" --root "$ROOT" --policy builtin:oci exec --tty "$ID" sh -c 'tty; [ -t 0 ] && echo yes; exit 3'
	has /dev/pts/
	has yes
	has 'ptyrun: status 3'
}

@test "--pidfd-socket: create sends a pidfd of the container's process" {
	sock pidfd
	background "$TOOLS/outside" pidfd "$SOCK" > "$W/pidfd"
	until_true test -S "$SOCK"
	script 'sleep 100'
	k create --pidfd-socket "$SOCK" --pid-file "$W/pid" --bundle "$B" "$ID" < /dev/null
	until_true test -s "$W/pidfd"
	is "message standard
pid $(cat "$W/pid")" "$(cat "$W/pidfd")"
}

@test "--pidfd-socket: not before the process stands in all its namespaces" {
	LEVEL=oci
	printf '#!/bin/sh\nsleep 0.5\n[ -s %s/pidfd ] && echo early > %s/early\nexit 0\n' "$W" "$W" > "$W/hook"
	chmod 755 "$W/hook"
	sock pidfd
	background "$TOOLS/outside" pidfd "$SOCK" > "$W/pidfd"
	until_true test -S "$SOCK"
	script 'sleep 100' '.hooks.createRuntime = [{path: ($w + "/hook")}]'
	k create --pidfd-socket "$SOCK" --bundle "$B" "$ID" < /dev/null
	until_true test -s "$W/pidfd"
	[ ! -e "$W/early" ]
}

@test "exec --pidfd-socket: a pidfd of exec's process" {
	up
	sock pidfd
	background "$TOOLS/outside" pidfd "$SOCK" > "$W/pidfd"
	until_true test -S "$SOCK"
	k exec --detach --pidfd-socket "$SOCK" --pid-file "$W/exec-pid" "$ID" sleep 100
	until_true test -s "$W/pidfd"
	is "message setns
pid $(cat "$W/exec-pid")" "$(cat "$W/pidfd")"
}

@test "--preserve-fds: 3 and 4 arrive as they are, 5 does not" {
	script 'cat <&3; cat <&4; ls /proc/self/fd | tr "\n" " "'
	PREFIX="$TOOLS/outside fds 4"
	go --preserve-fds 2
	succeeded
	is $'3\n4\n0 1 2 3 4 5 '
	script 'cat <&5'
	go --preserve-fds 2
	[ "$status" != 0 ]
	PREFIX=
	up
	PREFIX="$TOOLS/outside fds 4"
	run --separate-stderr k exec --preserve-fds 2 "$ID" sh -c 'cat <&3; cat <&4'
	succeeded
	is $'3\n4'
}

@test "LISTEN_FDS: passed with LISTEN_PID=1 when LISTEN_PID is the runtime's, else not" {
	script 'env | grep ^LISTEN | sort; cat <&3; cat <&4'
	# The pid is that of the runtime itself: the shell becomes it.
	run --separate-stderr "$TOOLS/outside" fds 2 sh -c 'LISTEN_PID=$$ LISTEN_FDS=2 LISTEN_FDNAMES=a:b exec "$@"' sh \
		"$KANUKI" --root "$ROOT" --policy builtin:oci run --bundle "$B" "$ID" < /dev/null
	succeeded
	is $'LISTEN_FDNAMES=a:b\nLISTEN_FDS=2\nLISTEN_PID=1\n3\n4'
	script 'env | grep ^LISTEN; ls /proc/self/fd | tr "\n" " "'
	run --separate-stderr "$TOOLS/outside" fds 2 env LISTEN_PID=1 LISTEN_FDS=2 \
		"$KANUKI" --root "$ROOT" --policy builtin:oci run --bundle "$B" "$ID" < /dev/null
	succeeded
	is '0 1 2 3 '
}

@test "LISTEN_FDS and --preserve-fds add up" {
	script 'cat <&3; cat <&4; cat <&5'
	run --separate-stderr "$TOOLS/outside" fds 3 sh -c 'LISTEN_PID=$$ LISTEN_FDS=1 exec "$@"' sh \
		"$KANUKI" --root "$ROOT" --policy builtin:oci run --preserve-fds 2 --bundle "$B" "$ID" < /dev/null
	succeeded
	is $'3\n4\n5'
}

@test "NOTIFY_SOCKET: run passes READY=1 on with its own pid, which outlives the container's, at both levels" {
	for LEVEL in oci hardened; do
		sock notify-$LEVEL
		background "$TOOLS/outside" datagrams "$SOCK" 2 > "$W/notify"
		until_true test -S "$SOCK"
		script 'inside notify READY=1; sleep 0.3'
		PREFIX="$BATS_TEST_TMPDIR/as"
		printf '#!/bin/sh\necho $$ > "%s"\nNOTIFY_SOCKET=%s exec "$@"\n' "$W/self" "$SOCK" > "$PREFIX"
		chmod +x "$PREFIX"
		go
		PREFIX=
		succeeded
		is 0
		until_true test -s "$W/notify"
		has READY=1 "$(cat "$W/notify")"
		has "MAINPID=$(cat "$W/self")" "$(cat "$W/notify")"
		rm "$W/notify"
	done
}

@test "NOTIFY_SOCKET: a manager that hears READY=1 and no barrier, or nothing at all, does no harm to run" {
	local listener
	for LEVEL in oci hardened; do
		for listener in leaves absent; do
			sock "$listener-$LEVEL"
			if [ $listener = leaves ]; then
				background "$TOOLS/outside" datagrams "$SOCK" 1 > "$W/notify"
				until_true test -S "$SOCK"
			fi
			PREFIX="env NOTIFY_SOCKET=$SOCK"
			script 'inside notify READY=1; sleep 0.3; exit 3'
			go
			is 3 "$status"
			is '' "$stderr"
			if [ $listener = leaves ]; then
				background "$TOOLS/outside" datagrams "$SOCK" 1 > "$W/notify"
				until_true test -S "$SOCK"
			fi
			script 'inside notify READY=1; exec sleep 1000'
			k run --detach --bundle "$B" "$ID" < /dev/null > "$W/out"
			PREFIX=
			has_status running
			k delete --force "$ID"
		done
	done
}

@test "NOTIFY_SOCKET: create and start; start ends after READY=1" {
	sock notify
	background "$TOOLS/outside" datagrams "$SOCK" 2 > "$W/notify"
	until_true test -S "$SOCK"
	script 'inside notify STATUS=x; inside notify READY=1; exec sleep 1000'
	PREFIX="env NOTIFY_SOCKET=$SOCK"
	k create --pid-file "$W/pid" --bundle "$B" "$ID" < /dev/null > "$W/out"
	k start "$ID"
	PREFIX=
	until_true test -s "$W/notify"
	has READY=1 "$(cat "$W/notify")"
	has "MAINPID=$(cat "$W/pid")" "$(cat "$W/notify")"
	hasnt STATUS "$(cat "$W/notify")"
}

@test "NOTIFY_SOCKET: while start waits for READY=1, others may change and delete the container; then start ends" {
	local starter
	sock notify
	background "$TOOLS/outside" datagrams "$SOCK" 2 > "$W/notify"
	until_true test -S "$SOCK"
	script 'exec sleep 1000'
	PREFIX="env NOTIFY_SOCKET=$SOCK"
	k create --bundle "$B" "$ID" < /dev/null > "$W/out"
	LIMIT=60 background k start "$ID" > "$W/start" 2>&1
	starter=${BACKGROUND##* }
	PREFIX=
	until_true has_status running
	k update -r - "$ID" <<< '{"unified": {"cgroup.max.depth": "5"}}'
	kill -0 "$starter"
	k delete --force "$ID"
	wait "$starter"
	is '' "$(cat "$W/start" "$W/notify")"
}

@test "process.user: uid, gid, umask, additionalGids" {
	inside 'probe ids; umask' '.process.user = {uid: 1, gid: 2, umask: 23, additionalGids: [3, 0, 4]}'
	is $'uid 1 1 1\ngid 2 2 2\ngroups 0 3 4\n0027'
}

@test "process.cwd: is the working directory, made if missing; a relative one is refused" {
	own_image
	inside pwd '.process.cwd = "/home/made/here"' '.root.readonly = false'
	is /home/made/here
	script pwd '.process.cwd = "home"'
	go
	refused process.cwd
}

@test "process.rlimits: soft and hard; unknown and double ones are refused" {
	inside 'ulimit -Sn; ulimit -Hn; ulimit -Ss' '.process.rlimits = [{type: "RLIMIT_NOFILE", soft: 100, hard: 200},
		{type: "RLIMIT_STACK", soft: 1048576, hard: 2097152}]'
	is $'100\n200\n1024'
	bundle '.process.rlimits = [{type: "RLIMIT_WHAT", soft: 1, hard: 1}]'
	go
	refused RLIMIT_WHAT
	bundle '.process.rlimits = [{type: "RLIMIT_NOFILE", soft: 1, hard: 1}, {type: "RLIMIT_NOFILE", soft: 2, hard: 2}]'
	go
	refused RLIMIT_NOFILE
	bundle '.process.rlimits = [{type: "RLIMIT_NOFILE", soft: 10, hard: 1}]'
	go
	refused rlimits
}

@test "process.oomScoreAdj" {
	inside 'cat /proc/self/oom_score_adj' '.process.oomScoreAdj = 321'
	is 321
	bundle '.process.oomScoreAdj = 1001'
	go
	refused oomScoreAdj
}

@test "process.scheduler: policy, nice; process.ioPriority: class and level" {
	inside 'probe leftovers | grep -e ^sched -e ^ioprio; inside call 140 0 0' \
		'.process.scheduler = {policy: "SCHED_BATCH", nice: 3}' '.process.ioPriority = {class: "IOPRIO_CLASS_BE", priority: 6}'
	# 3 is SCHED_BATCH; class 2 in the upper bits; getpriority gives 20 less the niceness.
	is $'sched 3\nioprio 16390\n17'
	inside 'probe leftovers | grep -e ^sched -e ^ioprio' '.process.scheduler = {policy: "SCHED_FIFO", priority: 2}' \
		'.process.ioPriority = {class: "IOPRIO_CLASS_IDLE", priority: 0}'
	has 'sched 1'
	has 'ioprio 24576'
	bundle '.process.scheduler = {policy: "SCHED_WHAT"}'
	go
	refused SCHED_WHAT
}

@test "process.scheduler: SCHED_DEADLINE with its times and flags; half of one is refused" {
	local filter what
	bundle '.process.args = ["probe", "leftovers"]' '.process.scheduler = {policy: "SCHED_DEADLINE", runtime: 1000000,
		deadline: 20000000, period: 30000000, flags: ["SCHED_FLAG_RESET_ON_FORK"]}'
	planned 'scheduler: deadline .*runtime=1000000 deadline=20000000 period=30000000'
	go
	case $stderr in
	*'set the scheduling policy'*) refused 'set the scheduling policy' ;; # no bandwidth left for realtime here
	*) succeeded; has 'sched 1073741830' ;; # 6, and the flag in its place
	esac
	while IFS='|' read -r filter what; do
		bundle ".process.scheduler = $filter"
		go
		refused process.scheduler "$what"
	done <<-END
		{policy: "SCHED_DEADLINE"}|needs 'runtime' and 'deadline'
		{policy: "SCHED_DEADLINE", runtime: 5}|needs 'runtime' and 'deadline'
		{policy: "SCHED_DEADLINE", runtime: 5, deadline: 4}|runtime <= deadline <= period
		{policy: "SCHED_DEADLINE", runtime: 5, deadline: 7, period: 6}|runtime <= deadline <= period
		{policy: "SCHED_OTHER", runtime: 5}|SCHED_DEADLINE only
		{policy: "SCHED_DEADLINE", runtime: 5, deadline: 7, flags: ["SCHED_FLAG_WHAT"]}|SCHED_FLAG_WHAT
	END
}

@test "process.execCPUAffinity: initial and final for exec" {
	[ "$(nproc)" -gt 1 ] || skip "one processor only"
	up '.process.execCPUAffinity = {initial: "0", final: "1"}'
	run --separate-stderr k exec "$ID" grep ^Cpus_allowed_list /proc/self/status
	succeeded
	is $'Cpus_allowed_list:\t1'
	# Not the first process: config.md says that it doesn't apply to that.
	is "$(grep ^Cpus_allowed_list /proc/self/status)" "$(grep ^Cpus_allowed_list "/proc/$PID/status")"
}

@test "linux.personality" {
	inside 'probe leftovers | grep ^personality; uname -m' '.linux.personality = {domain: "LINUX32"}'
	# i686 on most x86_64.
	is $'personality 0x8\n'"$(setarch linux32 uname -m)"
	bundle '.linux.personality = {domain: "SOLARIS"}'
	go
	refused personality
}

@test "process.args: looked up in PATH; a missing one is an error of create, as engines expect" {
	bundle '.process.args = ["no-such-program"]'
	run --separate-stderr k create --bundle "$B" "$ID"
	refused 'executable file not found in $PATH' no-such-program
	bundle '.process.args = ["/etc/passwd"]'
	run --separate-stderr k create --bundle "$B" "$ID"
	refused 'permission denied'
	bundle '.process.args = []'
	go
	refused process.args
}

@test "process.capabilities: ambient ones survive for a user" {
	inside 'grep -e ^CapEff -e ^CapAmb -e ^CapBnd /proc/self/status' '.process.user.uid = 5' '.process.capabilities = (["CAP_NET_RAW"] as $c
		| {bounding: $c, effective: $c, permitted: $c, inheritable: $c, ambient: $c})'
	is $'CapEff:\t0000000000002000\nCapBnd:\t0000000000002000\nCapAmb:\t0000000000002000'
	bundle '.process.capabilities.bounding = ["CAP_WHAT"]'
	go
	refused CAP_WHAT
}

@test "process.noNewPrivileges: as it is asked" {
	inside 'grep ^NoNew /proc/self/status' '.process.noNewPrivileges = false'
	is $'NoNewPrivs:\t0'
	inside 'grep ^NoNew /proc/self/status' '.process.noNewPrivileges = true'
	is $'NoNewPrivs:\t1'
}

@test "hostname and domainname" {
	inside 'hostname; cat /proc/sys/kernel/domainname' '.hostname = "here"' '.domainname = "there"'
	is $'here\nthere'
}
