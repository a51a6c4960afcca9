# Hooks, and what the runtime itself writes into an image.

load harness

# --- T-HK-1 -------------------------------------------------------------------------------------

# The hook writes down what it was given. It is a dynamic program, which a planted loader's
# variable would reach.
make_hook() {
	mkdir -p "$W/hooks" "$W/seen"
	cp "$THREATS_BIN/look" "$W/hooks/look"
	chmod 755 "$W/hooks"
}

HOSTILE_ENV='.process.env = ["PATH=/evil:/bin", "LD_PRELOAD=" + $host + "/trap.so",
	"LD_LIBRARY_PATH=/evil", "GCONV_PATH=/evil", "BASH_ENV=/evil/rc", "IFS=x", "HOME=/evil"]'

hook_surroundings() {
	local kind env
	make_hook
	cp "$THREATS_BIN/trap.so" "$W/host/trap.so"
	host_remember
	for env in none given; do
		rm -f "$W/seen"/* /srv/tripped
		mk -s 'sleep 0.2' "$HOSTILE_ENV" ".hooks = ([\"prestart\", \"createRuntime\", \"createContainer\",
			\"poststart\", \"poststop\"] | map({ key: ., value: [{ path: \"$W/hooks/look\",
			args: [\"look\", \"look\", \"$W/seen/\" + .] }] }) | from_entries)"
		if [[ $env == given ]]; then
			edit '.hooks |= map_values(map(.env = ["ONLY=this", "PATH=/usr/bin:/bin"]))'
		fi
		HOSTSECRET=$SECRET run_raw
		if [[ $RC -ne 0 ]] && is_hardened && grep -qi hook "$W/stderr"; then
			return	# hooks need the policy's consent there
		fi
		[[ $RC -eq 0 ]] || broken "$(<"$W/stderr")"
		[[ ! -e /srv/tripped ]] || violation "the image's library was loaded"
		for kind in prestart createRuntime createContainer poststart poststop; do
			[[ -e $W/seen/$kind.env ]] || broken "$kind was not run"
			if [[ $env == none ]]; then
				[[ ! -s $W/seen/$kind.env ]] ||
					violation "$kind: environment $(<"$W/seen/$kind.env")"
			else
				[[ $(sort "$W/seen/$kind.env") == $'ONLY=this\nPATH=/usr/bin:/bin' ]] ||
					violation "$kind: environment $(<"$W/seen/$kind.env")"
			fi
			[[ $(<"$W/seen/$kind.cwd") == "$B" ]] ||
				violation "$kind: stands in $(<"$W/seen/$kind.cwd")"
			[[ ! -s $W/seen/$kind.fds ]] ||
				violation "$kind: has $(<"$W/seen/$kind.fds")"
			jq -e .id "$W/seen/$kind.state" >/dev/null || violation "$kind: no state on stdin"
		done
	done
}

@test "T-HK-1a CVE-2025-23266 CVE-2025-23267: hooks get their own environment, the bundle as directory, and three descriptors" {
	each_level hook_surroundings
}

hook_paths() {
	local start pid pids kind
	make_hook
	mk ".hooks = { createRuntime: [{ path: \"look\" }] }"
	cp "$W/hooks/look" "$B/look"
	launch
	must_refuse "a hook without an absolute path"
	mk ".hooks = { createRuntime: [{ path: \"$W/hooks/none\" }] }"
	launch
	must_refuse "a hook that does not exist"
	printf '#!/bin/bash\n/bin/sleep 77 &\necho $! $$ >%s\n/bin/sleep 78\n' "$W/slow.pids" >"$W/hooks/slow"
	chmod 755 "$W/hooks/slow"
	mk ".hooks = { createRuntime: [{ path: \"$W/hooks/slow\", timeout: 1 }] }"
	start=$SECONDS
	launch
	must_refuse "a hook that does not end"
	[[ $((SECONDS - start)) -le 5 ]] || violation "the timeout of 1 s took $((SECONDS - start)) s"
	sleep 0.2
	read -ra pids <"$W/slow.pids"
	for pid in "${pids[@]}"; do
		# A dead one may still wait for init to take notice.
		if [[ $RT_KIND == kanuki ]] && ! is_dead "$pid"; then
			violation "a process of the hook was left running"
		fi
		kill -KILL "$pid" 2>/dev/null || true
	done
	printf '#!/bin/bash\nexit 1\n' >"$W/hooks/fail"
	chmod 755 "$W/hooks/fail"
	for kind in prestart createRuntime createContainer; do
		mk ".hooks = { $kind: [{ path: \"$W/hooks/fail\" }] }"
		launch
		must_refuse "$kind failed"
	done
}

@test "T-HK-1b: a hook is an absolute path, ends in time with all it started, and its failure counts" {
	each_level hook_paths
}

# --- T-HK-2 -------------------------------------------------------------------------------------

image_listing() { (cd "$B/rootfs" && find . -printf '%p %y %m %U %G %s %l\n' | sort); }

written_files() {
	local name
	mk -s 'id' '.annotations = { "run.oci.handler": "krun" }'
	for name in .krun_config.json run/.containerenv .containerenv .dockerenv etc/mtab etc/hosts \
		etc/resolv.conf etc/hostname etc/localtime dev/core dev/fd dev/stdin dev/null dev/ptmx \
		.oldroot .pivot_root run/notify; do
		ln -s "$W/host/planted-${name//\//-}" "$B/rootfs/$name"
	done
	image_listing >"$W/image.before"
	launch
	host_same
	image_listing >"$W/image.after"
	cmp -s "$W/image.before" "$W/image.after" ||
		violation "the image was changed: $(diff "$W/image.before" "$W/image.after" | head -n 5)"
	edit 'del(.annotations)'
	launch
	must_run
	host_same
	image_listing >"$W/image.after"
	cmp -s "$W/image.before" "$W/image.after" ||
		violation "the image was changed: $(diff "$W/image.before" "$W/image.after" | head -n 5)"
}

@test "T-HK-2a CVE-2025-24965 CVE-2024-5154 W-43: the runtime writes no file into the image, nor through it" {
	each_level written_files
}

bound_files() {
	local name
	echo content >"$W/vol/file"
	for name in hosts resolv.conf hostname mtab; do
		mk -s "cat /etc/$name >/res/result" ".mounts += [{ destination: \"/etc/$name\",
			type: \"bind\", source: (\$vol + \"/file\"), options: [\"bind\"] }]"
		ln -s "$W/host/planted" "$B/rootfs/etc/$name"
		launch
		host_same
		mk ".mounts += [{ destination: \"/etc/$name\", type: \"bind\",
			source: (\$vol + \"/file\"), options: [\"bind\"] }]"
		ln -s "../../../../../../../../..$W/host/sentinel" "$B/rootfs/etc/$name"
		launch
		host_same
		[[ $(<"$W/host/sentinel") == "$SECRET" ]] || violation "covered the host's file"
	done
}

@test "T-HK-2b CVE-2024-5154 W-43: files bound over links of the image stay inside" {
	each_level bound_files
}
