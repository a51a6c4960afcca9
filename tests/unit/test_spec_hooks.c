/* The hooks object: six lists of one form. */
#include "config.h"

#include "spec_case.h"

#define IN_HOOKS(text) "'hooks':{" text "}"

static const struct refusal refusals[] = {
	{ IN_HOOKS("'prestart':{}"), "hooks.prestart: expected an array, found an object" },
	{ IN_HOOKS("'prestart':[{}]"), "hooks.prestart[0].path: is missing; the specification requires it" },
	{ IN_HOOKS("'createRuntime':[{'path':''}]"),
	  "hooks.createRuntime[0].path: is empty; the specification requires a value" },
	{ IN_HOOKS("'createContainer':[{'path':'/a'},{'path':'bin/x'}]"),
	  "hooks.createContainer[1].path: 'bin/x' is not an absolute path; it must begin with '/'" },
	{ IN_HOOKS("'startContainer':[{'path':'/a','timeout':0}]"),
	  "hooks.startContainer[0].timeout: 0 is out of range: a timeout is 1 second or more; leave it out for none" },
	{ IN_HOOKS("'poststart':[{'path':'/a','timeout':-1}]"),
	  "hooks.poststart[0].timeout: -1 is out of range: a timeout is 1 second or more; leave it out for none" },
	{ IN_HOOKS("'poststart':[{'path':'/a','timeout':2147483648}]"),
	  "hooks.poststart[0].timeout: 2147483648 is out of range: a timeout is 1 second or more; "
	  "leave it out for none" },
	{ IN_HOOKS("'poststop':[{'path':'/a','env':['FOO']}]"),
	  "hooks.poststop[0].env[0]: 'FOO' has no '='; write NAME=value" },
	{ IN_HOOKS("'poststop':[{'path':'/a','args':'x'}]"), "hooks.poststop[0].args: expected an array, found a string" },
	{ IN_HOOKS("'poststop':[{'path':'/a','arguments':[]}]"),
	  "hooks.poststop[0].arguments: unknown property; runtime-spec 1.3.0 has none of this name here, remove it" },
	{ IN_HOOKS("'preStart':[]"), "hooks.preStart: unknown property (did you mean 'prestart'?)" },
	{ IN_HOOKS("'poststrt':[]"), "hooks.poststrt: unknown property (did you mean 'poststart'?)" },
};

static bool one(const spec_hooks *hooks, const char *path)
{
	return hooks->n == 1 && same(hooks->items[0].path, path);
}

static void every_property(void)
{
	struct spec spec = SPEC_INIT;
	struct err err = ERR_INIT;
	int rc = parse_config(IN_HOOKS("'prestart':[{'path':'/1'}],'createRuntime':[{'path':'/2'}],"
				       "'createContainer':[{'path':'/3'}],'startContainer':[{'path':'/4'}],"
				       "'poststart':[{'path':'/5','args':['five','-x'],'env':['A=b'],'timeout':30}],"
				       "'poststop':[{'path':'/6','env':[]},{'path':'/7','args':null,'timeout':1}]"),
			      &spec, &err);
	const struct spec_hook *hook;

	ok(rc == 0 && one(&spec.hooks.prestart, "/1") && one(&spec.hooks.create_runtime, "/2") &&
		       one(&spec.hooks.create_container, "/3") && one(&spec.hooks.start_container, "/4") &&
		       one(&spec.hooks.poststart, "/5") && spec.hooks.poststop.n == 2,
	       "each list in its place");
	if (rc) {
		diag("%s", err.msg);
		spec_release(&spec);
		return;
	}
	hook = spec.hooks.poststart.items;
	ok(same_words(&hook->args, "five -x") && same_words(&hook->env, "A=b") && hook->env_set &&
		       hook->timeout.set && hook->timeout.v == 30,
	       "args, env and timeout");
	ok(!spec.hooks.prestart.items->env_set && !spec.hooks.prestart.items->timeout.set, "absent is absent");
	hook = spec.hooks.poststop.items;
	ok(hook[0].env_set && hook[0].env.n == 0, "an empty environment is not an absent one");
	ok(same(hook[1].path, "/7") && hook[1].args.n == 0 && hook[1].timeout.v == 1, "hooks keep their order");
	spec_release(&spec);
}

int main(void)
{
	static const char *const accepted[] = { "'hooks':{}", "'hooks':null", IN_HOOKS("'prestart':[],'poststop':null") };

	config_refusals(refusals, ARRAY_LEN(refusals));
	every_property();
	config_accepted(accepted, ARRAY_LEN(accepted));
	return tap_done();
}
