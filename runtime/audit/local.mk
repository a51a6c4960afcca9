# runtime/audit: the audit trail: what a line is, how it is appended, how a trail is judged.
noinst_LIBRARIES += libaudit.a
libaudit_a_SOURCES = \
	runtime/audit/append.c \
	runtime/audit/caller.c \
	runtime/audit/chain.c runtime/audit/chain.h \
	runtime/audit/chain_print.c \
	runtime/audit/read.c runtime/audit/read.h \
	runtime/audit/trail.c runtime/audit/trail.h \
	runtime/audit/verify.c runtime/audit/verify.h
RUNTIME_LIBS += libaudit.a
