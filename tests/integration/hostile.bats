#!/usr/bin/env bats
# A hostile image, a hostile bundle, a hostile process: what they tried, and what must come of it.
# shellcheck disable=SC2016,SC2034,SC2154 # scripts for the container's shell; LEVEL is the helpers', stderr is bats's

load helpers

# A mount over the root is not seen by init, which stands below it; setns(2) makes it the root of each exec.
@test "a link of the image that leads to / is no place for a mount" {
	local LEVEL
	own_image
	ln -s / "$IMAGE/lead"
	for LEVEL in oci hardened; do
		script 'true' '.mounts += [{destination: "/lead", type: "tmpfs", source: "tmpfs"}]'
		go
		refused "mount '/lead'" "root itself"
	done
	# one that leads elsewhere is (links=in-root)
	LEVEL=oci
	ln -s data "$IMAGE/elsewhere"
	inside 'grep -c " /data tmpfs " /proc/mounts' '.mounts += [{destination: "/elsewhere", type: "tmpfs", source: "tmpfs"}]'
	is 1
}

@test "the host's root under another name is no container's root" {
	local LEVEL
	mkdir "$W/other"
	mount --bind / "$W/other"
	for LEVEL in oci hardened; do
		script 'true' '.root.path = $w + "/other"'
		go
		refused "root.path" "the host's own root" || { umount "$W/other"; return 1; }
	done
	umount "$W/other"
}

# CVE-2021-25741: what policy judges and what is opened are one place.
@test "a link doesn't give a place of the host another name" {
	local place
	mkdir "$W/volume" "$W/volume/dir"
	echo mine > "$W/volume/dir/file"
	for place in /etc /run /proc/1 ../../../../../../../../../../../etc; do
		ln -sfn "$place" "$W/volume/sub"
		script 'true' '.mounts += [{destination: "/data", type: "bind", source: ($w + "/volume/sub"), options: ["rbind", "ro"]}]'
		go
		refused "H-25: mount '/data'"
		bundle '.mounts += [{destination: "/data", type: "bind", source: ($w + "/volume/sub/./ssl"), options: ["rbind", "ro"]}]'
		[ "$place" != /etc ] || { go; refused "H-25: mount '/data'"; }
	done
	ln -sfn /etc "$W/volume/sub"
	script 'true' '.root.path = $w + "/volume/sub"'
	go
	refused "H-25: root.path"
	ln -sfn dir "$W/volume/sub"
	inside 'cat /data/file' '.mounts += [{destination: "/data", type: "bind", source: ($w + "/volume/sub"), options: ["rbind", "ro"]}]'
	is mine
}

@test "a container can't make itself undeletable by the depth of its cgroups" {
	local i LEVEL=oci
	up '(.mounts[] | select(.type == "cgroup")).options = ["rw"]' '.linux.cgroupsPath = "/kanuki/'"$ID"'"'
	k exec "$ID" /bin/sh -c 'cd /sys/fs/cgroup; i=0; while [ $i -lt 100 ]; do mkdir x y && cd x || exit 1; i=$((i+1)); done'
	LIMIT=5 k delete --force "$ID"
	[ ! -e "/sys/fs/cgroup/kanuki/$ID" ]
}

@test "a container can't hide cgroups from ps, kill and delete by names that begin with a dot" {
	local LEVEL=oci at
	up '(.mounts[] | select(.type == "cgroup")).options = ["rw"]' '.linux.cgroupsPath = "/kanuki/'"$ID"'"'
	k exec "$ID" /bin/sh -c 'mkdir -p /sys/fs/cgroup/.a/.../...x'
	for at in .a .a/... .a/.../...x; do
		k exec --cgroup "$at" --detach "$ID" /bin/sleep 1000 < /dev/null > /dev/null 2>&1
	done
	is 4 "$(k ps --format json "$ID" | jq length)"
	LIMIT=5 k delete --force "$ID"
	[ ! -e "/sys/fs/cgroup/kanuki/$ID" ]
}

# other_up NAME: a second container at the same cgroup path.
other_up() {
	k run --detach --pid-file "$W/$1.pid" --bundle "$B" "$ID-$1" < /dev/null > "$W/$1.out" 2>&1
}

@test "a container's deletion ends nobody who is in its cgroup's place by now" {
	local path=/kanuki/$ID-place
	up ".linux.cgroupsPath = \"$path\""
	k kill "$ID" KILL
	for _ in {1..50}; do rmdir "/sys/fs/cgroup$path" 2> /dev/null && break; sleep 0.1; done
	other_up b
	k delete --force "$ID"
	kill -0 "$(cat "$W/b.pid")"
	k ps "$ID-b"
	k delete --force "$ID-b"
	[ ! -e "/sys/fs/cgroup$path" ]
}

@test "nobody takes the cgroup that a stopped container has left" {
	local path=/kanuki/$ID-place
	up ".linux.cgroupsPath = \"$path\""
	k kill "$ID" KILL
	for _ in {1..50}; do grep -q 'populated 0' "/sys/fs/cgroup$path/cgroup.events" && break; sleep 0.1; done
	run other_up b
	[ "$status" != 0 ]
	grep -F "cgroupsPath: '$path' is the cgroup of container '$ID'; delete that one" "$W/b.out"
	k delete "$ID"
	other_up b
}

@test "nobody's cgroup is beneath a container's, whose pause and deletion would be its own" {
	local path=/kanuki/$ID-place LEVEL
	for LEVEL in hardened oci; do
		up ".linux.cgroupsPath = \"$path\""
		B=$W/other && mkdir -p "$B" && bundle ".linux.cgroupsPath = \"$path/within\""
		run k run --detach --bundle "$B" "$ID-b" < /dev/null
		[ "$status" = 1 ]
		has "cgroupsPath: '$path/within' is beneath the cgroup of container '$ID'; choose a path beside it" "$output"
		[ ! -e "/sys/fs/cgroup$path/within" ]
		B=$W/bundle
		k delete --force "$ID"
	done
}

@test "a container can't keep start, and with it delete --force, by a startContainer hook that never ends" {
	local LEVEL
	for LEVEL in hardened oci; do
		bundle '.hooks.startContainer = [{path: "/bin/sleep", args: ["sleep", "1000"]}]' '.process.args = ["/bin/true"]'
		k create --bundle "$B" "$ID" < /dev/null > /dev/null 2>&1
		k start "$ID" > "$W/start.out" 2>&1 &
		BACKGROUND=$!
		for _ in {1..100}; do [ -e "$ROOT/$ID/gate" ] || break; sleep 0.1; done
		[ ! -e "$ROOT/$ID/gate" ]
		kill -0 "$BACKGROUND"
		LIMIT=5 k delete --force "$ID"
		[ ! -e "$ROOT/$ID" ]
		[ ! -e "/sys/fs/cgroup/kanuki/$ID" ]
		wait "$BACKGROUND" || :
		BACKGROUND=
	done
}

@test "a create that is killed before it has a cgroup: its deletion ends nobody in the one that it named" {
	up ".linux.cgroupsPath = \"/kanuki/$ID-place\""
	PREFIX="strace -f -qq -o $W/calls -e trace=mkdirat -e inject=mkdirat:signal=KILL:when=2+" other_up b || :
	jq -e '.cgroupPath == "/kanuki/'"$ID"'-place"' "$ROOT/$ID-b/record.json"
	k delete --force "$ID-b"
	kill -0 "$PID"
	[ "$(k state "$ID" | jq -r .status)" = running ]
}

# No process may stand where controllers are handed on (cgroups(7), "no internal processes"); systemd in a container does that.
@test "exec finds init where it handed its controllers on" {
	local LEVEL=oci controller='' limit=''
	for controller in pids memory hugetlb; do
		! grep -qw "$controller" /sys/fs/cgroup/cgroup.controllers || break
	done
	case $controller in
	hugetlb) limit=$([ -d /sys/kernel/mm/hugepages/hugepages-2048kB ] && echo hugetlb.2MB.max) ;;
	*) limit=$controller.max ;;
	esac
	grep -qw "$controller" /sys/fs/cgroup/cgroup.controllers && [ -n "$limit" ] || skip "no controller to hand on"
	script 'cd /sys/fs/cgroup && mkdir mine && echo 1 > mine/cgroup.procs && echo "+$1" > cgroup.subtree_control && : > /tmp/done
		exec sleep 1000' '(.mounts[] | select(.type == "cgroup")).options = ["rw"]' \
		'.linux.cgroupsPath = "/kanuki/'"$ID"'"' '.linux.resources.unified = {"'"$limit"'": "max"}' \
		'.mounts += [{destination: "/tmp", type: "tmpfs", source: "tmpfs"}]'
	jq --arg c "$controller" '.process.args += ["sh", $c]' "$B/config.json" > "$B/new" && mv "$B/new" "$B/config.json"
	k run --detach --bundle "$B" "$ID" < /dev/null > "$W/up.out" 2>&1 || { cat "$W/up.out"; return 1; }
	# Looked at from outside: an exec that asks would stand in the way of handing on.
	local pid
	pid=$(k state "$ID" | jq .pid)
	for _ in {1..100}; do
		[ ! -e "/proc/$pid/root/tmp/done" ] || break
		sleep 0.1
	done
	run --separate-stderr k exec "$ID" /bin/grep ^0:: /proc/self/cgroup
	succeeded
	is 0::/mine
	# a cgroup that was asked for by name is that one or none
	run --separate-stderr k exec --cgroup mine "$ID" /bin/grep ^0:: /proc/self/cgroup
	succeeded
	is 0::/mine
}

@test "a program that can't be run after the hooks of create: poststop undoes them" {
	printf 'no program' > "$W/text"
	chmod 755 "$W/text"
	bundle '.process.args = ["/data/text"]' \
		'.mounts += [{destination: "/data", type: "bind", source: $w, options: ["bind", "ro"]}]' \
		'.hooks.createRuntime = [{path: "/bin/sh", args: ["sh", "-c", "echo made >> " + $w + "/hooks"]}]' \
		'.hooks.poststop = [{path: "/bin/sh", args: ["sh", "-c", "echo undone >> " + $w + "/hooks"]}]'
	LEVEL=oci go
	refused "Exec format error"
	is "made
undone" "$(cat "$W/hooks")"
}

@test "execCPUAffinity is for exec, not for init" {
	local all LEVEL=oci
	all=$(sed -n 's/Cpus_allowed_list:\t//p' /proc/self/status)
	[ "$all" != 0 ] || skip "one CPU only"
	script 'grep Cpus_allowed_list /proc/self/status; exec sleep 1000' '.process.execCPUAffinity = {initial: "0", final: "0"}'
	k run --detach --bundle "$B" "$ID" < /dev/null > "$W/init" 2>&1
	for _ in 1 2 3 4 5 6 7 8 9 10; do [ ! -s "$W/init" ] || break; sleep 0.1; done
	is "$all" "$(cut -f 2 "$W/init")"
	run --separate-stderr k exec "$ID" /bin/grep Cpus_allowed_list /proc/self/status
	succeeded
	is 0 "$(printf %s "$output" | cut -f 2)"
}

@test "a list of CPUs with blanks is taken as runc takes it, by init and by exec" {
	local LEVEL=oci
	up '.process.execCPUAffinity = {initial: "0, 0", final: " 0 - 0 , 0"}'
	run --separate-stderr k exec "$ID" /bin/grep Cpus_allowed_list /proc/self/status
	succeeded
	is 0 "$(printf %s "$output" | cut -f 2)"
}

@test "a list of memory nodes with blanks is taken as runc takes it" {
	[ -e /sys/devices/system/node ] || skip "a kernel without NUMA"
	local LEVEL=oci
	inside 'inside mempolicy' '.linux.memoryPolicy = {mode: "MPOL_BIND", nodes: " 0, 0"}'
	is 'mode 0x2 nodes 0x1'
}

@test "a list of memory nodes with a stride is refused before anything is made" {
	local LEVEL=oci
	script true '.linux.memoryPolicy = {mode: "MPOL_BIND", nodes: "0-0:1/1"}'
	go
	refused "linux.memoryPolicy.nodes: '0-0:1/1' is no list of memory nodes"
}

# volume NAME FILTER...: $W/NAME, writable by anybody, is bound on /data
volume() {
	mkdir -p "$W/$1"
	chmod 777 "$W/$1"
	printf '.mounts += [{"destination": "/data", "type": "bind", "source": ($w + "/%s"), "options": ["rbind", "%s"]%s}]' "$1" "$2" "${3-}"
}

@test "H-25: an idmapped volume doesn't make the program root on the host's disk" {
	local map='[{"containerID": 0, "hostID": 65532, "size": 1}]' filter
	filter=$(volume vol rw ", \"uidMappings\": $map, \"gidMappings\": $map")
	script 'cp /bin/inside /data/left; chmod 4755 /data/left' "$filter"
	go
	refused "H-25: mount '/data': its uidMappings make what is the host's root's in '$W/vol' the container's"
	[ ! -e "$W/vol/left" ]
}

@test "H-25: the kernel's file systems of the host aren't bound by another name, nor within a tree" {
	local filter type
	mkdir "$W/jail" "$W/jail/inner"
	for type in proc sysfs; do
		mount -t "$type" none "$W/jail/inner"
		script 'ls /data' "$(volume jail rw)"
		go
		refused "H-25: mount '/data/inner': shows the host's $type" || { umount "$W/jail/inner"; return 1; }
		script 'ls /data' "$(volume jail/inner ro)"
		go
		refused "H-25: mount '/data': shows the host's $type" || { umount "$W/jail/inner"; return 1; }
		umount "$W/jail/inner"
	done
	inside 'ls /data' "$(volume jail rw)"
	is inner
}

# with_came TYPE OPTIONS: goes with that mounted beneath the root, which is unmounted before anything is judged.
with_came() {
	mount -t "$1" -o "$2" none "$IMAGE/came"
	go
	umount "$IMAGE/came"
}

@test "H-25: the kernel's file systems of the host don't come along beneath the root, whatever their flags" {
	local type
	own_image
	mkdir "$IMAGE/came"
	script 'ls -d /came/kallsyms'
	for type in proc sysfs cgroup2; do
		with_came "$type" nosuid,nodev,noexec
		refused "H-25: root.path: '$IMAGE/came' shows the host's $type; unmount it"
		with_came "$type" ro
		refused "H-25: root.path: '$IMAGE/came' shows the host's $type; unmount it"
	done
	LEVEL=oci
	with_came proc nosuid,nodev,noexec
	succeeded
	is /came/kallsyms
}

@test "H-25: what the plan's mounts cover shows nothing of the host, and may lie beneath the root" {
	own_image
	mount -t sysfs -o nosuid,nodev,noexec none "$IMAGE/sys"
	script 'ls /sys/class/net; grep -c " /sys sysfs" /proc/mounts'
	go
	umount "$IMAGE/sys"
	succeeded
	is "$(new_interfaces)"$'\n2'
}

@test "H-23: other file systems beneath the root stay, nosuid and nodev however the root propagates" {
	local propagation
	own_image
	mkdir "$IMAGE/came" "$W/disk"
	for propagation in private slave rslave shared; do
		script 'grep -o "^none /came tmpfs ro,nosuid,nodev" /proc/mounts' ".linux.rootfsPropagation = \"$propagation\""
		with_came tmpfs ro
		succeeded
		is 'none /came tmpfs ro,nosuid,nodev'
	done
	echo text > "$W/disk/file"
	script 'cat /came/file'
	mount --bind "$W/disk" "$IMAGE/came"
	mount -o remount,bind,ro "$IMAGE/came"
	go
	umount "$IMAGE/came"
	succeeded
	is text
}

@test "H-25: a hook excuses what it mounts itself, not what a volume or the root brings" {
	local hook='.hooks.createContainer = [{path: ($w + "/hook")}]'
	own_image
	mkdir -p "$IMAGE/came" "$IMAGE/hooked" "$W/jail/inner"
	printf '#!/bin/sh\nexit 0\n' > "$W/hook"
	chmod 755 "$W/hook"
	script 'ls -d /came/kallsyms' "$hook"
	with_came proc nosuid,nodev,noexec
	refused "H-25: root.path: '$IMAGE/came' shows the host's proc; unmount it"
	mount -t proc none "$W/jail/inner"
	script 'ls /data' "$hook" "$(volume jail rw)"
	go
	umount "$W/jail/inner"
	refused "H-25: mount '/data/inner': shows the host's proc"
	printf '#!/bin/sh\nexec mount -t proc -o ro,nosuid,nodev,noexec none "%s/hooked"\n' "$IMAGE" > "$W/hook"
	inside 'grep -c "^none /hooked proc" /proc/mounts' "$hook"
	is 1
}
