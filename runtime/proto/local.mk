# runtime/proto: nothing to compile yet. The form once there is (headers are listed too, for make dist):
#   noinst_LIBRARIES += libproto.a
#   libproto_a_SOURCES = runtime/proto/x.c runtime/proto/x.h
#   RUNTIME_LIBS += libproto.a
