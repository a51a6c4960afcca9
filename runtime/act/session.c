/* A session, signals and a keyring of the child's own.
 *
 * Nothing of the caller's terminal, signal state or keyring may reach the
 * program (H-08, H-16, H-18; W-03, W-08, W-28).
 */
#include "config.h"

#include "act/process.h"
#include "sys/sys.h"

#include <errno.h>
#include <linux/keyctl.h>
#include <signal.h>
#include <sys/prctl.h>

#include "base/banned.h"

int session_undumpable(struct err *err)
{
	/* CVE-2016-9962: while not dumpable, no process of the container can
	 * ptrace us or reach through our /proc entries.  execve(2) resets it. */
	if (sys_prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
		return err_sys(err, "make the process undumpable");
	return 0;
}

int session_reset_signals(uint64_t ignored, struct err *err)
{
	/* Dispositions set to "ignore" survive execve; conmon hands over an
	 * ignored SIGPIPE.  The two that libc keeps for itself are among them:
	 * a caller may have ignored these, too. */
	for (int sig = 1; sig <= SIGRTMAX; sig++)
		if (sig != SIGKILL && sig != SIGSTOP && ignored & UINT64_C(1) << (sig - 1) &&
		    sys_signal_default(sig) < 0)
			return err_sys(err, "reset signal %d", sig);
	return 0;
}

int session_read_ignored(uint64_t *ret, struct err *err)
{
	*ret = 0;
	for (int sig = 1; sig <= SIGRTMAX; sig++) {
		struct sigaction now;

		if (sys_sigaction(sig, NULL, &now) < 0) {
			if (errno != EINVAL)
				return err_sys(err, "look at signal %d", sig);
			now.sa_handler = SIG_IGN; /* libc doesn't say of its own two: perhaps */
		}
		*ret |= now.sa_handler == SIG_IGN ? UINT64_C(1) << (sig - 1) : 0;
	}
	return 0;
}

static int empty_mask(struct err *err)
{
	sigset_t none;

	sigemptyset(&none);
	if (sys_sigprocmask(SIG_SETMASK, &none, NULL) < 0)
		return err_sys(err, "empty the signal mask");
	return 0;
}

int session_start(const struct plan *plan, struct child *child, struct err *err)
{
	/* With a user namespace of its own it stays reachable until its maps are
	 * written (ns_await_maps): /proc/PID of an undumpable process is root's,
	 * and a runtime without privileges couldn't.  Nobody else is in there. */
	if (plan->ns[NS_USER].mode != NS_PRIVATE && session_undumpable(err) < 0)
		return -1;
	/* Where there is time for it, the parent says which (ns_await_last_maps). */
	if ((!plan->userns_last.enabled || child->is_exec) &&
	    session_reset_signals(UINT64_MAX, err) < 0)
		return -1;
	if (empty_mask(err) < 0)
		return -1;
	if (sys_setsid() < 0)
		return err_sys(err, "start a session");
	return 0;
}

int session_new_keyring(const struct plan *plan, struct child *child, struct err *err)
{
	(void)child;
	if (!plan->process.new_keyring)
		return 0;
	/* Without a name, the kernel always makes a new one.  By a name it joins the first
	 * that lets us search it, whoever owns it: any user of the host could have put one
	 * there and would read the container's keys.  Nor would exec find init's by name:
	 * what is made here gives that right to none but who holds it.  So each has its own. */
	if (sys_keyctl(KEYCTL_JOIN_SESSION_KEYRING, 0, 0, 0, 0) < 0) {
		/* A kernel without keyrings has none to share. */
		if (errno == ENOSYS)
			return 0;
		return err_sys(err, "create a session keyring");
	}
	return 0;
}
