/* Capabilities and no_new_privs.
 *
 * Order (capabilities(7)): bounding set and securebits while CAP_SETPCAP is
 * effective; the rest after the ids; ambient last, because it must be a subset
 * of permitted and inheritable, or, where securebits forbid it then, before those.
 * Sets are bit masks by capability number; the kernel, not a header, says which is
 * the last one.
 */
#include "config.h"

#include "act/process.h"
#include "sys/sys.h"

#include <errno.h>
#include <linux/securebits.h>
#include <sys/capability.h>
#include <sys/prctl.h>

#include "base/banned.h"

#define CAP_MAX 63

/* 1, 0, or -1: EINVAL past the kernel's last capability; any other errno is no
 * answer, and must not pass for the end. */
static int in_bounding(int cap)
{
	return cap_get_bound(cap);
}

static void release_caps(cap_t *caps)
{
	if (*caps)
		(void)cap_free(*caps); /* fails for a pointer that is not libcap's only */
}

#define autocaps __attribute__((cleanup(release_caps))) cap_t

static int fill(cap_t caps, cap_flag_t flag, uint64_t set)
{
	for (cap_value_t cap = 0; cap <= CAP_MAX; cap++)
		if ((set >> cap & 1) && cap_set_flag(caps, flag, 1, &cap, CAP_SET) < 0)
			return -1;
	return 0;
}

static uint64_t read_set(cap_t caps, cap_flag_t flag)
{
	uint64_t set = 0;

	for (cap_value_t cap = 0; cap <= CAP_MAX; cap++) {
		cap_flag_value_t value;

		if (cap_get_flag(caps, cap, flag, &value) < 0)
			break; /* past the last one */
		set |= (uint64_t)(value == CAP_SET) << cap;
	}
	return set;
}

static int raise_ambient(const struct plan_caps *caps, struct err *err)
{
	if (sys_prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) < 0)
		return err_sys(err, "clear ambient capabilities");
	for (int cap = 0; cap <= CAP_MAX; cap++)
		if ((caps->ambient >> cap & 1) &&
		    sys_prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, (unsigned long)cap, 0, 0) < 0)
			return err_sys(err, "raise ambient capability %d", cap);
	return 0;
}

/* Granted ones (H-04) outlive exec as ambient ones only, and behind these securebits
 * (H-06) none can be raised any more; nor does the change of user empty them. */
static bool locks_ambient(const struct plan_process *p)
{
	return p->securebits & SECBIT_NO_CAP_AMBIENT_RAISE;
}

static int raise_before_lock(const struct plan_process *p, struct err *err)
{
	autocaps caps = cap_get_proc();

	if (!caps || fill(caps, CAP_INHERITABLE, p->caps.ambient) < 0 || cap_set_proc(caps) < 0)
		return err_sys(err, "make capabilities inheritable");
	return raise_ambient(&p->caps, err);
}

int caps_drop_bounding(const struct plan *plan, struct child *child, struct err *err)
{
	const struct plan_process *p = &plan->process;

	(void)child;
	for (int cap = 0; cap <= CAP_MAX; cap++) {
		if (p->caps.bounding >> cap & 1 || cap_drop_bound(cap) == 0)
			continue;
		if (errno == EINVAL)
			break; /* the kernel has no more */
		/* Without CAP_SETPCAP one that isn't there needs no dropping. */
		if (errno != EPERM || in_bounding(cap) != 0)
			return err_sys(err, "drop capability %d from the bounding set", cap);
	}
	if (locks_ambient(p) && p->caps.ambient && raise_before_lock(p, err) < 0)
		return -1;
	if (p->securebits && cap_set_secbits(p->securebits) < 0)
		return err_sys(err, "set securebits 0x%x", p->securebits);
	return 0;
}

int caps_keep(const struct plan *plan, struct child *child, struct err *err)
{
	autocaps caps = cap_get_proc();

	(void)plan;
	(void)child;
	if (!caps || fill(caps, CAP_EFFECTIVE, read_set(caps, CAP_PERMITTED)) < 0 ||
	    cap_set_proc(caps) < 0)
		return err_sys(err, "keep capabilities until the filter is loaded");
	return session_undumpable(err);
}

int caps_apply(const struct plan *plan, struct child *child, struct err *err)
{
	const struct plan_process *p = &plan->process;

	(void)child;
	/* The plain calls: libcap asks the kernel first, which a filter that is
	 * loaded already need not allow (W-14). */
	if (sys_capset(&p->caps.effective, &p->caps.permitted, &p->caps.inheritable) < 0)
		return err_sys(err, "set capabilities");
	if ((!locks_ambient(p) || !p->caps.ambient) && raise_ambient(&p->caps, err) < 0)
		return -1;
	if (p->no_new_privs && sys_prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return err_sys(err, "set no_new_privs");
	/* A change of capabilities resets it; where the filter is loaded already,
	 * only execve follows. */
	return plan->filter_point == FILTER_BEFORE_EXEC ? session_undumpable(err) : 0;
}

static int verify_set(const char *name, uint64_t is, uint64_t planned, struct err *err)
{
	if (is == planned)
		return 0;
	return err_set(err, ERR_VERIFY,
		       "H-90: the %s capability set is 0x%llx, the plan has 0x%llx", name,
		       (unsigned long long)is, (unsigned long long)planned);
}

int caps_verify(const struct plan *plan, struct err *err)
{
	const struct plan_process *p = &plan->process;
	uint64_t effective, permitted, inheritable, bounding = 0, ambient = 0;
	autocaps caps = cap_get_proc();
	int nnp, bits;

	if (!caps)
		return err_sys(err, "read back capabilities");
	effective = read_set(caps, CAP_EFFECTIVE);
	permitted = read_set(caps, CAP_PERMITTED);
	inheritable = read_set(caps, CAP_INHERITABLE);
	for (int cap = 0; cap <= CAP_MAX; cap++) {
		int has = in_bounding(cap);

		if (has < 0 && errno == EINVAL)
			break;
		if (has < 0)
			return err_sys(err, "read capability %d of the bounding set", cap);
		bounding |= (uint64_t)has << cap;
		if (permitted >> cap & 1) /* ambient is a subset */
			ambient |= (uint64_t)(cap_get_ambient(cap) == 1) << cap;
	}
	nnp = sys_prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0);
	bits = (int)cap_get_secbits();
	if (nnp < 0 || bits < 0)
		return err_sys(err, "read back no_new_privs and securebits");
	if (p->no_new_privs && nnp != 1)
		return err_set(err, ERR_VERIFY, "H-90: no_new_privs is off");
	if (p->securebits && (uint32_t)bits != p->securebits)
		return err_set(err, ERR_VERIFY, "H-90: securebits are 0x%x, the plan has 0x%x",
			       bits, p->securebits);
	if (verify_set("effective", effective, p->caps.effective, err) < 0 ||
	    verify_set("permitted", permitted, p->caps.permitted, err) < 0 ||
	    verify_set("inheritable", inheritable, p->caps.inheritable, err) < 0 ||
	    verify_set("ambient", ambient, p->caps.ambient, err) < 0)
		return -1;
	/* More than planned is a breach; less is what the runtime itself lacked. */
	return verify_set("bounding", bounding & ~p->caps.bounding, 0, err);
}
