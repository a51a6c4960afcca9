/* H-08: the session keyring is a new one, not one that somebody else has named. */
#include "config.h"

#include "act/process.h"

#include "fake_sys.h"
#include "tap.h"

#include <errno.h>

static int join(bool wanted, long result, struct err *err)
{
	struct plan plan = PLAN_INIT;
	struct child child = {.sync_fd = -1};

	plan.id = "c1";
	plan.process.new_keyring = wanted;
	fake_reset();
	fake_next("keyctl", result);
	*err = (struct err)ERR_INIT;
	return session_new_keyring(&plan, &child, err);
}

int main(void)
{
	struct err err;

	is_int(join(false, -EPERM, &err), 0, "the caller's is kept where the plan says so");
	is_int(fake_count(), 0, "without a call");
	is_int(join(true, 7, &err), 0, "a new one");
	is_int(fake_count(), 1, "takes one call");
	is_str(fake_call(0), "keyctl(1, 0, 0, 0, 0)", "and has no name by which it could be another's");
	is_int(join(true, -ENOSYS, &err), 0, "a kernel without keyrings has none to share");
	is_int(join(true, -EDQUOT, &err), -1, "but a keyring that can't be made");
	is_err(&err, ERR_SYSTEM, "create a session keyring", "is an error");
	return tap_done();
}
