# runtime/host: what this machine can do.
noinst_LIBRARIES += libhost.a
libhost_a_SOURCES = \
	runtime/host/host.c \
	runtime/host/host.h \
	runtime/host/kernel.h \
	runtime/host/probe.c
RUNTIME_LIBS += libhost.a
