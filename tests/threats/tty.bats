# Terminals: whose they are, and what can be typed into them.

load harness

# --- T-TTY-1 ------------------------------------------------------------------------------------

make_ptmx() {
	local at=$B/rootfs/dev/ptmx
	rm -f "$at"
	case $1 in
	missing) ;;
	symlink) ln -s /canary "$at" ;;
	host) ln -s "$W/host/sentinel" "$at" ;;
	regular) echo CANARY >"$at" ;;
	other) mknod -m 666 "$at" c 1 5 ;;
	real) mknod -m 666 "$at" c 5 2 ;;
	esac
}

terminal_is_ours() {
	local what=$1
	host_same
	[[ $RC -eq 0 ]] || return 0
	rt start "$CID" >"$W/stdout" 2>"$W/stderr" || broken "start: $(<"$W/stderr")"
	wait_for test -s "$W/res/result"
	# The receiver is a process of its own and may say later what it was sent before.
	wait_for grep -q '^fd ' "$W/console"
	[[ $(result) == "character special file 88:"* ]] || violation "$what: console is $(result)"
	grep -q '^fd chr 136:\|^fd chr 5:2' "$W/console" || violation "$what: sent $(<"$W/console")"
	grep -q 'tiocgptn yes host-tty no' "$W/console" || violation "$what: sent $(<"$W/console")"
	down
}

hostile_pts() {
	local ptmx n
	mk -s 'stat -Lc "%F %t:%T" /dev/console >/res/result' '.process.terminal = true'
	console_create
	must_create
	terminal_is_ours baseline
	for ptmx in missing symlink host regular other real; do
		mk -n -s 'stat -Lc "%F %t:%T" /dev/console >/res/result' '.process.terminal = true'
		mkdir -p "$B/rootfs/dev/pts"
		echo CANARY >"$B/rootfs/canary"
		for n in {0..9}; do
			ln -s /canary "$B/rootfs/dev/pts/$n"
		done
		make_ptmx "$ptmx"
		console_create
		terminal_is_ours "ptmx $ptmx"
		[[ $(<"$B/rootfs/canary") == CANARY ]] || violation "the canary was written"
	done
}

@test "T-TTY-1 CVE-2025-52565: /dev/console is a terminal of the container's own devpts" {
	each_level hostile_pts
}

# --- T-TTY-2 ------------------------------------------------------------------------------------

nothing_typed() {
	local line
	grep -q 'ptyrun: status' "$1" || broken "ptyrun said nothing: $(<"$1")"
	grep -q 'injected 0' "$1" || violation "$2: $(grep injected "$1")"
	line=$(tr -d '\r' <"$W/res/result" | grep '^ioctl .* OK' | head -n 1) || true
	[[ -z $line ]] || violation "$2: $line"
	grep -q '^ioctl 0 0x5412' "$W/res/result" || broken "$2: no attempt was made"
}

typing() {
	local attack='/bin/probe tty >/res/result'
	# Root of the container's user, without the capability that lifts the check.
	mk -s "$attack"
	RT_PREFIX="$THREATS_BIN/ptyrun" run_raw
	nothing_typed "$W/stdout" run
	mk -s "$attack" '.process.terminal = true'
	RT_PREFIX="$THREATS_BIN/ptyrun" run_raw
	grep -q 'injected 0' "$W/stdout" || violation "run with a terminal: $(<"$W/stdout")"
	mk -s "sleep 0.2; $attack"
	new_id
	clear_results
	timeout -k 2 15 "$THREATS_BIN/ptyrun" sh -c '"$@"; sleep 0.8' sh "$RTX" "${LEVEL_ARGS[@]}" \
		--root "$W/state-$LEVEL" run --detach --bundle "$B" "$CID" >"$W/stdout" 2>&1 3>&- 4>&- || true
	nothing_typed "$W/stdout" 'run --detach'
	up
	rm -f "$W/res/result"
	RT_PREFIX="$THREATS_BIN/ptyrun" xc "$CID" /bin/sh -c '/bin/probe tty >/res/result'
	nothing_typed "$W/stdout" exec
	RT_PREFIX="$THREATS_BIN/ptyrun" xc --tty "$CID" /bin/sh -c '/bin/probe tty >/res/result'
	grep -q 'injected 0' "$W/stdout" || violation "exec --tty: $(<"$W/stdout")"
	down
}

@test "T-TTY-2 CVE-2016-10124 CVE-2017-5226 CVE-2019-10063 CVE-2019-7303 W-08: nothing is typed into the caller's terminal" {
	each_level typing
}
