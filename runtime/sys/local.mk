# runtime/sys: nothing to compile yet. The form once there is (headers are listed too, for make dist):
#   noinst_LIBRARIES += libsys.a
#   libsys_a_SOURCES = runtime/sys/x.c runtime/sys/x.h
#   RUNTIME_LIBS += libsys.a
