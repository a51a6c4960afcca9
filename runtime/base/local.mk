# runtime/base: knows nothing of containers.
noinst_LIBRARIES += libbase.a
libbase_a_SOURCES = \
	runtime/base/arena.c runtime/base/arena.h \
	runtime/base/auto.h \
	runtime/base/banned.h \
	runtime/base/err.c runtime/base/err.h \
	runtime/base/json.c runtime/base/json.h runtime/base/json_access.c \
	runtime/base/json_bytes.c runtime/base/json_bytes.h \
	runtime/base/json_parts.c runtime/base/json_parts.h \
	runtime/base/json_stream.c runtime/base/json_stream.h \
	runtime/base/json_out.c runtime/base/json_out.h \
	runtime/base/key_table.c runtime/base/key_table.h \
	runtime/base/list.h \
	runtime/base/log.c runtime/base/log.h \
	runtime/base/mountinfo.c runtime/base/mountinfo.h \
	runtime/base/num.c runtime/base/num.h \
	runtime/base/path.c runtime/base/path.h \
	runtime/base/rfc3339.c runtime/base/rfc3339.h \
	runtime/base/sha256.c runtime/base/sha256.h \
	runtime/base/str.c runtime/base/str.h \
	runtime/base/table.h
RUNTIME_LIBS += libbase.a
