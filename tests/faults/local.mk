# tests/faults: every system call fails once, the runtime is killed everywhere.  The integration suite takes a sample.
EXTRA_DIST += tests/faults/harness.bash tests/faults/inject tests/faults/kill tests/faults/sample
ROOT_BATS += tests/faults/sample

# At both levels, all of it unless STRIDE says otherwise; both tables once more at the end.
.PHONY: check-faults
check-faults: root-helpers
	@status=0; \
	$(RUN_ENV) LEVEL='hardened oci' $(top_srcdir)/tests/lib/run-suite faults tests/faults/kill tests/faults/inject || status=1; \
	grep -E '^(\||# tests/faults/)' faults.tap; \
	exit $$status
