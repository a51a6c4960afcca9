# runtime/plan: the decision as data; check, print, record.
noinst_LIBRARIES += libplan.a
libplan_a_SOURCES = \
	runtime/plan/check.c \
	runtime/plan/check.h \
	runtime/plan/check_hardened.c \
	runtime/plan/check_parts.c \
	runtime/plan/facts.c \
	runtime/plan/facts.h \
	runtime/plan/host_sockets.c \
	runtime/plan/host_sockets.h \
	runtime/plan/names.c \
	runtime/plan/names.h \
	runtime/plan/plan.c \
	runtime/plan/plan.h \
	runtime/plan/print.c \
	runtime/plan/print.h \
	runtime/plan/print_confinement.c \
	runtime/plan/print_mounts.c \
	runtime/plan/print_process.c \
	runtime/plan/store.c
RUNTIME_LIBS += libplan.a
