#!/usr/bin/env bats
# kanuki audit: what verify tells of a trail that was written by many, killed at random, rotated meanwhile, on a disk that is full;
# what show tells; and how long a line takes. The unit test has the tampering of every kind.

bats_require_minimum_version 1.5.0

setup() {
	W=$BATS_TEST_TMPDIR
	T=$W/log/trail
	mkdir -m 700 "$W/log"
	writer=${top_builddir:?}/tests/soak/trail_writer
}

teardown() {
	local pid
	for pid in $(jobs -p); do kill -KILL "$pid" 2> /dev/null || :; done
	umount "$W/small" 2> /dev/null || :
}

show_all() { printf 'status %s\n%s\n' "$status" "$output"; }

audit() { run "${KANUKI:?}" audit "$@"; }

# starter: writers of some lines of several pages, one after the other, each killed at random or not, until $W/stop is there.
starter() # SEED
{
	local pid
	RANDOM=$1
	while [ ! -e "$W/stop" ]; do
		"$writer" "$T" 80 $((RANDOM % 41)) 0 2>> "$W/errors" &
		pid=$!
		if ((RANDOM % 4)); then
			sleep "0.00$((RANDOM % 10))"
			if kill -KILL "$pid" 2> /dev/null; then echo x >> "$W/killed"; fi
		fi
		wait "$pid" 2> /dev/null || : # killed
	done
}

# The chain by other programs: line by line sha256sum against the next line's prev. Only of a trail without torn lines.
chain_holds() # FILE...
{
	rm -rf "$W/split"
	mkdir "$W/split"
	cat "$@" | tr -d '\r' > "$W/joined"
	(cd "$W/split" && split -a 6 -d -l 1 "$W/joined" l && for f in l*; do truncate -s -1 "$f"; done && printf '%s\0' l* | xargs -0 sha256sum) |
		cut -c 1-64 > "$W/hashes"
	jq -r .prev "$W/joined" > "$W/prevs"
	diff <(sed '$d' "$W/hashes") <(sed 1d "$W/prevs")
}

@test "audit: 8 writers, 10000 lines, killed at random: verified, or torn where it is said" {
	local i n
	: > "$W/killed"
	for i in 1 2 3 4 5 6 7 8; do starter "$((RANDOM + i))" > /dev/null 2>&1 3>&- & done
	for ((i = 0; i < 600; i++)); do
		n=$(wc -l < "$T" 2> /dev/null || echo 0)
		((n < 10000)) || break
		sleep 0.1
	done
	touch "$W/stop"
	wait
	echo "lines $n, killed $(wc -l < "$W/killed")" | tee "$W/figures" >&3
	[ "$n" -ge 10000 ]
	[ "$(wc -l < "$W/killed")" -gt 50 ]
	[ ! -s "$W/errors" ] || { cat "$W/errors"; false; }
	audit verify "$T"
	show_all
	# a line that is whole is strict JSON; every other one is named
	jq -cR 'fromjson? // empty | .seq' "$T" > "$W/whole"
	[ "$(wc -l < "$W/whole")" = "$(sort -n -u "$W/whole" | wc -l)" ]
	if [ "$status" = 0 ]; then
		[ "$output" = "$(wc -l < "$T") lines, seq 1..$(wc -l < "$T"), verified" ]
		chain_holds "$T"
	else
		[ "$status" = 1 ]
		[ "$(grep -cvE "^$T:[0-9]+:[0-9]+: torn: " <<< "$output")" = 0 ]
		[ "$(wc -l <<< "$output")" = "$(jq -cR 'try (fromjson | empty) catch 1' "$T" | wc -l)" ]
	fi
}

# Some begin after it: on a busy machine the others may have ended before we look.
@test "audit: rotated by renaming while 8 write: both files are one trail" {
	local i
	for i in 1 2 3 4 5 6; do "$writer" "$T" 300 5 0 3>&- & done
	until [ "$(wc -l < "$T" 2> /dev/null || echo 0)" -gt 500 ]; do sleep 0.01; done
	mv "$T" "$T.1"
	for i in 7 8; do "$writer" "$T" 300 5 0 3>&- & done
	wait
	audit verify "$T.1" "$T"
	show_all
	[ "$status" = 0 ]
	[ "$output" = "2400 lines, seq 1..2400, verified" ]
	chain_holds "$T.1" "$T"
	audit verify "$T"
	[ "$status" = 0 ]
	audit verify --no-head "$T.1"
	[ "$status" = 0 ]
	audit verify "$T.1"
	[ "$status" = 1 ]
	[[ $output == *headless* ]]
}

@test "audit: a full disk: the writer is told, the torn line is named, the next one goes on" {
	mkdir "$W/small"
	mount -t tmpfs -o size=64k,mode=700 none "$W/small"
	run "$writer" "$W/small/trail" 1000 30 0
	show_all
	[ "$status" = 1 ]
	[[ $output == *"audit trail '$W/small/trail': "* ]]
	[ "$(grep -ciE 'no space|no such' <<< "$output")" = 0 ]
	mount -o remount,size=1m "$W/small"
	local whole size
	whole=$(wc -l < "$W/small/trail")
	size=$(stat -c %s "$W/small/trail")
	audit verify "$W/small/trail"
	show_all
	if [ "$(tail -c 1 "$W/small/trail")" != "" ]; then
		[ "$status" = 1 ]
		[ "$output" = "$W/small/trail:$((whole + 1)):$((size + 1)): torn: a writer was stopped here, in the middle of a line" ]
	fi
	"$writer" "$W/small/trail" 3 1 0
	run --separate-stderr "$KANUKI" audit show --json "$W/small/trail"
	[ "$(jq -s '.[-3].torn' <<< "$output")" = true ]
	[ "$(jq -s '.[-1].torn' <<< "$output")" = null ]
	[ "$(jq -s '.[-1].seq' <<< "$output")" = $((whole + 3)) ]
}

@test "audit: append-only (chattr +a) is enough for the trail" {
	"$writer" "$T" 2 1 0
	chattr +a "$T" 2> /dev/null || skip "no append-only files here"
	run "$writer" "$T" 2 1 0
	chattr -a "$T"
	show_all
	[ "$status" = 0 ]
	audit verify "$T"
	[ "$output" = "4 lines, seq 1..4, verified" ]
}

@test "audit: verify names file, line and byte of one changed byte, of a removed line and of a cut end" {
	local at
	"$writer" "$T" 20 2 0
	at=$(head -n 6 "$T" | wc -c)
	cp "$T" "$W/log/copy"
	printf X | dd of="$T" bs=1 seek=$((at + 150)) conv=notrunc 2> /dev/null
	audit verify "$T"
	show_all
	[ "$status" = 1 ]
	[ "$output" = "$T:7:$((at + 1)): changed: line 7 is not what was written" ]
	sed 7d "$W/log/copy" > "$T"
	audit verify "$T"
	show_all
	[ "$status" = 1 ]
	[ "$output" = "$T:7:$((at + 1)): removed: line 7 should stand before this" ]
	head -n 18 "$W/log/copy" > "$T"
	audit verify "$T"
	show_all
	[ "$status" = 1 ]
	[ "$output" = "$T:18:$(($(stat -c %s "$T") + 1)): cut: lines 19 to 20 should follow" ]
}

@test "audit: show: for people, as it is, since, of one container; what isn't a line is named" {
	"$writer" "$T" 3 1 0
	audit show "$T"
	show_all
	[ "$status" = 0 ]
	[ "$(grep -cE '^20[0-9-]+T[0-9:.]+Z create c-[0-9]+-[0-2] uid=0 ' <<< "$output")" = 3 ]
	[ "$(grep -c '^    H-24 key=mount /usr/share/zoneinfo outcome=forced asked=rw,exec given=ro,nosuid,nodev,noexec$' <<< "$output")" = 3 ]
	audit show --json "$T"
	[ "$output" = "$(cat "$T")" ]
	audit show --id "$(jq -r 'select(.seq == 2).id' "$T")" --json "$T"
	[ "$output" = "$(sed -n 2p "$T")" ]
	audit show --since "$(jq -r 'select(.seq == 3).time' "$T")" --json "$T"
	[ "$(tail -n 1 <<< "$output")" = "$(sed -n 3p "$T")" ]
	audit show --since 2199-01-01 "$T"
	[ "$status" = 0 ]
	[ -z "$output" ]
	audit show --since yesterday "$T"
	[ "$status" = 1 ]
	[[ $output == *"'yesterday' is neither a day nor a time"* ]]
	printf 'mail\033[2J\n' >> "$T"
	audit show "$T"
	[ "$status" = 1 ]
	[[ $output == *"$T:4:$(($(head -n 3 "$T" | wc -c) + 1)): not a line of a trail"* ]]
	[[ $output != *$'\033'* ]]
	audit shred
	[ "$status" = 1 ]
	[[ $output == *"'shred' is neither verify nor show"* ]]
}

@test "audit: without FILE the policy's trail is read; a policy without one says so" {
	run "$KANUKI" --policy builtin:oci audit verify
	show_all
	[ "$status" = 1 ]
	[[ $output == *"policy builtin:oci has no trail; name the file"* ]]
	printf '{"version": 1, "level": "hardened", "audit": {"file": "%s"}}\n' "$T" > "$W/log/policy.json"
	"$writer" "$T" 2 1 0
	run "$KANUKI" --policy "$W/log/policy.json" audit verify
	show_all
	# bats' directories may lie beneath one that others can write to: then the policy file is refused
	[ "$output" = "2 lines, seq 1..2, verified" ] || [[ $output == *"policy.json"* ]]
}

@test "audit: how long a line takes is told, and none of 2000 is lost" {
	run "$writer" "$T" 2000 20 0 --time
	show_all
	[ "$status" = 0 ]
	echo "# $output" >&3
	[[ $output =~ ^'2000 lines with 20 changes: median '[0-9.]+' us' ]]
	audit verify "$T"
	show_all
	[ "$output" = "2000 lines, seq 1..2000, verified" ]
}
