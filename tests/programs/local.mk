# tests/programs: real programs under the embedded profiles, on the host and in a container. packages.txt names the packages.
EXTRA_PROGRAMS += tests/programs/with-filter
tests_programs_with_filter_SOURCES = tests/programs/with-filter.c
tests_programs_with_filter_LDFLAGS = $(HARDEN_LDFLAGS) $(INSTRUMENT_LDFLAGS) $(PROGRAM_LDFLAGS)
tests_programs_with_filter_LDADD = libprofiles.a
ROOT_HELPERS += tests/programs/with-filter
PROGRAM_BATS = tests/programs/native.bats tests/programs/container.bats
ROOT_BATS += $(PROGRAM_BATS)
CLEANFILES += tests/programs/with-filter

.PHONY: check-programs
check-programs: all tests/programs/with-filter
	$(RUN_ENV) $(top_srcdir)/tests/lib/run-suite programs $(PROGRAM_BATS)

EXTRA_DIST += $(PROGRAM_BATS) tests/programs/common.bash tests/programs/packages.txt \
	tests/programs/workload/filter.sh tests/programs/workload/gcc.sh tests/programs/workload/git.sh \
	tests/programs/workload/nginx.sh tests/programs/workload/node.sh tests/programs/workload/openssl.sh \
	tests/programs/workload/perl.sh tests/programs/workload/postgres.sh tests/programs/workload/python-net.sh \
	tests/programs/workload/python.sh tests/programs/workload/redis.sh tests/programs/workload/shell.sh \
	tests/programs/workload/sqlite.sh
