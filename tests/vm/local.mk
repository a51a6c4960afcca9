# tests/vm: nothing to build yet.
