#!/usr/bin/env bats
# root.request "remap" (H-01, H-02): root inside, nobody outside.
load helpers

remap='{"version": 1, "root": {"request": "remap", "remap": {"first": 700000, "count": 65536}}}'

@test "H-01: remap: root's files are its own, and on the host it is nobody" {
	policy "$remap"
	up '.process.user = {"uid": 0, "gid": 0}'
	is "700000 700000" "$(awk '/^Uid:/ { u = $2 } /^Gid:/ { print u, $2 }' "/proc/$PID/status")"
	run --separate-stderr k exec "$ID" /bin/sh -c 'id -u; id -g; stat -c "%u %g" /bin/sh; touch /tmp/mine && stat -c "%u %g" /tmp/mine' < /dev/null
	succeeded
	is $'0\n0\n0 0\n0 0'
	run --separate-stderr k exec --user 5:5 "$ID" /bin/sh -c 'id -u; touch /tmp/theirs && stat -c "%u %g" /tmp/theirs' < /dev/null
	succeeded
	is $'5\n5 5'
}

@test "H-01: remap: root has no capability, writes no root and owns no namespace" {
	policy "$remap"
	inside 'grep -E "^Cap(Inh|Prm|Eff|Bnd|Amb):" /proc/self/status | grep -vc 0000000000000000
		touch /new 2> /dev/null || echo read-only; unshare -U true 2> /dev/null || echo no namespace
		hostname new 2> /dev/null || echo no name' '.process.user = {"uid": 0, "gid": 0}'
	is $'0\nread-only\nno namespace\nno name'
}

@test "H-01: remap: a file system that can't be shown with other ids is refused, and nothing is left" {
	policy "$remap"
	mkdir "$W/upper" "$W/work" "$W/merged"
	mount -t overlay overlay -o "lowerdir=$IMAGE,upperdir=$W/upper,workdir=$W/work" "$W/merged"
	bundle '.process.user = {"uid": 0, "gid": 0}' '.root.path = ($w + "/merged")' '.process.args = ["stat", "-c", "%u", "/bin"]'
	go
	umount "$W/merged"
	# Linux has learnt it by 7.3: then it has to be the container's own root.
	[ "$status" != 0 ] || { is 0; return; }
	refused "H-01: root.path: show '$W/merged' with other ids" "--userns=auto"
}

@test "H-12: remap: an id beyond those set aside is refused" {
	policy '{"version": 1, "root": {"request": "remap", "remap": {"first": 700000, "count": 1000}}}'
	bundle '.process.user = {"uid": 1000, "gid": 0}'
	go
	refused 'H-12: process.user: id 1000 is beyond the 1000 ids that the policy sets aside'
}
