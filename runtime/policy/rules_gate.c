/* H-85: the scan gate's word, which cmd/ has asked for before anything is decided. */
#include "config.h"

#include "policy/resolve.h"

#include <string.h>

#include "base/banned.h"

/* A gate that nobody has set up is a hole where a site thinks it has one: refused at every level
 * that forces anything, unless the policy says that none is wanted, or not yet. */
static int absent(struct resolve *r, struct err *err)
{
	if (r->conf->gate == GATE_REQUIRED)
		return err_policy(err, "H-85",
				  "this host has no scan gate, "
				  "and the policy lets nothing start without one; "
				  "set it up, run: kanuki-gate init%s",
				  r->conf->level == LEVEL_HARDENED
					  ? "; or have none: gate.mode, --policy builtin:sandbox"
					  : "");
	note(r, "H-85", CHANGE_SKIPPED, "gate", NULL,
	     "not set up: no image is asked for (kanuki-gate init)");
	return 0;
}

int rule_scanned_image(struct resolve *r, struct err *err)
{
	const struct policy_gate *gate = &r->request->gate;

	/* The one relaxation that is no exception for an image: every plan made so shows it. */
	if (r->conf->gate == GATE_OFF) {
		note(r, "H-85", CHANGE_SKIPPED, "gate", NULL,
		     "not wanted: no image is asked for (gate.mode)");
		return idle(r, "the policy doesn't want the gate to be heard (gate.mode)");
	}
	switch (gate->answer) {
	case GATE_ABSENT:
		return absent(r, err);
	case GATE_LATER:
		r->plan->gate = (struct plan_gate){
			.state = PLAN_GATE_LATER,
			.program = keep(r, gate->program),
			.scan_age_days = gate->program ? r->conf->scan_age_days_max : 0};
		return idle(r, "the gate is heard when the container is made");
	case GATE_MISSING:
		r->plan->gate.state = PLAN_GATE_MISSING;
		return idle(r, "there is no gate to be heard, and create refuses");
	case GATE_ADMITTED:
		r->plan->gate = (struct plan_gate){.state = PLAN_GATE_ASKED,
						   .verdict = keep(r, gate->verdict),
						   .image_class = keep(r, gate->image_class),
						   .image = keep(r, gate->image)};
		if (strcmp(gate->image_class, "pause") == 0 &&
		    r->plan->hooks[HOOK_START_CONTAINER].n)
			return err_policy(err, "H-85",
					  "hooks.startContainer: a pause container is let in "
					  "without a scan, for its one program; no other is run "
					  "in it");
		return 0;
	case GATE_REFUSED:
		break;
	}
	return err_policy(err, "H-85", "%s",
			  gate->why ? gate->why : "the scan gate gave no answer");
}
