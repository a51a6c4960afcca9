#!/usr/bin/env bats
# Which image is behind a bundle, with overlays that are really mounted: the kernel's mount table against containers/storage's files,
# made here as podman makes them. And pause programs of a policy. As root, in a mount namespace of its own (tests/lib/rootns).
# shellcheck disable=SC2154 # output, status: bats
bats_require_minimum_version 1.5.0
load ../gate/helpers.bash

ID=0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef

setup() {
	# Not below /tmp, which may be a file system without what an overlay needs.
	WORK=$(mktemp -d /var/tmp/kanuki-identity.XXXXXX)
	mount -t tmpfs -o mode=700 graph "$WORK"
	storage_begin "$WORK" "$WORK/graph" $ID
}

teardown() {
	umount -R "$WORK"
	rmdir "$WORK"
}

identify() { "$top_builddir/tests/integration/identify" storage "$G" "$G/overlay-containers/$ID/userdata" "${1:-$ROOT}" $ID; }

resolved() { [[ $output == *"digest sha256:$CONFIG"* && $output == *"manifest sha256:$MANIFEST"* ]] || { echo "$output"; return 1; }; }

# WHY: no digest, and this reason
unresolved() { [[ $output == *"digest -"* && $output == *"why "*"$1"* ]] || { echo "$output"; return 1; }; }

@test "a container's overlay is its image's layers" {
	run -0 identify
	resolved
	[[ $output == *"repository localhost/app"* && $output == *"platform linux/amd64"* ]]
}

@test "relative names, as with many layers" {
	umount "$ROOT"
	(cd "$O" && mount -t overlay -o "lowerdir=l/TOP:l/LOW,upperdir=$LAYER/diff,workdir=$LAYER/work" overlay "$ROOT")
	run -0 identify
	resolved
}

@test "seen through a bind at another place: the same mount by the kernel's word" {
	mkdir "$WORK/intermediate"
	mount --bind "$ROOT" "$WORK/intermediate"
	run -0 identify "$WORK/intermediate"
	resolved
}

@test "in another process's mount namespace" {
	mkfifo "$WORK/ready"
	unshare --mount --propagation private sh -c "umount '$ROOT' && echo > '$WORK/ready' && exec sleep 1000" 3>&- &
	pid=$!
	read -r < "$WORK/ready"
	MOUNT_PID=$pid run -0 identify
	kill $pid
	unresolved "is no overlay's own mount"
	MOUNT_PID=$$ run -0 identify
	resolved
}

# inside DIRECTORY: what is told of a process whose root that is, and which has nothing else.
inside() {
	cp "$(command -v busybox)" "$1/busybox"
	mkfifo "$1/ready"
	unshare --mount --propagation private sh -c "mount --bind '$1' '$1' && cd '$1' && mkdir old && pivot_root . old && exec ./busybox chroot . /busybox sh -c \
		'busybox umount -l /old && echo > /ready && exec busybox sleep 1000'" 3>&- &
	pid=$!
	read -r < "$1/ready"
	INSIDE=1 MOUNT_PID=$pid run -0 identify
	kill $pid
}

@test "a running container: what its process has as its root, not what lies at the root's name" {
	inside "$ROOT"
	resolved
	mkdir "$WORK/other"
	mount -t tmpfs other "$WORK/other"
	inside "$WORK/other"
	unresolved "is no overlay's own mount"
	mkdir "$WORK/evil" "$WORK/work" "$WORK/two"
	mount -t overlay -o "lowerdir=$O/l/TOP:$O/l/LOW,upperdir=$WORK/evil,workdir=$WORK/work" overlay "$WORK/two"
	inside "$WORK/two"
	unresolved "is not the container's layer"
}

# The same image in a store of directories, which mounts nothing.
vfs() {
	local kind
	umount "$ROOT"
	for kind in images layers containers; do
		mv "$G/overlay-$kind" "$G/vfs-$kind"
	done
	ROOT=$G/vfs/dir/$LAYER
	mkdir -p "$ROOT" "$G/vfs/dir/other"
	identify() { "$top_builddir/tests/integration/identify" storage "$G" "$G/vfs-containers/$ID/userdata" "$ROOT" $ID; }
}

@test "vfs: the container's own directory, not what is mounted there" {
	vfs
	run -0 identify
	resolved
	mount --bind "$G/vfs/dir/other" "$ROOT"
	run -0 identify
	unresolved "is not the container's layer"
	umount "$ROOT"
	mount -t tmpfs over "$ROOT"
	run -0 identify
	unresolved "is not the container's layer"
	umount "$ROOT"
	chown 1000 "$ROOT"
	run -0 identify
	resolved
	chown 1000 "$G/vfs/dir"
	run -0 identify
	unresolved "belongs to user 1000"
}

@test "vfs: a running container: what its process has as its root" {
	vfs
	inside "$ROOT"
	resolved
	inside "$G/vfs/dir/other"
	unresolved "is not the container's layer"
}

@test "something else mounted on top, beneath, or instead" {
	mount -t tmpfs over "$ROOT"
	run -0 identify
	unresolved "is no overlay's own mount"
	umount "$ROOT"
	umount "$ROOT"
	run -0 identify
	unresolved "is no overlay's own mount"
	mkdir "$WORK/evil"
	mount_root "$WORK/evil:$O/l/LOW" "$O/$LAYER/diff"
	run -0 identify
	unresolved "layer 1 that is mounted"
	umount "$ROOT"
	mount_root "$O/l/TOP:$O/l/LOW" "$WORK/evil"
	run -0 identify
	unresolved "is not the container's layer"
}

@test "a directory within the root, and a root reached through a link" {
	mkdir "$ROOT/inner"
	run -0 identify "$ROOT/inner"
	unresolved "is no overlay's own mount"
	ln -s "$ROOT" "$WORK/link"
	run -0 identify "$WORK/link"
	unresolved "can't be opened without links"
}

@test "files of somebody else" {
	chown 1000 "$G/overlay-images/images.json"
	run -0 identify
	unresolved "belongs to user 1000"
	chown 0 "$G/overlay-images/images.json"
	chown 1000 "$G/overlay-images"
	run -0 identify
	unresolved "belongs to user 1000"
}

@test "kanuki-gate pause: a static program, by its content, once" {
	gate_begin > /dev/null
	run -0 gate pause show "$(command -v busybox)"
	[ "$output" = "sha256:$(sha < "$(command -v busybox)")" ]
	run -0 gate pause add "$(command -v busybox)"
	run -0 gate pause add "$(command -v busybox)"
	run -0 jq -c '[.version, .allow.pause, .log.path]' "$GATE_DIR/etc/policy.json"
	[ "$output" = "[1,[\"sha256:$(sha < "$(command -v busybox)")\"],\"$GATE_DIR/log/gate.jsonl\"]" ]
	run -0 gate policy check "$GATE_DIR/etc/policy.json"
	run -1 gate pause add "$(command -v jq)"
	[[ $output == *"is linked dynamically"* ]]
	run -1 gate pause add "$GATE_DIR/etc/policy.json"
	[[ $output == *"is no 64-bit ELF program"* ]]
	run ! gate pause put x
	gate_end
}
