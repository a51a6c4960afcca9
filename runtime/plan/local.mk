# runtime/plan: nothing to compile yet. The form once there is (headers are listed too, for make dist):
#   noinst_LIBRARIES += libplan.a
#   libplan_a_SOURCES = runtime/plan/x.c runtime/plan/x.h
#   RUNTIME_LIBS += libplan.a
