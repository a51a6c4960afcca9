# tests/unit: nothing to build yet. The form (LDADD, the default, links every library of the runtime):
#   check_PROGRAMS += tests/unit/test_num
#   tests_unit_test_num_SOURCES = tests/unit/test_num.c
#   TESTS += tests/unit/test_num
