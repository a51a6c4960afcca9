#!/usr/bin/env bats
# runtime-spec config.md "Mounts" and the file system side of config-linux.md, at builtin:oci.
load helpers

file_begin() {
	[ -x "$ORACLE" ] || { echo "tests/oracle/mounts was not built: libmount's header is missing" >&2; return 1; }
}

test_begin() {
	LEVEL=oci
	mkdir -m 777 "$W/vol" "$W/vol/sub"
}

# bound OPTIONS...: a bundle with $W/vol on /data.
bound() {
	printf '.mounts += [{destination: "/data", type: "bind", source: ($w + "/vol"), options: %s}]' "$(printf '%s\n' "$@" | jq -Rnc '[inputs]')"
}

flags_of() {
	grep " $1 " "/proc/$PID/mountinfo" | tail -1 | cut -d' ' -f6
}

@test "mounts: each flag and its opposite, as the kernel shows it" {
	local option want not
	while read -r option want; do
		up "$(bound bind "$option")"
		not=,$(flags_of /data),
		case $want in
		!*) case $not in *,${want#!},*) echo "$option: $not"; false ;; esac ;;
		*) case $not in *,$want,*) ;; *) echo "$option: $not"; false ;; esac ;;
		esac
		k delete --force "$ID"
	done <<-END
		ro ro
		rw rw
		nosuid nosuid
		suid !nosuid
		nodev nodev
		dev !nodev
		noexec noexec
		exec !noexec
		noatime noatime
		relatime relatime
		strictatime !relatime
		nodiratime nodiratime
		nosymfollow nosymfollow
		defaults rw
	END
}

@test "mounts: recursive attributes reach what is mounted below; plain ones don't" {
	mount -t tmpfs sub "$W/vol/sub"
	local option word
	for option in ro nosuid nodev noexec noatime nodiratime nosymfollow; do
		up "$(bound rbind "r$option")"
		has ",$option," ",$(flags_of /data/sub),"
		has ",$option," ",$(flags_of /data),"
		k delete --force "$ID"
		up "$(bound rbind "$option")"
		hasnt ",$option," ",$(flags_of /data/sub),"
		has ",$option," ",$(flags_of /data),"
		k delete --force "$ID"
	done
	umount "$W/vol/sub"
	mount -t tmpfs -o ro,nosuid,nodev,noexec,noatime sub "$W/vol/sub"
	up "$(bound rbind rrw rsuid rdev rexec rrelatime)"
	is rw,relatime "$(flags_of /data/sub)"
	k delete --force "$ID"
	umount "$W/vol/sub"
}

@test "mounts: propagation private, slave, shared, unbindable, and recursive" {
	local option
	for option in private slave shared unbindable; do
		up "$(bound bind "$option")"
		want=$option
		# The host's mount is private here: a slave of nobody is private.
		[ "$option" != slave ] || want=private
		is "$want" "$("$ORACLE" "/proc/$PID/mountinfo" /data | cut -d' ' -f8)"
		k delete --force "$ID"
	done
	mount -t tmpfs sub "$W/vol/sub"
	up "$(bound rbind rshared)"
	is shared "$("$ORACLE" "/proc/$PID/mountinfo" /data/sub | cut -d' ' -f8)"
	k delete --force "$ID"
	umount "$W/vol/sub"
}

@test "mounts: rslave sees what the host mounts later" {
	mount --bind "$W/vol" "$W/vol"
	mount --make-shared "$W/vol"
	up "$(bound rbind rslave)"
	mount -t tmpfs late "$W/vol/sub"
	is tmpfs "$("$ORACLE" "/proc/$PID/mountinfo" /data/sub | cut -d' ' -f2)"
	k delete --force "$ID"
	umount "$W/vol/sub" "$W/vol"
}

@test "mounts: options of the file system reach it, unknown ones are an error" {
	up '.mounts += [{destination: "/data", type: "tmpfs", source: "tmpfs", options: ["size=8k", "mode=0751", "uid=3", "gid=4"]}]'
	is '751 3 4' "$(stat -c '%a %u %g' "/proc/$PID/root/data")"
	k delete --force "$ID"
	bundle '.mounts += [{destination: "/data", type: "tmpfs", source: "tmpfs", options: ["whatever=8k"]}]'
	go
	refused /data whatever
	# The kernel's own words end their line; ours goes on.
	hasnt '\n' "$stderr"
}

@test "mounts: tmpcopyup copies what the image has there" {
	own_image
	mkdir "$IMAGE/data/dir"
	echo text > "$IMAGE/data/dir/file"
	chmod 604 "$IMAGE/data/dir/file"
	chown 3:4 "$IMAGE/data/dir/file"
	ln -s dir/file "$IMAGE/data/link"
	inside 'cat /data/link; stat -c "%a %u %g" /data/dir/file; echo x > /data/dir/new && echo writable' \
		'.mounts += [{destination: "/data", type: "tmpfs", source: "tmpfs", options: ["tmpcopyup"]}]'
	is $'text\n604 3 4\nwritable'
	[ ! -e "$IMAGE/data/dir/new" ]
	bundle "$(bound bind tmpcopyup)"
	go
	refused tmpcopyup
}

@test "mounts: uidMappings and gidMappings make an id-mapped mount, on ext4 and tmpfs, recursively with ridmap" {
	local maps='uidMappings: [{containerID: 0, hostID: 1000, size: 10}], gidMappings: [{containerID: 0, hostID: 2000, size: 10}]' fs
	mount -t tmpfs -o mode=777 sub "$W/vol/sub"
	touch "$W/vol/sub/file" "$W/vol/file"
	chown 1:2 "$W/vol/sub/file" "$W/vol/file"
	# Files of 1:2 belong to 1001:2002 in the container: the mapping is of what is on disk to what is seen.
	inside 'stat -c %u:%g /data/file /data/sub/file' ".mounts += [{destination: \"/data\", type: \"bind\", source: (\$w + \"/vol\"), options: [\"rbind\", \"ridmap\"], $maps}]"
	is $'1001:2002\n1001:2002'
	inside 'stat -c %u:%g /data/file /data/sub/file' ".mounts += [{destination: \"/data\", type: \"bind\", source: (\$w + \"/vol\"), options: [\"rbind\", \"idmap\"], $maps}]"
	is $'1001:2002\n1:2'
	umount "$W/vol/sub"
	bundle '.mounts += [{destination: "/data", type: "bind", source: ($w + "/vol"), options: ["bind"], uidMappings: [{containerID: 0, hostID: 1000, size: 10}]}]'
	go
	refused 'uidMappings and gidMappings go together'
}

# with_sources PATH...: the container's bundle has each as a bind, at /data/0 and so on.
with_sources() {
	local n=0 source filter='.'
	for source; do
		filter+=" | .mounts += [{destination: \"/data/$((n++))\", type: \"bind\", source: \"$source\", options: [\"bind\"]}]"
	done
	printf '%s\n' "$filter"
}

@test "mounts: a source of our own /proc is the container's network namespace, not the host's" {
	ln -s /proc/self/ns/net "$W/link"
	inside 'stat -Lc %i /data/0 /data/1 /proc/self/ns/net | sort -u | wc -l' "$(with_sources /proc/self/ns/net "$W/link")"
	is 1
}

@test "mounts: and what /proc/self/net shows" {
	: > "$W/file"
	unshare --mount mount --bind /proc/self/net/dev "$W/file" || skip "this kernel lets nobody bind a file of /proc/self/net (ENOENT, seen with 7.3)"
	inside 'tail -n +3 /data/0 | cut -d: -f1 | tr -d " " | sort' "$(with_sources /proc/self/net/dev)"
	is "$(new_interfaces)"
}

@test "mounts: a missing target is made, of the source's kind; a missing source is an error" {
	own_image
	echo text > "$W/vol/file"
	inside 'cat /made/here; ls /made2' '.mounts += [{destination: "/made/here", type: "bind", source: ($w + "/vol/file"), options: ["bind"]},
		{destination: "/made2", type: "bind", source: ($w + "/vol"), options: ["bind"]}]'
	is $'text\nfile\nsub'
	bundle '.mounts += [{destination: "/data", type: "bind", source: ($w + "/none"), options: ["bind"]}]'
	go
	refused "$W/none"
}

@test "mounts: mount order is the list's order" {
	mkdir "$W/vol2"
	echo two > "$W/vol2/file"
	inside 'cat /data/sub/file' "$(bound bind)" '.mounts += [{destination: "/data/sub", type: "bind", source: ($w + "/vol2"), options: ["bind"]}]'
	is two
}

@test "linux.rootfsPropagation: private, slave, shared, unbindable" {
	local value
	for value in private slave shared unbindable; do
		up ".linux.rootfsPropagation = \"$value\""
		want=$value
		[ "$value" != slave ] || want=private
		is "$want" "$("$ORACLE" "/proc/$PID/mountinfo" / | cut -d' ' -f8)"
		k delete --force "$ID"
	done
	bundle '.linux.rootfsPropagation = "sideways"'
	go
	refused rootfsPropagation sideways
}

@test "linux.rootfsPropagation: rshared on shared mounts of the host's changes nothing there" {
	mount --bind "$W" "$W"
	mount --make-shared "$W"
	own_image
	cut -d' ' -f2- /proc/self/mountinfo | sort > "$W/before"
	script 'exec sleep 1000' '.linux.rootfsPropagation = "rshared"' "$(bound rbind rslave)" ".mounts += [{destination: \"/home\", type: \"bind\", source: (\$w + \"/vol/sub\"), options: [\"bind\"]}]"
	k run --detach --bundle "$B" "$ID" < /dev/null > /dev/null
	cut -d' ' -f2- /proc/self/mountinfo | sort | diff "$W/before" - > "$W/diff" || { cat "$W/diff"; false; }
	k delete --force "$ID"
	cut -d' ' -f2- /proc/self/mountinfo | sort | diff "$W/before" - > "$W/diff" || { cat "$W/diff"; false; }
	umount "$W"
}

@test "linux.maskedPaths and readonlyPaths" {
	echo secret > "$W/vol/file"
	inside 'cat /data/file; ls -A /data/sub; inside write /home/x x; ls -d /home' "$(bound bind)" \
		'.linux.maskedPaths = ["/data/file", "/data/sub", "/absent"]' '.linux.readonlyPaths = ["/home", "/absent"]'
	is $'EROFS\n/home'
}

@test "root.readonly: false leaves it writable, true does not" {
	own_image
	inside 'inside write /x x; rm /x' '.root.readonly = false'
	is 0
	inside 'inside write /x x' '.root.readonly = true'
	is EROFS
}

@test "linux.devices: nodes with mode and owner, a FIFO, in any directory" {
	own_image
	inside 'stat -c "%a %u:%g %t:%T %F" /dev/mine /dev/sub/fifo' '.root.readonly = false' '.linux.devices = [
		{path: "/dev/mine", type: "c", major: 1, minor: 3, fileMode: 384, uid: 5, gid: 6},
		{path: "/dev/sub/fifo", type: "p", fileMode: 438}]'
	is $'600 5:6 1:3 character special file\n666 0:0 0:0 fifo'
}
