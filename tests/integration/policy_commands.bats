#!/usr/bin/env bats
# H-73, H-82: what a policy lets be executed.
load helpers

test_begin() {
	k features > /dev/null
	bundle
	k plan "$B" | grep -q '^landlock: yes' || skip "the kernel has Landlock off"
}

# each FILE...: what becomes of executing it, one word a line
each() {
	inside "for f in $*; do inside exec \$f; done"
}

# tools: /opt with a tool, a link to it, a second name of it, and another tool that only links lead to
tools() {
	own_image
	mkdir "$IMAGE/opt" "$IMAGE/srv"
	cp "$IMAGE/bin/inside" "$IMAGE/opt/tool"
	cp "$IMAGE/bin/inside" "$IMAGE/opt/other"
	cp "$IMAGE/bin/inside" "$IMAGE/srv/real"
	ln -s tool "$IMAGE/opt/link"
	ln "$IMAGE/opt/tool" "$IMAGE/opt/hard"
	ln -s /srv/real "$IMAGE/opt/to-real"
	printf '#! /opt/tool true' > "$IMAGE/opt/script" # the end of the file ends the line as well
	chmod 755 "$IMAGE/opt/script"
	ln -s ../opt "$IMAGE/srv/opt"
}

@test "H-73: commands.deny holds for the file, by any way to it" {
	tools
	policy '{"version": 1, "commands": {"deny": ["/opt/tool", "/opt/to-real", "/opt/missing"]}}'
	each /opt/tool /opt/link /opt/hard /srv/opt/tool /opt/script /proc/self/root/opt/tool
	is $'EACCES\nEACCES\nEACCES\nEACCES\nEACCES\nEACCES'
	each /srv/real /opt/to-real
	is $'EACCES\nEACCES'
	inside 'exec 3< /opt/tool; inside exec /proc/self/fd/3'
	is EACCES
	each /opt/other /bin/inside
	is $'ran\nran'
}

@test "H-73: without a policy all of these run (control)" {
	tools
	each /opt/tool /opt/link /opt/hard /srv/opt/tool /srv/real /opt/to-real /opt/other
	is $'ran\nran\nran\nran\nran\nran\nran'
	each /opt/script
	is ran
}

@test "H-73: neither a shell, nor exec, nor the container's own process executes a denied command" {
	tools
	policy '{"version": 1, "commands": {"deny": ["/opt"]}}'
	script '/opt/tool true; sh -c "/opt/other true"; echo $?; (exec /opt/link true); echo $?'
	go
	is $'126\n126'
	has 'sh: /opt/tool: Permission denied' "$stderr"
	up
	run --separate-stderr k exec "$ID" /opt/tool true
	[ "$status" = 255 ]
	has "exec '/opt/tool': Permission denied" "$stderr"
	run --separate-stderr k exec "$ID" sh -c '/opt/tool true; echo $?'
	is 126
	k delete --force "$ID"
	bundle '.process.args = ["/opt/tool", "true"]'
	go
	refused "exec '/opt/tool': Permission denied"
}

# a program with a loader and a library
dynamic() {
	local library
	echo 'int main(void) { return 0; }' | ${CC:-cc} -xc -o "$IMAGE/opt/dynamic" -
	for library in $(ldd "$IMAGE/opt/dynamic" | grep -o '/[^ ]*'); do
		mkdir -p "$IMAGE/$(dirname "$library")"
		cp "$library" "$IMAGE$library"
	done
	cp "$IMAGE/opt/dynamic" "$IMAGE/opt/dynamic-too"
}

@test "H-73: commands.allow: what is listed, with its loader and its interpreter, and nothing else" {
	tools
	dynamic
	policy '{"version": 1, "commands": {"allow": ["/bin/busybox", "/bin/inside", "/opt/dynamic", "/opt/script", "/opt/missing"]}}'
	each /opt/dynamic /opt/script /opt/tool
	is $'ran\nran\nran'
	each /opt/dynamic-too /opt/other /srv/real
	is $'EACCES\nEACCES\nEACCES'
	bundle '.process.args = ["/opt/other"]'
	go
	refused "exec '/opt/other': Permission denied (H-73: it, or its loader, is not in the policy's commands.allow)"
}

@test "H-73: an interpreter and a loader run only where something listed names them" {
	tools
	dynamic
	policy '{"version": 1, "commands": {"allow": ["/bin/busybox", "/bin/inside"]}}'
	each /opt/dynamic /opt/tool "$(ldd "$IMAGE/opt/dynamic" | grep -o '/[^ ]*ld-[^ ]*')"
	is $'EACCES\nEACCES\nEACCES'
}

@test "H-73: commands.allow of a directory: all in it, with the system's loaders; commands.deny takes away from it" {
	tools
	dynamic
	policy '{"version": 1, "commands": {"allow": ["/bin", "/srv/opt"], "deny": ["/opt/other"]}}'
	each /opt/tool /opt/dynamic /opt/dynamic-too /bin/inside
	is $'ran\nran\nran\nran'
	each /opt/other /srv/real
	is $'EACCES\nEACCES'
}

@test "H-73: all of it in a user namespace of the bundle's, too" {
	tools
	dynamic
	policy '{"version": 1, "commands": {"allow": ["/bin/busybox", "/bin/inside", "/opt/dynamic", "/opt/script"], "deny": ["/opt/tool"]}}'
	inside 'for f in /opt/dynamic /opt/dynamic-too /opt/tool /opt/script; do inside exec $f; done' \
		'.linux.namespaces += [{"type": "user"}] | .linux.uidMappings = [{"containerID": 0, "hostID": 100000, "size": 65536}]
		| .linux.gidMappings = .linux.uidMappings'
	is $'ran\nEACCES\nEACCES\nEACCES'
}

@test "H-73: what isn't held: a loader and an interpreter that may be executed take what they can read (kanuki-policy(5))" {
	tools
	dynamic
	local loader
	loader=$(ldd "$IMAGE/opt/dynamic" | grep -o '/[^ ]*ld-[^ ]*')
	printf 'echo read\n' > "$IMAGE/opt/script"
	policy '{"version": 1, "commands": {"deny": ["/opt/dynamic", "/opt/script"]}}'
	inside "inside exec /opt/dynamic; inside exec /opt/script; $loader /opt/dynamic; echo \$?; sh /opt/script"
	is $'EACCES\nEACCES\n0\nread'
}

@test "H-73: headers that lie name no interpreter" {
	tools
	# an empty name, one that is too long, a name that isn't absolute, program headers that aren't there, half
	# a header, nothing, no regular file, a link to itself
	cp "$IMAGE/bin/inside" "$IMAGE/opt/base"
	printf '#! \n/opt/tool\n' > "$IMAGE/opt/bad1"
	printf '#!/%0250d/../../opt/tool\n' 1 > "$IMAGE/opt/bad2"
	printf '#!opt/tool\n' > "$IMAGE/opt/bad3"
	head -c 64 "$IMAGE/bin/inside" > "$IMAGE/opt/bad4"
	head -c 20 "$IMAGE/bin/inside" > "$IMAGE/opt/bad5"
	: > "$IMAGE/opt/bad6"
	mkfifo "$IMAGE/opt/bad7"
	ln -s bad8 "$IMAGE/opt/bad8"
	chmod 755 "$IMAGE"/opt/bad[1-6]
	policy '{"version": 1, "commands": {"allow": ["/bin/busybox", "/bin/inside", "/opt/bad1", "/opt/bad2", "/opt/bad3",
		"/opt/bad4", "/opt/bad5", "/opt/bad6", "/opt/bad7", "/opt/bad8"]}}'
	each /opt/tool /opt/base
	is $'EACCES\nEACCES'
}

@test "H-73: before an exec no link of the container's leads the list astray" {
	tools
	policy '{"version": 1, "commands": {"allow": ["/bin/busybox", "/bin/inside", "/run/mine", "/run/script"]}}'
	up
	k exec "$ID" sh -c 'ln -s /opt/tool /run/mine; printf "#!/opt/other\n" > /run/script; chmod 755 /run/script'
	run --separate-stderr k exec "$ID" sh -c 'inside exec /opt/tool; inside exec /opt/other; inside exec /bin/inside'
	is $'EACCES\nEACCES\nran'
}

@test "H-82: a super daemon is refused by its name" {
	local name
	for name in /sbin/init /lib/systemd/systemd supervisord /opt/xinetd; do
		bundle '.process.args = ["'$name'"]'
		go
		refused "H-82: process.args[0]: '$name'"
	done
}

@test "H-82: nor is one executed by a wrapper; a small init that is a link to something else is" {
	own_image
	mkdir -p "$IMAGE/usr/lib/systemd" "$IMAGE/sbin" "$IMAGE/usr/sbin"
	cp "$IMAGE/bin/inside" "$IMAGE/usr/lib/systemd/systemd"
	cp "$IMAGE/bin/inside" "$IMAGE/usr/lib/systemd/helper"
	ln -s ../usr/lib/systemd/systemd "$IMAGE/sbin/init"
	ln -s /bin/inside "$IMAGE/usr/sbin/init"
	cp "$IMAGE/bin/inside" "$IMAGE/usr/sbin/xinetd"
	each /usr/lib/systemd/systemd /sbin/init /usr/sbin/xinetd
	is $'EACCES\nEACCES\nEACCES'
	each /usr/sbin/init /usr/lib/systemd/helper
	is $'ran\nran'
	script 'exec /sbin/init true'
	go
	[ "$status" = 126 ]
	has '/sbin/init: Permission denied' "$stderr"
	up
	run --separate-stderr k exec "$ID" /usr/lib/systemd/systemd true
	[ "$status" = 255 ]
	has 'Permission denied' "$stderr"
	k delete --force "$ID"
	ln -s ../usr/lib/systemd/systemd "$IMAGE/sbin/service"
	bundle '.process.args = ["/sbin/service"]'
	go
	has 'is held by superDaemons (H-82)' "$stderr"
	LEVEL=oci
	each /usr/lib/systemd/systemd
	is ran
}

@test "H-82: every place is looked at, also where it is a link; names are those of files, and elsewhere they are free" {
	own_image
	mkdir -p "$IMAGE/usr/local/sbin" "$IMAGE/usr/local/bin" "$IMAGE/usr/sbin" "$IMAGE/usr/lib/systemd" "$IMAGE/opt" "$IMAGE/package/s6"
	rm -rf "$IMAGE/sbin"
	ln -s usr/sbin "$IMAGE/sbin"
	ln -s package/s6 "$IMAGE/command"
	local file
	for file in init usr/sbin/runsvdir usr/local/sbin/dinit usr/local/bin/pm2 bin/monit package/s6/s6-svscan usr/sbin/tini \
		usr/local/bin/dumb-init opt/supervisord; do
		cp "$IMAGE/bin/inside" "$IMAGE/$file"
	done
	each /init /usr/sbin/runsvdir /sbin/runsvdir /usr/local/sbin/dinit /usr/local/bin/pm2 /bin/monit /command/s6-svscan /package/s6/s6-svscan
	is $'EACCES\nEACCES\nEACCES\nEACCES\nEACCES\nEACCES\nEACCES\nEACCES'
	each /sbin/tini /usr/local/bin/dumb-init /opt/supervisord
	is $'ran\nran\nran'
}

@test "H-82: a hard link elsewhere is not held by it, as kanuki-policy(5) says; commands.allow holds it" {
	own_image
	mkdir -p "$IMAGE/sbin" "$IMAGE/opt"
	cp "$IMAGE/bin/inside" "$IMAGE/sbin/runsvdir"
	ln "$IMAGE/sbin/runsvdir" "$IMAGE/sbin/other"
	ln "$IMAGE/sbin/runsvdir" "$IMAGE/opt/other"
	each /sbin/runsvdir /sbin/other /opt/other
	is $'EACCES\nEACCES\nran'
	policy '{"version": 1, "commands": {"allow": ["/bin/busybox", "/bin/inside"]}}'
	each /sbin/runsvdir /opt/other /bin/inside
	is $'EACCES\nEACCES\nran'
}
