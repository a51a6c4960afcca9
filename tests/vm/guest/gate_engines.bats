#!/usr/bin/env bats
# Docker, and containerd's CRI, with kanuki at its default level and a gate: which image it is comes from the engine's own data. The image
# is podman's, and its digest in each of them is podman's. There is no CRI-O and no crictl in Debian 13: guest/cri makes the calls.
# shellcheck disable=SC2030,SC2031,SC2154 # bats: each test is a process; output, status

bats_require_minimum_version 1.5.0
load helpers
load gate_site.bash

image=localhost/busybox:vm
pause=localhost/pause:vm

# Docker beside systemd asks for the systemd manager unless told otherwise, and kanuki has none yet.
docker_daemon() {
	mkdir -p /etc/docker
	jq -n --argjson snapshotter "$1" '{runtimes: {kanuki: {path: "/usr/local/sbin/kanuki"}}, "exec-opts": ["native.cgroupdriver=cgroupfs"],
		bridge: "none", iptables: false, ip6tables: false, features: {"containerd-snapshotter": $snapshotter}}' > /etc/docker/daemon.json
	systemctl start docker
}

docker_end() {
	local left
	left=$(docker ps --all --quiet)
	# shellcheck disable=SC2086 # a list
	[ -z "$left" ] || docker rm --force $left
	systemctl stop docker docker.socket
}

cri() { python3 "$top_srcdir/tests/vm/guest/cri" "$@" 3>&-; }

cri_begin() {
	local root=$GATE_DIR/pause
	mkdir -p "$root" /etc/cni/net.d
	cp /usr/bin/catatonit "$root"
	tar -C "$root" -cf "$GATE_DIR/pause.tar" .
	podman import --change 'CMD ["/catatonit", "-P"]' "$GATE_DIR/pause.tar" $pause > /dev/null
	podman save --format oci-archive --output "$GATE_DIR/pause.oci" $pause > /dev/null
	podman save --format oci-archive --output "$GATE_DIR/image.oci" $image > /dev/null
	cp /etc/containerd/config.toml "$GATE_DIR/config.toml"
	cat > /etc/containerd/config.toml <<- END
	version = 2
	[plugins."io.containerd.grpc.v1.cri"]
	sandbox_image = "$pause"
	[plugins."io.containerd.grpc.v1.cri".containerd]
	default_runtime_name = "kanuki"
	[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.kanuki]
	runtime_type = "io.containerd.runc.v2"
	[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.kanuki.options]
	BinaryName = "/usr/local/sbin/kanuki"
	[plugins."io.containerd.grpc.v1.cri".cni]
	bin_dir = "/usr/lib/cni"
	conf_dir = "/etc/cni/net.d"
	END
	echo '{"cniVersion": "0.4.0", "name": "vm", "plugins": [{"type": "ptp", "ipam": {"type": "host-local", "subnet": "10.9.0.0/24"}}]}' \
		> /etc/cni/net.d/10-vm.conflist
	systemctl start containerd
	wait_for cri version
	ctr -n k8s.io images import "$GATE_DIR/pause.oci"
	ctr -n k8s.io images import "$GATE_DIR/image.oci"
}

cri_end() {
	cri down
	systemctl stop containerd
	mv "$GATE_DIR/config.toml" /etc/containerd/config.toml
	rm -f /etc/cni/net.d/10-vm.conflist
}

setup_file() {
	site_needs podman docker dockerd containerd ctr catatonit python3
	make_image
	IMAGE_ID=sha256:$(podman image inspect -f '{{.Id}}' "$image")
	export IMAGE_ID
}

setup() {
	IMAGE=$IMAGE_ID
	site_begin
}

teardown() {
	[ -z "${DOCKER-}" ] || docker_end > /dev/null 2>&1
	[ -z "${CRI-}" ] || cri_end > /dev/null 2>&1
	systemctl stop containerd
	site_end
}

teardown_file() { podman rmi --all --force > /dev/null 2>&1 || true; }

docker_run() { docker run --runtime kanuki --network none "$@" 3>&- < /dev/null; }

# No container of kanuki's is left in Docker's runtime root.
nothing_left() { [ -z "$(ls /run/docker/runtime-runc/moby 2> /dev/null)" ]; }

# docker_tests SNAPSHOTTER: whether containerd keeps the images
docker_tests() {
	DOCKER=1
	docker_daemon "$1"
	podman save --format docker-archive --output "$GATE_DIR/image.tar" $image > /dev/null
	docker load --input "$GATE_DIR/image.tar" > /dev/null
	run docker_run --rm $image echo ran inside
	denied E_NOT_SCANNED
	[[ $output == *"policy: H-85: "* ]]
	nothing_left
	scanned
	run docker_run --rm $image echo ran inside
	ran
	run docker_run --rm $image id
	[ "$status $output" = "0 uid=65532 gid=65532" ]
	docker_run --detach --name running $image sleep 1000
	run -0 gate running --json
	echo "$output"
	[ "$(jq -r '"\(.runtime) \(.id) \(.digest) \(.verdict)"' <<< "$output")" = "kanuki $(docker inspect -f '{{.Id}}' running) $IMAGE allow" ]
	run docker exec running echo ran inside < /dev/null 3>&-
	[ "$status $output" = "0 ran inside" ]
	gate revoke image "$IMAGE" --reason test > /dev/null
	run -20 gate running --bad
	docker kill running
	run docker start running
	denied E_REVOKED_IMAGE
	nothing_left
	docker rmi --force $image
}

@test "Docker with its own image store (overlay2): refused, scanned it runs, running finds it" {
	docker_tests false
}

@test "Docker with containerd's image store: refused, scanned it runs, running finds it" {
	docker_tests true
}

@test "containerd's CRI: a pod's pause program and a container's image" {
	CRI=1
	cri_begin
	run cri run kanuki $image echo ran inside
	echo "$output"
	[ "$status" != 0 ]
	[[ $output == *"policy: H-85: image denied "*"($pause): E_NOT_SCANNED"* ]]
	cri down
	gate pause add /usr/bin/catatonit > /dev/null
	run cri run kanuki $image echo ran inside
	denied E_NOT_SCANNED
	[[ $output == *"policy: H-85: "* ]]
	scanned
	run cri run kanuki $image echo ran inside
	ran
	cri down
	id=$(cri up kanuki $image sleep 1000)
	run -0 gate running --json
	echo "$output"
	[ "$(jq -r 'select(.id == $id) | "\(.runtime) \(.digest) \(.verdict)"' --arg id "$id" <<< "$output")" = "kanuki $IMAGE allow" ]
	[ "$(jq -r .verdict <<< "$output")" = $'allow\nallow' ]
	gate revoke image "$IMAGE" --reason test > /dev/null
	run -20 gate running --bad
	echo "$output"
	[[ $output == "kanuki $id bad "*E_REVOKED_IMAGE* ]]
}
