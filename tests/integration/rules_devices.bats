#!/usr/bin/env bats
# H-40, H-41: devices.
load helpers

as_root='.process.capabilities = (["CAP_MKNOD", "CAP_SYS_ADMIN"] as $c | {bounding: $c, effective: $c, permitted: $c})'

@test "H-40: the six default devices, links, a terminal directory, and nothing else" {
	inside 'for f in /dev/*; do [ -h $f ] || [ ! -c $f ] || echo "$f $(stat -c "%a %t:%T" $f)"; done; find /dev -type b; cd /dev; ls -l | sed -n "s/.* \(.* -> \)/\1/p"'
	is '/dev/full 666 1:7
/dev/null 666 1:3
/dev/random 666 1:8
/dev/tty 666 5:0
/dev/urandom 666 1:9
/dev/zero 666 1:5
fd -> /proc/self/fd
ptmx -> pts/ptmx
stderr -> /proc/self/fd/2
stdin -> /proc/self/fd/0
stdout -> /proc/self/fd/1'
}

@test "H-40: a device of the bundle's is left out and the plan says so" {
	inside 'ls /dev/fuse /sda 2>&1 || :' '.linux.devices = [{path: "/dev/fuse", type: "c", major: 10, minor: 229},
		{path: "/sda", type: "b", major: 8, minor: 0}]'
	has 'ls: /dev/fuse: No such file or directory'
	has 'ls: /sda: No such file or directory'
	k plan --diff "$B" | grep 'H-40 dropped' | grep -q '/dev/fuse'
}

@test "H-40: builtin:oci makes it (control)" {
	LEVEL=oci
	inside 'stat -c "%a %t:%T %u:%g" /dev/fuse' \
		'.linux.devices = [{path: "/dev/fuse", type: "c", major: 10, minor: 229, fileMode: 416, uid: 3, gid: 4}]'
	is '640 a:e5 3:4'
}

@test "H-40: /dev is read-only; an image's own /dev is covered" {
	own_image
	mknod -m 666 "$IMAGE/dev/mem" c 1 1
	inside 'inside write /dev/x x; ls /dev/mem 2>&1 || :' '.mounts |= map(select(.destination != "/dev"))'
	has $'E'
	has 'ls: /dev/mem: No such file or directory'
	up
	is 'tmpfs ro' "$("$ORACLE" "/proc/$PID/mountinfo" /dev | cut -d' ' -f2,3)"
}

@test "H-40: a network device of the host's is refused" {
	bundle '.linux.netDevices = {"eth0": {}}'
	go
	refused H-40 "linux.netDevices: 'eth0' is a device of the host; have the engine move it before, or remove it"
}

@test "H-40: mknod inside fails with EPERM" {
	inside 'probe mknod /tmp/mem c 1 1; probe try mknod-mem'
	is $'mknod EPERM\nmknod-mem EPERM'
}

@test "H-41: a device in the container's cgroup can't be opened but the default ones: EPERM" {
	up
	mkdir "$W/nodes"
	mknod "$W/nodes/fuse" c 10 229
	mknod "$W/nodes/null" c 1 3
	# Root of the host, in nothing but the container's cgroup: only the device program stands in the way.
	cat > "$W/try" <<-END
		echo \$\$ > /sys/fs/cgroup/kanuki/$ID/cgroup.procs
		"$IMAGE/bin/inside" write "$W/nodes/null" x
		"$IMAGE/bin/inside" write "$W/nodes/fuse" x
		"$IMAGE/bin/probe" mknod "$W/nodes/new" c 10 229
	END
	run sh "$W/try"
	is $'0\nEPERM\nmknod EPERM'
}

@test "H-41: /dev/net/tun is denied, and rules of the bundle that allow it are dropped; builtin:oci allows it (control)" {
	local host
	mkdir "$W/nodes"
	mknod "$W/nodes/tun" c 10 200
	host=$("$IMAGE/bin/probe" open "$W/nodes/tun")
	[ "$host" != "$W/nodes/tun read=EPERM write=EPERM" ] || skip "this host denies it itself"
	cat > "$W/try" <<-END
		echo \$\$ > /sys/fs/cgroup/kanuki/$ID/cgroup.procs
		"$IMAGE/bin/probe" open "$W/nodes/tun"
	END
	up '.linux.resources.devices = [{allow: true, type: "c", major: 10, minor: 200, access: "rw"}]'
	run sh "$W/try"
	is "$W/nodes/tun read=EPERM write=EPERM"
	k plan --diff "$B" | grep 'H-41 dropped' | grep -q devices.filter
	[ "$host" != "$W/nodes/tun read=ENODEV write=ENODEV" ] || skip "a kernel without /dev/net/tun: denied, but the control can't open it"
	k delete --force "$ID"
	LEVEL=oci
	up
	run sh "$W/try"
	has 'write=OK'
}

@test "H-41: builtin:oci without an allowing rule denies even its root: EPERM" {
	LEVEL=oci
	inside 'probe mknod /dev/fuse c 10 229; probe mknod /dev/other c 1 3' "$as_root" \
		'.linux.resources.devices = [{allow: false, access: "rwm"}]'
	is $'open EPERM\nopen OK'
}

@test "H-41: update leaves the device rules" {
	up
	mkdir "$W/nodes"
	mknod "$W/nodes/fuse" c 10 229
	echo '{"devices": [{"allow": true, "access": "rwm"}]}' > "$W/resources"
	run k update --resources "$W/resources" "$ID"
	printf 'echo $$ > /sys/fs/cgroup/kanuki/%s/cgroup.procs\n"%s/bin/probe" open "%s/nodes/fuse"\n' "$ID" "$IMAGE" "$W" > "$W/try"
	run sh "$W/try"
	is "$W/nodes/fuse read=EPERM write=EPERM"
}

@test "H-90: where nodes are bound one by one, the host's /dev may be of any file system, as in a container" {
	mkdir "$W/nodes"
	mount -t tmpfs nodes "$W/nodes"
	mknod -m 666 "$W/nodes/null" c 1 3
	mount --bind "$W/nodes/null" /dev/null
	bundle '.process.args = ["sh", "-c", "echo x > /dev/null && echo ran"] | .linux.namespaces += [{type: "user"}]' \
		'.linux.uidMappings = [{containerID: 0, hostID: 100000, size: 65536}] | .linux.gidMappings = .linux.uidMappings'
	go
	umount /dev/null
	umount "$W/nodes"
	succeeded
	is ran
}
