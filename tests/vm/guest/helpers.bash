# helpers.bash: bundles and cgroups for the guest's bats files. Sourced, after bats has set BATS_TEST_TMPDIR.
# shellcheck shell=bash

load ../../gate/helpers.bash
G=/usr/local/sbin/kanuki-gate

# policy_runtime hardened|oci: the program of that policy (guest/main made it).
policy_runtime()
{
	case $1 in
	hardened) echo /usr/local/sbin/kanuki ;;
	oci) echo /usr/local/sbin/kanuki-oci ;;
	esac
}

# make_rootfs DIR: static busybox, the applets that the tests use, and the directories that an image has.
make_rootfs()
{
	local busybox applet
	busybox=$(command -v busybox)
	mkdir -p "$1"/{bin,dev,etc,proc,run,sys,tmp,var/tmp}
	chmod 1777 "$1/tmp" "$1/var/tmp"
	cp "$busybox" "$1/bin/busybox"
	for applet in sh cat cp echo false grep head id ls ps seq sleep tail test touch true tty; do
		ln -sf busybox "$1/bin/$applet"
	done
	printf 'root:x:0:0:root:/:/bin/sh\nuser:x:1000:1000::/:/bin/sh\n' > "$1/etc/passwd"
	printf 'root:x:0:\nuser:x:1000:\n' > "$1/etc/group"
}

# make_image: localhost/busybox:vm for podman, made here, as there is no network.
make_image()
{
	make_rootfs "$BATS_FILE_TMPDIR/rootfs"
	tar -C "$BATS_FILE_TMPDIR/rootfs" -cf "$BATS_FILE_TMPDIR/image.tar" .
	mkdir -p /etc/containers
	[ -e /etc/containers/policy.json ] || echo '{"default": [{"type": "insecureAcceptAnything"}]}' > /etc/containers/policy.json
	podman import --change 'CMD ["/bin/sh"]' "$BATS_FILE_TMPDIR/image.tar" localhost/busybox:vm > /dev/null
}

# papers: a gate as README.md sets one up, with podman's pause program, and a clean scan of localhost/busybox:vm; without, hardened lets
# nothing start.
papers()
{
	local now
	[ "${CONTROL-}" = "" ] || return 0
	now=$(date -u +%FT%TZ)
	no_papers
	"$G" init
	"$G" keys generate --out "$BATS_FILE_TMPDIR/recorder.pem"
	"$G" keys add --role recorder --role scanner "$BATS_FILE_TMPDIR/recorder.pem.pub"
	"$G" pause add /usr/bin/catatonit
	IMAGE=sha256:$(podman image inspect -f '{{.Id}}' localhost/busybox:vm)
	report "$BATS_FILE_TMPDIR/report.json" "$now"
	"$G" import --classes vuln,secret --db-updated-at "$now" --key "$BATS_FILE_TMPDIR/recorder.pem" "$BATS_FILE_TMPDIR/report.json"
}

no_papers() { rm -rf /etc/kanuki /var/lib/kanuki/gate /var/log/kanuki; }

# with POLICY PODMAN-ARGUMENTS...
with()
{
	local policy=$1
	shift
	podman --runtime "$(policy_runtime "$policy")" --cgroup-manager=cgroupfs "$@" 3>&-
}

# refused RULE: the command that `run` ran failed, and what the engine says is one line that has the rule.
refused()
{
	echo "$output"
	[ "$status" != 0 ]
	[ "$(grep -c "policy: $1: " <<< "$output")" = 1 ]
	[ "$(wc -l <<< "$output")" = 1 ]
}

# namespace_of PID NAME
namespace_of() { readlink "/proc/$1/ns/$2"; }

# make_bundle DIR: `kanuki spec` with busybox, no terminal, and a cgroup of its own below /kanuki-vm.
make_bundle()
{
	mkdir -p "$1/rootfs"
	make_rootfs "$1/rootfs"
	(cd "$1" && "$KANUKI" spec)
	edit "$1" --arg path "/kanuki-vm/$BATS_SUITE_TEST_NUMBER" '.process.terminal = false | .linux.cgroupsPath = $path'
}

# edit BUNDLE JQ-ARGUMENTS...
edit()
{
	local bundle=$1
	shift
	jq "$@" < "$bundle/config.json" > "$bundle/config.json.new"
	mv "$bundle/config.json.new" "$bundle/config.json"
}

# args BUNDLE COMMAND...: what the container runs.
args()
{
	local bundle=$1
	shift
	edit "$bundle" --argjson args "$(printf '%s\0' "$@" | jq -Rs 'split("\u0000")[:-1]')" '.process.args = $args'
}

# cgroup_value FILE: what the kernel says of this test's cgroup. The container's own is it, or one below.
cgroup_value() { cat "/sys/fs/cgroup/kanuki-vm/$BATS_SUITE_TEST_NUMBER/$1"; }

# wait_for COMMAND...: until it succeeds, ten seconds at most (a guest under emulation is slow).
wait_for()
{
	local i
	for ((i = 0; i < 100; i++)); do
		! "$@" > /dev/null 2>&1 || return 0
		sleep 0.1
	done
	echo "waited ten seconds for: $*" >&2
	return 1
}
