#!/usr/bin/env bats
# The tour of quickstart, and that it can fail: under builtin:oci, which forces nothing, the same bundle lets the attempts through.

setup_file() { export HOSTILE=$top_builddir/tests/tour/hostile; }

@test "H-01..H-70: the tour: every attempt is made and stopped, by a rule that is in the plan" {
	run "$top_srcdir/tests/tour/run" 3>&-
	echo "$output"
	[ "$status" = 0 ]
	[[ "$output" =~ ([0-9]+)" attempts, "([0-9]+)" stopped" ]]
	[ "${BASH_REMATCH[1]}" = "${BASH_REMATCH[2]}" ]
	[ "${BASH_REMATCH[1]}" = "$(grep -vc '^#' "$top_srcdir/tests/tour/attempts")" ]
}

@test "control: under builtin:oci the same bundle lets root, writing, executing and namespaces through, and the tour fails" {
	TOUR_ARGS='--policy builtin:oci' run "$top_srcdir/tests/tour/run" 3>&-
	echo "$output"
	[ "$status" = 1 ]
	for words in 'become root: setuid' 'run a program that is setuid root' 'write to /' 'write a program into /tmp' \
		'execute a program from a memfd' 'find a mount both' 'make a user namespace: clone' 'lift the limit on core'; do
		grep -q "^$words.*NOT STOPPED" <<< "$output"
	done
}

@test "control: an attempt that is not made, or not listed, makes the table fail" {
	printf 'H-50\n' > "$BATS_TEST_TMPDIR/plan"
	printf 'one|first|H-50\ntwo|second|H-50\n' > "$BATS_TEST_TMPDIR/list"
	table() { awk -F'|' -v colour=no -f "$top_srcdir/tests/tour/table.awk" "$BATS_TEST_TMPDIR"/{plan,list,answers}; }
	printf 'one|EPERM|yes\ntwo|EPERM|yes\nend|complete|yes\n' > "$BATS_TEST_TMPDIR/answers"
	run table
	[ "$status" = 0 ]
	printf 'one|EPERM|yes\nend|complete|yes\n' > "$BATS_TEST_TMPDIR/answers"
	run table
	[ "$status" = 1 ]
	[[ "$output" == *"NOT TRIED"* ]]
	printf 'one|EPERM|yes\ntwo|EPERM|yes\nthree|EPERM|yes\nend|complete|yes\n' > "$BATS_TEST_TMPDIR/answers"
	run table
	[ "$status" = 1 ]
	printf 'one|EPERM|yes\ntwo|EPERM|yes\n' > "$BATS_TEST_TMPDIR/answers"
	run table
	[ "$status" = 1 ]
	printf 'H-51\n' > "$BATS_TEST_TMPDIR/plan"
	printf 'one|EPERM|yes\ntwo|EPERM|yes\nend|complete|yes\n' > "$BATS_TEST_TMPDIR/answers"
	run table
	[ "$status" = 1 ]
	[[ "$output" == *"NOT IN THE PLAN: H-50"* ]]
}

@test "control: the hostile program refuses to run outside a container" {
	run "$HOSTILE" $$
	[ "$status" = 2 ]
	[[ "$output" == *"nothing tried"* ]]
}
