# tests/oracle: what the kernel says, read by somebody else's library. The bats suites use it; the runtime links none of it.
EXTRA_DIST += tests/oracle/mounts.c
if HAVE_LIBMOUNT
ROOT_HELPERS += tests/oracle/mounts
EXTRA_PROGRAMS += tests/oracle/mounts
tests_oracle_mounts_SOURCES = tests/oracle/mounts.c
tests_oracle_mounts_CPPFLAGS = $(AM_CPPFLAGS) $(MOUNT_CFLAGS)
tests_oracle_mounts_LDADD = $(MOUNT_LIBS)
endif
