/* intelRdt, memoryPolicy, personality. */
#include "config.h"

#include "spec_case.h"

#include <sys/personality.h>

#define IN_RDT(text) IN_LINUX("'intelRdt':{" text "}")
#define IN_POLICY(text) IN_LINUX("'memoryPolicy':{" text "}")
#define IN_PERSONALITY(text) IN_LINUX("'personality':{" text "}")

static const struct refusal refusals[] = {
	{ IN_RDT("'closID':'a/b'"),
	  "linux.intelRdt.closID: 'a/b' is no name of a class of service: one directory name, or '/'" },
	{ IN_RDT("'closID':'..'"),
	  "linux.intelRdt.closID: '..' is no name of a class of service: one directory name, or '/'" },
	{ IN_RDT("'closID':'.'"),
	  "linux.intelRdt.closID: '.' is no name of a class of service: one directory name, or '/'" },
	{ IN_RDT("'closID':'a\\nb'"),
	  "linux.intelRdt.closID: 'a?b' is no name of a class of service: one directory name, or '/'" },
	{ IN_RDT("'schemata':['L3:0=f','a\\nMB:0=1']"),
	  "linux.intelRdt.schemata[1]: holds a line break; give one line" },
	{ IN_RDT("'l3CacheSchema':'L3:0=f\\nMB:0=1'"),
	  "linux.intelRdt.l3CacheSchema: holds a line break; give one line" },
	{ IN_RDT("'memBwSchema':'L3:0=f'"), "linux.intelRdt.memBwSchema: 'L3:0=f' does not begin with 'MB:'" },
	{ IN_RDT("'memBwSchema':'MB:0=1\\n'"), "linux.intelRdt.memBwSchema: holds a line break; give one line" },
	{ IN_RDT("'enableCMT':true"),
	  "linux.intelRdt.enableCMT: unknown property: it is part of enableMonitoring since 1.3.0" },
	{ IN_RDT("'enableMBM':true"),
	  "linux.intelRdt.enableMBM: unknown property: it is part of enableMonitoring since 1.3.0" },
	{ IN_RDT("'enableMonitoring':'yes'"),
	  "linux.intelRdt.enableMonitoring: expected a boolean, found a string" },

	{ IN_POLICY("'nodes':'0'"), "linux.memoryPolicy.mode: is missing; the specification requires it" },
	{ IN_POLICY("'mode':'BIND'"),
	  "linux.memoryPolicy.mode: 'BIND' is not a memory policy mode; use one of MPOL_DEFAULT, MPOL_BIND, "
	  "MPOL_INTERLEAVE, MPOL_WEIGHTED_INTERLEAVE, MPOL_PREFERRED, MPOL_PREFERRED_MANY, MPOL_LOCAL" },
	{ IN_POLICY("'mode':'MPOL_BIND'"), "linux.memoryPolicy: MPOL_BIND needs 'nodes'" },
	{ IN_POLICY("'mode':'MPOL_INTERLEAVE','nodes':''"), "linux.memoryPolicy: MPOL_INTERLEAVE needs 'nodes'" },
	{ IN_POLICY("'mode':'MPOL_LOCAL','nodes':'0'"),
	  "linux.memoryPolicy: MPOL_LOCAL takes no 'nodes'; remove them" },
	{ IN_POLICY("'mode':'MPOL_BIND','nodes':'all'"),
	  "linux.memoryPolicy.nodes: 'all' is no list of memory nodes; write it like 0-3,7" },
	{ IN_POLICY("'mode':'MPOL_BIND','nodes':'0-1:1/2'"),
	  "linux.memoryPolicy.nodes: '0-1:1/2' is no list of memory nodes; write it like 0-3,7" },
	{ IN_POLICY("'mode':'MPOL_BIND','nodes':'8192'"),
	  "linux.memoryPolicy.nodes: '8192' is no list of memory nodes; write it like 0-3,7" },
	{ IN_POLICY("'mode':'MPOL_BIND','nodes':'0','flags':['MPOL_F_X']"),
	  "linux.memoryPolicy.flags[0]: 'MPOL_F_X' is not a memory policy flag; use one of MPOL_F_NUMA_BALANCING, "
	  "MPOL_F_RELATIVE_NODES, MPOL_F_STATIC_NODES" },
	{ IN_POLICY("'mode':'MPOL_BIND','nodes':'0','flags':['MPOL_F_STATIC_NODES','MPOL_F_RELATIVE_NODES']"),
	  "linux.memoryPolicy: MPOL_F_RELATIVE_NODES and MPOL_F_STATIC_NODES exclude each other" },
	{ IN_POLICY("'mode':'MPOL_DEFAULT','node':'1'"),
	  "linux.memoryPolicy.node: unknown property (did you mean 'nodes'?)" },

	{ IN_PERSONALITY("'flags':[]"), "linux.personality.domain: is missing; the specification requires it" },
	{ IN_PERSONALITY("'domain':'LINUX64'"),
	  "linux.personality.domain: 'LINUX64' is not an execution domain (did you mean 'LINUX'?)" },
	{ IN_PERSONALITY("'domain':'BSD'"),
	  "linux.personality.domain: 'BSD' is not an execution domain; use one of LINUX, LINUX32" },
	{ IN_PERSONALITY("'domain':'LINUX','flags':['ADDR_NO_RANDOMIZE']"),
	  "linux.personality.flags[0]: 'ADDR_NO_RANDOMIZE' is not supported: runtime-spec 1.3.0 defines no personality "
	  "flag" },
};

static void every_property(void)
{
	struct spec spec = SPEC_INIT;
	struct err err = ERR_INIT;
	int rc = parse_config(
		IN_LINUX("'intelRdt':{'closID':'guaranteed','schemata':['L3:0=7f0','MB:0=20'],'l3CacheSchema':'L3:0=f',"
			 "'memBwSchema':'MB:0=20;1=70','enableMonitoring':true},"
			 "'memoryPolicy':{'mode':'MPOL_BIND','nodes':' 0 - 01','flags':['MPOL_F_STATIC_NODES',"
			 "'MPOL_F_NUMA_BALANCING']},'personality':{'domain':'LINUX32','flags':[]}"),
		&spec, &err);
	const struct spec_linux *l = spec.linux_;

	ok(rc == 0, "intelRdt, memoryPolicy, personality");
	if (rc) {
		diag("%s", err.msg);
		spec_release(&spec);
		return;
	}
	ok(l->intel_rdt.set && same(l->intel_rdt.clos_id, "guaranteed") &&
		       same_words(&l->intel_rdt.schemata, "L3:0=7f0 MB:0=20") &&
		       same(l->intel_rdt.l3_cache_schema, "L3:0=f") &&
		       same(l->intel_rdt.mem_bw_schema, "MB:0=20;1=70") && l->intel_rdt.enable_monitoring,
	       "intelRdt");
	ok(l->memory_policy.set && same(l->memory_policy.mode, "MPOL_BIND") &&
		       same(l->memory_policy.nodes, "0-1") &&
		       same_words(&l->memory_policy.flags, "MPOL_F_STATIC_NODES MPOL_F_NUMA_BALANCING"),
	       "memoryPolicy");
	ok(l->personality.set && l->personality.domain == PER_LINUX32 && l->personality.flags.n == 0,
	       "personality");
	spec_release(&spec);
}

static void small_ones(void)
{
	struct spec spec = SPEC_INIT;
	struct err err = ERR_INIT;
	int rc = parse_config(IN_LINUX("'intelRdt':{},'memoryPolicy':null,'personality':{'domain':'LINUX'}"), &spec, &err);

	ok(rc == 0 && spec.linux_->intel_rdt.set && !spec.linux_->intel_rdt.clos_id &&
		       !spec.linux_->memory_policy.set && spec.linux_->personality.set &&
		       spec.linux_->personality.domain == PER_LINUX,
	       "an empty object is present, null is not");
	spec_release(&spec);
}

int main(void)
{
	static const char *const accepted[] = {
		IN_RDT("'closID':'/'"),
		IN_POLICY("'mode':'MPOL_DEFAULT'"),
		IN_POLICY("'mode':'MPOL_LOCAL','flags':[]"),
		IN_POLICY("'mode':'MPOL_PREFERRED'"),
		IN_POLICY("'mode':'MPOL_PREFERRED','nodes':'1'"),
		IN_POLICY("'mode':'MPOL_PREFERRED_MANY','nodes':'0,1'"),
		IN_POLICY("'mode':'MPOL_WEIGHTED_INTERLEAVE','nodes':'0-3','flags':['MPOL_F_RELATIVE_NODES']"),
	};

	config_refusals(refusals, ARRAY_LEN(refusals));
	config_accepted(accepted, ARRAY_LEN(accepted));
	every_property();
	small_ones();
	return tap_done();
}
