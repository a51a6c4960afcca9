#!/usr/bin/env bats
# H-10..H-15: namespaces and what is set in them.
load helpers

namespaces='mnt pid net ipc uts cgroup user'

@test "H-10: mount, pid, network, ipc, uts, cgroup and user namespaces differ from the host's" {
	up
	for ns in $namespaces; do
		[ "$(readlink "/proc/$PID/ns/$ns")" != "$(readlink "/proc/self/ns/$ns")" ] || { echo "shared: $ns"; false; }
	done
}

@test "H-10: the cgroup namespace is added where the bundle leaves it out" {
	up '.linux.namespaces |= map(select(.type != "cgroup"))'
	[ "$(readlink "/proc/$PID/ns/cgroup")" != "$(readlink /proc/self/ns/cgroup)" ]
}

@test "H-10: a bundle without a pid, network, ipc, uts or mount namespace is refused" {
	local type what
	while read -r type what; do
		bundle 'del(.hostname)' ".linux.namespaces |= map(select(.type != \"$type\"))"
		go
		if [ "$type" = mount ]; then
			refused 'mount'
		else
			refused 'H-10' "linux.namespaces: the container would share the host's $what" "$type"
		fi
	done <<-END
		pid processes
		network network
		ipc System V IPC and message queues
		uts host name
		mount mounts
	END
}

@test "H-10: builtin:oci shares what is left out (control)" {
	LEVEL=oci
	up 'del(.hostname)' '.linux.namespaces |= map(select(.type != "uts" and .type != "ipc"))'
	is "$(readlink /proc/self/ns/uts)" "$(readlink "/proc/$PID/ns/uts")"
	is "$(readlink /proc/self/ns/ipc)" "$(readlink "/proc/$PID/ns/ipc")"
}

@test "H-10: the host's processes can't be seen or signalled: ESRCH" {
	inside "echo /proc/[0-9]*; inside call 62 $$ 0"
	is $'/proc/1\nESRCH'
}

@test "H-11: the host's namespaces are refused by inode, whatever the path is called" {
	local type file
	mkdir "$W/ns"
	while read -r type file; do
		: > "$W/ns/$file"
		mount --bind "/proc/$$/ns/$file" "$W/ns/$file"
		bundle ".linux.namespaces |= (map(select(.type != \"$type\")) + [{type: \"$type\", path: (\$w + \"/ns/$file\")}])"
		go
		umount "$W/ns/$file"
		refused 'H-11' "is the host's" 'give the container one of its own'
	done <<-END
		network net
		ipc ipc
		uts uts
		pid pid
		cgroup cgroup
	END
}

@test "H-11: the host's user namespace is refused" {
	bundle '.linux.namespaces += [{type: "user", path: "/proc/'$$'/ns/user"}]'
	go
	refused "user"
	case $stderr in *H-11*) ;; *) show; false ;; esac
}

@test "H-11: another container's network, ipc and uts namespaces are joined" {
	up
	local pod=$PID ns
	script 'readlink /proc/self/ns/net; readlink /proc/self/ns/ipc; readlink /proc/self/ns/uts' \
		'del(.hostname)' '.linux.namespaces |= (map(select(.type | IN("network", "ipc", "uts") | not))
		+ [{type: "network", path: "/proc/'"$pod"'/ns/net"}, {type: "ipc", path: "/proc/'"$pod"'/ns/ipc"},
		   {type: "uts", path: "/proc/'"$pod"'/ns/uts"}])'
	run --separate-stderr k run --bundle "$B" "$ID-2" < /dev/null
	succeeded
	is "$(for ns in net ipc uts; do readlink "/proc/$pod/ns/$ns"; done)"
}

@test "H-11: a path that is no namespace, or one of another type, is refused" {
	bundle '.linux.namespaces |= (map(select(.type != "uts")) + [{type: "uts", path: "/etc/hostname"}])'
	go
	refused '/etc/hostname'
	bundle '.linux.namespaces |= (map(select(.type != "uts")) + [{type: "uts", path: "/proc/self/ns/net"}])'
	go
	refused '/proc/self/ns/net'
}

@test "H-12: the user namespace maps neither uid 0 nor gid 0" {
	up
	is '         1          1 4294967294' "$(cat "/proc/$PID/uid_map")"
	is '         1          1 4294967294' "$(cat "/proc/$PID/gid_map")"
}

@test "H-12: it owns none of the container's namespaces" {
	up
	local ns
	for ns in mnt pid net ipc uts cgroup; do
		is "$(readlink /proc/self/ns/user)" "$("$TOOLS/outside" owner "/proc/$PID/ns/$ns")"
	done
}

@test "H-12: entered last also by exec" {
	up
	run --separate-stderr k exec "$ID" sh -c 'readlink /proc/self/ns/user; cat /proc/self/uid_map'
	succeeded
	is "$(readlink "/proc/$PID/ns/user")"$'\n''         1          1 4294967294'
}

@test "H-12: a bundle's own user namespace has the last one within it" {
	up '.process.user.uid = 7' '.linux.namespaces += [{"type": "user"}]' \
		'.linux.uidMappings = [{"containerID": 0, "hostID": 100000, "size": 65536}]' \
		'.linux.gidMappings = [{"containerID": 0, "hostID": 200000, "size": 65536}]'
	is 100007 "$(awk '/^Uid:/ { print $2 }' "/proc/$PID/status")"
	run --separate-stderr k exec "$ID" sh -c 'id -u; cat /proc/self/uid_map'
	succeeded
	is $'7\n         1          1      65535'
}

@test "H-13: no user namespace can be made inside" {
	up
	run --separate-stderr k exec "$ID" probe try unshare-user clone-user clone3-user
	succeeded
	has 'unshare-user EPERM'
	has 'clone-user EPERM'
	has 'clone3-user ENOSYS'
}

@test "H-13: not without the filter either: ENOSPC, since max_user_namespaces is 0" {
	up
	run nsenter -t "$PID" -U --preserve-credentials unshare -U true
	[ "$status" = 1 ]
	has 'No space left on device'
	is 0 "$(nsenter -t "$PID" -U --preserve-credentials cat /proc/sys/user/max_user_namespaces)"
}

@test "H-13: builtin:oci lets one be made (control)" {
	LEVEL=oci
	inside 'probe try unshare-user'
	is 'unshare-user OK'
}

@test "H-14: a memory file can't be executed: EACCES" {
	# Flag 16 is MFD_EXEC. Without it the file is sealed against being made executable.
	inside 'cat /proc/sys/vm/memfd_noexec; inside call 319 s:x 16; probe exec -'
	is $'2\nEACCES\nwrite EPERM'
}

@test "H-14: the lock can't be lifted: not from inside, not by exec, not by the bundle" {
	up
	run --separate-stderr k exec "$ID" sh -c 'inside write /proc/sys/vm/memfd_noexec 0; cat /proc/sys/vm/memfd_noexec; inside call 319 s:x 16'
	succeeded
	has $'2\nEACCES' "${output#*$'\n'}"
	hasnt OK
	case ${lines[0]} in EROFS | EACCES | EPERM | ENOENT) ;; *) show; false ;; esac
	k delete --force "$ID"
	for key in vm.memfd_noexec vm/memfd_noexec; do
		bundle ".linux.sysctl = {\"$key\": \"0\"}"
		go
		refused H-15 "linux.sysctl: '$key'"
	done
}

@test "H-14: builtin:oci runs one (control)" {
	LEVEL=oci
	inside 'probe exec -'
	has 'exec OK'
}

@test "H-15: sysctls of the container's namespaces are set" {
	inside 'cat /proc/sys/net/ipv4/ip_unprivileged_port_start /proc/sys/kernel/msgmax' \
		'.linux.sysctl = {"net.ipv4.ip_unprivileged_port_start": "80", "kernel.msgmax": "4096"}'
	is $'80\n4096'
	is 1024 "$(cat /proc/sys/net/ipv4/ip_unprivileged_port_start)"
}

@test "H-15: sysctls of the host are refused at any level" {
	local key
	for LEVEL in hardened oci; do
		for key in kernel.core_pattern vm.swappiness fs.file-max kernel.modprobe net/../kernel/core_pattern; do
			bundle ".linux.sysctl = {\"$key\": \"1\"}"
			go
			refused H-15 "linux.sysctl: '$key'"
		done
	done
}

@test "H-15: a sysctl whose namespace is the host's is refused" {
	LEVEL=oci
	bundle '.linux.sysctl = {"kernel.msgmax": "4096"}' '.linux.namespaces |= map(select(.type != "ipc"))'
	go
	refused H-15 "linux.sysctl: 'kernel.msgmax' would change the host"
}

@test "H-15: a value of two lines is refused" {
	bundle '.linux.sysctl = {"kernel.msgmax": "1\n2"}'
	go
	refused H-15 'one line'
}

@test "a user namespace that is joined and lacks the program's ids is refused by name" {
	local key
	unshare -U sleep 1000 > /dev/null 2>&1 3>&- 4>&- &
	BACKGROUND=$!
	until [ "$(readlink "/proc/$!/ns/user")" != "$(readlink /proc/self/ns/user)" ]; do sleep 0.01; done
	echo '0 100000 1000' > "/proc/$!/uid_map"
	echo '0 100000 1000' > "/proc/$!/gid_map"
	own_image
	chown -R 100000:100000 "$IMAGE"
	for key in uid gid; do
		script 'echo ran' ".linux.namespaces += [{type: \"user\", path: \"/proc/$!/ns/user\"}]" \
			'.process.user = {uid: 5, gid: 6}' ".process.user.$key = 1000"
		go
		refused "process.user.$key: 1000 is not mapped in the user namespace '/proc/$!/ns/user'"
	done
	# Uid 0 is made another by H-01, which isn't there either.
	script 'echo ran' ".linux.namespaces += [{type: \"user\", path: \"/proc/$!/ns/user\"}]" '.process.user = {uid: 0, gid: 0}'
	go
	refused "process.user.uid: 65532 is not mapped"
}

@test "another container's pid and user namespaces are joined: the process recorded is the container's, and hooks are the host's (oci)" {
	LEVEL=oci # at hardened: pods.bats
	local map='.linux.namespaces += [{"type": "user"}] | .linux.uidMappings = [{containerID: 0, hostID: 100000, size: 65536}] | .linux.gidMappings = .linux.uidMappings'
	up "$map"
	local first=$PID
	script 'exec sleep 1000' "$map" \
		'.linux.namespaces |= map(if .type == "pid" or .type == "user" then .path = "/proc/'"$first"'/ns/\(.type)" else . end)' \
		'.hooks.createRuntime = [{path: "/bin/sh", args: ["sh", "-c", "readlink /proc/self/ns/pid > " + $w + "/hook"]}]'
	k run --detach --pid-file "$W/pid2" --bundle "$B" "$ID-2" < /dev/null > "$W/out" 2>&1 || { cat "$W/out"; return 1; }
	PID=$(cat "$W/pid2")
	is "$(readlink "/proc/$first/ns/pid")" "$(readlink "/proc/$PID/ns/pid")"
	is "$(readlink /proc/self/ns/pid)" "$(cat "$W/hook")"
	grep -q "$ID-2" "/proc/$PID/cgroup"
	k delete --force "$ID-2"
	! grep -qs "^State:.[^ZX]" "/proc/$PID/status"
}
