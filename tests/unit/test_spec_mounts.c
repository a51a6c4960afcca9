/* The mounts array: kept as written, with its id mappings. */
#include "config.h"

#include "spec_case.h"

static const struct refusal refusals[] = {
	{ "'mounts':{}", "mounts: expected an array, found an object" },
	{ "'mounts':[{}]", "mounts[0].destination: is missing; the specification requires it" },
	{ "'mounts':[{'destination':''}]",
	  "mounts[0].destination: is empty; the specification requires a value" },
	{ "'mounts':[{'destination':1}]", "mounts[0].destination: expected a string, found a number" },
	{ "'mounts':[{'destination':'/a'},{'destination':'/b','target':'/c'}]",
	  "mounts[1].target: unknown property; runtime-spec 1.3.0 has none of this name here, remove it" },
	{ "'mounts':[{'destination':'/a','option':['ro']}]",
	  "mounts[0].option: unknown property (did you mean 'options'?)" },
	{ "'mounts':[{'destination':'/a','options':'ro'}]", "mounts[0].options: expected an array, found a string" },
	{ "'mounts':[{'destination':'/a','options':['ro',7]}]",
	  "mounts[0].options[1]: expected a string, found a number" },
	{ "'mounts':['/a']", "mounts[0]: expected an object, found a string" },
	{ "'mounts':[null]", "mounts[0]: expected an object, found null" },
	{ "'mounts':[{'destination':'/a','uidMappings':[{'containerID':0,'hostID':0,'size':0}]}]",
	  "mounts[0].uidMappings[0]: size 0 maps nothing; remove the mapping or give its size" },
	{ "'mounts':[{'destination':'/a','gidMappings':[{'containerID':1,'hostID':0,'size':4294967295}]}]",
	  "mounts[0].gidMappings[0]: the mapping runs beyond id 4294967294; make it smaller" },
};

static void every_property(void)
{
	struct spec spec = SPEC_INIT;
	struct err err = ERR_INIT;
	int rc = parse_config("'mounts':["
			      "{'destination':'/proc','type':'proc','source':'proc','options':['nosuid','noexec']},"
			      "{'destination':'data','source':'../data','options':[]},"
			      "{'destination':'/d','type':'','source':null,'options':null,"
			      "'uidMappings':[{'containerID':0,'hostID':1000,'size':10}],"
			      "'gidMappings':[{'containerID':0,'hostID':2000,'size':20},"
			      "{'containerID':20,'hostID':1,'size':1}]}]",
			      &spec, &err);
	const struct spec_mount *m = spec.mounts.items;

	ok(rc == 0 && spec.mounts.n == 3, "three mounts in order");
	if (rc) {
		diag("%s", err.msg);
		spec_release(&spec);
		return;
	}
	ok(same(m[0].destination, "/proc") && same(m[0].type, "proc") && same(m[0].source, "proc") &&
		       same_words(&m[0].options, "nosuid noexec"),
	       "a mount as written");
	ok(same(m[1].destination, "data") && !m[1].type && same(m[1].source, "../data") && m[1].options.n == 0,
	       "relative paths are kept");
	ok(!m[2].type && !m[2].source && m[2].options.n == 0, "empty and null are absent");
	ok(m[2].uid_mappings.n == 1 && m[2].uid_mappings.items[0].host_id == 1000 &&
		       m[2].gid_mappings.n == 2 && m[2].gid_mappings.items[1].container_id == 20 &&
		       m[2].gid_mappings.items[0].size == 20,
	       "id mappings");
	spec_release(&spec);
}

static void long_paths(void)
{
	static const struct refusal want[] = {
		{ "a source of 4096 bytes", "mounts[0].source: is a path of 4096 bytes; Linux takes 4095 at most" },
		{ "a destination of 4096 bytes",
		  "mounts[0].destination: is a path of 4096 bytes; Linux takes 4095 at most" },
	};
	char inside[5000];

	for (size_t i = 0; i < ARRAY_LEN(want); i++) {
		for (int length = 4095; length <= 4096; length++) {
			struct spec spec = SPEC_INIT;
			struct err err = ERR_INIT;
			int rc;

			snprintf(inside, sizeof(inside), "'mounts':[{%s'%0*d'}]",
				 i ? "'destination':" : "'destination':'/a','source':", length, 0);
			rc = parse_config(inside, &spec, &err);
			if (length == 4095)
				ok(rc == 0, "4095 bytes are taken");
			else
				is_refusal(rc, &err, &want[i]);
			spec_release(&spec);
		}
	}
}

int main(void)
{
	config_refusals(refusals, ARRAY_LEN(refusals));
	every_property();
	long_paths();
	return tap_done();
}
