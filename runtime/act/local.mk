# act/: the plan executed.  Files of the process side, the file system side, the cgroup side.
noinst_LIBRARIES += libact.a
RUNTIME_LIBS += libact.a
libact_a_SOURCES = \
	runtime/act/act.h \
	runtime/act/caps.c \
	runtime/act/cgroup.c runtime/act/cgroup.h \
	runtime/act/cgroup_control.c runtime/act/cgroup_mark.c \
	runtime/act/cgroup_devices.c \
	runtime/act/cgroup_files.h \
	runtime/act/cgroup_stats.c \
	runtime/act/child.c runtime/act/child.h \
	runtime/act/console.c \
	runtime/act/copyup.c runtime/act/copyup.h \
	runtime/act/device_program.h \
	runtime/act/devices.c \
	runtime/act/fds.c \
	runtime/act/filter.c runtime/act/filter.h \
	runtime/act/gate.c runtime/act/gate.h \
	runtime/act/hooks.c \
	runtime/act/host_sockets.c runtime/act/host_sockets.h \
	runtime/act/idmap.c \
	runtime/act/idmap_mounts.c runtime/act/idmap_mounts.h \
	runtime/act/ids.c \
	runtime/act/labels.c \
	runtime/act/landlock.c runtime/act/landlock.h \
	runtime/act/landlock_exec.c \
	runtime/act/landlock_interp.c \
	runtime/act/launch.c \
	runtime/act/limits.c \
	runtime/act/mount_table.c runtime/act/mount_table.h \
	runtime/act/mount_verify.c \
	runtime/act/mounts.c \
	runtime/act/net.c \
	runtime/act/ns.c \
	runtime/act/own_binary.c runtime/act/own_binary.h \
	runtime/act/parent.c \
	runtime/act/paths.c \
	runtime/act/prepare.c \
	runtime/act/process.h \
	runtime/act/procfs.c \
	runtime/act/program.c \
	runtime/act/rdt.c runtime/act/rdt.h \
	runtime/act/resolve.c runtime/act/resolve.h \
	runtime/act/rootfs.c runtime/act/rootfs.h \
	runtime/act/session.c \
	runtime/act/userns.c runtime/act/userns.h \
	runtime/act/verify.c
