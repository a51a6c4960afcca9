# The runtime's own program and the file descriptors it holds.

load harness

# --- T-FD-1 -------------------------------------------------------------------------------------

no_interp_write() {
	if [[ -e $W/res/interp ]]; then
		[[ $(<"$W/res/interp") == denied ]] || violation "the image's loader wrote to the runtime"
	fi
	runtime_same
}

reexec_self() {
	baseline
	mk '.process.args = ["/proc/self/exe", "--version"]'
	# Where a dynamic program would find its loader, the image has its own.
	mkdir -p "$B/rootfs/lib64"
	cp "$THREATS_BIN/interp" "$B/rootfs/lib64/ld-linux-x86-64.so.2"
	cp "$THREATS_BIN/interp" "$B/rootfs/lib/ld-linux-aarch64.so.1"
	run_raw
	no_interp_write
	printf '#!/proc/self/exe --version\n' >"$B/rootfs/evil"
	chmod 755 "$B/rootfs/evil"
	edit '.process.args = ["/evil"]'
	run_raw
	no_interp_write
	# The same through exec, where the runtime joins what the image's program watches.
	up
	mkdir -p "$B/rootfs/lib64"
	cp "$THREATS_BIN/interp" "$B/rootfs/lib64/ld-linux-x86-64.so.2"
	xc "$CID" /proc/self/exe --version
	no_interp_write
	down
}

@test "T-FD-1a CVE-2019-5736 CVE-2020-14298: the runtime re-executed inside the container can't be written" {
	each_level reexec_self
}

# Where the plan says that the host's file is out of reach, it is never a program of the container,
# however it is called; what is never executed there is never open to it.
exe_out_of_reach() {
	local how
	is_hardened || violation "the container's first process is the host's file"
	printf '#!/proc/self/exe --version\n' >"$B/rootfs/evil"
	chmod 755 "$B/rootfs/evil"
	for how in '["/proc/self/exe", "--version"]' '["/evil"]' '["/proc/1/exe", "--version"]' \
		'["/proc/thread-self/exe", "--version"]' '["/proc/self/task/1/exe", "--version"]'; do
		edit ".process.args = $how"
		run_raw
		[[ $RC -ne 0 ]] || violation "the host's file was executed by $how"
	done
	up
	for how in /proc/self/exe /evil /proc/1/exe; do
		cp "$W/evil" "$B/rootfs/evil"
		xc "$CID" $how --version
		[[ $RC -ne 0 ]] || violation "the host's file was executed by exec $how"
	done
	down
}

sealed_exe() {
	local seals seal
	printf '#!/proc/self/exe --version\n' >"$W/evil"
	chmod 755 "$W/evil"
	mk
	create
	must_create
	seals=$("$THREATS_BIN/warden" seals "/proc/$PID/exe")
	if [[ $(stat -Lc %d:%i "/proc/$PID/exe") == $(stat -Lc %d:%i "$RTX") ]]; then
		down
		exe_out_of_reach
		return
	fi
	for seal in memfd write grow shrink seal; do
		[[ " $seals " == *" $seal "* ]] || violation "not a sealed copy ($seal): $seals"
	done
	[[ $(readlink "/proc/$PID/exe") == "/memfd:"*"(deleted)" ]] ||
		violation "exe is $(readlink "/proc/$PID/exe")"
	down
}

@test "T-FD-1d CVE-2019-5736 CVE-2026-31431: what waits in the container is a sealed copy of the program, or nobody can execute it there" {
	each_level sealed_exe
}

own_exe() {
	baseline -s '/bin/thief exe 0.3 >/res/result'
	[[ $(result) == *done* ]] || broken "no attack was made"
	[[ $(result) != *granted\ write* ]] || violation "the payload wrote to a running program"
}

@test "T-FD-1e CVE-2019-5736: a running program is not writable through a descriptor" {
	each_level own_exe
}

# --- T-FD-2 -------------------------------------------------------------------------------------

# frozen_victim ATTACKER-FILTER JOINED-NAMESPACE...: a container waits in "created" inside the
# namespaces of another one, whose root attacks it. (CAP_SYS_PTRACE in the host's own user
# namespace reaches everything by the kernel's design; no runtime could prevent that.)
frozen_victim() {
	local victim_level=$LEVEL thief thief_pid thief_level victim ns joins=''
	local attacker=$1
	shift
	weakest
	thief_level=$LEVEL
	B=$W/thief up "$attacker"
	thief=$CID
	thief_pid=$PID
	for ns; do
		joins+=" | .linux.namespaces |= map(select(.type != \"$ns\"))"
		joins+=" | .linux.namespaces += [{ type: \"$ns\", path: \"/proc/$thief_pid/ns/$ns\" }]"
		if [[ $ns == user ]]; then
			# Engines send the mappings along with the path.
			joins+=" | .linux.uidMappings = [{ containerID: 0, hostID: 100000, size: 65536 }]"
			joins+=" | .linux.gidMappings = .linux.uidMappings"
		fi
	done
	at "$victim_level"
	mk ".$joins"
	create
	if is_hardened && [[ $RC -ne 0 && " $* " == *" user "* ]]; then
		return	# there is no such container to attack
	fi
	must_create
	victim=$(in_ns_pid "$PID")
	at "$thief_level"
	xc "$thief" /bin/thief pid "$victim"
	[[ $(<"$W/stdout") == *"thief: done"* ]] || broken "no attack was made: $(<"$W/stdout")"
	[[ $(<"$W/stdout") == *"granted 0"* ]] ||
		violation "a sibling container reached the waiting process: $(head -5 "$W/stdout")"
	CID=$thief
	down
}

@test "T-FD-2a CVE-2016-9962 CVE-2016-8649 CVE-2020-14300: the waiting process can't be traced or read by a sibling's root" {
	each_level frozen_victim ".process.capabilities |= map_values($ENGINE_CAPS)" pid
}

@test "T-FD-2b CVE-2016-9962 CVE-2026-41163: nor by one with all rights in the user namespace they share" {
	each_level frozen_victim "$USERNS | .process.capabilities |= map_values($ENGINE_CAPS
		+ [\"CAP_SYS_PTRACE\", \"CAP_SYS_ADMIN\", \"CAP_DAC_READ_SEARCH\"])" pid user
}

# --- T-FD-3 -------------------------------------------------------------------------------------

# Says where it is and tries to read the host's secret from there.
reach() {
	echo "/bin/probe cwd >/res/result; cat .$W/host/sentinel ../../../../../../../..$W/host/sentinel"
}

inside_or_refused() {
	if [[ $OUTCOME == ran ]]; then
		[[ $(result) == "cwd /"* ]] || violation "$1: $(result)"
	fi
	no_secret "$1"
}

# try_cwd CWD: one start with this working directory, from the template that try_cwds made.
try_cwd() {
	sed "s|@CWD@|$1|" "$B/template.json" >"$B/config.json"
	launch "${@:2}"
	inside_or_refused "cwd $1"
}

cwd_variants() {
	local n
	baseline -s "$(reach)"
	inside_or_refused baseline
	mk -s "$(reach)" '.process.cwd = "@CWD@"'
	mv "$B/config.json" "$B/template.json"
	for n in {0..127}; do
		try_cwd "/proc/self/fd/$n"
	done
	for n in {3..14}; do
		try_cwd "/proc/1/fd/$n"
		try_cwd "/proc/thread-self/fd/$n"
		try_cwd "/proc/self/task/1/fd/$n"
		try_cwd "/proc/self/fd/$n/../../.."
		ln -sfn "/proc/self/fd/$n" "$B/rootfs/w"
		try_cwd /w
	done
}

@test "T-FD-3a CVE-2024-21626: no working directory leads to the host (run)" {
	each_level cwd_variants
}

exec_cwd_variants() {
	local n cwd
	up
	xc --cwd / "$CID" /bin/sh -c "$(reach)"
	[[ $(result) == "cwd /" ]] || broken "exec does not work: $(result)"
	for n in {0..31}; do
		for cwd in "/proc/self/fd/$n" "/proc/1/fd/$n/.."; do
			rm -f "$W/res/result"
			xc --cwd "$cwd" "$CID" /bin/sh -c "$(reach)"
			OUTCOME=refused
			if [[ -s $W/res/result ]]; then
				OUTCOME=ran
			fi
			inside_or_refused "exec --cwd $cwd"
		done
	done
	down
}

@test "T-FD-3d CVE-2024-21626: no working directory leads to the host (exec)" {
	each_level exec_cwd_variants
}

args_variants() {
	local n args
	baseline
	cp "$THREATS_BIN/probe" "$W/host/escape"
	host_remember
	mk '.process.args = ["@ARG@", "mark", "/res/escaped"]'
	mv "$B/config.json" "$B/template.json"
	for n in {3..15}; do
		for args in "/proc/self/fd/$n/../../../../../../../..$W/host/escape" \
			"/proc/1/fd/$n/../../../../../../../..$W/host/escape"; do
			sed "s|@ARG@|$args|" "$B/template.json" >"$B/config.json"
			run_raw
			[[ ! -e $W/res/escaped ]] || violation "a program of the host was run: $args"
		done
	done
}

@test "T-FD-3e CVE-2024-21626: no program of the host is run through a descriptor" {
	each_level args_variants
}

caller_leak() {
	local RT_PREFIX=''
	mk -s "$(reach)" '.process.cwd = "@CWD@"'
	mv "$B/config.json" "$B/template.json"
	try_cwd /
	must_run
	RT_PREFIX="$THREATS_BIN/warden inherit 9 /"
	try_cwd /proc/self/fd/9
	try_cwd /proc/self/fd/9 --preserve-fds 0
	try_cwd /proc/1/fd/9
	ln -sfn /proc/self/fd/9 "$B/rootfs/w"
	try_cwd /w
	RT_PREFIX="$THREATS_BIN/warden inherit 3 /"
	try_cwd /proc/self/fd/3
	RT_PREFIX=''
	up
	RT_PREFIX="$THREATS_BIN/warden inherit 9 /"
	xc --cwd /proc/self/fd/9 "$CID" /bin/sh -c "$(reach)"
	no_secret "exec with a leaked descriptor"
	RT_PREFIX=''
	down
}

@test "T-FD-3f CVE-2024-21626: a directory that the caller left open is no way out" {
	each_level caller_leak
}

# --- T-FD-4 -------------------------------------------------------------------------------------

fds_are() {
	local have
	must_run
	have=$(awk '$1 == "fd" { printf "%s%s", sep, $2; sep = " " }' "$W/res/result")
	[[ $have == "$1" ]] || violation "$2: descriptors '$have' instead of '$1'"
}

payload_fds() {
	local RT_PREFIX=''
	mk -s 'exec /bin/probe fds >/res/result'
	launch
	fds_are '0 1 2' 'plain'
	RT_PREFIX="$THREATS_BIN/warden inherit 9 $W/host"
	launch
	fds_are '0 1 2' 'caller leaks 9'
	RT_PREFIX="$THREATS_BIN/warden inherit 3 $W/host/sentinel"
	launch --preserve-fds 1
	fds_are '0 1 2 3' 'one preserved'
	printf '#!/bin/sh\nexport LISTEN_PID=$$ LISTEN_FDS=1\nexec "$@"\n' >"$W/listen"
	chmod 755 "$W/listen"
	RT_PREFIX="$W/listen $THREATS_BIN/warden inherit 4 $W/host $THREATS_BIN/warden inherit 3"
	RT_PREFIX+=" $W/host/sentinel"
	launch
	fds_are '0 1 2 3' 'one socket-activated'
	RT_PREFIX=''
	up
	RT_PREFIX="$THREATS_BIN/warden inherit 9 $W/host"
	xc "$CID" /bin/probe fds
	cp "$W/stdout" "$W/res/result"
	fds_are '0 1 2' 'exec'
	RT_PREFIX=''
	down
}

@test "T-FD-4a CVE-2024-21626 CVE-2015-3627 CVE-2016-8649: the payload has its standard streams and what was asked" {
	each_level payload_fds
}

# Outside the standard streams, nothing that leads to a directory or to a mount that is not the
# container's.
audit_fds() {
	local fd link mnt
	for fd in "/proc/$PID/fd"/*; do
		case ${fd##*/} in
		0 | 1 | 2) continue ;;
		esac
		link=$(readlink "$fd") || continue
		case $link in
		pipe:* | socket:* | anon_inode:* | /dev/pts/* | /dev/null | */exec.fifo) continue ;;
		"/memfd:"*"(deleted)") continue ;;
		esac
		mnt=$(awk '/^mnt_id:/ { print $2 }' "/proc/$PID/fdinfo/${fd##*/}")
		[[ ! -d $fd ]] || violation "the waiting process holds a directory: $link"
		grep -q "^$mnt " "/proc/$PID/mountinfo" ||
			violation "the waiting process holds a file of the host: $link"
	done
}

waiting_fds() {
	mk '.linux.maskedPaths = ["/proc/kcore"] | .linux.readonlyPaths = ["/proc/sys"]'
	RT_PREFIX="$THREATS_BIN/warden inherit 9 $W/host" create
	must_create
	audit_fds
	[[ $(readlink "/proc/$PID/cwd") == / ]] ||
		[[ $(stat -Lc %d:%i "/proc/$PID/cwd") == $(stat -Lc %d:%i "/proc/$PID/root") ]] ||
		violation "the waiting process stands in $(readlink "/proc/$PID/cwd")"
	down
}

@test "T-FD-4b CVE-2024-21626 CVE-2016-8649: the waiting process holds nothing of the host" {
	each_level waiting_fds
}

listener_fds() {
	mk -s 'exec /bin/probe fds >/res/result' '.linux.seccomp = {
		defaultAction: "SCMP_ACT_ALLOW", listenerPath: ($b + "/agent"),
		syscalls: [ { names: ["acct"], action: "SCMP_ACT_NOTIFY" } ] }'
	background "$THREATS_BIN/recvfd" "$B/agent" 10 >"$W/agent.out"
	wait_for test -S "$B/agent"
	launch
	if [[ $OUTCOME == refused ]]; then
		# Without a listener in libseccomp there is nothing that could stay open.
		grep -qi 'seccomp\|notify\|listener' "$W/stderr" || broken "refused: $(<"$W/stderr")"
		return
	fi
	fds_are '0 1 2' 'seccomp listener'
	grep -q '^fd ' "$W/agent.out" || violation "the agent got no listener"
}

@test "T-FD-4c W-42: the seccomp listener does not stay in the container" {
	each_level listener_fds
}

# --- T-FD-6 -------------------------------------------------------------------------------------

plant_traps() {
	local root=$B/rootfs lib tool
	for lib in lib lib64 lib/x86_64-linux-gnu usr/lib usr/lib/x86_64-linux-gnu; do
		mkdir -p "$root/$lib/gconv"
		for tool in libnss_files.so.2 libnss_compat.so.2 libnss_systemd.so.2 libc.so.6 \
			libseccomp.so.2 libcap.so.2 libyajl.so.2 libmount.so.1 gconv/UTF-16.so; do
			cp "$THREATS_BIN/trap.so" "$root/$lib/$tool"
		done
	done
	cp "$THREATS_BIN/trap.so" "$root/trap.so"
	echo /trap.so >"$root/etc/ld.so.preload"
	echo /lib >"$root/etc/ld.so.conf"
	printf 'passwd: files compat\ngroup: files compat\nhosts: files\n' >"$root/etc/nsswitch.conf"
	for tool in newuidmap newgidmap passt iptables nsenter ldconfig gzip unpigz modprobe; do
		printf '#!/bin/sh\n: >/tripped; : >/res/tripped\n' >"$root/bin/$tool"
		chmod 755 "$root/bin/$tool"
		ln -sf "/bin/$tool" "$root/sbin/$tool"
		ln -sf "/bin/$tool" "$root/usr/bin/$tool"
	done
}

# What a runtime's process opens and executes once it stands in the container, up to the payload.
foreign_code() {
	awk '
		{ pid = $1; call = $0; sub(/^[0-9]+ +/, "", call) }
		/clone3?\(|clone3? resumed|fork/ && $NF ~ /^[0-9]+$/ { if (inside[pid]) inside[$NF] = 1 }
		call ~ /^(pivot_root|setns|chroot)\(/ && $NF == 0 { inside[pid] = 1 }
		!inside[pid] { next }
		call ~ /^exec/ && !/ENOENT|EACCES/ {
			if (call !~ /"\/bin\/(sh|id)"|AT_EMPTY_PATH/) print
			inside[pid] = 0
			next
		}
		# A descriptor that only names the file loads nothing.
		call ~ /^open/ && !/O_PATH/ && /\.so|gconv|locale|nsswitch|ld\.so/ { print }
	' "$1"
}

booby_traps() {
	local found
	mk -s 'id >/res/result; exec sleep 30' 'del(.process.env)' '.process.env = ["PATH=/bin", "LANG=de_DE.UTF-16"]'
	plant_traps
	new_id
	clear_results
	RT_PREFIX="strace -f -qq -o $W/strace -e trace=execve,execveat,open,openat,openat2,setns,chroot,pivot_root,clone,clone3,fork,vfork"
	RC=0
	rt run --detach --bundle "$B" "$CID" >"$W/stdout" 2>"$W/stderr" </dev/null &
	wait_for test -s "$W/res/result"
	RT_PREFIX=''
	xc "$CID" /bin/id
	RT_PREFIX="strace -f -qq -o $W/strace-exec -e trace=execve,execveat,open,openat,openat2,setns,chroot,pivot_root,clone,clone3,fork,vfork"
	xc "$CID" /bin/id
	[[ $RC -eq 0 ]] || broken "exec failed"
	RT_PREFIX=''
	down
	wait
	[[ ! -e $B/rootfs/tripped && ! -e $W/res/tripped ]] || violation "a program of the image was run"
	[[ ! -e /srv/tripped ]] || violation "a library of the image was loaded"
	grep -q 'pivot_root\|chroot' "$W/strace" || broken "nothing was traced"
	grep -q 'setns' "$W/strace-exec" || broken "nothing was traced"
	found=$(foreign_code "$W/strace"; foreign_code "$W/strace-exec")
	[[ -z $found ]] || violation "after entering the container: $found"
}

@test "T-FD-6 CVE-2019-14271 CVE-2022-1227 CVE-2026-41567 CVE-2026-84042: no code of the image runs with the runtime's rights" {
	each_level booby_traps
}
