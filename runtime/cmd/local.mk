# runtime/cmd: nothing to compile yet. The form once there is (headers are listed too, for make dist):
#   noinst_LIBRARIES += libcmd.a
#   libcmd_a_SOURCES = runtime/cmd/x.c runtime/cmd/x.h
#   RUNTIME_LIBS += libcmd.a
