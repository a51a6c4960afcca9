#!/usr/bin/env bats
# podman on the runtime, at both policies: what people do first, the rest is podman_matrix.bats. The image is made here, there is no network.

bats_require_minimum_version 1.5.0
load helpers

setup_file()
{
	make_image
	papers
}

teardown() { podman rm --all --force --time 0 > /dev/null 2>&1 || true; }

teardown_file()
{
	no_papers
	podman rmi --all --force > /dev/null 2>&1 || true
}

run_prints()
{
	run with "$1" run --rm --network none localhost/busybox:vm echo "said inside"
	[ "$status" = 0 ]
	[ "$output" = "said inside" ]
}
@test "podman run, hardened" { run_prints hardened; }
@test "podman run, oci" { run_prints oci; }

exit_status()
{
	run with "$1" run --rm --network none localhost/busybox:vm sh -c 'exit 37'
	[ "$status" = 37 ]
	run -127 with "$1" run --rm --network none localhost/busybox:vm /no/such/program
}
@test "podman run's exit status: the process's, and 127 for no program, hardened" { exit_status hardened; }
@test "podman run's exit status: the process's, and 127 for no program, oci" { exit_status oci; }

detached()
{
	with "$1" run --detach --name d --network none localhost/busybox:vm sh -c 'trap "exit 5" TERM; echo up; while :; do sleep 0.2; done'
	wait_for sh -c 'podman logs d | grep -q up'
	[ "$(podman inspect -f '{{.State.Status}}' d)" = running ]
	run with "$1" exec d sh -c 'echo executed; exit 3'
	[ "$status" = 3 ]
	[ "$output" = executed ]
	with "$1" stop --time 20 d
	[ "$(podman inspect -f '{{.State.ExitCode}}' d)" = 5 ]
	with "$1" start d
	[ "$(podman inspect -f '{{.State.Status}}' d)" = running ]
	with "$1" kill --signal KILL d
	with "$1" wait d
	with "$1" rm d
	run -1 podman container exists d
}
@test "podman run --detach, logs, exec, stop, start, kill, rm, hardened" { detached hardened; }
@test "podman run --detach, logs, exec, stop, start, kill, rm, oci" { detached oci; }

terminal()
{
	# script gives podman a terminal; the container must have one of its own, and its size.
	run script -qec "podman --runtime $(policy_runtime "$1") --cgroup-manager=cgroupfs run --rm --tty --network none \
		localhost/busybox:vm sh -c 'tty; test -t 0 && test -t 1 && echo both are terminals'" /dev/null < /dev/null 3>&-
	[ "$status" = 0 ]
	[[ "$output" == *"/dev/pts/0"* || "$output" == *"/dev/console"* ]]
	[[ "$output" == *"both are terminals"* ]]
}
@test "podman run --tty, hardened" { terminal hardened; }
@test "podman run --tty, oci" { terminal oci; }

exec_terminal()
{
	with "$1" run --detach --name e --network none localhost/busybox:vm sleep 1000
	run script -qec "podman --runtime $(policy_runtime "$1") --cgroup-manager=cgroupfs exec --tty e sh -c 'test -t 0 && echo a terminal'" \
		/dev/null < /dev/null 3>&-
	[ "$status" = 0 ]
	[[ "$output" == *"a terminal"* ]]
}
@test "podman exec --tty, hardened" { exec_terminal hardened; }
@test "podman exec --tty, oci" { exec_terminal oci; }

memory_limit()
{
	run with "$1" run --name m --memory 32m --memory-swap 32m --network none localhost/busybox:vm tail -c 200m /dev/zero
	[ "$status" = 137 ]
	[ "$(podman inspect -f '{{.State.OOMKilled}}' m)" = true ]
}
@test "podman run --memory: the kernel kills, podman knows, hardened" { memory_limit hardened; }
@test "podman run --memory: the kernel kills, podman knows, oci" { memory_limit oci; }

pauses()
{
	with "$1" run --detach --name p --network none localhost/busybox:vm sleep 1000
	with "$1" pause p
	[ "$(podman inspect -f '{{.State.Status}}' p)" = paused ]
	with "$1" unpause p
	[ "$(podman inspect -f '{{.State.Status}}' p)" = running ]
	with "$1" update --memory 64m p
	[ "$(cat "/sys/fs/cgroup$(podman inspect -f '{{.State.CgroupPath}}' p)/memory.max")" = 67108864 ]
}
@test "podman pause, unpause, update, hardened" { pauses hardened; }
@test "podman pause, unpause, update, oci" { pauses oci; }

@test "hardened: not root, read-only root, no capability; oci: as podman asks" {
	[ "$CONTROL" = "" ] || skip "no policies in $CONTROL"
	run with hardened run --rm --network none localhost/busybox:vm sh -c 'id -u; id -g; grep CapBnd /proc/self/status; touch /x 2>&1'
	[[ "$output" == "65532"$'\n'"65532"$'\n'"CapBnd:"*"0000000000000000"$'\n'*"Read-only file system" ]]
	run with oci run --rm --network none localhost/busybox:vm sh -c 'id -u; touch /x && echo written'
	[ "$output" = "0"$'\n'"written" ]
}
