# config.json as the attacker's input: sizes, sysctls, annotations, ids, namespaces, JSON, passwd.

load harness

# --- T-CFG-1 ------------------------------------------------------------------------------------

namespaces_differ() {
	local ns
	for ns in pid ipc uts mnt net; do
		[[ $(readlink "/proc/self/ns/$ns") != $(awk -v ns=$ns '$1 == ns { print $2 }' "$1") ]] ||
			violation "$2: the payload is in the host's $ns namespace"
	done
}

NS_SCRIPT='for n in pid ipc uts mnt net; do echo $n $(readlink /proc/self/ns/$n); done >/res/ns;
	echo "${BIG-}" | wc -c >/res/size'

big_inputs() {
	local size filter
	for size in 65535 65536 70000 1048576; do
		for filter in '.process.env += ["BIG=" + $big]' '.hostname = $big' \
			'.process.args += [$big]' '.mounts[0].source = $big' \
			'.mounts += [{ destination: ("/" + $big), type: "tmpfs", source: "tmpfs" }]' \
			'.process.cwd = "/" + $big' '.linux.cgroupsPath = "/" + $big' \
			'.process.apparmorProfile = $big' '.linux.namespaces[0].path = "/" + $big' \
			'.root.path = $big' '.linux.sysctl = { ("net." + $big): "1" }' \
			'.annotations = { ($big): $big }' '.linux.maskedPaths = ["/" + $big]'; do
			mk -s "$NS_SCRIPT"
			printf '%*s' "$size" '' | tr ' ' a >"$W/big"
			jq --rawfile big "$W/big" "$filter" "$B/config.json" >"$B/config.new"
			mv "$B/config.new" "$B/config.json"
			launch
			if [[ $OUTCOME == ran ]]; then
				namespaces_differ "$W/res/ns" "$filter, $size bytes"
				if [[ $filter == *BIG=* ]]; then
					[[ $(<"$W/res/size") -eq $((size + 1)) ]] ||
						violation "$size bytes became $(<"$W/res/size")"
				fi
			fi
			[[ $(wc -c <"$W/stderr") -le 8192 ]] ||
				violation "$(wc -c <"$W/stderr") bytes of error text"
		done
	done
}

@test "T-CFG-1a CVE-2021-43784: oversized strings are refused or taken exactly" {
	each_level big_inputs
}

many_entries() {
	mk -s "$NS_SCRIPT" '.linux.namespaces += [{ type: "user" }]
		| .linux.uidMappings = [range(100000) | { containerID: ., hostID: (. + 100000), size: 1 }]
		| .linux.gidMappings = .linux.uidMappings'
	launch
	must_refuse "100000 mappings"
	mk -s "$NS_SCRIPT" '.process.rlimits = [range(10000) | { type: "RLIMIT_NOFILE", soft: 1, hard: 1 }]'
	launch
	[[ $OUTCOME == refused ]] || namespaces_differ "$W/res/ns" rlimits
	mk -s "$NS_SCRIPT" '.mounts += [range(10000) | { destination: "/mnt", type: "tmpfs",
		source: "tmpfs", options: ["size=4k"] }]'
	RT_TIMEOUT=60 launch
	[[ $OUTCOME == refused ]] || namespaces_differ "$W/res/ns" mounts
}

@test "T-CFG-1b CVE-2021-43784: neither are too many entries" {
	each_level many_entries
}

# --- T-CFG-2 ------------------------------------------------------------------------------------

host_sysctls() {
	local key
	for key in kernel/{core_pattern,modprobe,hostname,domainname,shmmax,msgmax,sysrq} \
		vm/overcommit_memory net/ipv4/ip_forward fs/mqueue/queues_max \
		user/max_user_namespaces; do
		[[ ! -e /proc/sys/$key ]] || echo "$key $(<"/proc/sys/$key")"
	done
}

sysctl_refused() {
	mk ".linux.sysctl = { \"$1\": \"${2-1}\" }" "${@:3}"
	launch
	must_refuse "sysctl $1"
}

bad_sysctls() {
	local key no_ipc no_net no_uts
	no_ipc='.linux.namespaces |= map(select(.type != "ipc"))'
	no_net='.linux.namespaces |= map(select(.type != "network"))'
	no_uts='.linux.namespaces |= map(select(.type != "uts")) | del(.hostname)'
	host_sysctls >"$W/sysctl.before"
	mk -s 'cat /proc/sys/net/ipv4/ip_forward >/res/result' '.linux.sysctl = { "net.ipv4.ip_forward": "1" }'
	launch
	must_run
	[[ $(result) == 1 ]] || broken "an allowed sysctl was not set"
	for key in kernel.core_pattern kernel.modprobe vm.overcommit_memory \
		user.max_user_namespaces kernel.hostname kernel.sysrq fs.binfmt_misc.register; do
		sysctl_refused "$key" 1
	done
	# No uts namespace's sysctl without a uts namespace, and so on.
	sysctl_refused kernel.shmmax 1000 "$no_ipc"
	sysctl_refused kernel.msgmax 1000 "$no_ipc"
	sysctl_refused fs.mqueue.queues_max 10 "$no_ipc"
	sysctl_refused net.ipv4.ip_forward 1 "$no_net"
	sysctl_refused kernel.domainname x "$no_uts"
	sysctl_refused net.ipv4.ip_forward 1 \
		'(.linux.namespaces[] | select(.type == "network")).path = "/proc/1/ns/net"'
	sysctl_refused kernel.shmmax 1000 \
		'(.linux.namespaces[] | select(.type == "ipc")).path = "/proc/1/ns/ipc"'
	host_sysctls_same
}

host_sysctls_same() {
	host_sysctls >"$W/sysctl.after"
	cmp -s "$W/sysctl.before" "$W/sysctl.after" ||
		violation "a sysctl of the host changed: $(diff "$W/sysctl.before" "$W/sysctl.after")"
}

@test "T-CFG-2a CVE-2022-0532 GHSA-w2j5-3rcx-vx7x: only sysctls of the container's own namespaces are set" {
	each_level bad_sysctls
}

sysctl_spellings() {
	local key
	host_sysctls >"$W/sysctl.before"
	for key in net.ipv4./../../kernel/domainname net/ipv4/../../kernel/domainname \
		net.ipv4.../../../kernel/core_pattern fs/mqueue/../../kernel/core_pattern \
		'' . .. / /net/ipv4/ip_forward ./net/ipv4/ip_forward net..ipv4 net/ \
		'net.ipv4.ip_forward '; do
		sysctl_refused "$key" 1
	done
	host_sysctls_same
}

@test "T-CFG-2b CVE-2022-0811: a sysctl's name can't climb" {
	each_level sysctl_spellings
}

smuggled_sysctls() {
	local key
	host_sysctls >"$W/sysctl.before"
	for key in 'net.ipv4.ip_forward\u0000x' 'net.ipv4.ip_forward\nkernel.core_pattern' \
		'net.ipv4.ip_forward=1\nkernel.core_pattern'; do
		sysctl_refused "$key" 1
	done
	mk '.linux.sysctl = { "net.ipv4.ip_forward": "1+kernel.core_pattern=|/x" }'
	launch
	must_refuse "a value that is no number"
	mk '.linux.sysctl = { "kernel.domainname": "a\nkernel.core_pattern=|/x" }'
	launch
	host_sysctls_same
}

@test "T-CFG-2c CVE-2022-0811: nor does its name or value carry a second one" {
	each_level smuggled_sysctls
}

# --- T-CFG-3 ------------------------------------------------------------------------------------

inert_annotations() {
	mk -s 'exec /bin/probe ids >/res/result' '.annotations = {
		"org.systemd.property.SuccessAction": "'"'"'poweroff-force'"'"'",
		"org.systemd.property.ExecStopPost": "[(\"/bin/touch\", [\"x\"], false)]",
		"org.criu.config": ($host + "/criu.conf"),
		"run.oci.hooks.stdout": ($host + "/hook.out"),
		"run.oci.hooks.stderr": ($host + "/hook.err"),
		"run.oci.seccomp_bpf_data": "BgAAAAAA/38=",
		"run.oci.seccomp.plugins": ($host + "/plugin.so"),
		"run.oci.seccomp.receiver": ($host + "/receiver"),
		"run.oci.handler": "krun", "run.oci.keep_original_groups": "1",
		"run.oci.delegate-cgroup": "../../kt-outside", "run.oci.mount_context_type": "rootcontext",
		"run.oci.pidfd_receiver": ($host + "/pidfd"), "run.oci.systemd.subgroup": "../x",
		"krun.ram_mib": "1", "krun.use_passt": "1", "module.wasm.image/variant": "compat",
		"io.container.manager": ($host + "/x"), "cdi.k8s.io/x": "vendor.com/class=dev" }
		| .hooks = { prestart: [{ path: "/bin/true" }] }'
	RT_PREFIX='setpriv --groups 4,24,27' launch
	host_same
	[[ ! -e /sys/fs/cgroup/kt-outside ]] || violation "a cgroup was made outside"
	if [[ $OUTCOME == ran ]]; then
		[[ $(awk '$1 == "groups" { print NF }' "$W/res/result") == 1 ]] ||
			violation "groups were kept: $(result)"
	elif [[ $RT_KIND == kanuki ]]; then
		# May only be refused for the hook, never for want of something to honour.
		edit 'del(.hooks)'
		RT_PREFIX='setpriv --groups 4,24,27' launch
		must_run
		[[ $(awk '$1 == "groups" { print NF }' "$W/res/result") == 1 ]] ||
			violation "groups were kept: $(result)"
	fi
}

@test "T-CFG-3 CVE-2024-3154 CVE-2023-6476 CVE-2026-94603 CVE-2026-53488 CVE-2026-53492: annotations command nothing" {
	each_level inert_annotations
}

# --- T-CFG-4 ------------------------------------------------------------------------------------

hostile_ids() {
	local id verb state
	baseline
	mk
	state=$W/state-$LEVEL
	mkdir -p "$W/host/victim"
	echo '{}' | tee "$W/host/victim/state.json" "$W/host/victim/status" >/dev/null
	host_remember
	for id in '' . .. ../x ../../host/victim a/b /etc -rf --help= $'a\nb' $'a\tb' 'a b' 'é' 'a:b' \
		"$(printf 'a%.0s' {1..4096})" 'a;b' 'a*' '$(x)' $'\e]0;x\a'; do
		RC=0
		clear_results
		rt run --bundle "$B" -- "$id" >"$W/stdout" 2>"$W/stderr" </dev/null || RC=$?
		[[ $RC -ne 0 && ! -e $W/res/ran ]] || violation "run: id '${id:0:20}' was taken"
		for verb in state 'kill --all' 'delete --force' start pause resume ps; do
			RC=0
			# shellcheck disable=SC2086 # a verb and its options
			rt $verb -- "$id" >"$W/stdout" 2>"$W/stderr" </dev/null || RC=$?
			[[ $RC -ne 0 || $verb == delete* ]] || violation "$verb: id '${id:0:20}' was taken"
			! grep -q $'\e' "$W/stderr" || violation "$verb: control characters in the error text"
		done
		RC=0
		rt exec -- "$id" /bin/true >"$W/stdout" 2>"$W/stderr" </dev/null || RC=$?
		[[ $RC -ne 0 ]] || violation "exec: id '${id:0:20}' was taken"
		host_same
	done
}

@test "T-CFG-4a CVE-2021-20206 W-37: a container's id is a plain name for every command" {
	each_level hostile_ids
}

planted_state() {
	local state=$W/state-$LEVEL verb
	mk
	mkdir -p "$state" "$W/host/dir" "$W/host/owned"
	chmod 700 "$state"
	echo '{}' >"$W/host/dir/state.json"
	host_remember
	ln -s "$W/host/dir" "$state/linked"
	ln -s "$W/host/none" "$state/dangling"
	echo data >"$state/file"
	mkdir "$state/foreign"
	chown 1000 "$state/foreign"
	for CID in linked dangling file foreign; do
		clear_results
		RC=0
		rt run --bundle "$B" "$CID" >"$W/stdout" 2>"$W/stderr" </dev/null || RC=$?
		host_same
		[[ $RC -ne 0 ]] || violation "run used a planted state directory ($CID)"
		for verb in state kill delete 'delete --force'; do
			# shellcheck disable=SC2086 # a verb and its options
			rt $verb "$CID" >"$W/stdout" 2>"$W/stderr" </dev/null || true
			host_same
		done
	done
}

@test "T-CFG-4b: a planted state directory is neither used nor followed" {
	each_level planted_state
}

# --- T-CFG-5 ------------------------------------------------------------------------------------

namespace_paths() {
	local path
	mk '.linux.namespaces += [{ type: "pid" }]'
	launch
	must_refuse "a namespace type twice"
	mkfifo "$W/vol/fifo" 2>/dev/null || true
	: >"$W/vol/file"
	ln -sfn /dev/zero "$W/vol/zero"
	for path in /proc/self/ns/uts /proc/self/ns/mnt "$W/vol/fifo" "$W/vol/file" "$W/vol/zero" \
		"$W/vol/none" "$W/vol" /dev/tty; do
		mk "(.linux.namespaces[] | select(.type == \"network\")).path = \"$path\""
		launch
		must_refuse "network namespace from $path"
	done
	mk '.linux.namespaces[0].type = "nonsense"'
	launch
	must_refuse "an unknown namespace type"
}

@test "T-CFG-5 W-35: a namespace path is of the right type, and opening it never waits" {
	each_level namespace_paths
}

# --- T-CFG-6 ------------------------------------------------------------------------------------

bad_json() {
	RC=0
	clear_results
	new_id
	timeout -k 2 15 "$THREATS_BIN/warden" bounded "$W/usage" "$RTX" "${LEVEL_ARGS[@]}" \
		--root "$W/state-$LEVEL" run --bundle "$B" "$CID" >"$W/stdout" 2>"$W/stderr" \
		</dev/null 3>&- 4>&- || RC=$?
	settle
	[[ $OUTCOME == refused ]] || violation "started from $1: $(result)"
	if [[ $RT_KIND == kanuki ]]; then
		awk '{ exit !($2 < 5 && $4 < 65536) }' "$W/usage" || violation "$1: $(<"$W/usage")"
	fi
}

embedded_nul() {
	local filter
	for filter in '.process.args = ["/bin/sh", "-c", ": >/res/ran; echo A\u0000B >/res/result"]' \
		'.process.args[0] = "/bin/sh\u0000x"' '.process.env += ["A=B\u0000C"]' \
		'.process.cwd = "/\u0000x"' '.hostname = "a\u0000b"' \
		'.mounts[0].destination = "/proc\u0000x"' '.mounts[0].options = ["ro\u0000rw"]' \
		'.root.path = "rootfs\u0000x"' '.linux.maskedPaths = ["/proc/kcore\u0000"]' \
		'.linux.sysctl = { "net.ipv4.ip_forward\u0000": "1" }'; do
		mk "$filter"
		bad_json "$filter"
	done
}

@test "T-CFG-6a: a NUL inside a string is refused" {
	each_level embedded_nul
}

# Broken or bloated documents; each replaces a config.json that works.
broken_json() {
	local good
	baseline
	mk
	good=$(<"$B/config.json")
	: >"$B/config.json"; bad_json "an empty file"
	echo '{' >"$B/config.json"; bad_json "half an object"
	echo '[]' >"$B/config.json"; bad_json "an array"
	echo 'null' >"$B/config.json"; bad_json "null"
	echo "$good x" >"$B/config.json"; bad_json "trailing garbage"
	echo "$good $good" >"$B/config.json"; bad_json "two documents"
	echo "${good/\{/\{ /* comment */}" >"$B/config.json"; bad_json "a comment"
	echo "${good/\{/\{ \"hostname\": \"twice\", }" >"$B/config.json"; bad_json "a key twice"
	printf '{"a":%s%s}' "$(printf '[%.0s' {1..100000})" "$(printf ']%.0s' {1..100000})" \
		>"$B/config.json"; bad_json "100000 arrays"
	printf '{"a":%s' "$(printf '{"a":%.0s' {1..50000})" >"$B/config.json"; bad_json "50000 objects"
	for RAW in 1e400 -0.5 99999999999999999999 -1 '"\ud800"' '"\udc00\ud800"' '"\q"' 01 +1 .5 NaN \
		$'"a\tb"'; do
		jq '.process.oomScoreAdj = "@RAW@"' <<<"$good" | sed "s|\"@RAW@\"|${RAW//\\/\\\\}|" \
			>"$B/config.json"
		[[ $RAW == -1 ]] || bad_json "oomScoreAdj $RAW"
	done
	head -c 20000000 /dev/zero | tr '\0' ' ' >"$B/config.json"
	echo "$good" >>"$B/config.json"
	[[ $RT_KIND != kanuki ]] || bad_json "20 MB of spaces"
	rm "$B/config.json"; bad_json "no file"
	truncate -s 500M "$B/config.json"; [[ $RT_KIND != kanuki ]] || bad_json "500 MB of zeros"
	rm "$B/config.json"; mkfifo "$B/config.json"; [[ $RT_KIND != kanuki ]] || bad_json "a FIFO"
	rm "$B/config.json"; mkdir "$B/config.json"; bad_json "a directory"
	rmdir "$B/config.json"; ln -s /dev/zero "$B/config.json"
	[[ $RT_KIND != kanuki ]] || bad_json "/dev/zero"
	rm "$B/config.json"
}

@test "T-CFG-6b: broken, deep and huge documents are refused at once, in little memory" {
	each_level broken_json
}

wrong_types() {
	local path type
	mk
	cp "$B/config.json" "$B/good.json"
	for path in .process .process.user .process.args .process.args[0] .process.env .process.cwd \
		.process.capabilities .process.capabilities.bounding .process.noNewPrivileges .root \
		.root.path .hostname .mounts .mounts[0] .mounts[0].destination .mounts[1].options \
		.linux .linux.namespaces .linux.namespaces[0] .linux.namespaces[0].type \
		.linux.cgroupsPath .linux.maskedPaths .linux.readonlyPaths .ociVersion; do
		for type in 7 '"text"' true '[7]' '{ "x": 7 }'; do
			jq "if ($path | type) == ($type | type) then empty else $path = $type end" \
				"$B/good.json" >"$B/config.json"
			if [[ -s $B/config.json ]]; then
				[[ $RT_KIND != kanuki ]] || bad_json "$path = $type"
			fi
		done
	done
	jq 'del(.process)' "$B/good.json" >"$B/config.json"; bad_json "no process"
	jq 'del(.root)' "$B/good.json" >"$B/config.json"; bad_json "no root"
	jq 'del(.process.args)' "$B/good.json" >"$B/config.json"; bad_json "no args"
	jq '.process.args = []' "$B/good.json" >"$B/config.json"; bad_json "empty args"
	[[ $RT_KIND == kanuki ]] || return 0
	jq 'del(.ociVersion)' "$B/good.json" >"$B/config.json"; bad_json "no ociVersion"
}

@test "T-CFG-6c: a value of the wrong type is refused wherever it is" {
	each_level wrong_types
}

environment_entries() {
	export KT_HOST_SECRET=$SECRET
	mk -s 'env >/res/result' '.process.env += ["KT_HOST_SECRET"]'
	launch
	no_secret "an entry without a value"
	if [[ $RT_KIND == kanuki ]]; then
		must_refuse "an entry without '='"
		mk '.process.env += ["=x"]'
		launch
		must_refuse "an entry without a name"
	fi
	mk -s 'env >/res/result'
	launch
	must_run
	no_secret "the caller's environment"
	[[ $(grep -cv '^PATH=/bin$\|^HOME=\|^PWD=\|^SHLVL=\|^OLDPWD=\|^_=' "$W/res/result") -eq 0 ]] ||
		violation "more than was asked for: $(result)"
	up
	xc "$CID" env
	no_secret "exec: the caller's environment"
	xc --env KT_HOST_SECRET "$CID" env
	no_secret "exec --env without a value"
	down
}

@test "T-CFG-6d CVE-2026-57231 CVE-2021-3602 W-26: the payload's environment is what was asked and nothing of the caller's" {
	each_level environment_entries
}

# --- T-CFG-7 ------------------------------------------------------------------------------------

id_maps() {
	local n file bad
	# 340 lines are the kernel's limit, and all of them have to fit into one page.
	for n in 1 2 5 40 340; do
		mk -s 'exec sleep 20' ".linux.namespaces += [{ type: \"user\" }]
			| .linux.uidMappings = [range($n) | { containerID: ., hostID: (1000 + . * 2),
				size: 1 }]
			| .linux.gidMappings = .linux.uidMappings"
		create
		if [[ $RC -ne 0 ]]; then
			# Where root alone is mapped, hardened has nobody to put in its place (H-01).
			if is_hardened && [[ $n -eq 1 ]] || [[ $n -gt 5 && $RT_KIND != kanuki ]]; then
				continue
			fi
			broken "$n mappings: $(<"$W/stderr")"
		fi
		jq -r '.linux.uidMappings[] | "\(.containerID) \(.hostID) \(.size)"' "$B/config.json" |
			sort -n >"$W/map.want"
		# The last user namespace leaves out root (H-12).
		! is_hardened || sed -i '/^0 /d' "$W/map.want"
		for file in uid_map gid_map; do
			awk '{ print $1, $2, $3 }' "/proc/$PID/$file" | sort -n | cmp -s - "$W/map.want" ||
				violation "$file: $(head -c 200 "/proc/$PID/$file")"
		done
		down
	done
	for bad in '[{ containerID: 0, hostID: 100000, size: 0 }]' \
		'[{ containerID: 0, hostID: 100000, size: 10 }, { containerID: 5, hostID: 200000, size: 10 }]' \
		'[{ containerID: 0, hostID: 100000, size: 10 }, { containerID: 50, hostID: 100005, size: 10 }]' \
		'[{ containerID: 4294967295, hostID: 1, size: 1 }]' \
		'[{ containerID: 4294967290, hostID: 100000, size: 10 }]' '[]'; do
		mk ".linux.namespaces += [{ type: \"user\" }] | .linux.uidMappings = $bad
			| .linux.gidMappings = [{ containerID: 0, hostID: 100000, size: 65536 }]"
		launch
		must_refuse "mappings $bad"
	done
}

@test "T-CFG-7: id maps are written exactly; overlapping, empty or wrapping ones are refused" {
	each_level id_maps
}

# --- T-CFG-9 ------------------------------------------------------------------------------------

make_passwd() {
	local at=$B/rootfs/etc/$1
	rm -f "$at"
	case $2 in
	fifo) mkfifo "$at" ;;
	zero) ln -s /dev/zero "$at" ;;
	kmsg) ln -s /proc/kmsg "$at" ;;
	host) ln -s "$W/host/x" "$at" ;;
	sparse) truncate -s 8G "$at" ;;
	line) head -c 64M /dev/zero | tr '\0' a >"$at" ;;
	directory) mkdir "$at" ;;
	device) mknod -m 666 "$at" c 1 5 ;;
	newline) printf 'root:x:0:0::/roo\tt:/x\nu:x:1000:1000::/h\\nroot2:x:0:0:/:\n' >"$at" ;;
	esac
}

hostile_passwd() {
	local shape file user before
	baseline 'del(.process.env[] | select(startswith("HOME=")))'
	for file in passwd group; do
		for shape in fifo zero kmsg host sparse line directory device newline; do
			for user in 0 1000; do
				mk -s 'echo "$HOME" >/res/result' ".process.user = { uid: $user, gid: $user }"
				make_passwd "$file" "$shape"
				before=$(stat -c '%F %s %Y' "$B/rootfs/etc/$file")
				RC=0
				clear_results
				new_id
				timeout -k 1 5 "$THREATS_BIN/warden" bounded "$W/usage" "$RTX" \
					"${LEVEL_ARGS[@]}" --root "$W/state-$LEVEL" run --bundle "$B" "$CID" \
					>"$W/stdout" 2>"$W/stderr" </dev/null 3>&- 4>&- || RC=$?
				settle
				host_same
				[[ $(stat -c '%F %s %Y' "$B/rootfs/etc/$file") == "$before" ]] ||
					violation "the image's $file was written"
				if [[ $RT_KIND == kanuki ]]; then
					awk '{ exit !($2 < 5 && $4 < 65536) }' "$W/usage" ||
						violation "$file $shape: $(<"$W/usage")"
				fi
			done
		done
	done
}

@test "T-CFG-9a CVE-2024-9676 CVE-2025-4437 CVE-2026-47262 CVE-2022-4318 CVE-2026-15809: no passwd or group stops or bloats a start" {
	each_level hostile_passwd
}

hostile_passwd_exec() {
	local shape user
	for shape in fifo zero sparse; do
		up
		make_passwd passwd "$shape"
		for user in 0 1000; do
			RT_TIMEOUT=5 xc --user "$user" "$CID" /bin/true
		done
		down
	done
}

@test "T-CFG-9b CVE-2024-9676 CVE-2025-4437: nor an exec" {
	each_level hostile_passwd_exec
}
