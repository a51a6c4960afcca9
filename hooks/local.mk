# hooks: nothing to build yet.
