# lib.bash: Debian trees for tests/vm: made by mmdebstrap from the package source that this machine itself uses, kept in a cache.
# Sourced by run and fresh. Nothing here touches the machine's own files; mounts live in a private mount namespace.

# shellcheck shell=bash disable=SC2034
vm_cache=${KANUKI_VM_CACHE:-${XDG_CACHE_HOME:-/var/cache}/kanuki-vm}

vm_say() { printf '# %s\n' "$*"; }
vm_die() { printf 'Bail out! %s\n' "$*"; exit 1; }

vm_needs()
{
	local tool
	for tool; do
		command -v "$tool" > /dev/null || vm_die "'$tool' is missing (Debian: apt-get install mmdebstrap e2fsprogs util-linux)"
	done
	[ "$(id -u)" = 0 ] || vm_die "must be run as root"
}

# Where this machine gets Debian's packages: asked of apt, never written down. KANUKI_VM_MIRROR overrides.
vm_mirror()
{
	local uri codename component site_codename
	if [ -n "${KANUKI_VM_MIRROR-}" ]; then
		printf '%s\n' "$KANUKI_VM_MIRROR"
		return
	fi
	# shellcheck source=/dev/null
	site_codename=$(. /etc/os-release && printf '%s' "$VERSION_CODENAME")
	# shellcheck disable=SC2016 # apt's own variables
	while read -r uri codename component; do
		if [ "$codename/$component" = "$site_codename/main" ]; then
			printf '%s\n' "$uri"
			return
		fi
	done < <(apt-get indextargets --format '$(REPO_URI) $(CODENAME) $(COMPONENT)' 'Created-By: Packages')
	return 1
}

# vm_tree DIR SUITE VARIANT PACKAGE...: a Debian tree at DIR, made once. Its package list is its identity: another list, another tree.
# With $vm_backports (a suite's name) a package that the suite hasn't, or has older, is that one's.
vm_tree()
{
	local dir=$1 suite=$2 variant=$3 mirror line sources begun=$SECONDS
	local options=(--mode=root --variant="$variant" --aptopt='Apt::Install-Recommends "false"' --aptopt='Acquire::Languages "none"')
	shift 3
	if [ -e "$dir.complete" ]; then
		return
	fi
	mirror=$(vm_mirror) || vm_die "apt names no source of Debian's main component (set KANUKI_VM_MIRROR)"
	while read -r line; do
		options+=(--aptopt="$line")
	done < <(apt-config dump --no-empty --format '%f "%v";%n' Acquire::http Acquire::https Acquire::Check-Valid-Until Acquire::Check-Date)
	[ ! -e /usr/share/keyrings/debian-archive-keyring.gpg ] || options+=(--keyring=/usr/share/keyrings/debian-archive-keyring.gpg)
	sources=("deb $mirror $suite main")
	if [ -n "${vm_backports-}" ]; then
		sources+=("deb $mirror $vm_backports main")
		options+=(--aptopt="APT::Default-Release \"/^$vm_backports/\"")
	fi
	rm -rf "$dir"
	mkdir -p "$(dirname "$dir")"
	mmdebstrap "${options[@]}" --include="$(IFS=,; printf '%s' "$*")" "$suite" "$dir" "${sources[@]}" > "$dir.log" 2>&1 ||
		{ tail -n 5 "$dir.log" | sed 's/^/# /'; vm_die "mmdebstrap of $suite failed, see $dir.log"; }
	: > "$dir.complete"
	vm_say "$(basename "$dir"): $(du -sm "$dir" | cut -f1) MiB of $suite in $((SECONDS - begun)) s"
}

# vm_key WORD...: a short name for a list.
vm_key() { printf '%s\n' "$@" | sha256sum | cut -c1-12; }

# vm_copy_source FROM TO: the sources without what builds and git left in them.
vm_copy_source()
{
	local commit
	mkdir -p "$2"
	tar -C "$1" --exclude=./.git --exclude=./build --exclude='./build-*' --exclude=./autom4te.cache --exclude='*.o' --exclude='*.a' --exclude='.deps' \
		--exclude=./config.status --exclude=./configure --exclude=./Makefile --exclude=./Makefile.in --exclude=./aclocal.m4 -cf - . |
		tar -C "$2" -xf -
	# A tarball's own name of its commit stays.
	if commit=$(git -C "$1" rev-parse --short=12 HEAD 2> /dev/null); then
		printf '%s\n' "$commit" > "$2/.tarball-commit"
	fi
}

# vm_chroot TREE SCRIPT: run a shell script inside a tree, with /proc, /sys, /dev and, if set, $vm_bind (FROM:TO) mounted, all of it gone
# with the mount namespace.
vm_chroot()
{
	# shellcheck disable=SC2016 # expanded inside
	VM_TREE=$1 VM_SCRIPT=$2 VM_BIND=${vm_bind-} unshare --mount --propagation private bash -eu -c '
		mount -t proc proc "$VM_TREE/proc"
		mount -t sysfs sysfs "$VM_TREE/sys"
		mount --rbind /dev "$VM_TREE/dev"
		if [ -n "$VM_BIND" ]; then
			mkdir -p "$VM_TREE${VM_BIND#*:}"
			mount --bind "${VM_BIND%%:*}" "$VM_TREE${VM_BIND#*:}"
		fi
		exec env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin chroot "$VM_TREE" /bin/sh -eu -c "$VM_SCRIPT"'
}
