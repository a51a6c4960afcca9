# tests/soak: 'make check-soak' at full size (SOAK_* change it), and a small one in check-integration.
SOAK_TESTS += tests/soak/soak
ROOT_BATS += tests/soak/small
EXTRA_DIST += \
	tests/soak/soak \
	tests/soak/small
