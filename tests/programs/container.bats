#!/usr/bin/env bats
# Real programs in a kanuki container of the default, hardened plan: non-root, read-only root, noexec wherever one can write.
# The root file system is the host's own /usr and a copy of /etc; each workload is a script of workload/.

# shellcheck disable=SC2154,SC2016  # common.bash sets the variables; inner shells expand theirs

load common

setup_file()
{
	need_root
	export bundle=$BATS_FILE_TMPDIR/bundle
	local root=$bundle/rootfs link
	mkdir -p "$root"/{usr,etc,proc,dev,sys,tmp,run,var/tmp,work,workload}
	for link in bin sbin lib lib64; do
		[ ! -e /$link ] || ln -s usr/$link "$root/$link"
	done
	mount --rbind /usr "$root/usr"
	mount -o remount,bind,ro "$root/usr"
	cp -a /etc/. "$root/etc/"
	passwd_with_account "$root/etc/passwd"
	echo "app:x:$account:" >> "$root/etc/group"
	printf '127.0.0.1 localhost\n::1 localhost\n' > "$root/etc/hosts"
	cp "$workloads"/*.sh "$root/workload/"
	chmod -R a+rX "$root/workload"
}

teardown_file()
{
	[ -z "${bundle:-}" ] || umount -l "$bundle/rootfs/usr" 2> /dev/null || :
}

setup()
{
	need_root
	: "${KANUKI:=$top_builddir/kanuki}"
	id=programs-$$-$BATS_TEST_NUMBER
}

teardown()
{
	"$KANUKI" --root "$BATS_FILE_TMPDIR/state" delete --force "$id" > /dev/null 2>&1 || :
}

# write_config WORKLOAD: what an engine would send, plus a larger scratch space for the databases.
write_config()
{
	jq -n --arg script "/workload/$1.sh" --argjson account "$account" '{
		ociVersion: "1.0.2",
		process: {
			terminal: false, user: { uid: $account, gid: $account }, args: ["/bin/sh", $script], cwd: "/work",
			env: ["PATH=/usr/sbin:/usr/bin:/sbin:/bin", "WORK=/work", "HOME=/work", "TMPDIR=/work", "LC_ALL=C.UTF-8"],
			noNewPrivileges: true
		},
		root: { path: "rootfs", readonly: true },
		hostname: "programs",
		mounts: [
			{ destination: "/proc", type: "proc", source: "proc" },
			{ destination: "/dev", type: "tmpfs", source: "tmpfs", options: ["nosuid", "strictatime", "mode=755", "size=65536k"] },
			{ destination: "/dev/pts", type: "devpts", source: "devpts",
			  options: ["nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620"] },
			{ destination: "/dev/shm", type: "tmpfs", source: "shm", options: ["nosuid", "noexec", "nodev", "mode=1777", "size=65536k"] },
			{ destination: "/dev/mqueue", type: "mqueue", source: "mqueue", options: ["nosuid", "noexec", "nodev"] },
			{ destination: "/sys", type: "sysfs", source: "sysfs", options: ["nosuid", "noexec", "nodev", "ro"] },
			{ destination: "/work", type: "tmpfs", source: "tmpfs", options: ["nosuid", "noexec", "nodev", "mode=1777", "size=524288k"] }
		],
		linux: { namespaces: [{ type: "pid" }, { type: "network" }, { type: "ipc" }, { type: "uts" }, { type: "mount" }, { type: "cgroup" }] }
	}' > "$bundle/config.json"
}

in_container()
{
	write_config "$1"
	run timeout -k 5 180 "$KANUKI" --root "$BATS_FILE_TMPDIR/state" --policy builtin:sandbox run --bundle "$bundle" "$id" < /dev/null
	[ "$status" = 0 ] || { echo "status $status"; echo "$output"; }
	[ "$status" = 0 ]
}

@test "kanuki: the default profile is on, although the bundle asks for none" { need python3; in_container filter; }
@test "kanuki: a shell and the coreutils" { in_container shell; }
@test "kanuki: python3" { need python3; in_container python; }
@test "kanuki: python3 with the network" { need python3; in_container python-net; }
@test "kanuki: perl" { need perl; in_container perl; }
@test "kanuki: gcc" { need gcc; in_container gcc; }
@test "kanuki: git" { need git; in_container git; }
@test "kanuki: node" { need node; in_container node; }
@test "kanuki: nginx and curl" { need nginx curl openssl; in_container nginx; }
@test "kanuki: redis-server" { need redis-server; in_container redis; }
@test "kanuki: postgres" { need postgres; in_container postgres; }
@test "kanuki: sqlite3" { need sqlite3; in_container sqlite; }
@test "kanuki: openssl" { need openssl; in_container openssl; }

@test "default.json is a linux.seccomp object that another runtime takes and enforces" {
	need runc python3
	write_config filter
	jq --slurpfile profile "$top_srcdir/seccomp-profiles/default.json" '.linux.seccomp = $profile[0]' \
		"$bundle/config.json" > "$bundle/config.new"
	mv "$bundle/config.new" "$bundle/config.json"
	run timeout -k 5 60 runc --root "$BATS_FILE_TMPDIR/runc" run --bundle "$bundle" "$id" < /dev/null
	[ "$status" = 0 ] || { echo "status $status"; echo "$output"; }
	[ "$status" = 0 ]
}
