# hooks: the scan gate.  hooks/gate/*.c without effects make libgate.a (tests/lint/pure.sh); crypto, store and what else touches
# the machine make libgateio.a.  Headers are named from hooks/ ("gate/record.h") and runtime/ ("base/json.h", "sys/file.h").
AM_CPPFLAGS += -iquote $(top_srcdir)/hooks
noinst_HEADERS += \
	hooks/gate/types.h
GATE_SOURCES = \
	hooks/gate/reason.c hooks/gate/reason.h
GATE_IO_SOURCES =
noinst_LIBRARIES += libgate.a
libgate_a_SOURCES = $(GATE_SOURCES)
EXTRA_DIST += hooks/README.md
