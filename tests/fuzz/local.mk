# tests/fuzz: nothing to build yet. The form: a program per target, in FUZZERS; with --enable-fuzz it is linked with libFuzzer,
# else with a main() that replays files:
#   FUZZERS += tests/fuzz/fuzz_json
#   EXTRA_PROGRAMS += tests/fuzz/fuzz_json
