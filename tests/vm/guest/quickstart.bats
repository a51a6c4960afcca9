#!/usr/bin/env bats
# The first command of the README on Debian 13 with systemd: nothing to install, nothing left to build, every attempt stopped.

setup() { [ -z "$CONTROL" ] || skip "kanuki's own"; }

@test "sudo ./quickstart: every attempt of the tour is stopped" {
	cd /payload/kanuki
	run sudo ./quickstart 3>&-
	echo "$output"
	[ "$status" = 0 ]
	[[ "$output" == *"all there, nothing to install"* ]]
	[[ "$output" != *"NOT STOPPED"* ]]
	[[ "$output" =~ ([0-9]+)" attempts, "([0-9]+)" stopped" ]]
	[ "${BASH_REMATCH[1]}" = "${BASH_REMATCH[2]}" ]
	[ "${BASH_REMATCH[1]}" -ge 50 ]
}
