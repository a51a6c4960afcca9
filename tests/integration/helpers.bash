# What the integration tests stand on: a busybox root, a bundle made from 'kanuki spec' and jq filters, and a look afterwards
# for what a container left behind. Run through 'make check-integration'; alone: tests/lib/rootns bats tests/integration/FILE.bats
# with KANUKI and top_builddir set. A test's LEVEL is the policy: hardened (default; the tests' own directory may be bound, and no scan
# gate is asked, for a test's bundle has no image) or another built-in; or it writes a file (policy).
# shellcheck shell=bash

bats_require_minimum_version 1.5.0

: "${KANUKI:?the program under test}" "${top_builddir:?the build tree}"
TOOLS=$top_builddir/tests/integration/bin
THREATS_TOOLS=$top_builddir/tests/threats/bin
ORACLE=$top_builddir/tests/oracle/mounts

# Once in each file: the image, and the config that every bundle starts from.
setup_file() {
	local root=$BATS_FILE_TMPDIR/rootfs applet
	mkdir -p "$root"/{bin,data,dev,etc,home,lib,mnt,proc,run,sbin,sys,tmp,usr/bin,var/tmp}
	chmod 1777 "$root/tmp" "$root/var/tmp"
	cp "$(command -v busybox)" "$root/bin/busybox"
	for applet in $("$root/bin/busybox" --list); do
		[ -e "$root/bin/$applet" ] || ln -s busybox "$root/bin/$applet"
	done
	cp "$TOOLS/inside" "$THREATS_TOOLS/probe" "$root/bin/"
	printf 'root:x:0:0::/root:/bin/sh\n' > "$root/etc/passwd"
	chmod 755 "$BATS_FILE_TMPDIR"
	(cd "$BATS_FILE_TMPDIR" && "$KANUKI" spec)
	jq '.process.terminal = false | .process.env = ["PATH=/bin"] | .root.path = $root' --arg root "$root" \
		"$BATS_FILE_TMPDIR/config.json" > "$BATS_FILE_TMPDIR/base.json"
	# Only what root alone may write is taken, so it isn't below /tmp.
	HARDENED_DIR=$(mktemp -d /run/kanuki-policy.XXXXXX)
	export HARDENED_DIR
	jq -n --arg dir "$(realpath "$BATS_RUN_TMPDIR")" '{version: 1, gate: {mode: "off"}, mounts: {allow: [{source: $dir, writable: true}, {source: "/usr/share"}]}}' \
		> "$HARDENED_DIR/policy.json"
	chmod 755 "$HARDENED_DIR"
	chmod 644 "$HARDENED_DIR/policy.json"
	if declare -F file_begin > /dev/null; then file_begin; fi
}

teardown_file() {
	[ -z "${HARDENED_DIR-}" ] || rm -r "$HARDENED_DIR"
}

setup() {
	W=$BATS_TEST_TMPDIR
	B=$W/bundle
	ROOT=$W/state
	IMAGE=$BATS_FILE_TMPDIR/rootfs
	ID=it-$$-$BATS_TEST_NUMBER
	: "${LEVEL:=hardened}"
	POLICY_DIR=
	mkdir -p "$B"
	if declare -F test_begin > /dev/null; then test_begin; fi
}

# Whatever a test did, 'delete --force' of its containers leaves nothing: this is checked after each of them.
teardown() {
	local dir left
	if declare -F test_end > /dev/null; then test_end; fi
	[ -z "${BACKGROUND-}" ] || kill $BACKGROUND 2> /dev/null || :
	for dir in "$ROOT"/*/; do
		[ ! -d "$dir" ] || k delete --force "$(basename "$dir")"
	done
	[ -z "$POLICY_DIR" ] || rm -r "$POLICY_DIR"
	POLICY_DIR=
	left=$(find "$ROOT" -mindepth 1 2> /dev/null) || :
	[ -z "$left" ] || { echo "left in the state directory: $left"; return 1; }
	left=$(find /sys/fs/cgroup/kanuki -maxdepth 1 -name "$ID*" 2> /dev/null) || :
	[ -z "$left" ] || { echo "left cgroups: $left"; return 1; }
	! grep -F "$W/" /proc/self/mountinfo || { echo "left mounts"; return 1; }
}

# k ARGS...: the program at the test's level with its own state directory; without bats's descriptors, and never for ever.
k() {
	local policy=builtin:$LEVEL
	[ "$LEVEL" != hardened ] || policy=$HARDENED_DIR/policy.json
	[ -z "$POLICY_DIR" ] || policy=$POLICY_DIR/policy.json
	# shellcheck disable=SC2086 # PREFIX is a command and its arguments
	timeout -k 1 "${LIMIT:-20}" ${PREFIX-} "$KANUKI" --root "$ROOT" \
		--policy "$policy" "$@" 3>&- 4>&-
}

# policy JSON: from here on k's policy is this file. One that says nothing of the gate at level hardened gets none asked.
policy() {
	local text
	POLICY_DIR=${POLICY_DIR:-$(mktemp -d /run/kanuki-policy.XXXXXX)}
	text=$(jq -ce 'if has("gate") or has("level") and .level != "hardened" then empty else .gate = {mode: "off"} end' 2> /dev/null <<< "$1") ||
		text=$1
	printf '%s\n' "$text" > "$POLICY_DIR/policy.json"
	chmod 644 "$POLICY_DIR/policy.json"
}

# bundle [FILTER...]: config.json from the base and jq filters, which may use $w (the test's directory) and $image.
bundle() {
	local filter=. part
	for part; do filter="$filter | $part"; done
	jq --arg w "$W" --arg image "$IMAGE" "$filter" "$BATS_FILE_TMPDIR/base.json" > "$B/config.json"
}

# script TEXT [FILTER...]: a bundle whose program is a shell script.
script() {
	local text=$1
	shift
	bundle "$@"
	jq --arg text "$text" '.process.args = ["/bin/sh", "-c", $text]' "$B/config.json" > "$B/new" && mv "$B/new" "$B/config.json"
}

# own_image: the test may change this copy; $IMAGE names it from then on (call it before bundle).
own_image() {
	cp -a "$BATS_FILE_TMPDIR/rootfs" "$W/image"
	IMAGE=$W/image
	jq '.root.path = $image' --arg image "$IMAGE" "$BATS_FILE_TMPDIR/base.json" > "$W/base.json"
	bundle() {
		local filter=. part
		for part; do filter="$filter | $part"; done
		jq --arg w "$W" --arg image "$IMAGE" "$filter" "$W/base.json" > "$B/config.json"
	}
}

# go [RUN-ARGS]: runs the bundle to its end; status, output and stderr are bats's.
go() {
	run --separate-stderr k run --bundle "$B" "$@" "$ID" < /dev/null
}

# inside TEXT [FILTER...]: script and go in one, which must succeed.
inside() {
	script "$@"
	go
	succeeded
}

# up [FILTER...]: a container that keeps running; PID is its process.
up() {
	script 'exec sleep 1000' "$@"
	k run --detach --pid-file "$W/pid" --bundle "$B" "$ID" < /dev/null > "$W/up.out" 2>&1 || { cat "$W/up.out"; return 1; }
	PID=$(cat "$W/pid")
}

show() {
	printf 'status %s\nstdout: %s\nstderr: %s\n' "${status-}" "${output-}" "${stderr-}"
}

succeeded() {
	[ "$status" = 0 ] && [ -z "$stderr" ] || { show; return 1; }
}

# refused TEXT...: failed with status 1, wrote one line to stderr that holds each text, and nothing ran.
refused() {
	local text
	[ "$status" = 1 ] && [ -z "$output" ] && [ "$(printf '%s\n' "$stderr" | wc -l)" = 1 ] || { show; return 1; }
	for text; do
		case $stderr in
		*"$text"*) ;;
		*) show; echo "missing: $text"; return 1 ;;
		esac
	done
	[ ! -e "$ROOT/$ID" ] || { echo "a state directory remains"; return 1; }
}

# The interfaces of a network namespace that was just made.
new_interfaces() { unshare --net tail -n +3 /proc/self/net/dev | cut -d: -f1 | tr -d ' ' | sort; }

# is EXPECTED [ACTUAL]: equal (without ACTUAL: bats's output).
is() {
	local actual=${2-$output}
	[ "$actual" = "$1" ] || { printf 'expected: %s\nis:       %s\n' "$1" "$actual"; show; return 1; }
}

# has TEXT [IN]: contains.
has() {
	local in=${2-$output}
	case $in in
	*"$1"*) ;;
	*) printf 'expected to hold: %s\nis: %s\n' "$1" "$in"; show; return 1 ;;
	esac
}

hasnt() {
	local in=${2-$output}
	case $in in
	*"$1"*) printf 'holds: %s\nis: %s\n' "$1" "$in"; return 1 ;;
	esac
}

# planned LINE: a line of 'kanuki plan' for this bundle (a regular expression, whole line without what is asked beside it).
planned() {
	k plan "$B" > "$W/plan" || { cat "$W/plan"; return 1; }
	grep -Eq -- "^ *$1" "$W/plan" || { echo "no line '$1' in:"; cat "$W/plan"; return 1; }
}

background() {
	"$@" 3>&- 4>&- &
	BACKGROUND="${BACKGROUND-} $!"
}

# until_true COMMAND...: within five seconds.
until_true() {
	local i
	for ((i = 0; i < 250; i++)); do
		"$@" && return 0
		sleep 0.02
	done
	echo "waited in vain for: $*"
	return 1
}

status_of() { k state "$ID" | jq -r .status; }
has_status() { [ "$(status_of)" = "$1" ]; }
