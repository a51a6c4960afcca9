# runtime/spec: config.json, bytes to struct.
noinst_LIBRARIES += libspec.a
libspec_a_SOURCES = \
	runtime/spec/devices.c \
	runtime/spec/hooks.c \
	runtime/spec/mounts.c \
	runtime/spec/names.c \
	runtime/spec/namespaces.c \
	runtime/spec/process.c \
	runtime/spec/resources.c \
	runtime/spec/seccomp.c \
	runtime/spec/spec.c \
	runtime/spec/spec.h \
	runtime/spec/table.c \
	runtime/spec/table.h \
	runtime/spec/text.c \
	runtime/spec/tuning.c
RUNTIME_LIBS += libspec.a
