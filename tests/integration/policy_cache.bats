#!/usr/bin/env bats
# Notes about large policies (runtime/cmd/policy_cache.h): when one is left, that it is used, and everything that makes it count
# for nothing. Whether it was used shows in what it says: a forged one has another pids limit than the file. Only root can forge.
# shellcheck disable=SC2154 # run sets them

load helpers

test_begin() {
	# /run of our own: rootns gives a mount namespace, bats one process for each test
	mount -t tmpfs -o mode=755 none /mnt
	mkdir /mnt/p /mnt/run
	mount --bind /mnt/run /run
	P=/mnt/p/policy.json
	DIR=/run/kanuki-policy
	NOTE=$DIR/$(printf %s "$P" | sha256sum | cut -c 1-32)
	NOBODY=65534
	bundle '.process.args = ["true"]'
	large 77
}

test_end() {
	umount /run /mnt
}

# large PIDS [FILTER]: a policy that is worth a note
large() {
	jq -n --argjson pids "$1" '{version: 1, gate: {mode: "off"}, limits: {pids: $pids}, mounts: {allow: [{source: "/usr/share"}]},
		exceptions: [range(100) | {image: ("sha256:" + "\(. + 100)" * 22 + "\(. % 90 + 10)" [0:2] | .[0:71]), owner: "o", reason: ("r" * 100),
			expires: (now + 86400 | floor | todate), allow: {rootUser: true}}]} | '"${2:-.}" > "$P"
	chmod 644 "$P"
}

# long enough ago that its times tell its states apart
settle() {
	sleep 3.1
}

started() {
	"$KANUKI" --root "$ROOT" --policy "$P" run --bundle "$B" "$ID" 3>&- 4>&-
}

# pids_are N [OPTION...]: what a plan by this policy says
pids_are() {
	local want=$1
	shift
	timeout 20 "$KANUKI" --policy "$P" plan "$@" "$B" > "$W/plan"
	# Held without the controller, too.
	grep -q "^rlimit.NPROC: $want:$want " "$W/plan" || { grep NPROC "$W/plan"; return 1; }
}

noted() {
	settle
	started
	[ -f "$NOTE" ]
}

# of the same length, so that all but the number is as kanuki left it
forge() {
	sed -i 's/"pids":77/"pids":55/' "$NOTE"
	grep -q '"pids":55' "$NOTE"
}

@test "a note is left by run, not by plan, and not of a file that has just been changed" {
	started
	[ ! -e "$DIR" ]
	settle
	pids_are 77
	[ ! -e "$DIR" ]
	started
	[ "$(stat -c '%a %u %h' "$NOTE")" = "600 0 1" ]
	[ "$(stat -c '%a %u' "$DIR")" = "700 0" ]
	run ! grep -q exceptions "$NOTE"
	grep -q "$(sha256sum < "$P" | cut -d' ' -f1)" "$NOTE"
	[ "$(find "$DIR" -type f | wc -l)" -eq 1 ]
	pids_are 77
}

@test "a note is used by plan, not by those who look at the whole, and removing it is fine" {
	noted
	forge
	pids_are 55
	"$KANUKI" policy check "$P" | grep -F "exceptions: 100"
	rm -r "$DIR"
	pids_are 77
	started
	[ -f "$NOTE" ]
}

@test "a note is not for an image that an exception names, whether it has expired or not" {
	local named other
	large 77 '.exceptions[99].expires = "2020-01-01T00:00:00Z"'
	noted
	forge
	other=sha256:$(printf '%064d' 0)
	for named in 0 50 98 99; do
		pids_are 77 --image "$(jq -r ".exceptions[$named].image" "$P")"
	done
	"$KANUKI" --policy "$P" plan --diff --image "$(jq -r '.exceptions[99].image' "$P")" "$B" | grep -F 'expired 2020-01-01T00:00:00Z'
	pids_are 55 --image "$other"
	# Nor for one that only the last of its lines names.
	sed -i '2,100d' "$NOTE"
	pids_are 55 --image "$(jq -r '.exceptions[98].image' "$P")"
	pids_are 77 --image "$(jq -r '.exceptions[99].image' "$P")"
}

@test "a container of a proven image: its exceptions from the whole file, another's from the note" {
	KANUKI=$top_builddir/tests/integration/granted
	large 77 '.exceptions[7].allow = {capabilities: ["CAP_KILL"]}'
	bundle '.process.args = ["sh", "-c", "grep CapEff /proc/self/status | cut -f 2; grep processes /proc/self/limits | tr -s \" \" | cut -d \" \" -f 3"]
		| .process.capabilities = ({"bounding": ["CAP_KILL"]} | .effective = .bounding | .permitted = .bounding)'
	settle
	export TEST_IMAGE
	TEST_IMAGE=$(jq -r '.exceptions[7].image' "$P")
	# What is noted doesn't hang on the image.
	[ "$(started)" = $'0000000000000020\n77' ]
	forge
	[ "$(started)" = $'0000000000000020\n77' ]
	# That was no note's: one was left again.
	grep -q '"pids":77' "$NOTE"
	forge
	TEST_IMAGE=sha256:$(printf '%064d' 0)
	[ "$(started)" = $'0000000000000000\n55' ]
	unset TEST_IMAGE
	[ "$(started)" = $'0000000000000000\n55' ]
}

@test "a note is of one state of the file: other content, mode or file" {
	noted
	forge
	pids_are 55
	# In place, of the same size, with the old mtime.
	touch -r "$P" "$W/time"
	printf 78 | dd of="$P" bs=1 seek="$(grep -abo 77 "$P" | head -n 1 | cut -d: -f1)" conv=notrunc status=none
	touch -r "$W/time" "$P"
	pids_are 78
	large 77
	pids_are 77
	noted
	forge
	pids_are 55
	chmod 600 "$P"
	pids_are 77
	noted
	forge
	pids_are 55
	cp -p "$P" "$P.new"
	mv "$P.new" "$P"
	pids_are 77
}

# same_ctime A B < POLICY: both policies written within one tick of the clock, which only luck or a restored image can bring about
same_ctime() {
	local text
	text=$(cat)
	for _ in $(seq 500); do
		rm -f "$1" "$2"
		printf '%s' "$text" > "$1"
		printf '%s' "${text/77/78}" > "$2"
		[ "$(stat -c %z "$1")" != "$(stat -c %z "$2")" ] || return 0
	done
	return 1
}

@test "a note is of one inode: another file of the same time" {
	mkdir /mnt/q
	cp "$P" /mnt/policy
	same_ctime "$P" /mnt/q/policy.json < /mnt/policy
	noted
	mv /mnt/p /mnt/old
	mv /mnt/q /mnt/p
	pids_are 78
}

@test "a note is of one device: another file of the same time and number" {
	mkdir /mnt/q
	cp "$P" /mnt/policy
	mount -t tmpfs -o mode=755 none /mnt/p
	mount -t tmpfs -o mode=755 none /mnt/q
	same_ctime "$P" /mnt/q/policy.json < /mnt/policy
	[ "$(stat -c %i "$P")" = "$(stat -c %i /mnt/q/policy.json)" ]
	noted
	umount /mnt/p
	mount --move /mnt/q /mnt/p
	pids_are 78
	umount /mnt/p
}

@test "a note is root's, not one of somebody's whom a user namespace doesn't know" {
	noted
	forge
	chmod 755 "$DIR" "$W" "$B"
	chmod 644 "$NOTE" "$B/config.json"
	cp "$KANUKI" /mnt/kanuki
	pids_are 55
	jq '.process.user = {"uid": 1000, "gid": 1000} | .linux.namespaces += [{"type": "user"}] | .linux.uidMappings = [{"containerID": 1000, "hostID": 0, "size": 1}]
		| .linux.gidMappings = .linux.uidMappings' "$B/config.json" > /mnt/p/config.json
	setpriv --reuid 1000 --regid 1000 --clear-groups unshare -Ur /mnt/kanuki --root /mnt/s --policy "$P" plan /mnt/p > "$W/plan"
	grep -q '^rlimit.NPROC: 77:77 ' "$W/plan" || { grep NPROC "$W/plan"; return 1; }
}

@test "a note has the file's hash for the trail" {
	large 77 '.audit = {file: "/mnt/trail.jsonl", required: true}'
	noted
	forge
	started
	[ "$(jq -r .policyHash /mnt/trail.jsonl | sort -u)" = "$(sha256sum < "$P" | cut -d' ' -f1)" ]
	[ "$(jq -r .event /mnt/trail.jsonl | wc -l)" = 6 ]
	pids_are 55
}

@test "a note is of one version" {
	noted
	forge
	pids_are 55
	sed -i '1s/^kanuki-policy [^ :]* /kanuki-policy 0 /' "$NOTE"
	pids_are 77
}

@test "a note that is cut short, longer, empty or no policy counts for nothing" {
	local size
	noted
	forge
	cp -p "$NOTE" "$W/note"
	size=$(stat -c %s "$NOTE")
	for cut in $((size - 2)) 400 $(($(head -n 3 "$NOTE" | wc -c))) $(($(head -n 1 "$NOTE" | wc -c))) 150 100 20 1 0; do
		truncate -s "$cut" "$NOTE"
		pids_are 77
		cat "$W/note" > "$NOTE"
	done
	pids_are 55
	echo x >> "$NOTE"
	pids_are 77
	sed 's/"version":1/"version":7/' "$W/note" > "$NOTE"
	pids_are 77
	sed 's/"limits"/"limitz"/' "$W/note" > "$NOTE"
	pids_are 77
	sed '1s/[0-9a-f]$/X/' "$W/note" > "$NOTE"
	pids_are 77
	sed '1s/$/0/; 2,101d' "$W/note" > "$NOTE"
	pids_are 77
	head -c 2000000 /dev/zero > "$NOTE"
	pids_are 77
	cat "$W/note" > "$NOTE"
	pids_are 55
}

@test "a note that anybody else may write, own or replace counts for nothing" {
	noted
	forge
	pids_are 55
	chown "$NOBODY" "$NOTE"
	pids_are 77
	chown 0 "$NOTE"
	pids_are 55
	for mode in 620 602 666; do
		chmod "$mode" "$NOTE"
		pids_are 77
	done
	chmod 600 "$NOTE"
	pids_are 55
	chown "$NOBODY" "$DIR"
	pids_are 77
	chown 0 "$DIR"
	chmod 1777 "$DIR"
	pids_are 77
	chmod 700 "$DIR"
	chmod 777 /run
	pids_are 77
	chmod 755 /run
	pids_are 55
}

@test "a note that is a link or no file counts for nothing and is not waited for" {
	noted
	forge
	pids_are 55
	mv "$NOTE" /run/moved
	ln -s /run/moved "$NOTE"
	pids_are 77
	rm "$NOTE"
	mkfifo -m 600 "$NOTE"
	pids_are 77
	rm "$NOTE"
	mkdir -m 700 "$NOTE"
	pids_are 77
	started
	rmdir "$NOTE"
	mv /run/moved "$NOTE"
	pids_are 55
	mv "$DIR" /run/elsewhere
	ln -s elsewhere "$DIR"
	pids_are 77
	# Nor is anything left through the link, or in a directory of somebody else's.
	rm "/run/elsewhere/${NOTE##*/}"
	started
	[ -z "$(ls /run/elsewhere)" ]
	rm "$DIR"
	mkdir "$DIR"
	chown "$NOBODY" "$DIR"
	started
	[ -z "$(ls "$DIR")" ]
}

@test "a policy that is refused leaves no note, nor does one that would save little" {
	large 77 '.exceptions[99].allow = {rootUsr: true}'
	settle
	run started
	[ "$status" -ne 0 ]
	[[ $output == *"exceptions[99].allow.rootUsr: unknown key"* ]]
	[ ! -e "$DIR" ]
	# Small; and large by what a note would hold as well.
	for filter in '.exceptions |= .[0:2]' '.exceptions |= .[0:2] | .mounts.allow = [range(500) | {source: "/srv/data/tenant-\(.)"}]'; do
		large 77 "$filter"
		jq -c . "$P" > "$W/policy"
		cp "$W/policy" "$P"
		settle
		started
		[ ! -e "$DIR" ]
	done
	[ "$(stat -c %s "$P")" -gt 16384 ]
}

@test "no note of a file whose times are not the file system's own: below an overlay, on one that is read-only" {
	mkdir -m 755 /mnt/lower /mnt/upper /mnt/work /mnt/merged
	cp "$P" /mnt/lower/
	mount -t overlay -o lowerdir=/mnt/lower,upperdir=/mnt/upper,workdir=/mnt/work overlay /mnt/merged
	settle
	P=/mnt/merged/policy.json
	started
	umount /mnt/merged
	[ ! -e "$DIR" ]
	mount --bind -o ro /mnt/lower /mnt/merged
	started
	umount /mnt/merged
	[ ! -e "$DIR" ]
	mount -t tmpfs -o mode=755 none /mnt/merged
	cp /mnt/lower/policy.json /mnt/merged/
	settle
	mount -o remount,ro /mnt/merged
	started
	umount /mnt/merged
	[ ! -e "$DIR" ]
}
