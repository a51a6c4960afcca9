#!/usr/bin/env bats
# The scan gate end to end: an image of podman's, kanuki with a gate that is set up, and what podman tells its user. Nothing is made up
# for the gate: it finds the image in podman's own storage and in what is mounted.
#
# In the guest it uses the machine's own directories. Elsewhere it runs as root in the mount namespace that tests/lib/rootns makes, where
# what podman, kanuki and the gate write lies on file systems of its own; and needs podman there:
#   env top_srcdir=$PWD/.. top_builddir=$PWD KANUKI=$PWD/kanuki ../tests/lib/rootns bats ../tests/vm/guest/gate.bats
# shellcheck disable=SC2030,SC2031,SC2154 # bats: each test is a process; output, status

bats_require_minimum_version 1.5.0
load helpers

image=localhost/busybox:vm
infected=localhost/infected:vm
# guest/main says which runtime it tests; elsewhere nobody does.
in_guest() { [ "${CONTROL+set}" = set ]; }

E2E=/run/kanuki-e2e
! in_guest || E2E=/opt/kanuki-e2e # systemd's /run executes nothing
G=$E2E/bin/kanuki-gate

# Why these tests can't be run here; nothing where they can.
lacking() {
	local program missing=''
	for program in podman conmon jq openssl busybox; do
		command -v "$program" > /dev/null || missing+=" $program"
	done
	[ -z "$missing" ] || echo "not installed:$missing"
	[ "${CONTROL-}" = "" ] || echo "no gate in $CONTROL"
}

# Directories of our own over the host's, for this mount namespace.
own_places() {
	if [ "$(readlink /proc/self/ns/mnt)" = "$(readlink /proc/1/ns/mnt)" ]; then
		echo "gate.bats: run it by tests/lib/rootns: it mounts things" >&2
		return 1
	fi
	mount -t tmpfs -o mode=755 run /run
	mount -t tmpfs -o mode=1777 shm /dev/shm
	mkdir -p /run/lock "$E2E"/{etc,etc-work,lib,lib-work}
	mount -t overlay -o "lowerdir=/etc,upperdir=$E2E/etc,workdir=$E2E/etc-work" overlay /etc
	mount -t overlay -o "lowerdir=/var/lib,upperdir=$E2E/lib,workdir=$E2E/lib-work" overlay /var/lib
	mkdir -p /var/lib/containers /var/lib/containerd
	mount -t tmpfs -o mode=755 containers /var/lib/containers
	mount -t tmpfs -o mode=755 containerd /var/lib/containerd
	rm -rf /etc/kanuki /var/lib/kanuki
	mkdir -p /etc/containers
	printf '[engine]\nevents_logger = "file"\n[containers]\nlog_driver = "k8s-file"\npids_limit = 0\ndefault_ulimits = ["%s", "%s"]\n' \
		"nofile=1024:1024" "nproc=1024:1024" > /etc/containers/containers.conf
	printf '[storage]\ndriver = "overlay"\ngraphroot = "/var/lib/containers/storage"\nrunroot = "/run/containers/storage"\n' \
		> /etc/containers/storage.conf
}

# In three parts, so that no scanner takes this file for what it describes.
# shellcheck disable=SC2016 # that's how it is written
eicar() { printf '%s%s%s' 'X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR' '-STANDARD-ANTIVIRUS-' 'TEST-FILE!$H+H*'; }

setup_file() {
	# Skipped test by test: the bats of Debian 12 takes a skip here for a failure.
	[ -z "$(lacking)" ] || return 0
	in_guest || own_places
	mkdir -p "$E2E/bin"
	cp "$GATE_PROGRAM" "$G"
	make_image
	eicar > "$BATS_FILE_TMPDIR/rootfs/tmp/eicar.com"
	tar -C "$BATS_FILE_TMPDIR/rootfs" -cf "$BATS_FILE_TMPDIR/infected.tar" .
	podman import --change 'CMD ["/bin/sh"]' "$BATS_FILE_TMPDIR/infected.tar" "$infected" > /dev/null
	IMAGE_ID=sha256:$(podman image inspect -f '{{.Id}}' "$image")
	INFECTED_ID=sha256:$(podman image inspect -f '{{.Id}}' "$infected")
	export IMAGE_ID INFECTED_ID
}

teardown_file() {
	podman rm --all --force --time 0 > /dev/null 2>&1 || true
	podman rmi --all --force > /dev/null 2>&1 || true
	rm -rf "$E2E" /etc/kanuki /var/lib/kanuki/gate
}

in_guest || policy_runtime() { echo "$KANUKI"; }

gate() { "$G" "$@"; }

# A site: a store, a key with every role, a policy.
setup() {
	local why
	why=$(lacking)
	[ -z "$why" ] || skip "$why"
	IMAGE=$IMAGE_ID
	GATE_DIR=$BATS_TEST_TMPDIR
	K=$GATE_DIR/k.pem
	NOW=$(date -u +%FT%TZ)
	rm -rf /etc/kanuki /var/lib/kanuki/gate "$E2E/log"
	mkdir -m 700 "$E2E/log"
	mkdir -p /etc/kanuki /var/lib/kanuki
	jq -n --arg g "$G" '{version: 1, gate: {mode: "required", program: $g}}' > /etc/kanuki/policy.json
	gate init > /dev/null
	gate_policy .
	gate keys generate --out "$K" > /dev/null
	KEYID=$(gate keys add --role recorder --role scanner --role approver --role breakglass "$K.pub")
}

teardown() {
	podman rm --all --force --time 0 > /dev/null 2>&1 || true
	[ -z "${CONTAINERD-}" ] || containerd_end > /dev/null 2>&1
}

# gate_policy FILTER: the site's policy, and what the filter makes of it.
gate_policy() {
	jq -n --arg log "$E2E/log/gate.jsonl" '{version: 1, log: {path: $log}, require: {classes: ["vuln", "secret"]}} | '"$1" \
		> /etc/kanuki/gate/policy.json
}

before() { date -u -d "-$1" +%FT%TZ; }

# scanned [TIME [VULNERABILITIES [FILTER]]]: a report of the image, imported and signed. DB is the time of the scanner's database.
scanned() {
	report "$GATE_DIR/whole.json" "${1:-$NOW}" "${2:-[]}"
	jq "${3:-.}" "$GATE_DIR/whole.json" > "$GATE_DIR/r.json"
	gate import --classes vuln,secret --db-updated-at "${DB:-${1:-$NOW}}" --key "${KEY:-$K}" "$GATE_DIR/r.json" > /dev/null
}

# ID SEVERITY: a list of one vulnerability, as trivy writes it
vulnerability() {
	jq -n --arg id "$1" --arg severity "$2" \
		'[{VulnerabilityID: $id, PkgName: "zlib", InstalledVersion: "1", FixedVersion: "2", Status: "fixed", Severity: $severity}]'
}

podman_run() { with hardened run --rm --network none "${THE_IMAGE:-$image}" echo ran inside; }

runs() {
	run podman_run
	[ "$status $output" = "0 ran inside" ] || { echo "$status $output"; return 1; }
}

# denied CODE STATUS: what podman says is one line that has the rule, the image, its name, the code and the command that tells more;
# the tool says the same by its status; it is in the log, and nothing of the container is left.
denied() {
	run podman_run
	echo "$output"
	[ "$status" = 126 ] || [ "$status" = 127 ]
	[ "$(wc -l <<< "$output")" = 1 ]
	[[ $output == *"policy: H-85: image denied ${IMAGE:0:19}... (localhost/"*"): "*"$1"*"run: kanuki-gate explain "*"$IMAGE"* ]]
	[[ $output != *"ran inside"* ]]
	run "-$2" gate verify "$IMAGE"
	[[ $output == *"$1"* ]]
	[ "$(jq -r 'select(.event == "refused") | .image' "$E2E/log/gate.jsonl" | tail -n 1)" = "$IMAGE" ]
	[ -z "$(podman ps --all --quiet)" ]
	[ -z "$(ls /run/kanuki 2> /dev/null)" ]
}

@test "not scanned: refused, and what the line says leads to what mends it" {
	denied E_NOT_SCANNED 10
	run podman_run
	[[ $output =~ run:\ (kanuki-gate\ explain\ sha256:[0-9a-f]{64}) ]]
	read -ra command <<< "${BASH_REMATCH[1]}"
	run -10 gate "${command[@]:1}"
	echo "$output"
	[[ $output == *"E_NOT_SCANNED: "*"mend: "*kanuki-gate*"$IMAGE"* ]]
	scanned
	runs
}

@test "scanned clean and signed: it runs, and the gate's log has it" {
	report "$GATE_DIR/r.json" "$NOW"
	gate import --classes vuln,secret --db-updated-at "$NOW" "$GATE_DIR/r.json"
	denied E_NOT_SCANNED 10
	gate sign --key "$K" "$IMAGE"
	runs
	[ "$(jq -r 'select(.event == "admit") | .image' "$E2E/log/gate.jsonl" | sort -u)" = "$IMAGE" ]
	gate log verify
	gate selftest
}

@test "the scan is too old; scanned again, it runs" {
	scanned "$(before '8 days')"
	denied E_SCAN_STALE 10
	scanned
	runs
}

@test "the scanner's database is too old" {
	DB=$(before '5 days') scanned
	denied E_DB_STALE 10
	scanned "$(date -u -d '+1 second' +%FT%TZ)"
	runs
}

@test "a critical vulnerability" {
	scanned "$NOW" "$(vulnerability CVE-2026-1 CRITICAL)"
	denied "E_VULN" 10
}

@test "a denied vulnerability, however small" {
	scanned "$NOW" "$(vulnerability CVE-2026-2 LOW)"
	runs
	gate_policy '.deny_cves = ["CVE-2026-2"]'
	denied "E_CVE_DENIED CVE-2026-2" 10
}

@test "a secret" {
	scanned "$NOW" '[]' '.Results += [{Target: "/app/.env", Class: "secret", Secrets: [{RuleID: "aws-access-key-id", Category: "AWS",
		Severity: "CRITICAL", Title: "AWS Access Key ID", StartLine: 1, EndLine: 1, Code: {Lines: []}, Match: "k = ****"}]}]'
	denied E_SECRET 10
}

# clam IMAGE STATUS: clamscan over podman's own copy of the image, with a database of one signature; the log.
clam() {
	local root result=0
	mkdir "$GATE_DIR/db"
	printf '%s:%d:EICAR-Local\n' "$(eicar | md5sum | cut -d' ' -f1)" "$(eicar | wc -c)" > "$GATE_DIR/db/e2e.hdb"
	root=$(podman image mount "$1")
	clamscan --database "$GATE_DIR/db" --recursive --infected --alert-exceeds-max=yes "$root" > "$GATE_DIR/clamscan.log" || result=$?
	podman image unmount "$1" > /dev/null
	cat "$GATE_DIR/clamscan.log"
	[ "$result" = "$2" ]
}

with_malware_class() { gate_policy '.require.classes += ["malware"]'; }

import_log() {
	gate import --digest "$IMAGE" --platform "linux/$(podman image inspect -f '{{.Architecture}}' "$image")" --db-updated-at "$NOW" \
		--scanned-at "$NOW" --clamav-exit "$1" --clamav-exceeds-max --key "$K" "$2" > /dev/null
}

@test "malware, found by clamscan in podman's copy of the image; what it finds clean runs" {
	command -v clamscan > /dev/null || skip "not installed: clamscan"
	with_malware_class
	scanned
	denied E_CLASS_MISSING 10
	TZ=UTC clam "$image" 0
	import_log 0 "$GATE_DIR/clamscan.log"
	runs
	rm -r "$GATE_DIR/db"
	IMAGE=$INFECTED_ID
	THE_IMAGE=$infected
	scanned
	TZ=UTC clam "$infected" 1
	import_log 1 "$GATE_DIR/clamscan.log"
	denied E_MALWARE 10
	gate_policy '.require.classes += ["malware"] | .breakglass = {enabled: true, require_ticket: false}'
	gate breakglass --image "$IMAGE" --owner me --reason outage --ttl 1h --key "$K" > /dev/null
	denied E_MALWARE 10
}

@test "malware, from a log that clamscan wrote" {
	scanned
	sed "s/^\(Start Date: \|End Date:   \).*/\1$(date -u '+%Y:%m:%d %T')/" "$top_srcdir/tests/gate/reports/clamav-real-infected.txt" \
		> "$GATE_DIR/clamscan.log"
	TZ=UTC import_log 1 "$GATE_DIR/clamscan.log"
	denied E_MALWARE 10
}

@test "unsigned; signed by the site's key, it runs" {
	report "$GATE_DIR/r.json" "$NOW"
	gate_policy '.signers = {required: false}'
	gate import --classes vuln,secret --db-updated-at "$NOW" "$GATE_DIR/r.json" > /dev/null
	runs
	gate_policy .
	denied E_SIGNATURE 12
	gate sign --key "$K" "$IMAGE" > /dev/null
	runs
}

# Whoever can write the store can't make the site's signature.
@test "signed by a key that isn't the site's" {
	gate keys generate --out "$GATE_DIR/evil.pem" > /dev/null
	"$G" --store "$GATE_DIR/s" --etc "$GATE_DIR/e" init > /dev/null
	jq -n --arg log "$GATE_DIR/log" '{version: 1, log: {path: $log}}' > "$GATE_DIR/e/policy.json"
	"$G" --etc "$GATE_DIR/e" keys add --role recorder --role scanner "$GATE_DIR/evil.pem.pub" > /dev/null
	report "$GATE_DIR/r.json" "$NOW"
	"$G" --etc "$GATE_DIR/e" import --classes vuln,secret --db-updated-at "$NOW" --key "$GATE_DIR/evil.pem" "$GATE_DIR/r.json" > /dev/null
	denied E_SIGNATURE 12
}

@test "signed by a key without the role" {
	gate keys generate --out "$GATE_DIR/scanner.pem" > /dev/null
	gate keys add --role scanner "$GATE_DIR/scanner.pem.pub" > /dev/null
	KEY=$GATE_DIR/scanner.pem scanned
	denied E_SIGNER_ROLE 12
	gate sign --key "$K" "$IMAGE" > /dev/null
	runs
}

@test "revoked: the image, and the key that signed" {
	scanned
	runs
	gate revoke image "$IMAGE" --reason test > /dev/null
	denied E_REVOKED_IMAGE 10
	gate unrevoke image "$IMAGE" --reason test > /dev/null
	runs
	gate revoke key "$KEYID" --reason lost > /dev/null
	denied E_REVOKED_KEY 10
}

@test "a newer bad record: it counts, and an older clean one doesn't displace it" {
	scanned "$(before '1 hour')"
	cp "$GATE_DIR/r.json" "$GATE_DIR/clean.json"
	runs
	scanned "$NOW" "$(vulnerability CVE-2026-1 CRITICAL)"
	denied E_VULN 10
	run -1 gate import --classes vuln,secret --db-updated-at "$NOW" --key "$K" "$GATE_DIR/clean.json"
	denied E_VULN 10
}

@test "not on the allow list: of digests, and of repositories" {
	scanned
	gate_policy '.allow = {mode: "digest", digests: ["sha256:" + "a" * 64]}'
	denied E_NOT_ALLOWED 10
	gate_policy '.allow = {mode: "digest", digests: ["'"$IMAGE"'"]}'
	runs
	gate_policy '.allow = {mode: "repository", repositories: ["registry.example.com/*"]}'
	denied E_NOT_ALLOWED 10
	gate_policy '.allow = {mode: "repository", repositories: ["localhost/busybox"]}'
	runs
}

@test "who deploys has not the role: refused without a permit, runs with one" {
	scanned
	gate_policy '.deploy = {require_role: true, roles: [{name: "operations", uids: [64000]}]}'
	denied E_ROLE 10
	gate permit --role operations --image "$INFECTED_ID" --owner me --ttl 1h --reason other --key "$K" > /dev/null
	denied E_PERMIT_MISSING 10
	gate permit --role operations --image "$IMAGE" --owner me --ttl 1h --reason release --key "$K" > /dev/null
	runs
	gate_policy '.deploy = {require_role: true, roles: [{name: "operations", uids: [0]}]}'
	runs
}

@test "break-glass: it runs, and the log says who, why and what was lifted" {
	gate_policy '.breakglass = {enabled: true}'
	scanned "$NOW" "$(vulnerability CVE-2026-1 CRITICAL)"
	denied E_VULN 10
	gate breakglass --image "$IMAGE" --owner duty --reason outage --ticket T-1 --ttl 1h --key "$K" > /dev/null
	runs
	run -0 gate log show
	line=$(jq -c 'select(.event == "breakglass")' <<< "$output" | tail -n 1)
	echo "$line"
	[ "$(jq -r .image <<< "$line")" = "$IMAGE" ]
	[[ $line == *W_BREAKGLASS*duty*T-1*outage* || $line == *duty*T-1*outage*W_BREAKGLASS* ]]
	[[ $line == *E_VULN* ]]
	gate log verify
	gate_policy '.breakglass = {enabled: false}'
	denied E_VULN 10
}

@test "a rescan turns a running container bad: running --bad finds it, 20" {
	scanned "$(before '1 hour')"
	with hardened run --detach --name r --network none "$image" sleep 1000
	run gate running
	echo "$output"
	[ "$status" = 0 ]
	[[ $output == "kanuki "*" good image allowed ${IMAGE:0:19}... ($image)" ]]
	run -0 gate running --bad
	[ -z "$output" ]
	scanned "$NOW" "$(vulnerability CVE-2026-1 CRITICAL)"
	run -20 gate running --bad
	echo "$output"
	[ "$(wc -l <<< "$output")" = 1 ]
	[[ $output == "kanuki $(podman inspect -f '{{.Id}}' r) bad "*E_VULN* ]]
	run -20 gate running --bad --json
	[ "$(jq -r '"\(.digest) \(.recorded) \(.verdict)"' <<< "$output")" = "$IMAGE $IMAGE deny" ]
	with hardened rm --force --time 0 r
	run -0 gate running --bad
}

# Where the cgroup has no controller for the share of the processor that ctr always asks for, it isn't asked for.
ctr_runtime() {
	if grep -qw cpu /sys/fs/cgroup/cgroup.controllers; then
		policy_runtime hardened
		return
	fi
	cat > "$E2E/bin/kanuki-here" <<- END
	#!/bin/bash
	for ((n = 1; n < \$#; n++)); do
	[ "\${!n}" != --bundle ] || { n=\$((n + 1)) bundle=\${!n}; }
	done
	[[ " \$* " != *" create "* ]] || { jq 'del(.linux.resources.cpu)' "\$bundle/config.json" > "\$bundle/new" && mv "\$bundle/new" "\$bundle/config.json"; }
	exec $(policy_runtime hardened) "\$@"
	END
	chmod 755 "$E2E/bin/kanuki-here"
	echo "$E2E/bin/kanuki-here"
}

containerd_begin() {
	CONTAINERD=1
	if in_guest; then
		systemctl start containerd
	else
		containerd > "$GATE_DIR/containerd.log" 2>&1 3>&- &
		CONTAINERD=$!
	fi
	wait_for ctr version
}

containerd_end() {
	ctr tasks kill --signal KILL e2e || true
	wait_for sh -c '! ctr tasks ls | grep -q "e2e.*RUNNING"' || true
	ctr tasks delete --force e2e || true
	ctr containers delete e2e || true
	if in_guest; then systemctl stop containerd; else kill "$CONTAINERD"; fi
}

@test "podman and containerd: the same image is the same config digest" {
	for program in containerd ctr containerd-shim-runc-v2; do
		command -v $program > /dev/null || skip "not installed: $program"
	done
	podman save --format oci-archive --output "$GATE_DIR/oci.tar" "$image" > /dev/null
	containerd_begin
	ctr images import "$GATE_DIR/oci.tar"
	runtime=$(ctr_runtime)
	run ctr run --rm --runc-binary "$runtime" "$image" e2e echo ran inside < /dev/null 3>&-
	echo "$output"
	denied=$output
	ctr containers delete e2e > /dev/null 2>&1 || true
	scanned
	with hardened run --detach --network none "$image" sleep 1000
	ctr run --detach --runc-binary "$runtime" "$image" e2e sleep 1000 < /dev/null 3>&-
	run gate running --json --runtime-root kanuki:/run/kanuki --runtime-root kanuki:/run/containerd/runc/default
	echo "$output"
	[[ $denied == *"H-85: image denied ${IMAGE:0:19}... "*E_NOT_SCANNED* ]]
	[ "$(jq -r '"\(.digest) \(.verdict)"' <<< "$output")" = "$IMAGE allow"$'\n'"$IMAGE allow" ]
}
