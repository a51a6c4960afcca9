# tests/tour: nothing to build yet.
