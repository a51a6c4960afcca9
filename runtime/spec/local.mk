# runtime/spec: nothing to compile yet. The form once there is (headers are listed too, for make dist):
#   noinst_LIBRARIES += libspec.a
#   libspec_a_SOURCES = runtime/spec/x.c runtime/spec/x.h
#   RUNTIME_LIBS += libspec.a
