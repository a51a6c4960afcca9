# runtime/act: nothing to compile yet. The form once there is (headers are listed too, for make dist):
#   noinst_LIBRARIES += libact.a
#   libact_a_SOURCES = runtime/act/x.c runtime/act/x.h
#   RUNTIME_LIBS += libact.a
