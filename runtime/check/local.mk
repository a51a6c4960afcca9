# runtime/check: kanuki check. Judging and rendering are pure; the readers are a library of their own.
noinst_LIBRARIES += libcheckprobe.a libcheck.a
RUNTIME_LIBS += libcheckprobe.a libcheck.a
libcheckprobe_a_SOURCES = \
	runtime/check/probe.c runtime/check/probe.h \
	runtime/check/probe_cgroup.c \
	runtime/check/probe_container.c runtime/check/probe_container.h \
	runtime/check/probe_host.c runtime/check/probe_host.h \
	runtime/check/probe_mounts.c \
	runtime/check/probe_ports.c \
	runtime/check/probe_rootfs.c \
	runtime/check/probe_sshd.c \
	runtime/check/probe_updates.c \
	runtime/check/walk.c
libcheck_a_SOURCES = \
	runtime/check/check.h \
	runtime/check/facts.h \
	runtime/check/items.c runtime/check/items.h \
	runtime/check/judge.c runtime/check/judge.h \
	runtime/check/judge_host.c \
	runtime/check/judge_mounts.c \
	runtime/check/judge_policy.c \
	runtime/check/judge_process.c \
	runtime/check/judge_rootfs.c \
	runtime/check/maps.h \
	runtime/check/host_path.c \
	runtime/check/parse.c \
	runtime/check/plan_facts.c \
	runtime/check/policy_facts.c \
	runtime/check/print.c \
	runtime/check/print_html.c \
	runtime/check/print_json.c \
	runtime/check/report.c \
	runtime/check/words.c
