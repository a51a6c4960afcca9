#!/usr/bin/env bats
# kanuki evidence: what is in the archive, as tar(1), sha256sum(1) and kanuki itself read it; and that there is a whole one or none.
# shellcheck disable=SC2154 # run sets them

load helpers

test_begin() {
	T=$W/log/trail
	mkdir -m 700 "$W/log"
	A=$W/out/evidence.tar
	mkdir "$W/out"
	policy "{\"version\": 1, \"audit\": {\"file\": \"$T\"}, \"mounts\": {\"allow\": [{\"source\": \"/usr/share\"}]}}"
}

test_end() {
	! mountpoint -q "$W/small" || umount "$W/small"
	! mountpoint -q /sys/kernel || umount /sys/kernel
}

# collect STATUS ARGS...: the archive, unpacked to $W/x/evidence, and every promise that it makes of itself
collect() {
	local want=$1 hash
	shift
	run --separate-stderr k evidence --output "$A" "$@"
	[ "$status" = "$want" ] || { show; return 1; }
	[ "$want" != 0 ] || [ -z "$stderr" ] || { show; return 1; }
	rm -rf "$W/x"
	mkdir "$W/x"
	hash=$(sha256sum < "$A")
	is "$A: $(tar -tf "$A" | wc -l) files, sha256 ${hash%% *}"
	is 600 "$(stat -c %a "$A")"
	is "" "$(tar -tvf "$A" | grep -v '^-rw------- root/root ' || :)"
	tar -C "$W/x" -xf "$A"
	E=$W/x/evidence
	(cd "$E" && sha256sum --strict --quiet -c MANIFEST)
	# all but itself are in the manifest, each with its size
	diff <(cd "$E" && find . -type f ! -name MANIFEST -printf '%P %s\n' | sort) \
		<(sed -n 's/^# \([0-9]*\) bytes:$/\1/p; s/^[0-9a-f]\{64\}  //p' "$E/MANIFEST" | paste -d' ' - - | awk '{ print $2, $1 }' | sort)
	rm "$A"
}

@test "evidence: everything of a running, a created and a stopped container" {
	up
	script 'exec sleep 1000'
	k create --bundle "$B" "$ID-2" < /dev/null > "$W/up.out" 2>&1
	k create --bundle "$B" "$ID-3" < /dev/null > "$W/up.out" 2>&1
	k kill "$ID-3" KILL
	until_true eval "k state '$ID-3' | grep -q stopped"
	collect 0
	cmp "$E/audit/trail-1.jsonl" "$T"
	cmp "$E/audit/trail-1.jsonl.head" "$T.head"
	is $'audit/trail-1.jsonl: '"$T"$'\n5 lines, seq 1..5, verified' "$(cat "$E/audit/verify.txt")"
	run k audit verify "$E/audit/trail-1.jsonl"
	is "5 lines, seq 1..5, verified"
	cmp "$E/policy/in-force.json" "$POLICY_DIR/policy.json"
	is "$(k policy show)" "$(cat "$E/policy/in-force.txt")"
	is "$ID containers/$ID running"$'\n'"$ID-2 containers/$ID-2 created"$'\n'"$ID-3 containers/$ID-3 stopped" "$(cat "$E/containers.txt")"
	local id
	for id in "$ID" "$ID-2" "$ID-3"; do
		cmp "$E/containers/$id/record.json" "$ROOT/$id/record.json"
		is "$(jq 'walk(if type == "object" and has("env") then .env |= map(sub("=.*"; "=(not shown)")) else . end)' "$ROOT/$id/plan.json")" \
			"$(jq . "$E/containers/$id/plan.json")"
		# the whole plan: all that kanuki plan prints for it, but for the values of the environment
		has "SHA-256 is $(jq -r .planHash "$ROOT/$id/record.json")," "$(head -n 1 "$E/containers/$id/plan.txt")"
		is "# which planHash in record.json and in the trail names" "$(sed -n 2p "$E/containers/$id/plan.txt")"
		is "$(jq -r .planHash "$ROOT/$id/record.json")  -" "$(sha256sum < "$ROOT/$id/plan.txt")"
		is "$(k plan --id "$id" "$B" | sed -E '/^args: /d; s/^(env\.[A-Z]+: )[^(].*/\1(not shown)/')" \
			"$(sed '1,2d; /^args: /d' "$E/containers/$id/plan.txt")"
		has 'args: /bin/sh -c "exec sleep 1000"' "$(cat "$E/containers/$id/plan.txt")"
	done
	is held "$(jq -r '.findings[] | select(.id == "K-01").verdict' "$E/containers/$ID/check.json")"
	is "$ID container" "$(jq -r '"\(.name) \(.subject)"' "$E/containers/$ID/check.json")"
	[ ! -e "$E/containers/$ID-2/check.json" ] && [ ! -e "$E/containers/$ID-3/check.json" ] || { show; false; }
	is host "$(jq -r .subject "$E/check/host.json")"
	is "policy $POLICY_DIR/policy.json" "$(jq -r '"\(.subject) \(.name)"' "$E/check/policy.json")"
	cmp "$E/os-release" /etc/os-release
	is "$("$KANUKI" --version | sed -n 's/kanuki version /kanuki: /p; /^commit/p')" "$(head -n 2 "$E/versions.txt")"
	has "kernel: Linux $(uname -r) " "$(cat "$E/versions.txt")"
	! find "$E" -type f | grep -vE '/(audit|policy|check|containers)/|/(versions.txt|os-release|containers.txt|MANIFEST)$'
}

@test "evidence: what the environment holds isn't given away, its names are" {
	up '.process.env += ["SECRET_TOKEN=hunter=2"]'
	grep -q hunter "$ROOT/$ID/plan.json" # control
	collect 0
	is $'PATH=(not shown)\nSECRET_TOKEN=(not shown)' "$(jq -r '.. | .env? // empty | .[]' "$E/containers/$ID/plan.json" | grep "=")"
	is "" "$(grep -r hunter "$E" || :)"
}

@test "evidence: nor is it in the text of the plan, of hooks neither" {
	printf '#!/bin/sh\n' > "$W/hook"
	chmod 755 "$W/hook"
	up ".process.env += [\"SECRET_TOKEN=hunter \\\" env=2\", \"E=\"] | .hooks.poststart = [{path: \"$W/hook\", args: [\"x env=y\"], env: [\"K=hunter,: 3\", \"L=hunter\"], timeout: 9}]"
	grep -q 'SECRET_TOKEN: "hunter' "$ROOT/$ID/plan.txt" && grep -q 'env="K=hunter,: 3",L=hunter timeout' "$ROOT/$ID/plan.txt" # control
	collect 0
	is "" "$(grep -r hunter "$E" || :)"
	is "hook.poststart: $W/hook args=\"x env=y\" env=(not shown) timeout=9s" "$(grep '^hook\.' "$E/containers/$ID/plan.txt" | sed 's/  # .*//')"
	is "env.SECRET_TOKEN: (not shown)" "$(grep SECRET "$E/containers/$ID/plan.txt")"
}

@test "evidence: a plan that was changed since is said to be, with status 2" {
	up
	sed -i 's/^root.readonly: .*/root.readonly: no/' "$ROOT/$ID/plan.txt"
	collect 2
	has "which is NOT what planHash names" "$(sed -n 2p "$E/containers/$ID/plan.txt")"
	has "$ID containers/$ID running, whose plan.txt is not what planHash names" "$(cat "$E/containers.txt")"
	has "a container's plan isn't the one that it was made by" "$stderr"
}

@test "evidence: without a trail there is the part of the plan that is recorded, and its text says so" {
	policy '{"version": 1}'
	up
	[ ! -e "$ROOT/$ID/plan.txt" ]
	collect 0
	has '# what was recorded of the plan: no lines for mounts' "$(head -n 1 "$E/containers/$ID/plan.txt")"
	is "" "$(grep -vE '^(#|env\.)' "$E/containers/$ID/plan.txt" | sed 's/  # .*//' | sort |
		comm -23 - <(k plan --id "$ID" "$B" | sed 's/  # .*//' | sort) | grep -vE '^args: ' || :)"
	[ "$(grep -c . "$E/containers/$ID/plan.txt")" -gt 40 ]
}

@test "evidence: --since takes the end of the trail, unbroken, and verifies all of it" {
	local at
	script 'echo ran'
	go
	sleep 1.1
	at=$(date -u +%Y-%m-%dT%H:%M:%SZ)
	go
	collect 0 --since "$at"
	tail -n 3 "$T" | cmp - "$E/audit/trail-1.jsonl"
	has '6 lines, seq 1..6, verified' "$(cat "$E/audit/verify.txt")"
	run k audit verify "$E/audit/trail-1.jsonl"
	is "3 lines, seq 4..6, verified"
	has "since: $at" "$(cat "$E/versions.txt")"
	collect 0 --since "$(date -u +%Y-%m-%d)"
	cmp "$E/audit/trail-1.jsonl" "$T"
	collect 0 --since 2999-12-31
	[ ! -e "$E/audit/trail-1.jsonl" ] && has 'nothing of it is here' "$(cat "$E/audit/verify.txt")" || { show; false; }
	local wrong
	for wrong in yesterday 2026-02-30 2026-11-22T07:00 '2026-11-22 07:00:00Z' 2026-11-22T07:00:00+01:00 2026-11-22T24:00:00Z ''; do
		run --separate-stderr k evidence --output "$A" --since "$wrong"
		[ "$status" = 1 ] && has "--since: '$wrong' is neither" "$stderr" && [ ! -e "$A" ] || { show; false; }
	done
}

@test "evidence: a rotated trail, by its names" {
	script 'echo ran'
	go
	mv "$T" "$T.1"
	go
	collect 0 "$T.1" "$T"
	cmp "$E/audit/trail-1.jsonl" "$T.1"
	cmp "$E/audit/trail-2.jsonl" "$T"
	[ ! -e "$E/audit/trail-1.jsonl.head" ]
	has '6 lines, seq 1..6, verified' "$(cat "$E/audit/verify.txt")"
	run k audit verify "$E/audit/trail-1.jsonl" "$E/audit/trail-2.jsonl"
	is "6 lines, seq 1..6, verified"
	run --separate-stderr k evidence --output "$A" "$T.2"
	[ "$status" = 1 ] && [ ! -e "$A" ] || { show; false; }
}

@test "evidence: a trail that was changed, torn, cut or taken away is in there, and said" {
	script 'echo ran'
	go
	go
	sed -i '2s/"uid":0/"uid":1/' "$T"
	collect 2
	cmp "$E/audit/trail-1.jsonl" "$T"
	has "warning: the audit trail isn't what was written" "$stderr"
	has "$T:2:" "$(grep changed "$E/audit/verify.txt")"
	sed -i '$d' "$T"
	collect 2
	has cut "$(cat "$E/audit/verify.txt")"
	printf 'torn' >> "$T"
	collect 2
	cmp "$E/audit/trail-1.jsonl" "$T"
	rm "$T" "$T.head"
	collect 2
	has "no event has been written, or the trail was taken away: $T" "$(cat "$E/audit/verify.txt")"
	[ ! -e "$E/audit/trail-1.jsonl" ]
}

@test "evidence: without a trail; with containers of another policy, whose file changed or is gone" {
	local other
	other=$(mktemp -d /run/kanuki-policy.XXXXXX)
	chmod 755 "$other"
	printf '{"version": 1, "gate": {"mode": "off"}, "audit": {"file": "%s"}}\n' "$T" > "$other/p.json"
	script 'exec sleep 1000'
	"$KANUKI" --root "$ROOT" --policy "$other/p.json" create --bundle "$B" "$ID" < /dev/null > "$W/up.out" 2>&1 3>&-
	policy '{"version": 1}'
	collect 0
	cmp "$E/policy/of-containers-1.json" "$other/p.json"
	has "policy: $other/p.json" "$(cat "$E/policy/of-containers-1.txt")"
	is "the policy in force has no audit trail"$'\n'"not here, though a container has its lines in it: $T" "$(cat "$E/audit/verify.txt")"
	chmod 666 "$other/p.json"
	run --separate-stderr k evidence --output "$A"
	[ "$status" = 1 ] && has 'can be written by' "$stderr" && [ ! -e "$A" ] || { show; false; }
	rm -r "$other"
	collect 0
	[ ! -e "$E/policy/of-containers-1.txt" ]
	k delete --force "$ID"
	LEVEL=oci POLICY_DIR='' collect 0
	[ ! -e "$E/policy/in-force.json" ] && has 'policy: builtin:oci' "$(cat "$E/policy/in-force.txt")" || { show; false; }
}

@test "evidence: an id that is too long for tar's names, and one that only began" {
	local long
	long=$ID-$(printf 'x%.0s' {1..200})
	script 'exec sleep 1000'
	k create --bundle "$B" "$long" < /dev/null > "$W/up.out" 2>&1
	mkdir -m 700 "$ROOT/$ID-dead"
	collect 0
	cmp "$E/containers/@2/record.json" "$ROOT/$long/record.json"
	is "$ID-dead containers/$ID-dead stopped, without a record" "$(grep dead "$E/containers.txt")"
	has "$long containers/@2 created" "$(cat "$E/containers.txt")"
}

@test "evidence: a file that is there stays as it is; no name, no directory, nothing half-made" {
	echo mine > "$A"
	run --separate-stderr k evidence -o "$A"
	[ "$status" = 1 ] && has "'$A' exists already" "$stderr" && is mine "$(cat "$A")" || { show; false; }
	rm "$A"
	ln -s nowhere "$A"
	run --separate-stderr k evidence -o "$A"
	[ "$status" = 1 ] && has "exists already" "$stderr" && [ -L "$A" ] && [ ! -e "$W/out/nowhere" ] || { show; false; }
	rm "$A"
	run --separate-stderr k evidence
	[ "$status" = 1 ] && has 'say with --output' "$stderr" || { show; false; }
	run --separate-stderr k evidence -o "$W/out/"
	[ "$status" = 1 ] && has 'is no file' "$stderr" || { show; false; }
	run --separate-stderr k evidence -o "$W/nowhere/a.tar"
	[ "$status" = 1 ] && has "make a file in '$W/nowhere/'" "$stderr" || { show; false; }
	# a disk that fills up meanwhile
	mkdir "$W/small"
	mount -t tmpfs -o size=32k none "$W/small"
	run --separate-stderr k evidence -o "$W/small/a.tar"
	[ "$status" = 1 ] && has 'write the archive' "$stderr" && is "" "$(ls -A "$W/small")" || { show; false; }
	# what can't be read ends it: a record that is none
	mkdir -m 700 "$ROOT" "$ROOT/$ID-bad"
	echo '{' > "$ROOT/$ID-bad/record.json"
	run --separate-stderr k evidence -o "$A"
	[ "$status" = 1 ] && has "container '$ID-bad'" "$stderr" || { show; false; }
	is "" "$(ls -A "$W/out")"
	rm -r "${ROOT:?}/$ID-bad"
}

@test "evidence: containers that come and go meanwhile are no error" {
	script 'exec sleep 0.01'
	churn() { local i; for ((i = 0; i < 40; i++)); do k run --bundle "$B" "$ID-$1-$i" < /dev/null > /dev/null 2>&1; done; touch "$W/done-$1"; }
	background churn a
	background churn b
	local n=0
	until [ -e "$W/done-a" ] && [ -e "$W/done-b" ]; do
		collect 0
		n=$((n + 1))
	done
	[ "$n" -gt 1 ]
}
