/* kanuki features: what this build and this machine support, as the features
 * structure of the runtime-spec (features-linux.md).  Prints nothing on standard
 * error on success: CRI-O reads both streams together. */
#include "config.h"

#include "cmd/cmd.h"

#include "base/json_out.h"
#include "host/host.h"
#include "policy/mount_options.h"
#include "spec/spec.h"

#include <stdio.h>

#include "base/banned.h"

static void words(struct json_out *o, const char *key, enum spec_words set)
{
	json_out_array(o, key);
	for (size_t i = 0; spec_word(set, i); i++)
		json_out_string(o, NULL, spec_word(set, i));
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
	json_out_object(o, "seccomp");
	json_out_bool(o, "enabled", true);
	words(o, "actions", SPEC_WORDS_SECCOMP_ACTION);
	words(o, "operators", SPEC_WORDS_SECCOMP_OPERATOR);
	words(o, "archs", SPEC_WORDS_SECCOMP_ARCH);
	words(o, "knownFlags", SPEC_WORDS_SECCOMP_FLAG);
	words(o, "supportedFlags", SPEC_WORDS_SECCOMP_FLAG);
	json_out_end_object(o);
}

static void write_memory_policy(struct json_out *o)
{
	json_out_object(o, "memoryPolicy");
	words(o, "modes", SPEC_WORDS_MEMORY_MODE);
	words(o, "flags", SPEC_WORDS_MEMORY_FLAG);
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
	json_out_array(&o, "hooks");
	for (size_t i = 0; i < ARRAY_LEN(hooks); i++)
		json_out_string(&o, NULL, hooks[i]);
	json_out_end_array(&o);
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
