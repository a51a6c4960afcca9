# runtime/policy: nothing to compile yet. The form once there is (headers are listed too, for make dist):
#   noinst_LIBRARIES += libpolicy.a
#   libpolicy_a_SOURCES = runtime/policy/x.c runtime/policy/x.h
#   RUNTIME_LIBS += libpolicy.a
