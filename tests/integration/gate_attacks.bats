#!/usr/bin/env bats
# What somebody would try who may write reports, statements and VEX documents, or holds a key with a small role. As root: the store must be
# root's.
# shellcheck disable=SC2154 # output, status: bats
bats_require_minimum_version 1.5.0
load ../gate/helpers.bash

OTHER=sha256:0000000000000000000000000000000000000000000000000000000000000bad
MANIFEST_DIGEST=sha256:00000000000000000000000000000000000000000000000000000000000000aa
PURL='pkg:apk/alpine/zlib@1'
high='[{"VulnerabilityID": "CVE-2026-1", "PkgName": "zlib", "InstalledVersion": "1", "FixedVersion": "2", "Status": "fixed",
	"Severity": "HIGH", "PkgIdentifier": {"PURL": "pkg:apk/alpine/zlib@1"}}]'

setup() { gate_begin > /dev/null; }
teardown() { gate_end; }

# KEY ROLE...: a key of the site's
key() {
	local roles=() role
	for role in "${@:2}"; do roles+=(--role "$role"); done
	gate keys generate --out "$GATE_DIR/$1.pem" > /dev/null
	gate keys add "${roles[@]}" "$GATE_DIR/$1.pem.pub"
}

imported() {
	report "$GATE_DIR/r.json" "${2:-$NOW}" "${1:-[]}"
	gate import --classes vuln --db-updated-at "$NOW" --key "$GATE_DIR/k.pem" "$GATE_DIR/r.json"
}

# OpenVEX in a statement. SUBJECT PRODUCT FILE
openvex() {
	jq -nc --arg at "$NOW" --arg hex "${1#sha256:}" --arg product "$2" --arg purl "$PURL" '{_type: "https://in-toto.io/Statement/v1",
		predicateType: "https://openvex.dev/ns/v0.2.0", subject: [{name: "app", digest: {sha256: $hex}}],
		predicate: {"@context": "https://openvex.dev/ns/v0.2.0", "@id": "x", author: "me", timestamp: $at, version: 1,
		statements: [{vulnerability: {name: "CVE-2026-1"}, status: "not_affected", justification: "vulnerable_code_not_present",
		products: [{"@id": $product, subcomponents: [{"@id": $purl}]}]}]}}' > "$GATE_DIR/vex"
	attest "$GATE_DIR/vex" "$GATE_DIR/v.pem" "$3"
}

# A record as an attacker would write it, with the signature of a key of the site's. KEY JQ OUT
forged() {
	local record
	record=$(gate explain --json "$IMAGE" | jq -r .record)
	jq -r .payload "$GATE_DIR/store/records/sha256/${record:7:2}/${record:9}" | base64 -d | jq -c "$2" > "$GATE_DIR/forged"
	attest "$GATE_DIR/forged" "$GATE_DIR/$1.pem" "$3"
}

@test "VEX of another image takes nothing out of this one's count" {
	key v vex
	report "$GATE_DIR/r.json" "$NOW" "$high"
	import=(import --classes vuln --db-updated-at "$NOW" --key "$GATE_DIR/k.pem" "$GATE_DIR/r.json")
	openvex "$IMAGE" "pkg:oci/other@$OTHER" "$GATE_DIR/v.json"
	run -1 gate "${import[@]}" "$GATE_DIR/v.json"
	[[ $output == *"says nothing of this image"* ]]
	openvex "$OTHER" "pkg:oci/other@$OTHER" "$GATE_DIR/v.json"
	run -1 gate "${import[@]}" "$GATE_DIR/v.json"
	[[ $output == *"is about $OTHER, not about $IMAGE"* ]]
	run -10 gate verify "$IMAGE"
	[[ $output == *E_NOT_SCANNED* ]]
	openvex "$IMAGE" "pkg:oci/app@$IMAGE" "$GATE_DIR/v.json"
	run -0 gate "${import[@]}" "$GATE_DIR/v.json"
	run -0 gate verify "$IMAGE"
}

@test "VEX of another image in CycloneDX, by its metadata or the statement around it" {
	key v vex
	report "$GATE_DIR/r.json" "$NOW" "$high"
	import=(import --classes vuln --db-updated-at "$NOW" --key "$GATE_DIR/k.pem" "$GATE_DIR/r.json")
	bom() { # IMAGE SUBJECT
		jq -nc --arg at "$NOW" --arg image "pkg:oci/app@$1" --arg hex "${2#sha256:}" --arg purl "$PURL" '{_type: "https://in-toto.io/Statement/v1",
			predicateType: "https://cyclonedx.org/bom", subject: [{name: "app", digest: {sha256: $hex}}],
			predicate: {bomFormat: "CycloneDX", specVersion: "1.5", metadata: {timestamp: $at, component: {"bom-ref": "app", purl: $image}},
			components: [{"bom-ref": "z", purl: $purl}], vulnerabilities: [{id: "CVE-2026-1",
			analysis: {state: "not_affected", justification: "code_not_reachable"}, affects: [{ref: "z"}]}]}}' > "$GATE_DIR/vex"
		attest "$GATE_DIR/vex" "$GATE_DIR/v.pem" "$GATE_DIR/v.json"
	}
	bom "$OTHER" "$IMAGE"
	run -1 gate "${import[@]}" "$GATE_DIR/v.json"
	[[ $output == *"says nothing of this image"* ]]
	bom "$IMAGE" "$OTHER"
	run -1 gate "${import[@]}" "$GATE_DIR/v.json"
	[[ $output == *"is about $OTHER, not about $IMAGE"* ]]
	bom "$IMAGE" "$IMAGE"
	run -0 gate "${import[@]}" "$GATE_DIR/v.json"
	run -0 gate verify "$IMAGE"
}

@test "a signed scan of another image isn't this one's, whatever --digest says" {
	jq -nc --arg at "$NOW" --arg hex "${OTHER#sha256:}" '{_type: "https://in-toto.io/Statement/v1", subject: [{name: "a", digest: {sha256: $hex}}],
		predicateType: "https://in-toto.io/attestation/vulns/v0.2", predicate: {scanner: {uri: "x", version: "1", db: {lastUpdate: $at},
		result: []}, metadata: {scanStartedOn: $at, scanFinishedOn: $at}}}' > "$GATE_DIR/s.json"
	attest "$GATE_DIR/s.json" "$GATE_DIR/k.pem" "$GATE_DIR/a.json"
	import=(import --digest "$IMAGE" --platform linux/amd64 --key "$GATE_DIR/k.pem" "$GATE_DIR/a.json")
	run -1 gate "${import[@]}"
	[[ $output == *"is about $OTHER, not about $IMAGE"* ]]
	run -10 gate verify "$IMAGE"
	[[ $output == *E_NOT_SCANNED* ]]
	run -0 gate "${import[@]}" --manifest "$OTHER"
}

@test "what a revoked key or a revoked record says isn't carried over into the next record" {
	jq '.require = {classes: ["vuln", "malware"]}' "$GATE_DIR/etc/policy.json" > "$GATE_DIR/p.json"
	cat "$GATE_DIR/p.json" > "$GATE_DIR/etc/policy.json"
	id=$(key bad recorder scanner)
	imported
	forged bad ".predicate.scans += [{tool: \"clamav\", classes: [\"malware\"], scannedAt: \"$NOW\", dbUpdatedAt: \"$NOW\", complete: true}]" \
		"$GATE_DIR/f.dsse"
	run -0 gate attach "$GATE_DIR/f.dsse"
	run -0 gate verify "$IMAGE"
	gate revoke key "$id" --reason stolen
	run -10 gate verify "$IMAGE"
	NEXT=$(date -u -d '+1 second' +%FT%TZ)
	report "$GATE_DIR/next.json" "$NEXT"
	run gate import --classes vuln --db-updated-at "$NOW" --key "$GATE_DIR/k.pem" "$GATE_DIR/next.json"
	run -10 gate verify "$IMAGE"
	gate unrevoke key "$id" --reason test
	gate revoke record "$(gate explain --json "$IMAGE" | jq -r .record)" --reason test
	run gate import --classes vuln --db-updated-at "$NOW" --key "$GATE_DIR/k.pem" "$GATE_DIR/next.json"
	run -10 gate verify "$IMAGE"
}

@test "an image is revoked by its manifest's digest, too, and by an index that its record names" {
	report "$GATE_DIR/r0.json" "$NOW"
	jq --arg index "app@$OTHER" '.Metadata.RepoDigests = [$index]' "$GATE_DIR/r0.json" > "$GATE_DIR/r.json"
	gate import --classes vuln --db-updated-at "$NOW" --manifest "$MANIFEST_DIGEST" --key "$GATE_DIR/k.pem" "$GATE_DIR/r.json"
	run -0 gate verify "$IMAGE"
	for digest in "$MANIFEST_DIGEST" "$OTHER"; do
		gate revoke image "$digest" --reason test
		run -10 gate verify "$IMAGE"
		[[ $output == *"E_REVOKED_IMAGE $digest"* ]]
		gate unrevoke image "$digest" --reason test
	done
	run -0 gate verify "$IMAGE"
}

@test "a revoked record stays revoked when its envelope is written in another way" {
	imported
	record=$(gate explain --json "$IMAGE" | jq -r .record)
	cp "$GATE_DIR/store/records/sha256/${record:7:2}/${record:9}" "$GATE_DIR/old.dsse"
	gate revoke record "$record" --reason test
	run -10 gate verify "$IMAGE"
	[[ $output == *E_REVOKED_RECORD* ]]
	jq . "$GATE_DIR/old.dsse" > "$GATE_DIR/new.dsse"
	run gate attach "$GATE_DIR/new.dsse"
	run -10 gate verify "$IMAGE"
	[[ $output == *E_REVOKED_RECORD* ]]
	# another good signature on the same statement
	key two scanner
	run gate sign --key "$GATE_DIR/two.pem" "$IMAGE"
	run -10 gate verify "$IMAGE"
	[[ $output == *E_REVOKED_RECORD* ]]
	# taken back also when the record itself is gone
	rm "$GATE_DIR/store/records/sha256/${record:7:2}/${record:9}"
	gate unrevoke record "$record" --reason test
	run -0 gate verify "$IMAGE"
}

@test "a key that may sign no record can't put one in the place of a good one, nor have its words signed by the next import" {
	key low deployer
	imported
	later=$(date -u -d '+10 minutes' +%FT%TZ)
	forged low ".predicate.scans[0].scannedAt = \"$later\" | .predicate.scans += [{tool: \"clamav\", classes: [\"malware\"],
		scannedAt: \"$NOW\", dbUpdatedAt: \"$NOW\", complete: true}]" "$GATE_DIR/f.dsse"
	run -1 gate attach "$GATE_DIR/f.dsse"
	[[ $output == *"none of its keys may sign a record"* ]]
	run -0 gate verify "$IMAGE"
}

@test "what a scanner's key alone has signed waits, and a recorder's signature on the same lets both count" {
	key scan scanner
	imported
	later=$(date -u -d '+2 minutes' +%FT%TZ)
	forged scan ".predicate.scans[0].scannedAt = \"$later\"" "$GATE_DIR/f.dsse"
	run -0 gate attach "$GATE_DIR/f.dsse"
	[[ $output == "$IMAGE waits for a recorder's signature" ]]
	run -0 gate explain "$IMAGE"
	[ "$(grep -c '^signed ' <<< "$output")" = 1 ]
	[[ $output == *"note     a record waits"* ]]
	run -0 gate attach "$GATE_DIR/f.dsse"
	# who is about to sign what waits gets nothing else to sign
	cp "$GATE_DIR/forged" "$GATE_DIR/first"
	forged scan ".predicate.scans[0].scannedAt = \"$NOW\" | .predicate.sequence = 9" "$GATE_DIR/other.dsse"
	run -1 gate attach "$GATE_DIR/other.dsse"
	[[ $output == *"another record of $IMAGE waits already"* ]]
	attest "$GATE_DIR/first" "$GATE_DIR/k.pem" "$GATE_DIR/g.dsse"
	run -0 gate attach "$GATE_DIR/g.dsse"
	run -0 gate explain "$IMAGE"
	[ "$(grep -c '^signed ' <<< "$output")" = 2 ]
}

@test "a permission too large to be read isn't taken, and one that no signer may give isn't, either" {
	imported
	reason=$(head -c 70000 /dev/zero | tr '\0' x)
	gate keys generate --out "$GATE_DIR/low.pem"
	gate keys add --role vex "$GATE_DIR/low.pem.pub"
	jq -nc --arg image "$IMAGE" --arg reason "$reason" --arg at "$AGO" --arg till "$(date -u -d '+1 day' +%FT%TZ)" '{kind: "waiver",
		images: [$image], finding: "CVE-1", owner: "me", reason: $reason, created: $at, expires: $till}' > "$GATE_DIR/w.json"
	type=$(gate waive --finding CVE-1 --image "$IMAGE" --owner me --expires 1d --key "$GATE_DIR/k.pem" --out "$GATE_DIR/t.dsse" &&
		jq -r .payloadType "$GATE_DIR/t.dsse")
	attest "$GATE_DIR/w.json" "$GATE_DIR/k.pem" "$GATE_DIR/large.dsse" "$type"
	run -1 gate attach "$GATE_DIR/large.dsse"
	run -0 gate verify "$IMAGE"
	jq -c '.reason = "x"' "$GATE_DIR/w.json" > "$GATE_DIR/w2.json"
	attest "$GATE_DIR/w2.json" "$GATE_DIR/low.pem" "$GATE_DIR/low.dsse" "$type"
	run -1 gate attach "$GATE_DIR/low.dsse"
	[[ $output == *"none of its keys may give a waiver"* ]]
	attest "$GATE_DIR/w2.json" "$GATE_DIR/k.pem" "$GATE_DIR/good.dsse" "$type"
	run -0 gate attach "$GATE_DIR/good.dsse"
}

@test "--classes gives no scanner what it doesn't look for" {
	jq '.require = {classes: ["vuln", "malware"]}' "$GATE_DIR/etc/policy.json" > "$GATE_DIR/p.json"
	cat "$GATE_DIR/p.json" > "$GATE_DIR/etc/policy.json"
	report "$GATE_DIR/r.json" "$NOW"
	gate import --classes vuln,secret,malware --db-updated-at "$NOW" --key "$GATE_DIR/k.pem" "$GATE_DIR/r.json"
	run -10 gate verify "$IMAGE"
	[[ $output == *"E_CLASS_MISSING malware"* ]]
}

@test "what a document says reaches no terminal as it is" {
	printf '{"payload": "e30=", "payloadType": "a\\u001b]0;x\\u0007b", "signatures": []}' > "$GATE_DIR/a.dsse"
	run -1 gate attach "$GATE_DIR/a.dsse"
	[[ $output == *"the envelope holds 'a\\u001b]0;x\\u0007b'"* ]]
	run -1 gate attach "$GATE_DIR/$(printf 'a\033[31mb')"
	[[ $output != *$'\033'* ]]
}

@test "the hook's deadline holds also where its signal comes blocked, or ignored" {
	local how
	for how in --block-signal=ALRM --ignore-signal=ALRM; do
		SECONDS=0
		run -14 env "$how" "$GATE_PROGRAM" --store "$GATE_DIR/store" --etc "$GATE_DIR/etc" hook --deadline 100 < <(sleep 10)
		[[ $output == *E_TIMEOUT* ]]
		[ $SECONDS -lt 5 ]
	done
}

@test "what would be at another time is a question, and nothing that the store's clock hears of" {
	imported
	run -0 gate verify "$IMAGE"
	run -10 gate verify --at 30d "$IMAGE"
	[[ $output == *E_RECORD_EXPIRED* && $output != *E_CLOCK_ROLLBACK* ]]
	run -10 gate explain --at 2020-01-01T00:00:00Z "$IMAGE"
	[[ $output == *E_SCAN_FUTURE* && $output != *E_CLOCK_ROLLBACK* ]]
	run -0 gate verify "$IMAGE"
	# a clock that was wrong once
	printf '%020d\n' $(($(date +%s) + 86400)) > "$GATE_DIR/store/clock"
	run -10 gate explain "$IMAGE"
	[[ $output == *E_CLOCK_ROLLBACK*"remove the file clock of the store"* ]]
	rm "$GATE_DIR/store/clock"
	run -13 gate verify "$IMAGE"
	gate init > /dev/null
	run -0 gate verify "$IMAGE"
}

@test "a report that is written to while it is imported isn't the evidence of what it said" {
	report "$GATE_DIR/r.json" "$NOW"
	report "$GATE_DIR/bad.json" "$NOW" "$high"
	flock "$GATE_DIR/store/LOCK" sh -c 'sleep 1; cat "$1" > "$2"' sh "$GATE_DIR/bad.json" "$GATE_DIR/r.json" &
	sleep 0.3
	run -1 gate import --classes vuln --db-updated-at "$NOW" --key "$GATE_DIR/k.pem" "$GATE_DIR/r.json"
	[[ $output == *"was written to while it was read"* ]]
	wait
	run -10 gate verify "$IMAGE"
	[[ $output == *E_NOT_SCANNED* ]]
}

@test "a scan that lies in the future is neither imported nor attached, and keeps no later one out" {
	imported
	later=$(date -u -d '+10 minutes' +%FT%TZ)
	report "$GATE_DIR/later.json" "$later"
	run -1 gate import --classes vuln --db-updated-at "$NOW" --key "$GATE_DIR/k.pem" "$GATE_DIR/later.json"
	[[ $output == *"lies in the future"* ]]
	forged k ".predicate.scans[0].scannedAt = \"$later\"" "$GATE_DIR/f.dsse"
	run -1 gate attach "$GATE_DIR/f.dsse"
	[[ $output == *"lies in the future"* ]]
	run -0 gate verify "$IMAGE"
}
