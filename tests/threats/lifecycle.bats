# State directory, pid files, the start gate, sockets.

load harness

# --- T-LC-1 -------------------------------------------------------------------------------------

no_checkpoint() {
	up
	RC=0
	rt checkpoint --image-path "$W/image" "$CID" >"$W/stdout" 2>"$W/stderr" || RC=$?
	[[ $RC -ne 0 && $RC -lt 124 ]] || violation "checkpoint ended with $RC"
	[[ -s $W/stderr ]] || violation "checkpoint: refused without a word"
	[[ -d /proc/$PID ]] || violation "checkpoint ended the container"
	RC=0
	rt restore --bundle "$B" --image-path "$W/image" other >"$W/stdout" 2>"$W/stderr" || RC=$?
	[[ $RC -ne 0 && $RC -lt 124 ]] || violation "restore ended with $RC"
	host_same
	down
}

@test "T-LC-1 CVE-2026-119101 CVE-2026-115520 CVE-2026-119614: checkpoint and restore are refused cleanly" {
	[[ $RT_KIND == kanuki ]] || skip "the controls may have criu"
	each_level no_checkpoint
}

# --- T-LC-2 -------------------------------------------------------------------------------------

foreign_pid() {
	local verb bystander file
	for verb in 'kill --all' kill 'delete --force' exec; do
		up
		# Not in the same tick of the kernel's clock.
		sleep 0.05
		setsid sleep 60 3>&- 4>&- &
		bystander=$!
		BACKGROUND="${BACKGROUND-} $bystander"
		find "$W/state-$LEVEL" -type f | while read -r file; do
			sed -i "s/\b$PID\b/$bystander/g" "$file"
		done
		RC=0
		# shellcheck disable=SC2086 # a verb and its options
		case $verb in
		exec) rt exec "$CID" /bin/true >"$W/stdout" 2>"$W/stderr" </dev/null || RC=$? ;;
		delete*) rt delete --force "$CID" >"$W/stdout" 2>"$W/stderr" || RC=$? ;;
		kill*) rt $verb "$CID" KILL >"$W/stdout" 2>"$W/stderr" || RC=$? ;;
		esac
		sleep 0.1
		kill -0 "$bystander" 2>/dev/null || violation "$verb: a process outside was killed"
		kill -KILL "$PID" 2>/dev/null || true
		kill "$bystander"
		rt delete --force "$CID" >/dev/null 2>&1 || true
		rm -rf "$W/state-$LEVEL"
	done
}

@test "T-LC-2 W-39: a pid in the record that is somebody else's is never signalled or entered" {
	each_level foreign_pid
}

# --- T-LC-3 -------------------------------------------------------------------------------------

hostile_pid_file() {
	local shape
	for shape in link dangling readonly fifo directory; do
		rm -rf "$W/pid"
		case $shape in
		link) ln -s "$W/host/sentinel" "$W/pid" ;;
		dangling) ln -s "$W/host/new" "$W/pid" ;;
		readonly) echo old >"$W/pid"; chmod 444 "$W/pid" ;;
		fifo) mkfifo "$W/pid" ;;
		directory) mkdir "$W/pid" ;;
		esac
		mk
		new_id
		RC=0
		RT_TIMEOUT=5 rt create --bundle "$B" --pid-file "$W/pid" "$CID" >"$W/stdout" \
			2>"$W/stderr" </dev/null || RC=$?
		[[ $RC -ne 124 && $RC -ne 137 ]] || violation "pid file is $shape: hung"
		host_same
		rt delete --force "$CID" >/dev/null 2>&1 || true
	done
	rm -rf "$W/pid"
}

@test "T-LC-3a: a pid file never writes through a link and never waits" {
	each_level hostile_pid_file
}

hostile_log() {
	mk
	mkfifo "$W/log.$LEVEL"
	new_id
	RC=0
	RT_TIMEOUT=5 rt --log "$W/log.$LEVEL" --log-format json run --bundle "$B" "$CID" \
		>"$W/stdout" 2>"$W/stderr" </dev/null || RC=$?
	[[ $RC -ne 124 && $RC -ne 137 ]] || violation "hung on a log that is a FIFO"
	mk '.process.terminal = true'
	ln -sfn "$W/host/sentinel" "$W/tty.sock"
	new_id
	RC=0
	RT_TIMEOUT=5 rt create --bundle "$B" --console-socket "$W/tty.sock" "$CID" \
		>"$W/stdout" 2>"$W/stderr" </dev/null || RC=$?
	[[ $RC -ne 0 ]] || violation "a file was taken for a console socket"
	[[ $RC -ne 124 && $RC -ne 137 ]] || violation "hung on a console socket that is a file"
	host_same
}

@test "T-LC-3b: nor does a log or a console socket that is something else" {
	[[ $RT_KIND == kanuki ]] || skip "the controls wait for a reader"
	each_level hostile_log
}

# --- T-LC-4 -------------------------------------------------------------------------------------

start_gate() {
	local gate before
	mk -s 'exec sleep 20'
	create
	must_create
	rt start "$CID" >"$W/stdout" 2>"$W/stderr" || broken "start: $(<"$W/stderr")"
	RC=0
	RT_TIMEOUT=5 rt start "$CID" >"$W/stdout" 2>"$W/stderr" || RC=$?
	[[ $RC -ne 0 && $RC -ne 124 ]] || violation "a second start ended with $RC"
	down
	create
	must_create
	kill -KILL "$PID"
	RC=0
	RT_TIMEOUT=5 rt start "$CID" >"$W/stdout" 2>"$W/stderr" || RC=$?
	[[ $RC -ne 0 && $RC -ne 124 ]] || violation "start of a dead container ended with $RC"
	down
	for before in file link; do
		create
		must_create
		gate=$(find "$W/state-$LEVEL" -type p -o -type s)
		[[ -n $gate ]] || broken "no gate in the state directory"
		while read -r gate; do
			rm -f "$gate"
			case $before in
			file) echo >"$gate" ;;
			link) ln -s "$W/host/sentinel" "$gate" ;;
			esac
		done <<<"$gate"
		RC=0
		RT_TIMEOUT=5 rt start "$CID" >"$W/stdout" 2>"$W/stderr" || RC=$?
		[[ $RC -ne 124 && $RC -ne 137 ]] || violation "start hung: the gate is a $before"
		[[ $RC -ne 0 ]] || violation "start succeeded: the gate is a $before"
		host_same
		kill -KILL "$PID" 2>/dev/null || true
		down
	done
}

@test "T-LC-4: the start gate works once, and only if it is the gate" {
	each_level start_gate
}

# --- T-LC-5 -------------------------------------------------------------------------------------

loose_modes() {
	find "$1" ! -type l \( -perm /022 -o -type f -perm /077 -o -type d -perm /066 -o -type s -perm /077 \
		-o -type p -perm /011 -o ! -user 0 \) -printf '%M %u %P\n'
}

state_modes() {
	local found
	umask 0
	mk -s 'exec sleep 20'
	create
	must_create
	rt start "$CID" >"$W/stdout" 2>"$W/stderr" || broken "start: $(<"$W/stderr")"
	umask 022
	found=$(loose_modes "$W/state-$LEVEL")
	[[ -z $found ]] || violation "with umask 0: $found"
	down
}

@test "T-LC-5a CVE-2021-41103 CVE-2024-25621 CVE-2021-41091: the state is the caller's alone whatever the umask" {
	each_level state_modes
}

foreign_root() {
	mk
	mkdir -p "$W/state-$LEVEL"
	chmod 777 "$W/state-$LEVEL"
	launch
	must_refuse "a state root that everybody may write"
	chmod 755 "$W/state-$LEVEL"
	chown 1000 "$W/state-$LEVEL"
	launch
	must_refuse "a state root of another user"
	chown 0 "$W/state-$LEVEL"
}

@test "T-LC-5b CVE-2024-25621: a state root that others can write is refused" {
	[[ $RT_KIND == kanuki ]] || skip "kanuki's own check"
	each_level foreign_root
}

# --- T-LC-6 -------------------------------------------------------------------------------------

abstract_sockets() {
	mk -s 'exec sleep 20'
	new_id
	clear_results
	# In a network namespace of its own, so that only the runtime's sockets are listed.
	RC=0
	timeout -k 2 15 unshare -n sh -c '
		rt=$1 root=$2 bundle=$3 id=$4 out=$5
		shift 5
		"$rt" "$@" --root "$root" create --bundle "$bundle" "$id" >"$out" 2>&1 </dev/null &&
			cat /proc/net/unix && "$rt" "$@" --root "$root" start "$id" && cat /proc/net/unix
		' sh "$RTX" "$W/state-$LEVEL" "$B" "$CID" "$W/stderr" "${LEVEL_ARGS[@]}" \
		>"$W/unix" 3>&- 4>&- || RC=$?
	[[ $RC -eq 0 ]] || broken "$(<"$W/stderr")"
	! grep -q ' @' "$W/unix" || violation "abstract socket: $(grep ' @' "$W/unix")"
	down
}

@test "T-LC-6a CVE-2020-15257: no abstract socket, at no time" {
	each_level abstract_sockets
}

long_socket_paths() {
	local root
	root=$W/$(printf 'x%.0s' {1..90})/$(printf 'y%.0s' {1..90})
	mkdir -p "$root"
	mk
	RC=0
	timeout -k 2 15 "$RTX" "${LEVEL_ARGS[@]}" --root "$root" create --bundle "$B" long \
		>"$W/stdout" 2>"$W/stderr" </dev/null 3>&- 4>&- || RC=$?
	if [[ $RC -eq 0 ]]; then
		timeout 15 "$RTX" "${LEVEL_ARGS[@]}" --root "$root" start long >"$W/stdout" 2>"$W/stderr" \
			3>&- 4>&- || violation "created, but can't be started: $(<"$W/stderr")"
	else
		[[ -s $W/stderr ]] || violation "refused without a word"
	fi
	timeout 15 "$RTX" "${LEVEL_ARGS[@]}" --root "$root" delete --force long 3>&- 4>&- || true
	[[ -z $(find "$W" -maxdepth 3 -type s) ]] || violation "a socket under a truncated name"
}

@test "T-LC-6b: a state root longer than a socket's path is no truncation" {
	each_level long_socket_paths
}

# --- T-LC-7 -------------------------------------------------------------------------------------

log_injection() {
	mk '.process.args = ["/no/such\n{\"level\":\"info\"}\u001b]0;x\u0007\"" + "x" * 20000]'
	rm -f "$W/log"
	new_id
	RC=0
	rt --log "$W/log" --log-format json run --bundle "$B" "$CID" >"$W/stdout" 2>"$W/stderr" \
		</dev/null || RC=$?
	[[ $RC -ne 0 ]] || broken "started"
	jq -es 'map(select(.level == "info")) == []' "$W/log" >/dev/null ||
		violation "the log is no JSON, or a line was injected: $(head -c 300 "$W/log")"
	if [[ $RT_KIND == kanuki ]]; then
		[[ $(wc -l <"$W/log") -eq 1 ]] || violation "$(wc -l <"$W/log") lines for one failure"
		[[ $(wc -c <"$W/log") -le 4096 ]] || violation "$(wc -c <"$W/log") bytes for one failure"
		[[ $(wc -c <"$W/stderr") -le 4096 ]] || violation "$(wc -c <"$W/stderr") bytes on stderr"
		! grep -q $'\e' "$W/stderr" || violation "control characters on stderr"
	fi
}

@test "T-LC-7 W-37: what the container names is escaped and bounded in messages and log" {
	each_level log_injection
}

# --- T-LC-8 -------------------------------------------------------------------------------------

removal() {
	local dir
	mkdir -p "$W/host/tree/deep"
	echo keep >"$W/host/tree/deep/file"
	host_remember
	up
	dir=$(find "$W/state-$LEVEL" -type d -name "$CID" | head -n 1)
	[[ -n $dir ]] || broken "no state directory"
	ln -s "$W/host/tree" "$dir/planted"
	ln -s "$W/host/tree/deep/file" "$dir/planted-file"
	mkdir "$dir/sub"
	ln -s "$W/host/tree" "$dir/sub/planted"
	rt delete --force "$CID" >"$W/stdout" 2>"$W/stderr" || true
	host_same
	rm -rf "$dir"
}

@test "T-LC-8: deletion follows no link" {
	each_level removal
}
