/* AppArmor and SELinux labels for the next exec (H-71).
 *
 * Written through the private procfs only: a container can put anything over
 * /proc/self/attr (CVE-2019-16884, CVE-2025-52881).  A label that can't be
 * written exactly refuses the start; there is no going on without it.
 */
#include "config.h"

#include "act/process.h"
#include "base/auto.h"
#include "base/str.h"
#include "sys/file.h"
#include "sys/sys.h"

#include <errno.h>

#include "base/banned.h"

static int write_apparmor(int proc_fd, const char *profile, struct err *err)
{
	autostr text = STR_INIT;

	str_addf(&text, "exec %s", profile);
	if (str_failed(&text))
		return err_oom(err);
	/* attr/apparmor/ exists since 5.8; attr/exec belongs to the first LSM,
	 * which need not be AppArmor. */
	if (file_write_once(proc_fd, "self/attr/apparmor/exec", str_text(&text)) < 0)
		return err_sys(err, "set AppArmor profile '%s'", profile);
	return 0;
}

int labels_apply(const struct plan *plan, struct child *child, struct err *err)
{
	const struct plan_process *p = &plan->process;

	if (p->apparmor_profile && write_apparmor(child->proc_fd, p->apparmor_profile, err) < 0)
		return -1;
	if (p->selinux_label &&
	    file_write_once(child->proc_fd, "self/attr/exec", p->selinux_label) < 0)
		return err_sys(err, "set SELinux label '%s'", p->selinux_label);
	return 0;
}
