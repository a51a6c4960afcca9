# tests/plan: nothing to build yet.
