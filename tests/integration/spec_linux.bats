#!/usr/bin/env bats
# config-linux.md, at builtin:oci: namespaces, sysctl, network devices, cgroup, memory policy, intelRdt.
load helpers

test_begin() {
	LEVEL=oci
}

test_end() {
	[ -z "${LINK-}" ] || ip link delete "${LINK}p" 2> /dev/null || :
}

@test "linux.namespaces: all eight made, each another than the host's" {
	up '.linux.namespaces += [{type: "user"}, {type: "time"}]' '.linux.timeOffsets = {monotonic: {secs: 1000, nanosecs: 0}}' \
		'.linux.uidMappings = [{containerID: 0, hostID: 100000, size: 65536}]' \
		'.linux.gidMappings = [{containerID: 0, hostID: 100000, size: 65536}]'
	for ns in mnt pid net ipc uts cgroup user time; do
		[ "$(readlink "/proc/$PID/ns/$ns")" != "$(readlink "/proc/self/ns/$ns")" ] || { echo "shared: $ns"; false; }
	done
	is '0 100000 65536' "$(awk '{ $1 = $1; print }' "/proc/$PID/uid_map")"
}

@test "linux.namespaces: user: the program is root inside and 100000 outside, with devices and a terminal directory" {
	inside 'id -u; echo x > /dev/null && ls -d /dev/pts; stat -c %t:%T /dev/zero; head -c 3 /dev/zero | wc -c' \
		'.linux.namespaces += [{type: "user"}]' \
		'.linux.uidMappings = [{containerID: 0, hostID: 100000, size: 65536}]' \
		'.linux.gidMappings = [{containerID: 0, hostID: 100000, size: 65536}]'
	is $'0\n/dev/pts\n1:5\n3'
}

@test "linux.namespaces: joined by path, each kind" {
	up
	local pod=$PID kind file
	while read -r kind file; do
		script 'exec sleep 1000' 'del(.hostname)' \
			".linux.namespaces |= (map(select(.type != \"$kind\")) + [{type: \"$kind\", path: \"/proc/$pod/ns/$file\"}])"
		k run --detach --pid-file "$W/pid2" --bundle "$B" "$ID-$file" < /dev/null
		is "$(readlink "/proc/$pod/ns/$file")" "$(readlink "/proc/$(cat "$W/pid2")/ns/$file")"
		k delete --force "$ID-$file"
	done <<-END
		network net
		ipc ipc
		uts uts
		pid pid
		cgroup cgroup
	END
}

@test "linux.namespaces: user and time joined by path" {
	up '.linux.namespaces += [{type: "user"}, {type: "time"}]' '.linux.timeOffsets = {monotonic: {secs: 1000, nanosecs: 0}}' \
		'.linux.uidMappings = [{containerID: 0, hostID: 100000, size: 65536}]' \
		'.linux.gidMappings = [{containerID: 0, hostID: 100000, size: 65536}]'
	local pod=$PID
	script 'readlink /proc/self/ns/user; readlink /proc/self/ns/time' \
		'.linux.namespaces += [{type: "user", path: "/proc/'"$pod"'/ns/user"}, {type: "time", path: "/proc/'"$pod"'/ns/time"}]'
	run --separate-stderr k run --bundle "$B" "$ID-2" < /dev/null
	succeeded
	is "$(readlink "/proc/$pod/ns/user")"$'\n'"$(readlink "/proc/$pod/ns/time")"
}

@test "linux.namespaces: a type twice, an unknown type, a mount namespace by path are refused" {
	bundle '.linux.namespaces += [{type: "pid"}]'
	go
	refused linux.namespaces
	bundle '.linux.namespaces += [{type: "what"}]'
	go
	refused linux.namespaces
	bundle '.linux.namespaces |= map(if .type == "mount" then .path = "/proc/self/ns/mnt" else . end)'
	go
	refused mount
}

@test "linux.timeOffsets: the clocks are set apart" {
	inside 'cat /proc/self/timens_offsets | tr -s " \t" " "; cut -d. -f1 /proc/uptime' '.linux.namespaces += [{type: "time"}]' \
		'.linux.timeOffsets = {monotonic: {secs: 5, nanosecs: 7}, boottime: {secs: 1000000000, nanosecs: 0}}'
	has 'monotonic 5 7'
	has 'boottime 1000000000 0'
	[ "${lines[2]}" -gt 1000000000 ]
	bundle '.linux.timeOffsets = {monotonic: {secs: 5, nanosecs: 0}}'
	go
	refused timeOffsets
}

@test "linux.netDevices: an interface goes in, renamed, with its addresses" {
	LINK=kt$$
	ip link add "$LINK" type veth peer name "${LINK}p" || skip "no veth interfaces here"
	ip address add 10.87.65.43/24 dev "$LINK"
	ip link set "$LINK" up
	inside 'ip -4 address show dev eth7; ls /sys/class/net | tr "\n" " "' ".linux.netDevices = {\"$LINK\": {name: \"eth7\"}}"
	has 'inet 10.87.65.43/24'
	has 'UP'
	has 'eth7 lo '
}

@test "linux.netDevices: keeps its name and an IPv6 address; what was the kernel's own stays behind" {
	LINK=kt$$
	ip link add "$LINK" type veth peer name "${LINK}p" || skip "no veth interfaces here"
	ip -6 address add fd00:87::65/64 dev "$LINK" nodad || skip "no IPv6 here"
	ip address add 10.87.65.44/32 dev "$LINK"
	ip link set "$LINK" up
	ip link set "${LINK}p" up
	inside "ip address show dev $LINK" ".linux.netDevices = {\"$LINK\": {}}"
	has 'inet6 fd00:87::65/64'
	has 'inet 10.87.65.44/32'
	is 1 "$(grep -c 'inet6 fd00' <<< "$output")"
	# The container's end went with it, and the other with that.
	! ip link show "$LINK" 2> /dev/null
}

@test "linux.netDevices: a name that is taken inside is an error, and the interface stays the host's" {
	LINK=kt$$
	ip link add "$LINK" type veth peer name "${LINK}p" || skip "no veth interfaces here"
	bundle ".linux.netDevices = {\"$LINK\": {name: \"lo\"}}"
	go
	refused "linux.netDevices: the container has an interface 'lo' already"
	ip link show "$LINK" > /dev/null
	bundle '.linux.netDevices = {"lo": {name: "lo7"}}'
	go
	refused "linux.netDevices"
	local name
	for name in . .. a/b 'a b' "$(printf '%016d' 0)"; do
		bundle ".linux.netDevices = {\"$LINK\": {name: \"$name\"}}"
		go
		refused linux.netDevices
	done
	bundle ".linux.netDevices = {\"$LINK\": {name: \"same\"}, \"${LINK}p\": {name: \"same\"}}"
	go
	refused linux.netDevices
	ip link show "${LINK}p" > /dev/null
	ip link delete "$LINK"
}

@test "linux.netDevices: one that is not there is an error" {
	bundle '.linux.netDevices = {"kt-none": {}}'
	go
	refused kt-none
}

@test "the loopback interface of a new network namespace is up" {
	inside 'ping -c 1 -w 2 127.0.0.1 | grep -c "1 packets received"' \
		'.process.capabilities = {bounding: ["CAP_NET_RAW"], effective: ["CAP_NET_RAW"], permitted: ["CAP_NET_RAW"]}'
	is 1
}

@test "linux.sysctl: with dots and with slashes" {
	inside 'cat /proc/sys/net/ipv4/ip_forward /proc/sys/kernel/shmmni' '.linux.sysctl = {"net.ipv4.ip_forward": "1", "kernel/shmmni": "77"}'
	is $'1\n77'
}

@test "linux.cgroupsPath: absolute from the cgroup root, relative beneath /kanuki; the process is in it from the start" {
	up ".linux.cgroupsPath = \"/kanuki/$ID-abs/deep\""
	is "0::/kanuki/$ID-abs/deep" "$(grep ^0:: "/proc/$PID/cgroup")"
	k delete --force "$ID"
	[ ! -e "/sys/fs/cgroup/kanuki/$ID-abs/deep" ]
	rmdir "/sys/fs/cgroup/kanuki/$ID-abs" 2> /dev/null || :
	up ".linux.cgroupsPath = \"$ID-rel\""
	is "0::/kanuki/$ID-rel" "$(grep ^0:: "/proc/$PID/cgroup")"
	k delete --force "$ID"
	local path
	for path in /../up a/../../b 'system.slice:x:y'; do
		bundle ".linux.cgroupsPath = \"$path\""
		go
		refused linux.cgroupsPath
	done
}

@test "cgroup: one that is mounted writable belongs to the container's root, with the files the kernel names, and no more" {
	local path=/sys/fs/cgroup/kanuki/$ID file
	up '.linux.namespaces += [{type: "user"}]' '(.mounts[] | select(.type == "cgroup").options) |= map(select(. != "ro"))' \
		'.linux.uidMappings = [{containerID: 0, hostID: 100000, size: 65536}]' \
		'.linux.gidMappings = [{containerID: 0, hostID: 200000, size: 65536}]'
	is 100000:200000 "$(stat -c %u:%g "$path")"
	is 100000:200000 "$(stat -c %u:%g "$path/cgroup.procs")"
	for file in cgroup.kill cgroup.freeze cgroup.events cgroup.max.depth; do
		is "$file 0:0" "$file $(stat -c %u:%g "$path/$file")"
	done
	is 0:0 "$(stat -c %u:%g "$path/..")"
	run --separate-stderr k exec "$ID" sh -c 'mkdir /sys/fs/cgroup/own && echo $$ > /sys/fs/cgroup/own/cgroup.procs && grep ^0:: /proc/self/cgroup
		echo 0 > /sys/fs/cgroup/cgroup.max.depth || echo refused'
	has '0::/own'
	has refused
	k delete --force "$ID"
	[ ! -e "$path" ]
	# Mounted read-only, nothing of it is given away.
	up '.linux.namespaces += [{type: "user"}]' \
		'.linux.uidMappings = [{containerID: 0, hostID: 100000, size: 65536}]' \
		'.linux.gidMappings = [{containerID: 0, hostID: 200000, size: 65536}]'
	is 0:0 "$(stat -c %u:%g "$path")"
	is 0:0 "$(stat -c %u:%g "$path/cgroup.procs")"
}

@test "linux.resources.unified: a file of the cgroup is written; operations and paths are refused" {
	up '.linux.resources.unified = {"cgroup.max.depth": "3"}'
	is 3 "$(cat "/sys/fs/cgroup/kanuki/$ID/cgroup.max.depth")"
	k delete --force "$ID"
	local key
	for key in cgroup.procs cgroup.kill ../x cgroup.max.depth/../cgroup.procs; do
		bundle ".linux.resources.unified = {\"$key\": \"1\"}"
		go
		refused unified
	done
}

@test "linux.resources: a controller that the host has not is an error that names it" {
	local key what controllers
	controllers=$(cat /sys/fs/cgroup/cgroup.controllers)
	while read -r what key; do
		case " $controllers " in *" $what "*) continue ;; esac
		bundle ".linux.resources = {$key}"
		go
		refused "$what"
	done <<-END
		memory memory: {limit: 100000000}
		cpu cpu: {shares: 100}
		cpuset cpu: {cpus: "0"}
		pids pids: {limit: 10}
		io blockIO: {weight: 100}
		rdma rdma: {mlx: {hcaHandles: 1}}
	END
}

@test "linux.memoryPolicy: mode and nodes" {
	[ -e /sys/devices/system/node ] || skip "a kernel without NUMA"
	inside 'inside mempolicy' '.linux.memoryPolicy = {mode: "MPOL_BIND", nodes: "0"}'
	is 'mode 0x2 nodes 0x1'
	bundle '.linux.memoryPolicy = {mode: "MPOL_WHAT"}'
	go
	refused linux.memoryPolicy MPOL_WHAT
}

@test "linux.intelRdt: refused by name where the host has no resctrl" {
	[ ! -e /sys/fs/resctrl/schemata ] || skip "this host has resctrl"
	bundle '.linux.intelRdt = {closID: "x", l3CacheSchema: "L3:0=f"}'
	go
	refused linux.intelRdt
}

@test "linux.uidMappings: without a user namespace, or a user that is not mapped, is an error" {
	bundle '.linux.uidMappings = [{containerID: 0, hostID: 1, size: 1}]'
	go
	refused uidMappings
	bundle '.process.user.uid = 5' '.linux.namespaces += [{type: "user"}]' \
		'.linux.uidMappings = [{containerID: 0, hostID: 100000, size: 2}]' '.linux.gidMappings = [{containerID: 0, hostID: 100000, size: 2}]'
	go
	refused process.user.uid
}

@test "linux.devices: a FIFO in a user namespace is made, not bound" {
	inside 'stat -c %F /dev/fifo' '.linux.devices = [{path: "/dev/fifo", type: "p", fileMode: 438}]' '.linux.namespaces += [{type: "user"}]' \
		'.linux.uidMappings = [{containerID: 0, hostID: 100000, size: 65536}]' \
		'.linux.gidMappings = [{containerID: 0, hostID: 100000, size: 65536}]'
	is fifo
}
