# tests/faults: every system call fails once, the runtime is killed everywhere.  The integration suite takes a sample.
EXTRA_DIST += tests/faults/harness.bash tests/faults/inject tests/faults/kill tests/faults/sample
ROOT_BATS += tests/faults/sample

.PHONY: check-faults
check-faults: root-helpers
	$(RUN_ENV) $(top_srcdir)/tests/lib/run-suite faults tests/faults/inject tests/faults/kill
