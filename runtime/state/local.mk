# runtime/state: nothing to compile yet. The form once there is (headers are listed too, for make dist):
#   noinst_LIBRARIES += libstate.a
#   libstate_a_SOURCES = runtime/state/x.c runtime/state/x.h
#   RUNTIME_LIBS += libstate.a
