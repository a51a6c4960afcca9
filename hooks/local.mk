# hooks: the scan gate.  hooks/gate/*.c without effects make libgate.a (tests/lint/pure.sh); crypto, store and what else touches
# the machine make libgateio.a.  Headers are named from hooks/ ("gate/record.h") and runtime/ ("base/json.h", "sys/file.h").
AM_CPPFLAGS += -iquote $(top_srcdir)/hooks
noinst_HEADERS += \
	hooks/gate/types.h
GATE_SOURCES = \
	hooks/gate/import.c hooks/gate/import.h hooks/gate/import_parts.h \
	hooks/gate/import_clair.c \
	hooks/gate/import_clamav.c \
	hooks/gate/import_grype.c \
	hooks/gate/import_parts.c \
	hooks/gate/import_sarif.c \
	hooks/gate/import_trivy.c \
	hooks/gate/import_vulns.c \
	hooks/gate/reason.c hooks/gate/reason.h \
	hooks/gate/vex_cyclonedx.c \
	hooks/gate/vex_openvex.c \
	hooks/gate/vex_parts.c
GATE_IO_SOURCES = \
	hooks/gate/import_fd.c \
	hooks/gate/scan.c hooks/gate/scan.h \
	hooks/gate/scan_run.c
noinst_LIBRARIES += libgate.a libgateio.a
libgate_a_SOURCES = $(GATE_SOURCES)
libgateio_a_SOURCES = $(GATE_IO_SOURCES)
EXTRA_DIST += hooks/README.md
