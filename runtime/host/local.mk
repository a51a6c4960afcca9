# runtime/host: nothing to compile yet. The form once there is (headers are listed too, for make dist):
#   noinst_LIBRARIES += libhost.a
#   libhost_a_SOURCES = runtime/host/x.c runtime/host/x.h
#   RUNTIME_LIBS += libhost.a
