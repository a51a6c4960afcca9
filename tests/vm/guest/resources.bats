#!/usr/bin/env bats
# Resource limits on real cgroup v2 controllers, each read back from the kernel and, where that shows, felt by the container.

load helpers

# The bundles are made here: no image, nothing for a scan gate to know.
setup_file() { export KANUKI=$KANUKI-sandbox; }

setup()
{
	bundle=$BATS_TEST_TMPDIR/bundle
	make_bundle "$bundle"
	id=vm-$BATS_SUITE_TEST_NUMBER
}

teardown()
{
	"$KANUKI" delete --force "$id" > /dev/null 2>&1 || true
	find /sys/fs/cgroup/kanuki-vm -depth -type d -exec rmdir {} + 2> /dev/null || true
}

resources() { edit "$bundle" ".linux.resources += $1"; }

# start COMMAND...: the container runs it, detached.
start()
{
	args "$bundle" "$@"
	"$KANUKI" run --detach --bundle "$bundle" "$id" < /dev/null > "$BATS_TEST_TMPDIR/out" 2>&1 3>&- || { cat "$BATS_TEST_TMPDIR/out"; false; }
}

stopped() { [ "$("$KANUKI" state "$id" | jq -r .status)" = stopped ]; }

@test "memory.limit is memory.max, and the kernel kills what exceeds it" {
	resources '{memory: {limit: 33554432, swap: 33554432}}'
	args "$bundle" /bin/sh -c 'tail -c 200m /dev/zero'
	run "$KANUKI" run --keep --bundle "$bundle" "$id" 3>&-
	[ "$status" = 137 ]
	[ "$(cgroup_value memory.max)" = 33554432 ]
	grep -q '^oom_kill [1-9]' "/sys/fs/cgroup/kanuki-vm/$BATS_SUITE_TEST_NUMBER/memory.events"
}

@test "memory.reservation is memory.low, memory.swap is what exceeds the limit" {
	resources '{memory: {limit: 67108864, reservation: 16777216, swap: 100663296}}'
	start /bin/sleep 1000
	[ "$(cgroup_value memory.low)" = 16777216 ]
	[ "$(cgroup_value memory.swap.max)" = 33554432 ]
}

@test "pids.limit is pids.max and stops forks" {
	resources '{pids: {limit: 20}}'
	args "$bundle" /bin/sh -c 'for i in $(seq 40); do sleep 30 & done; echo all forty started'
	run "$KANUKI" run --keep --bundle "$bundle" "$id" 3>&-
	[[ "$output" != *"all forty started"* ]] || false
	[ "$(cgroup_value pids.max)" = 20 ]
	grep -q '^max [1-9]' "/sys/fs/cgroup/kanuki-vm/$BATS_SUITE_TEST_NUMBER/pids.events"
}

@test "cpu.quota and cpu.period are cpu.max" {
	resources '{cpu: {quota: 50000, period: 200000}}'
	start /bin/sleep 1000
	[ "$(cgroup_value cpu.max)" = "50000 200000" ]
}

@test "cpu.burst is cpu.max.burst" {
	resources '{cpu: {quota: 50000, period: 100000, burst: 20000}}'
	start /bin/sleep 1000
	[ "$(cgroup_value cpu.max.burst)" = 20000 ]
}

@test "cpu.shares becomes a cpu.weight, cpu.idle is cpu.idle" {
	resources '{cpu: {shares: 2048}}'
	start /bin/sleep 1000
	weight=$(cgroup_value cpu.weight)
	[ "$weight" -gt 1 ] && [ "$weight" -lt 10000 ] && [ "$weight" != 100 ]
	"$KANUKI" delete --force "$id"
	resources '{cpu: {idle: 1}}'
	start /bin/sleep 1000
	[ "$(cgroup_value cpu.idle)" = 1 ]
}

@test "cpu.cpus and cpu.mems are the cpuset, and the process sees it" {
	resources '{cpu: {cpus: "1", mems: "0"}}'
	start /bin/sleep 1000
	[ "$(cgroup_value cpuset.cpus.effective)" = 1 ]
	[ "$(cgroup_value cpuset.mems.effective)" = 0 ]
	pid=$("$KANUKI" state "$id" | jq .pid)
	grep -q '^Cpus_allowed_list:.1$' "/proc/$pid/status"
}

@test "blockIO throttles are io.max, in all four forms" {
	device=$(cat /sys/block/vda/dev)
	resources "$(jq -n --argjson major "${device%:*}" --argjson minor "${device#*:}" '{blockIO: {
		throttleReadBpsDevice: [{major: $major, minor: $minor, rate: 1048576}],
		throttleWriteBpsDevice: [{major: $major, minor: $minor, rate: 2097152}],
		throttleReadIOPSDevice: [{major: $major, minor: $minor, rate: 300}],
		throttleWriteIOPSDevice: [{major: $major, minor: $minor, rate: 400}]}}')"
	start /bin/sleep 1000
	[ "$(cgroup_value io.max)" = "$device rbps=1048576 wbps=2097152 riops=300 wiops=400" ]
}

@test "blockIO.weight is io.weight, or io.bfq.weight, or an error that names the controller" {
	resources '{blockIO: {weight: 500}}'
	if [ -e /sys/fs/cgroup/init.scope/io.weight ] || [ -e /sys/fs/cgroup/system.slice/io.weight ] ||
		[ -e /sys/fs/cgroup/system.slice/io.bfq.weight ]; then
		start /bin/sleep 1000
		cgroup_value io.bfq.weight 2> /dev/null | grep -q 500 || cgroup_value io.weight | grep -qE 'default [1-9][0-9]+'
	else
		args "$bundle" /bin/true
		run "$KANUKI" run --bundle "$bundle" "$id" 3>&-
		[ "$status" != 0 ]
		[[ "$output" == *io* ]]
	fi
}

@test "hugepageLimits are hugetlb limits" {
	resources '{hugepageLimits: [{pageSize: "2MB", limit: 4194304}]}'
	start /bin/sleep 1000
	[ "$(cgroup_value hugetlb.2MB.max)" = 4194304 ]
}

@test "a limit that the kernel has no file for is an error that names the controller, and leaves nothing" {
	resources '{hugepageLimits: [{pageSize: "64MB", limit: 4194304}]}'
	args "$bundle" /bin/true
	run "$KANUKI" run --bundle "$bundle" "$id" 3>&-
	[ "$status" != 0 ]
	[[ "$output" == *hugetlb* ]]
	run "$KANUKI" state "$id"
	[ "$status" != 0 ]
	[ ! -e "/sys/fs/cgroup/kanuki-vm/$BATS_SUITE_TEST_NUMBER" ]
}

@test "unified values are written as they are" {
	resources '{unified: {"memory.high": "50331648", "memory.oom.group": "1", "pids.max": "33"}}'
	start /bin/sleep 1000
	[ "$(cgroup_value memory.high)" = 50331648 ]
	[ "$(cgroup_value memory.oom.group)" = 1 ]
	[ "$(cgroup_value pids.max)" = 33 ]
}

# Raising a hard limit needs CAP_SYS_RESOURCE, which not every machine that runs the other suites has.
@test "process.rlimits above the caller's, in the host's user namespace, in one of its own and in one that is joined" {
	[ "$CONTROL" = "" ] || skip "takes a joined user namespace otherwise"
	local oci=/usr/local/sbin/kanuki-oci limits='.process.rlimits = [{type: "RLIMIT_NOFILE", soft: 300, hard: 400}]'
	local maps='.linux.uidMappings = [{containerID: 0, hostID: 100000, size: 65536}] | .linux.gidMappings = .linux.uidMappings'
	chmod 711 "$BATS_RUN_TMPDIR" "$BATS_RUN_TMPDIR"/*/ "$BATS_TEST_TMPDIR"
	edit "$bundle" '.linux.namespaces += [{type: "user"}] | '"$maps"
	args "$bundle" /bin/sleep 1000
	"$oci" run --detach --pid-file "$BATS_TEST_TMPDIR/pid" --bundle "$bundle" "$id" < /dev/null > "$BATS_TEST_TMPDIR/out" 2>&1 3>&-

	args "$bundle" /bin/sh -c 'ulimit -Sn; ulimit -Hn'
	edit "$bundle" --arg path "/kanuki-vm/$BATS_SUITE_TEST_NUMBER-2" "$limits"' | .linux.cgroupsPath = $path'
	run prlimit --nofile=200:256 "$oci" run --bundle "$bundle" "$id-2" 3>&-
	[ "$output" = $'300\n400' ]
	edit "$bundle" --arg path "/proc/$(cat "$BATS_TEST_TMPDIR/pid")/ns/user" 'del(.linux.uidMappings, .linux.gidMappings) |
		(.linux.namespaces[] | select(.type == "user")).path = $path'
	run prlimit --nofile=200:256 "$oci" run --bundle "$bundle" "$id-2" 3>&-
	[ "$output" = $'300\n400' ]
	edit "$bundle" 'del(.linux.namespaces[] | select(.type == "user"))'
	run prlimit --nofile=200:256 "$oci" run --bundle "$bundle" "$id-2" 3>&-
	[ "$output" = $'300\n400' ]
}

@test "update changes the limits of a running container, by options and by a file" {
	resources '{memory: {limit: 67108864}, pids: {limit: 50}}'
	start /bin/sleep 1000
	"$KANUKI" update --memory 134217728 --pids-limit 40 --cpu-quota 30000 --cpu-period 100000 "$id"
	[ "$(cgroup_value memory.max)" = 134217728 ]
	[ "$(cgroup_value pids.max)" = 40 ]
	[ "$(cgroup_value cpu.max)" = "30000 100000" ]
	printf '{"memory": {"limit": 100663296}}' > "$BATS_TEST_TMPDIR/update.json"
	"$KANUKI" update --resources "$BATS_TEST_TMPDIR/update.json" "$id"
	[ "$(cgroup_value memory.max)" = 100663296 ]
	[ "$(cgroup_value pids.max)" = 40 ]
}

@test "pause freezes, resume thaws" {
	start /bin/sleep 1000
	"$KANUKI" pause "$id"
	grep -q '^frozen 1' "/sys/fs/cgroup/kanuki-vm/$BATS_SUITE_TEST_NUMBER/cgroup.events"
	[ "$("$KANUKI" state "$id" | jq -r .status)" = paused ]
	"$KANUKI" resume "$id"
	grep -q '^frozen 0' "/sys/fs/cgroup/kanuki-vm/$BATS_SUITE_TEST_NUMBER/cgroup.events"
}

@test "events --stats tells memory, pids and cpu" {
	resources '{memory: {limit: 67108864}, pids: {limit: 50}}'
	start /bin/sleep 1000
	run "$KANUKI" events --stats "$id"
	[ "$status" = 0 ]
	echo "$output" | jq -e '.type == "stats" and .data.memory.usage.limit == 67108864 and .data.pids.limit == 50 and
		.data.pids.current >= 1 and (.data.cpu.usage.total > 0)'
}

@test "events reports an OOM kill" {
	resources '{memory: {limit: 33554432, swap: 33554432}}'
	start /bin/sh -c 'while [ ! -e /proc/1/go ]; do sleep 1; tail -c 200m /dev/zero; done'
	timeout 20 "$KANUKI" events --interval 1s "$id" > "$BATS_TEST_TMPDIR/events" 3>&- &
	wait_for grep -q '"type":"oom"' "$BATS_TEST_TMPDIR/events"
	kill %1
}

@test "delete kills what still runs and removes the cgroup" {
	start /bin/sh -c 'sleep 1000 & sleep 1000 & sleep 1000'
	wait_for test "$(cgroup_value pids.current)" -ge 1
	"$KANUKI" delete --force "$id"
	[ ! -e "/sys/fs/cgroup/kanuki-vm/$BATS_SUITE_TEST_NUMBER" ]
	! pgrep -f '^sleep 1000'
}
