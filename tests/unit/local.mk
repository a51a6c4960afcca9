# tests/unit: nothing to build yet. The form (LDADD, the default, links every library of the runtime):
#   check_PROGRAMS += tests/unit/test_num
#   tests_unit_test_num_SOURCES = tests/unit/test_num.c
#   TESTS += tests/unit/test_num

# runtime/base, sys, state
BASE_TESTS = \
	tests/unit/test_arena \
	tests/unit/test_dir \
	tests/unit/test_err \
	tests/unit/test_file \
	tests/unit/test_json \
	tests/unit/test_json_out \
	tests/unit/test_json_stream \
	tests/unit/test_key_table \
	tests/unit/test_lifecycle \
	tests/unit/test_log \
	tests/unit/test_mountinfo \
	tests/unit/test_num \
	tests/unit/test_path \
	tests/unit/test_record \
	tests/unit/test_rfc3339 \
	tests/unit/test_sha256 \
	tests/unit/test_str
check_PROGRAMS += $(BASE_TESTS)
TESTS += $(BASE_TESTS)
BASE_TEST_LIBS = libstate.a libsys.a libbase.a $(YAJL_LIBS)
# Replaces runtime/sys/sys.c at link time; the N-th call can be made to fail.
FAKE_SYS = tests/unit/fake_sys.c tests/unit/fake_sys.h
# The N-th allocation of our own objects can be made to fail.
FAKE_ALLOC = tests/unit/fake_alloc.c tests/unit/fake_alloc.h
WRAP_ALLOC = $(AM_LDFLAGS) -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc
tests_unit_test_arena_SOURCES = tests/unit/test_arena.c tests/unit/tap.h $(FAKE_ALLOC)
tests_unit_test_arena_LDADD = $(BASE_TEST_LIBS)
tests_unit_test_arena_LDFLAGS = $(WRAP_ALLOC)
tests_unit_test_dir_SOURCES = tests/unit/test_dir.c tests/unit/temp_dir.h $(FAKE_SYS)
tests_unit_test_dir_LDADD = $(BASE_TEST_LIBS)
tests_unit_test_err_SOURCES = tests/unit/test_err.c
tests_unit_test_err_LDADD = $(BASE_TEST_LIBS)
tests_unit_test_file_SOURCES = tests/unit/test_file.c tests/unit/temp_dir.h $(FAKE_SYS)
tests_unit_test_file_LDADD = $(BASE_TEST_LIBS)
tests_unit_test_json_SOURCES = tests/unit/test_json.c $(FAKE_ALLOC)
tests_unit_test_json_LDADD = $(BASE_TEST_LIBS)
tests_unit_test_json_LDFLAGS = $(WRAP_ALLOC)
tests_unit_test_json_out_SOURCES = tests/unit/test_json_out.c $(FAKE_ALLOC)
tests_unit_test_json_out_LDADD = $(BASE_TEST_LIBS)
tests_unit_test_json_out_LDFLAGS = $(WRAP_ALLOC)
tests_unit_test_json_stream_SOURCES = tests/unit/test_json_stream.c $(FAKE_ALLOC)
tests_unit_test_json_stream_LDADD = $(BASE_TEST_LIBS)
tests_unit_test_json_stream_LDFLAGS = $(WRAP_ALLOC)
tests_unit_test_key_table_SOURCES = tests/unit/test_key_table.c
tests_unit_test_key_table_LDADD = $(BASE_TEST_LIBS)
tests_unit_test_lifecycle_SOURCES = tests/unit/test_lifecycle.c
tests_unit_test_lifecycle_LDADD = $(BASE_TEST_LIBS)
tests_unit_test_log_SOURCES = tests/unit/test_log.c tests/unit/temp_dir.h
tests_unit_test_log_LDADD = $(BASE_TEST_LIBS)
tests_unit_test_mountinfo_SOURCES = tests/unit/test_mountinfo.c
tests_unit_test_mountinfo_LDADD = $(BASE_TEST_LIBS)
tests_unit_test_num_SOURCES = tests/unit/test_num.c
tests_unit_test_num_LDADD = $(BASE_TEST_LIBS)
tests_unit_test_path_SOURCES = tests/unit/test_path.c
tests_unit_test_path_LDADD = $(BASE_TEST_LIBS)
tests_unit_test_record_SOURCES = tests/unit/test_record.c tests/unit/temp_dir.h $(FAKE_SYS)
tests_unit_test_record_LDADD = $(BASE_TEST_LIBS)
tests_unit_test_rfc3339_SOURCES = tests/unit/test_rfc3339.c
tests_unit_test_rfc3339_LDADD = $(BASE_TEST_LIBS)
tests_unit_test_sha256_SOURCES = tests/unit/test_sha256.c
tests_unit_test_sha256_LDADD = libbase.a $(DEP_LIBS)
tests_unit_test_str_SOURCES = tests/unit/test_str.c $(FAKE_ALLOC)
tests_unit_test_str_LDADD = $(BASE_TEST_LIBS)
tests_unit_test_str_LDFLAGS = $(WRAP_ALLOC)

# runtime/spec: linked with no more than it may call.
SPEC_TEST_LIBS = libspec.a libbase.a $(DEP_LIBS)
SPEC_TESTS = \
	tests/unit/test_spec_config \
	tests/unit/test_spec_devices \
	tests/unit/test_spec_hooks \
	tests/unit/test_spec_mounts \
	tests/unit/test_spec_names \
	tests/unit/test_spec_namespaces \
	tests/unit/test_spec_process \
	tests/unit/test_spec_resources \
	tests/unit/test_spec_seccomp \
	tests/unit/test_spec_table \
	tests/unit/test_spec_tuning
check_PROGRAMS += $(SPEC_TESTS)
TESTS += $(SPEC_TESTS)
tests_unit_test_spec_config_SOURCES = tests/unit/test_spec_config.c tests/unit/spec_case.h
tests_unit_test_spec_config_LDADD = $(SPEC_TEST_LIBS)
tests_unit_test_spec_devices_SOURCES = tests/unit/test_spec_devices.c
tests_unit_test_spec_devices_LDADD = $(SPEC_TEST_LIBS)
tests_unit_test_spec_hooks_SOURCES = tests/unit/test_spec_hooks.c
tests_unit_test_spec_hooks_LDADD = $(SPEC_TEST_LIBS)
tests_unit_test_spec_mounts_SOURCES = tests/unit/test_spec_mounts.c
tests_unit_test_spec_mounts_LDADD = $(SPEC_TEST_LIBS)
tests_unit_test_spec_names_SOURCES = tests/unit/test_spec_names.c
tests_unit_test_spec_names_LDADD = $(SPEC_TEST_LIBS)
tests_unit_test_spec_namespaces_SOURCES = tests/unit/test_spec_namespaces.c
tests_unit_test_spec_namespaces_LDADD = $(SPEC_TEST_LIBS)
tests_unit_test_spec_process_SOURCES = tests/unit/test_spec_process.c
tests_unit_test_spec_process_LDADD = $(SPEC_TEST_LIBS)
tests_unit_test_spec_resources_SOURCES = tests/unit/test_spec_resources.c
tests_unit_test_spec_resources_LDADD = $(SPEC_TEST_LIBS)
tests_unit_test_spec_seccomp_SOURCES = tests/unit/test_spec_seccomp.c
tests_unit_test_spec_seccomp_LDADD = $(SPEC_TEST_LIBS)
tests_unit_test_spec_table_SOURCES = tests/unit/test_spec_table.c
tests_unit_test_spec_table_LDADD = $(SPEC_TEST_LIBS)
tests_unit_test_spec_tuning_SOURCES = tests/unit/test_spec_tuning.c
tests_unit_test_spec_tuning_LDADD = $(SPEC_TEST_LIBS)
EXTRA_DIST += \
	tests/unit/data/buildah.json \
	tests/unit/data/containerd-cri.json \
	tests/unit/data/crio.json \
	tests/unit/data/ctr.json \
	tests/unit/data/docker.json \
	tests/unit/data/podman-default.json \
	tests/unit/data/runc-spec.json

# runtime/plan, runtime/host
PLAN_TESTS = \
	tests/unit/test_host \
	tests/unit/test_plan_check \
	tests/unit/test_plan_check_hardened \
	tests/unit/test_plan_print \
	tests/unit/test_plan_store
check_PROGRAMS += $(PLAN_TESTS)
TESTS += $(PLAN_TESTS)
tests_unit_test_host_SOURCES = tests/unit/test_host.c $(FAKE_SYS)
tests_unit_test_host_LDADD = libhost.a libsys.a libbase.a
tests_unit_test_plan_check_SOURCES = tests/unit/test_plan_check.c tests/unit/plan_breach.h tests/unit/plan_fixture.h
tests_unit_test_plan_check_hardened_SOURCES = tests/unit/test_plan_check_hardened.c tests/unit/plan_breach.h tests/unit/plan_fixture.h
tests_unit_test_plan_print_SOURCES = tests/unit/test_plan_print.c
tests_unit_test_plan_store_SOURCES = tests/unit/test_plan_store.c

# The decision: stage one, the rules, exec, resources.
POLICY_TEST_LIBS = libpolicy.a libspec.a libplan.a libbase.a $(DEP_LIBS)
POLICY_TESTS = \
	tests/unit/test_policy_audit \
	tests/unit/test_policy_bundles \
	tests/unit/test_policy_ceiling \
	tests/unit/test_conf \
	tests/unit/test_conf_compare \
	tests/unit/test_policy_exec \
	tests/unit/test_policy_gate \
	tests/unit/test_policy_mount_options \
	tests/unit/test_policy_oci \
	tests/unit/test_policy_resources \
	tests/unit/test_rules_cgroup \
	tests/unit/test_rules_devices \
	tests/unit/test_rules_filter \
	tests/unit/test_rules_hooks \
	tests/unit/test_rules_lsm \
	tests/unit/test_rules_mounts \
	tests/unit/test_rules_ns \
	tests/unit/test_rules_paths \
	tests/unit/test_rules_process
check_PROGRAMS += $(POLICY_TESTS)
TESTS += $(POLICY_TESTS)
tests_unit_test_policy_audit_SOURCES = tests/unit/test_policy_audit.c tests/unit/policy_case.h
tests_unit_test_policy_audit_LDADD = $(POLICY_TEST_LIBS)
tests_unit_test_policy_bundles_SOURCES = tests/unit/test_policy_bundles.c tests/unit/policy_case.h
tests_unit_test_policy_bundles_LDADD = $(POLICY_TEST_LIBS)
tests_unit_test_policy_ceiling_SOURCES = tests/unit/test_policy_ceiling.c tests/unit/policy_case.h
tests_unit_test_policy_ceiling_LDADD = $(POLICY_TEST_LIBS)
tests_unit_test_conf_SOURCES = tests/unit/test_conf.c tests/unit/conf_case.h
tests_unit_test_conf_LDADD = $(POLICY_TEST_LIBS)
tests_unit_test_conf_compare_SOURCES = tests/unit/test_conf_compare.c tests/unit/conf_case.h
tests_unit_test_conf_compare_LDADD = $(POLICY_TEST_LIBS)
tests_unit_test_policy_exec_SOURCES = tests/unit/test_policy_exec.c tests/unit/policy_case.h
tests_unit_test_policy_exec_LDADD = $(POLICY_TEST_LIBS)
tests_unit_test_policy_gate_SOURCES = tests/unit/test_policy_gate.c tests/unit/policy_case.h
tests_unit_test_policy_gate_LDADD = $(POLICY_TEST_LIBS)
tests_unit_test_policy_mount_options_SOURCES = tests/unit/test_policy_mount_options.c tests/unit/policy_case.h
tests_unit_test_policy_mount_options_LDADD = $(POLICY_TEST_LIBS)
tests_unit_test_policy_oci_SOURCES = tests/unit/test_policy_oci.c tests/unit/policy_case.h
tests_unit_test_policy_oci_LDADD = $(POLICY_TEST_LIBS)
tests_unit_test_policy_resources_SOURCES = tests/unit/test_policy_resources.c tests/unit/policy_case.h
tests_unit_test_policy_resources_LDADD = $(POLICY_TEST_LIBS)
tests_unit_test_rules_cgroup_SOURCES = tests/unit/test_rules_cgroup.c tests/unit/policy_case.h
tests_unit_test_rules_cgroup_LDADD = $(POLICY_TEST_LIBS)
tests_unit_test_rules_devices_SOURCES = tests/unit/test_rules_devices.c tests/unit/policy_case.h
tests_unit_test_rules_devices_LDADD = $(POLICY_TEST_LIBS)
tests_unit_test_rules_filter_SOURCES = tests/unit/test_rules_filter.c tests/unit/policy_case.h
tests_unit_test_rules_filter_LDADD = $(POLICY_TEST_LIBS)
tests_unit_test_rules_hooks_SOURCES = tests/unit/test_rules_hooks.c tests/unit/policy_case.h
tests_unit_test_rules_hooks_LDADD = $(POLICY_TEST_LIBS)
tests_unit_test_rules_lsm_SOURCES = tests/unit/test_rules_lsm.c tests/unit/policy_case.h
tests_unit_test_rules_lsm_LDADD = $(POLICY_TEST_LIBS)
tests_unit_test_rules_mounts_SOURCES = tests/unit/test_rules_mounts.c tests/unit/policy_case.h
tests_unit_test_rules_mounts_LDADD = $(POLICY_TEST_LIBS)
tests_unit_test_rules_ns_SOURCES = tests/unit/test_rules_ns.c tests/unit/policy_case.h
tests_unit_test_rules_ns_LDADD = $(POLICY_TEST_LIBS)
tests_unit_test_rules_paths_SOURCES = tests/unit/test_rules_paths.c tests/unit/policy_case.h
tests_unit_test_rules_paths_LDADD = $(POLICY_TEST_LIBS)
tests_unit_test_rules_process_SOURCES = tests/unit/test_rules_process.c tests/unit/policy_case.h
tests_unit_test_rules_process_LDADD = $(POLICY_TEST_LIBS)

# runtime/act, proto, cmd
ACT_TESTS = \
	tests/unit/test_act_prepare \
	tests/unit/test_act_cgroup \
	tests/unit/test_act_cgroup_control \
	tests/unit/test_act_host_sockets \
	tests/unit/test_act_labels \
	tests/unit/test_act_launch \
	tests/unit/test_act_landlock \
	tests/unit/test_act_limits \
	tests/unit/test_act_stats \
	tests/unit/test_act_userns \
	tests/unit/test_act_rdt \
	tests/unit/test_act_session \
	tests/unit/test_cmd_relay \
	tests/unit/test_cmd_options \
	tests/unit/test_act_program \
	tests/unit/test_act_copyup \
	tests/unit/test_act_resolve \
	tests/unit/test_act_mounts \
	tests/unit/test_act_filter \
	tests/unit/test_act_hooks \
	tests/unit/test_act_gate \
	tests/unit/test_sync \
	tests/unit/test_act_device_program \
	tests/unit/test_child_steps
check_PROGRAMS += $(ACT_TESTS)
TESTS += $(ACT_TESTS)
tests_unit_test_child_steps_SOURCES = tests/unit/test_child_steps.c
tests_unit_test_act_userns_SOURCES = tests/unit/test_act_userns.c tests/unit/temp_dir.h $(FAKE_SYS)
tests_unit_test_act_prepare_SOURCES = tests/unit/test_act_prepare.c tests/unit/temp_dir.h $(FAKE_SYS)
tests_unit_test_act_cgroup_SOURCES = tests/unit/test_act_cgroup.c tests/unit/temp_dir.h
tests_unit_test_act_cgroup_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=sys_fstatfs,--wrap=file_write_once \
	-Wl,--wrap=sys_fsetxattr,--wrap=sys_fgetxattr,--wrap=sys_fremovexattr
tests_unit_test_act_cgroup_control_SOURCES = tests/unit/test_act_cgroup_control.c tests/unit/temp_dir.h
tests_unit_test_act_cgroup_control_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=nanosleep,--wrap=sys_fstatfs
tests_unit_test_act_host_sockets_SOURCES = tests/unit/test_act_host_sockets.c tests/unit/temp_dir.h
tests_unit_test_act_host_sockets_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=sys_fstatat
tests_unit_test_act_labels_SOURCES = tests/unit/test_act_labels.c tests/unit/temp_dir.h
tests_unit_test_act_launch_SOURCES = tests/unit/test_act_launch.c tests/unit/plan_fixture.h $(FAKE_SYS)
tests_unit_test_act_landlock_SOURCES = tests/unit/test_act_landlock.c tests/unit/temp_dir.h
tests_unit_test_act_limits_SOURCES = tests/unit/test_act_limits.c tests/unit/temp_dir.h
tests_unit_test_act_stats_SOURCES = tests/unit/test_act_stats.c tests/unit/temp_dir.h
tests_unit_test_act_rdt_SOURCES = tests/unit/test_act_rdt.c tests/unit/temp_dir.h
tests_unit_test_act_rdt_LDFLAGS = $(AM_LDFLAGS) \
	-Wl,--wrap=sys_open,--wrap=sys_fstatfs,--wrap=sys_mkdirat,--wrap=sys_unlinkat,--wrap=sys_write
tests_unit_test_act_session_SOURCES = tests/unit/test_act_session.c $(FAKE_SYS)
tests_unit_test_cmd_relay_SOURCES = tests/unit/test_cmd_relay.c
tests_unit_test_cmd_options_SOURCES = tests/unit/test_cmd_options.c tests/unit/temp_dir.h
tests_unit_test_act_program_SOURCES = tests/unit/test_act_program.c tests/unit/temp_dir.h
tests_unit_test_act_copyup_SOURCES = tests/unit/test_act_copyup.c tests/unit/temp_dir.h
tests_unit_test_act_copyup_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=sys_fstatat
tests_unit_test_act_mounts_SOURCES = tests/unit/test_act_mounts.c tests/unit/temp_dir.h $(FAKE_SYS)
tests_unit_test_act_resolve_SOURCES = tests/unit/test_act_resolve.c tests/unit/temp_dir.h
tests_unit_test_act_filter_SOURCES = tests/unit/test_act_filter.c tests/unit/temp_dir.h seccomp-profiles/interpret.c
tests_unit_test_act_hooks_SOURCES = tests/unit/test_act_hooks.c tests/unit/temp_dir.h
tests_unit_test_act_hooks_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=json_out_finish,--wrap=sys_read
tests_unit_test_act_gate_SOURCES = tests/unit/test_act_gate.c tests/unit/temp_dir.h
tests_unit_test_sync_SOURCES = tests/unit/test_sync.c tests/unit/temp_dir.h
tests_unit_test_act_device_program_SOURCES = tests/unit/test_act_device_program.c

# runtime/audit
check_PROGRAMS += tests/unit/test_trail tests/unit/test_trail_chain
TESTS += tests/unit/test_trail tests/unit/test_trail_chain
tests_unit_test_trail_SOURCES = tests/unit/test_trail.c tests/unit/trail_case.h tests/unit/temp_dir.h $(FAKE_SYS)
tests_unit_test_trail_chain_SOURCES = tests/unit/test_trail_chain.c tests/unit/trail_case.h tests/unit/temp_dir.h $(FAKE_SYS)
tests_unit_test_trail_LDADD = libaudit.a libsys.a libbase.a $(DEP_LIBS)
tests_unit_test_trail_chain_LDADD = $(tests_unit_test_trail_LDADD)

# runtime/check: the judging is linked with no more than it may call.
CHECK_TESTS = \
	tests/unit/test_check_items \
	tests/unit/test_check_probe \
	tests/unit/test_check_report \
	tests/unit/test_check_text
check_PROGRAMS += $(CHECK_TESTS)
TESTS += $(CHECK_TESTS)
EXTRA_DIST += tests/unit/data/check-report.json
CHECK_TEST_LIBS = libcheck.a libpolicy.a libspec.a libplan.a libbase.a $(DEP_LIBS)
tests_unit_test_check_items_SOURCES = tests/unit/test_check_items.c
tests_unit_test_check_items_LDADD = $(CHECK_TEST_LIBS)
tests_unit_test_check_probe_SOURCES = tests/unit/test_check_probe.c tests/unit/temp_dir.h
tests_unit_test_check_probe_LDADD = libcheckprobe.a libcheck.a libpolicy.a libspec.a libplan.a libsys.a libbase.a $(DEP_LIBS)
tests_unit_test_check_report_SOURCES = tests/unit/test_check_report.c
tests_unit_test_check_report_LDADD = $(CHECK_TEST_LIBS)
tests_unit_test_check_text_SOURCES = tests/unit/test_check_text.c tests/unit/plan_fixture.h
tests_unit_test_check_text_LDADD = $(CHECK_TEST_LIBS)
check_PROGRAMS += tests/unit/test_cmd_trail
TESTS += tests/unit/test_cmd_trail
tests_unit_test_cmd_trail_SOURCES = tests/unit/test_cmd_trail.c tests/unit/temp_dir.h
check_PROGRAMS += tests/unit/test_scan_answer
TESTS += tests/unit/test_scan_answer
tests_unit_test_scan_answer_SOURCES = tests/unit/test_scan_answer.c
tests_unit_test_scan_answer_LDADD = libcmd.a libbase.a $(DEP_LIBS)
check_PROGRAMS += tests/unit/test_cmd_encrypted
TESTS += tests/unit/test_cmd_encrypted
tests_unit_test_cmd_encrypted_SOURCES = tests/unit/test_cmd_encrypted.c tests/unit/temp_dir.h
check_PROGRAMS += tests/unit/test_ustar
TESTS += tests/unit/test_ustar
tests_unit_test_ustar_SOURCES = tests/unit/test_ustar.c tests/unit/temp_dir.h

# hooks/gate, the files with effects
GATE_IO_TESTS = \
	tests/unit/test_gate_crypto \
	tests/unit/test_gate_identity_containerd \
	tests/unit/test_gate_identity_docker \
	tests/unit/test_gate_identity_storage \
	tests/unit/test_gate_line \
	tests/unit/test_gate_site \
	tests/unit/test_gate_store \
	tests/unit/test_gate_store_hostile
check_PROGRAMS += $(GATE_IO_TESTS)
TESTS += $(GATE_IO_TESTS)
GATE_IO_TEST_LIBS = libgateio.a libgate.a libaudit.a libsys.a libbase.a $(DEP_LIBS) $(CRYPTO_LIBS)
tests_unit_test_gate_crypto_SOURCES = tests/unit/test_gate_crypto.c tests/unit/gate_vectors.h
tests_unit_test_gate_crypto_LDADD = $(GATE_IO_TEST_LIBS)
tests_unit_test_gate_identity_containerd_SOURCES = tests/unit/test_gate_identity_containerd.c tests/unit/gate_engines.h tests/unit/temp_dir.h
tests_unit_test_gate_identity_containerd_LDADD = $(GATE_IO_TEST_LIBS)
tests_unit_test_gate_identity_docker_SOURCES = tests/unit/test_gate_identity_docker.c tests/unit/gate_engines.h tests/unit/temp_dir.h
tests_unit_test_gate_identity_docker_LDADD = $(GATE_IO_TEST_LIBS)
tests_unit_test_gate_identity_storage_SOURCES = tests/unit/test_gate_identity_storage.c tests/unit/gate_engines.h tests/unit/temp_dir.h
tests_unit_test_gate_identity_storage_LDADD = $(GATE_IO_TEST_LIBS)
tests_unit_test_gate_line_SOURCES = tests/unit/test_gate_line.c tests/unit/temp_dir.h
tests_unit_test_gate_line_LDADD = $(GATE_IO_TEST_LIBS)
tests_unit_test_gate_site_SOURCES = tests/unit/test_gate_site.c tests/unit/temp_dir.h
tests_unit_test_gate_site_LDADD = $(GATE_IO_TEST_LIBS)
tests_unit_test_gate_store_SOURCES = tests/unit/test_gate_store.c tests/unit/gate_store_case.h tests/unit/temp_dir.h
tests_unit_test_gate_store_LDADD = $(GATE_IO_TEST_LIBS)
tests_unit_test_gate_store_hostile_SOURCES = tests/unit/test_gate_store_hostile.c tests/unit/gate_store_case.h tests/unit/temp_dir.h \
	$(FAKE_SYS)
tests_unit_test_gate_store_hostile_LDADD = $(GATE_IO_TEST_LIBS)

# The gate's pure part.
GATE_TEST_LIBS = libgate.a libbase.a $(DEP_LIBS)
GATE_TESTS = \
	tests/unit/test_gate_decide \
	tests/unit/test_gate_decide_deployer \
	tests/unit/test_gate_decide_time \
	tests/unit/test_gate_dsse \
	tests/unit/test_gate_findings \
	tests/unit/test_gate_policy \
	tests/unit/test_gate_record
check_PROGRAMS += $(GATE_TESTS)
TESTS += $(GATE_TESTS)
tests_unit_test_gate_decide_SOURCES = tests/unit/test_gate_decide.c tests/unit/gate_case.h tests/unit/gate_world.h
tests_unit_test_gate_decide_LDADD = $(GATE_TEST_LIBS)
tests_unit_test_gate_decide_deployer_SOURCES = tests/unit/test_gate_decide_deployer.c tests/unit/gate_case.h tests/unit/gate_world.h
tests_unit_test_gate_decide_deployer_LDADD = $(GATE_TEST_LIBS)
tests_unit_test_gate_decide_time_SOURCES = tests/unit/test_gate_decide_time.c tests/unit/gate_case.h tests/unit/gate_world.h
tests_unit_test_gate_decide_time_LDADD = $(GATE_TEST_LIBS)
tests_unit_test_gate_dsse_SOURCES = tests/unit/test_gate_dsse.c
tests_unit_test_gate_dsse_LDADD = $(GATE_TEST_LIBS)
tests_unit_test_gate_record_SOURCES = tests/unit/test_gate_record.c tests/unit/gate_world.h
tests_unit_test_gate_record_LDADD = $(GATE_TEST_LIBS)

# hooks/gate: importers
GATE_IMPORT_TEST_LIBS = libgateio.a libgate.a libsys.a libbase.a $(DEP_LIBS)
GATE_IMPORT_TESTS = \
	tests/unit/test_gate_import \
	tests/unit/test_gate_import_golden \
	tests/unit/test_gate_scan
check_PROGRAMS += $(GATE_IMPORT_TESTS)
TESTS += $(GATE_IMPORT_TESTS)
EXTRA_DIST += tests/gate/big-report tests/gate/reports
tests_unit_test_gate_import_golden_SOURCES = tests/unit/test_gate_import_golden.c tests/unit/gate_report.h tests/unit/tap.h
tests_unit_test_gate_import_golden_LDADD = $(GATE_IMPORT_TEST_LIBS)

tests_unit_test_gate_policy_SOURCES = tests/unit/test_gate_policy.c tests/unit/gate_world.h
tests_unit_test_gate_policy_LDADD = $(GATE_TEST_LIBS)
tests_unit_test_gate_scan_SOURCES = tests/unit/test_gate_scan.c tests/unit/temp_dir.h
tests_unit_test_gate_scan_LDADD = $(GATE_IMPORT_TEST_LIBS)
tests_unit_test_gate_import_SOURCES = tests/unit/test_gate_import.c tests/unit/temp_dir.h $(FAKE_ALLOC)
tests_unit_test_gate_import_LDFLAGS = $(WRAP_ALLOC)
tests_unit_test_gate_import_LDADD = $(GATE_IMPORT_TEST_LIBS)
tests_unit_test_gate_findings_SOURCES = tests/unit/test_gate_findings.c tests/unit/gate_case.h tests/unit/gate_world.h
tests_unit_test_gate_findings_LDADD = $(GATE_TEST_LIBS)
