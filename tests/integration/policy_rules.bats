#!/usr/bin/env bats
# Rules that act only where a policy file says so: H-01 rejecting, H-15, H-25 and H-27 with lists, H-62, H-63, H-83.
load helpers

@test "H-01: root.request reject refuses a bundle that asks for root" {
	policy '{"version": 1, "root": {"request": "reject"}}'
	bundle '.process.user = {"uid": 0, "gid": 0}'
	go
	refused 'H-01: process.user.uid: is 0, and the policy refuses root'
	bundle '.process.user = {"uid": 1000, "gid": 0}'
	go
	refused 'H-02: process.user.gid: is 0, and the policy refuses root'
	inside 'id -u' '.process.user = {"uid": 1000, "gid": 1000}'
	is 1000
}

@test "H-15: sysctls.allow is the list" {
	policy '{"version": 1, "sysctls": {"allow": ["net.ipv4.ip_forward", "net.ipv4.conf."]}}'
	inside 'cat /proc/sys/net/ipv4/ip_forward /proc/sys/net/ipv4/conf/lo/forwarding' \
		'.linux.sysctl = {"net.ipv4.ip_forward": "1", "net.ipv4.conf.lo.forwarding": "0"}'
	is $'1\n0'
	bundle '.linux.sysctl = {"net.ipv4.ip_default_ttl": "60"}'
	go
	refused "H-15: linux.sysctl: 'net/ipv4/ip_default_ttl' is not in the policy's sysctls.allow"
}

@test "H-25: mounts.allow is the list" {
	mkdir "$W/listed" "$W/other" "$W/listed/below"
	chmod 777 "$W/listed"
	policy '{"version": 1, "mounts": {"allow": [{"source": "'"$W"'/listed", "target": "/mnt"},
		{"source": "'"$W"'/listed/below", "writable": true}]}}'
	inside 'ls /mnt; ls /data' '.mounts += [{"destination": "/mnt", "type": "bind", "source": ($w + "/listed"), "options": ["rbind", "ro"]},
		{"destination": "/data", "type": "bind", "source": ($w + "/listed/below"), "options": ["rbind", "rw"]}]'
	is below
	local mount
	for mount in '"/mnt" "other" "ro"' '"/data" "listed" "ro"' '"/mnt" "listed" "rw"'; do
		bundle ".mounts += [[$(tr ' ' ',' <<< "$mount")] | {destination: .[0], type: \"bind\", source: (\$w + \"/\" + .[1]), options: [\"rbind\", .[2]]}]"
		go
		refused "H-25: mount '" "is the host's and no entry of the policy allows it"
	done
}

@test "H-27: a writable volume must be encrypted, where the policy says so" {
	local disk refusal
	# On a disk: what is in memory, as /tmp may be (Debian 13), is kept nowhere.
	disk=$(mktemp -d /var/tmp/kanuki-volume.XXXXXX)
	case $(findmnt -n -o SOURCE -T "$disk") in
	/dev/mapper/* | /dev/dm-*) rmdir "$disk"; skip "/var/tmp may lie on an encrypted volume here" ;;
	/dev/*) ;;
	*) rmdir "$disk"; skip "/var/tmp is on no disk" ;;
	esac
	chmod 755 "$disk"
	policy '{"version": 1, "mounts": {"allow": [{"source": "'"$disk"'", "writable": true}], "encryptedVolumes": true}}'
	bundle '.mounts += [{"destination": "/data", "type": "bind", "source": "'"$disk"'", "options": ["rbind", "rw"]}]'
	go
	refusal=$stderr
	script 'echo ran' '.mounts += [{"destination": "/data", "type": "bind", "source": "'"$disk"'", "options": ["rbind", "ro"]}]'
	go
	rmdir "$disk"
	succeeded
	is ran
	has "H-27: mount '/data': what is written to '$disk' is not kept on an encrypted volume" "$refusal"
}

@test "H-27: memory is no volume that is kept" {
	mkdir "$W/volume"
	mount -t tmpfs volume "$W/volume"
	policy '{"version": 1, "mounts": {"allow": [{"source": "'"$W"'", "writable": true}], "encryptedVolumes": true}}'
	inside 'echo ran' '.mounts += [{"destination": "/data", "type": "bind", "source": ($w + "/volume"), "options": ["rbind", "rw"]}]'
	umount "$W/volume"
	is ran
}

@test "H-62: limits.memory holds whatever the bundle asks, and without the controller nothing starts" {
	policy '{"version": 1, "limits": {"memory": 67108864}}'
	bundle
	if ! grep -qw memory /sys/fs/cgroup/cgroup.controllers; then
		go
		refused 'H-62: the policy limits memory (limits.memory), and this host has no memory controller'
		return
	fi
	for asked in . '.linux.resources.memory.limit = 134217728'; do
		up "$asked"
		is 67108864 "$(cat "/sys/fs/cgroup$(cut -d: -f3 "/proc/$PID/cgroup")/memory.max")"
		k delete --force "$ID"
	done
}

@test "H-63: limits.openFiles bounds what a bundle asks" {
	policy '{"version": 1, "limits": {"openFiles": 256}}'
	inside 'ulimit -n; ulimit -Hn'
	is $'256\n256'
	inside 'ulimit -n; ulimit -Hn' '.process.rlimits = [{"type": "RLIMIT_NOFILE", "soft": 100, "hard": 4096}]'
	is $'100\n256'
	up
	is 256 "$(k exec "$ID" sh -c 'ulimit -Hn')"
}

@test "H-83: a privileged container is refused as one, and not for the first of its parts" {
	local all
	all=$(for n in CHOWN DAC_OVERRIDE DAC_READ_SEARCH FOWNER FSETID KILL SETGID SETUID SETPCAP LINUX_IMMUTABLE NET_BIND_SERVICE \
		NET_BROADCAST NET_ADMIN NET_RAW IPC_LOCK IPC_OWNER SYS_MODULE SYS_RAWIO SYS_CHROOT SYS_PTRACE SYS_PACCT SYS_ADMIN SYS_BOOT \
		SYS_NICE SYS_RESOURCE SYS_TIME SYS_TTY_CONFIG MKNOD LEASE AUDIT_WRITE AUDIT_CONTROL SETFCAP MAC_OVERRIDE MAC_ADMIN SYSLOG \
		WAKE_ALARM BLOCK_SUSPEND AUDIT_READ; do printf 'CAP_%s\n' $n; done | jq -R . | jq -s .)
	local privileged=".process.capabilities = ({\"bounding\": $all} | .effective = .bounding | .permitted = .bounding)
		| .linux.maskedPaths = [] | .linux.readonlyPaths = [] | .linux.resources.devices = [{\"allow\": true, \"access\": \"rwm\"}]"
	bundle "$privileged"
	go
	refused 'H-83: this is a privileged container (all capabilities' 'start it without --privileged'
	inside 'echo ran' '.process.capabilities.bounding = ["CAP_KILL"]'
	is ran
}
