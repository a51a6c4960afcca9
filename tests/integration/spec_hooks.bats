#!/usr/bin/env bats
# config.md "POSIX-platform Hooks" and runtime.md "Lifecycle": each kind's timing, directory, environment, namespaces and state.
load helpers

test_begin() {
	LEVEL=oci
	# Tells: kind, status and pid of the state, working directory, root, namespaces, environment; appends to marks.
	cat > "$W/hook" <<-END
		#!/bin/busybox sh
		read -r state
		{ echo "\$1 \$state"; } >> $W/marks
		{ pwd; readlink /proc/self/ns/mnt; readlink /proc/self/ns/uts; ls /; env; } > $W/\$1.look
		echo "\$state" > $W/\$1.state
	END
	cp "$W/hook" "$W/inner"
	chmod 755 "$W/hook"
	: > "$W/marks"
}

all_host_hooks='.hooks = ({} | .[("prestart", "createRuntime", "createContainer", "poststart", "poststop")] = 1
	| with_entries(.value = [{path: ($w + "/hook"), args: ["hook", .key], env: ["ONLY=this"]}]))'

# what k would do, for a caller that ignores its children's end and interruptions
deaf() {
	timeout 20 setsid python3 -c 'import os, signal, sys
for s in (signal.SIGCHLD, signal.SIGINT, signal.SIGPIPE): signal.signal(s, signal.SIG_IGN)
os.execv(sys.argv[1], sys.argv[1:])' "$KANUKI" --root "$ROOT" --policy "$@" 3>&- 4>&-
}

@test "hooks: a caller's ignored signals are ignored neither by them nor for them" {
	local policy
	printf '#!/bin/sh\ngrep SigIgn /proc/self/status >> %s/ignored\n' "$W" > "$W/hook"
	chmod 755 "$W/hook"
	for policy in builtin:oci "$HARDENED_DIR/policy.json"; do
		script 'grep SigIgn /proc/self/status; exit 3' \
			'.hooks = ({} | .[("prestart", "createRuntime", "createContainer", "poststart", "poststop")] = [{path: ($w + "/hook")}])'
		run --separate-stderr deaf "$policy" run --bundle "$B" "$ID"
		show
		[ "$status" = 3 ] && [ -z "$stderr" ]
		is 'SigIgn: 0000000000000000' "$(tr '\t' ' ' <<< "$output")"
		script true '.hooks.createContainer = [{path: "/bin/false"}]'
		run --separate-stderr deaf "$policy" run --bundle "$B" "$ID"
		refused createContainer 'exited with status 1'
	done
	is 10 "$(wc -l < "$W/ignored")"
	is 1 "$(sort -u "$W/ignored" | wc -l)"
	grep -qx 'SigIgn:.0000000000000000' "$W/ignored"
}

@test "hooks: all kinds run, in order, at their time; the state on standard input tells it" {
	own_image
	mkdir -m 777 "$W/vol"
	printf '#!/bin/sh\ncat > /data/start.state; pwd > /data/start.look; readlink /proc/self/ns/mnt >> /data/start.look; env >> /data/start.look\n' > "$IMAGE/bin/start-hook"
	chmod 755 "$IMAGE/bin/start-hook"
	script 'echo program > /data/program; exec sleep 1000' "$all_host_hooks" \
		'.hooks.startContainer = [{path: "/bin/start-hook", env: ["ONLY=this"]}]' '.process.cwd = "/home"' \
		'.mounts += [{destination: "/data", type: "bind", source: ($w + "/vol"), options: ["bind", "rw"]}]' '.annotations = {a: "b"}'
	k create --pid-file "$W/pid" --bundle "$B" "$ID" < /dev/null > "$W/out" 2>&1
	PID=$(cat "$W/pid")
	is $'prestart\ncreateRuntime\ncreateContainer' "$(cut -d' ' -f1 "$W/marks")"
	[ ! -e "$W/vol/start.state" ] && [ ! -e "$W/vol/program" ]
	k start "$ID"
	until_true test -e "$W/vol/program"
	is $'prestart\ncreateRuntime\ncreateContainer\npoststart' "$(cut -d' ' -f1 "$W/marks")"
	local kind
	for kind in prestart createRuntime createContainer; do
		is "[\"$ID\",\"creating\",\"$B\",\"b\"]" "$(jq -c '[.id, .status, .bundle, .annotations.a]' "$W/$kind.state")"
	done
	is "$PID" "$(jq .pid "$W/prestart.state")"
	is "$PID" "$(jq .pid "$W/createRuntime.state")"
	is "[\"created\",\"$ID\"]" "$(jq -c '[.status, .id]' "$W/vol/start.state")"
	is "[\"running\",$PID]" "$(jq -c '[.status, .pid]' "$W/poststart.state")"
	# Directory, namespaces and environment.
	is "$B" "$(sed -n 1p "$W/prestart.look")"
	is "$B" "$(sed -n 1p "$W/createRuntime.look")"
	is "$B" "$(sed -n 1p "$W/poststart.look")"
	for kind in prestart createRuntime poststart; do
		is "$(readlink /proc/self/ns/mnt)" "$(sed -n 2p "$W/$kind.look")"
		grep -qx ONLY=this "$W/$kind.look"
	done
	is "$(readlink "/proc/$PID/ns/mnt")" "$(sed -n 2p "$W/createContainer.look")"
	is "$(readlink "/proc/$PID/ns/uts")" "$(sed -n 3p "$W/createContainer.look")"
	is /home "$(sed -n 1p "$W/vol/start.look")"
	is "$(readlink "/proc/$PID/ns/mnt")" "$(sed -n 2p "$W/vol/start.look")"
	k delete --force "$ID"
	is poststop "$(tail -1 "$W/marks" | cut -d' ' -f1)"
	is "[\"stopped\",\"$ID\"]" "$(jq -c '[.status, .id]' "$W/poststop.state")"
	is "$(readlink /proc/self/ns/mnt)" "$(sed -n 2p "$W/poststop.look")"
	[ ! -e "$ROOT/$ID" ]
}

@test "hooks: poststop runs when the state and the cgroup are gone" {
	printf '#!/bin/busybox sh\nls -d %s/%s /sys/fs/cgroup/kanuki/%s > %s/there 2>&1; true\n' "$ROOT" "$ID" "$ID" "$W" > "$W/hook"
	inside true '.hooks.poststop = [{path: ($w + "/hook")}]'
	is 2 "$(grep -c 'No such file' "$W/there")"
}

@test "hooks: several of a kind run in order" {
	printf '#!/bin/busybox sh\necho $1 >> %s/marks\n' "$W" > "$W/hook"
	inside true '.hooks.createRuntime = [1, 2, 3 | {path: ($w + "/hook"), args: ["hook", "\(.)"]}]'
	is $'1\n2\n3' "$(cat "$W/marks")"
}

@test "hooks: one that fails before start ends create, with what it said, and undoes it" {
	printf '#!/bin/busybox sh\necho the reason >&2; exit 3\n' > "$W/hook"
	local kind
	for kind in prestart createRuntime createContainer; do
		script 'echo ran' ".hooks.$kind = [{path: (\$w + \"/hook\")}]"
		go
		refused "$kind" 'the reason'
		[ ! -e "/sys/fs/cgroup/kanuki/$ID" ]
	done
}

@test "hooks: a startContainer hook that fails ends start, and the program does not run" {
	own_image
	mkdir -m 777 "$W/vol"
	script 'echo ran > /data/ran' '.hooks.startContainer = [{path: "/bin/false"}]' \
		'.mounts += [{destination: "/data", type: "bind", source: ($w + "/vol"), options: ["bind", "rw"]}]'
	k create --bundle "$B" "$ID" < /dev/null > /dev/null
	run --separate-stderr k start "$ID"
	[ "$status" = 1 ]
	has startContainer "$stderr"
	[ ! -e "$W/vol/ran" ]
}

# H-50: what a hook leaves behind lives beside the program, so the program's filters are its own, too.
@test "hooks: a startContainer hook, and what it leaves behind, are held by the program's filters" {
	own_image
	mkdir -m 777 "$W/vol"
	printf '#!/bin/sh\ngrep ^Seccomp > /data/hook < /proc/self/status\n(sleep 0.2; grep ^Seccomp < /proc/self/status > /data/new; mv /data/new /data/left) > /dev/null 2>&1 &\n' \
		> "$IMAGE/bin/start-hook"
	chmod 755 "$IMAGE/bin/start-hook"
	local how
	for how in 'hardened true' 'oci true' 'oci false'; do
		LEVEL=${how% *}
		script 'until [ -e /data/left ]; do sleep 0.1; done; grep ^Seccomp < /proc/self/status' \
			'.hooks.startContainer = [{path: "/bin/start-hook"}]' ".process.noNewPrivileges = ${how#* }" \
			'.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", syscalls: [{names: ["swapon"], action: "SCMP_ACT_ERRNO"}]}' \
			'.mounts += [{destination: "/data", type: "bind", source: ($w + "/vol"), options: ["bind", "rw"]}]'
		go
		[ "$status" = 0 ]
		has $'Seccomp:\t2' "$output"
		is "$output" "$(cat "$W/vol/hook")"
		is "$output" "$(cat "$W/vol/left")"
		rm "$W/vol/hook" "$W/vol/left"
	done
	# A hook's system calls have no agent: what it would be asked is ENOSYS.
	printf '#!/bin/sh\n! mkdir /data/made 2> /data/why\n' > "$IMAGE/bin/start-hook"
	background "$TOOLS/outside" listener "$SOCKETS/agent" 79 > "$W/agent"
	until_true test -S "$SOCKETS/agent"
	script true '.hooks.startContainer = [{path: "/bin/start-hook"}]' \
		".linux.seccomp = {defaultAction: \"SCMP_ACT_ALLOW\", listenerPath: \"$SOCKETS/agent\", flags: [\"SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV\"],
			syscalls: [{names: [\"mkdir\", \"mkdirat\"], action: \"SCMP_ACT_NOTIFY\"}]}" \
		'.mounts += [{destination: "/data", type: "bind", source: ($w + "/vol"), options: ["bind", "rw"]}]'
	go
	[ "$status" = 0 ]
	has 'Function not implemented' "$(cat "$W/vol/why")"
}

@test "hooks: timeout kills the hook and ends create" {
	printf '#!/bin/busybox sh\nsleep 100\n' > "$W/hook"
	script 'echo ran' '.hooks.createRuntime = [{path: ($w + "/hook"), timeout: 1}]'
	local start=$SECONDS
	go
	refused createRuntime
	[ $((SECONDS - start)) -lt 10 ]
	# The hook's own child, too: nobody sleeps on.
	! pgrep -f "$W/hook" || false
}

@test "hooks: a missing program and a timeout of 0 are errors with their path" {
	bundle '.hooks.createRuntime = [{path: "/nowhere/hook"}]'
	go
	refused 'createRuntime' /nowhere/hook
	bundle '.hooks.createRuntime = [{path: "/bin/true", timeout: 0}]'
	go
	refused 'hooks.createRuntime[0].timeout'
}

@test "hooks: a poststop that fails does not keep the container" {
	printf '#!/bin/busybox sh\nexit 3\n' > "$W/hook"
	up '.hooks.poststop = [{path: ($w + "/hook")}]'
	run k delete --force "$ID"
	[ ! -e "$ROOT/$ID" ]
	[ ! -e "/sys/fs/cgroup/kanuki/$ID" ]
}

@test "hooks: a poststop that fails is a warning; what was done has its own status (run, delete, a create that fails)" {
	local stop='.hooks.poststop = [{path: "/bin/sh", args: ["sh", "-c", "echo first; exit 3"]}, {path: "/bin/false"},
		{path: "/bin/sh", args: ["sh", "-c", "echo last >> " + $w + "/stop"]}]'
	local first="kanuki: warning: poststop hook 0: hook '/bin/sh' exited with status 3: first; poststop hook 1: hook '/bin/false' exited with status 1"
	script 'exit 7' "$stop"
	run --separate-stderr k --log "$W/log" run --bundle "$B" "$ID"
	is 7 "$status"
	is "$first" "$stderr"
	[ ! -s "$W/log" ]
	up "$stop"
	k kill "$ID" KILL
	until_true has_status stopped
	run --separate-stderr k delete "$ID"
	is 0 "$status"
	is "$first" "$stderr"
	script 'true' "$stop" '.hooks.createContainer = [{path: "/bin/false"}]'
	run --separate-stderr k create --bundle "$B" "$ID"
	is 1 "$status"
	is "$first" "$(sed -n 1p <<< "$stderr")"
	has "createContainer hook 0: hook '/bin/false'" "$(sed -n 2p <<< "$stderr")"
	is 2 "$(wc -l <<< "$stderr")"
	is $'last\nlast\nlast' "$(cat "$W/stop")"
}

@test "hooks: a poststart hook that fails is told and ends the container, with poststop (start and run)" {
	script 'exec sleep 1000' '.hooks.poststart = [{path: "/bin/false"}]' \
		'.hooks.poststop = [{path: "/bin/sh", args: ["sh", "-c", "echo gone >> " + $w + "/stop"]}]'
	k create --bundle "$B" "$ID" < /dev/null > "$W/out" 2>&1
	run --separate-stderr k start "$ID"
	[ "$status" = 1 ]
	has poststart "$stderr"
	is gone "$(cat "$W/stop")"
	run --separate-stderr k state "$ID"
	has "does not exist" "$stderr"
	run --separate-stderr k run --detach --bundle "$B" "$ID" < /dev/null
	[ "$status" = 1 ]
	has poststart "$stderr"
	is $'gone\ngone' "$(cat "$W/stop")"
	run --separate-stderr k state "$ID"
	has "does not exist" "$stderr"
}
