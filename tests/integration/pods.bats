#!/usr/bin/env bats
# H-11, H-12: containers of a pod with a user namespace of its own, as containerd (hostUsers: false) and podman (pod create
# --userns=auto, --userns=container:ID) write them: the first has new namespaces, the others join them by /proc/PID/ns/*.
load helpers

mapped='.linux.namespaces += [{"type": "user"}] | .linux.uidMappings = [{containerID: 0, hostID: 100000, size: 65536}]
	| .linux.gidMappings = .linux.uidMappings'

# joins PID TYPE...: a filter that joins those of the process; the mappings stay, as engines repeat them.
joins() {
	local pid=$1 types
	shift
	types=$(printf '%s\n' "$@" | jq -R . | jq -sc .)
	printf 'if %s | index("uts") then del(.hostname) else . end | .linux.namespaces |= map(select(.type | IN(%s[]) | not))
		+ (%s | map({type: ., path: "/proc/%s/ns/\(if . == "network" then "net" else . end)"}))' "$types" "$types" "$types" "$pid"
}

# mapped_image: as an engine would chown it, or mount it idmapped.
mapped_image() {
	own_image
	chown -R 100000:100000 "$IMAGE"
}

# pause [FILTER...]: the pod's first container, $ID; PAUSE is its process.
pause() {
	up "$mapped" "$@"
	PAUSE=$PID
}

# member NAME [FILTER...]: another, $ID-NAME; PID is its process.
member() {
	local name=$1
	shift
	script 'exec sleep 1000' "$mapped" "$@"
	k run --detach --pid-file "$W/$name.pid" --bundle "$B" "$ID-$name" < /dev/null > "$W/$name.out" 2>&1 || { cat "$W/$name.out"; return 1; }
	PID=$(cat "$W/$name.pid")
}

# shares NS...: PAUSE's and PID's are the same.
shares() {
	local ns
	for ns; do
		is "$(readlink "/proc/$PAUSE/ns/$ns")" "$(readlink "/proc/$PID/ns/$ns")"
	done
}

owner() {
	"$TOOLS/outside" owner "$1"
}

# in_it NAME: exec runs in it, with its user and network namespaces.
in_it() {
	local pid=$2
	run --separate-stderr k exec "$1" sh -c 'readlink /proc/self/ns/user; readlink /proc/self/ns/net; id -u; cat /proc/sys/net/ipv4/ip_forward'
	succeeded
	is "$(readlink "/proc/$pid/ns/user")"$'\n'"$(readlink "/proc/$pid/ns/net")"$'\n1000\n0'
}

# is_within PID OTHER: its user namespace was made in that of the other.
is_within() {
	[ "$(owner "/proc/$1/ns/user")" = "$(readlink "/proc/$2/ns/user")" ]
}

# has_own_ns PID NS
has_own_ns() {
	[ "$(readlink "/proc/$1/ns/$2")" != "$(readlink "/proc/self/ns/$2")" ]
}

user='.process.user = {uid: 1000, gid: 1000}'

@test "H-12: a container joins the user, network, ipc and uts namespaces of another by /proc/PID/ns" {
	mapped_image
	for LEVEL in hardened oci; do
		pause "$user"
		member b "$user" "$(joins "$PAUSE" user network ipc uts)"
		shares net ipc uts
		is 101000 "$(awk '/^Uid:/ { print $2 }' "/proc/$PID/status")"
		in_it "$ID" "$PAUSE"
		in_it "$ID-b" "$PID"
		k delete --force "$ID-b"
		k delete --force "$ID"
	done
}

@test "H-12: built in the user namespace that the pod's was built in, with a last one of its own" {
	mapped_image
	pause "$user"
	member b "$user" "$(joins "$PAUSE" user network ipc uts)"
	local pods ns
	pods=$(owner "/proc/$PAUSE/ns/net")
	[ "$pods" != "$(readlink /proc/self/ns/user)" ]
	for ns in mnt pid net ipc uts cgroup user; do
		is "$pods" "$(owner "/proc/$PID/ns/$ns")"
	done
	[ "$(readlink "/proc/$PID/ns/user")" != "$(readlink "/proc/$PAUSE/ns/user")" ]
	# as the host sees it: the program's own id, and nothing else
	is '      1000     101000          1' "$(cat "/proc/$PID/uid_map")"
	planned 'namespace\.user: join /proc/[0-9]+/ns/user not-host level=below-own +# H-10'
}

@test "H-12: it is the same for one that joins a member, joins the user namespace only, or the pid namespace too" {
	mapped_image
	pause "$user"
	member b "$user" "$(joins "$PAUSE" user)"
	is "$(owner "/proc/$PAUSE/ns/net")" "$(owner "/proc/$PID/ns/user")"
	[ "$(readlink "/proc/$PAUSE/ns/net")" != "$(readlink "/proc/$PID/ns/net")" ]
	member c "$user" "$(joins "$PID" user) | $(joins "$PAUSE" network pid)"
	shares net pid
	is "$(owner "/proc/$PAUSE/ns/net")" "$(owner "/proc/$PID/ns/user")"
	in_it "$ID-c" "$PID"
}

@test "a pod's containers are deleted in either order, and the others go on" {
	mapped_image
	for LEVEL in hardened oci; do
		pause "$user"
		member b "$user" "$(joins "$PAUSE" user network ipc uts)"
		k delete --force "$ID"
		in_it "$ID-b" "$PID"
		k delete --force "$ID-b"
		pause "$user"
		member b "$user" "$(joins "$PAUSE" user network ipc uts)"
		k delete --force "$ID-b"
		in_it "$ID" "$PAUSE"
		k delete --force "$ID"
	done
}

# Whether it is allowed depends on the machine (tests/vm has it); when it is done doesn't.
@test "hard limits are raised before the user namespace is joined, where nobody may any more" {
	local LEVEL=oci raised joined
	mapped_image
	pause
	script true "$(joins "$PAUSE" user)" '.process.rlimits = [{type: "RLIMIT_NOFILE", soft: 300, hard: 400}]'
	PREFIX="prlimit --nofile=200:400 strace -f -qq -o $W/calls -e trace=prlimit64,setns" k run --bundle "$B" "$ID-limits" < /dev/null
	raised=$(grep -n 'RLIMIT_NOFILE, NULL, {rlim_cur=200' "$W/calls" | head -n 1)
	joined=$(grep -n CLONE_NEWUSER "$W/calls" | head -n 1)
	[ "${raised%%:*}" -lt "${joined%%:*}" ]
}

@test "a namespace that isn't of the user namespace joined is refused by name" {
	mapped_image
	pause "$user"
	member b "$user" '.linux.namespaces |= map(select(.type != "user"))' 'del(.linux.uidMappings, .linux.gidMappings)'
	local ID=$ID-c
	bundle "$user" "$(joins "$PAUSE" user)" "$(joins "$PID" network)"
	go
	refused "linux.namespaces: '/proc/$PID/ns/net' doesn't belong to the user namespace joined, '/proc/$PAUSE/ns/user'"
	# at oci what is named is joined as it is: the last one
	LEVEL=oci
	bundle "$user" "$(joins "$PAUSE" user ipc)"
	go
	refused "linux.namespaces: '/proc/$PAUSE/ns/ipc' doesn't belong to the user namespace joined" 'another level of the policy'
}

@test "a pinned user namespace that the runtime didn't make is joined as it is" {
	mapped_image
	unshare -Un sleep 1000 > /dev/null 2>&1 3>&- 4>&- &
	BACKGROUND=$!
	until_true has_own_ns "$!" net
	echo '0 100000 65536' > "/proc/$!/uid_map"
	echo '0 100000 65536' > "/proc/$!/gid_map"
	: > "$W/pinned"
	mount --bind "/proc/$!/ns/user" "$W/pinned"
	script 'readlink /proc/self/ns/net; id -u' "$mapped" "$user" "$(joins "$!" network)" \
		'.linux.namespaces |= map(if .type == "user" then .path = $w + "/pinned" else . end)'
	go
	umount "$W/pinned"
	succeeded
	is "$(readlink "/proc/$!/ns/net")"$'\n1000'
}

@test "H-11: the last user namespace of a container built in the host's is refused" {
	up
	local ID=$ID-b
	bundle "$(joins "$PID" user network ipc uts)"
	go
	refused "H-11: linux.namespaces: '/proc/$PID/ns/user' is the last user namespace of a container that is built in the host's" \
		'leave {"type": "user"} out'
}

@test "H-12: a user namespace that calls ids otherwise than the one around it is refused" {
	mapped_image
	LEVEL=oci
	pause
	nsenter -t "$PAUSE" -U unshare -U sleep 1000 > /dev/null 2>&1 3>&- 4>&- &
	BACKGROUND=$!
	until_true is_within "$!" "$PAUSE"
	nsenter -t "$PAUSE" -U sh -c "echo 0 10000 5000 > /proc/$!/uid_map; echo 0 10000 5000 > /proc/$!/gid_map"
	LEVEL=hardened
	local ID=$ID-b
	bundle "$user" "$(joins "$!" user)"
	go
	refused "H-12: linux.namespaces: '/proc/$!/ns/user' is a user namespace within another" 'calls ids otherwise'
}

@test "H-12: a user namespace beside the runtime's own is refused" {
	unshare -U sleep 1000 > /dev/null 2>&1 3>&- 4>&- &
	BACKGROUND=$!
	until_true has_own_ns "$!" user
	: > "$W/beside"
	mount --bind "/proc/$!/ns/user" "$W/beside"
	bundle '.linux.namespaces += [{type: "user", path: ($w + "/beside")}]'
	PREFIX='unshare -Ur' go
	umount "$W/beside"
	refused "H-12: linux.namespaces: '$W/beside' is a user namespace that was not made within the runtime's own"
}

@test "H-11: the host's user namespace, a path that is none, and a process that is gone are refused" {
	local path
	for path in /proc/$$/ns/user /etc/hostname /proc/self/ns/net; do
		bundle ".linux.namespaces += [{type: \"user\", path: \"$path\"}]"
		go
		refused "'$path'"
	done
	sleep 0 3>&- 4>&- &
	wait $!
	bundle ".linux.namespaces += [{type: \"user\", path: \"/proc/$!/ns/user\"}]"
	go
	refused "open user namespace '/proc/$!/ns/user'"
}

@test "H-32: a member that an engine gives the host's /sys gets a sysfs of the pod's network namespace" {
	mapped_image
	LEVEL=hardened
	pause "$user"
	nsenter --net="/proc/$PAUSE/ns/net" ip link add pod0 type veth peer name pod1
	member b "$user" "$(joins "$PAUSE" user network ipc uts)" \
		'.mounts |= map(if .destination == "/sys" then {destination: "/sys", type: "bind", source: "/sys",
			options: ["rprivate", "nosuid", "noexec", "nodev", "ro", "rbind"]} else . end)'
	grep -q ' /sys ro,nosuid,nodev,noexec,relatime - sysfs ' "/proc/$PID/mountinfo"
	run --separate-stderr k exec "$ID-b" sh -c 'for i in /sys/class/net/*; do echo "${i##*/}"; done; ls /sys/firmware; echo x > /sys/class/net/lo/mtu'
	[[ $output == *pod0* && $output == *lo* ]]
	[[ $stderr == *"Read-only file system"* ]]
	k delete --force "$ID-b"
}
