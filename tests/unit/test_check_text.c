/* check/: texts of the system, names, plans and policies as facts. */
#include "config.h"

#include "check/facts.h"
#include "check/probe.h"
#include "plan/host_sockets.h"
#include "policy/conf.h"

#include "plan_fixture.h"
#include "tap.h"

#include <sys/mount.h>

static struct arena arena = ARENA_INIT;

static char *copy(const char *text)
{
	char *s = arena_strdup(&arena, text);
	if (!s)
		abort();
	return s;
}

static void test_mountinfo(void)
{
	mountinfo_list m = {0};
	struct err err = ERR_INIT;

	is_int(mountinfo_parse_all(
		       copy("22 1 0:20 / / ro,nosuid shared:7 master:2 - overlay overlay rw,lowerdir=/a\n"
			    "23 22 8:1 /srv/a\\040b /data\\134x rw,noexec,nodev - ext4 /dev/sda1 rw\n"
			    "24 22 0:5 /null /proc/kcore rw - devtmpfs  ro\n"),
		       &arena, ERR_SYSTEM, &m, &err),
	       0, "mountinfo is read");
	is_int((intmax_t)m.n, 3, "three mounts");
	is_str(m.items[0].target, "/", "target");
	ok(m.items[0].readonly && m.items[0].nosuid && !m.items[0].noexec && m.items[0].peer == 7, "flags and peer group");
	is_str(m.items[1].root, "/srv/a b", "octal escapes");
	is_str(m.items[1].target, "/data\\x", "a backslash");
	ok(!m.items[1].readonly && m.items[1].noexec && m.items[1].nodev && !m.items[1].peer, "other flags");
	ok(m.items[2].sb_readonly && !m.items[2].readonly, "read-only by its file system, whose source is empty");
	for (const char *const *bad = (const char *const[]){"22 1 0:20 / /", "22 1 020 / / ro - x y rw", "22 1 0:20 / / ro x y rw",
							    "22 1 0:20 / / ro shared:x - t s rw", NULL};
	     *bad; bad++) {
		struct err why = ERR_INIT;
		mountinfo_list none = {0};
		ok(mountinfo_parse_all(copy(*bad), &arena, ERR_SYSTEM, &none, &why) < 0,
		   "refused: %s", *bad);
	}
}

static const char *host_path(const mountinfo_list *host, uint32_t minor, const char *root,
			     const char *type)
{
	const struct mountinfo m = {.major = 8, .minor = minor, .root = root, .type = type, .target = "/x"};
	struct err err = ERR_INIT;
	const char *path;

	return check_host_path(host, &m, &arena, &path, &err) == 0 ? path : "error";
}

static void test_host_path(void)
{
	mountinfo_list host = {0};
	struct err err = ERR_INIT;

	is_int(mountinfo_parse_all(
		       copy("1 0 8:1 / / rw - ext4 /dev/a rw\n2 1 8:2 / /srv rw - ext4 /dev/b rw\n"
			    "3 1 8:2 /sub /other rw - ext4 /dev/b rw\n4 1 8:3 /vol/home /home rw - btrfs c rw\n"),
		       &arena, ERR_SYSTEM, &host, &err),
	       0, "the host's table");
	is_str(host_path(&host, 1, "/etc/x", "ext4"), "/etc/x", "of the host's root");
	is_str(host_path(&host, 1, "/", "ext4"), "/", "the host's root itself");
	is_str(host_path(&host, 2, "/web", "ext4"), "/srv/web", "of another file system");
	is_str(host_path(&host, 2, "/", "ext4"), "/srv", "all of another");
	is_str(host_path(&host, 2, "/sub/a", "ext4"), "/other/a", "the nearest mount");
	is_str(host_path(&host, 3, "/vol/home", "btrfs"), "/home", "a mount of a part");
	is_str(host_path(&host, 3, "/vol/data", "btrfs"), NULL, "a part that the host doesn't show");
	is_str(host_path(&host, 9, "/", "tmpfs"), NULL, "the container's own");
	is_str(host_path(&host, 1, "/a", "cgroup2"), NULL, "cgroupfs is one for all");
}

#define HEADING "  sl  local_address rem_address   st tx_queue rx_queue\n"

static void test_ports(void)
{
	LIST_OF(struct check_port) ports = {0};
	struct err err = ERR_INIT;

	is_int(check_ports_parse(copy(HEADING "   0: 0100007F:0947 00000000:0000 0A 00000000:00000000\n"
					      "   1: 00000000:0050 00000000:0000 0A 0\n"
					      "   2: 0200000A:C350 0100000A:0050 01 0\n"),
				 "tcp", false, &arena, &ports.items, &ports.n, &ports.cap, &err),
	       0, "/proc/net/tcp");
	is_int((intmax_t)ports.n, 2, "those that listen");
	ok(ports.items[0].port == 2375 && ports.items[0].loopback, "127.0.0.1:2375");
	is_str(ports.items[0].address, "127.0.0.1", "its address");
	ok(ports.items[1].port == 80 && !ports.items[1].loopback, "0.0.0.0:80");
	is_int(check_ports_parse(copy(HEADING "   0: 00000000000000000000000001000000:1F90 0:0 0A 0\n"
					      "   1: 00000000000000000000000000000000:0016 0:0 0A 0\n"
					      "   2: 0000000000000000FFFF00000100007F:0017 0:0 0A 0\n"),
				 "tcp", false, &arena, &ports.items, &ports.n, &ports.cap, &err),
	       0, "/proc/net/tcp6");
	ok(ports.n == 5 && ports.items[2].loopback && !strcmp(ports.items[2].address, "::1"), "::1");
	ok(!ports.items[3].loopback && !strcmp(ports.items[3].address, "::"), "::");
	ok(ports.items[4].loopback, "127.0.0.1 in IPv6's clothes");
	is_int(check_ports_parse(copy(HEADING "  9: 00000000:0035 00000000:0000 07 0\n"), "udp", true, &arena, &ports.items, &ports.n,
				 &ports.cap, &err),
	       0, "/proc/net/udp");
	ok(ports.n == 6 && ports.items[5].port == 53, "a UDP socket that anybody may send to");
	is_int(check_ports_parse(copy(""), "tcp", false, &arena, &ports.items, &ports.n, &ports.cap, &err), 0, "an empty file");
	ok(check_ports_parse(copy(HEADING "rubbish\n"), "tcp", false, &arena, &ports.items, &ports.n, &ports.cap, &err) < 0,
	   "rubbish is refused");
}

static struct check_sshd sshd(const char *text)
{
	struct check_sshd config = {0};
	struct err err = ERR_INIT;

	if (check_sshd_parse(copy(text), &arena, &config, &err) < 0)
		abort();
	return config;
}

static void test_sshd(void)
{
	struct check_sshd s = sshd("# PermitRootLogin no\n  permitrootlogin\tYES # all\nPermitRootLogin no\nPasswordAuthentication=no\n");

	is_str(s.permit_root_login, "yes", "the first value wins, in any case of letters");
	is_str(s.password_authentication, "no", "with an equals sign");
	s = sshd("PasswordAuthentication no\nMatch User bob\n PasswordAuthentication yes\nMatch all\nPermitRootLogin \"no\"\n");
	is_str(s.password_authentication, "yes (in a Match block)", "looser for some");
	is_str(s.permit_root_login, "no", "after Match all, in quotation marks");
	s = sshd("PasswordAuthentication yes\nMatch User bob\nPasswordAuthentication no\nPermitRootLogin no\n");
	is_str(s.password_authentication, "yes", "stricter for some is not stricter");
	is_str(s.permit_root_login, NULL, "stricter for some sets nothing");
	s = sshd("PermitRootLogin\n\n\"\n");
	is_str(s.permit_root_login, NULL, "a keyword without a value");
}

static bool secret(const char *entry)
{
	size_t len;
	return check_env_is_secret(entry, &len);
}

static void test_names(void)
{
	static const struct { const char *path; bool program; enum check_kind kind; } files[] = {
		{"/bin/sh", true, KIND_SHELL},		    {"/usr/bin/x86_64-linux-gnu-gcc-12", true, KIND_COMPILER},
		{"/usr/bin/gcc", true, KIND_COMPILER},	    {"/usr/bin/gcc-ranlib", true, KIND_COUNT},
		{"/usr/bin/apt-get", true, KIND_PACKAGE_MANAGER}, {"/usr/bin/nc", true, KIND_NETWORK_TOOL},
		{"/usr/sbin/sshd", true, KIND_SSH_SERVER},  {"/sbin/init", true, KIND_SUPER_DAEMON},
		{"/bin/sh", false, KIND_COUNT},		    {"/root/.ssh/id_ed25519", false, KIND_SECRET},
		{"/home/a/.aws/credentials", false, KIND_SECRET}, {"/app/.env", false, KIND_SECRET},
		{"/etc/credentials", false, KIND_COUNT},    {"/usr/bin/web", true, KIND_COUNT},
	};

	for (size_t i = 0; i < ARRAY_LEN(files); i++)
		is_int(check_name_kind(files[i].path, files[i].program), files[i].kind, files[i].path);
	ok(secret("DB_PASSWORD=x") && secret("github_token=x") && secret("MYAPIKEY=x"), "variables named like secrets");
	ok(!secret("DB_PASSWORD=") && !secret("PASSWORD") && !secret("=PASSWORD") && !secret("PATH=/bin:TOKEN"), "empty or others");
	ok(!secret("DB_PASSWORD_FILE=/run/secrets/x"), "the name of the file that has it");
	ok(check_is_default_device('c', 1, 3) && check_is_default_device('c', 136, 0) && check_is_default_device('c', 5, 2),
	   "default devices");
	ok(!check_is_default_device('b', 1, 3) && !check_is_default_device('c', 1, 1) && !check_is_default_device('c', 10, 232),
	   "a block device, mem, kvm");
	ok(check_sensitive_path("/") && check_sensitive_path("/etc/shadow") && check_sensitive_path("/var") &&
		   check_sensitive_path("/run/docker.sock") && check_sensitive_path("/var/lib/docker/overlay2/x"),
	   "the host's");
	ok(!check_sensitive_path("/srv/data") && !check_sensitive_path("/etcetera") && !check_sensitive_path("/etc/resolv.conf") &&
		   !check_sensitive_path("/var/lib/docker/containers/abc/hostname") &&
		   !check_sensitive_path("/run/containers/storage/overlay-containers/x/userdata/hosts"),
	   "a service's, or what an engine gives it");
}

static void test_plan(void)
{
	struct plan plan = PLAN_INIT;
	struct check_confinement c;
	struct err err = ERR_INIT;

	fixture_plan(&plan);
	is_int(check_plan_facts(&plan, &arena, &c, &err), 0, "a plan's facts");
	ok(c.ids_seen && c.uids[0] == plan.process.uid && c.uids[3] == plan.process.uid && c.gids[1] == plan.process.gid, "ids");
	ok(c.no_new_privs == SEEN_YES && c.filter == SEEN_YES && c.caps_seen, "no_new_privs, a filter, capabilities");
	is_int(c.ns[NS_USER], CHECK_NS_OWN, "the user namespace entered last");
	is_int(c.root_is_host_root, SEEN_NO, "without the host's root");
	ok(c.mounts_seen && c.mounts.items[0].readonly && !strcmp(c.mounts.items[0].target, "/"), "the root first");
	ok(c.masked.n == check_masked_paths_n, "every path that should be masked");
	for (size_t i = 0; i < c.masked.n; i++)
		is_int(c.masked.items[i].state, MASK_MASKED, c.masked.items[i].path);
	plan.masked.n = 0;
	plan.ns[NS_NET] = (struct plan_ns){.mode = NS_HOST};
	plan.ns[NS_IPC] = (struct plan_ns){.mode = NS_JOIN, .path = "/p"};
	plan.ns[NS_UTS] = (struct plan_ns){.mode = NS_JOIN, .path = "/p", .refuse_host = true};
	fixture_mount(&plan, MOUNT_BIND, NULL, "/run/docker.sock", "/s", 0)->propagation = MS_SHARED;
	fixture_mount(&plan, MOUNT_BIND, NULL, "/run", "/hostrun", MOUNT_ATTR_RDONLY);
	fixture_text(&plan, &plan.process.env, "A_SECRET=hidden");
	is_int(check_plan_facts(&plan, &arena, &c, &err), 0, "a laxer plan's");
	is_int(c.masked.items[0].state, MASK_OPEN, "not masked");
	is_int(c.ns[NS_NET], CHECK_NS_HOST, "the host's network");
	is_int(c.ns[NS_IPC], CHECK_NS_JOINED, "somebody's");
	is_int(c.ns[NS_UTS], CHECK_NS_OWN, "a pod's, since the host's is refused");
	is_str(c.secrets.items[c.secrets.n - 1], "A_SECRET", "the name of a secret, not its value");
	ok(c.mounts.items[c.mounts.n - 1 - plan.readonly.n].socket, "a directory that holds one");
	bool socket = false;
	for (size_t i = 0; i < c.mounts.n; i++)
		if (!strcmp(c.mounts.items[i].target, "/s"))
			socket = c.mounts.items[i].socket && c.mounts.items[i].shared && !c.mounts.items[i].readonly;
	ok(socket, "an engine's socket, shared and writable");
	plan_release(&plan);
}

static void test_policy(void)
{
	static const char text[] =
		"{\"version\": 1, \"level\": \"hardened\", \"mode\": \"audit\", \"audit\": {\"file\": \"/x\"}, \"mounts\": {\"allow\": [{\"source\": \"/srv\"}, "
		"{\"source\": \"/srv/a\", \"target\": \"/a\", \"writable\": true}, {\"source\": \"/srv/b\", \"writable\": true}]},"
		"\"exceptions\": [{\"image\": \"sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\", \"owner\": \"o\","
		"\"reason\": \"r\", \"expires\": \"2027-01-01T00:00:00Z\", \"allow\": {\"rootUser\": true}}]}";
	struct policy_conf conf = POLICY_CONF_INIT;
	struct check_policy p;
	struct err err = ERR_INIT;

	if (policy_conf_parse(text, sizeof(text) - 1, "/etc/p", &conf, &err) < 0)
		diag("%s", err.msg);
	is_int(check_policy_facts(&conf, 5, &arena, &p, &err), 0, "a policy's facts");
	ok(!p.enforced && p.level == LEVEL_HARDENED && p.now == 5 && p.root_demoted, "mode, level");
	is_int((intmax_t)p.broad_mounts.n, 2, "two broad mounts");
	is_str(p.broad_mounts.items[1], "/srv/b", "writable, anywhere in any container");
	ok(p.exceptions.n == 1 && p.exceptions.items[0].root, "one exception, for root");
	is_str(p.exceptions.items[0].text, "sha256:0123456789ab (o, until 2027-01-01T00:00:00Z)", "told by digest, owner and end");
	policy_conf_release(&conf);
	conf = (struct policy_conf)POLICY_CONF_INIT;
	is_int(policy_conf_builtin("builtin:oci", &conf, &err), 0, "oci");
	is_int(check_policy_facts(&conf, 5, &arena, &p, &err), 0, "its facts");
	ok(!p.root_demoted && !p.pids_max && !p.seccomp_strict && !p.super_daemons_refused, "it holds nothing");
	policy_conf_release(&conf);
}

/* An engine's is told from the others by its path alone, so the mark can be looked at again. */
static void test_sockets(void)
{
	static const char *const not_engines[] = {"/run/dbus/",        "/run/libvirt/",
						  "/run/snapd.socket", "/run/systemd/",
						  "/run/udev/",        "/var/lib/kubelet/"};
	size_t wrong = 0;

	for (size_t i = 0; i < plan_host_sockets_n; i++) {
		const struct plan_host_socket *s = &plan_host_sockets[i];
		bool other = false;

		for (size_t k = 0; k < ARRAY_LEN(not_engines); k++)
			other |= !strncmp(s->path, not_engines[k], strlen(not_engines[k]));
		if (other == s->engine) {
			diag("%s", s->path);
			wrong++;
		}
	}
	is_int(wrong, 0, "each socket of the host's is an engine's, or known to be another's");
}

int main(void)
{
	test_sockets();
	test_mountinfo();
	test_host_path();
	test_ports();
	test_sshd();
	test_names();
	test_plan();
	test_policy();
	arena_release(&arena);
	return tap_done();
}
