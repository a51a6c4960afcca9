# tests/bench: `make bench` compares runtimes, `make bench-costs` lists what single kernel operations cost here, `make bench-policy`
# what a large policy costs, `make bench-gate` what the scan gate costs, with ten images and with a hundred thousand.
BENCH_TOOLS = tests/bench/floor tests/bench/chain tests/bench/costs tests/bench/memlock tests/bench/pairs \
	tests/bench/empty tests/bench/gate_fill
EXTRA_PROGRAMS += $(BENCH_TOOLS)
tests_bench_floor_SOURCES = tests/bench/floor.c
tests_bench_floor_LDFLAGS = $(HARDEN_LDFLAGS) $(INSTRUMENT_LDFLAGS) $(PROGRAM_LDFLAGS)
tests_bench_floor_LDADD =
tests_bench_chain_SOURCES = tests/bench/chain.c
tests_bench_chain_LDFLAGS = $(HARDEN_LDFLAGS) $(INSTRUMENT_LDFLAGS) $(PROGRAM_LDFLAGS)
tests_bench_chain_LDADD =
tests_bench_costs_SOURCES = \
	tests/bench/costs.c tests/bench/costs.h \
	tests/bench/costs_kernel.c \
	tests/bench/costs_mounts.c
tests_bench_costs_LDFLAGS = $(HARDEN_LDFLAGS) $(INSTRUMENT_LDFLAGS) $(PROGRAM_LDFLAGS)
tests_bench_costs_LDADD =
tests_bench_memlock_SOURCES = tests/bench/memlock.c
tests_bench_memlock_LDFLAGS = $(HARDEN_LDFLAGS) $(INSTRUMENT_LDFLAGS) $(PROGRAM_LDFLAGS)
tests_bench_memlock_LDADD = $(SECCOMP_LIBS)
tests_bench_pairs_SOURCES = tests/bench/pairs.c
tests_bench_pairs_LDFLAGS = $(HARDEN_LDFLAGS) $(INSTRUMENT_LDFLAGS) $(PROGRAM_LDFLAGS)
tests_bench_pairs_LDADD =
tests_bench_empty_SOURCES = tests/bench/empty.c
tests_bench_empty_LDFLAGS = -static
tests_bench_empty_LDADD =
tests_bench_gate_fill_SOURCES = tests/bench/gate_fill.c
tests_bench_gate_fill_LDFLAGS = $(HARDEN_LDFLAGS) $(INSTRUMENT_LDFLAGS) $(GATE_LDFLAGS)
tests_bench_gate_fill_LDADD = libgateio.a libgate.a libaudit.a libsys.a libbase.a $(GATE_LIBS)
CLEANFILES += $(BENCH_TOOLS) bench.md default.bpf strict.bpf
EXTRA_DIST += tests/bench/run tests/bench/policy tests/bench/gate tests/bench/config.json

.PHONY: bench-costs bench-policy bench-gate
bench: all $(BENCH_TOOLS)
	$(RUN_ENV) $(top_srcdir)/tests/bench/run

bench-costs: tests/bench/costs $(PROFILE_COMPILE)
	machine=`$(CC) $(CFLAGS) -dumpmachine | $(SED) 's/-.*//'`; for profile in default strict; do \
		$(PROFILE_COMPILE) --raw flat "$$machine" $(srcdir)/seccomp-profiles/$$profile.json > $$profile.bpf || exit 1; done
	tests/bench/costs -f default.bpf -f strict.bpf

bench-policy: all tests/bench/pairs
	$(RUN_ENV) $(top_srcdir)/tests/bench/policy

bench-gate: all tests/bench/pairs tests/bench/empty tests/bench/gate_fill
	$(RUN_ENV) $(top_srcdir)/tests/bench/gate
