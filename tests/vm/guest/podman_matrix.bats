#!/usr/bin/env bats
# What people ask of podman, each at both policies: what README.md's table says becomes of it has to become of it in podman's hands. A
# refusal is one line of podman's that names the rule.

bats_require_minimum_version 1.5.0
load helpers

image=localhost/busybox:vm
host_dir=/srv/kanuki-vm

setup_file()
{
	make_image
	papers
	# --userns=auto takes its ids from this account's.
	grep -q ^containers: /etc/subuid || echo containers:2147483647:1048576 | tee -a /etc/subuid >> /etc/subgid
	mkdir -p "$host_dir"
	chmod 777 "$host_dir"
}

# What only a runtime with policies can do.
needs_policies() { [ "$CONTROL" = "" ] || skip "no policies in $CONTROL"; }

teardown()
{
	rm -f /etc/kanuki/policy.json
	podman pod rm --all --force --time 0 > /dev/null 2>&1 || true
	podman rm --all --force --time 0 > /dev/null 2>&1 || true
	podman volume rm --all --force > /dev/null 2>&1 || true
}

teardown_file()
{
	no_papers
	podman rmi --all --force > /dev/null 2>&1 || true
	rm -rf "$host_dir"
}

pid_of() { podman inspect -f '{{.State.Pid}}' "$1"; }

# host_ids PID: the process's user and group, as the host sees them.
host_ids() { awk '/^[UG]id:/ { printf "%s ", $3 }' "/proc/$1/status"; }

@test "a host without a scan gate: hardened refuses and says what to do, a policy that wants none lets run" {
	needs_policies
	mv /etc/kanuki/gate "$BATS_TEST_TMPDIR/gate"
	run with hardened run --rm --network none "$image" echo ran inside
	refused H-85
	[[ "$output" == *"this host has no scan gate"*"run: kanuki-gate init"* ]]
	echo '{"version": 1, "gate": {"mode": "off"}}' > /etc/kanuki/policy.json
	run with hardened run --rm --network none "$image" echo ran inside
	mv "$BATS_TEST_TMPDIR/gate" /etc/kanuki/gate
	echo "$output"
	[ "$status $output" = "0 ran inside" ]
}

default_network()
{
	run with "$1" run --rm "$image" grep -c : /proc/net/dev
	echo "$output"
	[ "$status" = 0 ]
	[ "$output" = 2 ]	# lo, and what netavark gave it
}
@test "podman run, podman's own network, hardened" { default_network hardened; }
@test "podman run, podman's own network, oci" { default_network oci; }

as_user()
{
	run with "$1" run --rm --network none --user 1000 "$image" sh -c 'id -u; id -g; grep CapEff /proc/self/status'
	[ "$status" = 0 ]
	[[ "$output" == 1000$'\n'1000$'\n'CapEff:*0000000000000000 ]]
}
@test "podman run --user 1000, hardened" { as_user hardened; }
@test "podman run --user 1000, oci" { as_user oci; }

# podman gives a new volume to the user that it knows of.
volume()
{
	with "$1" run --rm --network none --user 1000 --volume data:/data "$image" sh -c 'echo kept > /data/file; cp /bin/busybox /data/sh'
	run with "$1" run --rm --network none --user 1000 --volume data:/data "$image" sh -c 'cat /data/file; /data/sh -c "echo executed" 2>&1'
}
@test "podman run --volume NAME: kept, and nothing in it is executed, hardened" {
	needs_policies
	volume hardened
	[ "$status" = 126 ]
	[[ "$output" == kept$'\n'*"Permission denied" ]]
}
@test "podman run --volume NAME: kept, oci" {
	volume oci
	[ "$status" = 0 ]
	[ "$output" = kept$'\n'executed ]
}

read_only()
{
	run with "$1" run --rm --network none --read-only "$image" sh -c 'touch /tmp/x && echo scratch; touch /x 2>&1'
	[ "$status" = 1 ]
	[[ "$output" == scratch$'\n'*"Read-only file system" ]]
}
@test "podman run --read-only, hardened" { read_only hardened; }
@test "podman run --read-only, oci" { read_only oci; }

init()
{
	run with "$1" run --rm --network none --init "$image" sh -c 'cat /proc/1/comm; echo $$; exit 7'
	echo "$output"
	[ "$status" = 7 ]
	[ "${lines[0]}" != sh ]
	[ "${lines[1]}" != 1 ]
}
@test "podman run --init: the process is not number 1, its exit status counts, hardened" { init hardened; }
@test "podman run --init: the process is not number 1, its exit status counts, oci" { init oci; }

@test "podman run --privileged: hardened refuses, oci gives it" {
	needs_policies
	run with hardened run --rm --network none --privileged "$image" true
	refused H-83
	run with oci run --rm --network none --privileged "$image" grep CapEff /proc/self/status
	[ "$status" = 0 ]
	[[ "$output" != *0000000000000000 ]]
}

@test "podman run --network=host: hardened refuses, oci shares the host's" {
	needs_policies
	run with hardened run --rm --network=host "$image" true
	refused H-10
	run with oci run --rm --network=host "$image" ls -l /proc/self/ns/net
	[ "$status" = 0 ]
	[[ "$output" == *"$(namespace_of self net)" ]]
}

@test "podman run --volume DIRECTORY: hardened refuses, takes it with an entry in the policy; oci takes it" {
	needs_policies
	local write='echo kept > /data/file'
	run with hardened run --rm --network none --volume "$host_dir:/data" "$image" sh -c "$write"
	refused H-25
	[[ "$output" == *"mounts.allow"* ]]
	[ ! -e "$host_dir/file" ]

	jq -n --arg source "$host_dir" '{version: 1, mounts: {allow: [{source: $source}]}}' > /etc/kanuki/policy.json
	run with hardened run --rm --network none --volume "$host_dir:/data" "$image" sh -c "$write"
	refused H-25
	with hardened run --rm --network none --volume "$host_dir:/data:ro" "$image" true

	jq -n --arg source "$host_dir" '{version: 1, mounts: {allow: [{source: $source, writable: true}]}}' > /etc/kanuki/policy.json
	with hardened run --rm --network none --volume "$host_dir:/data" "$image" sh -c "$write"
	[ "$(cat "$host_dir/file")" = kept ]
	rm "$host_dir/file"

	with oci run --rm --network none --volume "$host_dir:/data" "$image" sh -c "$write"
	[ "$(cat "$host_dir/file")" = kept ]
	rm "$host_dir/file"
}

userns_auto()
{
	local user group
	with "$1" run --detach --name u --network none --userns=auto "$image" sleep 1000
	read -r user group <<< "$(host_ids "$(pid_of u)")"
	[ "$user" -ge 2147483647 ]
	[ "$group" -ge 2147483647 ]
	run with "$1" exec u sh -c 'echo executed'
	[ "$output" = executed ]
	with "$1" kill u
}
@test "podman run --userns=auto, exec, kill, hardened" { userns_auto hardened; }
@test "podman run --userns=auto, exec, kill, oci" { userns_auto oci; }

health()
{
	with "$1" run --detach --name h --network none --health-cmd 'test -e /tmp/well' --health-interval disable "$image" \
		sh -c 'echo > /tmp/well; exec sleep 1000'
	wait_for with "$1" healthcheck run h
	[ "$(podman inspect -f '{{.State.Health.Status}}' h)" = healthy ]
	with "$1" run --detach --name i --network none --health-cmd false --health-interval disable --health-retries 1 "$image" sleep 1000
	run -1 with "$1" healthcheck run i
	[ "$(podman inspect -f '{{.State.Health.Status}}' i)" = unhealthy ]
}
@test "podman healthcheck run: healthy and unhealthy, hardened" { health hardened; }
@test "podman healthcheck run: healthy and unhealthy, oci" { health oci; }

pod()
{
	local infra member ns
	with "$1" pod create --name pd --network none "${@:2}"
	with "$1" run --detach --pod pd ${member_user:+--user "$member_user"} --name m "$image" sh -c 'trap "exit 5" TERM; while :; do sleep 0.2; done'
	infra=$(pid_of "$(podman pod inspect -f '{{.InfraContainerID}}' pd)")
	member=$(pid_of m)
	for ns in net ipc uts; do
		[ "$(namespace_of "$infra" $ns)" = "$(namespace_of "$member" $ns)" ]
		[ "$(namespace_of "$infra" $ns)" != "$(namespace_of self $ns)" ]
	done
	run with "$1" exec m sh -c 'echo executed; exit 3'
	[ "$status" = 3 ]
	[ "$output" = executed ]
	with "$1" pod stop --time 30 pd
	[ "$(podman inspect -f '{{.State.ExitCode}}' m)" = 5 ]
	with "$1" pod start pd
	[ "$(podman inspect -f '{{.State.Status}}' m)" = running ]
	with "$1" pod rm --force --time 0 pd
	run -1 podman pod exists pd
}
@test "podman pod: a member, its infra container's namespaces, exec, stop, start, rm, hardened" { pod hardened; }
@test "podman pod: a member, its infra container's namespaces, exec, stop, start, rm, oci" { pod oci; }
@test "podman pod --userns=auto: the same, oci" { pod oci --userns=auto; }
# Root's stand-in is 65532, which podman's 1024 ids don't have; of a namespace that is joined the plan can't know them.
@test "podman pod --userns=auto: the same, hardened, of a member with a user of its own" { member_user=1000 pod hardened --userns=auto; }
