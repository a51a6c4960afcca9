#!/usr/bin/env bats
# kanuki-gate as other runtimes' hook: the real crun and runc, as createRuntime and as prestart hook, with an image as podman keeps it and
# a gate that is set up. What these runtimes give a hook and make of its answer is theirs; what the page promises of it is tested here.
# As root, in a mount namespace of its own (tests/lib/rootns): the engine's directories are the default policy's.
# shellcheck disable=SC2154 # output, stderr, status: bats
bats_require_minimum_version 1.5.0
load ../gate/helpers.bash

ID=0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef

setup_file() {
	local root=$BATS_FILE_TMPDIR/files
	mkdir -p "$root"/{bin,dev,proc,sys,tmp}
	cp "$(command -v busybox)" "$root/bin/busybox"
	ln -s busybox "$root/bin/sh"
}

setup() {
	local runtime
	for runtime in crun runc; do
		command -v $runtime > /dev/null || skip "not installed: $runtime"
	done
	W=$BATS_TEST_TMPDIR
	mkdir "$W"/{graph,lib,crun,runc}
	mount -t tmpfs -o mode=755 hooks "$W/lib"
	mkdir "$W/lib"/{upper,work}
	mount -t overlay -o "lowerdir=/var/lib,upperdir=$W/lib/upper,workdir=$W/lib/work" overlay /var/lib
	mkdir -p /var/lib/containers
	mount -t tmpfs -o mode=755 containers /var/lib/containers
	storage_begin "$W/graph" /var/lib/containers/storage $ID "$BATS_FILE_TMPDIR/files"
	gate_begin
	IMAGE=sha256:$CONFIG
	B=$G/overlay-containers/$ID/userdata
	mkdir -p "$B"
	(cd "$B" && runc spec)
	edit '.process.terminal = false | .root = {path: $root, readonly: false} | del(.linux.resources)
		| .process.args = ["/bin/sh", "-c", "echo ran inside"]' --arg root "$ROOT"
	hook createRuntime
}

teardown() {
	local runtime
	[ -n "${W-}" ] || return 0
	for runtime in crun runc; do
		$runtime --root "$W/$runtime" delete --force $ID > /dev/null 2>&1 || :
	done
	umount -R /var/lib
	umount "$W/lib"
	gate_end
}

# edit FILTER [JQ-ARGUMENTS...]: the bundle's config.json
edit() {
	local filter=$1
	shift
	jq --args "$filter" "$@" < "$B/config.json" > "$B/new"
	mv "$B/new" "$B/config.json"
}

# hook KIND [DEADLINE [OPTION...]]: the gate as the hook that is shipped, with this test's store and keys.
hook() {
	local kind=$1 deadline=${2-}
	shift
	[ $# = 0 ] || shift
	edit '.hooks = {($kind): [$shipped[0].hook | .path = $gate | .args = [.args[0], "--store", $dir + "/store", "--etc", $dir + "/etc"] + .args[1:]
		| if $deadline == "" then . else .args[-1] = $deadline end | .args += $ARGS.positional]}' --slurpfile shipped \
		"$top_builddir/hooks/05-kanuki-gate.json" --arg kind "$kind" --arg gate "$GATE_PROGRAM" --arg dir "$GATE_DIR" \
		--arg deadline "$deadline" "$@"
}

scanned() {
	report "$GATE_DIR/r.json" "$NOW"
	gate import --classes vuln,secret --db-updated-at "$NOW" --key "$GATE_DIR/k.pem" "$GATE_DIR/r.json" > /dev/null
}

go() {
	run --separate-stderr timeout 60 "$runtime" --root "$W/$runtime" run --bundle "$B" $ID < /dev/null 3>&-
	printf '%s %s: status %s\nstdout: %s\nstderr: %s\n' "$runtime" "$kind" "$status" "$output" "$stderr"
}

# The program didn't run, the runtime failed, and it knows no container, no cgroup has its name, nothing of it is mounted.
nothing_left() {
	[ "$status" != 0 ]
	[ -z "$output" ]
	[ -z "$(ls "$W/$runtime")" ]
	[ -z "$("$runtime" --root "$W/$runtime" list --quiet)" ]
	[ -z "$(find /sys/fs/cgroup -name "*$ID*")" ]
	[ "$(grep -cF "$ROOT" /proc/self/mountinfo)" = 1 ]
}

# shows TEXT: the user sees it. runc prints what a hook says; crun its exit status only, unless the annotation gives it a file.
shows() {
	[[ $stderr == *"$1"* ]] || { echo "not shown: $1"; return 1; }
}

logged() { jq -r '"\(.event) \(.image) \(.id) \(.engine.comm)"' "$GATE_DIR/log/gate.jsonl" | tail -n 1; }

each() {
	local runtime kind
	for runtime in crun runc; do
		for kind in createRuntime prestart; do
			edit 'if $runtime == "crun" then .annotations["run.oci.hooks.stderr"] = "/dev/stderr" else del(.annotations) end' \
				--arg runtime $runtime
			"$@"
		done
	done
}

refused_and_shown() {
	hook $kind
	go
	nothing_left
	shows "kanuki: image denied ${IMAGE:0:19}... (localhost/app:1): E_NOT_SCANNED"
	shows "run: kanuki-gate explain $IMAGE"
	[ "$(logged)" = "refused $IMAGE $ID $runtime" ]
}

@test "crun and runc: an image that was never scanned: the gate's line is shown, and nothing is left" {
	each refused_and_shown
}

ran() {
	hook $kind
	go
	[ "$status $output" = "0 ran inside" ]
	[ "$(logged)" = "admit $IMAGE $ID $runtime" ]
	[ -z "$(ls "$W/$runtime")" ]
}

@test "crun and runc: scanned, it runs, and the gate's log has it" {
	scanned
	each ran
	run -0 gate log verify
}

@test "crun says a hook's exit status and nothing else, if no annotation gives its stderr a place; the log has the rest" {
	local runtime=crun kind=createRuntime
	go
	nothing_left
	shows "(exit code: 10)"
	[[ $stderr != *kanuki:* ]]
	[ "$(logged)" = "refused $IMAGE $ID crun" ]
	run -0 gate log show
	[[ $output == *E_NOT_SCANNED* ]]
}

other_layers() {
	local evil=$W/evil-$runtime-$kind
	mkdir "$evil" "$evil/work" "$evil/up"
	umount "$ROOT"
	mount -t overlay -o "lowerdir=$O/low/diff,upperdir=$evil/up,workdir=$evil/work" overlay "$ROOT"
	hook $kind
	go
	nothing_left
	shows "E_DIGEST_UNRESOLVED what is mounted at the root is not the container's layer"
	umount "$ROOT"
	mount_root "$O/l/TOP:$O/l/LOW" "$O/$LAYER/diff"
}

@test "crun and runc: what is mounted in the container's own mounts is looked at" {
	scanned
	each other_layers
}

# A client of containerd's that never answers: what the gate waits for.
never_answers() {
	hook $kind 700
	edit '.hooks[$kind][0].timeout = 10' --arg kind "$kind"
	go
	nothing_left
	shows "E_TIMEOUT the decision took too long"
	[ -z "$(pgrep -f "$W/lib/ctr")" ]
}

@test "crun and runc: at the gate's own deadline it says so itself, and what it had started ends with it" {
	scanned
	printf '#!/bin/sh\nexec sleep 1000\n' > "$W/lib/ctr"
	chmod 755 "$W/lib" "$W/lib/ctr"
	jq --arg ctr "$W/lib/ctr" '.engines = [{name: "containerd", kind: "containerd", roots: ["/var/lib/containers/run"], client: $ctr,
		address: "/none"}]' "$GATE_DIR/etc/policy.json" > "$GATE_DIR/new"
	cat "$GATE_DIR/new" > "$GATE_DIR/etc/policy.json"
	mkdir -p "/var/lib/containers/run/io.containerd.runtime.v2.task/default"
	cp -a "$B" "/var/lib/containers/run/io.containerd.runtime.v2.task/default/$ID"
	B=/var/lib/containers/run/io.containerd.runtime.v2.task/default/$ID
	each never_answers
}

killed() {
	edit '.hooks = {($kind): [{path: "/bin/sleep", args: ["sleep", "1000"], timeout: 1}]}' --arg kind $kind
	SECONDS=0
	go
	nothing_left
	shows hook
	[ $SECONDS -lt 20 ]
}

@test "crun and runc: a hook that doesn't end by itself is ended, and refuses" {
	each killed
}

@test "the shipped file: what podman reads (oci-hooks(5), 1.0.0), every container, and a timeout that is later than the gate's own deadline" {
	run -0 jq -e '.version == "1.0.0" and .when == {always: true} and .stages == ["createRuntime"]
		and (.hook | keys) == ["args", "path", "timeout"] and (.hook.path | startswith("/"))
		and .hook.args[:3] == ["kanuki-gate", "hook", "--deadline"]
		and (.hook.args[3] | tonumber) < .hook.timeout * 1000' "$top_builddir/hooks/05-kanuki-gate.json"
	run -0 make -s -C "$top_builddir" DESTDIR="$W/root" install-nodist_pkgdataDATA install-dist_pkgdataDATA \
		install-sbinPROGRAMS
	installed=$(find "$W/root" -name 05-kanuki-gate.json)
	[[ $installed == "$W/root"/*/share/kanuki/05-kanuki-gate.json ]]
	[ -x "$W/root$(jq -r .hook.path "$installed")" ]
	grep -q '^hooks_dir = .*"/etc/containers/oci/hooks.d"' "${installed%.json}.conf"
	run -0 make -s -C "$top_builddir" DESTDIR="$W/root" uninstall-nodist_pkgdataDATA uninstall-dist_pkgdataDATA uninstall-sbinPROGRAMS
	[ -z "$(find "$W/root" -type f)" ]
}

deploys() {
	hook $kind
	echo '{"version": 1, "log": {"path": "'"$GATE_DIR"'/log/gate.jsonl"}, "deploy": {"require_role": true, "roles":
		[{"name": "operations", "uids": [64000]}]}}' > "$GATE_DIR/etc/policy.json"
	go
	nothing_left
	shows E_ROLE
	gate permit --role operations --image "$IMAGE" --owner me --ttl 1h --reason release --key "$GATE_DIR/k.pem" > /dev/null
	go
	[ "$status $output" = "0 ran inside" ]
	rm -r "$GATE_DIR/store"
	gate init > /dev/null
	scanned
}

@test "crun and runc: who deploys has not the role: refused without a permit, runs with one" {
	scanned
	each deploys
}

turned_bad() {
	edit '.process.args = ["/bin/busybox", "sleep", "1000"] | del(.hooks)'
	"$runtime" --root "$W/$runtime" run --detach --bundle "$B" $ID < /dev/null > "$W/up.out" 2>&1 3>&-
	run -0 gate running --bad --runtime-root "$runtime:$W/$runtime"
	[ -z "$output" ]
	gate revoke image "$IMAGE" --reason test > /dev/null
	run -20 gate running --bad --runtime-root "$runtime:$W/$runtime"
	echo "$output"
	[[ $output == "$runtime $ID bad image denied ${IMAGE:0:19}... (localhost/app:1): E_REVOKED_IMAGE"* ]]
	gate unrevoke image "$IMAGE" --reason test > /dev/null
	"$runtime" --root "$W/$runtime" delete --force $ID
	run -0 gate running --runtime-root "$runtime:$W/$runtime"
	[ -z "$output" ]
}

@test "running --bad: a container of runc's or crun's whose image was revoked: 20" {
	local runtime
	scanned
	for runtime in crun runc; do
		turned_bad
	done
}

# As containerd's shim and Docker call a runtime, whichever it is: a directory for each namespace.
@test "running --bad looks where containerd's shim and Docker have a runtime's state, whichever runtime it is" {
	local root
	scanned
	mount -t tmpfs -o mode=755 run /run
	edit '.process.args = ["/bin/busybox", "sleep", "1000"] | del(.hooks)'
	for root in /run/containerd/runc/default /run/docker/runtime-runc/moby; do
		for runtime in crun runc; do
			"$runtime" --root $root run --detach --bundle "$B" $ID < /dev/null > "$W/up.out" 2>&1 3>&-
			run -0 gate running
			[[ $output == "$runtime $ID good "* ]]
			"$runtime" --root $root delete --force $ID
		done
	done
	run -0 gate running
	umount /run
	[ -z "$output" ]
}
