#!/usr/bin/env bats
# kanuki check of podman's default container, under crun and under kanuki, side by side: the same image, the same command line.

bats_require_minimum_version 1.5.0
load helpers

setup_file()
{
	make_image
	papers
	findings crun crun
	findings kanuki "$(policy_runtime hardened)"
}

teardown_file()
{
	no_papers
	podman rm --all --force --time 0 > /dev/null 2>&1 || true
	podman rmi --all --force > /dev/null 2>&1 || true
}

# findings NAME RUNTIME: what check finds of a container that podman makes with its defaults, as $BATS_FILE_TMPDIR/NAME.json.
findings()
{
	podman --runtime "$2" --cgroup-manager=cgroupfs run --detach --name "$1" localhost/busybox:vm sleep 1000 > /dev/null 3>&-
	# Status 2 says that something is violated, which is what is counted here.
	kanuki check --json --pid "$(podman inspect -f '{{.State.Pid}}' "$1")" container > "$BATS_FILE_TMPDIR/$1.json" || [ $? = 2 ]
	podman rm --force --time 0 "$1" > /dev/null
}

# verdicts NAME VERDICT: the findings that have it, one id a line, sorted.
verdicts() { jq -r --arg v "$2" '.findings[] | select(.verdict == $v) | .id' "$BATS_FILE_TMPDIR/$1.json" | sort; }

@test "check container: podman's default container under crun and under kanuki" {
	local name
	for name in crun kanuki; do
		printf '# %s: %s held, %s violated (%s)\n' "$name" "$(verdicts "$name" held | wc -l)" "$(verdicts "$name" violated | wc -l)" \
			"$(verdicts "$name" violated | paste -sd ' ')" >&3
	done
	# What crun's holds kanuki's holds, and what kanuki's violates crun's violates too.
	[ -z "$(comm -23 <(verdicts crun held) <(verdicts kanuki held))" ]
	[ -z "$(comm -13 <(verdicts crun violated) <(verdicts kanuki violated))" ]
	# The limits that nobody asked for and hardened doesn't force are all that is left.
	[ "$(verdicts kanuki held | wc -l)" -gt "$(verdicts crun held | wc -l)" ]
	[ "$(verdicts crun violated | wc -l)" -gt $((2 * $(verdicts kanuki violated | wc -l))) ]
}
