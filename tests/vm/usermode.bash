# usermode.bash: a Linux kernel that is a process (ARCH=um) as tests/vm/run's machine, for where KVM doesn't work and emulation would
# take hours. Programs run at the processor's own speed; a system call or a page fault costs 5 to 15 times a native one, as compared with
# 20 times under emulation, where programs are 13 times slower besides. Sourced by run.
# Sources: Documentation/virt/uml of the kernel; um_arch.c, start_up.c and smp.c for the command line.

# shellcheck shell=bash

# The source is Debian 13's backports': its own 6.12 traces processes instead of using seccomp (6.16), and has 39 bits of address space
# (until 6.13), too little for AddressSanitizer.
usermode_packages=(linux-source gcc make flex bison bc perl xz-utils libc6-dev)

# usermode_kernel: its path in `kernel`; made once, in ten minutes or so, and kept in the cache.
usermode_kernel()
{
	local tree config=$here/usermode.config begun=$SECONDS
	tree=$vm_cache/usermode-$(vm_key "${usermode_packages[@]}")
	kernel=$vm_cache/linux-$(vm_key "$tree" "$(cat "$config")")
	[ ! -x "$kernel" ] || return 0
	vm_backports=trixie-backports vm_tree "$tree" trixie apt "${usermode_packages[@]}"
	vm_say "making a user-mode kernel"
	cp "$config" "$tree/usermode.config"
	# shellcheck disable=SC2016 # expanded in the tree
	vm_chroot "$tree" '
		rm -rf /kernel
		mkdir /kernel
		tar -C /kernel --strip-components=1 -xf /usr/src/linux-source-*.tar.xz
		cd /kernel
		export ARCH=um
		make -s x86_64_defconfig
		scripts/kconfig/merge_config.sh -m .config /usermode.config
		make -s olddefconfig
		# What this kernel has no name for would otherwise be missing without a word.
		while read -r line; do
			case $line in
			""|"#"*) ;;
			*=n) if grep "^${line%=n}=" .config; then echo "not taken: $line"; exit 1; fi ;;
			*) grep -qxF "$line" .config || { echo "not taken: $line"; exit 1; } ;;
			esac
		done < /usermode.config
		make -s -j"$(nproc)" linux' > "$kernel.log" 2>&1 < /dev/null ||
		{ tail -n 5 "$kernel.log" | sed 's/^/# /'; vm_die "the user-mode kernel can't be made, see $kernel.log"; }
	cp "$tree/kernel/linux" "$kernel.new"
	rm -rf "$tree/kernel"
	mv "$kernel.new" "$kernel"
	vm_say "$("$kernel" --version) for user mode in $((SECONDS - begun)) s"
}

# A guest's page is a mapping of the host's. AddressSanitizer's programs need more than the 65,530 that Debian 12's kernel lets a process
# have; one that gets no more faults on the same page for ever, as 7.3 believes that it had mapped it. Newer systems have this number.
# It isn't put back: another run may need it.
mappings=1048576

allow_mappings()
{
	local limit=/proc/sys/vm/max_map_count
	[ "$(cat $limit)" -lt $mappings ] || return 0
	echo $mappings > $limit || vm_die "$limit has to be $mappings for a user-mode kernel"
	vm_say "raised vm.max_map_count to $mappings, until this machine boots again"
}

# boot_usermode SECONDS: the machine, until it is off. Its second serial line is the standard output.
# The guest's memory is a file in /dev/shm; what it writes to its root goes to a sparse file beside the image, which others may use at
# the same time (c: no lock). seccomp=on: no silent fall back to ptrace. One processor, for which the kernel is made: with two, 7.3 hung
# twice within the hour, once with "bad: scheduling from the idle thread!". With AppArmor among the modules those tests run that most
# machines must skip.
# And all of it on one of the host's processors: each call of a program is handed to the kernel's process and back, and to wake another
# processor for that takes longer than the call itself (200,000 switches a second rather than 50,000).
boot_usermode()
{
	local cpu line="root=/dev/ubda rw quiet loglevel=4 systemd.show_status=0 lsm=landlock,yama,apparmor ${KANUKI_VM_APPEND-}"
	allow_mappings
	cpu=$(taskset -cp $$ | sed 's/.*[ ,-]//') # the last of those that this process may use
	# shellcheck disable=SC2086 # words
	taskset -c "$cpu" timeout --kill-after=10 "$1" "$kernel" mem=6G seccomp=on uml_dir="$work" umid=guest $line \
		ubd0c="$work/root.cow,$guest_image" ubd1="$work/payload.img" \
		con=null con0=null,fd:1 ssl=null ssl1=null,fd:4 4>&1 > "$work/console" 2> "$work/machine.log" < /dev/null
}
