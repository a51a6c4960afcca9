# Masked and read-only paths.

load harness

# --- T-MASK-1 -----------------------------------------------------------------------------------

make_null() {
	local at=$B/rootfs/dev/null
	rm -rf "$at"
	case $1 in
	symlink) ln -s /canary "$at" ;;
	regular) echo CANARY >"$at" ;;
	zero) mknod -m 666 "$at" c 1 5 ;;
	mem) mknod -m 666 "$at" c 1 1 ;;
	fifo) mkfifo -m 666 "$at" ;;
	socket) "$THREATS_BIN/recvfd" "$at" 1 >/dev/null 2>&1 </dev/null & wait_for test -S "$at" ;;
	missing) ;;
	directory) mkdir "$at" ;;
	esac
}

hostile_null() {
	local shape args
	local script='timeout 2 head -c 64 /secret >/res/result; [ -d /secret ] && ls /secret >>/res/result
		stat -c "%F %t:%T %s" /secret >/res/stat'
	mk -s "$script"
	echo MASKED-SECRET >"$B/rootfs/secret"
	launch
	must_run
	[[ $(result) == MASKED-SECRET ]] || broken "the unmasked file can't be read"
	for shape in ordinary symlink regular zero mem fifo socket missing directory; do
		args=-n
		if [[ $shape == ordinary ]]; then
			args=''
		fi
		mk $args -s "$script" '.linux.maskedPaths = ["/secret", "/does/not/exist"]'
		echo MASKED-SECRET >"$B/rootfs/secret"
		echo CANARY >"$B/rootfs/canary"
		make_null "$shape"
		launch
		if [[ $OUTCOME == refused ]]; then
			[[ $shape != ordinary ]] || broken "masking does not work: $(<"$W/stderr")"
			continue
		fi
		[[ ! -s $W/res/result ]] || violation "null is $shape: $(head -c 60 "$W/res/result" | tr -d '\0')"
		[[ $(<"$W/res/stat") == "character special file 1:3 "* ]] ||
			violation "null is $shape: the mask is $(<"$W/res/stat")"
		[[ $(<"$B/rootfs/secret") == MASKED-SECRET ]] || violation "the masked file was changed"
	done
}

@test "T-MASK-1 CVE-2025-31133 CVE-2025-62161: a mask is the real null device whatever the image's is" {
	each_level hostile_null
}

# --- T-MASK-3 -----------------------------------------------------------------------------------

mask_through_links() {
	local list path
	for list in maskedPaths readonlyPaths; do
		for path in /lnk /lnk/sentinel /lnkfile "/vol/../lnk/sentinel" "/lnk/" "/rel" "/up"; do
			mk ".linux.$list = [\"$path\"]"
			ln -s "$W/host" "$B/rootfs/lnk"
			ln -s "$W/host/sentinel" "$B/rootfs/lnkfile"
			ln -s ../../host "$B/rootfs/rel"
			ln -s "../../../../../../../../..$W/host" "$B/rootfs/up"
			launch
			host_same
			[[ $(<"$W/host/sentinel") == "$SECRET" ]] || violation "$path masked the host's file"
		done
	done
}

@test "T-MASK-3a CVE-2023-27561 CVE-2023-28642: masks follow no link out of the root" {
	each_level mask_through_links
}

# Every spelling of a path either masks what it names or stops the start.
mask_spellings() {
	local path
	local script='cat /secret /real/secret /vol/secret >/res/result'
	echo MASKED >"$W/vol/secret"
	for path in '"/secret"' '"/secret", "/secret"' '"/real/../secret"' '"/./secret"' \
		'"//secret"' '"/link/../secret"'; do
		mk -s 'cat /secret >/res/result' ".linux.maskedPaths = [$path]"
		mkdir "$B/rootfs/real" "$B/rootfs/real/deep"
		ln -s /real/deep "$B/rootfs/link"
		echo MASKED >"$B/rootfs/secret"
		echo MASKED >"$B/rootfs/real/secret"
		launch
		if [[ $path == *link* ]]; then
			continue	# with links followed this names /real/secret
		fi
		[[ $OUTCOME == refused || -z $(result) ]] || violation "not masked: $path"
	done
	mk -s 'cat /link >/res/result; cat /dirlink/secret >>/res/result' \
		'.linux.maskedPaths = ["/link", "/dirlink/secret"]'
	mkdir "$B/rootfs/real"
	echo MASKED | tee "$B/rootfs/secret" >"$B/rootfs/real/secret"
	ln -s /secret "$B/rootfs/link"
	ln -s /real "$B/rootfs/dirlink"
	launch
	[[ $OUTCOME == refused || -z $(result) ]] || violation "not masked through a link inside"
	mk -s "$script" '.linux.maskedPaths = ["/vol/secret"] | .mounts += [{ destination: "/vol",
		type: "bind", source: $vol, options: ["bind"] }]'
	launch
	[[ $OUTCOME == refused || -z $(result) ]] || violation "not masked in another mount"
	mk -s 'touch /vol/new && echo wrote >/res/result' \
		'.linux.readonlyPaths = ["/vol"] | .mounts += [{ destination: "/vol", type: "bind",
		source: $vol, options: ["bind", "rw"] }]'
	chmod 777 "$W/vol"
	launch
	[[ $OUTCOME == refused || -z $(result) ]] || violation "a read-only path was written"
	[[ ! -e $W/vol/new ]] || violation "a read-only path was written"
}

@test "T-MASK-3b: every spelling of a masked path masks it" {
	each_level mask_spellings
}

# --- T-MASK-5 -----------------------------------------------------------------------------------

MASKED='/proc/acpi /proc/asound /proc/interrupts /proc/kcore /proc/keys /proc/latency_stats
	/proc/sched_debug /proc/scsi /proc/timer_list /proc/timer_stats /sys/firmware
	/sys/devices/virtual/powercap'
READONLY='/proc/bus /proc/fs /proc/irq /proc/sys /proc/sysrq-trigger'
SYSFS='.mounts += [{ destination: "/sys", type: "sysfs", source: "sysfs",
	options: ["nosuid", "noexec", "nodev", "ro"] }]'

# What a start from the runtime's own template has to hide.
template_masks() {
	mkdir -p "$W/spec-$LEVEL"
	rt spec --bundle "$W/spec-$LEVEL" || (cd "$W/spec-$LEVEL" && rt spec)
	jq -c '.linux | { maskedPaths, readonlyPaths }' "$W/spec-$LEVEL/config.json"
}

default_masks() {
	local path filter='.linux.maskedPaths = []' script='' lists
	if ! is_hardened; then
		# Nothing is forced here: the lists are those of the runtime's own template.
		lists=$(template_masks)
		filter=".linux += $lists"
	fi
	# Root with an override of permissions: what denies is the mount, not the mode.
	for path in $MASKED; do
		script+="if [ -d $path ]; then ls -A $path | sed 's|^|open $path |'
			umount $path 2>/dev/null && echo open $path umounted
			mkdir $path/x 2>/dev/null && echo open $path mkdir
			elif [ -e $path ]; then
			head -c 16 $path 2>/dev/null | wc -c | sed 's|^[^0].*|open $path read|;/^0/d'; fi;"
	done
	for path in /sys/devices/system/cpu/cpu*/thermal_throttle; do
		[[ ! -d $path ]] || script+="ls -A $path | sed 's|^|open $path |';"
	done
	mk -s "{ $script true; } >/res/result 2>/dev/null; exec sleep 20" "$SYSFS" "$filter" \
		'.process.capabilities |= map_values(["CAP_KILL", "CAP_DAC_OVERRIDE"])'
	create
	must_create
	for path in $READONLY; do
		[[ -e $path ]] || continue
		awk -v at="$path" '$5 == at && $6 ~ /(^|,)ro(,|$)/ { ro = 1 } END { exit !ro }' \
			"/proc/$PID/mountinfo" || violation "$path is writable"
	done
	for path in $MASKED; do
		[[ -e $path ]] || continue
		awk -v at="$path" '$5 == at { covered = 1 } END { exit !covered }' \
			"/proc/$PID/mountinfo" || violation "$path is not masked"
	done
	rt start "$CID" >"$W/stdout" 2>"$W/stderr" || broken "start: $(<"$W/stderr")"
	wait_for test -e "$W/res/result"
	sleep 0.2
	[[ -z $(result) ]] || violation "not hidden: $(result)"
	down
}

@test "T-MASK-5a GHSA-7ww5-4wqc-m92c W-04 W-05: what the kernel should not tell is hidden by default" {
	each_level default_masks
}

template_is_complete() {
	local path lists
	[[ $RT_KIND == kanuki ]] || skip "kanuki's own template"
	lists=$(template_masks)
	for path in $MASKED; do
		jq -e --arg p "$path" '.maskedPaths | index($p)' <<<"$lists" >/dev/null ||
			violation "the template does not mask $path"
	done
	for path in $READONLY; do
		jq -e --arg p "$path" '.readonlyPaths | index($p)' <<<"$lists" >/dev/null ||
			violation "the template leaves $path writable"
	done
}

@test "T-MASK-5b W-04: the template of 'spec' lists every one of them" {
	each_level template_is_complete
}
