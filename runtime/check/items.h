/* Everything that is judged, one entry each: the only list of K-ids.
 *
 * Columns: function that judges, id, subjects, title, kanuki's rules, requirements of
 * the mission, CIS Docker Benchmark 1.6.0, NIST SP 800-190, PCI DSS v4, what it means,
 * how to mend.  The numbers are titled and sourced in maps.h; a test keeps every number
 * here to one there.
 */
#ifndef KANUKI_CHECK_ITEMS_H
#define KANUKI_CHECK_ITEMS_H

/* clang-format off */
#define CHECK_ITEMS(X) \
	X(judge_user, "K-01", CHECK_CONFINEMENT, "The process does not run as root", \
	  "H-01", "R-05 R-11", "4.1 5.24", "4.1.2 4.4.3", "7.2.5", \
	  "Root in a container is one mistake of the kernel or of a mount away from root on the host.", \
	  "Name a user in the image (USER 65532) or in the deployment; kanuki's default policy puts 65532 in root's place.") \
	X(judge_group, "K-02", CHECK_CONFINEMENT, "No group of the process is root's", \
	  "H-02 H-03", "R-11", "4.1", "4.1.2 4.4.3", "7.2.5", \
	  "Group 0 may read and write what the host and the image keep for administrators.", \
	  "Give the process a group of its own and leave 0 out of additionalGids.") \
	X(judge_caps_restricted, "K-03", CHECK_CONFINEMENT, "Capabilities are restricted", \
	  "H-04", "R-12", "5.4", "4.4.3", "2.2.6", \
	  "Each of the capabilities beyond an engine's usual few, and NET_RAW, gives a part of root: raw packets, mounts, devices.", \
	  "--cap-drop=ALL, then add back only what a test shows to be missing.") \
	X(judge_caps_none, "K-04", CHECK_CONFINEMENT, "The process has no capability, nor a way to one", \
	  "H-04", "R-12", "", "4.4.3 4.5.4", "7.2.5", \
	  "Most services need none; an empty bounding set means that no program of the image can bring one back.", \
	  "--cap-drop=ALL; low ports by net.ipv4.ip_unprivileged_port_start instead of NET_BIND_SERVICE.") \
	X(judge_privileged, "K-05", CHECK_CONFINEMENT, "The container is not privileged", \
	  "H-04 H-40 H-50", "R-12", "5.5 5.23", "4.4.3", "2.2.6", \
	  "A privileged container is root on the host with a different root directory.", \
	  "Remove --privileged; ask for the one device or file that is needed.") \
	X(judge_nnp, "K-06", CHECK_CONFINEMENT, "No program can gain privileges (no_new_privs)", \
	  "H-05", "R-12", "5.26 4.8", "4.4.3", "2.2.6", \
	  "Without it a setuid file or one with capabilities, in the image or on a volume, raises whoever runs it.", \
	  "--security-opt=no-new-privileges, allowPrivilegeEscalation: false.") \
	X(judge_seccomp, "K-07", CHECK_CONFINEMENT, "A seccomp filter limits the system calls", \
	  "H-50 H-51", "R-19", "5.22", "4.4.3 4.4.4 4.5.2", "2.2.6", \
	  "The kernel is shared: each system call that is out of reach is a part of it that can't be attacked.", \
	  "Use the engine's default profile (seccompProfile: RuntimeDefault), never unconfined; kanuki always loads its own.") \
	X(judge_ns_net, "K-08", CHECK_CONFINEMENT, "The host's network is not shared", \
	  "H-10 H-11", "R-06", "5.10", "4.3.3 4.4.2", "1.4.2", \
	  "In the host's network namespace a container reaches services bound to the loopback and can listen on any port.", \
	  "Remove --network=host, hostNetwork: true; publish the ports that are needed.") \
	X(judge_ns_ipc, "K-09", CHECK_CONFINEMENT, "The host's IPC namespace is not shared", \
	  "H-10 H-11", "R-07", "5.17", "4.4.3", "2.2.6", \
	  "Shared memory and semaphores of the host's processes can be read and changed.", \
	  "Remove --ipc=host, hostIPC: true.") \
	X(judge_ns_pid, "K-10", CHECK_CONFINEMENT, "The host's process namespace is not shared", \
	  "H-10 H-11", "R-08", "5.16", "4.4.3", "2.2.6", \
	  "The host's processes can be seen, with their arguments, and those of the same user killed or traced.", \
	  "Remove --pid=host, hostPID: true.") \
	X(judge_ns_uts, "K-11", CHECK_CONFINEMENT, "The host's UTS namespace is not shared", \
	  "H-10 H-11", "", "5.21", "4.4.3", "", \
	  "The host's name could be changed.", \
	  "Remove --uts=host.") \
	X(judge_ns_user, "K-12", CHECK_CONFINEMENT, "A user namespace of its own, in which root is nobody outside", \
	  "H-11 H-12", "R-09", "5.31", "4.5.2", "7.2.5", \
	  "What is root inside is root outside when a way out is found.", \
	  "--userns=auto, hostUsers: false, userns-remap; kanuki's default policy enters one that owns nothing.") \
	X(judge_ns_cgroup, "K-13", CHECK_CONFINEMENT, "Cgroup and mount namespaces are its own", \
	  "H-10", "", "5.25", "4.4.3", "", \
	  "The host's cgroup tree tells what else runs there; its mounts are its file systems.", \
	  "--cgroupns=private; a mount namespace is never optional.") \
	X(judge_root_readonly, "K-14", CHECK_CONFINEMENT, "The root file system is read-only", \
	  "H-20 H-21", "R-17", "5.13", "4.4.4", "2.2.6", \
	  "What can't be changed can't be changed by an intruder: the container stays the image that was scanned.", \
	  "--read-only, readOnlyRootFilesystem: true; let the service write to volumes and tmpfs.") \
	X(judge_write_xor_exec, "K-15", CHECK_CONFINEMENT, "Nothing that can be written can be executed", \
	  "H-22 H-24 H-70", "R-18 R-20", "", "4.4.4", "5.2.1", \
	  "A program that was brought in after the start, or a file changed since, must not run.", \
	  "Mount volumes and tmpfs noexec; put programs into the image.") \
	X(judge_mount_flags, "K-16", CHECK_CONFINEMENT, "What can be written is nosuid and nodev", \
	  "H-22 H-23", "R-18", "4.8", "4.4.3", "2.2.6", \
	  "A setuid file or a device node on a volume would work like one of the host's.", \
	  "Add nosuid,nodev to the mount's options.") \
	X(judge_memfd, "K-17", CHECK_CONFINEMENT, "Memory files can't be executed", \
	  "H-14", "R-20", "", "4.4.4", "5.2.1", \
	  "A memfd is the usual way to run a program that never was a file: read-only roots don't see it.", \
	  "Set vm.memfd_noexec to 2 in the container's process namespace (Linux 6.3).") \
	X(judge_host_mounts, "K-18", CHECK_CONFINEMENT, "No sensitive host directory is mounted", \
	  "H-25", "R-10", "5.6", "4.5.5", "2.2.6", \
	  "Through the host's /etc, /proc, /var/lib/kubelet and the like a container reads the host's secrets or becomes the host.", \
	  "Remove the mount; copy what is needed to a directory made for this container.") \
	X(judge_engine_socket, "K-19", CHECK_CONFINEMENT, "No container engine's socket is mounted", \
	  "H-25", "R-10 R-25 R-27", "5.32", "4.5.5 4.3.1", "7.2.5", \
	  "Whoever may speak to the engine is root on the host.", \
	  "Remove the mount of docker.sock, podman.sock, containerd.sock, crio.sock and of directories that hold one.") \
	X(judge_devices, "K-20", CHECK_CONFINEMENT, "No host device is exposed", \
	  "H-40 H-41", "R-12", "5.18", "4.4.3", "2.2.6", \
	  "A disk's device is every file on it; /dev/kvm, GPUs and the like are drivers to attack.", \
	  "Remove --device; where one is meant, write it down as an exception.") \
	X(judge_masked, "K-21", CHECK_CONFINEMENT, "Kernel files that leak are masked", \
	  "H-30", "R-12", "", "4.4.3", "2.2.6", \
	  "/proc/kcore, /proc/keys, /sys/firmware and others tell of the host and of other containers.", \
	  "Keep the engine's maskedPaths (no --security-opt=unmask=ALL, procMount: Default).") \
	X(judge_kernel_readonly, "K-22", CHECK_CONFINEMENT, "Kernel settings are read-only", \
	  "H-31 H-32", "R-12", "", "4.4.3", "2.2.6", \
	  "A few writes to /proc/sys or /sys change the host, not the container.", \
	  "Keep the engine's readonlyPaths and a read-only /sys.") \
	X(judge_apparmor, "K-23", CHECK_CONFINEMENT, "An AppArmor profile confines it, where the kernel has AppArmor", \
	  "H-71", "R-12", "5.2", "4.4.3", "2.2.6", \
	  "A second lock, independent of user ids and namespaces.", \
	  "Use the engine's default profile; never apparmor=unconfined.") \
	X(judge_selinux, "K-24", CHECK_CONFINEMENT, "An SELinux label confines it, where the kernel has SELinux", \
	  "H-71", "R-12", "5.3", "4.4.3", "2.2.6", \
	  "A second lock, independent of user ids and namespaces.", \
	  "Leave labelling on (never label=disable, spc_t).") \
	X(judge_memory, "K-25", CHECK_CONFINEMENT, "Memory is limited", \
	  "H-62", "", "5.11", "4.4.3", "", \
	  "One container can otherwise starve all others and the host.", \
	  "--memory=SIZE, resources.limits.memory; limits.memory in the policy file forces one.") \
	X(judge_cpu, "K-26", CHECK_CONFINEMENT, "CPU time is weighted or limited", \
	  "", "", "5.12", "4.4.3", "", \
	  "Without a weight or limit all containers compete equally, a runaway one included.", \
	  "--cpu-shares, --cpus, resources.requests.cpu.") \
	X(judge_pids, "K-27", CHECK_CONFINEMENT, "The number of processes is limited", \
	  "H-60", "", "5.29", "4.4.3", "", \
	  "A fork bomb takes the host with it.", \
	  "--pids-limit=N, podPidsLimit.") \
	X(judge_rlimits, "K-28", CHECK_CONFINEMENT, "Resource limits are set: open files, core dumps", \
	  "H-07 H-63", "", "5.19", "4.4.3", "", \
	  "Open files without end use up the kernel's memory; a core dump writes the process's secrets to a file.", \
	  "--ulimit nofile=1048576, --ulimit core=0.") \
	X(judge_propagation, "K-29", CHECK_CONFINEMENT, "Mounts do not propagate to the host", \
	  "H-26", "R-10", "5.20", "4.5.5", "", \
	  "With shared propagation what is mounted inside appears on the host.", \
	  "rprivate or rslave (mountPropagation: None, HostToContainer).") \
	X(judge_cgroup, "K-30", CHECK_CONFINEMENT, "It is in a cgroup of its own, which it can't change", \
	  "H-61", "", "5.25", "4.4.3", "", \
	  "Limits that the limited process can lift are none.", \
	  "Let the engine choose the cgroup; mount cgroupfs read-only.") \
	X(judge_super_daemon, "K-31", CHECK_CONFINEMENT, "No super daemon runs in it", \
	  "H-82", "R-13", "", "4.1.2", "2.2.4", \
	  "systemd and its like start services that nobody deployed, and need privileges to do so.", \
	  "One service in each container, started directly; a small init (catatonit, tini) reaps children.") \
	X(judge_sshd, "K-32", CHECK_CONFINEMENT, "No SSH server runs in it", \
	  "", "R-14", "5.7", "4.1.2", "2.2.4", \
	  "A login that the platform doesn't control or log.", \
	  "Remove it; use the engine's exec, which is logged.") \
	X(judge_ports, "K-33", CHECK_CONTAINER, "It listens on no privileged port", \
	  "H-72", "R-22", "5.8 5.9", "4.4.2", "1.2.5", \
	  "The evidence lists what listens: compare it with what the service is to publish.", \
	  "Listen above 1023 and let the engine map the port; limit ports in the policy file.") \
	X(judge_secrets, "K-34", CHECK_CONFINEMENT, "No secret is in the environment", \
	  "", "R-15", "4.10", "4.1.4", "8.6.2", \
	  "The environment is inherited by every child, shown by inspect commands and written to logs. Judged by the variables' names.", \
	  "Mount secrets as read-only files.") \
	\
	X(judge_setid_files, "K-40", CHECK_ROOTFS, "No file is setuid or setgid", \
	  "H-05 H-12", "R-14", "4.8", "4.1.2", "2.2.6", \
	  "Such files raise whoever runs them, unless the runtime prevents it (K-06).", \
	  "Remove the files, or chmod a-s in the image's last layer.") \
	X(judge_file_caps, "K-41", CHECK_ROOTFS, "No file has capabilities", \
	  "H-04 H-05", "R-14", "4.8", "4.1.2", "2.2.6", \
	  "Like setuid, for a part of root.", \
	  "setcap -r FILE when the image is built.") \
	X(judge_device_nodes, "K-42", CHECK_ROOTFS, "No device node is in the image", \
	  "H-40 H-20", "R-12", "5.18", "4.1.2", "", \
	  "Devices come from the runtime; one in an image is a mistake or an attack.", \
	  "Remove the node.") \
	X(judge_world_writable, "K-43", CHECK_ROOTFS, "Nothing is writable by everybody, sticky directories aside", \
	  "H-20", "R-17", "", "4.1.2", "2.2.6", \
	  "Any process of the container could change these, where the root file system is not read-only.", \
	  "chmod o-w when the image is built.") \
	X(judge_shells, "K-44", CHECK_ROOTFS, "No shell is in the image", \
	  "H-73", "R-14", "4.3", "4.1.2 4.5.1", "2.2.4", \
	  "A shell is what an intruder runs first; a service seldom needs one.", \
	  "Build from a distroless or scratch base; or deny it by commands.deny in the policy file.") \
	X(judge_package_managers, "K-45", CHECK_ROOTFS, "No package manager is in the image", \
	  "H-73", "R-14", "4.3 4.11", "4.1.2", "2.2.4", \
	  "It brings in whatever is missing for an attack.", \
	  "Install in a build stage and copy the result.") \
	X(judge_compilers, "K-46", CHECK_ROOTFS, "No compiler is in the image", \
	  "H-73", "R-14", "4.3", "4.1.2", "2.2.4", \
	  "Made for the build, useful for an attack.", \
	  "Compile in a build stage and copy the result.") \
	X(judge_network_tools, "K-47", CHECK_ROOTFS, "No network tool is in the image", \
	  "H-73", "R-14", "4.3", "4.1.2", "2.2.4", \
	  "curl, nc, nmap and the like fetch tools and open ways out.", \
	  "Leave them out of the image; debug from an ephemeral container.") \
	X(judge_ssh_files, "K-48", CHECK_ROOTFS, "No SSH server is in the image", \
	  "", "R-14", "5.7", "4.1.2", "2.2.4", \
	  "A login that the platform doesn't control or log.", \
	  "Remove openssh-server, dropbear.") \
	X(judge_daemon_files, "K-49", CHECK_ROOTFS, "No super daemon is in the image", \
	  "H-82", "R-13", "", "4.1.2", "2.2.4", \
	  "systemd and its like are for machines, not for containers.", \
	  "Remove it; start the service directly.") \
	X(judge_secret_files, "K-50", CHECK_ROOTFS, "No secret was left in the image", \
	  "", "R-15", "4.10", "4.1.4", "8.6.2", \
	  "Whoever can pull the image has it. Judged by file names only: the image scanner looks inside (R-15).", \
	  "Remove it from every layer, and replace the secret: it is known.") \
	\
	X(judge_kernel, "K-60", CHECK_HOST, "The kernel has what confinement is made of", \
	  "", "R-25", "", "4.5.2 4.5.3", "6.3.3", \
	  "kanuki needs Linux 5.15; Landlock, memfd_noexec and others came later.", \
	  "Use a kernel that its maker supports, 6.3 or later if possible.") \
	X(judge_lsm, "K-61", CHECK_HOST, "A security module is active", \
	  "H-70 H-71", "R-25", "5.2 5.3", "4.5.2", "2.2.6", \
	  "AppArmor, SELinux or Landlock: a lock independent of user ids.", \
	  "Add it to the kernel's lsm= list.") \
	X(judge_cgroup_v2, "K-62", CHECK_HOST, "Control groups are version 2", \
	  "H-60", "R-25", "5.11 5.29", "4.4.3", "", \
	  "Limits of one container hold as a whole only in version 2.", \
	  "Boot with systemd.unified_cgroup_hierarchy=1, or a current distribution.") \
	X(judge_kptr, "K-63", CHECK_HOST, "Kernel addresses are hidden", \
	  "", "R-25", "", "4.5.1", "2.2.6", \
	  "Addresses make kernel attacks reliable.", "kernel.kptr_restrict = 1 (or 2).") \
	X(judge_dmesg, "K-64", CHECK_HOST, "The kernel's log is kept to administrators", \
	  "", "R-25", "", "4.5.1", "2.2.6", \
	  "The log holds addresses and the host's hardware.", "kernel.dmesg_restrict = 1.") \
	X(judge_bpf, "K-65", CHECK_HOST, "BPF is kept to administrators", \
	  "", "R-25", "", "4.5.1 4.5.2", "2.2.6", \
	  "The verifier has been the way into the kernel many times.", "kernel.unprivileged_bpf_disabled = 1 (or 2).") \
	X(judge_perf, "K-66", CHECK_HOST, "Performance events are kept to administrators", \
	  "", "R-25", "", "4.5.1 4.5.2", "2.2.6", \
	  "A large part of the kernel for everybody to reach.", "kernel.perf_event_paranoid = 2 or more.") \
	X(judge_ptrace, "K-67", CHECK_HOST, "Processes can't trace each other", \
	  "", "R-25", "", "4.5.1", "2.2.6", \
	  "Otherwise any process reads the memory of all others of its user.", "kernel.yama.ptrace_scope = 1 or more.") \
	X(judge_userns, "K-68", CHECK_HOST, "Users can't make user namespaces", \
	  "H-13", "R-25", "", "4.5.2", "2.2.6", \
	  "In one, everybody reaches parts of the kernel written for root. Rootless engines need them: then this is a choice to write down.", \
	  "kernel.unprivileged_userns_clone = 0, kernel.apparmor_restrict_unprivileged_userns = 1, or user.max_user_namespaces = 0 where no container runs.") \
	X(judge_modules, "K-69", CHECK_HOST, "No kernel module can be loaded any more", \
	  "", "R-25", "", "4.5.1 4.5.2", "2.2.6", \
	  "Rootkits are modules; rarely used modules are where the bugs are.", \
	  "kernel.modules_disabled = 1 once the host is up, or lockdown=integrity with signed modules.") \
	X(judge_kexec, "K-70", CHECK_HOST, "The kernel can't be replaced while it runs", \
	  "", "R-25", "", "4.5.1", "2.2.6", \
	  "kexec starts a kernel that nobody verified.", "kernel.kexec_load_disabled = 1.") \
	X(judge_links, "K-71", CHECK_HOST, "Links in shared directories are protected", \
	  "", "R-25", "", "4.5.1", "2.2.6", \
	  "Against attacks through /tmp.", "fs.protected_hardlinks = 1, fs.protected_symlinks = 1.") \
	X(judge_sockets, "K-72", CHECK_HOST, "Engine sockets are closed to all but their group", \
	  "", "R-25 R-27", "", "4.3.1 4.5.4", "7.2.5", \
	  "Whoever may write to the socket is root on the host; so is every member of its group.", \
	  "chown root:root (or a group without users), chmod 660.") \
	X(judge_api_ports, "K-73", CHECK_HOST, "No engine API is reachable over the network", \
	  "", "R-25 R-27", "", "4.3.1 4.5.1", "1.3.1 2.2.7", \
	  "An open 2375 is root for anybody who can connect; 2376 and 10250 depend on certificates alone.", \
	  "Bind to the loopback or use SSH; firewall the port; kubelet: authentication on, read-only port off.") \
	X(judge_logins, "K-74", CHECK_HOST, "Nobody is logged in", \
	  "", "R-25", "", "4.5.4", "8.6.1", \
	  "A container host is operated by its orchestrator; logins change it outside of any record.", \
	  "Log out; make changes by image or configuration management.") \
	X(judge_ssh_root, "K-75", CHECK_HOST, "Root can't log in over SSH with a password", \
	  "", "R-25", "", "4.5.4", "8.2.2", \
	  "A shared account and the first that is tried.", "PermitRootLogin no (or prohibit-password).") \
	X(judge_ssh_password, "K-76", CHECK_HOST, "SSH takes no passwords", \
	  "", "R-25", "", "4.5.4", "8.3.1", \
	  "Passwords are guessed and reused.", "PasswordAuthentication no.") \
	X(judge_updates, "K-77", CHECK_HOST, "No update is waiting", \
	  "", "R-25 R-16", "", "4.5.3", "6.3.3", \
	  "Known weaknesses of the host are weaknesses of every container. Judged from files, without asking a server.", \
	  "Install the updates; restart if the kernel is among them.") \
	X(judge_secure_boot, "K-78", CHECK_HOST, "Secure Boot is on", \
	  "", "R-25", "", "4.6", "", \
	  "What starts the host is what its maker signed.", "Turn it on in the firmware.") \
	X(judge_lockdown, "K-79", CHECK_HOST, "The kernel is locked down", \
	  "", "R-25", "", "4.6 4.5.2", "", \
	  "Not even root changes the running kernel.", "lockdown=integrity on the kernel's command line.") \
	X(judge_ima, "K-80", CHECK_HOST, "The integrity of files is measured (IMA)", \
	  "", "R-25", "", "4.6 4.5.5", "11.5.2", \
	  "A host whose programs were changed can be told from one whose weren't.", "ima_policy=tcb, or the site's own policy.") \
	X(judge_minimal_os, "K-81", CHECK_HOST, "The operating system is made for containers only", \
	  "", "R-25", "", "4.5.1", "2.2.4", \
	  "A minimal, immutable system has fewer parts to attack and to update.", \
	  "Flatcar, Bottlerocket, Fedora CoreOS, Talos, Container-Optimized OS, SLE Micro.") \
	\
	X(judge_policy_enforced, "K-90", CHECK_POLICY, "The policy is enforced", \
	  "", "R-27", "", "4.4.3", "2.2.1", \
	  "In audit mode everything is logged and nothing held.", "\"mode\": \"enforce\".") \
	X(judge_policy_level, "K-91", CHECK_POLICY, "The level is hardened or stricter", \
	  "", "R-27", "", "4.4.3", "2.2.1", \
	  "oci does what the bundle says, whatever it says.", "\"level\": \"hardened\", or what the data calls for: personal-data, card-payments.") \
	X(judge_policy_root, "K-92", CHECK_POLICY, "Root is demoted or refused", \
	  "H-01 H-02", "R-05", "4.1", "4.1.2", "7.2.5", \
	  "Remapped root is still root to everything in the container.", "root.request: \"demote\" or \"reject\".") \
	X(judge_policy_seccomp, "K-93", CHECK_POLICY, "The strict seccomp profile is used", \
	  "H-50", "R-19", "5.22", "4.4.4", "2.2.6", \
	  "It leaves out what services seldom need.", "\"seccomp\": \"strict\".") \
	X(judge_policy_daemons, "K-94", CHECK_POLICY, "Super daemons are refused", \
	  "H-82", "R-13", "", "4.1.2", "2.2.4", \
	  "One service in each container.", "\"superDaemons\": \"refuse\".") \
	X(judge_policy_limits, "K-95", CHECK_POLICY, "Processes, memory and open files are limited", \
	  "H-60 H-62 H-63", "", "5.11 5.19 5.29", "4.4.3", "", \
	  "For every container, whether its bundle asks for limits or not.", "limits.pids, limits.memory, limits.openFiles.") \
	X(judge_policy_ports, "K-96", CHECK_POLICY, "Ports are limited", \
	  "H-72", "R-21 R-22", "5.9", "4.3.3 4.4.2", "1.2.5", \
	  "What a service may listen on and connect to is then known beforehand.", "ports.bind, ports.connect.") \
	X(judge_policy_commands, "K-97", CHECK_POLICY, "Commands are limited", \
	  "H-73", "R-19 R-14", "4.3", "4.4.4", "2.2.4", \
	  "Tools that are in an image and that nobody needs can't be run.", "commands.allow or commands.deny.") \
	X(judge_policy_mounts, "K-98", CHECK_POLICY, "Allowed host mounts are narrow", \
	  "H-25", "R-10", "5.6", "4.5.5", "2.2.6", \
	  "An allow entry for /srv allows all services' data to all.", "Name the directory of the one service, and its target.") \
	X(judge_policy_trail, "K-99", CHECK_POLICY, "The audit trail is kept, and required", \
	  "", "R-26", "", "4.4.5", "10.2.1", \
	  "Without it nobody can say what was deployed, refused or changed.", "audit.file and audit.required: true.") \
	X(judge_policy_expired, "K-100", CHECK_POLICY, "No exception has expired", \
	  "", "R-29", "", "4.4.3", "", \
	  "An expired exception no longer applies: the service that needed it fails at its next start.", \
	  "Remove it, or renew it with its owner.") \
	X(judge_policy_expiring, "K-101", CHECK_POLICY, "No exception expires within 30 days", \
	  "", "R-29", "", "4.4.3", "", \
	  "Time to mend the service, or to renew.", "Ask the owner named in it.") \
	X(judge_policy_exceptions, "K-102", CHECK_POLICY, "No exception lets root run", \
	  "H-01", "R-05", "4.1", "4.1.2", "7.2.5", \
	  "The largest relaxation there is.", "Give the image a user.") \
	X(judge_policy_gate, "K-103", CHECK_POLICY, "The scan gate is asked for every image", \
	  "H-85", "R-01 R-02 R-04 R-16", "4.2 4.4", "4.1.1 4.1.3 4.1.5", "11.3.1", \
	  "Else what nobody scanned, or what was found bad since, runs like anything else.", \
	  "kanuki-gate init, scan, import; then \"gate\": {\"mode\": \"required\"}.")
/* clang-format on */

#define CHECK_DECLARE(judge, id, subjects, title, rules, reqs, cis, nist, pci, means, mend)        \
	check_judge judge;
CHECK_ITEMS(CHECK_DECLARE)
#undef CHECK_DECLARE

#endif
