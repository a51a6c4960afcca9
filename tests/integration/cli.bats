#!/usr/bin/env bats
# The command line as engines use it: runc's flags in every spelling, exit statuses, words that engines look for, formats.
load helpers

test_begin() {
	LEVEL=oci
}

# one_error STATUS TEXT...: failed with this status, one line on stderr that holds each text, nothing on stdout.
one_error() {
	local want=$1 text
	shift
	[ "$status" = "$want" ] && [ -z "$output" ] && [ "$(printf '%s\n' "$stderr" | wc -l)" = 1 ] || { show; return 1; }
	for text; do has "$text" "$stderr"; done
}

kk() { run --separate-stderr k "$@"; }

@test "flags: --flag v, --flag=v, -flag v, -flag=v, short ones; repeated globals, the last counts" {
	script true
	local spelling n=0
	for spelling in "--bundle $B" "--bundle=$B" "-bundle $B" "-bundle=$B" "-b $B" "-b=$B"; do
		# shellcheck disable=SC2086 # words
		kk run $spelling "$ID-$((++n))"
		succeeded
	done
	run --separate-stderr "$KANUKI" --root /nowhere --root="$ROOT" -root "$ROOT" --policy builtin:hardened -policy=builtin:oci \
		--log-format text --log-format=json --debug --debug=false --rootless false --criu x --log-level error \
		--cgroup-manager cgroupfs run -no-subreaper --no-new-keyring --keep=false -b "$B" "$ID"
	succeeded
}

@test "flags: create's, run's and exec's are known, in both spellings" {
	local flag
	up
	for flag in bundle b console-socket pidfd-socket pid-file no-pivot no-new-keyring preserve-fds; do
		k create --help | grep -qE -- "--?$flag\b" || { echo "create: $flag"; false; }
	done
	for flag in bundle detach keep no-subreaper pid-file preserve-fds; do
		k run --help | grep -q -- "--$flag" || { echo "run: $flag"; false; }
	done
	for flag in cwd env tty user additional-gids process detach pid-file process-label apparmor no-new-privs cap preserve-fds cgroup \
		ignore-paused console-socket pidfd-socket; do
		k exec --help | grep -q -- "--$flag" || { echo "exec: $flag"; false; }
	done
	kk exec -cwd /tmp --env A=1 -e B=2 -u 5:6 --additional-gids 7 -g 8 "$ID" sh -c 'pwd; echo $A$B; probe ids'
	succeeded
	is $'/tmp\n12\nuid 5 5 5\ngid 6 6 6\ngroups 7 8'
	kk exec -no-new-privs --cap CAP_NET_RAW -c CAP_KILL "$ID" grep -e ^NoNew -e ^CapEff /proc/self/status
	succeeded
	is $'CapEff:\t00000000200024e1\nNoNewPrivs:\t1' "$(sed 's/CapEff:.*/CapEff:\t00000000200024e1/' <<< "$output")"
}

@test "flags: parsing stops at the id for exec, kill and ps; -- ends options" {
	up
	kk exec "$ID" echo --user 5 -x
	succeeded
	is '--user 5 -x'
	kk exec -- "$ID" echo -- x
	succeeded
	is '-- x'
	kk kill "$ID" -- 2>&1 || :
	kk ps "$ID" -ef
	succeeded
	has sleep
}

@test "flags: unknown option, missing argument, missing command: status 1 and one line" {
	kk run --what x
	one_error 1 "unknown option '--what'"
	kk run
	one_error 1 usage
	kk run --bundle
	one_error 1 'needs an argument'
	kk what
	one_error 1 "unknown command 'what'"
	run --separate-stderr "$KANUKI" --what
	is "kanuki: unknown option '--what' (see kanuki --help)" "$stderr"
	one_error 1 "unknown option '--what'"
	kk state a b
	one_error 1 usage
}

@test "a global option with a wrong word is refused by every command, before anything else" {
	local command
	for command in 'state x' 'delete --force x' features list 'kill x' spec 'ps x'; do
		# shellcheck disable=SC2086 # words
		run --separate-stderr "$KANUKI" --root "$ROOT" --policy builtin:what $command
		one_error 1 "policy 'builtin:what' is unknown"
		# shellcheck disable=SC2086
		kk --cgroup-manager what $command
		one_error 1 "--cgroup-manager: 'what'"
		# shellcheck disable=SC2086
		kk --rootless what $command
		one_error 1 "--rootless: 'what'"
	done
	[ ! -e "$B/config.json" ]
}

@test "--debug: each change by policy is told once, at both levels" {
	for LEVEL in hardened oci; do
		script true '.annotations = {}'
		kk --debug run --bundle "$B" "$ID"
		is 0 "$status"
		has "changes by policy" "$stderr"
		is '' "$(sort <<< "$stderr" | uniq -d)"
	done
}

@test "--version and --help" {
	run --separate-stderr "$KANUKI" --version
	succeeded
	has 'kanuki version ' "${lines[0]}"
	has 'commit: ' "${lines[1]}"
	is 'spec: 1.3.0' "${lines[2]}"
	run --separate-stderr "$KANUKI" -version
	succeeded
	is 'spec: 1.3.0' "${lines[2]}"
	local command
	for command in create start state kill delete run exec ps list pause resume update events spec features plan; do
		kk "$command" --help
		succeeded
		has "$command" "${lines[0]}"
	done
}

@test "exit statuses: the program's, 128 and the signal's; 255 when exec fails" {
	script 'exit 42'
	go
	is 42 "$status"
	script 'kill -9 $$'
	bundle '.process.args = ["sh", "-c", "sh -c \"kill -TERM \\$\\$\"; exit $?"]'
	go
	is 143 "$status"
	up
	kk exec "$ID" sh -c 'exit 3'
	is 3 "$status"
	kk exec "$ID" sh -c 'kill -KILL $$'
	is 137 "$status"
	kk exec "$ID" no-such-program
	one_error 255 'executable file not found in $PATH'
	kk exec --cwd /nowhere "$ID" true
	one_error 255
	kk exec "$ID-none" true
	one_error 255 'does not exist'
	kk exec --user 5:x "$ID" true
	one_error 255
}

@test "unknown id: status 1 and 'does not exist'; delete --force is silent and 0" {
	local command
	for command in state start kill delete pause resume ps 'update --pids-limit 5' events; do
		# shellcheck disable=SC2086 # words
		kk $command "$ID-none"
		one_error 1 "container does not exist: '$ID-none'"
	done
	kk delete --force "$ID-none"
	is 0 "$status"
	is '' "$output$stderr"
}

@test "ids: empty, '.', '..', with a slash, too long, with strange characters are refused" {
	script true
	local id
	for id in . .. a/b ../x "$(printf '%01025d' 0)" 'a b' $'a\nb' 'ä' '-x' '*'; do
		kk run --bundle "$B" -- "$id"
		one_error 1
		[ -z "$(find "$ROOT" -mindepth 1 2> /dev/null)" ]
	done
	kk run --bundle "$B" ''
	one_error 1
	kk run --bundle "$B" 'A_b-c.d+1'
	succeeded
}

@test "create: an id in use is refused with the phrase of runc" {
	up
	kk create --bundle "$B" "$ID"
	one_error 1 'container with given ID already exists'
	has_status running
}

@test "lifecycle: created, running, paused, stopped; what each refuses" {
	script 'exec sleep 1000'
	k create --bundle "$B" "$ID" < /dev/null > /dev/null
	has_status created
	kk exec "$ID" true
	[ "$status" = 255 ] || { kk exec "$ID" true; show; }
	k start "$ID"
	has_status running
	kk start "$ID"
	one_error 1
	kk delete "$ID"
	one_error 1
	k pause "$ID"
	has_status paused
	kk exec "$ID" true
	one_error 255 paused
	# It runs when the container does again.
	background k exec --ignore-paused "$ID" true
	local paused_exec=$!
	kk pause "$ID"
	one_error 1 'paused already' # as runc and youki; crun says nothing
	k resume "$ID"
	wait "$paused_exec"
	has_status running
	kk resume "$ID"
	one_error 1
	k kill "$ID" KILL
	until_true has_status stopped
	kk kill "$ID" KILL
	one_error 1 'container not running'
	kk kill --all "$ID" KILL
	is 0 "$status"
	kk start "$ID"
	one_error 1
	kk exec "$ID" true
	one_error 255 'not running'
	kk delete "$ID"
	succeeded
	kk state "$ID"
	one_error 1 'does not exist'
}

@test "delete of a created container kills it and is 0" {
	script 'exec sleep 1000'
	k create --bundle "$B" --pid-file "$W/pid" "$ID" < /dev/null > /dev/null
	kk delete "$ID"
	succeeded
	# Its parent is gone, so whoever inherited it may not have reaped it yet.
	! grep -q '^State:.*[RSDT] ' "/proc/$(cat "$W/pid")/status" 2> /dev/null || false
}

@test "kill: an unknown signal is refused; --all kills all" {
	up
	kk kill "$ID" WHAT
	one_error 1 "unknown signal 'WHAT'"
	kk kill "$ID" 65
	one_error 1
	k exec --detach --pid-file "$W/other" "$ID" sleep 1000
	kk kill --all "$ID" KILL
	succeeded
	until_true has_status stopped
	! grep -q '^State:.*[RSDT] ' "/proc/$(cat "$W/other")/status" 2> /dev/null || false
}

@test "kill: 15, TERM, SIGTERM, term, none and usr1 arrive" {
	mkdir -m 777 "$W/vol"
	script 'trap "echo TERM >> /data/got" TERM; trap "echo USR1 >> /data/got" USR1; : > /data/ready; while :; do sleep 0.02; done' \
		'.mounts += [{destination: "/data", type: "bind", source: ($w + "/vol"), options: ["bind", "rw"]}]'
	k run --detach --bundle "$B" "$ID" < /dev/null > /dev/null
	until_true test -e "$W/vol/ready"
	local signal
	for signal in 15 TERM SIGTERM term ''; do
		# shellcheck disable=SC2086 # nothing is no argument
		k kill "$ID" $signal
		until_true grep -q TERM "$W/vol/got"
		rm "$W/vol/got"
	done
	k kill "$ID" usr1
	until_true grep -q USR1 "$W/vol/got"
}

@test "--log: exactly one line per failure, text and json, and the same on stderr" {
	kk --log "$W/log" state "$ID-none"
	one_error 1 'does not exist'
	is 1 "$(wc -l < "$W/log")"
	grep -q 'level=error msg="container does not exist' "$W/log"
	kk --log "$W/json" --log-format json state "$ID-none"
	one_error 1
	is 1 "$(wc -l < "$W/json")"
	jq -e '.level == "error" and (.msg | test("does not exist")) and (.time | test("^[0-9T:-]+Z"))' "$W/json"
	script true '.process.user.uid = -1'
	kk --log "$W/json" --log-format json run --bundle "$B" "$ID"
	one_error 1
	is 2 "$(wc -l < "$W/json")"
	kk --log "$W/json" --log-format json run --bundle /nowhere "$ID"
	is 3 "$(wc -l < "$W/json")"
	kk --log "$W/json" --log-format json exec "$ID-none" true
	is 4 "$(wc -l < "$W/json")"
	bundle '.process.args = ["no-such\u0007program\n\"x\""]'
	kk --log "$W/json" --log-format json run --bundle "$B" "$ID"
	is 5 "$(wc -l < "$W/json")"
	jq -se 'length == 5 and all(.level == "error")' "$W/json"
	script true
	kk --log "$W/json" --log-format json run --bundle "$B" "$ID"
	succeeded
	is 5 "$(wc -l < "$W/json")"
	kk --log-format what state x
	one_error 1 what
}

@test "--log: /dev/stderr, /dev/stdout and descriptors by name, through the sealed copy too; no other link" {
	local name
	kk --log /dev/stderr state "$ID-none"
	is 1 "$status"
	is 2 "${#stderr_lines[@]}"
	has 'level=error msg="container does not exist' "${stderr_lines[0]}"
	kk --log /dev/stdout --log-format json state "$ID-none"
	is error "$(jq -r .level <<< "$output")"
	for name in /proc/self/fd/7 /proc/self/fd/2; do
		bundle '.process.args = ["no-such-program"]'
		run --separate-stderr bash -c '"$@" 7>> "$0"' "$W/seven" "$KANUKI" --root "$ROOT" --policy builtin:oci --log "$name" \
			run --bundle "$B" "$ID"
		is 1 "$status"
		case $name in
		*7) is 1 "$(grep -c 'level=error' "$W/seven")" ;;
		*) has 'level=error' "${stderr_lines[0]}" ;;
		esac
	done
	# It is the log and nothing that the program gets.
	script 'ls /proc/self/fd'
	run --separate-stderr bash -c '"$@" 7>> "$0"' "$W/seven" "$KANUKI" --root "$ROOT" --policy builtin:oci --log /proc/self/fd/7 \
		run --bundle "$B" "$ID"
	succeeded
	is $'0\n1\n2\n3'
	ln -s "$W/target" "$W/link"
	kk --log "$W/link" state "$ID-none"
	one_error 1 "open log file '$W/link'"
	[ ! -e "$W/target" ]
	kk --log /dev/fd/2 state "$ID-none"
	one_error 1 'open log file'
}

@test "pid file: the pid without a newline, mode 0644, over an existing empty file" {
	: > "$W/pid"
	up
	[[ "$(od -An -c "$W/pid")" != *'\n'* ]]
	is "$(k state "$ID" | jq .pid)" "$PID"
	is 644 "$(stat -c %a "$W/pid")"
	: > "$W/exec-pid"
	k exec --detach --pid-file "$W/exec-pid" "$ID" sleep 100
	[[ "$(od -An -c "$W/exec-pid")" != *'\n'* ]]
	has sleep "$(tr '\0' ' ' < "/proc/$(cat "$W/exec-pid")/cmdline")"
}

@test "pid file: a run that fails leaves none" {
	printf 'no program' > "$W/text"
	chmod 755 "$W/text"
	local how mounts='.mounts += [{destination: "/data", type: "bind", source: $w, options: ["bind", "ro"]}]'
	for how in run 'run --detach'; do
		bundle '.process.args = ["/data/text"]' "$mounts"
		# shellcheck disable=SC2086 # words
		kk $how --pid-file "$W/pid" --bundle "$B" "$ID"
		one_error 1 'Exec format error'
		[ ! -e "$W/pid" ]
		script 'exec sleep 1000' '.hooks.poststart = [{path: "/bin/false"}]'
		# shellcheck disable=SC2086 # words
		kk $how --pid-file "$W/pid" --bundle "$B" "$ID"
		one_error 1 poststart
		[ ! -e "$W/pid" ]
	done
	# The file of a container that was made stays, whatever its program's end.
	script 'exit 3'
	kk run --pid-file "$W/pid" --bundle "$B" "$ID"
	is 3 "$status"
	[ -s "$W/pid" ]
}

@test "state: its fields; nothing on stderr" {
	up '.annotations = {a: "b"}'
	kk state "$ID"
	succeeded
	is "[\"$ID\",$PID,\"running\",\"$B\",\"$IMAGE\",\"b\"]" "$(jq -c '[.id, .pid, .status, .bundle, .rootfs, .annotations.a]' <<< "$output")"
	jq -e '(.ociVersion | test("^1\\.")) and (.created | fromdateiso8601? // (.[0:19] + "Z" | fromdateiso8601)) and has("owner")' <<< "$output"
	k kill "$ID" KILL
	until_true has_status stopped
	is 0 "$(k state "$ID" | jq '.pid // 0')"
}

@test "list: table, json, quiet; empty ones" {
	kk list
	succeeded
	is 1 "${#lines[@]}"
	kk list --format json
	succeeded
	is '[]' "$(jq -c . <<< "$output")"
	up
	kk list
	succeeded
	is "$ID $PID running $B" "$(awk 'NR == 2 { print $1, $2, $3, $4 }' <<< "$output")"
	is 'ID PID STATUS BUNDLE CREATED OWNER' "$(awk 'NR == 1 { $1 = $1; print }' <<< "$output")"
	kk list -f json
	is "[[\"$ID\",$PID,\"running\",\"$B\"]]" "$(jq -c 'map([.id, .pid, .status, .bundle])' <<< "$output")"
	kk list -q
	is "$ID"
	kk list --format what
	one_error 1 what
}

@test "ps: table and json; nothing on stderr" {
	up
	k exec --detach --pid-file "$W/other" "$ID" sleep 1000
	kk ps "$ID"
	succeeded
	is 3 "${#lines[@]}"
	kk ps --format json "$ID"
	succeeded
	is "$(printf '%s\n' "$PID" "$(cat "$W/other")" | sort -n | jq -sc .)" "$(jq -c sort <<< "$output")"
	kk ps "$ID" -o pid,args
	has 'sleep 1000'
	has "$PID"
}

@test "features: valid, says what engines ask for, nothing on stderr" {
	kk features
	succeeded
	jq -e '.ociVersionMin and .ociVersionMax == "1.3.0"
		and (.hooks | length == 6)
		and (.mountOptions | index("rro") and index("ro") and index("bind"))
		and (.linux.namespaces | index("user") and length == 8)
		and .linux.mountExtensions.idmap.enabled and .linux.cgroup.v2 and .linux.seccomp.enabled
		and (.linux.seccomp.actions | index("SCMP_ACT_NOTIFY")) and .linux.netDevices.enabled
		and (.linux.memoryPolicy.flags | length == 3) and (.linux.memoryPolicy.modes | length == 7)
		and (.linux.capabilities | index("CAP_SYS_ADMIN"))' <<< "$output"
	# No key twice in an object, anywhere: jq would take the last one and say nothing.
	python3 -c 'import json, sys
def once(pairs):
    keys = [k for k, _ in pairs]
    assert len(keys) == len(set(keys)), "twice: " + str(sorted(k for k in keys if keys.count(k) > 1))
json.loads(sys.stdin.read(), object_pairs_hook=once)' <<< "$output"
	# What it names is taken, mode by mode and flag by flag.
	local name features=$output
	bundle
	for name in $(jq -r '.linux.memoryPolicy.modes[]' <<< "$features"); do
		case $name in
		MPOL_DEFAULT | MPOL_LOCAL) bundle ".linux.memoryPolicy = {mode: \"$name\"}" ;;
		*) bundle ".linux.memoryPolicy = {mode: \"$name\", nodes: \"0\"}" ;;
		esac
		kk plan --bundle "$B"
		succeeded
	done
	for name in $(jq -r '.linux.memoryPolicy.flags[]' <<< "$features"); do
		bundle ".linux.memoryPolicy = {mode: \"MPOL_BIND\", nodes: \"0\", flags: [\"$name\"]}"
		kk plan --bundle "$B"
		succeeded
	done
}

@test "update: from a file, from standard input, by flags; what can't be is an error" {
	up
	echo '{"unified": {"cgroup.max.depth": "4"}}' > "$W/resources"
	kk update --resources "$W/resources" "$ID"
	succeeded
	is 4 "$(cat "/sys/fs/cgroup/kanuki/$ID/cgroup.max.depth")"
	run --separate-stderr k update -r - "$ID" <<< '{"unified": {"cgroup.max.depth": "5"}}'
	succeeded
	is 5 "$(cat "/sys/fs/cgroup/kanuki/$ID/cgroup.max.depth")"
	kk update --kernel-memory 5 --kernel-memory-tcp 5 "$ID"
	succeeded
	kk update --memory what "$ID"
	one_error 1 "'what'"
	run --separate-stderr k update -r - "$ID" <<< '{"memory": 5}'
	one_error 1 memory
	if ! grep -qw memory /sys/fs/cgroup/cgroup.controllers; then
		kk update --memory 100m "$ID"
		one_error 1 memory
	fi
}

@test "events --stats: one JSON object of type stats with the container's id" {
	up
	kk events --stats "$ID"
	succeeded
	jq -e --arg id "$ID" '.type == "stats" and .id == $id and (.data | type == "object")' <<< "$output"
	background k events --interval 100ms "$ID" > "$W/events"
	until_true grep -q stats "$W/events"
	kk events --interval what "$ID"
	one_error 1 what
}

@test "spec: writes a config that runs; never over an existing one; --rootless adds a user namespace" {
	mkdir "$W/s" "$W/r"
	kk spec --bundle "$W/s"
	succeeded
	jq -e '.ociVersion == "1.3.0" or (.ociVersion | startswith("1."))' "$W/s/config.json"
	kk spec -b "$W/s"
	one_error 1 config.json
	kk spec --rootless --bundle "$W/r"
	jq -e '.linux.namespaces | any(.type == "user")' "$W/r/config.json"
}

@test "environment: bare (env -i) and with an empty XDG_RUNTIME_DIR" {
	script 'echo ran'
	PREFIX='env -i'
	go
	succeeded
	is ran
	PREFIX='env XDG_RUNTIME_DIR='
	go
	succeeded
	run --separate-stderr env -i "$KANUKI" list
	[ "$status" = 0 ]
	run --separate-stderr env XDG_RUNTIME_DIR= "$KANUKI" --policy builtin:oci list -q
	[ "$status" = 0 ]
}

@test "standard streams: pass through; closed ones are no harm" {
	script 'cat; echo err >&2'
	run --separate-stderr k run --bundle "$B" "$ID" <<< input
	is 0 "$status"
	is input
	is err "$stderr"
	script 'exit 0'
	k run --bundle "$B" "$ID" <&- > /dev/null 2>&1
	k run --bundle "$B" "$ID" < /dev/null >&- 2>&-
}

@test "signals: run passes them on to the container" {
	mkdir -m 777 "$W/vol"
	script 'trap "echo got > /data/got; exit 5" TERM; : > /data/ready; while :; do sleep 0.02; done' \
		'.mounts += [{destination: "/data", type: "bind", source: ($w + "/vol"), options: ["bind", "rw"]}]'
	"$KANUKI" --root "$ROOT" --policy builtin:oci run --bundle "$B" "$ID" < /dev/null > /dev/null 2>&1 3>&- 4>&- &
	local pid=$! status=0
	until_true test -e "$W/vol/ready"
	kill -TERM "$pid"
	wait "$pid" || status=$?
	is 5 "$status"
	[ -e "$W/vol/got" ]
	[ ! -e "$ROOT/$ID" ]
}

@test "run --keep leaves the stopped container" {
	script true
	k run --keep --bundle "$B" "$ID" < /dev/null
	has_status stopped
}

@test "--systemd-cgroup and its manager are refused; cgroup-manager disabled makes no cgroup" {
	script 'exec sleep 1000'
	kk --systemd-cgroup run --bundle "$B" "$ID"
	one_error 1 systemd
	kk --cgroup-manager systemd run --bundle "$B" "$ID"
	one_error 1 systemd
	kk --cgroup-manager what run --bundle "$B" "$ID"
	one_error 1 what
	k --cgroup-manager disabled run --detach --pid-file "$W/pid" --bundle "$B" "$ID" < /dev/null > /dev/null
	is "$(grep ^0:: /proc/self/cgroup)" "$(grep ^0:: "/proc/$(cat "$W/pid")/cgroup")"
}

@test "--policy: unknown ones are refused without words that engines take for something else" {
	bundle
	run --separate-stderr "$KANUKI" --root "$ROOT" --policy builtin:what run --bundle "$B" "$ID"
	one_error 1 builtin:what
	hasnt 'o such file' "$stderr"
	run --separate-stderr "$KANUKI" --root "$ROOT" --policy /nowhere/policy run --bundle "$B" "$ID"
	[ "$status" = 1 ]
	hasnt 'o such file' "$stderr"
}
