# tests/soak: 'make check-soak' at full size (SOAK_* change it), and a small one in check-integration.
SOAK_TESTS += tests/soak/soak
ROOT_BATS += tests/soak/small
EXTRA_DIST += \
	tests/soak/soak \
	tests/soak/small

# Writes to an audit trail; tests/integration/audit.bats kills it, and times it.
EXTRA_PROGRAMS += tests/soak/trail_writer
CLEANFILES += tests/soak/trail_writer
ROOT_HELPERS += tests/soak/trail_writer
tests_soak_trail_writer_SOURCES = tests/soak/trail_writer.c
tests_soak_trail_writer_LDADD = libaudit.a libsys.a libbase.a $(DEP_LIBS)
