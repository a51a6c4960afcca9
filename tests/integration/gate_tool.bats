#!/usr/bin/env bats
# kanuki-gate's verbs, from an empty store to a decision, and every exit status. As root: the store must be root's.
# shellcheck disable=SC2154 # output, status: bats
bats_require_minimum_version 1.5.0
load ../gate/helpers.bash

setup() { gate_begin > /dev/null; }
teardown() { gate_end; }

imported() {
	report "$GATE_DIR/r.json" "$NOW" "${1:-[]}"
	gate import --classes vuln --db-updated-at "$NOW" --key "$GATE_DIR/k.pem" "$GATE_DIR/r.json"
}

high='[{"VulnerabilityID": "CVE-2026-1", "PkgName": "zlib", "InstalledVersion": "1", "FixedVersion": "2", "Status": "fixed", "Severity": "HIGH"}]'

@test "init, import, sign, verify: refused until it is scanned and signed" {
	run -10 gate verify "$IMAGE"
	[[ $output == "kanuki: image denied sha256:961769676411...: E_NOT_SCANNED "*"; run: kanuki-gate explain $IMAGE" ]]
	run -10 gate explain "$IMAGE"
	[[ $output == *"mend: "*"kanuki-gate import --digest $IMAGE REPORT"* ]]
	run -10 gate explain --json "$IMAGE"
	[[ $(jq -r '.reasons[0].mend' <<< "$output") == *"kanuki-gate import --digest $IMAGE REPORT"* ]]
	report "$GATE_DIR/r.json" "$NOW"
	run -0 gate import --classes vuln --db-updated-at "$NOW" "$GATE_DIR/r.json"
	[[ $output == *"waits for: kanuki-gate sign"* ]]
	run -10 gate explain "$IMAGE"
	[[ $output == *"note     a record waits"* ]]
	run -0 gate sign --key "$GATE_DIR/k.pem" "$IMAGE"
	run -0 gate verify "$IMAGE"
	[ "$output" = "kanuki: image allowed sha256:961769676411..." ]
	run -0 gate explain --json "$IMAGE"
	[ "$(jq -r .verdict <<< "$output")" = allow ]
	run -0 gate selftest
	run -0 gate log verify
}

@test "usage is 2, a broken policy or store 13, a record nobody signed 12" {
	run -2 gate verify
	run -2 gate verify nonsense
	run -2 gate frobnicate
	run -2 gate verify --nonsense "$IMAGE"
	imported
	jq '.signers.threshold.recorder = 2' "$GATE_DIR/etc/policy.json" > "$GATE_DIR/p.json"
	run -12 gate verify --policy "$GATE_DIR/p.json" "$IMAGE"
	[[ $output == *E_THRESHOLD* ]]
	run -13 gate verify --policy <(echo '{"version": 1, "nonsense": 1}') "$IMAGE"
	echo '{"version": 1, "nonsense": 1}' > "$GATE_DIR/p.json"
	run -13 gate verify --policy "$GATE_DIR/p.json" "$IMAGE"
	[[ $output == *E_POLICY_INVALID* ]]
	run -13 gate policy check "$GATE_DIR/p.json"
	chmod 666 "$GATE_DIR"/store/by-digest/sha256/96/*/current
	run -13 gate verify "$IMAGE"
	[[ $output == *E_STORE*"writable to others"* ]]
	mv "$GATE_DIR/store" "$GATE_DIR/away"
	run -13 gate verify "$IMAGE"
	[[ $output == *E_STORE*"no gate store"* ]]
}

@test "a key that isn't the site's, and one that is revoked" {
	imported
	gate keys generate --ed25519 --out "$GATE_DIR/other.pem"
	run -1 gate sign --key "$GATE_DIR/other.pem" "$IMAGE"
	[[ $output == *"isn't one of the site's"* ]]
	id=$(gate keys add --role scanner "$GATE_DIR/other.pem.pub")
	gate sign --key "$GATE_DIR/other.pem" "$IMAGE"
	run -0 gate verify "$IMAGE"
	gate revoke key "$id" --reason lost
	run -10 gate verify "$IMAGE"
	[[ $output == *"E_REVOKED_KEY $id"* ]]
	gate unrevoke key "$id" --reason found
	run -0 gate verify "$IMAGE"
	gate keys rm "$id"
	run -0 gate verify "$IMAGE"
}

@test "a newer bad record stays, whatever older clean one comes; its finding can be waived" {
	imported
	report "$GATE_DIR/bad.json" "$(date -u -d '+2 seconds' +%FT%TZ)" "$high"
	gate import --classes vuln --db-updated-at "$NOW" --key "$GATE_DIR/k.pem" "$GATE_DIR/bad.json"
	run -10 gate verify "$IMAGE"
	[[ $output == *"E_VULN"* ]]
	run -1 gate import --classes vuln --db-updated-at "$NOW" --key "$GATE_DIR/k.pem" "$GATE_DIR/r.json"
	[[ $output == *"newer scan for vuln"* ]]
	run -2 gate waive --finding CVE-2026-1 --image "$IMAGE" --owner me --key "$GATE_DIR/k.pem"
	[[ $output == *"--expires is missing"* ]]
	gate waive --finding CVE-2026-1 --image "$IMAGE" --owner me --expires 1d --key "$GATE_DIR/k.pem"
	run -0 gate explain "$IMAGE"
	[[ $output == *W_EXCEPTION_USED* ]]
	run -10 gate verify --at 25h "$IMAGE"
	[[ $output == *E_VULN* ]]
}

@test "break-glass lets in for its time, where the policy knows it" {
	run -2 gate breakglass --image "$IMAGE" --owner me --ticket T-1 --ttl 1h --key "$GATE_DIR/k.pem"
	[[ $output == *"without a reason"* ]]
	gate breakglass --image "$IMAGE" --owner me --reason outage --ticket T-1 --ttl 1h --key "$GATE_DIR/k.pem"
	run -10 gate verify "$IMAGE"
	jq '.breakglass.enabled = true' "$GATE_DIR/etc/policy.json" > "$GATE_DIR/p.json"
	run -0 gate verify --policy "$GATE_DIR/p.json" "$IMAGE"
	[[ $output == *"allowed by break-glass"* ]]
	run -10 gate verify --at 2h --policy "$GATE_DIR/p.json" "$IMAGE"
}

@test "signed elsewhere: sign --out and attach, for records and permissions" {
	imported
	cp -a "$GATE_DIR/store" "$GATE_DIR/there"
	gate keys generate --out "$GATE_DIR/two.pem"
	gate keys add --role approver "$GATE_DIR/two.pem.pub"
	"$GATE_PROGRAM" --store "$GATE_DIR/there" --etc "$GATE_DIR/etc" sign --key "$GATE_DIR/two.pem" --out "$GATE_DIR/record.dsse" "$IMAGE"
	run -0 gate attach "$GATE_DIR/record.dsse"
	run -0 gate explain "$IMAGE"
	[ "$(grep -c '^signed ' <<< "$output")" = 2 ]
	jq -c '.signatures[].sig = "AAAA"' "$GATE_DIR/record.dsse" > "$GATE_DIR/bad.dsse"
	run -1 gate attach "$GATE_DIR/bad.dsse"
	[[ $output == *"no key of the site's has signed it"* ]]
	gate permit --image "$IMAGE" --role deployer --owner me --ttl 1h --key "$GATE_DIR/k.pem" --out "$GATE_DIR/permit.dsse"
	run -0 gate attach "$GATE_DIR/permit.dsse"
	[[ $output == permit\ * ]]
}

@test "an attestation as cosign makes it is imported; eight broken ones aren't" {
	statement "$GATE_DIR/s.json" "$AGO"
	attest "$GATE_DIR/s.json" "$GATE_DIR/k.pem" "$GATE_DIR/a.json"
	import=(import --classes vuln --db-updated-at "$NOW" --key "$GATE_DIR/k.pem")
	openssl ecparam -name prime256v1 -genkey -noout | openssl pkcs8 -topk8 -nocrypt -out "$GATE_DIR/wrong.pem"
	openssl ecparam -name secp384r1 -genkey -noout | openssl pkcs8 -topk8 -nocrypt -out "$GATE_DIR/p384.pem"
	attest "$GATE_DIR/s.json" "$GATE_DIR/wrong.pem" "$GATE_DIR/b1.json"
	attest "$GATE_DIR/s.json" "$GATE_DIR/p384.pem" "$GATE_DIR/b2.json"
	jq -c '.payload |= (@base64d | sub("0.66.0"; "0.66.1") | @base64)' "$GATE_DIR/a.json" > "$GATE_DIR/b3.json"
	attest "$GATE_DIR/s.json" "$GATE_DIR/k.pem" "$GATE_DIR/b4.json" application/vnd.in-toto+json text/plain
	jq -c '.signatures = []' "$GATE_DIR/a.json" > "$GATE_DIR/b5.json"
	jq -c '.signatures[0].sig = .signatures[0].sig[:-8]' "$GATE_DIR/a.json" > "$GATE_DIR/b6.json"
	jq -c '.signatures[0].sig = ""' "$GATE_DIR/a.json" > "$GATE_DIR/b7.json"
	openssl dgst -sha256 -sign "$GATE_DIR/k.pem" "$GATE_DIR/s.json" | base64 -w0 > "$GATE_DIR/nopae"
	jq -c --rawfile sig "$GATE_DIR/nopae" '.signatures[0].sig = $sig' "$GATE_DIR/a.json" > "$GATE_DIR/b8.json"
	for n in 1 2 3 4 5 6 7 8; do
		run -1 gate "${import[@]}" "$GATE_DIR/b$n.json"
		run -10 gate verify "$IMAGE"
		[[ $output == *E_NOT_SCANNED* ]]
	done
	run -0 gate "${import[@]}" --platform linux/amd64 "$GATE_DIR/a.json"
	run -0 gate verify "$IMAGE"
}

@test "clamscan's log: complete with its exit status and limits said, and not without" {
	jq '.require = {classes: ["vuln", "malware"]}' "$GATE_DIR/etc/policy.json" > "$GATE_DIR/p.json"
	cat "$GATE_DIR/p.json" > "$GATE_DIR/etc/policy.json"
	imported
	run -10 gate verify "$IMAGE"
	[[ $output == *"E_CLASS_MISSING malware"* ]]
	sed "s/^\(Start Date: \|End Date:   \).*/\1$(date -u '+%Y:%m:%d %T')/" "$top_srcdir/tests/gate/reports/clamav-real-clean.txt" > "$GATE_DIR/clam.log"
	clam=(import --digest "$IMAGE" --scanned-at "$NOW" --db-updated-at "$NOW" --key "$GATE_DIR/k.pem")
	run -0 gate "${clam[@]}" --clamav-exceeds-max "$GATE_DIR/clam.log"
	run -10 gate verify "$IMAGE"
	[[ $output == *"E_SCAN_INCOMPLETE clamav: clamscan's exit status isn't said"* ]]
	run -2 gate "${clam[@]}" --clamav-exit 3 "$GATE_DIR/clam.log"
	NEXT=$(date -u -d '+1 second' +%FT%TZ)
	run -0 gate "${clam[@]}" --scanned-at "$NEXT" --clamav-exit 0 --clamav-exceeds-max "$GATE_DIR/clam.log"
	run -0 gate verify "$IMAGE"
}

@test "a report of another image is refused" {
	report "$GATE_DIR/r.json" "$NOW"
	run -1 gate import --digest "sha256:$(printf 'a%.0s' {1..64})" --classes vuln "$GATE_DIR/r.json"
	[[ $output == *"is a report of $IMAGE, not of"* ]]
}

@test "list, reeval, rescan-list: 20 when something is found" {
	imported
	run -0 gate list
	[[ $output == "$IMAGE good "* ]]
	run -0 gate list --bad
	run -20 gate list --expiring 30d
	run -0 gate reeval
	run -0 gate rescan-list --older 1h
	[ -z "$output" ]
	gate revoke image "$IMAGE" --reason test
	run -20 gate list --bad
	printf '#!/bin/sh\necho "bad $1 $2" >> %s/told\n' "$GATE_DIR" > "$GATE_DIR/tell"
	chmod 700 "$GATE_DIR/tell"
	run -20 gate reeval --on-bad "$GATE_DIR/tell"
	[[ $(cat "$GATE_DIR/told") == "bad $IMAGE E_REVOKED_IMAGE"* ]]
}

@test "rescan-list: the list of packages that import kept; what a scanner says of it becomes the record" {
	local path
	imported
	sleep 1
	run -0 gate rescan-list --older 0s
	[ "$output" = "$IMAGE -" ]
	printf '{"bomFormat": "CycloneDX", "specVersion": "1.6", "components": []}' > "$GATE_DIR/sbom.json"
	run -1 gate import --classes vuln --db-updated-at "$NOW" --key "$GATE_DIR/k.pem" --sbom "$GATE_DIR/r.json" "$GATE_DIR/r.json"
	[[ $output == *"--sbom: '$GATE_DIR/r.json' is no list of packages, neither CycloneDX nor SPDX as JSON"* ]]
	gate import --classes vuln --db-updated-at "$NOW" --key "$GATE_DIR/k.pem" --ref registry.example.com/app --sbom "$GATE_DIR/sbom.json" "$GATE_DIR/r.json"
	run -0 gate gc
	run -0 gate rescan-list --older 0s
	read -r image path name <<< "$output"
	[ "$image $name" = "$IMAGE registry.example.com/app" ]
	[[ $path == "$GATE_DIR/store/objects/sha256/"* ]]
	cmp "$path" "$GATE_DIR/sbom.json"
	NOW=$(date -u +%FT%TZ)
	jq -n --arg at "$NOW" --argjson found "$high" '{SchemaVersion: 2, Trivy: {Version: "0.66.0"}, CreatedAt: $at, ArtifactName: "sbom.json",
		ArtifactType: "cyclonedx", Metadata: {OS: {Family: "alpine", Name: "3.20.3"}},
		Results: [{Target: "sbom.json (alpine 3.20.3)", Class: "os-pkgs", Type: "alpine", Vulnerabilities: $found}]}' > "$GATE_DIR/again.json"
	run -0 gate import --digest "$IMAGE" --classes vuln --db-updated-at "$NOW" --key "$GATE_DIR/k.pem" "$GATE_DIR/again.json"
	run -10 gate verify "$IMAGE"
	[[ $output == *"E_VULN high 1 > 0 (CVE-2026-1 zlib"* ]]
	sleep 1
	rm "$path"
	run -0 gate rescan-list --older 0s
	[ "$output" = "$IMAGE - registry.example.com/app" ]
}

@test "eight imports at once: all is there, and the store verifies" {
	local n pids=()
	for n in 1 2 3 4 5 6 7 8; do
		report "$GATE_DIR/r$n.json" "$NOW"
		jq -c --arg id "sha256:$(printf '%064d' "$n")" '.Metadata.ImageID = $id' "$GATE_DIR/r$n.json" > "$GATE_DIR/i$n.json"
		gate import --classes vuln --db-updated-at "$NOW" --key "$GATE_DIR/k.pem" "$GATE_DIR/i$n.json" &
		pids+=($!)
	done
	for n in "${pids[@]}"; do wait "$n"; done
	[ "$(gate list | grep -c ' good ')" = 8 ]
	run -0 gate selftest
	run -0 gate log verify
}

@test "a revocation that is gone from the store is told by the log; unrevoke takes back nothing that it can't log" {
	local hex=${IMAGE#sha256:} file
	imported
	gate revoke image "$IMAGE" --reason test
	gate revoke key "$(printf '%064d' 7)" --reason lost
	run -0 gate log verify
	file=$(find "$GATE_DIR/store/by-digest" -name revoked)
	mv "$file" "$GATE_DIR/kept"
	run -0 gate verify "$IMAGE"
	run -1 gate log verify
	[[ $output == *"revocation of image $hex, logged 20"*"Z, is gone from the store, and no unrevoke took it back; run: kanuki-gate revoke image $hex"* ]]
	[[ $output != *"revocation of key"* ]]
	run -0 gate log --no-head verify
	mv "$GATE_DIR/kept" "$file"
	run -0 gate log verify
	mv "$GATE_DIR/log" "$GATE_DIR/away"
	mkdir -p "$GATE_DIR/log/gate.jsonl"
	run -1 gate unrevoke image "$IMAGE" --reason test
	[[ $output == *"unrevoke is not in the log: "* ]]
	run -10 gate verify "$IMAGE"
	rm -r "$GATE_DIR/log"
	mv "$GATE_DIR/away" "$GATE_DIR/log"
	gate unrevoke image "$IMAGE" --reason test
	run -1 gate unrevoke image "$IMAGE" --reason test
	[[ $output == *"isn't revoked"* ]]
	run -0 gate verify "$IMAGE"
	run -0 gate log verify
	[ "$(jq -s 'map(select(.rule == "unrevoke")) | length' "$GATE_DIR/log/gate.jsonl")" = 1 ]
}

@test "a decision has an end: the policy's hook.deadline, or --deadline where that is shorter, and which it was is told" {
	printf '{"version": 1, "hook": {"deadline": "1s"}}' > "$GATE_DIR/etc/policy.json"
	run -14 gate hook < <(sleep 30)
	[[ $output == "kanuki: image denied (unknown): E_TIMEOUT the decision took too long (hook.deadline of the policy: 1s); "* ]]
	run -14 gate hook --runtime < <(sleep 30)
	[ "$(jq -r '.verdict, .reasons[0]' <<< "$output" | tr '\n' ' ')" = "deny E_TIMEOUT " ]
	[[ $(jq -r .line <<< "$output") == *"(hook.deadline of the policy: 1s)"* ]]
	run -14 gate hook --deadline 100 < <(sleep 30)
	[[ $output == *"E_TIMEOUT the decision took too long (--deadline); "* ]]
	printf '{"version": 1, "hook": {"deadline": "10s"}}' > "$GATE_DIR/etc/policy.json"
	run -13 gate policy check
	[[ $output == *"hook.deadline: '10s' is out of range: 1s to 9s"* ]]
}

@test "an image of 4,000 findings is imported and judged; the same finding in several places is kept once" {
	local digest
	digest=sha256:$(printf '%064d' 0)
	"$top_srcdir/tests/gate/big-report" 4000 > "$GATE_DIR/big.json"
	run -0 gate import --platform linux/amd64 --classes vuln --db-updated-at 2026-11-21T12:00:00Z --key "$GATE_DIR/k.pem" "$GATE_DIR/big.json"
	run -10 gate verify --at 2026-11-22T00:00:00Z "$digest"
	[[ $output == *"E_VULN high 1334 > 0 "* ]]
	run -0 gate selftest
	imported "$(jq -c '. + . + [.[0] + {PkgName: "other"}]' <<< "$high")"
	[ "$(jq -r .payload < "$GATE_DIR"/store/by-digest/sha256/96/*/current | base64 -d | jq -c '.predicate.findings.vuln | map(.[2])')" = '["other","zlib"]' ]
}

@test "gc removes what nothing needs, and no decision changes" {
	imported
	touch "$GATE_DIR/store/objects/.new-1-0"
	run -0 gate gc
	[ "$output" = "1 files removed, 0 of them expired permissions" ]
	run -0 gate verify "$IMAGE"
	run -0 gate selftest
}

# KIND CREATED EXPIRES [KEY=VALUE]: a signed permission of those times into the store, whatever they are.
permission() {
	jq -nc --arg kind "$1" --arg image "$IMAGE" --arg created "$2" --arg expires "$3" --argjson more "${4:-{\}}" '{kind: $kind, images: [$image],
		owner: "web team", created: $created, expires: $expires} + $more' > "$GATE_DIR/p.json"
	attest "$GATE_DIR/p.json" "$GATE_DIR/k.pem" "$GATE_DIR/p.dsse" application/vnd.kanuki.gate-permission+json
	install -m 400 "$GATE_DIR/p.dsse" "$GATE_DIR/store/permissions/$(sha < "$GATE_DIR/p.dsse")"
}

@test "gc: what has expired for a day goes, with a line in the log; what hasn't, or just has, stays" {
	local at
	at() { date -u -d "$1" +%FT%TZ; }
	permission waiver "$(at '-3 days')" "$(at '-2 days')" '{"finding": "CVE-2026-1"}'
	permission permit "$(at '-3 days')" "$(at '-2 days')" '{"role": "deployer"}'
	permission breakglass "$(at '-3 days')" "$(at '-2 days')" '{"reason": "night"}'
	permission waiver "$(at '-3 days')" "$(at '-1 hour')" '{"finding": "CVE-2026-1"}'
	permission waiver "$(at '-3 days')" "$(at '+1 hour')" '{"finding": "CVE-2026-1"}'
	echo broken > "$GATE_DIR/store/permissions/$(printf '%064d' 1)"
	chmod 400 "$GATE_DIR/store/permissions"/*
	run -0 gate gc
	[ "$output" = "3 files removed, 3 of them expired permissions" ]
	[ "$(find "$GATE_DIR/store/permissions" -type f | wc -l)" = 3 ]
	run -0 gate log show
	[ "$(grep -cE '(waiver|permit|breakglass) [0-9a-f]{64} of web team expired .*Z and is removed' <<< "$output")" = 3 ]
	run -0 gate gc
	[ "$output" = "0 files removed, 0 of them expired permissions" ]
}

# scanner NAME REPORT: a program of that name that says of when its database is, as trivy does, and prints the report.
scanner() {
	mkdir -p "$GATE_DIR/scanners"
	cp "$2" "$GATE_DIR/scanners/report"
	cat > "$GATE_DIR/scanners/$1" << SCRIPT
#!/bin/sh
case "\$*" in version*) echo '{"Version": "0.66.0", "VulnerabilityDB": {"UpdatedAt": "$NOW"}}'; exit ;; esac
cat $GATE_DIR/scanners/report
SCRIPT
	chmod 755 "$GATE_DIR/scanners/$1"
}

@test "scan and run are two commands: what scanners of the host print of a directory becomes the record" {
	mkdir "$GATE_DIR/root"
	report "$GATE_DIR/r.json" "$NOW"
	run -2 gate scan --key "$GATE_DIR/k.pem" "$GATE_DIR/root"
	[[ $output == *"--digest DIGEST"* ]]
	run -1 gate scan --scanners "$GATE_DIR/none" --digest "$IMAGE" --key "$GATE_DIR/k.pem" "$GATE_DIR/root"
	scanner trivy "$GATE_DIR/r.json"
	run -0 gate scan --scanners "$GATE_DIR/scanners" --digest "$IMAGE" --key "$GATE_DIR/k.pem" "$GATE_DIR/root"
	[[ $output == *"scanners/trivy: done"* ]]
	run -0 gate verify "$IMAGE"
	run -0 gate explain "$IMAGE"
	[[ $output == *"scan     trivy 0.66.0: vuln secret"* ]]
	printf '#!/bin/sh\nexit 7\n' > "$GATE_DIR/scanners/trivy"
	run -1 gate scan --scanners "$GATE_DIR/scanners" --digest "$IMAGE" --key "$GATE_DIR/k.pem" "$GATE_DIR/root"
	[[ $output == *"no scanner has come to an end"* ]]
	chmod 777 "$GATE_DIR/scanners/trivy"
	run -1 gate scan --scanners "$GATE_DIR/scanners" --digest "$IMAGE" --key "$GATE_DIR/k.pem" "$GATE_DIR/root"
}
