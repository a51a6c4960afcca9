/* base/err.c: first writer wins, context goes in front, nothing overflows. */
#include "config.h"

#include "base/err.h"

#include "tap.h"

#include <errno.h>

static void test_set(void)
{
	struct err err = ERR_INIT;
	is_int(err_set(&err, ERR_SPEC, "bad %s %d", "thing", 7), -1, "err_set returns -1");
	is_err(&err, ERR_SPEC, "bad thing 7", "kind and text");
	is_int(err.sys_errno, 0, "no errno");
	is_int(err_set(&err, ERR_USAGE, "later"), -1, "a second one returns -1");
	is_err(&err, ERR_SPEC, "bad thing 7", "first writer wins over err_set");
	errno = EIO;
	(void)err_sys(&err, "x");
	(void)err_policy(&err, "H-01", "y");
	(void)err_oom(&err);
	is_err(&err, ERR_SPEC, "bad thing 7", "... over err_sys, err_policy, err_oom");
	err_clear(&err);
	is_int(err.kind, ERR_NONE, "cleared");
	is_str(err.msg, "", "cleared text");
}

static void test_sys(void)
{
	struct err err = ERR_INIT;
	errno = ENOENT;
	is_int(err_sys(&err, "open '%s'", "/x"), -1, "err_sys returns -1");
	is_int(err.kind, ERR_SYSTEM, "kind");
	is_int(err.sys_errno, ENOENT, "errno kept in the error");
	is_int(errno, ENOENT, "errno itself kept");
	is_str(err.msg, "open '/x': No such file or directory", "text and reason");

	err_clear(&err);
	errno = 4242;
	(void)err_sys(&err, "odd");
	is_str(err.msg, "odd: error 4242", "unknown errno");

	char big[2000];
	memset(big, 'x', sizeof(big) - 1);
	big[sizeof(big) - 1] = '\0';
	err_clear(&err);
	errno = EACCES;
	(void)err_sys(&err, "%s", big);
	is_int(strlen(err.msg), sizeof(err.msg) - 1, "long text fills the message");
	ok(strstr(err.msg, "...: Permission denied") != NULL, "the reason survives the cut");
}

static void test_policy(void)
{
	struct err err = ERR_INIT;
	is_int(err_policy(&err, "H-30", "no %s", "mask"), -1, "err_policy returns -1");
	is_err(&err, ERR_POLICY, "no mask", "kind and text");
	is_str(err.rule, "H-30", "rule");
	err_clear(&err);
	(void)err_policy(&err, "H-123456789", "x");
	is_str(err.rule, "H-1234", "a long rule is cut");
	err_clear(&err);
	(void)err_set(&err, ERR_SPEC, "x");
	is_str(err.rule, "", "no rule elsewhere");
}

static void test_context(void)
{
	struct err err = ERR_INIT;
	is_int(err_context(&err, "nothing"), -1, "context on no error returns -1");
	is_int(err.kind, ERR_NONE, "and leaves it empty");
	(void)err_policy(&err, "H-20", "bad");
	is_int(err_context(&err, "mount %d", 3), -1, "context returns -1");
	(void)err_context(&err, "create");
	is_str(err.msg, "create: mount 3: bad", "context in front");
	is_str(err.rule, "H-20", "rule kept");
	is_int(err.kind, ERR_POLICY, "kind kept");
	for (int i = 0; i < 200; i++)
		(void)err_context(&err, "layer %d", i);
	is_int(strlen(err.msg), sizeof(err.msg) - 1, "context never overflows");
	is_str(err.msg + sizeof(err.msg) - 4, "...", "and says that it cut");
	is_int(strncmp(err.msg, "layer 199: layer 198: ", 22), 0, "outermost first");
}

static void test_oom(void)
{
	struct err err = ERR_INIT;
	is_int(err_oom(&err), -1, "err_oom returns -1");
	is_err(&err, ERR_SYSTEM, "memory", "kind");
	is_int(err.sys_errno, ENOMEM, "errno");
}

static void test_import(void)
{
	struct err sent = ERR_INIT;
	struct err got = ERR_INIT;
	(void)err_policy(&sent, "H-01", "from the child");
	is_int(err_import(&got, &sent, sizeof(sent)), 0, "import");
	is_err(&got, ERR_POLICY, "from the child", "same text");
	is_int(got.by, ERR_BY_KEYS, "changed by the rule's keys");
	is_int(err_changed_by(&sent, ERR_BY_LEVEL), -1, "-1, as all of them");
	is_int(err_import(&got, &sent, sizeof(sent)), 0, "import");
	is_int(got.by, ERR_BY_LEVEL, "that none of them changes it comes along");
	err_clear(&sent);
	(void)err_policy(&sent, "H-01", "from the child");
	is_int(sent.by, ERR_BY_KEYS, "until the next error");
	is_int(err_import(&got, &sent, sizeof(sent) - 1), -1, "short packet");
	is_int(err_import(&got, &sent, sizeof(sent) + 1), -1, "long packet");
	is_int(err_import(&got, &sent, 0), -1, "empty packet");

	memset(&sent, 'A', sizeof(sent));
	is_int(err_import(&got, &sent, sizeof(sent)), 0, "hostile packet");
	is_int(got.kind, ERR_PROTO, "unknown kind");
	is_int(got.by, ERR_BY_KEYS, "unknown answer");
	is_int(strlen(got.msg), sizeof(got.msg) - 1, "message ends");
	is_int(strlen(got.rule), sizeof(got.rule) - 1, "rule ends");

	memset(&sent, 0, sizeof(sent));
	is_int(err_import(&got, &sent, sizeof(sent)), 0, "packet without error");
	is_int(got.kind, ERR_PROTO, "is an error all the same");
}

int main(void)
{
	test_set();
	test_sys();
	test_policy();
	test_context();
	test_oom();
	test_import();
	return tap_done();
}
