/* The seccomp object. */
#include "config.h"

#include "spec_case.h"

#define IN_RULE(text) "'syscalls':[{'names':['open']," text "}]"
#define IN_ARG(text) "'syscalls':[{'names':['open'],'action':'SCMP_ACT_ALLOW','args':[{" text "}]}]"
#define ONE_ARG "{'index':0,'value':0,'op':'SCMP_CMP_EQ'}"
#define ACTIONS                                                                                                        \
	"SCMP_ACT_KILL, SCMP_ACT_KILL_PROCESS, SCMP_ACT_KILL_THREAD, SCMP_ACT_TRAP, SCMP_ACT_ERRNO, SCMP_ACT_TRACE, "  \
	"SCMP_ACT_ALLOW, SCMP_ACT_LOG, SCMP_ACT_NOTIFY"

static const struct refusal refusals[] = {
	{ "'defaultErrnoRet':1", "defaultErrnoRet: SCMP_ACT_ALLOW returns no errno; remove it" },
	{ "'architectures':['SCMP_ARCH_AMD64']", "architectures[0]: 'SCMP_ARCH_AMD64' is not an architecture of seccomp" },
	{ "'architectures':['SCMP_ARCH_X86_65']",
	  "architectures[0]: 'SCMP_ARCH_X86_65' is not an architecture of seccomp (did you mean 'SCMP_ARCH_X86_64'?)" },
	{ "'flags':[1]", "flags[0]: expected a string, found a number" },
	{ "'architectures':'SCMP_ARCH_X86'", "architectures: expected an array, found a string" },
	{ "'flags':['SECCOMP_FILTER_FLAG_NEW_LISTENER']",
	  "flags[0]: 'SECCOMP_FILTER_FLAG_NEW_LISTENER' is not a seccomp flag; use one of SECCOMP_FILTER_FLAG_TSYNC, "
	  "SECCOMP_FILTER_FLAG_LOG, SECCOMP_FILTER_FLAG_SPEC_ALLOW, SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV" },
	{ "'listenerMetadata':'x'", "'listenerMetadata' needs 'listenerPath', to which it would be sent" },
	{ "'listenerPath':'run/x'", "listenerPath: 'run/x' is not an absolute path; it must begin with '/'" },
	{ IN_RULE("'action':'SCMP_ACT_NOTIFY'"), "SCMP_ACT_NOTIFY needs 'listenerPath', where the listener waits" },
	{ "'archMap':[]", "archMap: unknown property: it belongs to docker's own profile format; give the OCI form of the "
			  "profile" },
	{ "'defaultActions':'x'", "defaultActions: unknown property (did you mean 'defaultAction'?)" },

	{ "'syscalls':[{'action':'SCMP_ACT_ALLOW'}]", "syscalls[0].names: is missing; the specification requires it" },
	{ "'syscalls':[{'names':[],'action':'SCMP_ACT_ALLOW'}]",
	  "syscalls[0].names: is empty; at least one entry is needed" },
	{ "'syscalls':[{'names':['read',''],'action':'SCMP_ACT_ALLOW'}]",
	  "syscalls[0].names[1]: is empty; it names a system call" },
	{ "'syscalls':[{'names':['open']}]", "syscalls[0].action: is missing; the specification requires it" },
	{ IN_RULE("'action':'ALLOW'"), "syscalls[0].action: 'ALLOW' is not a seccomp action; use one of " ACTIONS },
	{ IN_RULE("'action':''"), "syscalls[0].action: '' is not a seccomp action; use one of " ACTIONS },
	{ IN_RULE("'action':'SCMP_ACT_ERNO'"),
	  "syscalls[0].action: 'SCMP_ACT_ERNO' is not a seccomp action (did you mean 'SCMP_ACT_ERRNO'?)" },
	{ IN_RULE("'action':'SCMP_ACT_KILL','errnoRet':1"),
	  "syscalls[0].errnoRet: SCMP_ACT_KILL returns no errno; remove it" },
	{ IN_RULE("'action':'SCMP_ACT_LOG','errnoRet':0"),
	  "syscalls[0].errnoRet: SCMP_ACT_LOG returns no errno; remove it" },
	{ IN_RULE("'action':'SCMP_ACT_ERRNO','errnoRet':4096"),
	  "syscalls[0].errnoRet: 4096 is out of range: SCMP_ACT_ERRNO takes 0 to 4095" },
	{ IN_RULE("'action':'SCMP_ACT_TRACE','errnoRet':65536"),
	  "syscalls[0].errnoRet: 65536 is out of range: SCMP_ACT_TRACE takes 0 to 65535" },
	{ "'syscalls':[{'name':'open','action':'SCMP_ACT_ALLOW'}]",
	  "syscalls[0].name: unknown property: a rule has 'names', an array, since 1.0.0" },
	{ IN_RULE("'action':'SCMP_ACT_ALLOW','includes':{}"),
	  "syscalls[0].includes: unknown property: it belongs to docker's own profile format; give the OCI form of the "
	  "profile" },
	{ IN_RULE("'action':'SCMP_ACT_ALLOW','excludes':{}"),
	  "syscalls[0].excludes: unknown property: it belongs to docker's own profile format; give the OCI form of the "
	  "profile" },
	{ IN_RULE("'action':'SCMP_ACT_ALLOW','args':[" ONE_ARG "," ONE_ARG "," ONE_ARG "," ONE_ARG "," ONE_ARG "," ONE_ARG
		  "," ONE_ARG "]"),
	  "syscalls[0].args: has 7 conditions; 6 at most" },

	{ IN_ARG("'value':0,'op':'SCMP_CMP_EQ'"),
	  "syscalls[0].args[0].index: is missing; the specification requires it" },
	{ IN_ARG("'index':0,'op':'SCMP_CMP_EQ'"),
	  "syscalls[0].args[0].value: is missing; the specification requires it" },
	{ IN_ARG("'index':0,'value':0"), "syscalls[0].args[0].op: is missing; the specification requires it" },
	{ IN_ARG("'index':6,'value':0,'op':'SCMP_CMP_EQ'"),
	  "syscalls[0].args[0].index: 6 is out of range: a system call has arguments 0 to 5" },
	{ IN_ARG("'index':0,'value':0,'op':'EQ'"),
	  "syscalls[0].args[0].op: 'EQ' is not a seccomp operator; use one of SCMP_CMP_NE, SCMP_CMP_LT, SCMP_CMP_LE, "
	  "SCMP_CMP_EQ, SCMP_CMP_GE, SCMP_CMP_GT, SCMP_CMP_MASKED_EQ" },
	{ IN_ARG("'index':0,'value':-1,'op':'SCMP_CMP_EQ'"),
	  "syscalls[0].args[0].value: expected an integer from 0 to 18446744073709551615, found -1" },
	{ IN_ARG("'index':0,'value':1,'valueTwo':2,'op':'SCMP_CMP_GT'"),
	  "syscalls[0].args[0].valueTwo: only SCMP_CMP_MASKED_EQ compares with a second value, SCMP_CMP_GT does not; "
	  "remove it" },
	{ IN_ARG("'index':0,'value':1,'valuetwo':2,'op':'SCMP_CMP_MASKED_EQ'"),
	  "syscalls[0].args[0].valuetwo: unknown property (did you mean 'valueTwo'?)" },
};

/* Without the defaultAction that the document helper gives. */
static void default_action(void)
{
	static const struct refusal cases[] = {
		{ "{}", "defaultAction: is missing; the specification requires it" },
		{ "{\"defaultAction\":\"SCMP_ACT_NOTIFY\"}",
		  "SCMP_ACT_NOTIFY needs 'listenerPath', where the listener waits" },
		{ "{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"defaultErrnoRet\":5000}",
		  "defaultErrnoRet: 5000 is out of range: SCMP_ACT_ERRNO takes 0 to 4095" },
		{ "{\"defaultAction\":\"allow\"}",
		  "defaultAction: 'allow' is not a seccomp action; use one of " ACTIONS },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct arena arena = ARENA_INIT;
		struct spec_seccomp *seccomp;
		struct err err = ERR_INIT;

		is_refusal(spec_parse_seccomp(cases[i].inside, strlen(cases[i].inside), &arena, &seccomp, &err), &err,
			   &cases[i]);
		arena_release(&arena);
	}
}

static void long_listener_path(void)
{
	static const struct refusal want = { "a socket path of 108 bytes",
					     "listenerPath: is 108 bytes long; a socket's path has 107 at most" };
	char inside[200];
	struct arena arena = ARENA_INIT;
	struct spec_seccomp *seccomp;
	struct err err = ERR_INIT;

	snprintf(inside, sizeof(inside), "'listenerPath':'/%0107d'", 0);
	is_refusal(parse_seccomp(inside, &arena, &seccomp, &err), &err, &want);
	arena_release(&arena);
}

static void every_property(void)
{
	struct arena arena = ARENA_INIT;
	struct spec_seccomp *s = NULL;
	struct err err = ERR_INIT;
	int rc = parse_seccomp(
		"'defaultErrnoRet':null,'architectures':['SCMP_ARCH_X86_64','SCMP_ARCH_LOONGARCH64'],"
		"'flags':['SECCOMP_FILTER_FLAG_LOG','SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV'],"
		"'listenerPath':'/run/l.sock','listenerMetadata':'m','syscalls':["
		"{'names':['open','no_such_call'],'action':'SCMP_ACT_ERRNO','errnoRet':38},"
		"{'names':['clone'],'action':'SCMP_ACT_NOTIFY','args':["
		"{'index':0,'value':2114060288,'valueTwo':18446744073709551615,'op':'SCMP_CMP_MASKED_EQ'},"
		"{'index':5,'value':18446744073709551615,'valueTwo':0,'op':'SCMP_CMP_NE'}]}]",
		&arena, &s, &err);
	const struct spec_seccomp_rule *rule;

	ok(rc == 0, "every property of seccomp");
	if (rc) {
		diag("%s", err.msg);
		arena_release(&arena);
		return;
	}
	ok(same(s->default_action, "SCMP_ACT_ALLOW") && !s->default_errno_ret.set, "the default");
	ok(same_words(&s->architectures, "SCMP_ARCH_X86_64 SCMP_ARCH_LOONGARCH64"), "architectures");
	ok(same_words(&s->flags, "SECCOMP_FILTER_FLAG_LOG SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV"), "flags");
	ok(same(s->listener_path, "/run/l.sock") && same(s->listener_metadata, "m"), "listener");
	rule = s->syscalls.items;
	ok(s->syscalls.n == 2 && same_words(&rule[0].names, "open no_such_call") &&
		       same(rule[0].action, "SCMP_ACT_ERRNO") && rule[0].errno_ret.v == 38 && rule[0].args.n == 0,
	       "a rule with an errno");
	ok(rule[1].args.n == 2 && rule[1].args.items[0].value == 2114060288 &&
		       rule[1].args.items[0].value_two == UINT64_MAX &&
		       same(rule[1].args.items[0].op, "SCMP_CMP_MASKED_EQ") && rule[1].args.items[1].index == 5 &&
		       !rule[1].errno_ret.set,
	       "a rule with arguments");
	arena_release(&arena);
}

static void every_word(void)
{
	static const char *const accepted[] = {
		"'architectures':['SCMP_ARCH_X86','SCMP_ARCH_X86_64','SCMP_ARCH_X32','SCMP_ARCH_ARM','SCMP_ARCH_AARCH64',"
		"'SCMP_ARCH_LOONGARCH64','SCMP_ARCH_M68K','SCMP_ARCH_MIPS','SCMP_ARCH_MIPS64','SCMP_ARCH_MIPS64N32',"
		"'SCMP_ARCH_MIPSEL','SCMP_ARCH_MIPSEL64','SCMP_ARCH_MIPSEL64N32','SCMP_ARCH_PPC','SCMP_ARCH_PPC64',"
		"'SCMP_ARCH_PPC64LE','SCMP_ARCH_S390','SCMP_ARCH_S390X','SCMP_ARCH_SH','SCMP_ARCH_SHEB',"
		"'SCMP_ARCH_PARISC','SCMP_ARCH_PARISC64','SCMP_ARCH_RISCV64']",
		"'flags':['SECCOMP_FILTER_FLAG_TSYNC','SECCOMP_FILTER_FLAG_SPEC_ALLOW']",
		IN_RULE("'action':'SCMP_ACT_KILL'"),
		IN_RULE("'action':'SCMP_ACT_KILL_PROCESS'"),
		IN_RULE("'action':'SCMP_ACT_KILL_THREAD'"),
		IN_RULE("'action':'SCMP_ACT_TRAP'"),
		IN_RULE("'action':'SCMP_ACT_ERRNO','errnoRet':4095"),
		IN_RULE("'action':'SCMP_ACT_TRACE','errnoRet':65535"),
		IN_RULE("'action':'SCMP_ACT_LOG'"),
		IN_ARG("'index':0,'value':0,'op':'SCMP_CMP_LT'"),
		IN_ARG("'index':0,'value':0,'op':'SCMP_CMP_LE'"),
		IN_ARG("'index':0,'value':0,'op':'SCMP_CMP_GE'"),
		IN_ARG("'index':0,'value':0,'op':'SCMP_CMP_GT'"),
		IN_RULE("'action':'SCMP_ACT_ALLOW','args':[" ONE_ARG "," ONE_ARG "," ONE_ARG "," ONE_ARG "," ONE_ARG
			"," ONE_ARG "]"),
		"'listenerPath':'','listenerMetadata':'','syscalls':null,'architectures':[],'flags':null",
	};

	for (size_t i = 0; i < ARRAY_LEN(accepted); i++) {
		struct arena arena = ARENA_INIT;
		struct spec_seccomp *s = NULL;
		struct err err = ERR_INIT;
		int rc = parse_seccomp(accepted[i], &arena, &s, &err);

		ok(rc == 0, "accepted: %.60s", accepted[i]);
		if (rc)
			diag("%s", err.msg);
		arena_release(&arena);
	}
}

int main(void)
{
	seccomp_refusals(refusals, ARRAY_LEN(refusals));
	default_action();
	long_listener_path();
	every_property();
	every_word();
	return tap_done();
}
