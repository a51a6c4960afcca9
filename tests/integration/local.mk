# tests/integration: nothing to build yet.
