# tests/bench: nothing to build yet.
