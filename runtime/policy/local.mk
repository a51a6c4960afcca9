# runtime/policy: spec + host -> plan. Pure.
noinst_LIBRARIES += libpolicy.a
libpolicy_a_SOURCES = \
	runtime/policy/conf.c runtime/policy/conf.h \
	runtime/policy/conf_compare.c \
	runtime/policy/conf_keys.c runtime/policy/conf_keys.h \
	runtime/policy/conf_parse.c \
	runtime/policy/conf_print.c \
	runtime/policy/conf_reduce.c \
	runtime/policy/conf_take.c \
	runtime/policy/devices.h \
	runtime/policy/exec.c \
	runtime/policy/host_paths.c \
	runtime/policy/mount_options.c \
	runtime/policy/mount_options.h \
	runtime/policy/oci_cgroup.c \
	runtime/policy/oci_devices.c \
	runtime/policy/oci_filter.c \
	runtime/policy/oci_hooks.c \
	runtime/policy/oci_mounts.c \
	runtime/policy/oci_ns.c \
	runtime/policy/oci_process.c \
	runtime/policy/policy.c \
	runtime/policy/policy.h \
	runtime/policy/resolve.c \
	runtime/policy/resolve.h \
	runtime/policy/resources.c \
	runtime/policy/rules.c \
	runtime/policy/rules.h \
	runtime/policy/rules_cgroup.c \
	runtime/policy/rules_devices.c \
	runtime/policy/rules_filter.c \
	runtime/policy/rules_gate.c \
	runtime/policy/rules_hooks.c \
	runtime/policy/rules_lsm.c \
	runtime/policy/rules_mounts.c \
	runtime/policy/rules_ns.c \
	runtime/policy/rules_paths.c \
	runtime/policy/rules_process.c \
	runtime/policy/super_daemons.c \
	runtime/policy/super_daemons.h \
	runtime/policy/update.c
RUNTIME_LIBS += libpolicy.a
