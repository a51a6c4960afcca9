/* What the tests of policy files share: their texts, and what becomes of them. */
#ifndef KANUKI_TESTS_CONF_CASE_H
#define KANUKI_TESTS_CONF_CASE_H

#include "base/arena.h"
#include "policy/conf.h"

#include "tap.h"

#define IMAGE	"sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define IMAGE_2 "sha256:1123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define BASE	    "{'version':1}"
#define HEAD	    "{'version':1,"
#define EX(more)    HEAD "'exceptions':[{'image':'" IMAGE "','owner':'o','reason':'r','expires':'2027-01-31T23:59:59Z'," more "}]}"
#define ALLOW(more) EX("'allow':{" more "}")
#define AT(image, expires, allow)                                                                                      \
	"{'image':'" image "','owner':'o-" expires "','reason':'r','expires':'" expires "','allow':{" allow "}}"

/* ' is " in the cases. */
__attribute__((unused)) static char *json_of(const char *text)
{
	char *json = strdup(text);
	if (!json)
		abort();
	for (char *c = json; *c; c++)
		if (*c == '\'')
			*c = '"';
	return json;
}

__attribute__((unused)) static int parse(const char *text, struct policy_conf *conf, struct err *err)
{
	char *json = json_of(text);
	int rc = policy_conf_parse(json, strlen(json), "/p", conf, err);
	memset(json, 'x', strlen(json)); /* nothing may point into it */
	free(json);
	return rc;
}

/* The canonical text of what must parse; "" when it doesn't. To be freed. */
__attribute__((unused)) static char *printed(const char *text)
{
	autoconf conf = POLICY_CONF_INIT;
	struct err err = ERR_INIT;
	struct str out = STR_INIT;

	if (parse(text, &conf, &err)) {
		diag("%s: %s", text, err.msg);
		return strdup("");
	}
	policy_conf_print(&conf, &out);
	return out.s;
}

__attribute__((unused)) static bool has_line(const char *text, const char *line)
{
	size_t len = strlen(line);
	for (const char *at = text; (at = strstr(at, line)); at++)
		if ((at == text || at[-1] == '\n') && at[len] == '\n')
			return true;
	return false;
}

__attribute__((unused)) static void expect_line(const char *text, const char *line)
{
	char *out = printed(text);
	if (!ok(has_line(out, line), "%s: %s", text, line))
		diag("%.400s", out);
	free(out);
}

__attribute__((unused)) static void expect_refusal(const char *text, const char *message)
{
	autoconf conf = POLICY_CONF_INIT;
	struct err err = ERR_INIT;
	int rc = parse(text, &conf, &err);

	if (!ok(rc == -1 && err.kind == ERR_POLICY && strstr(err.msg, message) && strstr(err.msg, "policy '/p': ") == err.msg,
		"%s: %s", text, message))
		diag("%d, %s", rc, err.msg);
}

#endif
