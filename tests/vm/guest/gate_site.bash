# gate_site.bash: a site with kanuki-gate in the guest, at its usual places. Sourced after helpers.bash and tests/gate/helpers.bash.
# shellcheck shell=bash

gate() { "$G" "$@"; }

# Beside what every guest has: what the tests of engines need.
site_needs() {
	local program missing=''
	[ "${CONTROL-}" = "" ] || skip "no gate in $CONTROL"
	for program; do
		command -v "$program" > /dev/null || missing+=" $program"
	done
	[ -z "$missing" ] || skip "not installed:$missing"
}

# A store, a key with every role, a policy; kanuki at its default level asks, because there is a gate.
site_begin() {
	GATE_DIR=$BATS_TEST_TMPDIR
	NOW=$(date -u +%FT%TZ)
	site_end
	gate init > /dev/null
	site_policy .
	gate keys generate --out "$GATE_DIR/k.pem" > /dev/null
	gate keys add --role recorder --role scanner --role approver "$GATE_DIR/k.pem.pub" > /dev/null
}

site_end() { rm -rf /etc/kanuki /var/lib/kanuki/gate /var/log/kanuki; }

# site_policy FILTER: the gate's policy is what the filter makes of the first one.
site_policy() {
	jq -n '{version: 1} | '"$1" > /etc/kanuki/gate/policy.json
}

scanned() {
	report "$GATE_DIR/r.json" "$NOW"
	gate import --classes vuln,secret --db-updated-at "$NOW" --key "$GATE_DIR/k.pem" "$GATE_DIR/r.json" > /dev/null
}

# The newest line of the gate's log about an image: the event and the image.
logged() { jq -r 'select(.event == "admit" or .event == "refused") | "\(.event) \(.image)"' /var/log/kanuki/gate.jsonl | tail -n 1; }

# denied CODE: what `run` ran failed, and the engine's user is told what and how it goes on.
denied() {
	echo "$output"
	[ "$status" != 0 ]
	[[ $output == *"image denied ${IMAGE:0:19}... (localhost/"*"): $1"*"run: kanuki-gate explain $IMAGE"* ]]
	[[ $output != *"ran inside"* ]]
	[ "$(logged)" = "refused $IMAGE" ]
}

ran() {
	echo "$output"
	[ "$status $output" = "0 ran inside" ]
	[ "$(logged)" = "admit $IMAGE" ]
}
