#!/usr/bin/env bats
# H-84: what an exception for an image grants, in containers, and that nothing else comes with it.
load helpers

DIGEST=sha256:$(printf '%064d' 7)
SOON=$(date -u -d '+30 days' +%FT%TZ)

test_begin() {
	export TEST_IMAGE=$DIGEST
	KANUKI=$top_builddir/tests/integration/granted
}

# except ALLOW [DIGEST [EXPIRES]]: a policy with this exception, which lets the test's directory be bound
except() {
	policy '{"version": 1, "mounts": {"allow": [{"source": "'"$(realpath "$W")"'", "writable": true}]}, "exceptions": [{"image": "'"${2-$DIGEST}"'", "owner": "o", "reason": "r",
		"expires": "'"${3-$SOON}"'", "allow": '"$1"'}]}'
}

CAPS='.process.capabilities = ({"bounding": ["CAP_NET_BIND_SERVICE", "CAP_KILL"]} | .effective = .bounding | .permitted = .bounding)'
USERNS='.linux.namespaces += [{"type": "user"}] | .linux.uidMappings = [{"containerID": 0, "hostID": 100000, "size": 65536}]
	| .linux.gidMappings = .linux.uidMappings'

@test "H-84: granted capabilities are the program's, effective after exec, and no others" {
	except '{"capabilities": ["CAP_NET_BIND_SERVICE", "CAP_SYS_TIME"]}'
	inside 'grep ^Cap /proc/self/status | cut -f2; grep NoNewPrivs /proc/self/status | cut -f2' "$CAPS"
	is $'0000000000000400\n0000000000000400\n0000000000000400\n0000000000000400\n0000000000000400\n1'
}

@test "H-84: and those of what it executes; none can be added, and low ports can be bound" {
	except '{"capabilities": ["CAP_NET_BIND_SERVICE"]}'
	inside 'inside raise-cap 5; inside raise-cap 21; inside tcp bind 80; sh -c "grep CapEff /proc/self/status | cut -f2"' "$CAPS"
	is $'EPERM\nEPERM\n0\n0000000000000400'
}

@test "H-84: a process that exec adds has them as the container's own has" {
	except '{"capabilities": ["CAP_NET_BIND_SERVICE"]}'
	up "$CAPS"
	run --separate-stderr k exec "$ID" grep ^Cap /proc/self/status
	succeeded
	is "$(grep ^Cap "/proc/$PID/status")"
	has $'CapAmb:\t0000000000000400'
}

@test "H-84: without an image, for another image and after its end an exception is none" {
	except '{"capabilities": ["CAP_NET_BIND_SERVICE"]}'
	TEST_IMAGE=sha256:$(printf '%064d' 8)
	inside 'grep CapEff /proc/self/status | cut -f2' "$CAPS"
	is 0000000000000000
	unset TEST_IMAGE
	inside 'grep CapEff /proc/self/status | cut -f2' "$CAPS"
	is 0000000000000000
	export TEST_IMAGE=$DIGEST
	except '{"capabilities": ["CAP_NET_BIND_SERVICE"]}' "$DIGEST" 2020-01-01T00:00:00Z
	inside 'grep CapEff /proc/self/status | cut -f2' "$CAPS"
	is 0000000000000000
}

@test "H-84: root within a mapped user namespace, and nobody's id outside" {
	except '{"rootUser": true, "rootGroup": true}'
	up "$USERNS"
	is "0 0" "$(k exec "$ID" sh -c 'echo $(id -u) $(id -g)')"
	is "100000 100000" "$(stat -c '%u %g' "/proc/$PID")"
	is $'CapEff:\t0000000000000000' "$(grep CapEff "/proc/$PID/status")"
	k delete --force "$ID"
	except '{"capabilities": ["CAP_KILL"]}'
	inside 'id -u' "$USERNS"
	is 65532
}

@test "H-84: an executable mount that is writable, and only that one" {
	except '{"exec": ["/data"]}'
	mkdir "$W/data" "$W/other"
	chmod 777 "$W/data" "$W/other"
	local mounts='.mounts += [{"destination": "/data", "type": "bind", "source": ($w + "/data"), "options": ["rbind", "rw"]},
		{"destination": "/mnt", "type": "bind", "source": ($w + "/other"), "options": ["rbind", "rw"]}]'
	inside 'for d in /data /mnt /tmp; do cp /bin/inside $d/inside; inside exec $d/inside; done' "$mounts"
	is $'ran\nEACCES\nEACCES'
}

@test "H-84: a directory that may be written is in memory and not executable" {
	own_image
	mkdir "$IMAGE/cache"
	except '{"writable": ["/cache"]}'
	inside 'cp /bin/inside /cache/inside; inside exec /cache/inside; inside write /home/x x' "."
	is $'EACCES\nEROFS'
	[ ! -e "$IMAGE/cache/inside" ]
}

@test "H-84: system calls beside our filter's, and none else" {
	# perf_event_open (298) and keyctl (250): what the kernel answers instead of the filter is another errno
	[ "$(uname -m)" = x86_64 ] || skip "the numbers are those of x86_64"
	inside 'inside call 298 0 0 0 0 0; inside call 250 99'
	local without=$output
	except '{"syscalls": ["perf_event_open"]}'
	inside 'inside call 298 0 0 0 0 0; inside call 250 99'
	echo "without: $without with: $output"
	[ "$(sed -n 1p <<< "$output")" != "$(sed -n 1p <<< "$without")" ]
	[ "$(sed -n 2p <<< "$output")" = "$(sed -n 2p <<< "$without")" ]
	up
	[ -s "$ROOT/$ID/filter-0.bpf" ]
	is "$output" "$(k exec "$ID" sh -c 'inside call 298 0 0 0 0 0; inside call 250 99')"
}

@test "H-84: ports beside those of the list" {
	policy '{"version": 1, "ports": {"bind": [8080], "connect": []}, "exceptions": [{"image": "'"$DIGEST"'", "owner": "o", "reason": "r",
		"expires": "'"$SOON"'", "allow": {"ports": {"bind": [8081], "connect": [53]}}}]}'
	inside 'for p in 8080 8081 8082; do inside tcp bind $p; done; inside tcp connect 53; inside tcp connect 54'
	is $'0\n0\nEACCES\nECONNREFUSED\nEACCES'
}

@test "H-84: plan --image shows what would be for an image, and no other command has that option" {
	KANUKI=$top_builddir/kanuki
	except '{"capabilities": ["CAP_NET_BIND_SERVICE"], "syscalls": ["perf_event_open"]}'
	bundle "$CAPS"
	run --separate-stderr k plan --image "$DIGEST" "$B"
	succeeded
	has "exception.image: $DIGEST"
	has 'capabilities.effective: CAP_NET_BIND_SERVICE'
	has 'perf_event_open'
	run --separate-stderr k plan --image "sha256:$(printf '%064d' 8)" "$B"
	succeeded
	hasnt exception.image
	hasnt CAP_NET_BIND_SERVICE
	run --separate-stderr k plan "$B"
	succeeded
	hasnt exception.image
	local bad
	for bad in x sha256:12 "$DIGEST"0 "sha256:$(printf '%064X' 10)"; do
		run --separate-stderr k plan --image "$bad" "$B"
		[ "$status" = 1 ]
		has "--image: '$bad' is not a config digest" "$stderr"
	done
	for command in create run; do
		run --separate-stderr k "$command" --image "$DIGEST" --bundle "$B" "$ID"
		[ "$status" = 1 ]
		has 'image' "$stderr"
	done
	except '{"capabilities": ["CAP_NET_BIND_SERVICE"]}' "$DIGEST" 2020-01-01T00:00:00Z
	run --separate-stderr k plan --diff --image "$DIGEST" "$B"
	succeeded
	hasnt 'capabilities.effective: CAP_NET_BIND_SERVICE'
	has 'expired 2020-01-01T00:00:00Z'
}
