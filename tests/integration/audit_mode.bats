#!/usr/bin/env bats
# What a policy file says of watching and of telling: mode audit, the lines that each command leaves in the trail, and what becomes of
# a command whose line can't be written. The trail's own form, tampering and crashes are in audit.bats.
# shellcheck disable=SC2154 # run sets them

load helpers

test_begin() {
	T=$W/log/trail
	mkdir -m 700 "$W/log"
}

test_end() {
	! mountpoint -q "$W/small" || umount "$W/small"
}

# trail_policy [KEYS...]: a policy with the trail, and more keys ('"level": "oci"')
trail_policy() {
	local key all="\"version\": 1, \"audit\": {\"file\": \"$T\"${REQUIRED+, \"required\": $REQUIRED}}"
	for key; do all="$all, $key"; done
	policy "{$all}"
}

# tells FILTER: jq over the array of all lines of the trail
tells() { jq -rs "$1" "$T"; }

events() { tells 'map(.event) | join(" ")'; }

# Engines take these words for the container's program that is missing or may not be executed, or for a container that is gone.
no_errno_words() {
	! grep -iE 'permission denied|operation not permitted|executable file not found|no such file|open executable|/proc/[a-z0-9-].+/attr|os: process already finished|container not running|no such process|does not exist|is a directory|not a directory|invalid process' <<< "$1"
}

# explained: one line that ends with the key and what it serves
explained() {
	[[ $stderr =~ \ \[changed\ by:\ [^\]]+\;\ serves:\ [^\]]+\]$ ]] || { show; return 1; }
	no_errno_words "$stderr"
}

@test "mode audit: what enforce would change is in the trail, and nothing is changed" {
	trail_policy '"mode": "audit"'
	inside 'id -u; touch /made && ls /made' '.process.user = {"uid": 0, "gid": 0} | .root.readonly = false'
	is $'0\n/made'
	rm "$IMAGE/made"
	is "would-change create start delete" "$(events)"
	is "0 forced" "$(tells '.[0].changes[] | select(.rule == "H-01" and .key == "user.uid") | "\(.asked) \(.outcome)"')"
	is forced "$(tells '.[0].changes[] | select(.rule == "H-20" and .key == "root.readonly") | .outcome')"
	is 0 "$(tells '.[1].changes | length')"
	is true "$(tells '.[0].planHash != .[1].planHash')"
	k plan --diff "$B" > "$W/diff"
	is 0 "$(sed -n '/^# enforce would give:/,$d; s/^user.uid: //p' "$W/diff")"
	has 'user.uid: 65532  # H-01 asked: 0' "$(sed -n '/^# enforce would give:/,$p' "$W/diff")"
	run k audit verify "$T"
	is "4 lines, seq 1..4, verified"
}

@test "mode audit: what enforce would refuse runs, and the trail has the rule" {
	trail_policy '"mode": "audit"'
	inside 'ls -d /mnt/passwd' '.mounts += [{"destination": "/mnt", "source": "/etc", "type": "bind", "options": ["rbind", "ro"]}]'
	is /mnt/passwd
	is "would-refuse would-change create start delete" "$(events)"
	is H-25 "$(tells '.[0].rule')"
	has "mount '/mnt'" "$(tells '.[0].message')"
	has '# enforce would refuse' "$(k plan --diff "$B")"
	has H-25 "$(k plan --diff "$B" | grep 'enforce would refuse')"
	trail_policy
	go
	refused "H-25: mount '/mnt'"
}

@test "mode audit: each refusal has its line, not only the first, and behind them what else would change" {
	trail_policy '"mode": "audit"' '"superDaemons": "refuse"' '"root": {"request": "reject"}'
	inside 'exit 0' '.process.user = {"uid": 0, "gid": 0} | .root.readonly = false | .linux.namespaces |= map(select(.type != "ipc" and .type != "uts")) | del(.hostname)
		| .mounts += [{"destination": "/mnt", "source": "/etc", "type": "bind", "options": ["rbind", "ro"]},
			{"destination": "/media", "source": "/srv", "type": "bind", "options": ["rbind", "ro"]}]'
	is "would-refuse would-refuse would-refuse would-refuse would-refuse would-refuse would-change create start delete" "$(events)"
	is "H-01 H-02 H-10 H-10 H-25 H-25" "$(tells '.[:6] | map(.rule) | join(" ")')"
	has "mount '/mnt'" "$(tells '.[4].message')"
	has "mount '/media'" "$(tells '.[5].message')"
	# no plan comes of it, so none is named; the changes are those of rules that don't refuse
	is null "$(tells '.[6].planHash')"
	is "H-20 forced no" "$(tells '.[6].changes[] | select(.key == "root.readonly") | "\(.rule) \(.outcome) \(.asked)"')"
	k plan --diff "$B" > "$W/diff"
	is 6 "$(grep -c '^# enforce would refuse: H-' "$W/diff")"
	has '[changed by: root.request, allow.rootUser; serves: ' "$(grep 'would refuse: H-01' "$W/diff")"
	has '[changed by: no key but level; serves: ' "$(grep "would refuse: H-25.*'/mnt'" "$W/diff")"
	has '[changed by: mounts.allow, allow.mounts; serves: ' "$(grep "would refuse: H-25.*'/media'" "$W/diff")"
	has '# H-20 forced: root.readonly asked: no' "$(sed -n '/^# enforce would change, if it/,$p' "$W/diff")"
	# enforce stops at the first
	trail_policy '"superDaemons": "refuse"' '"root": {"request": "reject"}'
	go
	refused "H-01: process.user.uid"
	hasnt H-25 "$stderr"
	is "refused H-01" "$(tells '.[-1] | "\(.event) \(.rule)"')"
}

@test "mode audit: an exec gets what it asks, and the trail has what enforce would have made of it" {
	trail_policy '"mode": "audit"'
	up '.process.user = {"uid": 1000, "gid": 1000} | .process.noNewPrivileges = true'
	[ -s "$ROOT/$ID/would.json" ]
	is 0 "$(k exec --user 0 --cap CAP_SYS_ADMIN "$ID" id -u)"
	is "would-change create start would-change exec" "$(events)"
	is "H-01 0 1000" "$(tells '.[3].changes[] | select(.key == "user.uid") | "\(.rule) \(.asked) \(.given)"')"
	is "H-04 CAP_SYS_ADMIN none" "$(tells '.[3].changes[] | select(.key == "capabilities.bounding") | "\(.rule) \(.asked) \(.given)"')"
	is 0 "$(tells '.[4].changes | length')"
	is true "$(tells '.[3].planHash != .[4].planHash')"
	run k audit verify "$T"
	is "5 lines, seq 1..5, verified"
}

@test "mode audit: an exec that enforce would refuse runs, and the line says so" {
	trail_policy '"mode": "audit"'
	up '.process.user = {"uid": 1000, "gid": 1000} | .linux.namespaces += [{"type": "user"}] | .linux.uidMappings = [{"containerID": 0, "hostID": 100000, "size": 65536}] | .linux.gidMappings = [{"containerID": 0, "hostID": 100000, "size": 65536}]'
	k exec --user 1000:1000 "$ID" true
	k exec --user 7:0 "$ID" true
	is "H-02 0" "$(tells '.[-2].changes[] | select(.key == "user.gid") | "\(.rule) \(.asked)"')"
	has 'exec' "$(tells '.[-1].event')"
	k delete --force "$ID"
	# of a container that would have been refused there is no ceiling
	up '.mounts += [{"destination": "/mnt", "source": "/etc", "type": "bind", "options": ["rbind", "ro"]}]'
	[ ! -e "$ROOT/$ID/would.json" ]
	k exec "$ID" true
	is "would-refuse H-25 the container itself would have been refused" "$(tells '.[-2] | "\(.event) \(.rule) \(.message)"')"
	is exec "$(tells '.[-1].event')"
	# nor of one that an older version made: no line, but no failure either
	k delete --force "$ID"
	up
	rm "$ROOT/$ID/would.json"
	run --separate-stderr k exec "$ID" true
	[ "$status" = 0 ] && has 'warning: what the policy would do with this process is not known' "$stderr" || { show; false; }
	is "start exec" "$(tells '.[-2:] | map(.event) | join(" ")')"
}

@test "a change in the trail has the value that it gave" {
	trail_policy
	inside 'true' '.process.user = {"uid": 0, "gid": 0} | .root.readonly = false | .process.rlimits = [{"type": "RLIMIT_CORE", "soft": 5, "hard": 6}]'
	is "0 65532" "$(tells '.[0].changes[] | select(.key == "user.uid") | "\(.asked) \(.given)"')"
	is "no yes" "$(tells '.[0].changes[] | select(.key == "root.readonly") | "\(.asked) \(.given)"')"
	is "5:6 0:0" "$(tells '.[0].changes[] | select(.key == "rlimit.CORE") | "\(.asked) \(.given)"')"
	is 0 "$(tells '.[0].changes | map(select(.outcome == "forced" and (has("given") | not))) | length')"
}

@test "a refusal that no key changes says so, one that a key changes names it" {
	policy '{"version": 1}'
	local text filter
	while IFS=';' read -r text filter; do
		bundle "$filter"
		go
		refused "[changed by: $text; serves: "
		explained
	done <<-'EOF'
		no key but level;.mounts += [{"destination": "/mnt", "source": "/proc", "type": "bind", "options": ["rbind", "ro"]}]
		no key but level;.mounts += [{"destination": "/mnt", "source": "/etc", "type": "bind", "options": ["rbind", "ro"]}]
		mounts.allow, allow.mounts;.mounts += [{"destination": "/mnt", "source": "/srv", "type": "bind", "options": ["rbind", "ro"]}]
		no key;.linux.sysctl = {"kernel.core_pattern": "|/x"}
		level;.linux.namespaces |= map(select(.type != "ipc"))
	EOF
}

@test "enforce: each command leaves its line, in order, with plan, policy and caller" {
	local hash
	trail_policy
	script 'trap "exit 0" TERM; while :; do sleep 0.05; done' '.process.user = {"uid": 0, "gid": 0}'
	k create --bundle "$B" "$ID" < /dev/null > "$W/out" 2>&1
	is create "$(events)"
	k start "$ID"
	k exec "$ID" true
	k kill "$ID" TERM
	until_true has_status stopped
	k delete "$ID"
	is "create start exec kill delete" "$(events)"
	is "$ID" "$(tells 'map(.id) | unique | join(" ")')"
	hash=$(sha256sum < "$POLICY_DIR/policy.json")
	is "${hash%% *}" "$(tells 'map(.policyHash) | unique | join(" ")')"
	is "$POLICY_DIR/policy.json" "$(tells 'map(.policy) | unique | join(" ")')"
	is timeout "$(tells 'map(.engine.comm) | unique | join(" ")')"
	is 0 "$(tells 'map(.uid) | unique | join(" ")')"
	# create's plan is the one that 'kanuki plan' prints; later commands name it, but exec, which has one of its own
	hash=$(k plan --id "$ID" "$B" | sha256sum)
	is "${hash%% *}" "$(tells '.[0].planHash')"
	is true "$(tells 'map(.planHash) | .[0] == .[1] and .[0] == .[3] and .[0] == .[4] and .[0] != .[2]')"
	is "0 forced" "$(tells '.[0].changes[] | select(.rule == "H-01" and .key == "user.uid") | "\(.asked) \(.outcome)"')"
	run k audit verify
	is "5 lines, seq 1..5, verified"
}

@test "enforce: a refusal has its line, names key and mission, and no words that engines take for others" {
	trail_policy '"root": {"request": "reject"}' '"superDaemons": "refuse"'
	local rule filter n=0
	while read -r rule filter; do
		bundle "$filter"
		go
		refused "$rule: "
		explained
		n=$((n + 1))
		is "$n" "$(tells length)"
		is "refused $rule $ID" "$(tells '.[-1] | "\(.event) \(.rule) \(.id)"')"
		[[ $stderr == *"$(tells '.[-1].message' | head -c 100)"* ]]
		hasnt 'changed by' "$(tells '.[-1].message')"
	done <<-'EOF'
		H-01 .process.user = {"uid": 0, "gid": 0}
		H-02 .process.user = {"uid": 1000, "gid": 0}
		H-25 .process.user = {"uid": 1000, "gid": 1000} | .mounts += [{"destination": "/mnt", "source": "/etc", "type": "bind", "options": ["rbind", "rw"]}]
		H-25 .process.user = {"uid": 1000, "gid": 1000} | .mounts += [{"destination": "/mnt", "source": "/var", "type": "bind", "options": ["rbind", "ro"]}]
		H-15 .process.user = {"uid": 1000, "gid": 1000} | .linux.sysctl = {"kernel.shmmax": "1", "kernel.core_pattern": "|/x"}
	EOF
	run k audit verify
	is "$n lines, seq 1..$n, verified"
}

@test "enforce: what is refused only when it is opened has its line behind create's" {
	trail_policy
	bundle '.linux.namespaces |= map(if .type == "network" then .path = "/proc/self/ns/net" else . end)'
	go
	refused "H-11: "
	explained
	is "create refused" "$(events)"
	is "H-11 $ID" "$(tells '.[-1] | "\(.rule) \(.id)"')"
}

@test "enforce: an exec gets no more than the plan has, and the line says what it asked; a refused one has its line" {
	trail_policy
	up '.process.user = {"uid": 1000, "gid": 1000}'
	is 1000 "$(k exec --user 0 --cap CAP_SYS_ADMIN "$ID" id -u)"
	is "H-01 0" "$(tells '.[-1].changes[] | select(.key == "user.uid") | "\(.rule) \(.asked)"')"
	is "H-04 CAP_SYS_ADMIN" "$(tells '.[-1].changes[] | select(.key == "capabilities.bounding") | "\(.rule) \(.asked)"')"
	is "create start exec" "$(events)"
	[ ! -d /sys/fs/selinux/booleans ] || return 0
	run --separate-stderr k exec --process-label u:r:t "$ID" true
	[ "$status" = 255 ] && has "SELinux" "$stderr" || { show; false; }
	no_errno_words "$stderr"
	is "create start exec refused" "$(events)"
	has "SELinux" "$(tells '.[-1].message')"
}

# unwritable: the trail can't be written; refuses as the policy says
cannot_write() {
	local required=$1
	REQUIRED=$required trail_policy
	script 'echo ran'
	go
	if [ "$required" = true ]; then
		refused "audit trail '$T'" 'the policy requires the audit trail'
	else
		[ "$status" = 0 ] && is ran && has "warning: audit trail '$T'" "$stderr" || { show; return 1; }
	fi
	no_errno_words "$stderr"
}

@test "a trail whose directory is missing: required, create is refused; else it warns" {
	T=$W/no/such/place/trail
	cannot_write true
	cannot_write false
	[ ! -e "$W/no" ]
}

@test "a trail on a read-only file system: required, create is refused; else it warns" {
	mkdir "$W/small"
	mount -t tmpfs -o ro,mode=700 none "$W/small"
	T=$W/small/trail
	cannot_write true
	cannot_write false
}

@test "a trail on a full file system: required, create is refused; else it warns" {
	mkdir "$W/small"
	mount -t tmpfs -o size=8k,mode=700 none "$W/small"
	head -c 8192 /dev/zero > "$W/small/filler"
	T=$W/small/trail
	cannot_write true
	cannot_write false
}

@test "a required trail that fills up: no start and no exec, but kill and delete go on with a warning" {
	mkdir "$W/small"
	mount -t tmpfs -o size=64k,mode=700 none "$W/small"
	T=$W/small/trail
	REQUIRED=true trail_policy
	up
	script 'echo ran'
	k create --bundle "$B" "$ID-2" < /dev/null > "$W/out" 2>&1
	mount -o remount,ro "$W/small"
	run --separate-stderr k start "$ID-2"
	[ "$status" = 1 ] && has 'the policy requires the audit trail' "$stderr" || { show; false; }
	is created "$(k state "$ID-2" | jq -r .status)"
	run --separate-stderr k exec "$ID" echo ran
	[ "$status" = 255 ] && [ -z "$output" ] && has 'the policy requires the audit trail' "$stderr" || { show; false; }
	run --separate-stderr k kill "$ID" KILL
	[ "$status" = 0 ] && has "warning: audit trail '$T'" "$stderr" || { show; false; }
	until_true has_status stopped
	run --separate-stderr k delete "$ID"
	[ "$status" = 0 ] && has "warning: audit trail '$T'" "$stderr" || { show; false; }
	run --separate-stderr k delete --force "$ID-2"
	[ "$status" = 0 ] || { show; false; }
	is "create start create" "$(events)"
	mount -o remount,rw "$W/small"
	run k audit verify
	is "3 lines, seq 1..3, verified"
}

@test "a trail that is rotated between commands is one chain, by both names" {
	trail_policy
	up
	mv "$T" "$T.1"
	k exec "$ID" true
	k delete --force "$ID"
	is "exec delete" "$(events)"
	run k audit verify "$T.1" "$T"
	is "4 lines, seq 1..4, verified"
	run k audit verify "$T"
	is "2 lines, seq 3..4, verified"
	rm "$T.1"
	sed -i 1d "$T"
	run k audit verify "$T"
	is "1 lines, seq 4..4, verified"
}
