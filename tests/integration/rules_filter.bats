#!/usr/bin/env bats
# H-50, H-51: system calls. The whole profile is tested in tests/threats/seccomp.bats and seccomp-profiles/; here, that it is there.
load helpers

@test "H-50: the default filter is loaded although the bundle has none" {
	inside 'grep -e ^Seccomp: -e ^Seccomp_filters: /proc/self/status; probe try keyctl bpf io_uring_setup perf_event_open' 'del(.linux.seccomp)'
	is 'Seccomp:	2
Seccomp_filters:	1
io_uring_setup EPERM
bpf EPERM
perf_event_open EPERM
keyctl EPERM'
}

@test "H-50: builtin:oci loads none (control)" {
	LEVEL=oci
	inside 'grep ^Seccomp: /proc/self/status' 'del(.linux.seccomp)'
	is $'Seccomp:\t0'
}

@test "H-50: ordinary calls pass, newer ones get ENOSYS" {
	inside 'id -u; probe try socket-inet socket-unix clone3-plain; inside call 9999'
	is $'65532\nsocket-unix OK\nsocket-inet OK\nclone3-plain ENOSYS\nENOSYS'
}

@test "H-50: a bundle's filter comes on top and can only take away" {
	inside 'grep ^Seccomp_filters: /proc/self/status; probe try bpf; mkdir /tmp/x 2>&1 || :' \
		'.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", syscalls: [{names: ["mkdir", "mkdirat"], action: "SCMP_ACT_ERRNO", errnoRet: 95}]}'
	is $'Seccomp_filters:\t2\nbpf EPERM\nmkdir: can\'t create directory \'/tmp/x\': Not supported' "${output/Operation not supported/Not supported}"
}

@test "H-50: SPEC_ALLOW of the bundle's is dropped, so the speculation controls stay" {
	bundle '.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", flags: ["SECCOMP_FILTER_FLAG_SPEC_ALLOW"]}'
	k plan --diff "$B" | grep 'SECCOMP_FILTER_FLAG_SPEC_ALLOW' | grep -q H-50
	go
	[ "$status" = 0 ]
}

@test "H-50: exec loads it, too" {
	up
	run --separate-stderr k exec "$ID" sh -c 'grep ^Seccomp: /proc/self/status; probe try bpf'
	succeeded
	is $'Seccomp:\t2\nbpf EPERM'
}

@test "H-50: the filter can't be taken off: seccomp and prctl only add" {
	inside 'inside call 157 22 0 0; inside call 157 21 0 0 0 0'
	is $'EINVAL\n2'
}

# Without CONFIG_IA32_EMULATION, or in a user-mode kernel, int 0x80 is none of i386's calls.
i386_calls() { [ "$("$THREATS_TOOLS/probe" try i386-getpid)" = 'i386-getpid OK' ]; }

@test "H-51: x32 and i386 calls end the process with SIGSYS" {
	[ "$(uname -m)" = x86_64 ] || skip "not an x86_64"
	inside 'probe try x32-getpid i386-getpid socket-unix'
	has 'socket-unix OK'
	has 'x32-getpid SIGSYS'
	i386_calls || skip "the kernel has no i386 calls (x32 was tested)"
	has 'i386-getpid SIGSYS'
}

@test "H-51: architectures of the bundle's filter are dropped, in the plan and in force" {
	[ "$(uname -m)" = x86_64 ] || skip "not an x86_64"
	i386_calls || skip "the kernel has no i386 calls"
	bundle '.process.args = ["probe", "try", "i386-getpid"]' \
		'.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", architectures: ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32"]}'
	go
	succeeded
	is 'i386-getpid SIGSYS'
	k plan --diff "$B" | grep -q 'H-51 asked: '
	LEVEL=oci
	go
	succeeded
	is 'i386-getpid OK'
}
