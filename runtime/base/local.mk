# runtime/base: nothing to compile yet. The form once there is (headers are listed too, for make dist):
#   noinst_LIBRARIES += libbase.a
#   libbase_a_SOURCES = runtime/base/x.c runtime/base/x.h
#   RUNTIME_LIBS += libbase.a
