#!/usr/bin/env bats
# H-80, H-81: what comes with the bundle. What each hook is given: spec.bats.
load helpers

@test "H-80: a hook in the container's root, in the bundle, or in a writable volume is refused" {
	mkdir "$W/vol"
	cp /bin/true "$W/vol/hook"
	cp /bin/true "$B/hook"
	local kind
	for kind in prestart createRuntime createContainer poststart poststop; do
		bundle ".hooks.$kind = [{path: \"/bin/true\"}, {path: (\$image + \"/bin/true\")}]"
		go
		refused H-80 "hooks.${kind}[1]: its program '$IMAGE/bin/busybox' is in the container's root; install it on the host"
	done
	bundle '.hooks.createRuntime = [{path: ($w + "/bundle/hook")}]'
	go
	refused H-80 "hooks.createRuntime[0]: its program '$B/hook' is in the bundle; install it on the host"
	bundle '.hooks.createRuntime = [{path: ($w + "/vol/hook")}]' \
		'.mounts += [{destination: "/data", type: "bind", source: ($w + "/vol"), options: ["rbind", "rw"]}]'
	go
	refused H-80 "hooks.createRuntime[0]: its program '$W/vol/hook' is in '$W/vol', which the container may write as '/data'"
}

@test "H-80: the same program out of reach runs, and from a read-only volume" {
	mkdir "$W/vol"
	printf '#!/bin/sh\necho ran >> %s/marks\n' "$W" > "$W/vol/hook"
	chmod 755 "$W/vol/hook"
	inside true '.hooks.createRuntime = [{path: ($w + "/vol/hook")}]'
	inside true '.hooks.createRuntime = [{path: ($w + "/vol/hook")}]' \
		'.mounts += [{destination: "/data", type: "bind", source: ($w + "/vol"), options: ["rbind", "ro"]}]'
	is $'ran\nran' "$(cat "$W/marks")"
}

@test "H-80: a link is followed before its program is judged, and what was judged is what runs" {
	ln -s "$IMAGE/bin/true" "$W/link"
	bundle '.hooks.createRuntime = [{path: ($w + "/link")}]'
	go
	refused H-80 "hooks.createRuntime[0]: its program '$IMAGE/bin/busybox' is in the container's root; install it on the host"
	mkdir "$W/vol"
	printf '#!/bin/sh\necho ran >> %s/marks\n' "$W" > "$W/vol/hook"
	chmod 755 "$W/vol/hook"
	ln -s "$W/vol" "$W/names"
	bundle '.hooks.poststop = [{path: ($w + "/names/hook")}]' \
		'.mounts += [{destination: "/data", type: "bind", source: ($w + "/vol"), options: ["rbind", "rw"]}]'
	go
	refused H-80 "its program '$W/vol/hook' is in '$W/vol', which the container may write as '/data'"
	# A program of many names is called by the one that was written.
	ln -s /bin/busybox "$W/other"
	inside true '.hooks.createRuntime = [{path: ($w + "/other"), args: ["touch", ($w + "/told")]}, {path: ($w + "/names/hook")}]'
	[ -e "$W/told" ]
	is ran "$(cat "$W/marks")"
	ln -sf /bin/busybox "$W/true"
	inside true '.hooks.createRuntime = [{path: ($w + "/true")}]'
}

# What a name leads to may be decided by the container, once it runs.
@test "H-80: a program that isn't there is refused: a link to a writable volume, or the kernel's name of the bundle, may lead to it" {
	mkdir "$W/vol"
	ln -s "$W/vol" "$W/names"
	local writable='.mounts += [{destination: "/data", type: "bind", source: ($w + "/vol"), options: ["rbind", "rw"]}]'
	bundle '.hooks.poststop = [{path: ($w + "/names/hook")}]' "$writable"
	go
	refused H-80 "hooks.poststop[0]: its program '$W/names/hook' isn't there; install it before the container"
	printf '#!/bin/sh\necho ran > %s/marks\n' "$W" > "$B/evil"
	chmod 755 "$B/evil"
	local evil='.hooks.createRuntime = [{path: "/proc/self/cwd/evil"}]'
	bundle "$evil"
	cd /
	go
	refused H-80 "hooks.createRuntime[0]: its program '/proc/self/cwd/evil' isn't there; install it before the container"
	[ ! -e "$W/marks" ]
	LEVEL=oci inside true "$evil"
	is ran "$(cat "$W/marks")"
}

@test "H-80: '..' in a hook's path is refused, and a relative path at any level" {
	bundle '.hooks.createRuntime = [{path: "/bin/../bin/true"}]'
	go
	refused H-80 "its path '/bin/../bin/true' holds '..'; write where it leads to"
	for LEVEL in hardened oci; do
		bundle '.hooks.createRuntime = [{path: "bin/true"}]'
		go
		refused 'hooks.createRuntime[0].path'
	done
}

@test "H-80: hooks get their own environment and nothing of the caller's, at any level" {
	printf '#!/bin/busybox sh\n/bin/busybox env > %s/env\n' "$W" > "$W/hook"
	chmod 755 "$W/hook"
	for LEVEL in hardened oci; do
		script true '.process.env += ["LD_PRELOAD=/lib/evil.so"]' '.hooks.createRuntime = [{path: ($w + "/hook"), env: ["A=b"]}]'
		PREFIX='env SECRET=hush'
		go
		PREFIX=
		[ "$status" = 0 ]
		has A=b "$(cat "$W/env")"
		hasnt SECRET "$(cat "$W/env")"
		hasnt evil "$(cat "$W/env")"
	done
}

@test "H-81: annotations that other runtimes obey change nothing, and are told in the plan" {
	local annotations='.annotations = {"run.oci.keep_original_groups": "1", "run.oci.systemd.subgroup": "x", "run.oci.handler": "krun",
		"org.systemd.property.TasksMax": "uint32 1", "org.criu.config": "/etc/x", "module.wasm.image/variant": "compat", "own": "kept"}'
	PREFIX='setpriv --groups 10,20'
	inside 'grep ^Groups: /proc/self/status; id -u' "$annotations"
	is $'Groups:\t \n65532'
	k plan --diff "$B" > "$W/plan"
	for key in run.oci.keep_original_groups org.systemd.property.TasksMax org.criu.config module.wasm.image/variant; do
		grep -F "$key" "$W/plan" | grep -q H-81 || { cat "$W/plan"; false; }
	done
	is '' "$(grep -F '# H-81 dropped' "$W/plan" | grep -w own || :)"
}

@test "H-81: annotations are in the state for engines" {
	up '.annotations = {"own": "kept", "run.oci.handler": "krun"}'
	is '{"own":"kept","run.oci.handler":"krun"}' "$(k state "$ID" | jq -cS .annotations)"
}
