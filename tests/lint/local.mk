# tests/lint: what keeps the house in order. Each lint also shows that it can fail.
LINTS = \
	tests/lint/gate_man.sh \
	tests/lint/plan_rules.sh \
	tests/lint/policy.sh \
	tests/lint/pure.sh
TESTS += $(LINTS)

# Those that show the sanitizers nothing, whose suite leaves them out: they read the source, or (kinds) what tests/plan/run resolves, too.
ONCE_LINTS = \
	tests/lint/banned.sh \
	tests/lint/fake.sh \
	tests/lint/includes.sh \
	tests/lint/kinds.sh \
	tests/lint/lengths.sh \
	tests/lint/rules.sh \
	tests/lint/shellcheck.sh
if !ENABLE_SANITIZERS
TESTS += $(ONCE_LINTS)
endif
EXTRA_DIST += $(LINTS) $(ONCE_LINTS) tests/lint/tap.sh

# The parser's tables against the properties of runtime-spec 1.3.0.
check_PROGRAMS += tests/lint/schema
tests_lint_schema_SOURCES = tests/lint/schema.c
tests_lint_schema_LDADD = libspec.a libbase.a $(DEP_LIBS)
TESTS += tests/lint/schema.sh
EXTRA_DIST += tests/lint/schema.sh tests/lint/schema.jq tests/lint/runtime-spec-1.3.0.properties \
	tests/lint/runtime-spec-1.3.0.source

# The policy file's key table against the schema that is installed, the manual page and the tests.
check_PROGRAMS += tests/lint/policy_keys
tests_lint_policy_keys_SOURCES = tests/lint/policy_keys.c
tests_lint_policy_keys_LDADD = libpolicy.a libspec.a libplan.a libbase.a $(DEP_LIBS)
EXTRA_DIST += tests/lint/policy.jq

# The gate's policy keys and reason codes against the schema that is installed, the manual page and the tests.
check_PROGRAMS += tests/lint/gate_keys
tests_lint_gate_keys_SOURCES = tests/lint/gate_keys.c
tests_lint_gate_keys_LDADD = libgate.a libbase.a $(DEP_LIBS)
TESTS += tests/lint/gate.sh
EXTRA_DIST += tests/lint/gate.sh tests/lint/gate.jq
