/* config.json as a whole: the top level, the linux object, the version, samples, and the configs of the engines. */
#include "config.h"

#include "spec_case.h"

#define UNKNOWN "unknown property; runtime-spec 1.3.0 has none of this name here, remove it"
#define OTHER_SYSTEM "not supported on Linux: the object configures a container of another system; remove it"

static const struct refusal refusals[] = {
	{ "'root':{}", "root.path: is missing; the specification requires it" },
	{ "'root':{'path':''}", "root.path: is empty; the specification requires a value" },
	{ "'root':{'path':'rootfs','readOnly':true}", "root.readOnly: unknown property (did you mean 'readonly'?)" },
	{ "'root':{'path':'rootfs','readonly':'true'}", "root.readonly: expected a boolean, found a string" },
	{ "'root':'rootfs'", "root: expected an object, found a string" },
	{ "'process':[]", "process: expected an object, found an array" },
	{ "'process':{}", "process.cwd: is missing; the specification requires it" },
	{ "'process':{'cwd':'/','env':['A']}", "process.env[0]: 'A' has no '='; write NAME=value" },
	{ "'hostname':'a2345678901234567890123456789012345678901234567890123456789012345'",
	  "hostname: is 65 bytes long; Linux takes 64 at most" },
	{ "'domainname':'a2345678901234567890123456789012345678901234567890123456789012345'",
	  "domainname: is 65 bytes long; Linux takes 64 at most" },
	{ "'hostname':5", "hostname: expected a string, found a number" },
	{ "'annotations':{'':'x'}", "annotations: has an entry with an empty key; name it or remove it" },
	{ "'annotations':{'a':{}}", "annotations.a: expected a string, found an object" },
	{ "'annotations':{'a':null}", "annotations.a: expected a string, found null" },
	{ "'annotations':[]", "annotations: expected an object, found an array" },

	{ "'windows':{}", "windows: " OTHER_SYSTEM },
	{ "'solaris':{}", "solaris: " OTHER_SYSTEM },
	{ "'freebsd':{'devices':[]}", "freebsd: " OTHER_SYSTEM },
	{ "'zos':{}", "zos: " OTHER_SYSTEM },
	{ "'vm':{'kernel':{'path':'/k'}}",
	  "vm: not supported on Linux: the object configures a virtual machine, and kanuki makes none; remove it" },
	{ "'platform':{'os':'linux'}",
	  "platform: unknown property: it was dropped from the specification before 1.0.0; remove it" },
	{ "'wasm':{}", "wasm: " UNKNOWN },
	{ "'window':{}", "window: " UNKNOWN },
	{ "'Linux':{}", "Linux: unknown property (did you mean 'linux'?)" },

	{ "'linux':null,'linux':{}", "linux: duplicate key" },
	{ "'linux':[]", "linux: expected an object, found an array" },
	{ IN_LINUX("'rootfsPropagation':'master'"),
	  "linux.rootfsPropagation: 'master' is not a mount propagation; use one of private, shared, slave, unbindable, "
	  "rprivate, rshared, rslave, runbindable" },
	{ IN_LINUX("'sysctl':{'':'1'}"), "linux.sysctl: has an entry with an empty key; name it or remove it" },
	{ IN_LINUX("'sysctl':{'net.ipv4.ip_forward':1}"),
	  "linux.sysctl.net.ipv4.ip_forward: expected a string, found a number" },
	{ IN_LINUX("'maskedPaths':['/proc/kcore','proc/keys']"),
	  "linux.maskedPaths[1]: 'proc/keys' is not an absolute path; it must begin with '/'" },
	{ IN_LINUX("'maskedPaths':['']"),
	  "linux.maskedPaths[0]: '' is not an absolute path; it must begin with '/'" },
	{ IN_LINUX("'readonlyPaths':['sys']"),
	  "linux.readonlyPaths[0]: 'sys' is not an absolute path; it must begin with '/'" },
	{ IN_LINUX("'readonlyPaths':'/proc/sys'"), "linux.readonlyPaths: expected an array, found a string" },
	{ IN_LINUX("'mountLabel':[]"), "linux.mountLabel: expected a string, found an array" },
	{ IN_LINUX("'cgroupPath':'/x'"), "linux.cgroupPath: unknown property (did you mean 'cgroupsPath'?)" },
	{ IN_LINUX("'seccomp':{}"), "linux.seccomp.defaultAction: is missing; the specification requires it" },
	{ IN_LINUX("'seccomp':{'defaultAction':'SCMP_ACT_NOTIFY'}"),
	  "linux.seccomp: SCMP_ACT_NOTIFY needs 'listenerPath', where the listener waits" },
	{ IN_LINUX("'resources':{'pids':{}}"),
	  "linux.resources.pids.limit: is missing; the specification requires it" },
	{ IN_LINUX("'resources':{'oomScoreAdj':100}"),
	  "linux.resources.oomScoreAdj: unknown property: it is process.oomScoreAdj since 1.0.0" },
	{ "'hostname':'a\\u0000b'", "line 1, column 36: a string may not hold NUL (\\u0000)" },
};

/* Documents that are not even the inside of an object. */
static const struct refusal whole_refusals[] = {
	{ "", "line 1, column 1: ends too early" },
	{ "null", "expected an object, found null" },
	{ "[]", "expected an object, found an array" },
	{ "{}", "ociVersion: is missing; the specification requires it" },
	{ "{\"ociVersion\":null}", "ociVersion: is missing; the specification requires it" },
	{ "{\"ociVersion\":1.3}", "ociVersion: expected a string, found a number" },
	{ "{\"ociVersion\":\"\"}", "ociVersion: is empty; the specification requires a value" },
	{ "{\"ociVersion\":\"2.0.0\"}", "ociVersion: version 2.0.0 is not supported: only 1.x is, up to 1.3.0's properties" },
	{ "{\"ociVersion\":\"0.5.0-dev\"}",
	  "ociVersion: version 0.5.0-dev is not supported: only 1.x is, up to 1.3.0's properties" },
	{ "{\"ociVersion\":\"10.0.0\"}",
	  "ociVersion: version 10.0.0 is not supported: only 1.x is, up to 1.3.0's properties" },
	{ "{\"ociVersion\":\"1\"}", "ociVersion: '1' is not a version; write it like 1.3.0" },
	{ "{\"ociVersion\":\"1.2\"}", "ociVersion: '1.2' is not a version; write it like 1.3.0" },
	{ "{\"ociVersion\":\"1.2.\"}", "ociVersion: '1.2.' is not a version; write it like 1.3.0" },
	{ "{\"ociVersion\":\"01.2.3\"}", "ociVersion: '01.2.3' is not a version; write it like 1.3.0" },
	{ "{\"ociVersion\":\"1.2.3 \"}", "ociVersion: '1.2.3 ' is not a version; write it like 1.3.0" },
	{ "{\"ociVersion\":\"1.2.3-\"}", "ociVersion: '1.2.3-' is not a version; write it like 1.3.0" },
	{ "{\"ociVersion\":\"1.2.3-a..b\"}", "ociVersion: '1.2.3-a..b' is not a version; write it like 1.3.0" },
	{ "{\"ociVersion\":\"1.2.3+\"}", "ociVersion: '1.2.3+' is not a version; write it like 1.3.0" },
	{ "{\"ociVersion\":\"1.2.3+a+b\"}", "ociVersion: '1.2.3+a+b' is not a version; write it like 1.3.0" },
	{ "{\"ociVersion\":\"v1.2.3\"}", "ociVersion: 'v1.2.3' is not a version; write it like 1.3.0" },
	{ "{\"ociVersion\":\"1.x.3\"}", "ociVersion: '1.x.3' is not a version; write it like 1.3.0" },
	{ "{\"ociVersion\":\"1.0.0\"}]", "line 1, column 23: text after the value" },
};

static void whole_documents(void)
{
	for (size_t i = 0; i < ARRAY_LEN(whole_refusals); i++) {
		struct spec spec = SPEC_INIT;
		struct err err = ERR_INIT;
		const char *text = whole_refusals[i].inside;

		is_refusal(spec_parse(text, strlen(text), &spec, &err), &err, &whole_refusals[i]);
		spec_release(&spec);
	}
}

static void versions(void)
{
	static const char *const good[] = { "1.0.0", "1.3.0",	    "1.0.2-dev",	"1.0.0-rc2-dev", "1.0.0-rc.1",
					    "1.2.1", "1.10.20", "1.3.0+dev",	"1.3.0-rc1+a.b-c", "1.99.0" };

	for (size_t i = 0; i < ARRAY_LEN(good); i++) {
		struct spec spec = SPEC_INIT;
		struct err err = ERR_INIT;
		char text[100];
		int n = snprintf(text, sizeof(text), "{\"ociVersion\":\"%s\"}", good[i]);

		ok(spec_parse(text, (size_t)n, &spec, &err) == 0 && same(spec.oci_version, good[i]),
		       "version %s is taken", good[i]);
		spec_release(&spec);
	}
}

static void top_level(void)
{
	struct spec spec = SPEC_INIT;
	struct err err = ERR_INIT;
	int rc = parse_config("'root':{'path':'rootfs','readonly':false},'hostname':'h','domainname':'d.example',"
			      "'annotations':{'a':'1','b':''}",
			      &spec, &err);

	ok(rc == 0 && spec.root.set && same(spec.root.path, "rootfs") && spec.root.readonly.set &&
		       !spec.root.readonly.v,
	       "root");
	ok(rc == 0 && same(spec.hostname, "h") && same(spec.domainname, "d.example"), "hostname and domainname");
	ok(rc == 0 && spec.annotations.n == 2 && same(spec.annotations.items[0].key, "a") &&
		       same(spec.annotations.items[0].value, "1") && same(spec.annotations.items[1].value, ""),
	       "annotations");
	ok(rc == 0 && !spec.process && !spec.linux_ && spec.mounts.n == 0, "absent objects are NULL");
	spec_release(&spec);
	spec_release(&spec);
	ok(!spec.oci_version && !spec.hostname, "released twice, nothing is left");
}

static void lengths(void)
{
	static const struct refusal want = { "a root of 4096 bytes",
					     "root.path: is a path of 4096 bytes; Linux takes 4095 at most" };
	char inside[5000];
	struct spec spec = SPEC_INIT;
	struct err err = ERR_INIT;

	snprintf(inside, sizeof(inside), "'hostname':'%064d','domainname':'%064d','root':{'path':'%04095d'}", 0, 0, 0);
	ok(parse_config(inside, &spec, &err) == 0 && strlen(spec.hostname) == 64 && strlen(spec.root.path) == 4095,
	   "64 and 4095 bytes are taken");
	spec_release(&spec);
	snprintf(inside, sizeof(inside), "'root':{'path':'%04096d'}", 0);
	is_refusal(parse_config(inside, &spec, &err), &err, &want);
	spec_release(&spec);
}

static void linux_object(void)
{
	struct spec spec = SPEC_INIT;
	struct err err = ERR_INIT;
	int rc = parse_config(IN_LINUX("'cgroupsPath':'machine.slice:libpod:x','rootfsPropagation':'slave',"
				       "'sysctl':{'net.ipv4.ip_forward':'1'},'maskedPaths':['/proc/kcore','/sys/firmware'],"
				       "'readonlyPaths':[],'mountLabel':'a:b:c:d','resources':{},"
				       "'seccomp':{'defaultAction':'SCMP_ACT_LOG'}"),
			      &spec, &err);
	const struct spec_linux *l = spec.linux_;

	ok(rc == 0, "the linux object");
	if (rc) {
		diag("%s", err.msg);
		spec_release(&spec);
		return;
	}
	ok(same(l->cgroups_path, "machine.slice:libpod:x") && same(l->rootfs_propagation, "slave") &&
		       same(l->mount_label, "a:b:c:d"),
	       "strings");
	ok(l->sysctl.n == 1 && same(l->sysctl.items[0].key, "net.ipv4.ip_forward"), "sysctl");
	ok(l->masked_paths_set && same_words(&l->masked_paths, "/proc/kcore /sys/firmware"), "masked paths");
	ok(l->readonly_paths_set && l->readonly_paths.n == 0, "an empty list is not an absent one");
	ok(l->resources && l->seccomp && same(l->seccomp->default_action, "SCMP_ACT_LOG"), "objects");
	spec_release(&spec);
	rc = parse_config(IN_LINUX("'rootfsPropagation':'','maskedPaths':null,'resources':null,'cgroupsPath':''"), &spec,
			  &err);
	l = spec.linux_;
	ok(rc == 0 && !l->rootfs_propagation && !l->masked_paths_set && !l->readonly_paths_set && !l->resources &&
		       !l->seccomp && !l->cgroups_path,
	       "null and empty are absent");
	spec_release(&spec);
}

/* What the specification's own samples hold, in words of our own. */
static void samples(void)
{
	static const char *const good[] = {
		"'root':{'path':'r'}",
		"'root':{'path':'r'},'process':{'cwd':'/','args':['sh'],'user':{'uid':0,'gid':0}}",
		"'root':{'path':'r'}," IN_LINUX("'netDevices':{'en0':{'name':'c0'},'en1':{},'en2':{}}"),
		"'root':{'path':'r'}," IN_LINUX("'resources':{'rdma':{'m_1':{'hcaHandles':4,'hcaObjects':9000},"
						"'m_0':{'hcaObjects':800},'r':{'hcaObjects':7000}}}"),
		"'process':{'terminal':true,'user':{'uid':3,'gid':4,'additionalGids':[7,8]},'args':['ash'],"
		"'env':['PATH=/bin','TERM=vt100'],'cwd':'/','capabilities':{'bounding':['CAP_AUDIT_WRITE','CAP_KILL',"
		"'CAP_NET_BIND_SERVICE'],'permitted':['CAP_KILL'],'inheritable':['CAP_KILL'],'effective':['CAP_KILL'],"
		"'ambient':['CAP_NET_BIND_SERVICE']},'rlimits':[{'type':'RLIMIT_CORE','hard':512,'soft':512},"
		"{'type':'RLIMIT_NOFILE','hard':512,'soft':512}],'apparmorProfile':'p','selinuxLabel':'u:r:t:s0:c1,c2',"
		"'noNewPrivileges':true},'root':{'path':'r','readonly':true},'hostname':'h','domainname':'d.test',"
		"'mounts':[{'destination':'/proc','type':'proc','source':'proc'}],"
		"'hooks':{'prestart':[{'path':'/bin/a','args':['a','1'],'env':['k=v']},{'path':'/bin/b'}],"
		"'createRuntime':[{'path':'/bin/a'}],'createContainer':[{'path':'/bin/m','args':['-m']}],"
		"'startContainer':[{'path':'/bin/l'}],'poststart':[{'path':'/bin/n','timeout':7}],"
		"'poststop':[{'path':'/bin/c','args':['c','-f']}]},"
		IN_LINUX("'devices':[{'path':'/dev/fuse','type':'c','major':10,'minor':229,'fileMode':438,'uid':0,'gid':0},"
			 "{'path':'/dev/sda','type':'b','major':8,'minor':0,'fileMode':432,'uid':0,'gid':0}],"
			 "'uidMappings':[{'containerID':0,'hostID':2000,'size':3200}],"
			 "'gidMappings':[{'containerID':0,'hostID':2000,'size':3200}],"
			 "'sysctl':{'net.ipv4.ip_forward':'1','net.core.somaxconn':'128'},'cgroupsPath':'/a/b',"
			 "'resources':{'network':{'classID':1048577,'priorities':[{'name':'eth0','priority':5}]},"
			 "'pids':{'limit':32771},'hugepageLimits':[{'pageSize':'2MB','limit':9223372036854772000}],"
			 "'memory':{'limit':5368,'reservation':5368,'swap':5368,'kernel':-1,'kernelTCP':-1,'swappiness':0,"
			 "'disableOOMKiller':false,'useHierarchy':false,'checkBeforeUpdate':false},"
			 "'cpu':{'shares':1024,'quota':1000000,'burst':1000000,'period':500000,'realtimeRuntime':950000,"
			 "'realtimePeriod':1000000,'cpus':'2-3','mems':'0-7'},'devices':[{'allow':false,'access':'rwm'},"
			 "{'allow':true,'type':'c','major':10,'minor':229,'access':'rw'}],'blockIO':{'weight':10,"
			 "'leafWeight':10,'weightDevice':[{'major':8,'minor':0,'weight':500,'leafWeight':300}],"
			 "'throttleReadBpsDevice':[{'major':8,'minor':0,'rate':600}]}},'rootfsPropagation':'slave',"
			 "'seccomp':{'defaultAction':'SCMP_ACT_ALLOW','architectures':['SCMP_ARCH_X86','SCMP_ARCH_X32'],"
			 "'syscalls':[{'names':['getcwd','chmod'],'action':'SCMP_ACT_ERRNO'}]},"
			 "'timeOffsets':{'monotonic':{'secs':172800,'nanosecs':0},'boottime':{'secs':604800,'nanosecs':0}},"
			 "'namespaces':[{'type':'pid'},{'type':'network'},{'type':'ipc'},{'type':'uts'},{'type':'mount'},"
			 "{'type':'user'},{'type':'cgroup'},{'type':'time'}],'maskedPaths':['/proc/kcore'],"
			 "'readonlyPaths':['/proc/sys'],'mountLabel':'u:o:t:s0:c1,c2'")
		",'annotations':{'com.example.a':'1','com.example.b':'2'}",
	};

	config_accepted(good, ARRAY_LEN(good));
}

/* --- the engines' default configs, tests/unit/data/ --- */

static char *read_data(const char *name, size_t *ret_len)
{
	const char *top = getenv("top_srcdir");
	char path[4096];
	char *text = malloc(1 << 20);
	FILE *f;

	snprintf(path, sizeof(path), "%s/tests/unit/data/%s", top ? top : ".", name);
	f = fopen(path, "re");
	if (!f || !text) {
		fprintf(stderr, "%s can't be read\n", path);
		exit(1);
	}
	*ret_len = fread(text, 1, 1 << 20, f);
	fclose(f);
	return text;
}

static void load(const char *name, struct spec *spec)
{
	struct err err = ERR_INIT;
	size_t len;
	char *text = read_data(name, &len);
	int rc = spec_parse(text, len, spec, &err);

	ok(rc == 0, "%s is taken", name);
	if (rc)
		diag("%s", err.msg);
	free(text);
}

static void engines(void)
{
	struct spec podman = SPEC_INIT, cri = SPEC_INIT, ctr = SPEC_INIT, docker = SPEC_INIT, crio = SPEC_INIT,
		    buildah = SPEC_INIT, runc = SPEC_INIT;

	load("podman-default.json", &podman);
	ok(podman.linux_ && podman.linux_->seccomp && podman.linux_->seccomp->default_errno_ret.v == 38 &&
		       podman.linux_->resources->pids_limit.v == 2048 &&
		       !podman.linux_->namespaces[SPEC_NS_USER].present &&
		       podman.linux_->namespaces[SPEC_NS_NETWORK].path && !podman.process->no_new_privileges.set,
	       "podman: what it asks for");
	load("containerd-cri.json", &cri);
	ok(cri.process && cri.process->user.uid == 1000 && cri.process->no_new_privileges.v &&
		       cri.linux_->resources->memory.limit.v == 268435456 && cri.linux_->resources->unified.n == 1 &&
		       cri.mounts.n == 13,
	       "containerd: what it asks for");
	load("ctr.json", &ctr);
	ok(ctr.linux_ && !ctr.linux_->seccomp && ctr.linux_->resources->devices.n == 10 && !ctr.root.readonly.set,
	       "ctr: what it asks for");
	load("docker.json", &docker);
	ok(docker.process && docker.process->terminal && docker.process->console_size.width == 80 &&
		       docker.hooks.prestart.n == 1 && docker.linux_->resources->block_io.weight.set,
	       "docker: what it asks for");
	load("crio.json", &crio);
	ok(crio.linux_ && crio.linux_->devices.n == 1 && crio.hooks.create_container.n == 1 &&
		       crio.hooks.poststop.items->timeout.v == 10 && crio.process->selinux_label &&
		       same(crio.process->exec_cpu_affinity.initial, "0-1") &&
		       crio.linux_->resources->hugepage_limits.n == 2,
	       "cri-o: what it asks for");
	load("buildah.json", &buildah);
	ok(buildah.linux_ && buildah.annotations.n == 0 && !buildah.linux_->cgroups_path &&
		       buildah.linux_->devices.n == 0,
	       "buildah: what it asks for");
	load("runc-spec.json", &runc);
	ok(runc.process && same_words(&runc.process->args, "sh") && runc.root.readonly.v && runc.mounts.n == 7 &&
		       runc.linux_->masked_paths.n == 10,
	       "runc spec: what it asks for");
	spec_release(&podman);
	spec_release(&cri);
	spec_release(&ctr);
	spec_release(&docker);
	spec_release(&crio);
	spec_release(&buildah);
	spec_release(&runc);
}

int main(void)
{
	config_refusals(refusals, ARRAY_LEN(refusals));
	whole_documents();
	versions();
	top_level();
	lengths();
	linux_object();
	samples();
	engines();
	return tap_done();
}
