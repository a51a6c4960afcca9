#!/usr/bin/env bats
# Policy files: which are read (owner, mode, place), what a broken one stops and what it doesn't, and kanuki policy. /tmp is
# everybody's, so the files are on a tmpfs over /mnt; rootns gives a mount namespace of our own.
# shellcheck disable=SC2154 # run sets them

load helpers

test_begin() {
	mount -t tmpfs -o mode=755 none /mnt
	mkdir /mnt/p /mnt/u /mnt/w
	P=/mnt/p/policy.json
	policy '{"version": 1, "level": "personal-data", "limits": {"pids": 77}}'
	NOBODY=65534
}

test_end() {
	! mountpoint -q /etc || umount /etc
	umount /mnt
}

policy() {
	printf '%s\n' "$1" > "$P"
	chmod 644 "$P"
}

# one_error STATUS TEXT: what `run --separate-stderr` ran failed with one line that has the text
one_error() {
	[ "$status" -eq "$1" ] || { echo "status $status, stderr: $stderr"; return 1; }
	[ -z "$output" ]
	[ "$(wc -l <<< "$stderr")" -eq 1 ]
	[[ $stderr == *"$2"* ]] || { echo "stderr: $stderr"; return 1; }
}

# a bundle that every level takes
plain() {
	bundle '.process.user = {"uid": 1000, "gid": 1000}' "$@"
}

# /etc of our own, for this test; where the machine has a policy, without it
own_etc() {
	mount -t overlay -o lowerdir=/etc,upperdir=/mnt/u,workdir=/mnt/w overlay /etc || return 1
	rm -rf /etc/kanuki
	mkdir -m 755 /etc/kanuki
}

# refused FILE TEXT: check says so, and nothing is planned with it
refused() {
	run --separate-stderr "$KANUKI" policy check "$1"
	[ "$status" -eq 1 ]
	[[ $stderr == *"policy '$1': "*"$2"* ]] || { echo "$stderr"; return 1; }
	[ -z "$output" ]
	run --separate-stderr "$KANUKI" --policy "$1" plan "$B"
	[ "$status" -eq 1 ]
	[[ $stderr == *"policy '$1': "*"$2"* ]] || { echo "$stderr"; return 1; }
	[ -z "$output" ]
}

@test "a file of root's is taken, and the plan has its name and values" {
	plain
	run --separate-stderr "$KANUKI" policy check "$P"
	[ "$status" -eq 0 ]
	[ "$output" = "$P: accepted, sha256 $(sha256sum < "$P" | cut -d' ' -f1), exceptions: 0, expired: 0" ]
	run "$KANUKI" --policy "$P" plan "$B"
	[ "$status" -eq 0 ]
	grep -x "policy: $P" <<< "$output"
	grep -x 'level: personal-data' <<< "$output"
	chmod 400 "$P"
	"$KANUKI" policy check "$P"
	(cd /mnt && "$KANUKI" policy check p/policy.json && "$KANUKI" policy check ./p/../p//policy.json)
}

@test "a file of another's, or that others may write, is refused" {
	plain
	local mode
	chown $NOBODY "$P"
	refused "$P" "it belongs to user $NOBODY, it must be root's"
	chown 0:0 "$P"
	for mode in 664 620 666 602 646; do
		chmod $mode "$P"
		refused "$P" "it can be written by"
	done
	chmod 664 "$P"
	refused "$P" "it can be written by its group (mode 0664), only root may"
	chmod 646 "$P"
	refused "$P" "it can be written by anybody (mode 0646), only root may"
	chmod 644 "$P"
	"$KANUKI" policy check "$P"
}

@test "a directory above it likewise, sticky or not" {
	plain
	mkdir -p /mnt/p/a/b
	P=/mnt/p/a/b/policy.json
	policy '{"version": 1}'
	"$KANUKI" policy check "$P"
	chmod 1777 /mnt/p/a
	refused "$P" "'/mnt/p/a' can be written by anybody (mode 1777), only root may"
	chmod 775 /mnt/p/a
	refused "$P" "'/mnt/p/a' can be written by its group (mode 0775), only root may"
	chmod 755 /mnt/p/a
	chown $NOBODY /mnt/p/a/b
	refused "$P" "'/mnt/p/a/b' belongs to user $NOBODY, it must be root's"
	chown 0 /mnt/p/a/b
	chown $NOBODY /mnt
	refused "$P" "'/mnt' belongs to user $NOBODY"
	chown 0 /mnt
	"$KANUKI" policy check "$P"
}

@test "an access list that lets somebody write is seen" {
	command -v setfacl > /dev/null || skip "no setfacl"
	plain
	setfacl -m "u:$NOBODY:w" "$P" 2> /dev/null || skip "no access lists on this tmpfs"
	refused "$P" "it can be written by its group"
}

@test "no link is followed, not as the file and not above it" {
	plain
	ln -s policy.json /mnt/p/link.json
	refused /mnt/p/link.json "'/mnt/p/link.json' is a symbolic link or no directory; give the real path"
	ln -s p /mnt/linked
	refused /mnt/linked/policy.json "'/mnt/linked' is a symbolic link or no directory"
	ln -s nowhere /mnt/p/dangling
	refused /mnt/p/dangling "is a symbolic link"
	refused "$P/x" "'$P' is a symbolic link or no directory"
}

@test "what is no regular file is refused and never waited for" {
	plain
	mkfifo -m 600 /mnt/p/fifo
	refused /mnt/p/fifo "is not a regular file"
	refused /mnt/p "is not a regular file"
	refused /dev/zero "is not a regular file"
	refused / "is not a regular file"
}

@test "a file that is named must be there: nothing takes its place" {
	plain
	refused /mnt/p/none.json "'/mnt/p/none.json' does not exist"
	refused /mnt/none/policy.json "'/mnt/none' does not exist"
}

@test "more than 4 MiB are not read" {
	plain
	truncate -s 4194305 "$P"
	run --separate-stderr "$KANUKI" policy check "$P"
	one_error 1 "$P"
}

@test "an error names file and key; containers are refused, those that run can be ended" {
	plain '.process.args = ["sleep", "100"]'
	LEVEL=oci k create --bundle "$B" "$ID"
	policy '{"version": 1, "limits": {"pid": 5}}'
	run --separate-stderr "$KANUKI" --root "$ROOT" --policy "$P" create --bundle "$B" "$ID-2"
	one_error 1 "policy '$P': limits.pid: unknown key"
	[ ! -e "$ROOT/$ID-2" ]
	policy '{"version": 1, "limits": {"pids": 2000}}'
	refused "$P" "limits.pids: is looser than builtin:hardened has it: 1024"
	run "$KANUKI" --root "$ROOT" --policy "$P" state "$ID"
	[ "$status" -eq 0 ]
	run "$KANUKI" --root "$ROOT" --policy "$P" list -q
	[ "$output" = "$ID" ]
	"$KANUKI" --root "$ROOT" --policy "$P" delete --force "$ID"
	[ ! -e "$ROOT/$ID" ]
}

@test "without --policy: /etc/kanuki/policy.json, and builtin:hardened where there is none" {
	plain
	own_etc
	run "$KANUKI" plan "$B"
	grep -x 'policy: builtin:hardened' <<< "$output"
	rmdir /etc/kanuki
	run "$KANUKI" policy show
	grep -x 'policy: builtin:hardened' <<< "$output"
	mkdir -m 755 /etc/kanuki
	cp "$P" /etc/kanuki/policy.json
	run "$KANUKI" plan "$B"
	grep -x 'policy: /etc/kanuki/policy.json' <<< "$output"
	grep -x 'level: personal-data' <<< "$output"
	run "$KANUKI" policy show
	grep -x 'limits.pids: 77' <<< "$output"
	run "$KANUKI" --policy builtin:oci policy show
	grep -x 'policy: builtin:oci' <<< "$output"
	# what is there and can't be used is not the same as nothing
	echo '{' > /etc/kanuki/policy.json
	run --separate-stderr "$KANUKI" plan "$B"
	one_error 1 "policy '/etc/kanuki/policy.json': "
	ln -sf nowhere /etc/kanuki/policy.json
	run --separate-stderr "$KANUKI" plan "$B"
	one_error 1 "is a symbolic link"
	rm /etc/kanuki/policy.json
	python3 -c 'import socket; socket.socket(socket.AF_UNIX).bind("/etc/kanuki/policy.json")'
	run --separate-stderr "$KANUKI" plan "$B"
	one_error 1 "open '/etc/kanuki/policy.json'"
	rm /etc/kanuki/policy.json
	chmod 777 /etc/kanuki
	run --separate-stderr "$KANUKI" plan "$B"
	one_error 1 "'/etc/kanuki' can be written by anybody"
	rmdir /etc/kanuki
	ln -s nowhere /etc/kanuki
	run --separate-stderr "$KANUKI" plan "$B"
	one_error 1 "'/etc/kanuki' is a symbolic link"
}

@test "policy diff: each level differs visibly from the one before, and not from itself" {
	local levels=(oci hardened personal-data card-payments) i
	for i in 1 2 3; do
		run "$KANUKI" policy diff "${levels[i - 1]}" "${levels[i]}"
		[ "$status" -eq 0 ]
		[ "$(grep -c '^+ ' <<< "$output")" -ge 6 ]
		grep -x -- "- level: ${levels[i - 1]}" <<< "$output"
		grep -x -- "+ level: ${levels[i]}" <<< "$output"
		run "$KANUKI" policy diff "${levels[i]}" "builtin:${levels[i]}"
		[ "$status" -eq 0 ]
		[ -z "$output" ]
	done
	run "$KANUKI" policy diff personal-data "$P"
	[ "$output" = $'- limits.pids: 1024\n+ limits.pids: 77' ]
	policy '{"version": 1, "level": "personal-data", "sysctls": {"allow": ["net.ipv4.", "kernel.shmmax"]}}'
	run "$KANUKI" policy diff personal-data "$P"
	[ "$output" = $'- sysctls.allow: any\n+ sysctls.allow: net/ipv4/\n+ sysctls.allow: kernel/shmmax' ]
}

@test "policy check: exceptions that have ended are listed, one that ends too late is an error" {
	local image exceptions
	image=sha256:$(printf 'x' | sha256sum | cut -d' ' -f1)
	exceptions='"exceptions": [{"image": "'$image'", "owner": "web", "reason": "why", "expires": "%s", "allow": {"pids": 2000}}]'
	# shellcheck disable=SC2059 # a form
	policy "{\"version\": 1, $(printf "$exceptions" 2020-01-31T00:00:00Z)}"
	run "$KANUKI" policy check "$P"
	[ "$status" -eq 0 ]
	[ "${lines[0]}" = "exceptions[0]: expired at 2020-01-31T00:00:00Z, no longer applies to $image" ]
	[[ ${lines[1]} == *", exceptions: 1, expired: 1" ]]
	# shellcheck disable=SC2059
	policy "{\"version\": 1, $(printf "$exceptions" 9999-12-31T23:59:59Z)}"
	run --separate-stderr "$KANUKI" policy check "$P"
	one_error 1 "exceptions[0].expires: 9999-12-31T23:59:59Z is more than 365 days ahead"
	run "$KANUKI" policy show "$P"
	grep -x 'exceptions\[0\].allow.pids: 2000' <<< "$output"
}

@test "policy: wrong words" {
	run --separate-stderr "$KANUKI" policy
	one_error 1 usage
	run --separate-stderr "$KANUKI" policy what
	one_error 1 "'what' is none of show, check, diff"
	run --separate-stderr "$KANUKI" policy check
	one_error 1 "use it as 'policy check FILE'"
	run --separate-stderr "$KANUKI" policy diff oci
	one_error 1 "use it as 'policy diff LEVEL|FILE LEVEL|FILE'"
	run --separate-stderr "$KANUKI" policy show oci oci
	one_error 1 "use it as"
	run --separate-stderr "$KANUKI" policy show strict
	one_error 1 "'builtin:strict' is unknown"
	run --separate-stderr "$KANUKI" --policy strict policy show
	one_error 1 "'strict' is unknown"
}

@test "in a user namespace without the host's root, root's file is root's; without one it is builtin:hardened" {
	own_etc
	install -d -m 711 /mnt/b /mnt/b/s
	cp "$KANUKI" /mnt/b/kanuki
	plain '.linux.namespaces += [{"type": "user"}]' '.linux.uidMappings = [{"containerID": 1000, "hostID": 0, "size": 1}]' \
		'.linux.gidMappings = .linux.uidMappings'
	cp "$B/config.json" /mnt/b/
	chmod 644 /mnt/b/config.json
	run --separate-stderr setpriv --reuid 1000 --regid 1000 --clear-groups unshare -Ur /mnt/b/kanuki --root /mnt/b/s plan /mnt/b
	[ "$status" -eq 0 ] || { echo "$stderr"; return 1; }
	[[ $output == *'policy: builtin:hardened'* ]]
	cp "$P" /etc/kanuki/policy.json
	run --separate-stderr setpriv --reuid 1000 --regid 1000 --clear-groups unshare -Ur /mnt/b/kanuki --root /mnt/b/s policy check /etc/kanuki/policy.json
	[ "$status" -eq 0 ] || { echo "$stderr"; return 1; }
	chmod 666 /etc/kanuki/policy.json
	run --separate-stderr setpriv --reuid 1000 --regid 1000 --clear-groups unshare -Ur /mnt/b/kanuki --root /mnt/b/s policy check /etc/kanuki/policy.json
	one_error 1 'can be written by anybody'
}
