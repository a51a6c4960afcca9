# Two old runtimes, with holes that have since been published and closed, against these tests.
#
# Each control passes if the test named fails with a violation whose text fits, so that a recipe
# that detects nothing is itself detected. The tests that both pass by design are controls of the
# other kind: the harness does not cry wolf. Needs exactly the versions named; others skip.
# Last, kanuki itself with the OCI plan has to fail the tests of what the default plan adds.

bats_require_minimum_version 1.5.0

setup_file() {
	cd "$BATS_TEST_DIRNAME" || return 1
	run_controls runc 1.1.5 "${CONTROL_RUNC-}"
	run_controls crun 1.8.1 "${CONTROL_CRUN-}"
	THREATS_LEVELS=oci run_controls kanuki '' "$RT"
}

# run_controls NAME VERSION PATH: one pass of all tests that a control is about.
run_controls() {
	local name=$1 version=$2 rt=${3:-$1} out=$BATS_FILE_TMPDIR/$1
	rt=$(command -v "$rt") || {
		echo "$name is not installed" >"$out.missing"
		return
	}
	"$rt" --version 2>&1 | head -n 1 | grep -qF "$name version $version" || {
		echo "$name $version is not installed: $("$rt" --version | head -n 1)" >"$out.missing"
		return
	}
	printf '%s\n' "$rt" >"$out.path"
	run_tests "$rt" "$(control_tests "$name")" >"$out.tap" 2>&1 || true
}

# run_tests PATH REGEX [LEVEL]: those tests against one runtime, races at that level; TAP on standard
# output.
run_tests() {
	RT=$1 RACE_LEVEL=${3:-L1} THREATS_TIMING='' THREATS_BIN=$THREATS_BIN ./run -j 1 -f "$2" \
		{fd,mounts,dev,mask,proc,tty,cred,config,cgroup,hooks,seccomp,weaknesses}.bats \
		races/*.bats
}

# The tests that this file speaks of for one runtime, as a regular expression.
control_tests() {
	awk -v rt="$1" '$1 ~ /^(fails|loses)$/ && $2 == rt { print "^" $3 "[ :]" }
		$1 == "both_pass" && NF == 2 && rt != "kanuki" { print "^" $2 "[ :]" }' "$BATS_TEST_FILENAME" | sort -u | paste -sd '|'
}

# verdict RUNTIME TEST: the results of that test with their diagnostics.
verdict() {
	local out=$BATS_FILE_TMPDIR/$1
	[[ ! -e $out.missing ]] || skip "$(<"$out.missing")"
	VERDICT=$(awk -v t="$2" '/^(not )?ok / { 
		name = $1 == "ok" ? $3 : $4
		sub(/:$/, "", name)
		on = name == t
	} on' "$out.tap")
	[[ -n $VERDICT ]] || {
		echo "$2 was not run against $1"
		tail -n 20 "$out.tap"
		return 1
	}
}

# fails RUNTIME TEST PATTERN: it was detected, and as the violation that it is.
fails() {
	verdict "$1" "$2"
	echo "$VERDICT"
	grep -q '^not ok ' <<<"$VERDICT"
	grep -q "^# violation: .*$3" <<<"$VERDICT"
}

# loses RUNTIME TEST PATTERN: as fails, for a race, which 20 starts don't lose every time: up to five
# rounds of them. The sixth leaves nothing to luck: the exchange before each path call in turn (L2),
# minutes for a runtime that has a hundred and more.
loses() {
	local level out=$BATS_FILE_TMPDIR/$1
	[[ ! -e $out.missing ]] || skip "$(<"$out.missing")"
	for level in L1 L1 L1 L1 L2; do
		(fails "$@") && return
		echo "won; once more, at level $level"
		(cd "$BATS_TEST_DIRNAME" && run_tests "$(<"$out.path")" "^$2[ :]" "$level") >"$out.tap.again" 2>&1 || true
		cat "$out.tap.again" >>"$out.tap"
	done
	fails "$@"
}

passes() {
	verdict "$1" "$2"
	echo "$VERDICT"
	! grep -q '^not ok ' <<<"$VERDICT"
	grep '^ok ' <<<"$VERDICT" | grep -qv '# skip'
}

@test "control runc 1.1.5: /dev as a link is furnished on the host (CVE-2026-41579)" {
	fails runc T-DEV-1 "the host's directory changed"
}

@test "control runc 1.1.5: /dev/null of the image swallows the streams (CVE-2026-88265)" {
	fails runc T-DEV-3 "the host's directory changed"
}

@test "control runc 1.1.5: a mask is what the image calls null (CVE-2025-31133)" {
	fails runc T-MASK-1 "null is symlink: CANARY"
}

@test "control runc 1.1.5: tmpfs over /proc/self/attr (CVE-2019-16884)" {
	fails runc T-MNT-2 "tmpfs over /proc/self/attr"
}

@test "control runc 1.1.5: a FIFO as passwd stops the start (CVE-2024-9676)" {
	fails runc T-CFG-9a "the runtime hung"
}

@test "control runc 1.1.5: a denied address family with a high bit set (CVE-2026-123876)" {
	fails runc T-SEC-1a "socket-.*-high"
}

@test "control runc 1.1.5: the same with a profile of allowed ranges (CVE-2026-123876)" {
	fails runc T-SEC-1b "socket-.*-high"
}

@test "control runc 1.1.5: a hook gets the container's LD_PRELOAD (CVE-2025-23266)" {
	fails runc T-HK-1a "library was loaded"
}

@test "control runc 1.1.5: a sysctl is written to the image's own /proc (CVE-2025-52881)" {
	fails runc T-PROC-1 "written to the image's own /proc"
}

@test "control runc 1.1.5: race, mask while /dev/null is swapped (CVE-2025-31133)" {
	loses runc T-MASK-1r "CANARY\|the mask is"
}

@test "control runc 1.1.5: race, directories made on the host (CVE-2024-45310)" {
	loses runc T-MNT-4r "the host's directory changed"
}

@test "control runc 1.1.5: race, /proc swapped for a look-alike (CVE-2025-52881)" {
	loses runc T-PROC-3a "the look-alike was written\|the sysctl was not set"
}

@test "control crun 1.8.1: a leaked descriptor of the caller is a way out (CVE-2024-21626)" {
	fails crun T-FD-3f "cwd (unreachable)\|the host's file was read"
}

@test "control crun 1.8.1: /dev as a link is furnished on the host (CVE-2026-47766)" {
	fails crun T-DEV-1 "the host's directory changed"
}

@test "control crun 1.8.1: a file made through /dev/console (CVE-2026-88264)" {
	fails crun T-DEV-2 "the host's directory changed"
}

@test "control crun 1.8.1: /dev/null of the image is written and given away (CVE-2026-88265)" {
	fails crun T-DEV-3 "the host's directory changed"
}

@test "control crun 1.8.1: tmpfs over /proc/self (CVE-2019-16884)" {
	fails crun T-MNT-2 "tmpfs over /proc/self"
}

@test "control crun 1.8.1: uid 4294967295 stays root" {
	fails crun T-CRED-2 "uid 4294967295: 0 0 0"
}

@test "control crun 1.8.1: a NUL cuts an argument short" {
	fails crun T-CFG-6a "started from .process.args"
}

@test "control crun 1.8.1: a FIFO as passwd stops the start (CVE-2024-9676)" {
	fails crun T-CFG-9a "the runtime hung"
}

@test "control crun 1.8.1: a denied address family with a high bit set (CVE-2026-123876)" {
	fails crun T-SEC-1a "socket-.*-high"
}

@test "control crun 1.8.1: the same with a profile of allowed ranges (CVE-2026-123876)" {
	fails crun T-SEC-1b "socket-.*-high"
}

@test "control crun 1.8.1: exec --cgroup climbs out" {
	fails crun T-CG-3b "joined 0::/kt-[0-9]*/outside"
}

both_pass() {
	local test=$1 rt
	for rt in runc crun; do
		passes $rt "$test"
	done
}

@test "control both pass: symlinked /proc and /sys" {
	both_pass T-MNT-1
}

@test "control both pass: targets behind links" {
	both_pass T-MNT-4
}

@test "control both pass: tmpcopyup" {
	both_pass T-MNT-8
}

@test "control both pass: devices through links" {
	both_pass T-DEV-4
}

@test "control both pass: masks through links" {
	both_pass T-MASK-3a
}

@test "control both pass: supplementary groups" {
	both_pass T-CRED-4
}

@test "control both pass: working directory behind a link" {
	both_pass T-CRED-7
}

@test "control both pass: sysctl names that climb" {
	both_pass T-CFG-2b
}

@test "control kanuki's OCI plan: keyrings work" {
	fails kanuki W-03 "keyctl: OK"
}

@test "control kanuki's OCI plan: /proc/keys is readable" {
	fails kanuki W-04 "/proc/keys read=DATA"
}

@test "control kanuki's OCI plan: io_uring is there" {
	fails kanuki W-06 "io_uring_setup"
}

@test "control kanuki's OCI plan: namespaces can be made" {
	fails kanuki W-09 "unshare-user: OK"
}

@test "control kanuki's OCI plan: higher bits and other families" {
	fails kanuki W-11 "socket-.*-high"
}

@test "control kanuki's OCI plan: tracing" {
	fails kanuki W-15 "ptrace-init: OK"
}

@test "control kanuki's OCI plan: what was written is executed" {
	fails kanuki W-16 "exec OK"
}

@test "control kanuki's OCI plan: sockets of families that only widen the surface" {
	fails kanuki W-17 "socket-[a-z]*: OK" # AF_ALG's where the kernel has it, otherwise AF_VSOCK's
}

@test "control kanuki's OCI plan: upcalls of the kernel can be opened for writing" {
	fails kanuki W-18 " /[a-z/_-]* read=[A-Z]* write=OK" # sysrq-trigger where the kernel has it, otherwise core_pattern
}

@test "control kanuki's OCI plan: devices on other mounts" {
	fails kanuki W-21 "devices would work on"
}

@test "control kanuki's OCI plan: programs may gain privileges" {
	fails kanuki W-28 "no_new_privs 0"
}

@test "control kanuki's OCI plan: personality" {
	fails kanuki W-29 "personality: OK"
}

@test "control kanuki's OCI plan: no filter" {
	fails kanuki T-SEC-1c "no filter"
}
