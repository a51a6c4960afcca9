/* One world, its decision, and the words in which a test of it is written. */
#ifndef KANUKI_TESTS_GATE_CASE_H
#define KANUKI_TESTS_GATE_CASE_H

#include "gate_world.h"

#include "tap.h"

static struct world w;

/* Decides; the verdict and, with it, that `code` is told (E_NONE: no reason that denies). */
static bool is_decided(enum gate_verdict verdict, int code)
{
	bool told = code == E_NONE;

	world_decide(&w);
	for (unsigned i = 0; i < w.result.n_reasons; i++) {
		told |= w.result.reasons[i].code == code;
		if (code == E_NONE && gate_code_info(w.result.reasons[i].code)->exit_status)
			told = false;
	}
	if (told && w.result.verdict == verdict)
		return true;
	diag("verdict %d", (int)w.result.verdict);
	for (unsigned i = 0; i < w.result.n_reasons; i++)
		diag("%s %s", gate_code_info(w.result.reasons[i].code)->name, w.result.reasons[i].text);
	return false;
}

#define denies(code, say) ok(is_decided(GATE_DENY, (code)), "%s: %s", gate_code_info(code)->name, (say))
#define allows(say)	  ok(is_decided(GATE_ALLOW, E_NONE), "allowed: %s", (say))
#define tells(code, want)                                                                                              \
	do {                                                                                                           \
		const char *text_ = world_reason(&w, (code));                                                          \
		is_str(text_, (want), want);                                                                           \
	} while (0)

/* Whether a break-glass lifts it, as the table in reason.c says. */
__attribute__((unused)) static void breakglass(int code)
{
	bool lifts = gate_code_info(code)->waivable_by & BY_BREAKGLASS;

	w.policy.breakglass = true;
	(void)world_permission(&w, PERMISSION_BREAKGLASS, ROLE_BREAKGLASS);
	ok(is_decided(lifts ? GATE_ALLOW_BREAKGLASS : GATE_DENY, code), "%s: break-glass %s", gate_code_info(code)->name,
	   lifts ? "lifts it" : "doesn't lift it");
	ok(lifts == (world_reason(&w, W_BREAKGLASS) != NULL), "%s: and is told when used", gate_code_info(code)->name);
}

/* Whether mode audit lets it through; the reasons stay. */
__attribute__((unused)) static void audit(int code, bool through)
{
	unsigned n = w.result.n_reasons;

	w.policy.mode = GATE_AUDIT;
	w.policy.breakglass = false;
	ok(is_decided(through ? GATE_ALLOW_AUDIT : GATE_DENY, code), "%s: mode audit %s", gate_code_info(code)->name,
	   through ? "lets it through" : "doesn't let it through");
	ok(w.result.n_reasons >= 1 && n >= w.result.n_reasons, "%s: mode audit keeps the reasons", gate_code_info(code)->name);
}

__attribute__((unused)) static void spoilt(int code, const char *name, bool through_audit)
{
	denies(code, name);
	breakglass(code);
	audit(code, through_audit);
	world_good(&w);
}

#endif
