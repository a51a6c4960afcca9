#!/usr/bin/env bats
# H-01..H-09, H-16..H-19: the process. Each rule as it is and as it holds; where builtin:oci lets the same through, that is shown,
# so that a test can't pass because everything fails.
load helpers

ask_for_everything='.process.capabilities = (["CAP_CHOWN", "CAP_SYS_ADMIN", "CAP_SETUID", "CAP_NET_RAW"] as $all
	| {bounding: $all, effective: $all, permitted: $all, inheritable: $all, ambient: $all})'

@test "H-01: user 0 runs as 65532, and the plan says so" {
	inside 'id -u; grep ^Uid: /proc/self/status' '.process.user.uid = 0'
	is $'65532\nUid:\t65532\t65532\t65532\t65532'
	k plan --diff "$B" > "$W/plan"
	grep -q 'H-01 asked: 0' "$W/plan"
}

@test "H-01: another user stays as it is" {
	inside 'id -u' '.process.user.uid = 1234'
	is 1234
}

@test "H-01: setuid(0) fails with EINVAL: there is no user 0 to become" {
	inside 'inside call 105 0; probe try setuid-0; id -u'
	is $'EINVAL\nsetuid-0 EINVAL\n65532'
}

@test "H-01: exec --user 0 runs as the container's user" {
	up '.process.user.uid = 1234'
	run --separate-stderr k exec --user 0 "$ID" id -u
	succeeded
	is 1234
}

@test "H-01: a user whose mapping is the host's root is refused" {
	bundle '.process.user.uid = 5' '.linux.namespaces += [{"type": "user"}]' \
		'.linux.uidMappings = [{"containerID": 5, "hostID": 0, "size": 1}, {"containerID": 6, "hostID": 100000, "size": 10}]' \
		'.linux.gidMappings = [{"containerID": 0, "hostID": 100000, "size": 65536}]'
	go
	refused 'H-01' "process.user.uid: linux.uidMappings makes 5 the host's 0; map it to another id"
}

@test "H-02: group 0 runs as 65532, another stays" {
	inside 'id -g' '.process.user.gid = 0'
	is 65532
	inside 'id -g' '.process.user.gid = 77'
	is 77
}

@test "H-02: setgid(0) fails with EINVAL" {
	inside 'inside call 106 0; probe try setgid-0' '.process.user.gid = 77'
	is $'EINVAL\nsetgid-0 EINVAL'
}

@test "H-02: a group whose mapping is the host's root group is refused" {
	bundle '.process.user = {"uid": 5, "gid": 9}' '.linux.namespaces += [{"type": "user"}]' \
		'.linux.uidMappings = [{"containerID": 0, "hostID": 100000, "size": 65536}]' \
		'.linux.gidMappings = [{"containerID": 9, "hostID": 0, "size": 1}]'
	go
	refused 'H-02' "process.user.gid: linux.gidMappings makes 9 the host's 0"
}

@test "H-03: supplementary groups are those of the bundle without 0" {
	inside 'grep ^Groups: /proc/self/status' '.process.user.additionalGids = [0, 5, 6]'
	is $'Groups:\t5 6 '
}

@test "H-03: without additionalGids there are none, whatever the caller has" {
	PREFIX='setpriv --groups 10,20'
	inside 'grep ^Groups: /proc/self/status'
	is $'Groups:\t '
}

@test "H-03: setgroups fails with EPERM" {
	inside 'inside groups 0; inside groups 5'
	is $'EPERM\nEPERM'
}

@test "H-03: a supplementary group that is the host's root group outside is refused" {
	bundle '.process.user = {"uid": 5, "gid": 5, "additionalGids": [9]}' '.linux.namespaces += [{"type": "user"}]' \
		'.linux.uidMappings = [{"containerID": 0, "hostID": 100000, "size": 65536}]' \
		'.linux.gidMappings = [{"containerID": 9, "hostID": 0, "size": 1}, {"containerID": 5, "hostID": 100005, "size": 1}]'
	go
	refused 'H-03' "linux.gidMappings makes 9 the host's 0"
}

@test "H-04: all five capability sets are empty, whatever the bundle asks" {
	inside 'grep ^Cap /proc/self/status' "$ask_for_everything"
	is "$(printf 'Cap%s:\t0000000000000000\n' Inh Prm Eff Bnd Amb)"
}

@test "H-04: builtin:oci gives what was asked (control)" {
	LEVEL=oci
	inside 'grep ^Cap /proc/self/status' "$ask_for_everything"
	is "$(printf 'Cap%s:\t0000000000202081\n' Inh Prm Eff Bnd Amb)"
}

@test "H-04: capset can't raise one: EPERM; chown, chroot and a raw socket fail" {
	inside 'inside raise-cap 21; inside raise-cap 0; chown 1 /tmp 2>&1 | grep -c denied; chown 1 /tmp 2>&1
		probe try socket-raw chroot || :' "$ask_for_everything"
	has $'EPERM\nEPERM\n'
	has 'socket-raw EPERM'
	has 'chroot EPERM'
	has 'chown: /tmp: Operation not permitted'
}

@test "H-04: exec --cap and a process with capabilities get none" {
	up
	run --separate-stderr k exec --cap CAP_SYS_ADMIN "$ID" grep ^Cap /proc/self/status
	succeeded
	is "$(printf 'Cap%s:\t0000000000000000\n' Inh Prm Eff Bnd Amb)"
	jq "$ask_for_everything | .process | .args = [\"grep\", \"^CapEff\", \"/proc/self/status\"]" "$B/config.json" > "$W/process"
	run --separate-stderr k exec --process "$W/process" "$ID"
	succeeded
	is $'CapEff:\t0000000000000000'
}

@test "H-05: no_new_privs is on although the bundle says false" {
	inside 'grep ^NoNewPrivs /proc/self/status; inside call 157 38 0 0 0 0' '.process.noNewPrivileges = false'
	is $'NoNewPrivs:\t1\nEINVAL'
}

@test "H-05: a set-user-id program runs as the user it was started by" {
	own_image
	cp "$IMAGE/bin/probe" "$IMAGE/bin/suid"
	chmod 6755 "$IMAGE/bin/suid"
	inside '/bin/suid ids' '.process.noNewPrivileges = false'
	is $'uid 65532 65532 65532\ngid 65532 65532 65532\ngroups'
}

@test "H-06: securebits are set and locked; prctl can't undo them: EPERM" {
	inside 'probe leftovers | grep securebits; inside call 157 28 0; inside call 157 28 0xef'
	is $'securebits 0xef\nEPERM\nEPERM'
}

@test "H-06: builtin:oci leaves them (control)" {
	LEVEL=oci
	inside 'probe leftovers | grep securebits'
	is 'securebits 0x0'
}

@test "H-07: core dumps are off and stay off" {
	inside 'ulimit -Sc; ulimit -Hc; inside rlimit 4 1 1' \
		'.process.rlimits = [{"type": "RLIMIT_CORE", "soft": 1000, "hard": 1000}]'
	is $'0\n0\nEPERM'
	LEVEL=oci
	inside 'ulimit -Sc; ulimit -Hc' '.process.rlimits = [{"type": "RLIMIT_CORE", "soft": 512000, "hard": 512000}]'
	is $'1000\n1000'
}

@test "H-08: builtin:oci keeps the caller's keyring with --no-new-keyring (control), not without" {
	# The name of the caller's keyring is in its description; only the level without the filter can ask for it.
	LEVEL=oci
	script 'inside keyring'
	PREFIX="$TOOLS/outside keyring outer-ring"
	go --no-new-keyring
	succeeded
	has ';outer-ring'
	go
	succeeded
	hasnt outer-ring
	LEVEL=hardened
	planned 'keyring: own'
}

@test "H-08: an own, empty session keyring, in the plan and in the container" {
	LEVEL=oci
	inside 'inside keyring'
	is 'keyring;0;0;3f030000;_ses'
	LEVEL=hardened
	inside 'inside call 250 0 0xfffffffd 0; inside call 248 s:user s:k 0 0 0xfffffffd; wc -c < /proc/keys'
	is $'EPERM\nEPERM\n0'
	go --no-new-keyring
	succeeded
}

# How many hold the keyring that planted() left.
holders() { awk -v name="_ses.$ID:" '$7 == 12345 && $9 == name { print $3 }' /proc/keys; }

has_holders() { [ "$(holders)" = "$1" ]; }

planted() { holders | grep -q .; }

@test "H-08: a keyring that a user of the host made for a container isn't joined, neither by it nor by what is executed in it" {
	local alone search='inside keyring; inside call 250 10 0xfffffffd s:user s:bait 0'
	background setpriv --reuid 12345 --regid 12345 --clear-groups "$TOOLS/outside" plant "_ses.$ID" sleep 60
	until_true planted
	alone=$(holders)
	# Who joins it by name sees the bait (control): the trap works.
	[ "$("$TOOLS/outside" keyring "_ses.$ID" "$TOOLS/inside" call 250 10 0xfffffffd s:user s:bait 0)" -gt 0 ]
	# Of the level with the filter only what the host counts can be asked.
	for LEVEL in oci hardened; do
		up
		until_true has_holders "$alone"
		[ "$LEVEL" = hardened ] || {
			run --separate-stderr k exec "$ID" sh -c "$search"
			is $'keyring;0;0;3f030000;_ses\nENOKEY'
		}
		k exec --detach "$ID" sleep 1000
		until_true has_holders "$alone"
		k delete --force "$ID"
	done
	LEVEL=oci
	inside "$search"
	is $'keyring;0;0;3f030000;_ses\nENOKEY'
}

@test "H-09: the environment is the bundle's alone" {
	script 'env | sort' '.process.env = ["PATH=/bin", "A=b"]'
	PREFIX='env SECRET=hush LD_PRELOAD= HOME=/nowhere'
	go
	succeeded
	is $'A=b\nHOME=/\nPATH=/bin\nPWD=/\nSHLVL=1'
}

@test "H-09: exec's environment is the container's and what is given" {
	up '.process.env = ["PATH=/bin", "A=b"]'
	PREFIX='env SECRET=hush'
	run --separate-stderr k exec --env C=d "$ID" sh -c 'env | sort'
	succeeded
	has $'A=b\nC=d'
	hasnt SECRET
}

@test "H-16: scheduling, oom score and personality of the caller don't come in" {
	script 'probe leftovers | grep -e ^sched -e ^ioprio -e ^personality; inside call 140 0 0; cat /proc/self/oom_score_adj'
	PREFIX='nice -n 7 ionice -c 2 -n 1 setarch -R'
	go
	succeeded
	is $'personality 0x0\nsched 0\nioprio 0\n20\n0'
}

@test "H-16: the caller's niceness doesn't come in where the bundle has a user namespace, nor with exec" {
	PREFIX='nice -n 7'
	up '.process.user.uid = 7' '.linux.namespaces += [{"type": "user"}]' \
		'.linux.uidMappings = [{"containerID": 0, "hostID": 100000, "size": 65536}]' \
		'.linux.gidMappings = [{"containerID": 0, "hostID": 200000, "size": 65536}]'
	is 0 "$(awk '{ print $19 }' "/proc/$PID/stat")"
	run --separate-stderr k exec "$ID" inside call 140 0 0
	succeeded
	is 20
}

@test "H-16: blocked and ignored signals of the caller don't come in" {
	bundle '.process.args = ["grep", "-e", "^SigBlk", "-e", "^SigIgn", "/proc/self/status"]'
	PREFIX="$TOOLS/outside blocked"
	go
	succeeded
	is $'SigBlk:\t0000000000000000\nSigIgn:\t0000000000000000'
}

@test "H-16: umask is the bundle's or 022" {
	(umask 0077; inside 'umask'; is 0022)
	inside 'umask' '.process.user.umask = 63'
	is 0077
}

@test "H-16: a realtime scheduler, a negative nice and oom score are not given" {
	inside 'probe leftovers | grep ^sched; cat /proc/self/oom_score_adj; ulimit -Hr; ulimit -He' \
		'.process.scheduler = {"policy": "SCHED_FIFO", "priority": 5}' '.process.oomScoreAdj = -500' \
		'.process.rlimits = [{"type": "RLIMIT_RTPRIO", "soft": 9, "hard": 9}, {"type": "RLIMIT_NICE", "soft": 9, "hard": 9}]'
	is $'sched 0\n0\n0\n0'
	# getpriority(2) as the kernel gives it: 20 less the niceness.
	inside 'inside call 140 0 0' '.process.scheduler = {"policy": "SCHED_OTHER", "nice": -5}'
	is 20
	inside 'inside call 140 0 0' '.process.scheduler = {"policy": "SCHED_OTHER", "nice": 5}'
	is 15
}

@test "H-16: of an exec's own limits and the container's the lower ones hold, and what is cut is told" {
	up '.process.rlimits = [{type: "RLIMIT_NOFILE", soft: 100, hard: 200}, {type: "RLIMIT_STACK", soft: 1048576, hard: 2097152}]'
	jq '.process | .args = ["/bin/sh", "-c", "ulimit -Sn; ulimit -Hn; ulimit -Ss; ulimit -Hs; ulimit -Hc; ulimit -Hf"]
		| .rlimits = [{type: "RLIMIT_NOFILE", soft: 20, hard: 3000}, {type: "RLIMIT_STACK", soft: 524288, hard: 1048576},
			{type: "RLIMIT_CORE", soft: 1, hard: 1}, {type: "RLIMIT_FSIZE", soft: 51200, hard: 51200}]' "$B/config.json" > "$W/process"
	run --separate-stderr k --debug exec --process "$W/process" "$ID"
	is 0 "$status"
	is $'20\n200\n512\n1024\n0\n100'
	has 'H-63 rlimit.NOFILE: asked 20:3000' "$stderr"
	hasnt rlimit.STACK "$stderr"
}

@test "H-16: sched_setscheduler(SCHED_FIFO) and a lower nice fail inside" {
	inside 'inside call 141 0 0 -5; inside fifo; inside write /proc/self/oom_score_adj -1'
	is $'EACCES\nEPERM\nEACCES'
}

@test "H-16: another class's cache schemata are refused" {
	bundle '.linux.intelRdt = {"closID": "others", "schemata": ["L3:0=f"]}'
	go
	[ "$status" = 1 ]
	has intelRdt "$stderr"
}

@test "H-17: descriptors of the caller are closed" {
	script 'ls /proc/self/fd'
	exec 7< /etc/hostname
	PREFIX="$TOOLS/outside fds 20"
	go
	exec 7<&-
	succeeded
	# 3 is the directory that ls reads.
	is $'0\n1\n2\n3'
}

@test "H-17: --preserve-fds keeps exactly that many" {
	script 'cat <&3; cat <&4; cat <&5; ls /proc/self/fd' '.'
	PREFIX="$TOOLS/outside fds 5"
	run --separate-stderr k run --preserve-fds 2 --bundle "$B" "$ID" < /dev/null
	has $'3\n4\n'
	has 'Bad file descriptor' "$stderr"
	hasnt $'3\n4\n5\n' "${output#*0}"
}

@test "H-17: more preserved descriptors than there are is an error" {
	script 'echo ran'
	PREFIX="$TOOLS/outside fds 1"
	go --preserve-fds 2
	refused 'preserve-fds'
}

@test "H-17: the runtime's process in the container leaves no descriptor to its cgroup, state or host" {
	up
	run ls -l "/proc/$PID/fd"
	hasnt "$ROOT"
	hasnt cgroup
	hasnt /run/
}

@test "H-18: a session of its own without the caller's terminal: /dev/tty is ENXIO" {
	script 'probe leftovers | grep ^sid; cat < /dev/tty'
	run "$THREATS_TOOLS/ptyrun" "$KANUKI" --root "$ROOT" --policy builtin:sandbox run --bundle "$B" "$ID"
	has 'sid 1 '
	has "can't open /dev/tty: No such device or address"
	has 'injected 0'
}

@test "H-18: a terminal is the container's own, and TIOCSTI is refused" {
	script 'tty; probe tty | grep -e "^ioctl 0 0x5412" -e "^tty"' '.process.terminal = true'
	run "$THREATS_TOOLS/ptyrun" "$KANUKI" --root "$ROOT" --policy builtin:sandbox run --bundle "$B" "$ID"
	has '/dev/pts/0'
	has 'ioctl 0 0x5412 EPERM'
	has 'tty OK'
	has 'injected 0'
}

@test "H-18: a detached terminal without a console socket is an error" {
	script 'echo ran' '.process.terminal = true'
	go --detach
	refused 'console-socket'
}

@test "H-18: exec has no terminal of the caller's either; a detached one without a console socket is an error" {
	up
	run "$THREATS_TOOLS/ptyrun" "$KANUKI" --root "$ROOT" exec "$ID" sh -c 'cat < /dev/tty; inside call 112'
	has "can't open /dev/tty: No such device or address"
	# setsid: a leader of its group, here of a session of its own.
	has EPERM
	has 'injected 0'
	run --separate-stderr k exec --tty --detach "$ID" sh -c 'echo ran > /dev/shm/ran'
	is 255 "$status"
	has console-socket "$stderr"
	run --separate-stderr k exec "$ID" test -e /dev/shm/ran
	is 1 "$status"
}

@test "H-19: the program's own file can't be opened for writing from inside" {
	up
	# What runs is the container's program, not ours; and exec's child is not ours either once it runs.
	has busybox "$(readlink "/proc/$PID/exe")"
	script 'for exe in /proc/[0-9]*/exe; do inside write $exe x; done'
	go
	hasnt $'\n1'
	run --separate-stderr k exec "$ID" sh -c 'ls -l /proc/[0-9]*/exe'
	hasnt kanuki
}

@test "H-19: a program that is a script for /proc/self/exe gets no hold of the runtime's file" {
	local before
	own_image
	printf '#!/proc/self/exe --version\n' > "$IMAGE/bin/self"
	chmod 755 "$IMAGE/bin/self"
	before=$(sha256sum < "$KANUKI")
	for LEVEL in hardened oci; do
		up
		# exec's process is the runtime itself when it follows the script's first line.
		run --separate-stderr k exec "$ID" self
		case $LEVEL$status in
		hardened255) has "exec 'self': Permission denied" "$stderr"; is '' ;;
		oci0) has 'kanuki version' ;; # the sealed copy of it
		oci255) has "exec 'self': No such file" "$stderr" ;; # its loader, where it is a dynamic program
		*) show; false ;;
		esac
		run --separate-stderr k exec "$ID" sh -c 'for p in /proc/[0-9]*; do inside write $p/exe x; done'
		hasnt $'\n1'
		k delete --force "$ID"
	done
	is "$before" "$(sha256sum < "$KANUKI")"
}

@test "H-19: unreachable at level hardened, a sealed copy at level oci" {
	bundle
	planned 'own-binary: unreachable'
	LEVEL=oci
	planned 'own-binary: sealed-copy'
	script 'exec sleep 1000' '.process.user.uid = 0'
	k create --bundle "$B" --pid-file "$W/pid" "$ID" < /dev/null
	has memfd "$(readlink "/proc/$(cat "$W/pid")/exe")"
	is 'memfd seal shrink grow write' "$("$THREATS_TOOLS/warden" seals "/proc/$(cat "$W/pid")/exe" | sed 's/ exec//')"
}

@test "W-28: the CPUs that the caller is bound to don't come in, neither at run nor at exec" {
	local all one
	all=$(sed -n 's/^Cpus_allowed_list:\t//p' /proc/self/status)
	one=${all%%[-,]*}
	[ "$one" != "$all" ] || skip "this host has one processor"
	for LEVEL in hardened oci; do
		script 'grep ^Cpus_allowed_list: /proc/self/status'
		PREFIX="taskset -c $one" go
		is "Cpus_allowed_list:	$all"
	done
	LEVEL=hardened
	up
	PREFIX="taskset -c $one" run --separate-stderr k exec "$ID" grep ^Cpus_allowed_list: /proc/self/status
	is "Cpus_allowed_list:	$all"
}

# An oom score that a service manager has set can't be lowered without CAP_SYS_RESOURCE. The file is named as in the runtime's own
# procfs, which is not attached where its process could be seen by another name.
@test "H-16: an inherited oom score that can't be taken back stays, unless the bundle asks for zero" {
	local refuse="strace -f -qq -o $W/trace -P /1/oom_score_adj -e trace=write -e inject=write:error=EACCES"
	script 'cat /proc/self/oom_score_adj'
	PREFIX="choom -n 100 --" go
	is 0
	PREFIX="choom -n 100 -- $refuse" go
	grep -q 'write(.*"0".*INJECTED' "$W/trace"
	succeeded
	is 100
	PREFIX=$refuse go
	refused "oom_score_adj is 0 and can't be set to 0"
	script 'echo ran' '.process.oomScoreAdj = 0'
	PREFIX="choom -n 100 -- $refuse" go
	refused 'set oom_score_adj to 0'
}
