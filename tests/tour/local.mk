# tests/tour: the first container. `make tour` builds the hostile program and shows the table (root); check-tour tests the tour.
# The program runs where there is no library, so it is static whatever the runtime is linked to, and never instrumented.
HOSTILE_PARTS = tests/tour/hostile.c tests/tour/hostile_files.c tests/tour/hostile_kernel.c
EXTRA_DIST += \
	tests/tour/attempts \
	$(HOSTILE_PARTS) tests/tour/hostile.h \
	tests/tour/run \
	tests/tour/table.awk \
	tests/tour/tour.bats
CLEANFILES += tests/tour/hostile
ROOT_HELPERS += tests/tour/hostile

tests/tour/hostile: $(HOSTILE_PARTS) tests/tour/hostile.h
	@$(MKDIR_P) tests/tour
	$(AM_V_CC)$(CC) $(LANG_CFLAGS) $(WARN_CFLAGS) -O2 -static -o $@ $(HOSTILE_PARTS:%=$(srcdir)/%)

.PHONY: tour check-tour
tour: all tests/tour/hostile
	@$(RUN_ENV) HOSTILE='$(abs_top_builddir)/tests/tour/hostile' $(srcdir)/tests/lib/rootns $(srcdir)/tests/tour/run

check-tour: all tests/tour/hostile
	$(RUN_ENV) $(srcdir)/tests/lib/run-suite tour tests/tour/tour.bats
