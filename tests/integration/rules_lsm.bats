#!/usr/bin/env bats
# H-70, H-71: Landlock and labels.
load helpers

landlock() { k features > /dev/null && bundle && k plan "$B" | grep -q '^landlock: yes'; }

@test "H-70: Landlock forbids writing and executing where mounts would allow it" {
	landlock || skip "the kernel has Landlock off"
	up
	# A mount that comes into the running container is none of the plan's: writable and executable, but for Landlock.
	nsenter -t "$PID" -m /bin/busybox mount -t tmpfs -o mode=1777 x /home
	nsenter -t "$PID" -m /bin/busybox cp /bin/inside /home/inside
	run --separate-stderr k exec "$ID" sh -c 'inside write /home/x x; mkdir /home/d 2>&1; ln -s a /home/l 2>&1'
	has EACCES
	has "mkdir: can't create directory '/home/d': Permission denied"
	has 'ln: /home/l: Permission denied'
	is 'tmpfs rw suid dev exec' "$("$ORACLE" "/proc/$PID/mountinfo" /home | cut -d' ' -f2,3,5-7)"
}

@test "H-70: where a mount is noexec, Landlock holds when the mount's flag is gone" {
	landlock || skip "the kernel has Landlock off"
	up
	k exec "$ID" cp /bin/inside /tmp/inside
	nsenter -t "$PID" -m /bin/busybox mount -i -t none -o remount,bind,exec none /tmp
	has ' exec ' "$("$ORACLE" "/proc/$PID/mountinfo" /tmp)"
	run --separate-stderr k exec "$ID" inside exec /tmp/inside
	succeeded
	is EACCES
}

@test "H-70: builtin:oci has no such lock (control)" {
	LEVEL=oci
	up
	nsenter -t "$PID" -m /bin/busybox mount -t tmpfs -o mode=1777 x /home
	run --separate-stderr k exec "$ID" sh -c 'inside write /home/x x; cp /bin/inside /home/inside; inside exec /home/inside'
	succeeded
	is $'0\nran'
}

@test "H-70: what is planned writable can be written, /dev/null and /proc/self too" {
	inside 'for f in /tmp/x /run/x /dev/null /dev/shm/x /proc/self/oom_score_adj; do inside write $f 10; done'
	is $'0\n0\n0\n0\n0'
}

apparmor_is_on() { grep -q Y /sys/module/apparmor/parameters/enabled 2> /dev/null; }
selinux_is_on() { [ -e /sys/fs/selinux/enforce ]; }

@test "H-71: an AppArmor profile is refused where the host has AppArmor off, at any level" {
	! apparmor_is_on || skip "AppArmor is on here"
	for LEVEL in hardened oci; do
		bundle '.process.apparmorProfile = "x"'
		go
		refused 'process.apparmorProfile: AppArmor is not enabled on this host; remove it'
	done
}

@test "H-71: SELinux labels are refused where the host has SELinux off, at any level" {
	! selinux_is_on || skip "SELinux is on here"
	for LEVEL in hardened oci; do
		bundle '.process.selinuxLabel = "system_u:system_r:container_t:s0"'
		go
		refused 'process.selinuxLabel: SELinux is not enabled on this host; remove it'
		bundle '.linux.mountLabel = "system_u:object_r:container_file_t:s0"'
		go
		refused 'linux.mountLabel: SELinux is not enabled on this host; remove it'
	done
}

@test "H-71: a profile that the host hasn't loaded is refused by the kernel, and nothing runs" {
	apparmor_is_on || skip "AppArmor is off here"
	for LEVEL in hardened oci; do
		bundle '.process.apparmorProfile = "not-loaded-here"'
		go
		refused "'not-loaded-here'"
	done
}

@test "H-71: exec's labels are refused, too; none and an empty one are no label" {
	up '.process.apparmorProfile = ""'
	if ! selinux_is_on; then
		run --separate-stderr k exec --process-label x "$ID" true
		[ "$status" = 255 ]
		has 'SELinux is not enabled' "$stderr"
	fi
	run --separate-stderr k exec --apparmor not-loaded-here "$ID" true
	[ "$status" = 255 ]
	if apparmor_is_on; then
		has "'not-loaded-here'" "$stderr"
	else
		has 'AppArmor is not enabled' "$stderr"
	fi
	run --separate-stderr k exec "$ID" true
	succeeded
}

@test "H-70: a root with more files than rules can be made for is refused" {
	own_image
	(cd "$IMAGE" && seq -f 'file%.0f' 65600 | xargs touch)
	script 'echo ran'
	LIMIT=120 # 262,144 calls before it is refused
	go
	refused "Landlock: more than 65536 files" "in '/'"
	(cd "$IMAGE" && seq -f 'file%.0f' 1000 65600 | xargs rm)
	go
	succeeded
	is ran
}
