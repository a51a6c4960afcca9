# tests/plan: golden plans. make check TESTS=tests/plan/run; UPDATE=1 rewrites the expectations.
check_PROGRAMS += tests/plan/resolve
tests_plan_resolve_SOURCES = tests/plan/resolve.c
TESTS += tests/plan/run tests/plan/matrix
EXTRA_DIST += tests/plan/run tests/plan/matrix tests/plan/kinds tests/plan/base tests/plan/cases tests/plan/engines
