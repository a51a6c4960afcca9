# tests/lib: what the suites share. rootns gives a private mount namespace with cgroup v2; run-* are behind the check-* targets.
EXTRA_DIST += \
	tests/lib/compile-commands.awk \
	tests/lib/counters.c \
	tests/lib/counters.ld \
	tests/lib/coverage.awk \
	tests/lib/rootns \
	tests/lib/run-coverage \
	tests/lib/run-fuzz \
	tests/lib/run-suite \
	tests/lib/tap-sum.awk \
	tests/lib/tap-verdict.awk
