# What the gate's tests stand on: a store, a key and a report of their own in a temporary directory.
# shellcheck shell=bash
: "${top_builddir:?the build tree}"
GATE_PROGRAM=${GATE_PROGRAM:-$top_builddir/kanuki-gate}
IMAGE=sha256:961769676411f082461f9ef46626dd7a2d1e2b2a38e6a44364bcbecf51e66dd4
export IMAGE

gate() { "$GATE_PROGRAM" --store "$GATE_DIR/store" --etc "$GATE_DIR/etc" "$@"; }

# FILE TIME [VULNERABILITIES]: a report as trivy writes it.
report() {
	jq -n --arg at "$2" --arg image "$IMAGE" --argjson found "${3:-[]}" '{SchemaVersion: 2, Trivy: {Version: "0.66.0"}, CreatedAt: $at,
		ArtifactName: "app", ArtifactType: "container_image", Metadata: {OS: {Family: "alpine", Name: "3.20.3"}, ImageID: $image,
		RepoTags: ["registry.example.com/app:1"], ImageConfig: {architecture: "amd64", os: "linux"}},
		Results: [{Target: "app (alpine 3.20.3)", Class: "os-pkgs", Type: "alpine", Vulnerabilities: $found}]}' > "$1"
}

# A statement signed as cosign does: DSSE's encoding before it, ECDSA over SHA-256 as DER, base64. STATEMENT KEY OUT [TYPE SIGNED-TYPE]
attest() {
	local type=${4:-application/vnd.in-toto+json} signed=${5:-${4:-application/vnd.in-toto+json}} size
	size=$(stat -c %s "$1")
	{ printf 'DSSEv1 %d %s %d ' "${#signed}" "$signed" "$size"; cat "$1"; } > "$GATE_DIR/pae"
	openssl dgst -sha256 -sign "$2" -out "$GATE_DIR/signature" "$GATE_DIR/pae"
	jq -n --arg type "$type" --arg payload "$(base64 -w0 "$1")" --arg sig "$(base64 -w0 "$GATE_DIR/signature")" \
		'{payloadType: $type, payload: $payload, signatures: [{keyid: "", sig: $sig}]}' > "$3"
}

# FILE TIME: cosign's predicate for vulnerabilities around trivy's report.
statement() {
	report "$GATE_DIR/inner.json" "$2"
	jq -c --arg at "$2" --arg hex "${IMAGE#sha256:}" '{_type: "https://in-toto.io/Statement/v0.1",
		predicateType: "https://cosign.sigstore.dev/attestation/vuln/v1", subject: [{name: "registry.example.com/app", digest: {sha256: $hex}}],
		predicate: {invocation: {parameters: ["--format=json"], uri: "", event_id: "", "builder.id": ""},
		scanner: {uri: "pkg:github/aquasecurity/trivy@0.66.0", version: "0.66.0", db: {uri: "", version: ""}, result: .},
		metadata: {scanStartedOn: $at, scanFinishedOn: $at}}}' "$GATE_DIR/inner.json" > "$1"
}

gate_begin() {
	GATE_DIR=$(mktemp -d)
	export GATE_DIR
	mkdir -m 700 "$GATE_DIR/etc" "$GATE_DIR/log"
	printf '{"version": 1, "log": {"path": "%s"}}\n' "$GATE_DIR/log/gate.jsonl" > "$GATE_DIR/etc/policy.json"
	chmod 600 "$GATE_DIR/etc/policy.json"
	gate init
	gate keys generate --out "$GATE_DIR/k.pem"
	gate keys add --role recorder --role scanner --role waiver --role approver --role breakglass "$GATE_DIR/k.pem.pub"
	NOW=$(date -u +%FT%TZ)
	AGO=$(date -u -d '-1 hour' +%FT%TZ)
	export NOW AGO
}
gate_end() { rm -rf "$GATE_DIR"; }
