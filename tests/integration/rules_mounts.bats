#!/usr/bin/env bats
# H-20..H-26: what is mounted and how. Flags are read by libmount from the container's mountinfo (tests/oracle), not by us.
load helpers

file_begin() {
	[ -x "$ORACLE" ] || { echo "tests/oracle/mounts was not built: libmount's header is missing" >&2; return 1; }
}

# mount_of TARGET: 'FSTYPE ro|rw nosuid|suid nodev|dev noexec|exec PROPAGATION' of container PID.
mount_of() {
	"$ORACLE" "/proc/$PID/mountinfo" "$1" | cut -d' ' -f 2,3,5-
}

@test "H-20: the root is read-only although the bundle says false: EROFS" {
	own_image
	chmod 777 "$IMAGE/home" "$IMAGE/etc/passwd"
	inside 'inside write /x x; inside write /etc/passwd x; inside write /home/x x' '.root.readonly = false' '.process.user.uid = 0'
	is $'EROFS\nEROFS\nEROFS'
	up '.root.readonly = false'
	has ' ro ' "$(mount_of /)"
}

@test "H-20: builtin:oci leaves it writable (control)" {
	LEVEL=oci
	own_image
	inside 'echo x > /x; cat /x' '.root.readonly = false'
	is x
	inside 'inside write /x x' '.root.readonly = true'
	is EROFS
}

@test "H-21: /tmp, /var/tmp and /run are writable and in memory" {
	up
	for dir in /tmp /var/tmp /run; do
		is 'tmpfs rw nosuid nodev noexec private' "$(mount_of "$dir")"
	done
	run --separate-stderr k exec "$ID" sh -c 'for d in /tmp /var/tmp /run; do inside write $d/x x; stat -c %a $d; done'
	succeeded
	is $'0\n1777\n0\n1777\n0\n755'
}

@test "H-21: more than 64 MiB don't fit: ENOSPC" {
	inside 'dd if=/dev/zero of=/tmp/big bs=1M count=65 2>&1 | head -1'
	is 'dd: error writing '"'/tmp/big'"': No space left on device'
}

@test "H-21: what the image has there is copied in" {
	own_image
	mkdir -p "$IMAGE/run/lock"
	echo hello > "$IMAGE/var/tmp/file"
	inside 'ls /run; cat /var/tmp/file'
	is $'lock\nhello'
	rm "$IMAGE/var/tmp/file"
}

@test "H-21: not where the image lacks them, nor where the bundle mounts something" {
	own_image
	rmdir "$IMAGE/var/tmp"
	mkdir "$W/mine"
	up '.mounts += [{destination: "/tmp", type: "tmpfs", source: "tmpfs", options: ["size=4k"]}]'
	run mount_of /var/tmp
	is ''
	is 1 "$("$ORACLE" "/proc/$PID/mountinfo" | grep -c '^/tmp ')"
	run --separate-stderr k exec "$ID" df -k /tmp
	has ' 4 '
}

# podman's pause image has no /run, and podman mounts /run/.containerenv.
@test "H-21: not where the image lacks them, though a mount of the bundle's makes the directory" {
	own_image
	rmdir "$IMAGE/run"
	echo made > "$W/file"
	inside 'cat /run/env; inside write /run/x x' '.mounts += [{destination: "/run/env", type: "bind", source: ($w + "/file"), options: ["bind", "ro"]}]'
	is $'made\nEROFS'
}

@test "H-22: a writable bind and a tmpfs are noexec, nosuid and nodev whatever the options say" {
	mkdir -m 777 "$W/vol"
	up '.mounts += [{destination: "/data", type: "bind", source: ($w + "/vol"), options: ["rbind", "rw", "exec", "suid", "dev"]},
		{destination: "/home", type: "tmpfs", source: "tmpfs", options: ["exec", "suid", "dev", "mode=1777"]}]'
	is 'rw nosuid nodev noexec private' "$(mount_of /data | cut -d' ' -f2-)"
	is 'tmpfs rw nosuid nodev noexec private' "$(mount_of /home)"
	run --separate-stderr k exec "$ID" sh -c 'for d in /data /home /tmp /run /dev/shm; do
		cp /bin/inside $d/x; inside exec $d/x; inside map $d/x; done'
	succeeded
	is "$(for i in 1 2 3 4 5; do printf 'EACCES\nEPERM\n'; done)"
}

@test "H-22: what is mounted beneath a recursive bind, too" {
	mkdir -p "$W/vol/sub"
	mount -t tmpfs -o mode=777 sub "$W/vol/sub"
	up '.mounts += [{destination: "/data", type: "bind", source: ($w + "/vol"), options: ["rbind", "rw"]}]'
	is 'tmpfs rw nosuid nodev noexec private' "$(mount_of /data/sub)"
	k delete --force "$ID"
	umount "$W/vol/sub"
}

@test "H-22: nothing in the whole table is writable without noexec and nosuid" {
	up
	run "$ORACLE" "/proc/$PID/mountinfo"
	[ "${#lines[@]}" -gt 10 ]
	! printf '%s\n' "${lines[@]}" | awk '$3 == "rw" && $4 == "sb-rw" && ($5 != "nosuid" || $7 != "noexec")' | grep . || false
}

@test "H-22: builtin:oci executes from a bind (control)" {
	LEVEL=oci
	mkdir -m 777 "$W/vol"
	inside 'cp /bin/inside /data/x; inside exec /data/x; inside map /data/x' \
		'.mounts += [{destination: "/data", type: "bind", source: ($w + "/vol"), options: ["rbind", "rw"]}]'
	is $'ran\nmapped'
}

@test "H-23: a read-only bind and the root are nosuid and nodev, and stay executable" {
	mkdir "$W/vol"
	cp "$IMAGE/bin/inside" "$W/vol/"
	up '.mounts += [{destination: "/data", type: "bind", source: ($w + "/vol"), options: ["rbind", "ro", "suid", "dev"]}]'
	is 'ro nosuid nodev exec private' "$(mount_of /data | cut -d' ' -f2-)"
	is 'ro nosuid nodev exec private' "$(mount_of / | cut -d' ' -f2-)"
	run --separate-stderr k exec "$ID" inside exec /data/inside
	is ran
}

@test "H-23: a device of a volume can't be opened: EACCES" {
	mkdir "$W/vol"
	mknod -m 666 "$W/vol/null" c 1 3
	local mount='.mounts += [{destination: "/data", type: "bind", source: ($w + "/vol"), options: ["rbind", "rw"]}]'
	inside 'inside write /data/null x' "$mount"
	is EACCES
	LEVEL=oci
	inside 'inside write /data/null x' "$mount"
	is 0
}

@test "H-24: a volume that is writable at one place is not executable at another" {
	mkdir -m 777 "$W/vol" "$W/vol/sub"
	local mounts='.mounts += [{destination: "/data", type: "bind", source: ($w + "/vol"), options: ["bind", "rw"]},
		{destination: "/mnt", type: "bind", source: ($w + "/vol/sub"), options: ["bind", "ro"]}]'
	inside 'cp /bin/inside /data/sub/x; inside exec /mnt/x; inside map /mnt/x' "$mounts"
	is $'EACCES\nEPERM'
	LEVEL=oci
	inside 'inside exec /mnt/x' "$mounts"
	is ran
}

@test "H-24: a writable bind of the root, of what is in it or holds it is refused" {
	local source
	for source in "$IMAGE" "$IMAGE/bin" "$BATS_FILE_TMPDIR"; do
		bundle ".mounts += [{destination: \"/data\", type: \"bind\", source: \"$source\", options: [\"rbind\", \"rw\"]}]"
		go
		refused H-24 "mount '/data': its source '$source' is or holds the container's own root"
	done
	bundle ".mounts += [{destination: \"/data\", type: \"bind\", source: \"$IMAGE/bin\", options: [\"rbind\", \"ro\"]}]" \
		'.process.args = ["inside", "exec", "/data/inside"]'
	go
	succeeded
	is ran
}

@test "H-24: two names that only the kernel's table can tell to be one are found by the read-back" {
	mkdir "$W/vol" "$W/alias"
	mount --bind "$W/vol" "$W/alias"
	bundle '.mounts += [{destination: "/data", type: "bind", source: ($w + "/vol"), options: ["bind", "rw"]},
		{destination: "/mnt", type: "bind", source: ($w + "/alias"), options: ["bind", "ro"]}]'
	go
	umount "$W/alias"
	refused H-24 "what can be written at '/data' could be executed at '/mnt'"
}

# An engine's volume, in VOLUME, with nothing of the host's own store in sight; test_end takes it away.
engine_volume() {
	STORE_MADE=no
	[ -d /var/lib/docker ] || { mkdir /var/lib/docker; STORE_MADE=yes; }
	mount -t tmpfs -o mode=755 kanuki-test /var/lib/docker
	VOLUME=/var/lib/docker/volumes/v/_data
	mkdir -p "$VOLUME"
	chmod 777 "$VOLUME"
}

test_end() {
	[ -n "${VOLUME-}" ] || return 0
	umount /var/lib/docker
	[ "$STORE_MADE" = no ] || rmdir /var/lib/docker
}

@test "H-24: what one container writes to an engine's volume another one, that has it read-only, doesn't execute" {
	engine_volume
	inside 'cp /bin/inside /data/x; inside exec /data/x' \
		".mounts += [{destination: \"/data\", type: \"bind\", source: \"$VOLUME\", options: [\"rbind\", \"rw\"]}]"
	is EACCES
	local options mount
	for options in '"rbind", "ro"' '"bind", "ro"' '"rbind", "rro", "rexec"' '"rbind", "ro", "exec"'; do
		mount=".mounts += [{destination: \"/mnt\", type: \"bind\", source: \"$VOLUME\", options: [$options]}]"
		inside 'inside exec /mnt/x; inside map /mnt/x; cmp /mnt/x /bin/inside && echo read' "$mount"
		is $'EACCES\nEPERM\nread'
		bundle "$mount"
		run --separate-stderr k plan --diff "$B"
		succeeded
		has 'noexec' "$(grep '^mount /mnt: ' <<< "$output")"
		has ' asked: exec' "$(grep '^mount /mnt: ' <<< "$output")"
		has ' /mnt' "$(grep '^landlock.no-exec: ' <<< "$output")"
	done
	LEVEL=oci
	inside 'inside exec /mnt/x' "$mount"
	is ran
}

@test "H-24: the same with both in one container, and with what the bundle holds" {
	engine_volume
	inside 'cp /bin/inside /data/x; inside exec /mnt/x; inside map /mnt/x' \
		".mounts += [{destination: \"/data\", type: \"bind\", source: \"$VOLUME\", options: [\"rbind\", \"rw\"]},
			{destination: \"/mnt\", type: \"bind\", source: \"$VOLUME\", options: [\"rbind\", \"ro\"]}]"
	is $'EACCES\nEPERM'
	mkdir "$B/tools"
	cp "$IMAGE/bin/inside" "$B/tools/x"
	inside 'inside exec /mnt/x' \
		".mounts += [{destination: \"/mnt\", type: \"bind\", source: \"$B/tools\", options: [\"rbind\", \"ro\"]}]"
	is EACCES
}

@test "H-24: of what the policy lets be bound, that is executed which none but root can write" {
	mkdir -p "$W/tools/sub"
	cp "$IMAGE/bin/inside" "$W/tools/sub/x"
	chmod -R go-w "$W/tools"
	local mount='.mounts += [{destination: "/mnt", type: "bind", source: ($w + "/tools"), options: ["rbind", "ro"]}]' change
	inside 'inside exec /mnt/sub/x' "$mount"
	is ran
	bundle "$mount"
	run --separate-stderr k plan "$B"
	succeeded
	has 'programs=host' "$(grep '^mount /mnt: ' <<< "$output")"
	inside 'inside exec /data/x' '.mounts += [{destination: "/data/x", type: "bind", source: ($w + "/tools/sub/x"), options: ["bind", "ro"]}]'
	is ran
	# the place itself, which whoever may write to it fills; what is in it is for the policy's author to know
	for change in 'chmod g+w .' 'chmod o+w .' 'chmod 1777 .' 'chown 65532 .'; do
		(cd "$W/tools" && eval "$change")
		inside 'inside exec /mnt/sub/x; inside map /mnt/sub/x' "$mount"
		is $'EACCES\nEPERM' || { echo "after $change"; return 1; }
		chown 0 "$W/tools"
		chmod 755 "$W/tools"
	done
	inside 'inside exec /mnt/sub/x' "$mount"
	is ran
	# and what holds it, in which others could put something else in its stead
	mkdir "$W/open"
	mv "$W/tools" "$W/open/tools"
	chmod 777 "$W/open"
	inside 'inside exec /mnt/sub/x; inside map /mnt/sub/x' "${mount/\/tools/\/open\/tools}"
	is $'EACCES\nEPERM'
	chmod 1777 "$W/open"
	inside 'inside exec /mnt/sub/x' "${mount/\/tools/\/open\/tools}"
	is ran
}

@test "H-25: dangerous places of the host are refused, and what holds them" {
	local source place
	while read -r source place; do
		bundle ".mounts += [{destination: \"/mnt\", type: \"bind\", source: \"$source\", options: [\"rbind\", \"ro\"]}]"
		go
		refused H-25 "mount '/mnt': its source '$source' reaches the host's $place; remove it"
	done <<-END
		/etc /etc
		/etc/shadow /etc
		/proc /proc
		/sys/fs/cgroup /sys
		/dev /dev
		/root /root
		/run /run
		/var/run/x /var/run
		/var/lib/docker /var/lib/docker
		/var/lib/kubelet/pki /var/lib/kubelet
		/ /boot
	END
}

@test "H-25: programs of the host are refused writable and accepted read-only" {
	bundle '.mounts += [{destination: "/mnt", type: "bind", source: "/usr/share", options: ["rbind", "rw"]}]'
	go
	refused H-25 "mount '/mnt': its source '/usr/share' makes the host's /usr writable; make it read-only"
	inside 'ls -d /mnt/misc' '.mounts += [{destination: "/mnt", type: "bind", source: "/usr/share", options: ["rbind", "ro"]}]'
	is /mnt/misc
}

@test "H-25: an engine's socket is refused wherever it is" {
	: > "$W/docker.sock"
	bundle '.mounts += [{destination: "/mnt/s", type: "bind", source: ($w + "/docker.sock"), options: ["bind"]}]'
	go
	refused H-25 "is an engine's socket, which gives root on the host; remove it"
}

# listen PATH: a service of the host's; LISTENER is its process
listen() {
	python3 -c 'import socket, sys, time
s = socket.socket(socket.AF_UNIX); s.bind(sys.argv[1]); s.listen(); time.sleep(100)' "$1" 3>&- 4>&- &
	LISTENER=$!
	for _ in {1..100}; do [ ! -S "$1" ] || return 0; sleep 0.05; done
	return 1
}

# bound SOURCE [MODE]: runs with it at /mnt
bound() {
	bundle '.mounts += [{destination: "/mnt/s", type: "bind", source: "'"$1"'", options: ["rbind", "'"${2:-ro}"'"]}]'
	go
}

@test "H-25: a socket is refused as a source unless an entry names it; a directory with one isn't" {
	own_image
	mkdir "$W/dir"
	: > "$IMAGE/mnt/s"
	listen "$W/dir/app"
	ln -s app "$W/dir/link"
	ln "$W/dir/app" "$W/dir/hard"
	: > "$W/dir/bound"
	mount --bind "$W/dir/app" "$W/dir/bound"
	local name
	for name in app link hard bound; do
		bound "$W/dir/$name"
		refused "H-25: mount '/mnt/s': its source '$W/dir/" "is a socket of the host's and no entry of the policy names it; remove it, or add"
		run --separate-stderr k plan "$B"
		[ "$status" = 1 ]
		has H-25 "$stderr"
	done
	umount "$W/dir/bound"
	inside '[ -S /data/app ] && echo there' '.mounts += [{destination: "/data", type: "bind", source: ($w + "/dir"), options: ["rbind", "ro"]}]'
	is there
	policy '{"version": 1, "mounts": {"allow": [{"source": "'"$W"'"}, {"source": "'"$W"'/dir/app", "target": "/mnt/s"}]}}'
	inside '[ -S /mnt/s ] && echo there' '.mounts += [{destination: "/mnt/s", type: "bind", source: ($w + "/dir/app"), options: ["bind", "ro"]}]'
	is there
	has 'socket=named' "$(k plan "$B" | grep '^mount /mnt/s')"
	bound "$W/dir/app" rw
	refused "is a socket of the host's and no entry of the policy names it" '"writable": true}'
	bound "$W/dir/hard"
	refused "is a socket of the host's and no entry of the policy names it"
	policy '{"version": 1, "mode": "audit", "audit": {"file": "'"$W"'/trail"}}'
	bound "$W/dir/app"
	has "H-25: mount '/mnt/s'" "$(k plan --diff "$B" | grep 'enforce would refuse')"
	kill "$LISTENER"
}

@test "H-25: an engine's socket is known by whatever name it has, and no entry lets it in" {
	own_image
	: > "$IMAGE/mnt/s"
	mkdir -p "$W/host/podman"
	listen "$W/host/podman/podman.sock"
	ln "$W/host/podman/podman.sock" "$W/host/hard"
	ln -s podman/podman.sock "$W/host/link"
	: > "$W/host/bound"
	mount --bind "$W/host/podman/podman.sock" "$W/host/bound"
	policy '{"version": 1, "mounts": {"allow": [{"source": "'"$W"'/host/hard"}, {"source": "'"$W"'/host/bound"}]}}'
	# where podman's is, in the test's own mount namespace
	local name made=
	[ -d /run/podman ] || made=$(mkdir -v /run/podman)
	mount --bind "$W/host/podman" /run/podman
	for name in hard bound; do
		bound "$W/host/$name"
		refused "H-25: mount '/mnt/s': its source '$W/host/$name' is the host's '/run/podman/podman.sock', which gives root on the host; remove it"
	done
	bound "$W/host/link"
	refused H-25 "is an engine's socket"
	umount /run/podman
	[ -z "$made" ] || rmdir /run/podman
	# the same objects, where no engine is (control)
	for name in hard bound; do
		bound "$W/host/$name"
		[ "$status" = 0 ] || { show; return 1; }
	done
	kill "$LISTENER"
	umount "$W/host/bound"
}

@test "H-25: what engines lend read-only passes, writable it is refused" {
	inside 'test -s /mnt/hosts && echo there' \
		'.mounts += [{destination: "/mnt/hosts", type: "bind", source: "/etc/hosts", options: ["bind", "ro"]}]' || {
		own_image
		: > "$IMAGE/mnt/hosts"
		inside 'test -s /mnt/hosts && echo there' \
			'.mounts += [{destination: "/mnt/hosts", type: "bind", source: "/etc/hosts", options: ["bind", "ro"]}]'
	}
	is there
	bundle '.mounts += [{destination: "/mnt/hosts", type: "bind", source: "/etc/hosts", options: ["bind", "rw"]}]'
	go
	refused H-25 "reaches the host's /etc; remove it or make it read-only"
}

@test "H-25: file systems of the host's are refused by type" {
	local type
	for type in overlay ext4 debugfs bpf binfmt_misc securityfs tracefs nfs fuse; do
		bundle ".mounts += [{destination: \"/mnt\", type: \"$type\", source: \"none\"}]"
		go
		refused H-25 "mount '/mnt': type '$type' reaches beyond the container"
	done
}

@test "H-25: a root that is a part of the host is refused" {
	local path
	for path in /usr /var /etc/ssl /tmp /proc/self/root /; do
		bundle ".root.path = \"$path\""
		go
		[ "$status" = 1 ] && [ ! -e "$ROOT/$ID" ]
		has root "$stderr"
	done
	bundle '.root.path = "/usr"'
	go
	refused H-25 "root.path: '/usr' is a part of the host; give the container a root of its own"
}

@test "H-26: nothing mounted inside is seen outside, and no mount is shared" {
	mkdir "$W/vol"
	mount --bind "$W/vol" "$W/vol"
	mount --make-shared "$W/vol"
	up '.mounts += [{destination: "/data", type: "bind", source: ($w + "/vol"), options: ["rbind", "rshared"]}]' \
		'.linux.rootfsPropagation = "shared"'
	has ' slave' "$(mount_of /data)"
	! "$ORACLE" "/proc/$PID/mountinfo" | grep shared || false
	# Mounts of the host still come in; ours don't go out.
	mkdir "$W/vol/in" "$W/vol/out"
	mount -t tmpfs in "$W/vol/in"
	is tmpfs "$(mount_of /data/in | cut -d' ' -f1)"
	nsenter -t "$PID" -m "$KANUKI" --version > /dev/null 2>&1 || :
	k delete --force "$ID"
	umount "$W/vol/in" "$W/vol"
}

@test "H-26: builtin:oci does share, and a mount made inside goes out (control)" {
	LEVEL=oci
	mkdir -p "$W/vol/out"
	mount --bind "$W/vol" "$W/vol"
	mount --make-shared "$W/vol"
	inside 'mount -t tmpfs out /data/out' '.linux.rootfsPropagation = "rshared"' '.mounts += [{destination: "/data", type: "bind", source: ($w + "/vol"), options: ["rbind", "rshared"]}]' \
		'.process.capabilities = {bounding: ["CAP_SYS_ADMIN"], effective: ["CAP_SYS_ADMIN"], permitted: ["CAP_SYS_ADMIN"]}'
	grep -q "$W/vol/out" /proc/self/mountinfo
	umount "$W/vol/out" "$W/vol"
}

# The container's root only lies over the host's there: taken off, it shows what is left beneath.
@test "--no-pivot: nothing of the host's other mounts stays beneath the root (W-22)" {
	LEVEL=oci
	script 'exec sleep 1000'
	k run --no-pivot --detach --pid-file "$W/pid" --bundle "$B" "$ID" < /dev/null > "$W/out" 2>&1
	PID=$(cat "$W/pid")
	is 1 "$(k exec "$ID" sh -c 'ls -d /proc/1 | wc -l')"
	nsenter -t "$PID" -m /bin/busybox umount -l /
	[ -e /proc/self ] && [ -e /sys/kernel ]
	run nsenter -t "$PID" -m "$(command -v find)" /proc /sys /dev/pts -mindepth 1 -maxdepth 1
	is ''
}

@test "H-26: --no-pivot is refused" {
	bundle
	go --no-pivot
	refused H-26 "--no-pivot: leaves the host's root within reach of the container; remove it"
}

@test "H-26: the host's root is gone: no mount of it in the table, and /.. is /" {
	up
	! "$ORACLE" "/proc/$PID/mountinfo" | grep -F "$BATS_FILE_TMPDIR" || false
	run --separate-stderr k exec "$ID" sh -c 'cd /; cd ..; cd ../../..; ls -d home bin; pwd'
	is $'bin\nhome\n/'
}
