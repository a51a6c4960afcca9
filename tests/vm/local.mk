# tests/vm: Debian 13 in a virtual machine: cgroup v2's controllers, podman, containerd, Docker, quickstart. See tests/vm/run.
EXTRA_DIST += \
	tests/vm/fresh \
	tests/vm/guest/check.bats \
	tests/vm/guest/containerd.bats \
	tests/vm/guest/cri \
	tests/vm/guest/gate.bats \
	tests/vm/guest/gate_engines.bats \
	tests/vm/guest/gate_hooks.bats \
	tests/vm/guest/gate_site.bash \
	tests/vm/guest/helpers.bash \
	tests/vm/guest/main \
	tests/vm/guest/podman.bats \
	tests/vm/guest/podman_matrix.bats \
	tests/vm/guest/quickstart.bats \
	tests/vm/guest/resources.bats \
	tests/vm/lib.bash \
	tests/vm/renumber.awk \
	tests/vm/run \
	tests/vm/usermode.bash \
	tests/vm/usermode.config

# Also where podman is on the machine itself.
ROOT_BATS += tests/vm/guest/gate.bats

check-vm:
	$(RUN_ENV) $(top_srcdir)/tests/vm/run

# quickstart test in the virtual machine, to its end: an hour and a half without KVM.
.PHONY: check-vm-quickstart
check-vm-quickstart:
	$(RUN_ENV) $(top_srcdir)/tests/vm/run --quickstart

# quickstart on a tree that has nothing yet: FRESH_SUITE of Debian, and FRESH_ARGS (empty, or test).
FRESH_SUITE = bookworm
FRESH_ARGS =
.PHONY: check-fresh
check-fresh:
	$(RUN_ENV) $(top_srcdir)/tests/vm/fresh $(FRESH_SUITE) $(FRESH_ARGS)
