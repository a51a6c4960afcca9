# tests/threats: nothing to build yet.
