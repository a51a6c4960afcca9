# tests/lib: nothing to build yet.
