# tests/oracle: nothing to build yet.
