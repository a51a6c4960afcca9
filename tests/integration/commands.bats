#!/usr/bin/env bats
# Commands on a container that is there: events, update, ps, exec and list, their options and what they refuse.
load helpers

kk() {
	run --separate-stderr k "$@" < /dev/null
}

# one_error STATUS TEXT...: failed so, with one line on stderr that holds each text and nothing on stdout.
one_error() {
	local want=$1 text
	shift
	[ "$status" = "$want" ] && [ -z "$output" ] && [ "$(printf '%s\n' "$stderr" | wc -l)" = 1 ] || { show; return 1; }
	for text; do has "$text" "$stderr"; done
}

lines_of() {
	wc -l < "$1"
}

longer_than() {
	[ "$(lines_of "$1")" -gt "$2" ]
}

# A container in the caller's own cgroup, as rootless engines without delegation have it.
up_without_cgroup() {
	script 'exec sleep 1000'
	k --cgroup-manager disabled run --detach --pid-file "$W/pid" --bundle "$B" "$ID" < /dev/null > "$W/up.out" 2>&1
	PID=$(cat "$W/pid")
}

@test "events: statistics at each interval, also after the cgroup has changed; ends with the container" {
	local events n
	up
	background k events --interval 50ms "$ID" > "$W/events"
	events=$!
	until_true longer_than "$W/events" 1
	# This changes cgroup.events, which is what is waited on besides.
	k pause "$ID"
	k resume "$ID"
	n=$(lines_of "$W/events")
	until_true longer_than "$W/events" $((n + 2))
	jq -se --arg id "$ID" 'all(.type == "stats" and .id == $id)' "$W/events"
	k kill "$ID" KILL
	wait "$events"
}

@test "events --stats: what the kernel says, in the figures of runc" {
	up
	kk events --stats "$ID"
	succeeded
	is 1 "${#lines[@]}"
	jq -e '.data | (.cpu.usage | .total >= 0 and .kernel >= 0 and .user >= 0 and .total >= .kernel)
		and (.blkio | type == "object") and (.hugetlb | type == "object") and (.memory | type == "object")' <<< "$output"
}

@test "events --interval: what is no time is refused" {
	local time
	up
	for time in 5 s 0s -1s 1.5s '1 s' 99999999999999s 2147484s 600h 5d ''; do
		kk events --stats --interval "$time" "$ID"
		one_error 1 "--interval: '$time'"
	done
	for time in 1ms 90s 2m 500h; do
		kk events --stats --interval "$time" "$ID"
		succeeded
	done
}

@test "events, ps, pause, update: of a container without a cgroup are refused, with the reason" {
	local command
	up_without_cgroup
	for command in events ps pause 'update --pids-limit 5'; do
		# shellcheck disable=SC2086 # words
		kk $command "$ID"
		[ "$status" = 1 ] || { show; false; }
		has 'cgroup' "$stderr"
	done
	has_status running
}

@test "kill --all: of a container without a cgroup is refused, since its processes aren't known; init can be killed" {
	up_without_cgroup
	for signal in TERM KILL; do
		kk kill --all "$ID" $signal
		one_error 1 'the container has no cgroup of its own'
	done
	has_status running
	kk kill "$ID" KILL
	succeeded
	until_true has_status stopped
}

@test "events, ps, update: of a stopped container are refused" {
	local command
	up
	k kill "$ID" KILL
	until_true has_status stopped
	for command in events 'events --stats' 'update --pids-limit 5'; do
		# shellcheck disable=SC2086 # words
		kk $command "$ID"
		one_error 1 'container not running'
	done
}

@test "update: what is no number or no size is refused by the option's name" {
	local option value
	up
	for option in cpu-period cpu-quota cpu-burst cpu-share cpu-rt-period cpu-rt-runtime cpu-idle pids-limit blkio-weight; do
		for value in what '' 1x 0x10 99999999999999999999; do
			kk update --$option "$value" "$ID"
			one_error 1 "--$option: '$value' is not a number"
		done
	done
	for option in memory memory-reservation memory-swap; do
		for value in what 1z -2 99999999999t; do
			kk update --$option "$value" "$ID"
			one_error 1 "--$option: '$value' is not a size"
		done
	done
	kk update --blkio-weight 65536 "$ID"
	one_error 1 "--blkio-weight: '65536' is too large"
	kk update --blkio-weight 5 "$ID"
	one_error 1 weight
	kk update --cpu-rt-runtime 5 "$ID"
	one_error 1 realtime
}

@test "update --resources: what can't be read or is no resources object is refused" {
	up
	kk update --resources "$W/none" "$ID"
	one_error 1 --resources none
	kk update --resources "$W" "$ID"
	one_error 1 --resources
	: > "$W/empty"
	kk update --resources "$W/empty" "$ID"
	one_error 1 --resources
	echo '{"memory": {"limit": 5}, "memory": {}}' > "$W/twice"
	kk update -r "$W/twice" "$ID"
	one_error 1 --resources memory
	echo '{"unified": {"cgroup.procs": "1"}}' > "$W/procs"
	kk update -r "$W/procs" "$ID"
	one_error 1 cgroup.procs
	head -c 1100000 /dev/zero | tr '\0' ' ' > "$W/large"
	kk update -r "$W/large" "$ID"
	one_error 1 --resources
	is max "$(cat "/sys/fs/cgroup/kanuki/$ID/cgroup.max.depth")"
}

@test "ps: formats; arguments are ps's, whose failure is told" {
	up
	kk ps --format what "$ID"
	one_error 1 "--format: 'what' is neither table nor json"
	kk ps --format table "$ID"
	succeeded
	is 2 "${#lines[@]}"
	kk ps "$ID" -o args
	one_error 1 'no PID column'
	run --separate-stderr k ps "$ID" --no-such-option
	[ "$status" = 1 ] || { show; false; }
	# The column is found wherever it is, and no other number is taken for it.
	kk ps "$ID" -eo ppid,pid,args
	succeeded
	is 2 "${#lines[@]}"
	is "$PID" "$(awk 'NR == 2 { print $2 }' <<< "$output")"
}

@test "ps, kill --all: processes of cgroups beneath the container's are its processes" {
	up
	k exec --detach --cgroup below --pid-file "$W/below" "$ID" sleep 1000
	kk ps --format json "$ID"
	succeeded
	is "$(printf '%s\n' "$PID" "$(cat "$W/below")" | sort -n | jq -sc .)" "$(jq -c sort <<< "$output")"
	kk kill --all "$ID" TERM
	succeeded
	gone() { ! grep -q '^State:.*[RSDT] ' "/proc/$1/status" 2> /dev/null; }
	until_true gone "$(cat "$W/below")"
}

@test "exec --cgroup: a cgroup beneath the container's, made if missing; it goes with the container" {
	up
	kk exec --cgroup part "$ID" grep ^0:: /proc/self/cgroup
	succeeded
	is '0::/part'
	kk exec --cgroup /part "$ID" grep ^0:: /proc/self/cgroup
	succeeded
	is '0::/part'
	kk exec "$ID" grep ^0:: /proc/self/cgroup
	is '0::/'
	mkdir "/sys/fs/cgroup/kanuki/$ID/part/deep"
	kk exec --cgroup part/deep "$ID" grep ^0:: /proc/self/cgroup
	is '0::/part/deep'
	[ -d "/sys/fs/cgroup/kanuki/$ID/part/deep" ]
	k delete --force "$ID"
	[ ! -e "/sys/fs/cgroup/kanuki/$ID" ]
}

@test "exec --cgroup: nothing above or beside the container's, and no missing parents" {
	local path
	up
	for path in '' / .. ../.. ../other work/../.. a/b/../../..; do
		kk exec --cgroup "$path" "$ID" true
		one_error 255 --cgroup
	done
	kk exec --cgroup no/such "$ID" true
	one_error 255 --cgroup "'no/such'"
	kk exec --cgroup cgroup.procs "$ID" true
	one_error 255 --cgroup
	is '' "$(find "/sys/fs/cgroup/kanuki/$ID" -mindepth 1 -type d)"
	k delete --force "$ID"
	up_without_cgroup
	kk exec --cgroup part "$ID" true
	one_error 255 '--cgroup: the container has no cgroup'
}

@test "exec: options that are wrong are refused, with status 255 and nothing run" {
	local args
	up
	while read -r args; do
		# shellcheck disable=SC2086 # words
		kk exec ${args%%|*} "$ID" sh -c 'echo ran'
		one_error 255 "$(sed 's/.*| *//' <<< "$args")"
	done <<-END
		--additional-gids x| --additional-gids: 'x'
		--additional-gids -1| --additional-gids: '-1'
		--user x| user
		--user 1:2:3| user
		--user 4294967295| user
		--cap CAP_WHAT| CAP_WHAT
		--cwd relative| cwd
		--env NOEQUALS| env
		--preserve-fds 9| preserve-fds
		--preserve-fds x| --preserve-fds
		--process $W/none| --process
		--process $W| --process
		--pid-file $W/| names a directory
		--pid-file $W/none/pid| --pid-file
		--console-socket $W/none| console
		--tty --detach| console
		--pidfd-socket $W/none| pidfd
		--apparmor what| AppArmor
	END
	echo '{"args": "true"}' > "$W/process"
	kk exec --process "$W/process" "$ID"
	one_error 255 --process "$W/process"
	echo '{"cwd": "/", "args": []}' > "$W/process"
	kk exec --process "$W/process" "$ID"
	one_error 255 args
	kk exec "$ID"
	one_error 255
}

@test "exec --process: the file's program, user, environment and directory" {
	LEVEL=oci
	up
	jq -n '{cwd: "/tmp", args: ["sh", "-c", "pwd; id -u; id -G; echo $A"], env: ["PATH=/bin", "A=b"],
		user: {uid: 3, gid: 4, additionalGids: [6]}}' > "$W/process"
	kk exec --process "$W/process" "$ID"
	succeeded
	is $'/tmp\n3\n4 6\nb'
	kk exec --user 7:8 --additional-gids 9 -g 10 --cwd /home --env A=c "$ID" sh -c 'pwd; id -u; id -G; echo $A'
	succeeded
	is $'/home\n7\n8 9 10\nc'
}

@test "list: stopped and paused ones; one that is being made is none" {
	up
	k pause "$ID"
	kk list --format table
	succeeded
	is "$ID $PID paused" "$(awk 'NR == 2 { print $1, $2, $3 }' <<< "$output")"
	k resume "$ID"
	k kill "$ID" KILL
	until_true has_status stopped
	kk list
	is "$ID 0 stopped" "$(awk 'NR == 2 { print $1, $2, $3 }' <<< "$output")"
	mkdir -m 700 "$ROOT/half"
	kk list --format json
	succeeded
	is "[[\"$ID\",0,\"stopped\"]]" "$(jq -c 'map([.id, .pid, .status])' <<< "$output")"
	kk list
	is 2 "${#lines[@]}"
	rmdir "$ROOT/half"
}

@test "list: a record that can't be read is an error that names the container, and hides no other" {
	up
	cp -p "$ROOT/$ID/record.json" "$W/record"
	k create --bundle "$B" "$ID-other" < /dev/null > "$W/out" 2>&1
	echo broken > "$ROOT/$ID/record.json"
	kk list
	[ "$status" = 1 ] || { show; false; }
	has "container '$ID'" "$stderr"
	has "$ID-other" "$output"
	kk list -f json
	[ "$status" = 1 ] || { show; false; }
	has "container '$ID'" "$stderr"
	is "$ID-other" "$(jq -r '.[].id' <<< "$output")"
	k delete --force "$ID-other"
	kk state "$ID"
	one_error 1 "$ID"
	cp -p "$W/record" "$ROOT/$ID/record.json"
	has_status running
}

@test "list and state of a state directory that isn't there make none" {
	ROOT=$W/never kk list
	[ "$status" = 0 ] || { show; false; }
	ROOT=$W/never kk list -f json
	is "[]" "$output"
	ROOT=$W/never kk state "$ID"
	one_error 1 "container does not exist"
	[ ! -e "$W/never" ]
}

@test "update: new schemata need a container that has a resctrl group" {
	up
	kk update --l3-cache-schema L3:0=f "$ID"
	one_error 1 "made without linux.intelRdt"
}

@test "help COMMAND is that command's help" {
	kk help update
	[ "$status" = 0 ] || { show; false; }
	has "--l3-cache-schema" "$output"
	kk update --help
	has "--l3-cache-schema" "$output"
}

@test "exec: --debug tells what policy made of the request" {
	up
	kk --debug exec --user 0 --cap CAP_SYS_ADMIN "$ID" /bin/true
	[ "$status" = 0 ] || { show; false; }
	has "H-01 user.uid: asked 0" "$stderr"
	has "H-04" "$stderr"
}
