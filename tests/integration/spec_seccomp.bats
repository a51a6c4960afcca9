#!/usr/bin/env bats
# config-linux.md "Seccomp", at builtin:oci, where the bundle's filter is the only one.
load helpers

test_begin() {
	LEVEL=oci
	SOCKETS=$(mktemp -d /tmp/kit.XXXXXX)
}

test_end() {
	rm -rf "$SOCKETS"
}

# filter ACTION [MORE]: acct(2), which nothing else calls, gets it; what follows are further members of the rule.
filter() {
	printf '.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", syscalls: [{names: ["acct"], action: "%s"%s}]}' "$1" "${2:+, $2}"
}

@test "seccomp actions: ALLOW, ERRNO with its number, TRACE, LOG" {
	inside 'inside call 163 s:/nowhere' "$(filter SCMP_ACT_ERRNO 'errnoRet: 77')"
	is EBADFD
	inside 'inside call 163 s:/nowhere' "$(filter SCMP_ACT_ERRNO)"
	is EPERM
	inside 'inside call 163 s:/nowhere' "$(filter SCMP_ACT_ERRNO 'errnoRet: 38')"
	is ENOSYS
	# Without a tracer TRACE is ENOSYS; ALLOW and LOG let the kernel answer, which it does without CAP_SYS_PACCT.
	inside 'inside call 163 s:/nowhere' "$(filter SCMP_ACT_TRACE)"
	is ENOSYS
	inside 'inside call 163 s:/nowhere' "$(filter SCMP_ACT_LOG)"
	is EPERM
	inside 'inside call 39' '.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", syscalls: [{names: ["getpid"], action: "SCMP_ACT_ERRNO", errnoRet: 5}]}'
	is EIO
}

@test "seccomp actions: KILL, KILL_THREAD, KILL_PROCESS, TRAP end the process with SIGSYS" {
	local action
	for action in SCMP_ACT_KILL SCMP_ACT_KILL_THREAD SCMP_ACT_KILL_PROCESS SCMP_ACT_TRAP; do
		bundle "$(filter "$action")" '.process.args = ["probe", "try", "acct", "socket-unix"]'
		go
		succeeded
		has 'acct SIGSYS'
		has 'socket-unix OK'
	done
}

@test "seccomp operators: each compares" {
	local op value want got
	# The argument is 5. "hit" means that the rule matched and the call got EXDEV (18).
	while read -r op value two want; do
		script 'inside call 140 5 0' '.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", syscalls: [{names: ["getpriority"], action: "SCMP_ACT_ERRNO",
			errnoRet: 18, args: [{index: 0, op: "SCMP_CMP_'"$op"'", value: '"$value"', valueTwo: '"$two"'}]}]}'
		go
		succeeded
		got=miss
		[ "$output" != EXDEV ] || got=hit
		is "$op $value $two $want" "$op $value $two $got"
	done <<-END
		EQ 5 0 hit
		EQ 4 0 miss
		NE 4 0 hit
		NE 5 0 miss
		LT 6 0 hit
		LT 5 0 miss
		LE 5 0 hit
		LE 4 0 miss
		GT 4 0 hit
		GT 5 0 miss
		GE 5 0 hit
		GE 6 0 miss
		MASKED_EQ 4 4 hit
		MASKED_EQ 2 2 miss
	END
}

@test "seccomp: unknown names are skipped, as runc does, and the plan says so; hardened denies the call itself" {
	inside 'inside call 163 s:/nowhere' '.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", syscalls: [
		{names: ["no_such_call_ever"], action: "SCMP_ACT_ALLOW"}, {names: ["acct"], action: "SCMP_ACT_ERRNO", errnoRet: 77}]}'
	is EBADFD
	local denied='.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", syscalls: [
		{names: ["no_such_call_ever", "acct"], action: "SCMP_ACT_ERRNO", errnoRet: 77}, {names: ["nor_this"], action: "SCMP_ACT_KILL"}]}'
	for LEVEL in oci hardened; do
		inside 'inside call 163 s:/nowhere' "$denied"
		[ $LEVEL = hardened ] || is EBADFD # the default filter's answer comes first there
		run --separate-stderr k plan --bundle "$B"
		succeeded
		has 'rules otherwise=allow archs=native unknown=skipped'
	done
	# mseal (462, Linux 6.10) is younger than libseccomp 2.5, but not unknown here; 900 is nobody's.
	for LEVEL in oci hardened; do
		inside 'inside call 462 0 0 0; inside call 900 0' '.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", syscalls: [
			{names: ["mseal", "of_the_future"], action: "SCMP_ACT_ERRNO", errnoRet: 77}]}'
		is $'EBADFD\nENOSYS'
	done
	LEVEL=oci # beside other ABIs libseccomp can't, nor can runc
	inside 'inside call 39 > /dev/null' '.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", architectures: ["SCMP_ARCH_X86"], syscalls: [
		{names: ["mseal"], action: "SCMP_ACT_ERRNO", errnoRet: 77}]}'
}

@test "seccomp: the default action holds for what is not named" {
	script true '.linux.seccomp = {defaultAction: "SCMP_ACT_ERRNO", defaultErrnoRet: 38, syscalls: []}'
	go
	[ "$status" != 0 ]
}

@test "seccomp flags: LOG, SPEC_ALLOW, TSYNC, WAIT_KILLABLE_RECV; an unknown one is refused" {
	local flag
	for flag in SECCOMP_FILTER_FLAG_LOG SECCOMP_FILTER_FLAG_SPEC_ALLOW SECCOMP_FILTER_FLAG_TSYNC; do
		inside 'inside call 163 s:/nowhere' "$(filter SCMP_ACT_ERRNO 'errnoRet: 77')" ".linux.seccomp.flags = [\"$flag\"]"
		is EBADFD
	done
	bundle "$(filter SCMP_ACT_ERRNO)" '.linux.seccomp.flags = ["SECCOMP_FILTER_FLAG_WHAT"]'
	go
	refused SECCOMP_FILTER_FLAG_WHAT
}

@test "seccomp: unknown actions, operators and architectures are refused by path" {
	bundle "$(filter SCMP_ACT_WHAT)"
	go
	refused 'linux.seccomp.syscalls[0].action' SCMP_ACT_WHAT
	bundle "$(filter SCMP_ACT_ERRNO 'args: [{index: 0, op: "SCMP_CMP_WHAT", value: 1}]')"
	go
	refused 'linux.seccomp.syscalls[0].args[0].op' SCMP_CMP_WHAT
	bundle "$(filter SCMP_ACT_ERRNO)" '.linux.seccomp.architectures = ["SCMP_ARCH_WHAT"]'
	go
	refused SCMP_ARCH_WHAT
	bundle "$(filter SCMP_ACT_ERRNO 'args: [{index: 6, op: "SCMP_CMP_EQ", value: 1}]')"
	go
	refused 'linux.seccomp.syscalls[0].args[0].index'
}

@test "seccomp notify: the listener goes to listenerPath with the container process state; the agent's answer is the call's result" {
	local flags
	for flags in '[]' '["SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV"]'; do
		background "$TOOLS/outside" listener "$SOCKETS/agent" 79 > "$W/agent"
		until_true test -S "$SOCKETS/agent"
		inside 'inside call 163 s:/nowhere; inside call 39' "$(filter SCMP_ACT_NOTIFY)" \
			".linux.seccomp += {listenerPath: \"$SOCKETS/agent\", listenerMetadata: \"some words\", flags: $flags}"
		is $'ELIBACC\n'"${lines[1]}"
		until_true grep -q '^call 163' "$W/agent"
		head -1 "$W/agent" > "$W/seen"
		is '["seccompFd"]' "$(jq -c .fds "$W/seen")"
		is 'some words' "$(jq -r .metadata "$W/seen")"
		is "$ID" "$(jq -r .state.id "$W/seen")"
		[ "$(jq -r .pid "$W/seen")" -gt 1 ]
		is "$B" "$(jq -r .state.bundle "$W/seen")"
		rm -f "$SOCKETS/agent" "$W/agent"
	done
}

@test "seccomp notify: without a path, with nobody there, or for write itself, is refused" {
	bundle "$(filter SCMP_ACT_NOTIFY)"
	go
	refused listenerPath
	bundle "$(filter SCMP_ACT_NOTIFY)" ".linux.seccomp.listenerPath = \"$SOCKETS/none\""
	go
	refused "$SOCKETS/none"
}
