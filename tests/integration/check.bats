#!/usr/bin/env bats
# kanuki check: a container under kanuki and the same under another runtime, as /proc shows them; a root file system with one
# of each kind; the host; policies. What the reports say is compared with what is known to be there.
# shellcheck disable=SC2154 # run sets them

load helpers

# verdict ID [FILE]: of an item in a JSON report
verdict() {
	jq -r --arg id "$1" '.findings[] | select(.id == $id) | .verdict' "${2:-$W/report}"
}

evidence() {
	jq -r --arg id "$1" '.findings[] | select(.id == $id) | .evidence' "${2:-$W/report}"
}

planned() {
	jq -r --arg id "$1" '.findings[] | select(.id == $id) | .planned.verdict' "$W/report"
}

# are VERDICT ID...
are() {
	local want=$1 id
	shift
	for id; do
		[ "$(verdict "$id")" = "$want" ] || { echo "$id is $(verdict "$id"), not $want: $(evidence "$id")"; return 1; }
	done
}

# report STATUS ARGS...: JSON into $W/report
report() {
	local want=$1 status=0
	shift
	k check --json "$@" > "$W/report" 2> "$W/report.err" || status=$?
	[ "$status" = "$want" ] || { echo "status $status, not $want"; cat "$W/report.err"; return 1; }
	[ ! -s "$W/report.err" ] || { cat "$W/report.err"; return 1; }
}

refuses() { # TEXT ARGS...
	local text=$1
	shift
	run --separate-stderr k check "$@"
	[ "$status" = 1 ] && [ -z "$output" ] && has "$text" "$stderr"
}

@test "check container: under kanuki every rule that shows in /proc is held" {
	up '.process.rlimits = []'
	report 2 container "$ID"
	are held K-01 K-02 K-03 K-04 K-05 K-06 K-07 K-08 K-09 K-10 K-11 K-12 K-13 K-14 K-15 K-16 K-18 K-19 K-20 K-21 K-22 K-27 K-28 \
		K-29 K-30 K-31 K-32 K-33 K-34
	is 'uid 65532' "$(evidence K-01)"
	is "it runs 'busybox'" "$(evidence K-32)"
	[ ! -e /proc/sys/vm/memfd_noexec ] || are held K-17
}

@test "check container: the same bundle under crun, by its process" {
	command -v crun > /dev/null || skip "no crun"
	local pid
	script 'exec sleep 1000' '.ociVersion = "1.0.2" | .root.readonly = false | .process.env += ["DB_PASSWORD=hunter2", "EMPTY_TOKEN="] |
		.linux.namespaces |= map(select(.type != "uts" and .type != "network"))
		| .mounts += [{"destination": "/mnt", "source": "/etc", "type": "bind", "options": ["rbind", "rw"]}]
		| .linux.maskedPaths = ["/proc/keys"] | .process.capabilities.bounding += ["CAP_SYS_ADMIN"]
		| .process.user.additionalGids = [0] | .process.noNewPrivileges = false | del(.hostname)'
	crun --root "$W/crun" --cgroup-manager disabled run --detach --pid-file "$W/crun.pid" --bundle "$B" "$ID" < /dev/null \
		> "$W/crun.out" 2>&1 || { cat "$W/crun.out"; return 1; }
	pid=$(cat "$W/crun.pid")
	report 2 --pid "$pid" container
	crun --root "$W/crun" delete --force "$ID"
	are violated K-01 K-02 K-03 K-04 K-06 K-07 K-08 K-11 K-12 K-14 K-15 K-18 K-21 K-34
	are held K-09 K-10 K-19 K-20 K-32
	has 'SYS_ADMIN' "$(evidence K-03)"
	has "'/mnt' from '/etc'" "$(evidence K-18)"
	is "'DB_PASSWORD'" "$(evidence K-34)"
	hasnt hunter2 "$(cat "$W/report")"
}

@test "check container: a listening port, an engine's socket by its inode, a device" {
	command -v crun > /dev/null || skip "no crun"
	own_image
	mount -t tmpfs none /run
	python3 -c 'import socket; s = socket.socket(socket.AF_UNIX); s.bind("/run/docker.sock")'
	cp "$IMAGE/bin/busybox" "$IMAGE/bin/sshd"
	# the name of the program is that of the file, whatever argv[0] says
	script 'nc -l -p 80 & exec -a sleep /bin/sshd 1000' '.ociVersion = "1.0.2" |
		.linux.devices = [{path: "/dev/kvm", type: "c", major: 10, minor: 232, fileMode: 384}] |
		.mounts += [{"destination": "/mnt/innocent", "source": "/run/docker.sock", "type": "bind", "options": ["bind"]}] |
		.root.readonly = false'
	crun --root "$W/crun" --cgroup-manager disabled run --detach --pid-file "$W/crun.pid" --bundle "$B" "$ID" < /dev/null \
		> "$W/crun.out" 2>&1 || { cat "$W/crun.out"; return 1; }
	until_true grep -q 0050 "/proc/$(cat "$W/crun.pid")/net/tcp6" "/proc/$(cat "$W/crun.pid")/net/tcp"
	report 2 --pid "$(cat "$W/crun.pid")" container
	crun --root "$W/crun" delete --force "$ID"
	umount /run
	are violated K-19 K-20 K-32 K-33
	is "'sshd'" "$(evidence K-32)"
	has "/mnt/innocent" "$(evidence K-19)"
	is "'/dev/kvm'" "$(evidence K-20)"
	has 'port 80' "$(evidence K-33)"
}

@test "check container: not there, not running, not a process" {
	refuses "does not exist" container nobody
	refuses "there is no process" --pid 4194303 container
	refuses "is not a process id" --pid -7 container
	refuses "use it as" container
	refuses "use it as" --pid 1 container x
	refuses "is for 'check container' only" --pid 1 host
	refuses "is none of bundle" heap
	refuses "exclude each other" --json --html host
}

@test "check bundle: as asked, and what the policy makes of it" {
	script 'exec sleep 1000' '.process.user = {"uid": 0, "gid": 0} | .process.noNewPrivileges = false'
	report 2 bundle "$B"
	are violated K-01 K-02 K-06 K-07
	for id in K-01 K-02 K-04 K-06 K-07 K-12 K-15 K-27; do
		is held "$(planned $id)"
	done
	is "$HARDENED_DIR/policy.json" "$(jq -r .policy "$W/report")"
	[ "$(jq .plannedCounts.violated "$W/report")" -lt "$(jq .counts.violated "$W/report")" ]
	LEVEL=oci report 2 bundle "$B"
	is violated "$(planned K-01)"
}

@test "check bundle: a refusal is a finding, a broken bundle an error" {
	bundle '.mounts += [{"destination": "/mnt", "source": "/etc", "type": "bind", "options": ["rbind", "rw"]}]'
	report 2 bundle "$B"
	has 'H-25' "$(jq -r .refusal "$W/report")"
	are violated K-18
	ln -s /etc "$W/innocent"
	bundle '.mounts += [{"destination": "/mnt", "source": ($w + "/innocent"), "type": "bind", "options": ["rbind", "ro"]}]'
	report 2 bundle "$B"
	is "'/mnt' from '/etc'" "$(evidence K-18)"
	bundle '.process.uid = 0'
	refuses "config.json" bundle "$B"
	refuses "find" bundle "$W/nowhere"
}

@test "check rootfs: one of each kind, links and devices left alone" {
	mkdir -p "$W/r"/{bin,etc,dev,open,root/.ssh}
	chmod 777 "$W/r/open"
	for f in su bash apk gcc curl sshd ping; do
		cp "$TOOLS/inside" "$W/r/bin/$f"
	done
	chmod u+s "$W/r/bin/su"
	setcap cap_net_raw+ep "$W/r/bin/ping"
	mknod "$W/r/dev/sda" b 8 0
	touch "$W/r/root/.ssh/id_rsa" "$W/r/open/$(printf 'a\n\033[31m"<b>')"
	chmod o+w "$W/r/open/"*
	ln -s /usr "$W/r/outside"
	mkfifo "$W/r/dev/pipe"
	mkdir "$W/r/mounted"
	mount -t tmpfs none "$W/r/mounted"
	report 2 rootfs "$W/r"
	umount "$W/r/mounted"
	are violated K-40 K-41 K-42 K-43 K-44 K-45 K-46 K-47 K-48 K-50
	are held K-49
	is "'/bin/su'" "$(evidence K-40)"
	is "'/bin/ping'" "$(evidence K-41)"
	is "'/dev/sda'" "$(evidence K-42)"
	has '1 mounted file systems' "$(jq -r '.notes[]' "$W/report")"
	run k check rootfs "$W/r"
	[ "$status" = 2 ]
	hasnt $'\033' "$output"
}

@test "check rootfs: an empty one is in order" {
	mkdir "$W/r"
	report 0 rootfs "$W/r"
	are held K-40 K-44 K-50
	refuses "open" rootfs "$W/nowhere"
	refuses "use it as" rootfs
}

@test "check host: what this machine shows" {
	report 2 host
	is "$(uname -n)" "$(jq -r .name "$W/report")"
	if [ "$(cat /proc/sys/kernel/kptr_restrict)" = 0 ]; then are violated K-63; else are held K-63; fi
	if [ "$(cat /proc/sys/kernel/dmesg_restrict)" = 0 ]; then are violated K-64; else are held K-64; fi
	has "$(. /etc/os-release && echo "$PRETTY_NAME")" "$(evidence K-81)"
	are held K-60 K-62
	refuses "there is one host" host other
}

@test "check host: an engine's port is found by who holds it, whatever port that is" {
	mkdir "$W/bin"
	cp "$(command -v busybox)" "$W/bin/podman"
	cp "$(command -v busybox)" "$W/bin/web"
	cat > "$W/script" <<-'EOF'
		(exec -a nc "$1/podman" -l -p 8899 < /dev/null > /dev/null 2>&1) &
		(exec -a nc "$1/web" -l -p 8898 < /dev/null > /dev/null 2>&1) &
		for _ in $(seq 100); do
			[ "$(cat /proc/net/tcp /proc/net/tcp6 | grep -cE ":22C[23] .* 0A ")" = 2 ] && break
			sleep 0.1
		done
		"$2" check --json host
	EOF
	# a host of its own: the network that is looked at is that of process 1
	run --separate-stderr unshare --net --pid --fork --mount-proc bash "$W/script" "$W/bin" "$KANUKI"
	[ "$status" = 2 ]
	local evidence
	evidence=$(jq -r '.findings[] | select(.id == "K-73") | "\(.verdict) \(.evidence)"' <<< "$output")
	has 'port 8899 listens (podman)' "$evidence"
	has violated "$evidence"
	hasnt 8898 "$evidence"
}

@test "check policy: a built-in, a file, an exception that has ended" {
	report 2 policy builtin:oci
	are violated K-91 K-92 K-94 K-103
	report 2 policy builtin:card-payments
	are held K-90 K-91 K-92 K-93 K-99 K-100 K-101 K-102
	mount -t tmpfs -o mode=755 none /mnt
	jq -n '{version: 1, mode: "audit", audit: {file: "/mnt/audit"}, exceptions: [{image: ("sha256:" + "0" * 64), owner: "o", reason: "r",
		expires: "2020-01-01T00:00:00Z", allow: {rootUser: true}}]}' > /mnt/p.json
	chmod 644 /mnt/p.json
	report 2 policy /mnt/p.json
	are violated K-90 K-100
	are held K-91 K-102
	cp "$TOOLS/fake-gate" /mnt/gate
	jq -n '{version: 1, gate: {program: "/mnt/gate"}}' > /mnt/p.json
	report 2 policy /mnt/p.json
	are held K-103
	chmod 775 /mnt/gate
	report 2 policy /mnt/p.json
	are violated K-103
	umount /mnt
	refuses "nothing" policy builtin:nothing
}

@test "check --html: one page with every demand, and nothing from elsewhere" {
	mkdir -p "$W/r/bin"
	touch "$W/r/<script>alert(1)<"
	chmod o+w "$W/r/<script>alert(1)<"
	run k check --html rootfs "$W/r"
	[ "$status" = 2 ]
	has '</html>'
	has '&lt;script&gt;alert(1)&lt;'
	hasnt '<script' "$output"
	hasnt 'http' "${output//http-equiv/}"
	for number in R-01 R-29 4.12 5.1 5.32 4.6 11.5.2; do
		has "<td>$number</td>"
	done
}
