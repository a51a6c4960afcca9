# Who the payload is: users, groups, capabilities.

load harness

ids() { awk '$1 == "uid" { u = $2 " " $3 " " $4 } $1 == "gid" { g = $2 " " $3 " " $4 }
	END { print u ", " g }' "${1:-$W/res/result}"; }

# --- T-CRED-1 -----------------------------------------------------------------------------------

exec_users() {
	local user
	up
	xc --user 1 "$CID" /bin/probe ids
	if is_hardened; then
		# Group 0 is nobody's there.
		[[ $(<"$W/stdout") != *'gid 0'* ]] || violation "-u 1: $(<"$W/stdout")"
		[[ $RC -ne 0 || $(ids "$W/stdout") == '1 1 1, '* ]] || violation "-u 1: $(<"$W/stdout")"
	else
		[[ $(ids "$W/stdout") == '1 1 1, 0 0 0' ]] || violation "-u 1: $(<"$W/stdout")"
	fi
	xc --user 1:2 "$CID" /bin/probe ids
	[[ $(ids "$W/stdout") == '1 1 1, 2 2 2' ]] || violation "-u 1:2: $(<"$W/stdout") $(<"$W/stderr")"
	for user in : 1: :1 ' 1' '1 ' +1 -1 0x1 1:2:3 1,2 4294967295 4294967296 1:4294967295 \
		18446744073709551616 18446744073709551617 1:18446744073709551617 root user 1.0 1e0 \
		$'1\n' $'\n1' '1:' '١' ''; do
		xc --user "$user" "$CID" /bin/probe ids
		[[ $RC -ne 0 && ! -s $W/stdout ]] || violation "-u '$user' was taken: $(ids "$W/stdout")"
	done
	down
}

@test "T-CRED-1 CVE-2026-30892: exec takes a whole number or nothing" {
	each_level exec_users
}

# --- T-CRED-2 -----------------------------------------------------------------------------------

plant_passwd() {
	printf '%s\n' 'root:x:0:0::/root:/bin/sh' '1000:x:0:0::/:/bin/sh' \
		'4294967296:x:0:0::/:/bin/sh' '4294967295:x:0:0::/:/bin/sh' \
		'-1:x:0:0::/:/bin/sh' >"$B/rootfs/etc/passwd"
	printf '%s\n' 'root:x:0:1000' '1000:x:0:1000' '4294967295:x:0:' >"$B/rootfs/etc/group"
}

# with_raw FIELD TEXT: puts TEXT into config.json as it stands; jq would rewrite the number.
with_raw() {
	mk -s 'exec /bin/probe ids >/res/result' "$1 = \"@RAW@\""
	sed -i "s|\"@RAW@\"|$2|" "$B/config.json"
	plant_passwd
	launch
}

config_users() {
	local id want
	mk -s 'exec /bin/probe ids >/res/result' '.process.user = { uid: 1000, gid: 1000 }'
	plant_passwd
	launch
	must_run
	[[ $(ids) == '1000 1000 1000, 1000 1000 1000' ]] || violation "1000 became $(ids)"
	for id in 2147483647 2147483648 4294967294; do
		with_raw .process.user.uid "$id"
		[[ $OUTCOME == refused || $(ids) == "$id $id $id, "* ]] || violation "$id became $(ids)"
	done
	for id in 4294967295 4294967296 18446744073709551616 18446744073709552616 -1 1.5 '"1"' \
		'"root"' true '[1]' 1e400 99999999999999999999999999; do
		with_raw .process.user.uid "$id"
		must_refuse "uid $id: $(ids)"
		with_raw .process.user.gid "$id"
		must_refuse "gid $id: $(ids)"
		with_raw .process.user.additionalGids "[1, $id]"
		must_refuse "additional gid $id: $(result)"
	done
	# Other spellings of whole numbers: exact, or refused.
	for id in 1e3 null 1000.0; do
		with_raw .process.user.uid "$id"
		want=1000
		[[ $id != null ]] || want=0
		if is_hardened && [[ $id == null ]]; then
			want=65532
		fi
		[[ $OUTCOME == refused || $(ids) == "$want $want $want, "* ]] ||
			violation "$id became $(ids)"
	done
	up
	plant_passwd
	xc --user 1000 "$CID" /bin/probe ids
	[[ $(ids "$W/stdout") == '1000 1000 1000, '* ]] ||
		violation "exec -u 1000: a name of the image was looked up: $(<"$W/stdout")"
	down
}

@test "T-CRED-2 CVE-2016-3697 CVE-2024-40635 CVE-2026-46680 W-02: ids are numbers in range; none of them means 'no change'" {
	each_level config_users
}

id_maps_of_minus_one() {
	mk '.linux.namespaces += [{ type: "user" }]
		| .linux.uidMappings = [{ containerID: 0, hostID: 4294967295, size: 1 }]
		| .linux.gidMappings = [{ containerID: 0, hostID: 100000, size: 1 }]'
	launch
	must_refuse "mapping to -1"
	edit '.linux.uidMappings = [{ containerID: 0, hostID: 4294967290, size: 10 }]'
	launch
	must_refuse "mapping that wraps around"
}

@test "T-CRED-2b W-02: no mapping holds 4294967295" {
	each_level id_maps_of_minus_one
}

# --- T-CRED-3 -----------------------------------------------------------------------------------

caps_are() {
	local have
	have=$(awk '/^Cap(Inh|Prm|Eff|Bnd|Amb):/ { printf "%s%s", sep, $2; sep = " " }' "$1")
	# shellcheck disable=SC2001 # leading zeros of each word
	have=$(sed 's/\b00*\([0-9a-f]\)/\1/g' <<<"$have")
	if is_hardened; then
		[[ $have == "0 0 0 0 0" ]] || violation "$3: $have under the default plan"
	else
		[[ $have == "$2" ]] || violation "$3: $have instead of $2"
	fi
}

STATUS='exec cat /proc/self/status >/res/result'

capability_sets() {
	# Values: KILL is 0x20, CHOWN is 1. The order is that of /proc: Inh Prm Eff Bnd Amb.
	mk -s "$STATUS" 'del(.process.capabilities)'
	launch
	if [[ $RT_KIND != runc || $OUTCOME == ran ]]; then
		must_run
		caps_are "$W/res/result" "0 0 0 0 0" "no capabilities object"
	fi
	mk -s "$STATUS" '.process.capabilities = {}'
	launch
	must_run
	caps_are "$W/res/result" "0 0 0 0 0" "empty capabilities object"
	mk -s "$STATUS" '.process.capabilities |= (.inheritable = ["CAP_KILL"] | .ambient = ["CAP_KILL"])'
	launch
	must_run
	caps_are "$W/res/result" "20 20 20 20 20" "inheritable and ambient asked for"
	mk -s "$STATUS" '.process.user = { uid: 1000, gid: 1000 } | .process.capabilities |=
		map_values(["CAP_KILL", "CAP_CHOWN"])'
	launch
	must_run
	caps_are "$W/res/result" "0 0 0 21 0" "uid 1000 without ambient"
	mk -s "$STATUS" '.process.capabilities.permitted = ["CAP_KILL", "CAP_NO_SUCH_THING"]'
	launch
	if [[ $OUTCOME == ran ]]; then
		grep -qi no_such_thing "$W/stderr" || violation "an unknown capability was dropped silently"
		caps_are "$W/res/result" "0 20 20 20 0" "unknown capability"
	fi
}

@test "T-CRED-3a CVE-2025-27612 CVE-2016-8867 CVE-2018-10856: the five sets are exactly what was asked" {
	each_level capability_sets
}

exec_capabilities() {
	up
	xc "$CID" cat /proc/self/status
	caps_are "$W/stdout" "0 20 20 20 0" "exec"
	xc --cap CAP_KILL "$CID" cat /proc/self/status
	caps_are "$W/stdout" "0 20 20 20 0" "exec --cap of the same"
	xc --user 1000:1000 "$CID" cat /proc/self/status
	caps_are "$W/stdout" "0 0 0 20 0" "exec as a user"
	jq -n '{ user: { uid: 1000, gid: 1000 }, args: ["cat", "/proc/self/status"],
		env: ["PATH=/bin"], cwd: "/" }' >"$W/process.json"
	xc --process "$W/process.json" "$CID"
	if [[ $RC -eq 0 ]]; then
		[[ $(awk '/^CapAmb|^CapInh|^CapEff|^CapPrm/ { print $2 }' "$W/stdout" | sort -u) == \
			0000000000000000 ]] || violation "exec --process: $(grep Cap "$W/stdout")"
	fi
	down
}

@test "T-CRED-3b CVE-2022-29162 CVE-2022-27649 CVE-2022-27650 CVE-2022-27651 CVE-2022-27652 CVE-2022-24769: exec inherits and raises nothing" {
	each_level exec_capabilities
}

file_capabilities() {
	mk -s '/opt/cat /proc/self/status >/res/result' 'del(.process.noNewPrivileges)' \
		'.process.user = { uid: 1000, gid: 1000 }'
	mkdir "$B/rootfs/opt"
	cp "$B/rootfs/bin/busybox" "$B/rootfs/opt/cat"
	setcap cap_kill=ei "$B/rootfs/opt/cat" || skip "setcap is not possible here"
	launch
	must_run
	caps_are "$W/res/result" "0 0 0 20 0" "a program with inheritable file capabilities"
}

@test "T-CRED-3e CVE-2022-24769: a program's inheritable file capabilities give nothing" {
	command -v setcap >/dev/null || skip "no setcap"
	each_level file_capabilities
}

template_capabilities() {
	mkdir -p "$W/spec-$LEVEL"
	(cd "$W/spec-$LEVEL" && rt spec)
	[[ $(jq -c '.process.capabilities | [.inheritable // [], .ambient // []] | add' \
		"$W/spec-$LEVEL/config.json") == '[]' ]] ||
		violation "$(jq -c .process.capabilities "$W/spec-$LEVEL/config.json")"
	jq -e '.process.noNewPrivileges' "$W/spec-$LEVEL/config.json" >/dev/null ||
		violation "the template lets programs gain privileges"
}

@test "T-CRED-3g CVE-2022-29162: the template of 'spec' has no inheritable or ambient capability" {
	[[ $RT_KIND == kanuki ]] || skip "kanuki's own template"
	each_level template_capabilities
}

# --- T-CRED-4 -----------------------------------------------------------------------------------

groups_are() {
	local have
	have=$(awk '$1 == "groups" { $1 = ""; print substr($0, 2) }' "$1")
	[[ $have == "$2" ]] || violation "$3: groups '$have' instead of '$2'"
}

supplementary_groups() {
	RT_PREFIX='setpriv --groups 4,24,27'
	mk -s 'exec /bin/probe ids >/res/result'
	launch
	must_run
	groups_are "$W/res/result" '' 'none asked for'
	mk -s 'exec /bin/probe ids >/res/result' '.process.user.additionalGids = [100, 7, 200]'
	launch
	must_run
	# The kernel keeps them sorted.
	groups_are "$W/res/result" '7 100 200' 'three asked for'
	# Who is in the group is denied what everybody else may: dropping it must not be skipped.
	mk -s 'cat /data >/res/result' '.process.user = { uid: 1000, gid: 1000, additionalGids: [50] }'
	echo denied >"$B/rootfs/data"
	chown 0:50 "$B/rootfs/data"
	chmod 604 "$B/rootfs/data"
	launch
	must_run
	[[ -z $(result) ]] || violation "a file closed to the group was read"
	up
	xc "$CID" /bin/probe ids
	groups_are "$W/stdout" '' exec
	xc --additional-gids 70 --additional-gids 60 "$CID" /bin/probe ids
	if [[ $RT_KIND == kanuki || $RC -eq 0 ]]; then
		groups_are "$W/stdout" '60 70' 'exec --additional-gids'
	fi
	RT_PREFIX=''
	down
}

@test "T-CRED-4 CVE-2022-2989 CVE-2022-2990 CVE-2022-2995 CVE-2022-36109 CVE-2023-25173 CVE-2014-8989 W-01: groups are those asked for" {
	each_level supplementary_groups
}

userns_groups() {
	mk -s 'exec /bin/probe ids >/res/result' "$USERNS" '.process.user.additionalGids = [5]'
	RT_PREFIX='setpriv --groups 4,24,27' launch
	if is_hardened && [[ $OUTCOME == refused ]]; then
		return
	fi
	must_run
	groups_are "$W/res/result" 5 'in a user namespace'
}

@test "T-CRED-4b CVE-2014-8989 W-01: also in a user namespace" {
	each_level userns_groups
}

# --- T-CRED-5 -----------------------------------------------------------------------------------

setuid_use() {
	chown 1000 "$RTX"
	chmod u+s "$RTX"
	mk
	RC=0
	# As a third user, who must gain nothing from the bit.
	chmod 777 "$W"
	setpriv --reuid 2000 --regid 2000 --clear-groups timeout 15 "$RTX" "${LEVEL_ARGS[@]}" \
		--root "$W/state-user" run --bundle "$B" setuid >"$W/stdout" 2>"$W/stderr" \
		</dev/null 3>&- 4>&- || RC=$?
	[[ $RC -ne 0 ]] || violation "a set-user-id copy of the runtime ran a container"
	RC=0
	setpriv --reuid 2000 --regid 2000 --clear-groups timeout 15 "$RTX" --version \
		>"$W/stdout" 2>"$W/stderr" </dev/null 3>&- 4>&- || RC=$?
	[[ $RC -ne 0 || $RT_KIND != kanuki ]] || violation "it did not refuse to be set-user-id"
	cp "$RT" "$RTX"
	chown 0:0 "$RTX"
	chmod 755 "$RTX" "$W"
}

@test "T-CRED-5 CVE-2025-2713 CVE-2026-41163: the runtime is not to be used set-user-id" {
	each_level setuid_use
}

# --- T-CRED-7 -----------------------------------------------------------------------------------

made_cwd() {
	local target
	mk -s '/bin/probe cwd >/res/result' '.process.cwd = "/new/dir"'
	launch
	[[ $OUTCOME == refused || $(result) == "cwd /new/dir" ]] || broken "cwd: $(result)"
	for target in "$W/host" "../../../../../../../../..$W/host" "$W/host/none" /vol/up \
		"/proc/self/root$W/host" /proc/1/cwd /vol/../proc/self/fd/3; do
		mk -s '/bin/probe cwd >/res/result' '.process.cwd = "/lnk/new" | .mounts += [{
			destination: "/vol", type: "bind", source: $vol, options: ["bind"] }]'
		ln -s "$target" "$B/rootfs/lnk"
		ln -sfn "$W/host" "$W/vol/up"
		launch
		host_same
		[[ $OUTCOME == refused || $(result) == "cwd /"* ]] || violation "$target: $(result)"
	done
}

@test "T-CRED-7 CVE-2026-55686: a working directory is made inside the root or not at all" {
	each_level made_cwd
}
