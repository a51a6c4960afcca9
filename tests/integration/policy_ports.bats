#!/usr/bin/env bats
# H-72: TCP ports that a policy lists.
load helpers

test_begin() {
	bundle
	k plan "$B" | grep -q '^landlock: yes' || skip "the kernel has Landlock off"
	policy '{"version": 1, "ports": {"bind": []}}'
	run --separate-stderr k plan "$B"
	[[ $stderr != *"takes Landlock ABI 4"* ]] || skip "the kernel has no limits on ports"
}

@test "H-72: ports.bind: what is listed can be bound, and nothing else" {
	policy '{"version": 1, "ports": {"bind": [8080, 9000]}}'
	inside 'for p in 8080 9000 8081 0; do inside tcp bind $p; done; inside tcp connect 1'
	is $'0\n0\nEACCES\nEACCES\nECONNREFUSED'
	planned 'landlock.bind: 8080[ ,]9000'
}

@test "H-72: an empty list is none, 0 is a port that the kernel chooses" {
	policy '{"version": 1, "ports": {"bind": []}}'
	inside 'for p in 8080 0; do inside tcp bind $p; done'
	is $'EACCES\nEACCES'
	policy '{"version": 1, "ports": {"bind": [0]}}'
	inside 'for p in 8080 0; do inside tcp bind $p; done'
	is $'EACCES\n0'
}

@test "H-72: ports.connect: nor by sending with MSG_FASTOPEN" {
	policy '{"version": 1, "ports": {"connect": [5432]}}'
	inside 'for how in connect fastopen; do for p in 5432 5433; do inside tcp $how $p; done; done; inside tcp bind 8080'
	is $'ECONNREFUSED\nEACCES\nEACCES\nEACCES\n0'
}

@test "H-72: without a policy nothing is limited (control)" {
	policy '{"version": 1}'
	inside 'inside tcp bind 8081; inside tcp bind 0; inside tcp connect 5433'
	is $'0\n0\nECONNREFUSED'
	inside 'inside tcp fastopen 5433'
	[[ $output = EINPROGRESS || $output = ECONNREFUSED ]] || { show; return 1; }
}

@test "H-72: the limits are also those of a process that exec adds" {
	policy '{"version": 1, "ports": {"bind": [8080], "connect": []}}'
	up
	[ -s "$ROOT/$ID/filter-0.bpf" ]
	run --separate-stderr k exec "$ID" sh -c 'for p in 8080 8081; do inside tcp bind $p; done; inside tcp connect 1; inside tcp fastopen 1'
	succeeded
	is $'0\nEACCES\nEACCES\nEACCES'
}

@test "H-72: listening on a socket that was never bound gets a random port, which nobody asks Landlock about" {
	policy '{"version": 1, "ports": {"bind": []}}'
	inside 'inside tcp listen 0'
	is 0
}
