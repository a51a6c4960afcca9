# runtime/state: what survives between commands.
noinst_LIBRARIES += libstate.a
libstate_a_SOURCES = \
	runtime/state/dir.c runtime/state/dir.h \
	runtime/state/lifecycle.c runtime/state/lifecycle.h \
	runtime/state/record.c runtime/state/record.h
RUNTIME_LIBS += libstate.a
