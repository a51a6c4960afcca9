/* kanuki features: what this build and this machine support, as the features
 * structure of the runtime-spec (features-linux.md).  Prints nothing on standard
 * error on success: CRI-O reads both streams together (engines.md 0.5). */
#include "config.h"

#include "cmd/cmd.h"

#include "base/json_out.h"
#include "host/host.h"
#include "policy/mount_options.h"
#include "spec/spec.h"

#include <stdio.h>

#include "base/banned.h"

static void strings(struct json_out *o, const char *key, const char *const *list, size_t n)
{
	json_out_array(o, key);
	for (size_t i = 0; i < n; i++)
		json_out_string(o, NULL, list[i]);
	json_out_end_array(o);
}

static void enabled(struct json_out *o, const char *key, bool value)
{
	json_out_object(o, key);
	json_out_bool(o, "enabled", value);
	json_out_end_object(o);
}

static void write_seccomp(struct json_out *o)
{
	static const char *const actions[] = {"SCMP_ACT_ALLOW", "SCMP_ACT_ERRNO",  "SCMP_ACT_KILL",
					      "SCMP_ACT_KILL_PROCESS", "SCMP_ACT_KILL_THREAD", "SCMP_ACT_LOG",
					      "SCMP_ACT_NOTIFY", "SCMP_ACT_TRACE", "SCMP_ACT_TRAP"};
	static const char *const operators[] = {"SCMP_CMP_EQ", "SCMP_CMP_GE", "SCMP_CMP_GT", "SCMP_CMP_LE",
						"SCMP_CMP_LT", "SCMP_CMP_MASKED_EQ", "SCMP_CMP_NE"};
	static const char *const archs[] = {"SCMP_ARCH_AARCH64", "SCMP_ARCH_ARM", "SCMP_ARCH_MIPS", "SCMP_ARCH_MIPS64",
					    "SCMP_ARCH_MIPS64N32", "SCMP_ARCH_MIPSEL", "SCMP_ARCH_MIPSEL64",
					    "SCMP_ARCH_MIPSEL64N32", "SCMP_ARCH_PARISC", "SCMP_ARCH_PARISC64",
					    "SCMP_ARCH_PPC", "SCMP_ARCH_PPC64", "SCMP_ARCH_PPC64LE", "SCMP_ARCH_RISCV64",
					    "SCMP_ARCH_S390", "SCMP_ARCH_S390X", "SCMP_ARCH_X32", "SCMP_ARCH_X86",
					    "SCMP_ARCH_X86_64"};
	static const char *const flags[] = {"SECCOMP_FILTER_FLAG_LOG", "SECCOMP_FILTER_FLAG_SPEC_ALLOW",
					    "SECCOMP_FILTER_FLAG_TSYNC", "SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV"};

	json_out_object(o, "seccomp");
	json_out_bool(o, "enabled", true);
	strings(o, "actions", actions, ARRAY_LEN(actions));
	strings(o, "operators", operators, ARRAY_LEN(operators));
	strings(o, "archs", archs, ARRAY_LEN(archs));
	strings(o, "knownFlags", flags, ARRAY_LEN(flags));
	strings(o, "supportedFlags", flags, ARRAY_LEN(flags));
	json_out_end_object(o);
}

/* The recognized names, as linux.memoryPolicy of config.json takes them. */
static void write_memory_policy(struct json_out *o)
{
	static const char *const modes[] = {"MPOL_BIND",      "MPOL_DEFAULT",        "MPOL_INTERLEAVE",
					    "MPOL_LOCAL",     "MPOL_PREFERRED",      "MPOL_PREFERRED_MANY",
					    "MPOL_WEIGHTED_INTERLEAVE"};
	static const char *const flags[] = {"MPOL_F_NUMA_BALANCING", "MPOL_F_RELATIVE_NODES", "MPOL_F_STATIC_NODES"};

	json_out_object(o, "memoryPolicy");
	strings(o, "modes", modes, ARRAY_LEN(modes));
	strings(o, "flags", flags, ARRAY_LEN(flags));
	json_out_end_object(o);
}

static void write_linux(struct json_out *o, const struct host *host)
{
	json_out_object(o, "linux");
	json_out_array(o, "namespaces");
	for (int ns = 0; ns < SPEC_NS_COUNT; ns++)
		if (ns != SPEC_NS_TIME || host->time_ns)
			json_out_string(o, NULL, spec_ns_name(ns));
	json_out_end_array(o);
	json_out_array(o, "capabilities");
	for (int cap = 0; cap <= host->last_cap; cap++)
		if (spec_capability_name(cap))
			json_out_string(o, NULL, spec_capability_name(cap));
	json_out_end_array(o);
	json_out_object(o, "cgroup");
	json_out_bool(o, "v1", false);
	json_out_bool(o, "v2", true);
	json_out_bool(o, "systemd", false);
	json_out_bool(o, "systemdUser", false);
	json_out_bool(o, "rdma", true);
	json_out_end_object(o);
	write_seccomp(o);
	enabled(o, "apparmor", true);
	enabled(o, "selinux", true);
	json_out_object(o, "intelRdt");
	json_out_bool(o, "enabled", true);
	json_out_bool(o, "schemata", true);
	json_out_end_object(o);
	write_memory_policy(o);
	json_out_object(o, "mountExtensions");
	enabled(o, "idmap", true);
	json_out_end_object(o);
	enabled(o, "netDevices", true);
	json_out_end_object(o);
}

static int run(const struct cmd_context *ctx, void *data, struct err *err)
{
	static const char *const hooks[] = {"prestart",	      "createRuntime", "createContainer",
					    "startContainer", "poststart",     "poststop"};
	struct json_out o __attribute__((cleanup(json_out_release))) = {.pretty = true};
	struct host host;

	(void)ctx;
	(void)data;
	if (host_probe(&host, err) < 0)
		return -1;
	json_out_object(&o, NULL);
	json_out_string(&o, "ociVersionMin", "1.0.0");
	json_out_string(&o, "ociVersionMax", "1.3.0");
	strings(&o, "hooks", hooks, ARRAY_LEN(hooks));
	json_out_array(&o, "mountOptions");
	for (size_t i = 0; mount_option_name(i); i++)
		json_out_string(&o, NULL, mount_option_name(i));
	json_out_end_array(&o);
	write_linux(&o, &host);
	json_out_object(&o, "annotations");
	json_out_string(&o, "org.opencontainers.runtime.name", "kanuki");
	json_out_string(&o, "org.opencontainers.runtime.version", PACKAGE_VERSION);
	json_out_end_object(&o);
	/* H-81: none is honoured, so none is unsafe. */
	json_out_array(&o, "potentiallyUnsafeConfigAnnotations");
	json_out_end_array(&o);
	json_out_end_object(&o);
	if (json_out_finish(&o, err) < 0)
		return -1;
	(void)puts(str_text(&o.text)); /* checked at the flush */
	return 0;
}

const struct cmd cmd_features = {
	.name = "features",
	.synopsis = "",
	.summary = "print what is supported, as JSON",
	.failure_status = 1,
	.run = run,
};
