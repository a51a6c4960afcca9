# runtime/sys: one function per system call, and whole-file operations on top of them.
noinst_LIBRARIES += libsys.a
libsys_a_SOURCES = \
	runtime/sys/file.c runtime/sys/file.h \
	runtime/sys/kernel.h \
	runtime/sys/owned.c runtime/sys/owned.h \
	runtime/sys/sys.c runtime/sys/sys.h
RUNTIME_LIBS += libsys.a
