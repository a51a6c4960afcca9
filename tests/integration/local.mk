# tests/integration: the real program as root, each H-rule and each part of the specification. See helpers.bash.
# The payload programs are static whatever the runtime is linked to, and never sanitized: they run in a minimal root.
integration_bin = tests/integration/bin
integration_src = $(srcdir)/tests/integration/src
integration_programs = $(integration_bin)/inside $(integration_bin)/outside $(integration_bin)/fake-gate
ROOT_HELPERS += $(integration_programs) $(threats_bin)/probe $(threats_bin)/recvfd $(threats_bin)/ptyrun $(threats_bin)/warden
CLEANFILES += $(integration_programs)

$(integration_bin)/inside: $(integration_src)/inside.c
	$(AM_V_CC)$(MKDIR_P) $(integration_bin) && $(CC) -std=gnu11 -O1 $(WARN_CFLAGS) -static -o $@ $(integration_src)/inside.c

$(integration_bin)/outside: $(integration_src)/outside.c
	$(AM_V_CC)$(MKDIR_P) $(integration_bin) && $(CC) -std=gnu11 -O1 $(WARN_CFLAGS) -static -o $@ $(integration_src)/outside.c

$(integration_bin)/fake-gate: $(integration_src)/fake_gate.c
	$(AM_V_CC)$(MKDIR_P) $(integration_bin) && $(CC) -std=gnu11 -O1 $(WARN_CFLAGS) -static -o $@ $(integration_src)/fake_gate.c

# The program itself, for an image that no command line can name: TEST_IMAGE in the environment is its digest.
EXTRA_PROGRAMS += tests/integration/granted
ROOT_HELPERS += tests/integration/granted$(EXEEXT)
CLEANFILES += tests/integration/granted$(EXEEXT)
tests_integration_granted_SOURCES = $(kanuki_SOURCES) tests/integration/src/granted.c
tests_integration_granted_LDADD = $(kanuki_LDADD)
tests_integration_granted_LDFLAGS = $(kanuki_LDFLAGS) -Wl,--wrap=decide_plan

# What the gate makes of a bundle, before there is a hook.
EXTRA_PROGRAMS += tests/integration/identify
ROOT_HELPERS += tests/integration/identify$(EXEEXT)
CLEANFILES += tests/integration/identify$(EXEEXT)
tests_integration_identify_SOURCES = tests/integration/src/identify.c
tests_integration_identify_LDADD = $(GATE_IO_TEST_LIBS)

INTEGRATION_BATS = \
	tests/integration/rules_process.bats \
	tests/integration/rules_ns.bats \
	tests/integration/pods.bats \
	tests/integration/rules_mounts.bats \
	tests/integration/rules_paths.bats \
	tests/integration/rules_devices.bats \
	tests/integration/rules_filter.bats \
	tests/integration/rules_cgroup.bats \
	tests/integration/rules_lsm.bats \
	tests/integration/rules_hooks.bats \
	tests/integration/read_back.bats \
	tests/integration/hostile.bats \
	tests/integration/spec_process.bats \
	tests/integration/spec_mounts.bats \
	tests/integration/spec_linux.bats \
	tests/integration/spec_seccomp.bats \
	tests/integration/spec_hooks.bats \
	tests/integration/cli.bats \
	tests/integration/check.bats \
	tests/integration/commands.bats \
	tests/integration/policy_cache.bats \
	tests/integration/policy_file.bats \
	tests/integration/policy_commands.bats \
	tests/integration/policy_ports.bats \
	tests/integration/policy_granted.bats \
	tests/integration/policy_remap.bats \
	tests/integration/policy_rules.bats \
	tests/integration/audit.bats \
	tests/integration/audit_mode.bats \
	tests/integration/evidence.bats \
	tests/integration/bad_input.bats \
	tests/integration/gate_hooks.bats \
	tests/integration/gate_identity.bats \
	tests/integration/gate_runtime.bats \
	tests/integration/gate_tool.bats \
	tests/integration/gate_attacks.bats
ROOT_BATS += $(INTEGRATION_BATS)
EXTRA_DIST += \
	$(INTEGRATION_BATS) \
	tests/integration/helpers.bash \
	tests/integration/src/inside.c \
	tests/integration/src/fake_gate.c \
	tests/integration/src/outside.c

# The gate's: what its bats files stand on, and the kill points of import and revoke.
EXTRA_DIST += tests/gate/helpers.bash tests/gate/kill
ROOT_BATS += tests/gate/kill
