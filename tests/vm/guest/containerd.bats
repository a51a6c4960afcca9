#!/usr/bin/env bats
# containerd's ctr on the runtime, at both policies. The image comes as an OCI archive from podman, there is no network.

bats_require_minimum_version 1.5.0
load helpers

setup_file()
{
	make_image
	papers
	podman save --format oci-archive --output "$BATS_FILE_TMPDIR/oci.tar" localhost/busybox:vm > /dev/null
	systemctl start containerd
	wait_for ctr version
	ctr images import "$BATS_FILE_TMPDIR/oci.tar"
}

teardown_file()
{
	no_papers
	systemctl stop containerd
}

teardown()
{
	ctr tasks kill --signal KILL "$id" > /dev/null 2>&1 || true
	wait_for sh -c "! ctr tasks ls -q | grep -qx $id" || true
	ctr tasks delete --force "$id" > /dev/null 2>&1 || true
	ctr containers delete "$id" > /dev/null 2>&1 || true
}

setup() { id=c$BATS_SUITE_TEST_NUMBER; }

# ctr_run POLICY OPTIONS... -- COMMAND...
ctr_run()
{
	local policy=$1 options=()
	shift
	while [ "$1" != -- ]; do
		options+=("$1")
		shift
	done
	shift
	ctr run --runc-binary "$(policy_runtime "$policy")" "${options[@]}" localhost/busybox:vm "$id" "$@" < /dev/null 3>&-
}

run_prints()
{
	run ctr_run "$1" --rm -- echo "said inside"
	[ "$status" = 0 ]
	[ "$output" = "said inside" ]
}
@test "ctr run, hardened" { run_prints hardened; }
@test "ctr run, oci" { run_prints oci; }

exit_status()
{
	run ctr_run "$1" --rm -- sh -c 'exit 37'
	[ "$status" = 37 ]
}
@test "ctr run's exit status is the process's, hardened" { exit_status hardened; }
@test "ctr run's exit status is the process's, oci" { exit_status oci; }

no_program()
{
	run ctr_run "$1" --rm -- /no/such/program
	echo "$output"
	[ "$status" != 0 ]
	[[ "$output" == *"no such file or directory"* || "$output" == *"executable file not found"* || "$output" == *"No such file"* ]]
}
@test "ctr run of no program: the runtime's reason reaches the user, hardened" { no_program hardened; }
@test "ctr run of no program: the runtime's reason reaches the user, oci" { no_program oci; }

detached()
{
	ctr_run "$1" --detach -- sleep 1000
	wait_for sh -c "ctr tasks ls | grep -q \"$id.*RUNNING\""
	run ctr tasks exec --exec-id x1 "$id" sh -c 'echo executed; exit 3' < /dev/null 3>&-
	[ "$status" = 3 ]
	[ "$output" = executed ]
	run ctr tasks ps "$id"
	[ "$status" = 0 ]
	ctr tasks pause "$id"
	ctr tasks ls | grep -q "$id.*PAUSED"
	ctr tasks resume "$id"
	run ctr tasks metrics "$id"
	[ "$status" = 0 ]
	ctr tasks kill --signal KILL "$id"
	wait_for sh -c "ctr tasks ls | grep -q \"$id.*STOPPED\""
	ctr tasks delete "$id" || true
	! ctr tasks ls -q | grep -qx "$id"
	ctr containers delete "$id"
}
@test "ctr run --detach, exec, ps, pause, resume, metrics, kill, delete, hardened" { detached hardened; }
@test "ctr run --detach, exec, ps, pause, resume, metrics, kill, delete, oci" { detached oci; }

memory_limit()
{
	run ctr_run "$1" --rm --memory-limit 33554432 -- tail -c 200m /dev/zero
	[ "$status" = 137 ]
}
@test "ctr run --memory-limit: the kernel kills, hardened" { memory_limit hardened; }
@test "ctr run --memory-limit: the kernel kills, oci" { memory_limit oci; }

terminal()
{
	run script -qec "ctr run --rm --tty --runc-binary $(policy_runtime "$1") localhost/busybox:vm $id sh -c 'test -t 0 && echo a terminal'" \
		/dev/null < /dev/null 3>&-
	[[ "$output" == *"a terminal"* ]]
}
@test "ctr run --tty, hardened" { terminal hardened; }
@test "ctr run --tty, oci" { terminal oci; }

as_user()
{
	run ctr_run "$1" --rm --user 1000:1000 -- sh -c 'id -u; id -g; grep CapEff /proc/self/status'
	[ "$status" = 0 ]
	[[ "$output" == 1000$'\n'1000$'\n'CapEff:*0000000000000000 ]]
}
@test "ctr run --user, hardened" { as_user hardened; }
@test "ctr run --user, oci" { as_user oci; }

@test "ctr run --net-host: hardened refuses, oci shares the host's network" {
	[ "$CONTROL" = "" ] || skip "no policies in $CONTROL"
	run ctr_run hardened --rm --net-host -- true
	refused H-10
	ctr containers delete "$id" > /dev/null 2>&1 || true
	run ctr_run oci --rm --net-host -- sh -c 'ls -l /proc/self/ns/net'
	[ "$status" = 0 ]
	[[ "$output" == *"$(namespace_of self net)" ]]
}

@test "ctr run --privileged: hardened refuses, oci gives it" {
	[ "$CONTROL" = "" ] || skip "no policies in $CONTROL"
	run ctr_run hardened --rm --privileged -- true
	refused H-83
	ctr containers delete "$id" > /dev/null 2>&1 || true
	run ctr_run oci --rm --privileged -- grep CapEff /proc/self/status
	[ "$status" = 0 ]
	[[ "$output" != *0000000000000000 ]]
}
