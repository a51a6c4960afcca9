/* kanuki spec: a config.json to start from: runtime-spec 1.3.0, the default
 * devices, masked and read-only paths, no inheritable or ambient capability. */
#include "config.h"

#include "cmd/cmd.h"

#include "base/auto.h"
#include "base/json_out.h"
#include "sys/file.h"
#include "sys/sys.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/banned.h"

struct spec_args {
	const char *bundle;
	bool rootless;
};

static const struct cmd_option options[] = {
	{"bundle", 'b', OPTION_STRING, offsetof(struct spec_args, bundle), "DIR",
	 "where to write (default: here)"},
	{"rootless", 0, OPTION_FLAG, offsetof(struct spec_args, rootless), NULL,
	 "a user namespace that maps only the caller, no limits"},
};

static void strings(struct json_out *o, const char *key, const char *const *list, size_t n)
{
	json_out_array(o, key);
	for (size_t i = 0; i < n; i++)
		json_out_string(o, NULL, list[i]);
	json_out_end_array(o);
}

static void write_process(struct json_out *o)
{
	static const char *const args[] = {"sh"};
	static const char *const env[] = {
		"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "TERM=xterm"};
	static const char *const caps[] = {"CAP_AUDIT_WRITE", "CAP_KILL", "CAP_NET_BIND_SERVICE"};
	static const char *const sets[] = {"bounding", "effective", "permitted"};

	json_out_object(o, "process");
	json_out_bool(o, "terminal", true);
	json_out_object(o, "user");
	json_out_i64(o, "uid", 0);
	json_out_i64(o, "gid", 0);
	json_out_end_object(o);
	strings(o, "args", args, ARRAY_LEN(args));
	strings(o, "env", env, ARRAY_LEN(env));
	json_out_string(o, "cwd", "/");
	json_out_object(o, "capabilities");
	for (size_t i = 0; i < ARRAY_LEN(sets); i++)
		strings(o, sets[i], caps, ARRAY_LEN(caps));
	json_out_end_object(o);
	json_out_array(o, "rlimits");
	json_out_object(o, NULL);
	json_out_string(o, "type", "RLIMIT_NOFILE");
	json_out_i64(o, "hard", 1024);
	json_out_i64(o, "soft", 1024);
	json_out_end_object(o);
	json_out_end_array(o);
	json_out_bool(o, "noNewPrivileges", true);
	json_out_end_object(o);
}

struct default_mount {
	const char *destination, *type, *source, *options[8];
};

static const struct default_mount mounts[] = {
	{"/proc", "proc", "proc", {NULL}},
	{"/dev", "tmpfs", "tmpfs", {"nosuid", "strictatime", "mode=755", "size=65536k"}},
	{"/dev/pts",
	 "devpts",
	 "devpts",
	 {"nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", "gid=5"}},
	{"/dev/shm", "tmpfs", "shm", {"nosuid", "noexec", "nodev", "mode=1777", "size=65536k"}},
	{"/dev/mqueue", "mqueue", "mqueue", {"nosuid", "noexec", "nodev"}},
	{"/sys", "sysfs", "sysfs", {"nosuid", "noexec", "nodev", "ro"}},
	{"/sys/fs/cgroup", "cgroup", "cgroup", {"nosuid", "noexec", "nodev", "relatime", "ro"}},
};

/* A namespace without privileges has no group 5 and may not mount sysfs over a
 * network namespace it doesn't own. */
static void write_mount(struct json_out *o, const struct default_mount *m, bool rootless)
{
	bool bind_sys = rootless && strcmp(m->type, "sysfs") == 0;

	json_out_object(o, NULL);
	json_out_string(o, "destination", m->destination);
	json_out_string(o, "type", bind_sys ? "none" : m->type);
	json_out_string(o, "source", bind_sys ? "/sys" : m->source);
	if (m->options[0] || bind_sys)
		json_out_array(o, "options");
	if (bind_sys)
		json_out_string(o, NULL, "rbind");
	for (size_t i = 0; i < ARRAY_LEN(m->options) && m->options[i]; i++)
		if (!rootless || strcmp(m->options[i], "gid=5") != 0)
			json_out_string(o, NULL, m->options[i]);
	if (m->options[0] || bind_sys)
		json_out_end_array(o);
	json_out_end_object(o);
}

static void write_mapping(struct json_out *o, const char *key, uint32_t host_id)
{
	json_out_array(o, key);
	json_out_object(o, NULL);
	json_out_i64(o, "containerID", 0);
	json_out_i64(o, "hostID", host_id);
	json_out_i64(o, "size", 1);
	json_out_end_object(o);
	json_out_end_array(o);
}

static void write_linux(struct json_out *o, bool rootless)
{
	static const char *const namespaces[] = {"pid", "network", "ipc", "uts", "mount", "cgroup"};
	static const char *const masked[] = {"/proc/acpi",
					     "/proc/asound",
					     "/proc/interrupts",
					     "/proc/kcore",
					     "/proc/keys",
					     "/proc/latency_stats",
					     "/proc/sched_debug",
					     "/proc/scsi",
					     "/proc/timer_list",
					     "/proc/timer_stats",
					     "/sys/devices/virtual/powercap",
					     "/sys/firmware"};
	static const char *const readonly[] = {"/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys",
					       "/proc/sysrq-trigger"};

	json_out_object(o, "linux");
	if (rootless) {
		write_mapping(o, "uidMappings", geteuid());
		write_mapping(o, "gidMappings", getegid());
	} else {
		json_out_object(o, "resources");
		json_out_array(o, "devices");
		json_out_object(o, NULL);
		json_out_bool(o, "allow", false);
		json_out_string(o, "access", "rwm");
		json_out_end_object(o);
		json_out_end_array(o);
		json_out_end_object(o);
	}
	json_out_array(o, "namespaces");
	for (size_t i = 0; i < ARRAY_LEN(namespaces); i++) {
		json_out_object(o, NULL);
		json_out_string(o, "type", namespaces[i]);
		json_out_end_object(o);
	}
	if (rootless) {
		json_out_object(o, NULL);
		json_out_string(o, "type", "user");
		json_out_end_object(o);
	}
	json_out_end_array(o);
	strings(o, "maskedPaths", masked, ARRAY_LEN(masked));
	strings(o, "readonlyPaths", readonly, ARRAY_LEN(readonly));
	json_out_end_object(o);
}

static int run(const struct cmd_context *ctx, void *data, struct err *err)
{
	const struct spec_args *args = data;
	struct json_out o __attribute__((cleanup(json_out_release))) = {.pretty = true};
	autofd int dirfd = -1;
	autofd int fd = -1;

	(void)ctx;
	json_out_object(&o, NULL);
	json_out_string(&o, "ociVersion", "1.3.0");
	write_process(&o);
	json_out_object(&o, "root");
	json_out_string(&o, "path", "rootfs");
	json_out_bool(&o, "readonly", true);
	json_out_end_object(&o);
	json_out_string(&o, "hostname", "kanuki");
	json_out_array(&o, "mounts");
	for (size_t i = 0; i < ARRAY_LEN(mounts); i++)
		write_mount(&o, &mounts[i], args->rootless);
	json_out_end_array(&o);
	write_linux(&o, args->rootless);
	json_out_end_object(&o);
	if (json_out_finish(&o, err) < 0)
		return -1;
	dirfd = sys_open(args->bundle ? args->bundle : ".", O_PATH | O_DIRECTORY | O_CLOEXEC, 0);
	if (dirfd < 0)
		return err_sys(err, "--bundle: open '%s'", args->bundle);
	fd = sys_openat(dirfd, "config.json", O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
			0644);
	if (fd < 0)
		return err_sys(err, "create config.json (an existing one is not replaced)");
	if (file_write_all(fd, str_text(&o.text), o.text.len) < 0 ||
	    file_write_all(fd, "\n", 1) < 0)
		return err_sys(err, "write config.json");
	return 0;
}

const struct cmd cmd_spec = {
	.name = "spec",
	.synopsis = "[OPTIONS]",
	.summary = "write a config.json to start from",
	.options = options,
	.n_options = ARRAY_LEN(options),
	.args_size = sizeof(struct spec_args),
	.failure_status = 1,
	.run = run,
};
