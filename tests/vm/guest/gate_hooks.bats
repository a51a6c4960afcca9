#!/usr/bin/env bats
# podman with runtimes of others, crun and runc, and kanuki-gate as the hook that is shipped: the two files put where the page says.
# shellcheck disable=SC2030,SC2031,SC2154 # bats: each test is a process; output, status

bats_require_minimum_version 1.5.0
load helpers
load gate_site.bash

image=localhost/busybox:vm
share=/usr/local/share/kanuki
hooks=/etc/containers/oci/hooks.d
conf=/etc/containers/containers.conf.d

setup_file() {
	site_needs podman crun runc
	make_image
	IMAGE_ID=sha256:$(podman image inspect -f '{{.Id}}' "$image")
	export IMAGE_ID
}

setup() {
	IMAGE=$IMAGE_ID
	site_begin
	mkdir -p $hooks $conf
	cp $share/05-kanuki-gate.json $hooks
	cp $share/05-kanuki-gate.conf $conf
}

teardown() {
	podman pod rm --all --force --time 0 > /dev/null 2>&1 || true
	podman rm --all --force --time 0 > /dev/null 2>&1 || true
	rm -f $hooks/05-kanuki-gate.json $conf/05-kanuki-gate.conf
	[ ! -e /var/lib/vfs ] || { podman "${vfs[@]}" rm --all --force --time 0; rm -rf /var/lib/vfs; }
	site_end
}

teardown_file() { podman rmi --all --force > /dev/null 2>&1 || true; }

# What the file has for crun as well.
with_words() { sed 's/^#\([a-z_]* = \)/\1/' $share/05-kanuki-gate.conf > $conf/05-kanuki-gate.conf; }

alone() {
	local runtime=$1
	shift
	podman --runtime "$runtime" --cgroup-manager=cgroupfs "$@" 3>&-
}

nothing_left() {
	[ -z "$(podman ps --all --quiet)" ]
	[ -z "$(crun list --quiet)$(runc list --quiet)" ]
}

@test "podman with crun, with runc: not scanned: refused, podman shows the line, nothing is left; scanned, it runs" {
	local runtime
	with_words
	for runtime in crun runc; do
		run alone $runtime run --rm --network none $image echo ran inside
		[ "$status" = 126 ]
		denied E_NOT_SCANNED
		run alone $runtime run --rm --detach --network none $image echo ran inside
		denied E_NOT_SCANNED
		podman rm --all --force > /dev/null
		nothing_left
	done
	scanned
	for runtime in crun runc; do
		run alone $runtime run --rm --network none $image echo ran inside
		ran
	done
}

@test "podman with crun as it is: the exit status is shown, and the log has the line" {
	run -126 alone crun run --rm --network none $image echo ran inside
	[[ $output == *"crun: error executing hook \`$G\` (exit code: 10)"* ]]
	[ "$(logged)" = "refused $IMAGE" ]
	run -0 gate log show
	[[ $output == *E_NOT_SCANNED* ]]
}

# As the page says: whoever forgets it has no gate, so podman is asked, not believed.
@test "podman reads the hook's directory because of the second file, and not without it" {
	rm $conf/05-kanuki-gate.conf
	run alone crun run --rm --network none $image echo ran inside
	[ "$status $output" = "0 ran inside" ]
	with_words
	run alone crun run --rm --network none $image echo ran inside
	denied E_NOT_SCANNED
}

@test "podman with kanuki and the hook besides: refused by kanuki's rule, and it runs" {
	with_words
	run with hardened run --rm --network none $image echo ran inside
	denied E_NOT_SCANNED
	[[ $output == *"policy: H-85: "* ]]
	scanned
	run with hardened run --rm --network none $image echo ran inside
	ran
}

@test "a pod's pause container: refused, and let in by its program" {
	with_words
	scanned
	run alone crun run --rm --pod new:p --network none $image echo ran inside
	[ "$status" != 0 ]
	[[ $output == *"(localhost/podman-pause:"*E_NOT_SCANNED* ]]
	podman pod rm --all --force --time 0 > /dev/null
	gate pause add /usr/bin/catatonit > /dev/null
	run alone crun run --rm --pod new:p --network none $image echo ran inside
	ran
}

@test "a RUN step of a build: refused, and let in as a class" {
	printf 'FROM %s\nRUN echo ran inside >&2\n' $image > "$GATE_DIR/Containerfile"
	scanned
	run alone crun build --no-cache --network none --file "$GATE_DIR/Containerfile" "$GATE_DIR"
	echo "$output"
	[ "$status" != 0 ]
	[[ $output == *"kanuki-gate\` (exit code: 11)"* ]]
	[ "$(jq -r 'select(.event == "refused") | .message' /var/log/kanuki/gate.jsonl | grep -c build)" = 1 ]
	site_policy '.identity = {classes: ["build"]}'
	run alone crun build --no-cache --network none --file "$GATE_DIR/Containerfile" "$GATE_DIR"
	echo "$output"
	[ "$status" = 0 ]
}

@test "who deploys has not the role: refused without a permit, runs with one" {
	with_words
	local runtime
	scanned
	site_policy '.deploy = {require_role: true, roles: [{name: "operations", uids: [64000]}]}'
	for runtime in crun runc; do
		run alone $runtime run --rm --network none $image echo ran inside
		denied E_ROLE
	done
	gate permit --role operations --image "$IMAGE" --owner me --ttl 1h --reason release --key "$GATE_DIR/k.pem" > /dev/null
	for runtime in crun runc; do
		run alone $runtime run --rm --network none $image echo ran inside
		ran
	done
}

@test "running --bad: containers of kanuki, runc and crun: 20; none of them starts again" {
	with_words
	local runtime
	scanned
	for runtime in crun runc kanuki; do
		alone "$(command -v $runtime)" run --detach --name "by-$runtime" --network none $image sleep 1000
	done
	run -0 gate running
	[ "$(cut -d' ' -f1,3 <<< "$output" | sort)" = $'crun good\nkanuki good\nrunc good' ]
	run -0 gate running --bad
	gate revoke image "$IMAGE" --reason test > /dev/null
	run -20 gate running --bad
	echo "$output"
	[ "$(cut -d' ' -f1,3 <<< "$output" | sort)" = $'crun bad\nkanuki bad\nrunc bad' ]
	[ "$(grep -c E_REVOKED_IMAGE <<< "$output")" = 3 ]
	podman stop --all --time 0 > /dev/null
	run -0 gate running
	[ -z "$output" ]
	for runtime in crun runc kanuki; do
		run podman start "by-$runtime"
		denied E_REVOKED_IMAGE
	done
}

# The run root is where kanuki's policy knows engines' files.
vfs=(--storage-driver vfs --root /var/lib/vfs --runroot /run/containers/storage)

@test "storage of directories (vfs): the same digest; running sees the process's own root" {
	with_words
	site_policy '.engines = [{name: "podman", kind: "storage", roots: ["/var/lib/vfs", "/run/containers/storage"]}]'
	podman save --format oci-archive --output "$GATE_DIR/oci.tar" $image > /dev/null
	podman "${vfs[@]}" load --input "$GATE_DIR/oci.tar"
	run alone crun "${vfs[@]}" run --rm --network none $image echo ran inside
	denied E_NOT_SCANNED
	run with hardened "${vfs[@]}" run --rm --network none $image echo ran inside
	denied E_NOT_SCANNED
	scanned
	run alone crun "${vfs[@]}" run --rm --network none $image echo ran inside
	ran
	with hardened "${vfs[@]}" run --detach --name v --network none $image sleep 1000
	alone runc "${vfs[@]}" run --detach --network none $image sleep 1000
	run -0 gate running --json
	echo "$output"
	[ "$(jq -r '"\(.runtime) \(.digest) \(.verdict)"' <<< "$output" | sort)" = "kanuki $IMAGE allow"$'\n'"runc $IMAGE allow" ]
	# Something else where the container's own directory is said to be.
	root=$(jq -r .rootfs /run/kanuki/*/record.json)
	mount -t tmpfs over "$root"
	run -20 gate running --bad
	umount "$root"
	echo "$output"
	[[ $output == "kanuki "*"is not the container's layer"* ]]
}

# unit RUNTIME: a container of a unit's, whose output is the journal's, as Quadlet makes them
unit() {
	systemd-run --quiet --wait --collect podman --runtime "$1" --cgroup-manager=cgroupfs run --rm --log-driver passthrough --network none \
		$image echo ran inside > /dev/null 2>&1 3>&-
}

@test "a unit's container with the journal as its output (Quadlet): refused, scanned it runs" {
	local runtime
	for runtime in crun runc; do
		run -126 unit $runtime
		[ "$(logged)" = "refused $IMAGE" ]
	done
	scanned
	for runtime in crun runc; do
		run -0 unit $runtime
		[ "$(logged)" = "admit $IMAGE" ]
	done
	# The reason why the file has crun's two keys as comments.
	with_words
	run unit crun
	[ "$status" != 0 ]
	[[ "$(journalctl --no-pager -n 40)" == *"open \`/dev/stderr\`: No such device or address"* ]]
}
