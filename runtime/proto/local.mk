# proto/: packets between parent and child.
noinst_LIBRARIES += libproto.a
RUNTIME_LIBS += libproto.a
libproto_a_SOURCES = runtime/proto/sync.c runtime/proto/sync.h
