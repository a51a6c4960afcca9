#!/usr/bin/env bats
# Real programs under the embedded profiles, without a container around them: what fails here is the profile's doing.
# Each workload is a script of workload/ that ends with status 0 when the program did its work.

# shellcheck disable=SC2154,SC2016  # common.bash sets the variables; inner shells expand theirs

load common

setup()
{
	need_root
	work=$BATS_TEST_TMPDIR/work
	mkdir "$work"
	chmod 711 "$BATS_RUN_TMPDIR" "$BATS_RUN_TMPDIR"/* "$BATS_TEST_TMPDIR"
	chown "$account:$account" "$work"
	passwd_with_account "$BATS_TEST_TMPDIR/passwd"
	# A copy: the build may be in a home directory, which the account can't enter.
	cp "$top_builddir/tests/programs/with-filter" "$BATS_TEST_TMPDIR/with-filter"
	chmod 755 "$BATS_TEST_TMPDIR/with-filter"
}

# under PROFILE WORKLOAD: as an ordinary user, in network, IPC and mount namespaces of its own.
under()
{
	run env -i PATH="$PATH" WORK="$work" HOME="$work" TMPDIR="$work" LC_ALL=C.UTF-8 \
		unshare --net --ipc --mount --propagation private sh -c '
			busybox ip link set lo up
			mount --bind "$1" /etc/passwd
			cd "$WORK"
			exec setpriv --reuid "$5" --regid "$5" --clear-groups timeout -k 5 120 "$2" "$3" sh -s < "$4"
		' sh "$BATS_TEST_TMPDIR/passwd" "$BATS_TEST_TMPDIR/with-filter" "$1" "$workloads/$2.sh" "$account"
	[ "$status" = 0 ] || { echo "status $status"; echo "$output"; }
	[ "$status" = 0 ]
}

@test "default: the filter is on and refuses what it must" { need python3; under default filter; }
@test "default: a shell and the coreutils" { under default shell; }
@test "default: python3" { need python3; under default python; }
@test "default: python3 with the network" { need python3; under default python-net; }
@test "default: perl" { need perl; under default perl; }
@test "default: gcc" { need gcc; under default gcc; }
@test "default: git" { need git; under default git; }
@test "default: node" { need node; under default node; }
@test "default: nginx and curl" { need nginx curl openssl; under default nginx; }
@test "default: redis-server" { need redis-server; under default redis; }
@test "default: postgres" { need postgres; under default postgres; }
@test "default: sqlite3" { need sqlite3; under default sqlite; }
@test "default: openssl" { need openssl; under default openssl; }

@test "strict: the filter is on and refuses what it must" { need python3; under strict filter; }
@test "strict: a shell and the coreutils" { under strict shell; }
@test "strict: python3" { need python3; under strict python; }
@test "strict: sqlite3" { need sqlite3; under strict sqlite; }
@test "strict: gcc" { need gcc; under strict gcc; }
@test "strict: git" { need git; under strict git; }

@test "strict: the network and run-time code are gone, and the programs say so" {
	need python3
	run "$top_builddir/tests/programs/with-filter" strict python3 -c 'import socket; socket.socket(socket.AF_INET)'
	[ "$status" = 1 ]
	[[ "$output" == *"Address family not supported"* ]]
	run "$top_builddir/tests/programs/with-filter" strict python3 -c 'import mmap; mmap.mmap(-1, 4096, prot=7)'
	[ "$status" = 1 ]
	[[ "$output" == *"Operation not permitted"* ]]
}

@test "without a filter the filter workload fails: it tests something" {
	need python3
	run env WORK="$work" sh "$workloads/filter.sh"
	[ "$status" != 0 ]
}
