#!/usr/bin/env bats
# H-85: the scan gate as the runtime's first step: asked before anything of the container is made, and again at start; whatever isn't
# an answer refuses. With gates that do as they are told (src/fake_gate.c), and with kanuki-gate itself. The gates are on a
# tmpfs over /mnt, for /tmp is everybody's; rootns gives a mount namespace of our own.
# shellcheck disable=SC2154 # run sets them

load helpers
load ../gate/helpers.bash

D=sha256:$(printf 'a1%.0s' {1..32})
E=sha256:$(printf 'b2%.0s' {1..32})
SOON=$(date -u -d '+30 days' +%FT%TZ)
NO_ERRNO='permission denied|operation not permitted|executable file not found|no such file|open executable|does not exist|is a directory|not a directory'

test_begin() {
	unset IMAGE
	IMAGE=$BATS_FILE_TMPDIR/rootfs
	mount -t tmpfs -o mode=755 none /mnt
	mkdir /mnt/bin /mnt/u /mnt/w
	G=/mnt/bin/gate
	cp "$TOOLS/fake-gate" "$G"
	T=$W/log/trail
	mkdir -m 700 "$W/log"
	asks present
}

test_end() {
	! mountpoint -q /var/lib || umount -R /var/lib
	! mountpoint -q /etc || umount /etc
	umount /mnt
}

# asks MODE [KEYS...]: a policy with a gate and a trail
asks() {
	local mode=$1 all='' key
	shift
	for key; do all="$all, $key"; done
	policy '{"version": 1, "gate": {"mode": "'"$mode"'", "program": "'"$G"'"}, "audit": {"file": "'"$T"'"}'"$all"'}'
}

# answers STATUS [FILTER]: the gate admits image D, but for what the jq filter makes of it
answers() {
	local status=$1
	{
		echo "answer $status"
		jq -nc --arg d "$D" '{verdict: "allow", class: "image", image: $d, source: "engine", record: null, generation: 7, reasons: [],
			line: "kanuki: image allowed"} | '"${2:-.}"
	} > "$G.do"
}

denies() {
	answers "$1" '.verdict = "deny" | .reasons = ["E_VULN"]
		| .line = "kanuki: image denied sha256:a1a1...: E_VULN critical 2 > 0; run: kanuki-gate explain \(.image)"'
}

# Refused by the rule, in one line that engines take for nothing else, and nothing was made or run.
refused_by_gate() {
	go
	refused 'policy: H-85: ' "$@"
	! grep -iE "$NO_ERRNO" <<< "$stderr"
	[ ! -e "$W/ran" ]
}

plain() {
	script 'echo ran' '.hooks.createRuntime = [{"path": "/bin/touch", "args": ["touch", $w + "/ran"]}]' "$@"
}

# Nothing of the gate's lives on.
gone() {
	run pgrep -x -f "$G hook --runtime"
	[ "$status" = 1 ]
}

own_etc() {
	mount -t overlay -o lowerdir=/etc,upperdir=/mnt/u,workdir=/mnt/w overlay /etc
	rm -rf /etc/kanuki
	mkdir -m 755 /etc/kanuki
}

@test "H-85: admitted: it runs, the plan, the trail and the record have the image, and state says what it always said" {
	plain
	answers 0 '.record = "sha256:" + ("c3" * 32)'
	go
	succeeded
	is ran
	[ -e "$W/ran" ]
	rm "$W/ran"
	k create --bundle "$B" "$ID" < /dev/null > /dev/null
	is "$G image $D 7 sha256:$(printf 'c3%.0s' {1..32})" \
		"$(jq -r '"\(.gateProgram) \(.imageClass) \(.image) \(.gateGeneration) \(.scanRecord)"' "$ROOT/$ID/record.json")"
	is 'bundle created id ociVersion owner pid rootfs status' "$(k state "$ID" | jq -r 'keys | join(" ")')"
	is "$D" "$(jq -rs '.[-1].image' "$T")"
	k plan "$B" > "$W/plan"
	grep -x 'gate: (asked when it is made)  # H-85' "$W/plan"
	grep -x "gate.program: $G" "$W/plan"
	grep -x 'gate.scan-age: 30 days at most' "$W/plan"
	"$KANUKI" --policy builtin:hardened plan "$B" > "$W/plan"
	[ -e /etc/kanuki/gate/policy.json ] || grep -x 'gate: (none is set up: create refuses)  # H-85' "$W/plan"
	k delete --force "$ID"
	is "$D" "$(jq -rs '.[-1].image' "$T")"
}

@test "H-85: what it is given: the question, an environment of ours, three descriptors, and nothing of the caller's" {
	plain '.annotations = {"a": "b"} | .mounts += [{"destination": "/mnt", "source": $w, "type": "bind", "options": ["rbind", "ro"]}]'
	jq '.process.args = ["/bin/echo", "x"]' "$B/config.json" > "$B/new" && mv "$B/new" "$B/config.json"
	policy '{"version": 1, "gate": {"program": "'"$G"'"}, "mounts": {"allow": [{"source": "'"$(realpath "$W")"'"}]}}'
	answers 0
	exec 7< "$B/config.json"
	SECRET=x k run --bundle "$B" "$ID" < /dev/null > /dev/null
	exec 7<&-
	is "args hook --runtime
directory /
env PATH=/usr/sbin:/usr/bin:/sbin:/bin
env LC_ALL=C
fd 0
fd 1
fd 2" "$(grep -v ^question "$G.seen")"
	sed -n 's/^question //p' "$G.seen" > "$W/question"
	is "1.0 $ID creating $(realpath "$B") $(realpath "$IMAGE") $ROOT" \
		"$(jq -r '"\(.ociVersion[:3]) \(.id) \(.status) \(.bundle) \(.root) \(.runtimeRoot)"' "$W/question" | sed 's/^1\.[0-9]/1.0/')"
	is '["/bin/echo","x"] {"a":"b"} 0 0' "$(jq -r '"\(.args) \(.annotations) \(.caller.uid) \(.caller.gid)"' "$W/question")"
	is 30 "$(jq .maxScanAgeDays "$W/question")"
	is "/mnt $(realpath "$W")" "$(jq -r '.mounts[] | select(.source) | "\(.destination) \(.source)"' "$W/question")"
	# what is no bind can cover a program, too
	is "$(jq -c '[.mounts[].destination]' "$B/config.json")" "$(jq -c '[.mounts[].destination]' "$W/question")"
}

@test "H-85: without --root, as engines call it, it is told the usual one" {
	plain
	answers 0
	run timeout 20 "$KANUKI" --policy "$POLICY_DIR/policy.json" run --bundle "$B" "$ID" < /dev/null 3>&- 4>&-
	[ "$status" = 0 ]
	is /run/kanuki "$(sed -n 's/^question //p' "$G.seen" | jq -r .runtimeRoot)"
}

@test "H-85: denied, with each exit status: refused with the gate's line, and told to the trail" {
	local status
	plain
	for status in 10 11 12 13 14; do
		denies "$status"
		refused_by_gate "image denied sha256:a1a1...: E_VULN critical 2 > 0; run: kanuki-gate explain $D" '[changed by: gate.mode, gate.program; serves: R-01'
		is "refused H-85 $D" "$(jq -rs '.[-1] | "\(.event) \(.rule) \(.image)"' "$T")"
	done
	is 5 "$(jq -rs length "$T")"
}

@test "H-85: an answer that is none refuses: verdict and exit status apart, wrong JSON, garbage, nothing" {
	local filter
	plain
	for filter in '.verdict = "yes"' '.image = null' '.image |= ascii_upcase' 'del(.line)' '.more = 1' '[.]' '.generation = 1.5' \
		'.class = "any"' '.source = null' '.reasons = [7]' '.line = ""' '"allow"'; do
		answers 0 "$filter"
		refused_by_gate 'no answer to be relied on' 'run: kanuki-gate selftest'
	done
	answers 10
	refused_by_gate "its verdict is 'allow', its exit status 10"
	answers 1
	refused_by_gate 'exit status 1'
	denies 0
	refused_by_gate "its verdict is 'deny', its exit status 0"
	denies 9
	refused_by_gate 'exit status 9'
	printf 'answer 0\nimage allowed\n' > "$G.do"
	refused_by_gate 'no answer to be relied on'
	printf 'answer 0\n' > "$G.do"
	refused_by_gate 'no answer to be relied on'
	answers 0
	cat "$G.do" <(tail -n 1 "$G.do") > "$G.two" && mv "$G.two" "$G.do"
	refused_by_gate 'no answer to be relied on'
	{ echo 'answer 0'; jq -nc '[range(9000)]'; jq -nc '[range(9000)]'; } > "$G.do"
	refused_by_gate 'no answer to be relied on'
}

@test "H-85: a gate that crashes, floods, lingers or hangs" {
	plain
	echo crash > "$G.do"
	refused_by_gate 'killed by signal 11'
	echo flood > "$G.do"
	refused_by_gate 'more than 65536 bytes are no answer'
	answers 0
	sed -i '1s/.*/linger 0/' "$G.do"
	go
	succeeded
	until_true gone
	rm "$W/ran"
	echo hang > "$G.do"
	LIMIT=120 refused_by_gate 'E_TIMEOUT no answer within 10 seconds'
	until_true gone
}

@test "H-85: a program that isn't root's alone, is a link, a script or not there is not asked" {
	plain
	answers 0
	chown 65534 "$G"
	refused_by_gate "scan gate '$G': it belongs to user 65534, it must be root's"
	chown 0 "$G"
	chmod 775 "$G"
	refused_by_gate 'can be written by its group'
	chmod 755 "$G"
	chmod 777 /mnt/bin
	refused_by_gate "'/mnt/bin' can be written by anybody"
	chmod 755 /mnt/bin
	mv "$G" "$G.real"
	ln -s gate.real "$G"
	refused_by_gate 'is not a regular file'
	rm "$G"
	refused_by_gate "'$G' is absent"
	mkdir "$G"
	refused_by_gate 'is not a regular file'
	rmdir "$G"
	printf '#!/bin/sh\nexit 0\n' > "$G"
	chmod 755 "$G"
	refused_by_gate "it can't be executed: it must be a program for this machine, not a script"
}

@test "H-85: where there is no gate: every level refuses but oci, and a policy that wants none yet, or none at all" {
	[ ! -e /etc/kanuki/gate ] || own_etc
	LEVEL=oci
	POLICY_DIR=
	plain
	rm -rf "$G.do"
	go
	succeeded
	rm "$W/ran"
	run --separate-stderr "$KANUKI" --root "$ROOT" run --bundle "$B" "$ID" < /dev/null 3>&- 4>&-
	refused 'policy: H-85: this host has no scan gate' 'set it up, run: kanuki-gate init; or have none: gate.mode, --policy builtin:sandbox'
	LEVEL=hardened
	policy '{"version": 1, "level": "hardened", "gate": {"mode": "required"}}'
	refused_by_gate 'this host has no scan gate, and the policy lets nothing start without one'
	policy '{"version": 1, "gate": {"mode": "present"}}'
	go
	succeeded
	rm "$W/ran"
	k plan "$B" > "$W/plan"
	grep -x '# H-85 skipped: gate given: "not set up: no image is asked for (kanuki-gate init)"' "$W/plan"
	policy '{"version": 1, "gate": {"mode": "off"}}'
	go
	succeeded
	rm "$W/ran"
	POLICY_DIR=
	LEVEL=sandbox
	go
	succeeded
	rm "$W/ran"
	for LEVEL in personal-data card-payments; do
		script 'echo ran' '.process.user = {"uid": 1000, "gid": 1000}'
		run --separate-stderr k run --bundle "$B" "$ID"
		refused 'policy: H-85: this host has no scan gate'
	done
	LEVEL=personal-data # card-payments needs a memory controller
	k plan "$B" > "$W/plan"
	grep -x 'gate: (none is set up: create refuses)  # H-85' "$W/plan"
}

@test "H-85: set up, and no program named: the installed one is asked, or its absence refuses" {
	own_etc
	mkdir -p /etc/kanuki/gate
	echo '{"version": 1}' > /etc/kanuki/gate/policy.json
	policy '{"version": 1, "gate": {"mode": "present"}}'
	plain
	refused_by_gate
}

@test "H-85: mode audit: it is told, and the container runs by level oci; it isn't asked again at start" {
	asks present '"mode": "audit"'
	plain '.process.user = {"uid": 0, "gid": 0}'
	denies 10
	go
	succeeded
	is ran
	is "would-refuse H-85 $D" "$(jq -rs 'map(select(.event == "would-refuse"))[0] | "\(.event) \(.rule) \(.image)"' "$T")"
	k create --bundle "$B" "$ID" < /dev/null > /dev/null
	rm "$G.seen"
	k start "$ID"
	[ ! -e "$G.seen" ]
	k plan --diff "$B" > /dev/null
}

@test "H-85: start asks the same again, of the root that the process has: revoked since, or another image, and it doesn't start" {
	local pid
	script 'exec sleep 1000'
	answers 0
	k create --bundle "$B" "$ID" < /dev/null > /dev/null
	sed -n 's/^question //p' "$G.seen" > "$W/first"
	pid=$(k state "$ID" | jq .pid)
	denies 10
	run --separate-stderr k start "$ID"
	[ "$status" = 1 ]
	has "policy: H-85: image denied sha256:a1a1...: E_VULN" "$stderr"
	is created "$(status_of)"
	is "refused H-85" "$(jq -rs '.[-1] | "\(.event) \(.rule)"' "$T")"
	answers 0 '.image = "'"$E"'"'
	run --separate-stderr k start "$ID"
	[ "$status" = 1 ]
	has "created of $D (image), and what it is made of now is $E (image)" "$stderr"
	answers 0 '.class = "pause" | .image = null'
	run --separate-stderr k start "$ID"
	has "is no known image (pause)" "$stderr"
	answers 0 '.generation = 8'
	k start "$ID"
	is running "$(status_of)"
	sed -n 's/^question //p' "$G.seen" | jq -c . | cmp - <(jq -c --argjson pid "$pid" '. + {pid: $pid}' "$W/first")
}

@test "H-85: a pause container runs its one program: exec is refused, in mode audit told" {
	local mode
	for mode in enforce audit; do
		asks present '"mode": "'$mode'"'
		script 'exec sleep 1000'
		answers 0 '.class = "pause" | .image = null | .source = null'
		k run --detach --bundle "$B" "$ID" < /dev/null > /dev/null
		run --separate-stderr k exec "$ID" /bin/echo ran
		if [ $mode = enforce ]; then
			[ "$status" != 0 ]
			has 'policy: H-85: a pause container is let in without a scan' "$stderr"
			is "refused H-85" "$(jq -rs '.[-1] | "\(.event) \(.rule)"' "$T")"
		else
			is ran "$output"
			is "H-85" "$(jq -rs 'map(select(.event == "would-refuse"))[-1].rule' "$T")"
		fi
		k delete --force "$ID"
	done
}

@test "H-85: a pause container runs its one program: no startContainer hook, in mode audit told" {
	local mode
	for mode in enforce audit; do
		asks present '"mode": "'$mode'"'
		script 'echo program' '.hooks.startContainer = [{path: "/bin/true"}]'
		answers 0 '.class = "pause" | .image = null | .source = null'
		go
		if [ $mode = enforce ]; then
			refused 'policy: H-85: hooks.startContainer: a pause container is let in without a scan'
		else
			is program "$output"
			is "H-85" "$(jq -rs 'map(select(.event == "would-refuse"))[-1].rule' "$T")"
		fi
		script 'echo program'
		go
		is program "$output"
	done
}

@test "H-85: start in mode audit: only told" {
	asks present '"mode": "audit"'
	script 'exec sleep 1000' '.process.user = {"uid": 0, "gid": 0}'
	answers 0
	k create --bundle "$B" "$ID" < /dev/null > /dev/null
	denies 10
	k start "$ID"
	is running "$(status_of)"
	is "H-85" "$(jq -rs 'map(select(.event == "would-refuse"))[-1].rule' "$T")"
}

@test "H-85: no system call that fails lets in what is denied" {
	local call n
	plain
	denies 10
	for call in openat,open memfd_create write lseek fcntl pipe2 clone3 poll read waitid close fstat,newfstatat setpgid prctl getppid dup3 close_range \
		chdir execveat kill; do
		for n in 1 2 3 5 8 13 21; do
			PREFIX="strace -f -o $W/trace -e inject=$call:error=EIO:when=$n" go
			[ "$status" != 0 ] && [[ $output != *ran* ]] && [ ! -e "$W/ran" ] || { echo "$call $n"; show; return 1; }
			grep -q INJECTED "$W/trace" || break
			k delete --force "$ID" 2> /dev/null || :
		done
	done
}

@test "H-85, H-84: an exception by digest applies to the image that the gate has proven, and to no other" {
	local caps='.process.capabilities = ({"bounding": ["CAP_KILL"]} | .effective = .bounding | .permitted = .bounding)'
	asks present '"exceptions": [{"image": "'"$D"'", "owner": "o", "reason": "r", "expires": "'"$SOON"'", "allow": {"capabilities": ["CAP_KILL"]}}]'
	script 'grep CapEff /proc/self/status | cut -f2' "$caps" '.annotations = {"io.kanuki.image.digest": "'"$D"'"}'
	answers 0
	go
	succeeded
	is 0000000000000020
	answers 0 '.image = "'"$E"'"'
	go
	succeeded
	is 0000000000000000
	answers 0 '.source = "permit"'
	go
	succeeded
	is 0000000000000000
	answers 0 '.source = "pinned"'
	go
	is 0000000000000020
	answers 0 '.class = "pause" | .image = null'
	go
	is 0000000000000000
	denies 10
	go
	refused H-85
	POLICY_DIR=
	go
	succeeded
	is 0000000000000000
}

# --- kanuki-gate itself ---

# A bundle of root's that is pinned to $GI, and a site with a scan of it.
real_site() {
	own_etc
	mount -t tmpfs -o mode=755 none /var/lib
	G=/mnt/bin/kanuki-gate
	cp "$top_builddir/kanuki-gate" "$G"
	GI=sha256:961769676411f082461f9ef46626dd7a2d1e2b2a38e6a44364bcbecf51e66dd4
	mkdir /mnt/log
	"$G" init > /dev/null
	printf '{"version": 1, "log": {"path": "/mnt/log/gate.jsonl"}, "require": {"classes": ["vuln"]}}' > /etc/kanuki/gate/policy.json
	"$G" keys generate --out /mnt/k.pem > /dev/null
	"$G" keys add --role recorder --role scanner /mnt/k.pem.pub > /dev/null
	NOW=$(date -u +%FT%TZ)
	mkdir /mnt/b
	B=/mnt/b
	asks present "$@"
}

scan() {
	IMAGE=$GI report "$W/r.json" "$NOW" "${1:-[]}"
	"$G" import --classes vuln --db-updated-at "$NOW" --key /mnt/k.pem "$W/r.json" > /dev/null
}

@test "H-85, kanuki-gate: a bundle that names no image, one that nobody scanned, a scan, and a revocation before start" {
	real_site
	plain
	refused_by_gate 'image denied (unknown): E_'
	echo "$GI" > "$B/kanuki-image"
	refused_by_gate 'image denied sha256:961769676411...: E_NOT_SCANNED' "run: kanuki-gate explain $GI"
	scan
	go
	succeeded
	is ran
	script 'exec sleep 1000'
	k create --bundle "$B" "$ID" < /dev/null > /dev/null
	is "$GI" "$(jq -r .image "$ROOT/$ID/record.json")"
	"$G" revoke image "$GI" --reason test > /dev/null
	run --separate-stderr k start "$ID"
	[ "$status" = 1 ]
	has 'H-85: image denied sha256:961769676411...: E_REVOKED_IMAGE' "$stderr"
	is created "$(status_of)"
	"$G" unrevoke image "$GI" --reason test > /dev/null
	k start "$ID"
	is running "$(status_of)"
	run "$G" running --bad --runtime-root "kanuki:$ROOT"
	is ''
	"$G" revoke image "$GI" --reason test > /dev/null
	run "$G" running --bad --runtime-root "kanuki:$ROOT"
	[ "$status" = 20 ]
	has E_REVOKED_IMAGE
	"$G" log verify
}

@test "H-85, kanuki-gate: mode audit: it is asked once, though a container of root's goes on from a copy of the runtime" {
	real_site '"mode": "audit"'
	plain '.process.user = {"uid": 0, "gid": 0}'
	echo "$GI" > "$B/kanuki-image"
	go
	succeeded
	is ran
	is 1 "$(jq -s 'map(select(.event == "refused")) | length' /mnt/log/gate.jsonl)"
	is 1 "$(jq -s 'map(select(.event == "would-refuse" and .rule == "H-85")) | length' "$T")"
}

@test "H-85, kanuki-gate: the shorter of its own age of scans and scan.maxAgeDays holds, also for what runs" {
	real_site '"scan": {"maxAgeDays": 2}'
	script 'exec sleep 1000'
	echo "$GI" > "$B/kanuki-image"
	NOW=$(date -u -d '-3 days' +%FT%TZ) scan
	go
	refused H-85 'E_SCAN_STALE trivy scanned' '(3d > 2d, scan.maxAgeDays of kanuki' "run: kanuki-gate explain --max-scan-age 48h $GI"
	run "$G" explain --max-scan-age 48h "$GI"
	[ "$status" = 10 ]
	has E_SCAN_STALE
	run "$G" verify "$GI"
	[ "$status" = 0 ]
	asks present '"scan": {"maxAgeDays": 3}'
	NOW=$(date -u -d '-71 hours' +%FT%TZ) scan
	k create --bundle "$B" "$ID" < /dev/null > /dev/null
	k start "$ID"
	run "$G" running --bad --runtime-root "kanuki:$ROOT"
	is ''
	jq -c '.maxScanAgeDays = 2' "$ROOT/$ID/question.json" > "$W/question"
	cat "$W/question" > "$ROOT/$ID/question.json"
	run "$G" running --bad --runtime-root "kanuki:$ROOT"
	[ "$status" = 20 ]
	has E_SCAN_STALE
	k delete -f "$ID"
	asks present '"scan": {"maxAgeDays": 30}'
	printf '{"version": 1, "log": {"path": "/mnt/log/gate.jsonl"}, "freshness": {"max_scan_age": "2d"}}' > /etc/kanuki/gate/policy.json
	go
	refused H-85 '(71h > 48h)'
}

@test "H-85, kanuki-gate: an annotation that names an index of the image, as its record has it, contradicts nothing" {
	real_site
	plain '.annotations = {"io.kubernetes.cri.image-name": "app@'"$D"'"}'
	echo "$GI" > "$B/kanuki-image"
	scan
	refused_by_gate E_DIGEST_MISMATCH
	jq --arg d "app@$D" '.Metadata.RepoDigests = [$d]' "$W/r.json" > "$W/r2.json"
	"$G" import --classes vuln --db-updated-at "$NOW" --key /mnt/k.pem "$W/r2.json" > /dev/null
	go
	succeeded
	is ran
}

@test "H-85, H-84, kanuki-gate: a pinned image that is scanned has its exception; without its pin, none" {
	local caps='.process.capabilities = ({"bounding": ["CAP_KILL"]} | .effective = .bounding | .permitted = .bounding)'
	real_site '"exceptions": [{"image": "sha256:961769676411f082461f9ef46626dd7a2d1e2b2a38e6a44364bcbecf51e66dd4", "owner": "o", "reason": "r",
		"expires": "'"$SOON"'", "allow": {"capabilities": ["CAP_KILL"]}}]'
	script 'grep CapEff /proc/self/status | cut -f2' "$caps"
	echo "$GI" > "$B/kanuki-image"
	scan
	go
	succeeded
	is 0000000000000020
	rm "$B/kanuki-image"
	go
	refused H-85 E_
	script 'true' '.annotations = {"io.kanuki.image.digest": "'"$GI"'"}'
	go
	refused H-85 E_
	printf '{"version": 1, "log": {"path": "/mnt/log/gate.jsonl"}, "require": {"classes": ["vuln"]}, "mode": "audit"}' > /etc/kanuki/gate/policy.json
	script 'grep CapEff /proc/self/status | cut -f2' "$caps" '.annotations = {"io.kanuki.image.digest": "'"$GI"'"}'
	go
	succeeded
	is 0000000000000000
}

@test "H-85, kanuki-gate: a policy of its that is broken refuses" {
	real_site
	plain
	echo '{"version": 1, "nonsense": 1}' > /etc/kanuki/gate/policy.json
	refused_by_gate E_POLICY_INVALID
	rm /etc/kanuki/gate/policy.json
	refused_by_gate E_POLICY_INVALID 'kanuki-gate init'
}

@test "H-85, H-84, kanuki-gate: an image of containers/storage, proven by the layers that are mounted" {
	local caps='.process.capabilities = ({"bounding": ["CAP_KILL"]} | .effective = .bounding | .permitted = .bounding)' root=$ROOT
	real_site
	ID=$(printf '0123456789abcdef%.0s' 1 2 3 4)
	storage_begin /mnt /var/lib/containers/storage "$ID" "$IMAGE"
	B=$G/overlay-containers/$ID/userdata
	mkdir -p "$B"
	IMAGE=$ROOT
	ROOT=$root
	G=/mnt/bin/kanuki-gate
	GI=sha256:$CONFIG
	asks present '"exceptions": [{"image": "'"$GI"'", "owner": "o", "reason": "r", "expires": "'"$SOON"'", "allow": {"capabilities": ["CAP_KILL"]}}]'
	script 'grep CapEff /proc/self/status | cut -f2' "$caps" '.root.path = $image'
	go
	refused "H-85: image denied ${GI:0:19}... (localhost/app:1): E_NOT_SCANNED" "run: kanuki-gate explain $GI"
	scan
	go
	succeeded
	is 0000000000000020
	# the same engine's data, and another root
	own_image
	script 'true' "$caps"
	go
	refused 'H-85: image denied' E_DIGEST_UNRESOLVED
	umount "$O/$LAYER/merged"
}
