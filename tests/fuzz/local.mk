# tests/fuzz: nothing to build yet. The form: a program per target, in FUZZERS; with --enable-fuzz it is linked with libFuzzer,
# else with a main() that replays files:
#   FUZZERS += tests/fuzz/fuzz_json
#   EXTRA_PROGRAMS += tests/fuzz/fuzz_json

# config.json, process.json, resources.json; a seccomp object.
FUZZERS += tests/fuzz/fuzz_spec tests/fuzz/fuzz_seccomp
EXTRA_PROGRAMS += tests/fuzz/fuzz_spec tests/fuzz/fuzz_seccomp
tests_fuzz_fuzz_spec_SOURCES = tests/fuzz/fuzz_spec.c
tests_fuzz_fuzz_spec_LDADD = libspec.a libbase.a $(DEP_LIBS)
tests_fuzz_fuzz_spec_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LDFLAGS)
tests_fuzz_fuzz_seccomp_SOURCES = tests/fuzz/fuzz_seccomp.c
tests_fuzz_fuzz_seccomp_LDADD = libspec.a libbase.a $(DEP_LIBS)
tests_fuzz_fuzz_seccomp_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LDFLAGS)
EXTRA_DIST += tests/fuzz/corpus/spec tests/fuzz/corpus/seccomp

# Decisions: a bundle, a host and a command line from bytes as choices.
FUZZERS += tests/fuzz/fuzz_policy
EXTRA_PROGRAMS += tests/fuzz/fuzz_policy
tests_fuzz_fuzz_policy_SOURCES = tests/fuzz/fuzz_policy.c
tests_fuzz_fuzz_policy_LDADD = libpolicy.a libspec.a libplan.a libbase.a $(DEP_LIBS)
tests_fuzz_fuzz_policy_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LDFLAGS)
EXTRA_DIST += tests/fuzz/corpus/policy
