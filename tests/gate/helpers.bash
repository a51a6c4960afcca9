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

sha() { sha256sum | cut -d' ' -f1; }

# containers/storage as podman makes it. DIRECTORY GRAPH ID [FILES]: an image of two layers, the lower one with these files, a container
# of it, and its root mounted, at $ROOT; its digests are $CONFIG and $MANIFEST, $O is the driver's directory, $G the graph.
LAYER=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
storage_begin() {
	G=$2
	O=$G/overlay
	mkdir -p "$G"
	mkdir -p "$O"/{low,top,$LAYER}/diff "$O/$LAYER"/{work,merged} "$O/l" "$G"/overlay-{images,layers,containers}
	[ -z "${4-}" ] || cp -a "$4/." "$O/low/diff"
	ln -s ../low/diff "$O/l/LOW"
	ln -s ../top/diff "$O/l/TOP"
	low=$(echo low | sha)
	top=$(echo top | sha)
	jq -nc --arg low "sha256:$low" --arg top "sha256:$top" \
		'{architecture: "amd64", os: "linux", rootfs: {type: "layers", diff_ids: [$low, $top]}}' > "$1/config"
	CONFIG=$(sha < "$1/config")
	jq -nc --arg config "sha256:$CONFIG" '{schemaVersion: 2, config: {digest: $config}, layers: []}' > "$1/manifest"
	MANIFEST=$(sha < "$1/manifest")
	mkdir "$G/overlay-images/$CONFIG"
	cp "$1/manifest" "$G/overlay-images/$CONFIG/manifest"
	cp "$1/config" "$G/overlay-images/$CONFIG/=$(printf 'sha256:%s' "$CONFIG" | base64 -w0)"
	jq -nc --arg id "$CONFIG" --arg digest "sha256:$MANIFEST" '[{id: $id, digest: $digest, layer: "top", names: ["localhost/app:1"]}]' \
		> "$G/overlay-images/images.json"
	jq -nc --arg layer $LAYER --arg low "sha256:$low" --arg top "sha256:$top" '[{id: "low", "diff-digest": $low},
		{id: "top", parent: "low", "diff-digest": $top}, {id: $layer, parent: "top"}]' > "$G/overlay-layers/layers.json"
	jq -nc --arg id "$3" --arg image "$CONFIG" --arg layer $LAYER '[{id: $id, names: ["c"], image: $image, layer: $layer,
		metadata: ({"image-name": "localhost/app:1"} | tojson)}]' > "$G/overlay-containers/containers.json"
	ROOT=$O/$LAYER/merged
	mount_root "$O/l/TOP:$O/l/LOW" "$O/$LAYER/diff"
}

mount_root() { mount -t overlay -o "lowerdir=$1,upperdir=$2,workdir=$O/$LAYER/work" overlay "$ROOT"; }
