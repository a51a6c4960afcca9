# seccomp-profiles: nothing to build yet.
