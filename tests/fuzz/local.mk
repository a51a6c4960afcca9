# tests/fuzz: a program per target, in FUZZERS. With --enable-fuzz it is linked with libFuzzer (make check-fuzz); else with
# driver.c, whose main() runs files, and `make check` runs each corpus with it. The form:
#   FUZZERS += tests/fuzz/fuzz_x
#   tests_fuzz_fuzz_x_SOURCES = tests/fuzz/fuzz_x.c $(FUZZ_DRIVER)
#   tests_fuzz_fuzz_x_LDADD = libx.a libbase.a $(DEP_LIBS)
#   tests_fuzz_fuzz_x_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LDFLAGS)
#   EXTRA_PROGRAMS += tests/fuzz/fuzz_x
#   EXTRA_DIST += tests/fuzz/corpus/x
if ENABLE_FUZZ
FUZZ_DRIVER =
else
FUZZ_DRIVER = tests/fuzz/driver.c
check_PROGRAMS += $(FUZZERS)
TESTS += tests/fuzz/corpus.sh
endif
EXTRA_DIST += tests/fuzz/corpus.sh tests/fuzz/driver.c

# JSON; the state record.
FUZZERS += tests/fuzz/fuzz_json tests/fuzz/fuzz_record
EXTRA_PROGRAMS += tests/fuzz/fuzz_json tests/fuzz/fuzz_record
tests_fuzz_fuzz_json_SOURCES = tests/fuzz/fuzz_json.c $(FUZZ_DRIVER)
tests_fuzz_fuzz_json_LDADD = libbase.a $(DEP_LIBS)
tests_fuzz_fuzz_json_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LDFLAGS)
tests_fuzz_fuzz_record_SOURCES = tests/fuzz/fuzz_record.c $(FUZZ_DRIVER)
tests_fuzz_fuzz_record_LDADD = libstate.a libsys.a libbase.a $(DEP_LIBS)
tests_fuzz_fuzz_record_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LDFLAGS)
EXTRA_DIST += tests/fuzz/corpus/json tests/fuzz/corpus/record

# config.json, process.json, resources.json; a seccomp object.
FUZZERS += tests/fuzz/fuzz_spec tests/fuzz/fuzz_seccomp
EXTRA_PROGRAMS += tests/fuzz/fuzz_spec tests/fuzz/fuzz_seccomp
tests_fuzz_fuzz_spec_SOURCES = tests/fuzz/fuzz_spec.c $(FUZZ_DRIVER)
tests_fuzz_fuzz_spec_LDADD = libspec.a libbase.a $(DEP_LIBS)
tests_fuzz_fuzz_spec_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LDFLAGS)
tests_fuzz_fuzz_seccomp_SOURCES = tests/fuzz/fuzz_seccomp.c $(FUZZ_DRIVER)
tests_fuzz_fuzz_seccomp_LDADD = libspec.a libbase.a $(DEP_LIBS)
tests_fuzz_fuzz_seccomp_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LDFLAGS)
EXTRA_DIST += tests/fuzz/corpus/spec tests/fuzz/corpus/seccomp

# What the scan gate answers.
FUZZERS += tests/fuzz/fuzz_scan_answer
EXTRA_PROGRAMS += tests/fuzz/fuzz_scan_answer
tests_fuzz_fuzz_scan_answer_SOURCES = tests/fuzz/fuzz_scan_answer.c $(FUZZ_DRIVER)
tests_fuzz_fuzz_scan_answer_LDADD = libcmd.a libbase.a $(DEP_LIBS)
tests_fuzz_fuzz_scan_answer_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LDFLAGS)
EXTRA_DIST += tests/fuzz/corpus/scan_answer

# Decisions: a bundle, a host and a command line from bytes as choices.
FUZZERS += tests/fuzz/fuzz_policy
EXTRA_PROGRAMS += tests/fuzz/fuzz_policy
tests_fuzz_fuzz_policy_SOURCES = tests/fuzz/fuzz_policy.c tests/fuzz/bundles.h tests/fuzz/promises.h $(FUZZ_DRIVER)
tests_fuzz_fuzz_policy_LDADD = libpolicy.a libspec.a libplan.a libbase.a $(DEP_LIBS)
tests_fuzz_fuzz_policy_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LDFLAGS)
EXTRA_DIST += tests/fuzz/corpus/policy

# What policies do to one another's containers: exceptions, annotations, stricter and looser ones.
FUZZERS += tests/fuzz/fuzz_levels
EXTRA_PROGRAMS += tests/fuzz/fuzz_levels
tests_fuzz_fuzz_levels_SOURCES = tests/fuzz/fuzz_levels.c tests/fuzz/bundles.h tests/fuzz/powers.h tests/fuzz/promises.h $(FUZZ_DRIVER)
tests_fuzz_fuzz_levels_LDADD = libpolicy.a libspec.a libplan.a libbase.a $(DEP_LIBS)
tests_fuzz_fuzz_levels_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LDFLAGS)
EXTRA_DIST += tests/fuzz/corpus/levels

# Packets between parent and child.
FUZZERS += tests/fuzz/fuzz_sync
EXTRA_PROGRAMS += tests/fuzz/fuzz_sync
tests_fuzz_fuzz_sync_SOURCES = tests/fuzz/fuzz_sync.c $(FUZZ_DRIVER)
tests_fuzz_fuzz_sync_LDADD = libproto.a libsys.a libbase.a $(DEP_LIBS)
tests_fuzz_fuzz_sync_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LDFLAGS)
EXTRA_DIST += tests/fuzz/corpus/sync

# plan.json, the recorded decision.
FUZZERS += tests/fuzz/fuzz_plan_store
EXTRA_PROGRAMS += tests/fuzz/fuzz_plan_store
tests_fuzz_fuzz_plan_store_SOURCES = tests/fuzz/fuzz_plan_store.c $(FUZZ_DRIVER)
tests_fuzz_fuzz_plan_store_LDADD = libplan.a libbase.a $(DEP_LIBS)
tests_fuzz_fuzz_plan_store_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LDFLAGS)
EXTRA_DIST += tests/fuzz/corpus/plan_store

# The audit trail, tampered with.
FUZZERS += tests/fuzz/fuzz_trail
EXTRA_PROGRAMS += tests/fuzz/fuzz_trail
tests_fuzz_fuzz_trail_SOURCES = tests/fuzz/fuzz_trail.c $(FUZZ_DRIVER)
tests_fuzz_fuzz_trail_LDADD = libaudit.a libsys.a libbase.a $(DEP_LIBS)
tests_fuzz_fuzz_trail_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LDFLAGS)
EXTRA_DIST += tests/fuzz/corpus/trail

# A policy file.
FUZZERS += tests/fuzz/fuzz_conf
EXTRA_PROGRAMS += tests/fuzz/fuzz_conf
tests_fuzz_fuzz_conf_SOURCES = tests/fuzz/fuzz_conf.c $(FUZZ_DRIVER)
tests_fuzz_fuzz_conf_LDADD = libpolicy.a libspec.a libplan.a libbase.a $(DEP_LIBS)
tests_fuzz_fuzz_conf_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LDFLAGS)
EXTRA_DIST += tests/fuzz/corpus/conf

# What kanuki check reads, and what it prints of it.
FUZZERS += tests/fuzz/fuzz_check
EXTRA_PROGRAMS += tests/fuzz/fuzz_check
tests_fuzz_fuzz_check_SOURCES = tests/fuzz/fuzz_check.c $(FUZZ_DRIVER)
tests_fuzz_fuzz_check_LDADD = libcheck.a libpolicy.a libspec.a libplan.a libbase.a $(DEP_LIBS)
tests_fuzz_fuzz_check_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LDFLAGS)
EXTRA_DIST += tests/fuzz/corpus/check

# The gate's decision: what is worse is never let in where the better wasn't.
FUZZERS += tests/fuzz/fuzz_gate_decide
EXTRA_PROGRAMS += tests/fuzz/fuzz_gate_decide
tests_fuzz_fuzz_gate_decide_SOURCES = tests/fuzz/fuzz_gate_decide.c tests/unit/gate_world.h $(FUZZ_DRIVER)
tests_fuzz_fuzz_gate_decide_LDADD = libgate.a libbase.a $(DEP_LIBS)
tests_fuzz_fuzz_gate_decide_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LDFLAGS)
EXTRA_DIST += tests/fuzz/corpus/gate_decide

# Envelopes, bundles, base64.
FUZZERS += tests/fuzz/fuzz_gate_dsse
EXTRA_PROGRAMS += tests/fuzz/fuzz_gate_dsse
tests_fuzz_fuzz_gate_dsse_SOURCES = tests/fuzz/fuzz_gate_dsse.c $(FUZZ_DRIVER)
tests_fuzz_fuzz_gate_dsse_LDADD = libgate.a libbase.a $(DEP_LIBS)
tests_fuzz_fuzz_gate_dsse_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LDFLAGS)
EXTRA_DIST += tests/fuzz/corpus/gate_dsse

# The record of an image.
FUZZERS += tests/fuzz/fuzz_gate_record
EXTRA_PROGRAMS += tests/fuzz/fuzz_gate_record
tests_fuzz_fuzz_gate_record_SOURCES = tests/fuzz/fuzz_gate_record.c $(FUZZ_DRIVER)
tests_fuzz_fuzz_gate_record_LDADD = libgate.a libbase.a $(DEP_LIBS)
tests_fuzz_fuzz_gate_record_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LDFLAGS)
EXTRA_DIST += tests/fuzz/corpus/gate_record

# A waiver, permit or break-glass.
FUZZERS += tests/fuzz/fuzz_gate_permission
EXTRA_PROGRAMS += tests/fuzz/fuzz_gate_permission
tests_fuzz_fuzz_gate_permission_SOURCES = tests/fuzz/fuzz_gate_permission.c $(FUZZ_DRIVER)
tests_fuzz_fuzz_gate_permission_LDADD = libgate.a libbase.a $(DEP_LIBS)
tests_fuzz_fuzz_gate_permission_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LDFLAGS)
EXTRA_DIST += tests/fuzz/corpus/gate_permission

# What runtimes and bundles tell the gate: a hook's standard input, config.json, states of kanuki, runc and crun.
FUZZERS += tests/fuzz/fuzz_gate_facts
EXTRA_PROGRAMS += tests/fuzz/fuzz_gate_facts
tests_fuzz_fuzz_gate_facts_SOURCES = tests/fuzz/fuzz_gate_facts.c $(FUZZ_DRIVER)
tests_fuzz_fuzz_gate_facts_LDADD = libgateio.a libgate.a libsys.a libbase.a $(DEP_LIBS)
tests_fuzz_fuzz_gate_facts_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LDFLAGS)
EXTRA_DIST += tests/fuzz/corpus/gate_facts

# The gate's policy file.
FUZZERS += tests/fuzz/fuzz_gate_policy
EXTRA_PROGRAMS += tests/fuzz/fuzz_gate_policy
tests_fuzz_fuzz_gate_policy_SOURCES = tests/fuzz/fuzz_gate_policy.c tests/unit/gate_world.h $(FUZZ_DRIVER)
tests_fuzz_fuzz_gate_policy_LDADD = libgate.a libbase.a $(DEP_LIBS)
tests_fuzz_fuzz_gate_policy_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LDFLAGS)
EXTRA_DIST += tests/fuzz/corpus/gate_policy

# JSON in pieces, against the tree.
FUZZERS += tests/fuzz/fuzz_json_stream
EXTRA_PROGRAMS += tests/fuzz/fuzz_json_stream
tests_fuzz_fuzz_json_stream_SOURCES = tests/fuzz/fuzz_json_stream.c $(FUZZ_DRIVER)
tests_fuzz_fuzz_json_stream_LDADD = libbase.a $(DEP_LIBS)
tests_fuzz_fuzz_json_stream_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LDFLAGS)
EXTRA_DIST += tests/fuzz/corpus/json_stream

# Scanners' reports, an importer each, and all of them by their content. Seeds, too: the reports whose names begin with the importer's
# (in tests/gate/reports and corpus/gate_report, see corpus.sh).
FUZZERS += tests/fuzz/fuzz_gate_trivy tests/fuzz/fuzz_gate_grype tests/fuzz/fuzz_gate_clair tests/fuzz/fuzz_gate_clamav \
	tests/fuzz/fuzz_gate_sarif tests/fuzz/fuzz_gate_cosign_vuln tests/fuzz/fuzz_gate_cosign_custom \
	tests/fuzz/fuzz_gate_in_toto_vulns tests/fuzz/fuzz_gate_openvex tests/fuzz/fuzz_gate_cyclonedx tests/fuzz/fuzz_gate_report
EXTRA_PROGRAMS += tests/fuzz/fuzz_gate_trivy tests/fuzz/fuzz_gate_grype tests/fuzz/fuzz_gate_clair \
	tests/fuzz/fuzz_gate_clamav tests/fuzz/fuzz_gate_sarif tests/fuzz/fuzz_gate_cosign_vuln tests/fuzz/fuzz_gate_cosign_custom \
	tests/fuzz/fuzz_gate_in_toto_vulns tests/fuzz/fuzz_gate_openvex tests/fuzz/fuzz_gate_cyclonedx tests/fuzz/fuzz_gate_report
tests_fuzz_fuzz_gate_trivy_SOURCES = tests/fuzz/fuzz_gate_trivy.c tests/fuzz/gate_promises.h $(FUZZ_DRIVER)
tests_fuzz_fuzz_gate_trivy_LDADD = libgate.a libbase.a $(DEP_LIBS)
tests_fuzz_fuzz_gate_trivy_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LDFLAGS)
tests_fuzz_fuzz_gate_grype_SOURCES = tests/fuzz/fuzz_gate_grype.c tests/fuzz/gate_promises.h $(FUZZ_DRIVER)
tests_fuzz_fuzz_gate_grype_LDADD = libgate.a libbase.a $(DEP_LIBS)
tests_fuzz_fuzz_gate_grype_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LDFLAGS)
tests_fuzz_fuzz_gate_clair_SOURCES = tests/fuzz/fuzz_gate_clair.c tests/fuzz/gate_promises.h $(FUZZ_DRIVER)
tests_fuzz_fuzz_gate_clair_LDADD = libgate.a libbase.a $(DEP_LIBS)
tests_fuzz_fuzz_gate_clair_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LDFLAGS)
tests_fuzz_fuzz_gate_clamav_SOURCES = tests/fuzz/fuzz_gate_clamav.c tests/fuzz/gate_promises.h $(FUZZ_DRIVER)
tests_fuzz_fuzz_gate_clamav_LDADD = libgate.a libbase.a $(DEP_LIBS)
tests_fuzz_fuzz_gate_clamav_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LDFLAGS)
tests_fuzz_fuzz_gate_sarif_SOURCES = tests/fuzz/fuzz_gate_sarif.c tests/fuzz/gate_promises.h $(FUZZ_DRIVER)
tests_fuzz_fuzz_gate_sarif_LDADD = libgate.a libbase.a $(DEP_LIBS)
tests_fuzz_fuzz_gate_sarif_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LDFLAGS)
tests_fuzz_fuzz_gate_cosign_vuln_SOURCES = tests/fuzz/fuzz_gate_cosign_vuln.c tests/fuzz/gate_promises.h $(FUZZ_DRIVER)
tests_fuzz_fuzz_gate_cosign_vuln_LDADD = libgate.a libbase.a $(DEP_LIBS)
tests_fuzz_fuzz_gate_cosign_vuln_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LDFLAGS)
tests_fuzz_fuzz_gate_cosign_custom_SOURCES = tests/fuzz/fuzz_gate_cosign_custom.c tests/fuzz/gate_promises.h $(FUZZ_DRIVER)
tests_fuzz_fuzz_gate_cosign_custom_LDADD = libgate.a libbase.a $(DEP_LIBS)
tests_fuzz_fuzz_gate_cosign_custom_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LDFLAGS)
tests_fuzz_fuzz_gate_in_toto_vulns_SOURCES = tests/fuzz/fuzz_gate_in_toto_vulns.c tests/fuzz/gate_promises.h $(FUZZ_DRIVER)
tests_fuzz_fuzz_gate_in_toto_vulns_LDADD = libgate.a libbase.a $(DEP_LIBS)
tests_fuzz_fuzz_gate_in_toto_vulns_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LDFLAGS)
tests_fuzz_fuzz_gate_openvex_SOURCES = tests/fuzz/fuzz_gate_openvex.c tests/fuzz/gate_promises.h $(FUZZ_DRIVER)
tests_fuzz_fuzz_gate_openvex_LDADD = libgate.a libbase.a $(DEP_LIBS)
tests_fuzz_fuzz_gate_openvex_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LDFLAGS)
tests_fuzz_fuzz_gate_cyclonedx_SOURCES = tests/fuzz/fuzz_gate_cyclonedx.c tests/fuzz/gate_promises.h $(FUZZ_DRIVER)
tests_fuzz_fuzz_gate_cyclonedx_LDADD = libgate.a libbase.a $(DEP_LIBS)
tests_fuzz_fuzz_gate_cyclonedx_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LDFLAGS)
tests_fuzz_fuzz_gate_report_SOURCES = tests/fuzz/fuzz_gate_report.c tests/fuzz/gate_promises.h $(FUZZ_DRIVER)
tests_fuzz_fuzz_gate_report_LDADD = libgate.a libbase.a $(DEP_LIBS)
tests_fuzz_fuzz_gate_report_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LDFLAGS)
EXTRA_DIST += tests/fuzz/corpus/gate_trivy tests/fuzz/corpus/gate_grype tests/fuzz/corpus/gate_report tests/fuzz/seeds.sh

# Engines' files and answers: which image it is.
FUZZERS += tests/fuzz/fuzz_gate_identity
EXTRA_PROGRAMS += tests/fuzz/fuzz_gate_identity
tests_fuzz_fuzz_gate_identity_SOURCES = tests/fuzz/fuzz_gate_identity.c $(FUZZ_DRIVER)
tests_fuzz_fuzz_gate_identity_LDADD = libgateio.a libgate.a libsys.a libbase.a $(DEP_LIBS)
tests_fuzz_fuzz_gate_identity_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LDFLAGS)
EXTRA_DIST += tests/fuzz/corpus/gate_identity
