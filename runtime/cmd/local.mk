# cmd/: one file per command.
noinst_LIBRARIES += libcmd.a
RUNTIME_LIBS += libcmd.a
libcmd_a_SOURCES = \
	runtime/cmd/audit.c \
	runtime/cmd/bring_up.c runtime/cmd/bring_up.h \
	runtime/cmd/check.c \
	runtime/cmd/cmd.c runtime/cmd/cmd.h \
	runtime/cmd/container.c runtime/cmd/container.h \
	runtime/cmd/create.c \
	runtime/cmd/decide.c runtime/cmd/decide.h \
	runtime/cmd/delete.c \
	runtime/cmd/encrypted.c runtime/cmd/encrypted.h \
	runtime/cmd/events.c \
	runtime/cmd/evidence.c runtime/cmd/evidence.h \
	runtime/cmd/evidence_plan.c \
	runtime/cmd/evidence_trail.c \
	runtime/cmd/exec.c \
	runtime/cmd/features.c \
	runtime/cmd/kill.c \
	runtime/cmd/list.c \
	runtime/cmd/notify.c runtime/cmd/notify.h \
	runtime/cmd/pause.c \
	runtime/cmd/plan.c \
	runtime/cmd/policy.c \
	runtime/cmd/policy_cache.c runtime/cmd/policy_cache.h \
	runtime/cmd/policy_file.c runtime/cmd/policy_file.h \
	runtime/cmd/ps.c \
	runtime/cmd/relay.c runtime/cmd/relay.h \
	runtime/cmd/report.c runtime/cmd/report.h \
	runtime/cmd/roots_own.c runtime/cmd/roots_own.h \
	runtime/cmd/run.c \
	runtime/cmd/scan_answer.c runtime/cmd/scan_answer.h \
	runtime/cmd/scan_gate.c runtime/cmd/scan_gate.h \
	runtime/cmd/scan_program.c runtime/cmd/scan_program.h \
	runtime/cmd/spec.c \
	runtime/cmd/start.c \
	runtime/cmd/state.c \
	runtime/cmd/trail.c runtime/cmd/trail.h \
	runtime/cmd/update.c \
	runtime/cmd/ustar.c runtime/cmd/ustar.h
# The gate that is asked where a policy names no other (H-85).
AM_CPPFLAGS += -DSCAN_GATE_PROGRAM='"$(sbindir)/kanuki-gate"'
