/* What names tell: programs, secrets, host paths, devices.  Pure tables; each is a list of
 * what is common, and the reports say that they judge by name. */
#include "config.h"

#include "check/facts.h"

#include "base/path.h"
#include "policy/super_daemons.h"

#include <string.h>
#include <strings.h>

#include "base/banned.h"

const char *const check_masked_paths[] = {
	"/proc/acpi",        "/proc/kcore",
	"/proc/keys",        "/proc/latency_stats",
	"/proc/sched_debug", "/proc/scsi",
	"/proc/timer_list",  "/proc/timer_stats",
	"/sys/firmware",     "/sys/devices/virtual/powercap",
};
const size_t check_masked_paths_n = ARRAY_LEN(check_masked_paths);

const char *const check_setting_paths[] = {
	"/proc/sys", "/proc/sysrq-trigger", "/proc/irq", "/proc/bus", "/proc/fs", "/sys"};
const size_t check_setting_paths_n = ARRAY_LEN(check_setting_paths);

/* As they are called in /proc/PID/comm. Not those that publish ports for containers (docker-proxy,
 * rootlessport), nor k3s, whose port is Kubernetes' own. */
bool check_is_engine(const char *name)
{
	static const char *const engines[] = {"dockerd",     "containerd",  "podman",    "crio",
					      "crio-server", "cri-dockerd", "buildkitd", "kubelet",
					      "incusd",      "lxd"};

	return texts_have(engines, ARRAY_LEN(engines), name);
}

/* "gcc" also as "gcc-12" and "x86_64-linux-gnu-gcc-12"; "python3" is not meant by "python". */
static bool is_versioned(const char *name, const char *const *list, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		size_t len = strlen(list[i]);
		const char *at = strstr(name, list[i]);

		if (!at || (at != name && at[-1] != '-'))
			continue;
		if (at[len] == 0 || (at[len] == '-' && at[len + 1] >= '0' && at[len + 1] <= '9'))
			return true;
	}
	return false;
}

bool check_is_ssh_server(const char *name)
{
	static const char *const names[] = {"sshd",     "sshd-session", "dropbear",
					    "tinysshd", "in.telnetd",   "telnetd"};

	return texts_have(names, ARRAY_LEN(names), name);
}

static enum check_kind program_kind(const char *name)
{
	static const char *const shells[] = {"sh",  "bash", "dash", "ash",  "ksh",     "mksh",
					     "zsh", "fish", "csh",  "tcsh", "busybox", "toybox"};
	static const char *const managers[] = {
		"apt",      "apt-get", "aptitude", "dpkg", "rpm",    "yum",    "dnf",  "dnf5",
		"microdnf", "tdnf",    "zypper",   "apk",  "pacman", "emerge", "snap", "flatpak",
		"pip",      "pip3",    "npm",      "gem",  "opkg",   "conda",  "brew"};
	static const char *const compilers[] = {
		"gcc",  "g++",   "cc",    "c++",   "clang", "clang++", "tcc", "ld",       "as",
		"make", "cmake", "rustc", "cargo", "go",    "javac",   "ghc", "gfortran", "nasm"};
	static const char *const tools[] = {
		"curl",  "wget",    "nc",     "ncat", "netcat", "nc.openbsd", "nc.traditional",
		"socat", "nmap",    "telnet", "ftp",  "tftp",   "ssh",        "scp",
		"rsync", "tcpdump", "tshark", "dig",  "ip",     "ifconfig",   "iptables",
		"nft",   "hping3",  "masscan"};

	if (check_is_ssh_server(name))
		return KIND_SSH_SERVER;
	if (is_super_daemon(name))
		return KIND_SUPER_DAEMON;
	if (texts_have(shells, ARRAY_LEN(shells), name))
		return KIND_SHELL;
	if (texts_have(managers, ARRAY_LEN(managers), name))
		return KIND_PACKAGE_MANAGER;
	if (is_versioned(name, compilers, ARRAY_LEN(compilers)))
		return KIND_COMPILER;
	if (texts_have(tools, ARRAY_LEN(tools), name))
		return KIND_NETWORK_TOOL;
	return KIND_COUNT;
}

static bool ends_with(const char *s, const char *end)
{
	size_t len = strlen(s), n = strlen(end);

	return len >= n && strcmp(s + len - n, end) == 0;
}

enum check_kind check_name_kind(const char *path, bool program)
{
	static const char *const files[] = {"id_rsa",     "id_dsa",           "id_ecdsa",
					    "id_ed25519", ".netrc",           ".git-credentials",
					    ".pgpass",    ".npmrc",           ".pypirc",
					    ".env",       "credentials.json", ".htpasswd"};
	static const char *const ends[] = {"/.aws/credentials",
					   "/.docker/config.json",
					   "/.kube/config",
					   "/etc/shadow-",
					   ".p12",
					   ".pfx",
					   ".keystore",
					   ".jks",
					   "-key.pem",
					   "/private.pem",
					   "/server.key",
					   "/tls.key"};
	const char *name = path_base(path);

	if (texts_have(files, ARRAY_LEN(files), name))
		return KIND_SECRET;
	for (size_t i = 0; i < ARRAY_LEN(ends); i++)
		if (ends_with(path, ends[i]))
			return KIND_SECRET;
	return program ? program_kind(name) : KIND_COUNT;
}

bool check_env_is_secret(const char *entry, size_t *ret_name_len)
{
	static const char *const marks[] = {"PASSWORD",    "PASSWD",     "SECRET",
					    "TOKEN",       "API_KEY",    "APIKEY",
					    "PRIVATE_KEY", "ACCESS_KEY", "CREDENTIAL"};
	const char *equals = strchr(entry, '=');
	size_t len = equals ? (size_t)(equals - entry) : 0;

	if (!len || !equals[1])
		return false;
	/* the name of a file that holds it is the way to do it */
	if ((len > 5 && strncasecmp(equals - 5, "_FILE", 5) == 0) ||
	    (len > 5 && strncasecmp(equals - 5, "_PATH", 5) == 0))
		return false;
	for (size_t i = 0; i < ARRAY_LEN(marks); i++) {
		size_t n = strlen(marks[i]);
		for (size_t at = 0; at + n <= len; at++)
			if (strncasecmp(entry + at, marks[i], n) == 0) {
				*ret_name_len = len;
				return true;
			}
	}
	return false;
}

bool check_is_default_device(char type, uint32_t major, uint32_t minor)
{
	if (type != 'c')
		return false;
	if (major == 1)
		return minor == 3 || minor == 5 || minor == 7 || minor == 8 || minor == 9;
	/* tty, console, ptmx; the container's own terminals */
	return (major == 5 && minor <= 2) || (major >= 136 && major <= 143);
}

/* What an engine keeps in the host's directories for one container, and binds there. */
static bool is_engines_own(const char *source)
{
	static const struct { const char *beneath, *part; } own[] = {
		{"/var/lib/containers/storage", "/userdata/"},
		{"/run/containers/storage", "/userdata/"},
		{"/var/lib/containers/storage/volumes", "/_data"},
		{"/var/lib/docker/containers", "/hosts"},
		{"/var/lib/docker/containers", "/hostname"},
		{"/var/lib/docker/containers", "/resolv.conf"},
		{"/var/lib/docker/containers", "/mounts/"},
		{"/var/lib/docker/volumes", "/_data"},
		{"/var/lib/kubelet/pods", "/volumes/"},
		{"/var/lib/kubelet/pods", "/volume-subpaths/"},
		{"/var/lib/kubelet/pods", "/containers/"},
		{"/var/lib/kubelet/pods", "/etc-hosts"},
		{"/run/containerd/io.containerd.grpc.v1.cri/sandboxes", "/"},
		{"/var/lib/containerd/io.containerd.grpc.v1.cri/sandboxes", "/"},
	};
	/* public parts of /etc that images without their own are given */
	static const char *const lent[] = {
		"/etc/hosts",    "/etc/hostname",  "/etc/resolv.conf",     "/etc/localtime",
		"/etc/timezone", "/etc/ssl/certs", "/etc/ca-certificates", "/etc/pki/ca-trust"};

	for (size_t i = 0; i < ARRAY_LEN(own); i++)
		if (path_is_beneath(source, own[i].beneath) &&
		    strcmp(source, own[i].beneath) != 0 &&
		    strstr(source + strlen(own[i].beneath), own[i].part))
			return true;
	return texts_have(lent, ARRAY_LEN(lent), source);
}

const char *check_sensitive_path(const char *source)
{
	/* with CIS 5.6's /boot /dev /etc /lib /proc /sys /usr; the state of engines */
	static const char *const sensitive[] = {
		"/boot",
		"/dev",
		"/efi",
		"/etc",
		"/lib",
		"/lib64",
		"/proc",
		"/root",
		"/run",
		"/sys",
		"/usr",
		"/var/run",
		"/var/lib/cni",
		"/var/lib/containerd",
		"/var/lib/containers",
		"/var/lib/crio",
		"/var/lib/docker",
		"/var/lib/etcd",
		"/var/lib/kubelet",
		"/var/lib/systemd",
	};

	if (is_engines_own(source))
		return NULL;
	for (size_t i = 0; i < ARRAY_LEN(sensitive); i++)
		/* itself, what is in it, and what holds it: "/" and "/var" */
		if (path_is_beneath(source, sensitive[i]) || path_is_beneath(sensitive[i], source))
			return sensitive[i];
	return NULL;
}
