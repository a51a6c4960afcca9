#!/usr/bin/env bats
# Hostile and broken input: one clear line within a second, bounded memory, nothing left behind.
load helpers

# rejected [RUN-ARGS]: run fails with status 1 and one line in less than a second (on a loaded machine: two) with less than 64 MiB.
# A build for coverage keeps its counters in memory, too, by a file beside it: it has a mebibyte more.
rejected() {
	local most=65536
	[ ! -e "${KANUKI%/*}/kanuki.counters" ] || most=$((most + 1024))
	PREFIX="$THREATS_TOOLS/warden bounded $W/use"
	LIMIT=10 go "$@"
	PREFIX=
	[ "$status" = 1 ] && [ -z "$output" ] && [ "$(printf '%s\n' "$stderr" | wc -l)" = 1 ] && [ -n "$stderr" ] || { show; return 1; }
	[ "${#stderr}" -lt 1200 ] || { echo "a line of ${#stderr}"; return 1; }
	# Nothing that moves a terminal's cursor.
	! LC_ALL=C grep -q '[[:cntrl:]]' <<< "$stderr" || { echo "control characters"; return 1; }
	awk -v most="$most" '!($2 < 2 && $4 < most) { print; exit 1 }' "$W/use" || { echo "too much"; cat "$W/use"; return 1; }
	[ -z "$(find "$ROOT" -mindepth 1 2> /dev/null)" ] || { echo "left:"; find "$ROOT" -mindepth 1; return 1; }
	[ ! -e "/sys/fs/cgroup/kanuki/$ID" ]
}

config() {
	cat > "$B/config.json"
}

@test "config.json: empty, cut off, not JSON, trailing text, comments, a BOM, NUL, invalid UTF-8" {
	: | config
	rejected
	bundle
	head -c 500 "$B/config.json" > "$B/cut" && mv "$B/cut" "$B/config.json"
	rejected
	local text
	for text in 'hello' '{} {}' '[]' '"x"' '1' 'null' '{/* */}' '{"ociVersion": }' "{'a': 1}" '{"a": 1,}' '{"a": NaN}' '{"a": 01}' '{"a": +1}'; do
		config <<< "$text"
		rejected
	done
	bundle
	printf '\xef\xbb\xbf' | cat - "$B/config.json" > "$B/new" && mv "$B/new" "$B/config.json"
	rejected
	printf '{"ociVersion": "1.0\\u00002"}' | config
	rejected
	printf '{"ociVersion": "1.0\0"}' | config
	rejected
	printf '{"ociVersion": "\xff\xfe"}' | config
	rejected
}

@test "config.json: nested a million deep" {
	{ printf '{"annotations": '; head -c 1000000 /dev/zero | tr '\0' '['; } | config
	rejected
	has 'deep' "$stderr"
	head -c 1000000 /dev/zero | sed 's/\x0/{"a":/g' | config
	rejected
}

@test "config.json: huge, with a huge string, a huge number, a million members" {
	{ printf '{"ociVersion": "'; head -c 80000000 /dev/zero | tr '\0' a; printf '"}'; } | config
	rejected
	{ printf '{"ociVersion": "1.0.2", "process": {"oomScoreAdj": '; head -c 100000 /dev/zero | tr '\0' 9; printf '}}'; } | config
	rejected
	{ printf '{'; seq 1 1000000 | sed 's/.*/"k&": 1,/'; printf '"z": 1}'; } | config
	rejected
}

@test "config.json: duplicate keys, at any depth" {
	printf '{"ociVersion": "1.0.2", "ociVersion": "1.0.2"}' | config
	rejected
	has duplicate "$stderr"
	bundle
	sed 's/"noNewPrivileges": true/"noNewPrivileges": true, "noNewPrivileges": false/' "$B/config.json" > "$B/new" && mv "$B/new" "$B/config.json"
	rejected
	has process "$stderr"
}

@test "config.json: each property with a wrong type is refused by its path" {
	local property value
	while read -r property; do
		for value in '"text"' '12.5' '[[]]' '{"x": {}}' 'true'; do
			bundle ".$property = $value"
			case $property,$value in
			hostname,'"text"' | process.cwd,* | process.terminal,true | root.readonly,true) continue ;;
			esac
			rejected
			has "${property%%.*}" "$stderr"
		done
	done <<-END
		process
		process.args
		process.user
		process.user.uid
		process.terminal
		process.capabilities
		process.rlimits
		process.oomScoreAdj
		root
		root.readonly
		hostname
		mounts
		linux
		linux.namespaces
		linux.maskedPaths
		linux.resources
		linux.seccomp
		linux.devices
		hooks
	END
}

@test "config.json: a FIFO, a device that never ends, a directory, a socket, a link to one of them, none at all" {
	rm -f "$B/config.json"
	mkfifo "$B/config.json"
	rejected
	rm "$B/config.json"
	ln -s /dev/zero "$B/config.json"
	rejected
	rm "$B/config.json"
	mkdir "$B/config.json"
	rejected
	rmdir "$B/config.json"
	rejected
	rmdir "$B"
	rejected
	: > "$B"
	rejected
	rm "$B"
	mkdir "$B"
}

@test "config.json: a kernel file that calls itself regular and blocks" {
	rm "$B/config.json" 2> /dev/null || :
	ln -s /proc/kmsg "$B/config.json"
	rejected
}

@test "ociVersion: missing, malformed, of another major version" {
	local version
	for version in '""' '"x"' '"1"' '"2.0.0"' '"0.9.0"' '"1.0.2 "' '1' '"-1.0.0"' '"1.0.0.0"' '"99999999999999999999.0.0"'; do
		bundle ".ociVersion = $version"
		rejected
		has ociVersion "$stderr"
	done
	bundle 'del(.ociVersion)'
	rejected
	has ociVersion "$stderr"
}

@test "root.path: missing, a file, a FIFO, a device, a socket's place, a loop of links, too long, empty" {
	own_image
	bundle '.root.path = ($w + "/none")'
	rejected
	has "$W/none" "$stderr"
	: > "$W/file"
	bundle '.root.path = ($w + "/file")'
	rejected
	mkfifo "$W/fifo"
	bundle '.root.path = ($w + "/fifo")'
	rejected
	bundle '.root.path = "/dev/null"'
	rejected
	ln -s loop "$W/loop"
	bundle '.root.path = ($w + "/loop")'
	rejected
	bundle '.root.path = "/" + ("x" * 5000)'
	rejected
	bundle '.root.path = ""'
	rejected
	bundle 'del(.root)'
	rejected
	has root "$stderr"
}

@test "ids: uids that are none" {
	local id
	for id in -1 4294967295 4294967296 99999999999999999999 1.5 '"0"'; do
		bundle ".process.user.uid = $id"
		rejected
		has process.user.uid "$stderr"
		bundle ".process.user.gid = $id"
		rejected
		bundle ".process.user.additionalGids = [1, $id]"
		rejected
		has 'process.user.additionalGids[1]' "$stderr"
	done
}

@test "container ids: hostile ones make no file and no cgroup anywhere" {
	script true
	local id before
	before=$(find /sys/fs/cgroup -maxdepth 2 -type d | sort | cksum)
	for id in ../../x .. . / a/../../b $'x\n' $'\e[2J' "$(printf '%05000d' 0)" '%s%n' 'a b' ''; do
		PREFIX="$THREATS_TOOLS/warden bounded $W/use"
		run --separate-stderr k run --bundle "$B" -- "$id" < /dev/null
		PREFIX=
		[ "$status" = 1 ] && [ "$(printf '%s\n' "$stderr" | wc -l)" = 1 ] || { show; false; }
		! LC_ALL=C grep -q '[[:cntrl:]]' <<< "$stderr" || { echo "control characters"; false; }
		[ "${#stderr}" -lt 1200 ]
	done
	[ -z "$(find "$ROOT" -mindepth 1 2> /dev/null)" ]
	[ ! -e "$W/x" ] && [ ! -e "${W%/*}/x" ]
}

@test "text that goes into messages is escaped" {
	bundle '.process.args = ["/bin/\u001b[2J\u0007\n\nkanuki: all is well"]'
	rejected
	bundle '.mounts += [{destination: "/x\n/y", type: "what\u001b", source: "none"}]'
	rejected
}

@test "exec --process: broken files are one line and 255; the container goes on" {
	up
	local text
	: > "$W/process"
	for text in '' '{' '[]' '{"args": 5}' '{"args": []}' '{"args": ["true"], "args": ["true"]}' '{"args": ["true"], "user": {"uid": -1}}'; do
		printf '%s' "$text" > "$W/process"
		run --separate-stderr k exec --process "$W/process" "$ID" < /dev/null
		[ "$status" = 255 ] && [ -z "$output" ] && [ "$(printf '%s\n' "$stderr" | wc -l)" = 1 ] || { show; false; }
	done
	mkfifo "$W/fifo"
	LIMIT=5 run --separate-stderr k exec --process "$W/fifo" "$ID" < /dev/null
	[ "$status" = 255 ]
	run --separate-stderr k exec --process /dev/zero "$ID" < /dev/null
	[ "$status" = 255 ]
	has_status running
}

@test "update: broken resources are one line; the container goes on" {
	up
	local text
	for text in '' '{' '[]' '{"pids": 5}' '{"unified": {"../x": "1"}}' '{"unified": {"cgroup.kill": "1"}}'; do
		run --separate-stderr k update --resources - "$ID" <<< "$text"
		[ "$status" = 1 ] && [ "$(printf '%s\n' "$stderr" | wc -l)" = 1 ] || { show; false; }
	done
	LIMIT=5 run --separate-stderr k update --resources /dev/zero "$ID"
	[ "$status" = 1 ]
	has_status running
}

@test "state: a record that is no record is one line from every command and touches nothing" {
	up
	local command bystander
	sleep 1000 3>&- &
	bystander=$!
	BACKGROUND=$bystander
	k kill "$ID" KILL
	until_true has_status stopped
	cp "$ROOT/$ID/record.json" "$W/record"
	local text
	for text in "$(head -c 100 /dev/urandom | base64)" '' '{}' "$(jq -c ".pid = $bystander" "$W/record")" "$(jq -c '.pid = "x"' "$W/record")" \
		"$(jq -c '.id = "other"' "$W/record")" "$(head -c 50 "$W/record")"; do
		printf '%s' "$text" > "$ROOT/$ID/record.json"
		for command in state start kill exec; do
			run --separate-stderr k "$command" "$ID" true
			[ "$(printf '%s' "$stderr" | grep -c '')" -le 1 ] || { show; false; }
		done
		kill -0 "$bystander"
	done
	cp "$W/record" "$ROOT/$ID/record.json"
	k delete --force "$ID"
}

@test "delete --force: of a record that can't be read the plan tells the cgroup; without it nothing is touched" {
	local text
	for LEVEL in hardened oci; do
		for text in garbage '' '{}'; do
			up
			printf '%s' "$text" > "$ROOT/$ID/record.json"
			run --separate-stderr k delete "$ID"
			[ "$status" = 1 ] && kill -0 "$PID"
			run --separate-stderr k delete --force "$ID"
			succeeded
			until_true [ ! -d "/proc/$PID" ]
			[ ! -e "$ROOT/$ID" ] && [ ! -e "/sys/fs/cgroup/kanuki/$ID" ]
		done
		up
		cp -p "$ROOT/$ID/record.json" "$ROOT/$ID/plan.json" "$W/"
		# Another container's record, and then its plan, too.
		jq -c '.id = "other"' "$W/record.json" > "$ROOT/$ID/record.json"
		jq -c '.id = "other"' "$W/plan.json" > "$ROOT/$ID/plan.json"
		run --separate-stderr k delete --force "$ID"
		[ "$status" = 1 ] || { show; false; }
		has "'$ROOT/$ID'" "$stderr"
		has "is that of 'other'" "$stderr"
		echo garbage > "$ROOT/$ID/plan.json"
		run --separate-stderr k delete --force "$ID"
		[ "$status" = 1 ] || { show; false; }
		has "'$ROOT/$ID'" "$stderr"
		kill -0 "$PID"
		[ -d "/sys/fs/cgroup/kanuki/$ID" ]
		cp -p "$W/record.json" "$ROOT/$ID/"
		k delete --force "$ID"
	done
}

@test "delete --force: a broken record of a container without a cgroup of its own is left to root" {
	LEVEL=oci
	script 'exec sleep 1000'
	k --cgroup-manager=disabled run --detach --pid-file "$W/pid" --bundle "$B" "$ID" < /dev/null > "$W/up.out" 2>&1
	cp -p "$ROOT/$ID/record.json" "$W/"
	echo garbage > "$ROOT/$ID/record.json"
	run --separate-stderr k delete --force "$ID"
	[ "$status" = 1 ] || { show; false; }
	has 'no cgroup of its own' "$stderr"
	kill -0 "$(cat "$W/pid")"
	cp -p "$W/record.json" "$ROOT/$ID/"
	k delete --force "$ID"
}

@test "--root: a file, a FIFO, a directory that others may write to" {
	bundle
	: > "$W/file"
	run --separate-stderr "$KANUKI" --root "$W/file" run --bundle "$B" "$ID"
	[ "$status" = 1 ] && [ "$(printf '%s\n' "$stderr" | wc -l)" = 1 ]
	mkfifo "$W/fifo"
	run --separate-stderr timeout 5 "$KANUKI" --root "$W/fifo" list
	[ "$status" = 1 ]
}

@test "--log: a directory, a FIFO without a reader, a link: the command fails in time" {
	mkfifo "$W/fifo"
	run --separate-stderr timeout 5 "$KANUKI" --root "$ROOT" --log "$W/fifo" state "$ID"
	[ "$status" = 1 ]
	run --separate-stderr timeout 5 "$KANUKI" --root "$ROOT" --log "$W" state "$ID"
	[ "$status" = 1 ]
	ln -s "$W/target" "$W/link"
	run --separate-stderr timeout 5 "$KANUKI" --root "$ROOT" --log "$W/link" state "$ID"
	[ "$status" = 1 ]
	[ ! -e "$W/target" ]
}
