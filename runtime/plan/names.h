/* Names of what a plan holds as numbers, for the printed plan and for messages.
 *
 * plan/ may not include spec/ (which has tables for parsing), so the few tables
 * that printing needs are here.  Pure.
 */
#ifndef KANUKI_PLAN_NAMES_H
#define KANUKI_PLAN_NAMES_H

#include "base/str.h"
#include "base/table.h"
#include "plan/plan.h"

/* All return NULL for a number they have no name for. */
const char *plan_cap_name(int number);		 /* "CAP_KILL" */
const char *plan_rlimit_name(int resource);	 /* "NOFILE" */
const char *plan_propagation_name(uint32_t flag); /* "private" */
const char *plan_sched_name(int policy);	 /* "other" */
const char *plan_compare_name(int op);		 /* "masked-eq" */
const char *plan_level_name(enum plan_level level); /* "hardened" */

/* "a,b,c" of the bits' names; bits without one as 0x...; "none" for 0. */
void plan_add_caps(struct str *out, uint64_t set);
void plan_add_securebits(struct str *out, uint32_t bits);
void plan_add_filter_flags(struct str *out, uint32_t flags);
void plan_add_landlock_rights(struct str *out, uint64_t rights);
void plan_add_sched_flags(struct str *out, uint64_t flags);
/* Mount attributes: `clear` names what clearing them means ("exec" for NOEXEC). */
void plan_add_mount_attrs(struct str *out, uint64_t attrs, bool clear);

/* "errno(38)", "kill-process", ... */
void plan_add_filter_action(struct str *out, uint32_t action);

#endif
