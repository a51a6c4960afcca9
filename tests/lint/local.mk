# tests/lint: nothing to build yet.
