# The threat tests: payloads and attack programs, and the targets that run the suite.
#
# The programs are built by plain rules with flags of their own: they run inside a minimal root
# file system, so they are static whatever the runtime is linked to, and never sanitized.

threats_bin = tests/threats/bin
threats_programs = \
	$(threats_bin)/probe \
	$(threats_bin)/thief \
	$(threats_bin)/interp \
	$(threats_bin)/trap.so \
	$(threats_bin)/stepper \
	$(threats_bin)/swap \
	$(threats_bin)/recvfd \
	$(threats_bin)/ptyrun \
	$(threats_bin)/warden \
	$(threats_bin)/look
CLEANFILES += $(threats_programs)

threats_src = $(srcdir)/tests/threats/src
threats_build = $(MKDIR_P) $(threats_bin) && $(CC) -std=gnu11 -O1 \
	-Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wvla -Werror
threats_env = RT="$${RT:-$(abs_top_builddir)/kanuki$(EXEEXT)}" \
	THREATS_BIN="$(abs_top_builddir)/$(threats_bin)"

EXTRA_DIST += \
	tests/threats/README.md \
	tests/threats/.shellcheckrc \
	tests/threats/run \
	tests/threats/table \
	tests/threats/harness.bash \
	tests/threats/fd.bats \
	tests/threats/mounts.bats \
	tests/threats/dev.bats \
	tests/threats/mask.bats \
	tests/threats/proc.bats \
	tests/threats/tty.bats \
	tests/threats/cred.bats \
	tests/threats/config.bats \
	tests/threats/cgroup.bats \
	tests/threats/lifecycle.bats \
	tests/threats/hooks.bats \
	tests/threats/seccomp.bats \
	tests/threats/weaknesses.bats \
	tests/threats/negative-controls.bats \
	tests/threats/races/race.bash \
	tests/threats/races/fd.bats \
	tests/threats/races/mounts.bats \
	tests/threats/races/mask.bats \
	tests/threats/races/proc.bats \
	tests/threats/src/probe.c \
	tests/threats/src/attempts.c \
	tests/threats/src/attempts.h \
	tests/threats/src/thief.c \
	tests/threats/src/interp.c \
	tests/threats/src/trap.c \
	tests/threats/src/swap.c \
	tests/threats/src/recvfd.c \
	tests/threats/src/stepper.c \
	tests/threats/src/ptyrun.c \
	tests/threats/src/warden.c

$(threats_bin)/probe: $(threats_src)/probe.c $(threats_src)/attempts.c $(threats_src)/attempts.h
	$(AM_V_CC)$(threats_build) -static -o $@ $(threats_src)/probe.c $(threats_src)/attempts.c

$(threats_bin)/thief: $(threats_src)/thief.c
	$(AM_V_CC)$(threats_build) -static -o $@ $(threats_src)/thief.c

$(threats_bin)/interp: $(threats_src)/interp.c
	$(AM_V_CC)$(threats_build) -ffreestanding -fno-stack-protector -nostdlib -static -o $@ \
		$(threats_src)/interp.c

$(threats_bin)/trap.so: $(threats_src)/trap.c
	$(AM_V_CC)$(threats_build) -shared -fPIC -o $@ $(threats_src)/trap.c

$(threats_bin)/swap: $(threats_src)/swap.c
	$(AM_V_CC)$(threats_build) -static -pthread -o $@ $(threats_src)/swap.c

$(threats_bin)/stepper: $(threats_src)/stepper.c
	$(AM_V_CC)$(threats_build) -static -o $@ $(threats_src)/stepper.c

$(threats_bin)/recvfd: $(threats_src)/recvfd.c
	$(AM_V_CC)$(threats_build) -static -o $@ $(threats_src)/recvfd.c

$(threats_bin)/ptyrun: $(threats_src)/ptyrun.c
	$(AM_V_CC)$(threats_build) -static -o $@ $(threats_src)/ptyrun.c

$(threats_bin)/warden: $(threats_src)/warden.c
	$(AM_V_CC)$(threats_build) -static -o $@ $(threats_src)/warden.c

# The same program, dynamic: what a hook is that a loader's variables would reach.
$(threats_bin)/look: $(threats_src)/warden.c
	$(AM_V_CC)$(threats_build) -o $@ $(threats_src)/warden.c

threats-programs: $(threats_programs)

# The TAP of a run goes to the terminal and to a file, of which the table is then made; it fails
# where a test failed.
threats_run = run() { $(threats_env) $(srcdir)/tests/threats/run "$$@" | tee -a threats.tap; }; \
	rm -f threats.tap; run
threats_table = $(srcdir)/tests/threats/table threats.tap
CLEANFILES += threats.tap

# Deterministic tests, and each race twenty times with widened windows.
check-threats: all $(threats_programs)
	@$(threats_run); $(threats_table)

# Each race 200 times or for a minute at full speed, then step by step through every path call.
check-races: all $(threats_programs)
	@export RACE_LEVEL=L0; $(threats_run) $(srcdir)/tests/threats/races/*.bats; \
	RACE_LEVEL=L2; run $(srcdir)/tests/threats/races/*.bats; $(threats_table)

# That the recipes detect what they are written for: two old runtimes must fail as listed.
check-threats-controls: $(threats_programs)
	@$(threats_run) $(srcdir)/tests/threats/negative-controls.bats; $(threats_table)

.PHONY: threats-programs check-threats check-races check-threats-controls
