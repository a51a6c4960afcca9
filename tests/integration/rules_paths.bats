#!/usr/bin/env bats
# H-30..H-32: the kernel's own files.
load helpers

# Files that are masked show nothing and take nothing; directories are empty and take nothing.
@test "H-30: kernel files that leak are masked although the bundle names none" {
	local path
	script 'for f in interrupts kallsyms kcore key-users keys kmsg latency_stats sched_debug slabinfo timer_list timer_stats; do
			[ ! -e /proc/$f ] || echo "$f $(head -c 1 /proc/$f 2>&1 | wc -c) $(inside write /proc/$f x)"; done
		for d in /proc/acpi /proc/asound /proc/scsi /sys/firmware /sys/devices/virtual/powercap; do
			[ ! -e $d ] || echo "$d $(ls -A $d | wc -l) $(inside write $d/x x)"; done' '.linux.maskedPaths = []'
	go
	succeeded
	has keys
	has timer_list
	# 0 bytes are read. Writing: the null device takes it, or another lock is before it.
	while read -r path size write; do
		is 0 "$size"
		case $path,$write in
		/*,EROFS | /*,EACCES | [a-z]*,0 | [a-z]*,EROFS | [a-z]*,EACCES | [a-z]*,EPERM) ;;
		*) echo "$path: $write"; false ;;
		esac
	done <<< "$output"
}

@test "H-30: what masks a file is the null device, read-only" {
	up
	run --separate-stderr k exec "$ID" stat -c '%t:%T' /proc/keys /proc/timer_list
	succeeded
	is $'1:3\n1:3'
	[ "$("$ORACLE" "/proc/$PID/mountinfo" /proc/keys | cut -d' ' -f3)" = ro ]
}

@test "H-30: paths of the bundle's own are masked too, absent ones are skipped" {
	mkdir "$W/vol"
	echo secret > "$W/vol/file"
	inside 'cat /data/file; ls /nowhere 2>&1 || :' '.linux.maskedPaths = ["/data/file", "/nowhere"]' \
		'.mounts += [{destination: "/data", type: "bind", source: ($w + "/vol"), options: ["rbind", "ro"]}]'
	is 'ls: /nowhere: No such file or directory'
}

@test "H-30: a path that is named twice, or by two names, is masked once" {
	own_image
	ln -s proc/keys "$IMAGE/keys"
	ln -s proc/tty "$IMAGE/tty"
	inside 'wc -c < /proc/keys; grep -c " /proc/keys " /proc/self/mountinfo; grep -c " /proc/tty " /proc/self/mountinfo' \
		'.linux.maskedPaths = ["/proc/keys", "/proc/tty", "/keys", "/tty", "/proc//keys", "/proc/tty"]'
	is $'0\n1\n1'
}

@test "H-30: builtin:oci masks what is named and no more (control)" {
	LEVEL=oci
	inside 'head -c 5 /proc/timer_list | wc -c; head -c 5 /proc/interrupts | wc -c' '.linux.maskedPaths = ["/proc/interrupts"]'
	is $'5\n0'
}

@test "H-31: kernel settings can't be written: EROFS" {
	inside 'for f in sys/kernel/core_pattern sys/vm/overcommit_memory sysrq-trigger irq/default_smp_affinity; do
		[ -e /proc/$f ] && inside write /proc/$f x; done; inside write /proc/sys/kernel/hostname x' '.linux.readonlyPaths = []'
	# As an ordinary user the mode is in the way before the mount is, but for nothing of this is 0 an answer.
	hasnt 0
	up '.linux.readonlyPaths = []'
	for path in /proc/sys /proc/sysrq-trigger /proc/irq /proc/bus /proc/fs; do
		[ ! -e "$path" ] || is ro "$("$ORACLE" "/proc/$PID/mountinfo" "$path" | cut -d' ' -f3)"
	done
}

@test "H-31: root of builtin:oci is stopped by the mount alone: EROFS, and without it is not" {
	LEVEL=oci
	inside 'inside write /proc/sys/kernel/domainname x' '.linux.readonlyPaths = ["/proc/sys"]'
	is EROFS
	inside 'inside write /proc/sys/kernel/domainname x' '.linux.readonlyPaths = []'
	is 0
}

@test "H-31: a bundle's own read-only path" {
	mkdir -m 777 "$W/vol" "$W/vol/sub"
	inside 'inside write /data/a x; inside write /data/sub/b x' '.linux.readonlyPaths = ["/data/sub"]' \
		'.mounts += [{destination: "/data", type: "bind", source: ($w + "/vol"), options: ["rbind", "rw"]}]'
	is $'0\nEROFS'
}

@test "H-32: sysfs is read-only although the bundle says rw" {
	local writable='.mounts |= map(if .type == "sysfs" then .options -= ["ro"] else . end)'
	up "$writable"
	is 'sysfs ro' "$("$ORACLE" "/proc/$PID/mountinfo" /sys | cut -d' ' -f2,3)"
	k delete --force "$ID"
	LEVEL=oci
	inside 'grep " /sys " /proc/mounts' "$writable"
	has 'sysfs rw'
}

@test "H-32: sysfs anywhere else, where nothing would be masked, is refused" {
	bundle '.mounts += [{destination: "/mnt", type: "sysfs", source: "sysfs"}]'
	go
	refused H-32 "mount '/mnt': type sysfs belongs on /sys"
}

@test "H-32: /sys must be sysfs" {
	bundle '.mounts |= map(if .destination == "/sys" then .type = "tmpfs" else . end)'
	go
	refused H-32 "mount '/sys': must have type sysfs; programs and the masks rely on it"
}

@test "H-32: /proc must be procfs, at any level" {
	for LEVEL in hardened oci; do
		bundle '.mounts |= map(if .destination == "/proc" then .type = "tmpfs" else . end)'
		go
		refused '/proc'
	done
}

@test "H-32: /proc shows the container's own processes, network and mounts" {
	local interfaces
	# lo, and on some kernels the tunnels that each new network namespace gets (fb_tunnels_only_for_init_net).
	interfaces=$(new_interfaces)
	inside 'echo /proc/[0-9]*; tail -n +3 /proc/net/dev | cut -d: -f1 | tr -d " " | sort; echo; ls /sys/class/net | sort'
	is "/proc/1"$'\n'"$interfaces"$'\n\n'"$interfaces"
}
