# hooks: the scan gate.  hooks/gate/*.c without effects make libgate.a (tests/lint/pure.sh); crypto, store and what else touches
# the machine make libgateio.a.  Headers are named from hooks/ ("gate/record.h") and runtime/ ("base/json.h", "sys/file.h").
AM_CPPFLAGS += -iquote $(top_srcdir)/hooks
noinst_HEADERS += \
	hooks/gate/digest.h \
	hooks/gate/types.h
GATE_SOURCES = \
	hooks/gate/answer.c hooks/gate/answer.h \
	hooks/gate/base64.c \
	hooks/gate/decide.c hooks/gate/decide.h hooks/gate/judge.h \
	hooks/gate/decide_deployer.c \
	hooks/gate/decide_findings.c \
	hooks/gate/decide_identity.c \
	hooks/gate/decide_permission.c \
	hooks/gate/decide_record.c \
	hooks/gate/decide_scans.c \
	hooks/gate/dsse.c hooks/gate/dsse.h \
	hooks/gate/findings.c hooks/gate/findings.h \
	hooks/gate/glob.c hooks/gate/glob.h \
	hooks/gate/identity_image.c hooks/gate/identity_image.h \
	hooks/gate/identity_overlay.c \
	hooks/gate/import.c hooks/gate/import.h hooks/gate/import_parts.h \
	hooks/gate/import_clair.c \
	hooks/gate/import_clamav.c \
	hooks/gate/import_grype.c \
	hooks/gate/import_parts.c \
	hooks/gate/import_sarif.c \
	hooks/gate/import_trivy.c \
	hooks/gate/import_vulns.c \
	hooks/gate/line.c hooks/gate/line.h \
	hooks/gate/permission.c hooks/gate/permission.h \
	hooks/gate/policy.c hooks/gate/policy.h \
	hooks/gate/policy_compare.c \
	hooks/gate/policy_keys.c hooks/gate/policy_keys.h \
	hooks/gate/policy_parse.c \
	hooks/gate/policy_print.c \
	hooks/gate/policy_take.c \
	hooks/gate/reason.c hooks/gate/reason.h \
	hooks/gate/record.c hooks/gate/record.h hooks/gate/record_form.h \
	hooks/gate/record_print.c \
	hooks/gate/vex_cyclonedx.c \
	hooks/gate/vex_openvex.c \
	hooks/gate/vex_parts.c
noinst_LIBRARIES += libgate.a
libgate_a_SOURCES = $(GATE_SOURCES)
GATE_IO_SOURCES = \
	hooks/gate/crypto.c hooks/gate/crypto.h \
	hooks/gate/facts.c hooks/gate/facts.h \
	hooks/gate/gate_log.c hooks/gate/gate_log.h \
	hooks/gate/identity.c hooks/gate/identity.h hooks/gate/identity_parts.h \
	hooks/gate/identity_blobs.c \
	hooks/gate/identity_class.c \
	hooks/gate/identity_containerd.c \
	hooks/gate/identity_ctr.c \
	hooks/gate/identity_docker.c \
	hooks/gate/identity_files.c \
	hooks/gate/identity_mounts.c \
	hooks/gate/identity_pinned.c \
	hooks/gate/identity_storage.c \
	hooks/gate/import_fd.c \
	hooks/gate/scan.c hooks/gate/scan.h \
	hooks/gate/scan_paths.c \
	hooks/gate/scan_run.c \
	hooks/gate/site.c hooks/gate/site.h \
	hooks/gate/site_permissions.c \
	hooks/gate/store.c hooks/gate/store.h hooks/gate/store_files.h \
	hooks/gate/store_keys.c hooks/gate/keys.h \
	hooks/gate/store_publish.c \
	hooks/gate/store_walk.c \
	hooks/gate/store_write.c
noinst_LIBRARIES += libgateio.a
libgateio_a_SOURCES = $(GATE_IO_SOURCES)
libgateio_a_CFLAGS = $(AM_CFLAGS) $(CRYPTO_CFLAGS)
EXTRA_DIST += hooks/README.md
# Editors and a site's own checks read it; tests/lint/gate.sh compares it with the parser.
dist_pkgdata_DATA += hooks/gate-policy.schema.json

# The hook and the tool: one program, static where the runtime is (measured: hooks/README.md).
sbin_PROGRAMS += kanuki-gate
kanuki_gate_SOURCES = \
	hooks/gate/cmd_gc.c \
	hooks/gate/cmd_hook.c \
	hooks/gate/cmd_import.c \
	hooks/gate/cmd_scan.c \
	hooks/gate/record_make.c hooks/gate/record_make.h \
	hooks/gate/cmd_init.c \
	hooks/gate/cmd_keys.c \
	hooks/gate/cmd_list.c \
	hooks/gate/cmd_log.c \
	hooks/gate/log_revoked.c hooks/gate/log_revoked.h \
	hooks/gate/cmd_pause.c \
	hooks/gate/cmd_permit.c \
	hooks/gate/cmd_policy.c \
	hooks/gate/cmd_revoke.c \
	hooks/gate/cmd_running.c \
	hooks/gate/cmd_sign.c \
	hooks/gate/cmd_verify.c \
	hooks/gate/main.c \
	hooks/gate/tool.c hooks/gate/tool.h \
	hooks/gate/tool_parts.c
kanuki_gate_LDFLAGS = $(HARDEN_LDFLAGS) $(INSTRUMENT_LDFLAGS) $(GATE_LDFLAGS)
kanuki_gate_LDADD = libgateio.a libgate.a libaudit.a libsys.a libbase.a $(GATE_LIBS)

# A timer that judges all images anew (kanuki-gate reeval); the service names the program's place.
systemdunitdir = $(prefix)/lib/systemd/system
dist_systemdunit_DATA = hooks/kanuki-gate-reeval.timer
nodist_systemdunit_DATA = hooks/kanuki-gate-reeval.service
EXTRA_DIST += hooks/kanuki-gate-reeval.service.in
CLEANFILES += hooks/kanuki-gate-reeval.service
hooks/kanuki-gate-reeval.service: $(srcdir)/hooks/kanuki-gate-reeval.service.in Makefile
	@$(MKDIR_P) hooks
	$(AM_V_GEN)$(SED) 's|@sbin[d]ir@|$(sbindir)|' $(srcdir)/hooks/kanuki-gate-reeval.service.in > $@.new && mv -f $@.new $@

# For podman with runc or crun: to be copied to /etc/containers/oci/hooks.d, and to containers.conf.d what makes podman look there.
dist_pkgdata_DATA += hooks/05-kanuki-gate.conf
nodist_pkgdata_DATA = hooks/05-kanuki-gate.json
EXTRA_DIST += hooks/05-kanuki-gate.json.in
CLEANFILES += hooks/05-kanuki-gate.json
hooks/05-kanuki-gate.json: $(srcdir)/hooks/05-kanuki-gate.json.in Makefile
	@$(MKDIR_P) hooks
	$(AM_V_GEN)$(SED) 's|@sbin[d]ir@|$(sbindir)|' $(srcdir)/hooks/05-kanuki-gate.json.in > $@.new && mv -f $@.new $@
