/* The printed plan: canonical text, one "key: value" per line in stable order.
 * Owns the line format, the notes behind "  # " and the table of which rule owns
 * which key; the sections are in print_*.c.  man/kanuki-plan.5 follows this table.
 *
 *   key                        value
 *   policy                     the policy's name ("builtin:hardened")
 *   level                      oci | hardened | personal-data | card-payments
 *   gate                       VERDICT class=CLASS | (asked when it is made) |
 *                              (none is set up: create refuses); no line where it isn't asked
 *   gate.program               who is asked then
 *   gate.scan-age              what it is told: DAYS days at most
 *   image                      the config digest that the gate has proven, or none
 *   oci-version, id, bundle    as given
 *   user.uid, user.gid         number
 *   user.groups                numbers, none, or (not set) where setgroups(2) is denied
 *   user.umask                 octal
 *   capabilities.SET           names or none; SET: bounding effective permitted inheritable ambient
 *   no-new-privs               yes | no
 *   securebits                 names or none
 *   keyring                    own | (the caller's)
 *   terminal                   yes [ROWSxCOLS] | no
 *   descriptors                the range that stays open: 0-2
 *   args, cwd                  words; cwd with (created) where it may be made
 *   environment                how many variables; nothing else is in it
 *   env.NAME                   value, or (from the image's passwd)
 *   rlimit.NAME                SOFT:HARD, numbers or unlimited
 *   oom-score-adj, scheduler, nice, io-priority, personality
 *                              value, or (untouched)
 *   affinity.initial, affinity.final, memory-policy
 *                              only where asked
 *   apparmor, selinux          label or none
 *   namespace.NS               private | private-last | join PATH | host; NS as in /proc/PID/ns
 *   namespaces.host            none | which ones; with '?' if joined without comparing whose it is
 *   user-map.uid, user-map.gid INSIDE:OUTSIDE:COUNT,...; user-map.setgroups: deny
 *   userns-last                yes | no; .uid-map .gid-map as above; .children: forbidden | allowed
 *   time.boottime, .monotonic  offset in seconds, only where asked
 *   hostname, domainname       only where asked
 *   loopback                   up | (untouched)
 *   net-device NAME            the name it gets
 *   sysctls                    how many
 *   sysctl.KEY                 value, and (where it exists) if it may be missing
 *   root.path                  host path
 *   root.readonly, root.no-pivot  yes | no
 *   root.flags, root.propagation  names
 *   writable-executable        none, or WRITABLE as EXECUTABLE: two names of one thing
 *   mounts.from-host           how many bind mounts
 *   mount TARGET               new|bind|cgroup-view, then NAME=VALUE fields, in order of mounting
 *   dev.readonly               yes | no
 *   devices                    how many
 *   device PATH                TYPE MAJOR:MINOR MODE UID:GID
 *   dev-link PATH              target
 *   masked PATH, readonly PATH yes (skipped where the kernel has no such path)
 *   filters.point              last | before-drop
 *   filters.abi                native | the architectures
 *   filter.N                   default | strict | rules ...; filter.N.rule.M: names action
 * conditions landlock                   no | yes ...; landlock.rights .writable .no-exec
 *   cgroup.manager, .path      cgroupfs | systemd | disabled; path
 *   cgroup.FILE                value written, and (where the controller exists)
 *   cgroup.delegated           UID:GID | no
 *   cgroup.writable            no | yes: what the container sees of cgroupfs
 *   devices.filter             yes | no; device-rule.N: allow|deny TYPE MAJOR:MINOR ACCESS
 *   hooks                      how many; hook.KIND: path, args=, env=, timeout=
 *   annotations                how many; they are inert
 *   intel-rdt, notify-socket   only where asked
 *   own-binary                 unreachable | sealed-copy
 *   verify                     yes | no
 *
 * Words of untrusted text are bare where every character is one of
 * [A-Za-z0-9_./:=+@%,~*-] and the word is no keyword of ours, else in double
 * quotes with JSON's escapes; so no text of a bundle can look like a value in
 * parentheses, a note or another line.
 *
 * Behind "  # " stand the rules that hold the line, "; " between them.  With
 * --diff a rule that changed something also says what was asked:
 *   user.uid: 65532  # H-01 asked: 0
 * and what has no line of its own follows at the end:
 *   # H-60 skipped: cgroup.pids.max given: ...   (always)
 *   # H-40 dropped: device /dev/kvm asked: ...   (--diff)
 */
#include "config.h"

#include "plan/print.h"

#include "plan/facts.h"
#include "plan/names.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/banned.h"

/* Which rule holds which line at level hardened, whether or not it had to
 * change anything.  A key that ends in '.' or ' ' stands for all that begin so.
 * Rules of a single mount depend on the mount and are added by print_mounts.c. */
static const struct { const char *key, *rule; } owners[] = {
	{"gate", "H-85"},
	{"image", "H-85"},
	{"user.uid", "H-01"},
	{"user.gid", "H-02"},
	{"user.groups", "H-03"},
	{"user.umask", "H-16"},
	{"capabilities.", "H-04"},
	{"no-new-privs", "H-05"},
	{"securebits", "H-06"},
	{"rlimit.CORE", "H-07"},
	{"rlimit.NICE", "H-16"},
	{"rlimit.RTPRIO", "H-16"},
	{"rlimit.NPROC", "H-60"},
	{"keyring", "H-08"},
	{"environment", "H-09"},
	{"namespace.", "H-10"},
	{"namespaces.host", "H-11"},
	{"userns-last", "H-12"},
	{"userns-last.uid-map", "H-12"},
	{"userns-last.gid-map", "H-12"},
	{"userns-last.children", "H-13"},
	{"sysctl.vm/memfd_noexec", "H-14"},
	{"sysctls", "H-15"},
	{"oom-score-adj", "H-16"},
	{"scheduler", "H-16"},
	{"nice", "H-16"},
	{"io-priority", "H-16"},
	{"personality", "H-16"},
	{"descriptors", "H-17"},
	{"terminal", "H-18"},
	{"own-binary", "H-19"},
	{"root.readonly", "H-20"},
	{"mount /tmp", "H-21"},
	{"mount /var/tmp", "H-21"},
	{"mount /run", "H-21"},
	{"writable-executable", "H-24"},
	{"mounts.from-host", "H-25"},
	{"root.propagation", "H-26"},
	{"root.no-pivot", "H-26"},
	{"masked ", "H-30"},
	{"readonly ", "H-31"},
	{"devices", "H-40"},
	{"device ", "H-40"},
	{"dev.readonly", "H-40"},
	{"devices.filter", "H-41"},
	{"filter.0", "H-50"},
	{"filters.abi", "H-51"},
	{"cgroup.pids.max", "H-60"},
	{"cgroup.writable", "H-61"},
	{"landlock", "H-70"},
	{"landlock.no-daemons", "H-82"},
	{"landlock.daemon-places", "H-82"},
	{"landlock.exec-only", "H-73"},
	{"landlock.bind", "H-72"},
	{"landlock.connect", "H-72"},
	{"apparmor", "H-71"},
	{"selinux", "H-71"},
	{"hooks", "H-80"},
	{"annotations", "H-81"},
	{"verify", "H-90"},
};

static bool owns(const char *owner_key, const char *key)
{
	size_t len = strlen(owner_key);
	char last = owner_key[len - 1];
	if (last == '.' || last == ' ')
		return !strncmp(key, owner_key, len);
	return !strcmp(key, owner_key);
}

/* --- words --- */

static bool is_harmless(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '_' || (c >= '*' && c <= '/') || c == ':' || c == '=' || c == '@' || c == '%' ||
	       c == '~';
}

/* What a word may not be without quotes, because we print it ourselves. */
static bool is_keyword(const char *s)
{
	return !strcmp(s, "none") || !strcmp(s, "not-host");
}

/* U+200E, U+200F, U+2028..U+202E, U+2066..U+2069: they change the order in which a
 * terminal or a review tool shows a line, so a reviewer would read another plan. */
static bool is_reordering(const char *s, size_t n)
{
	const unsigned char *u = (const unsigned char *)s;
	if (n != 3 || u[0] != 0xe2)
		return false;
	if (u[1] == 0x80)
		return u[2] == 0x8e || u[2] == 0x8f || (u[2] >= 0xa8 && u[2] <= 0xae);
	return u[1] == 0x81 && u[2] >= 0xa6 && u[2] <= 0xa9;
}

static void add_quoted(struct str *out, const char *s)
{
	size_t len = strlen(s);
	size_t start = 0;
	str_add(out, "\"");
	for (size_t i = 0; i < len;) {
		size_t n = str_utf8_char(s + i, len - i);
		if (is_reordering(s + i, n)) {
			const unsigned char *u = (const unsigned char *)s + i;
			str_add_escaped(out, s + start, i - start);
			str_addf(out, "\\u%04x", 0x2000u | (u[1] & 0x3fu) << 6 | (u[2] & 0x3fu));
			start = i + n;
		}
		i += n ? n : 1;
	}
	str_add_escaped(out, s + start, len - start);
	str_add(out, "\"");
}

void print_word(struct str *out, const char *untrusted)
{
	if (!untrusted) {
		str_add(out, "none");
		return;
	}
	bool bare = *untrusted && !is_keyword(untrusted);
	for (const char *s = untrusted; *s && bare; s++)
		bare = is_harmless(*s);
	if (bare)
		str_add(out, untrusted);
	else
		add_quoted(out, untrusted);
}

void print_words(struct str *out, const struct str_list *list, const char *separator)
{
	if (list->n == 0)
		str_add(out, "none");
	for (size_t i = 0; i < list->n; i++) {
		if (i)
			str_add(out, separator);
		print_word(out, list->items[i]);
	}
}

void print_idmaps(struct str *out, const plan_idmaps *maps)
{
	if (maps->n == 0)
		str_add(out, "none");
	for (size_t i = 0; i < maps->n; i++)
		str_addf(out, "%s%u:%u:%u", i ? "," : "", maps->items[i].inside,
			 maps->items[i].outside, maps->items[i].count);
}

/* --- lines --- */

static void set_key(struct printer *p, const char *key, const char *name)
{
	p->key.len = 0; /* its memory stays for the next line */
	str_add(&p->key, key);
	if (name)
		str_add(&p->key, name);
	p->n_rules = 0;
	for (uint64_t left = p->owners[print_letter(key)]; left; left &= left - 1) {
		int i = __builtin_ctzll(left);
		if (owns(owners[i].key, str_text(&p->key)))
			print_owner(p, owners[i].rule);
	}
}

void print_begin(struct printer *p, const char *key, const char *name)
{
	set_key(p, key, name);
	str_add(p->out, key);
	if (name)
		print_word(p->out, name);
	str_add(p->out, ": ");
	p->value_at = p->out->len;
}

void print_begin_indexed(struct printer *p, const char *key, size_t index)
{
	char number[24];
	(void)snprintf(number, sizeof(number), "%zu", index); /* 20 digits at most */
	print_begin(p, key, number);
}

/* Kept sorted, each rule once. */
static void add_rule(struct printer *p, const char *rule)
{
	size_t at = 0;
	while (at < p->n_rules && strcmp(p->rules[at], rule) < 0)
		at++;
	if (at < p->n_rules && !strcmp(p->rules[at], rule))
		return;
	if (p->n_rules == PRINT_MAX_RULES) { /* our own bug; half a list of rules would mislead */
		p->out->failed = true;
		return;
	}
	memmove(&p->rules[at + 1], &p->rules[at], (p->n_rules - at) * sizeof(p->rules[0]));
	p->rules[at] = rule;
	p->n_rules++;
}

void print_owner(struct printer *p, const char *rule)
{
	if (p->plan->level != LEVEL_OCI)
		add_rule(p, rule);
}

static void add_asked_given(struct printer *p, const struct plan_change *change)
{
	if (change->asked) {
		str_add(p->out, " asked: ");
		print_word(p->out, change->asked);
	}
	if (change->given) {
		str_add(p->out, " given: ");
		print_word(p->out, change->given);
	}
}

static void add_change(struct printer *p, const struct plan_change *change)
{
	if (change->outcome != CHANGE_FORCED)
		str_addf(p->out, " %s", plan_outcome_name(change->outcome));
	else if (!change->asked)
		str_add(p->out, " asked: nothing");
	add_asked_given(p, change);
}

static bool concerns_line(const struct printer *p, const struct plan_change *change)
{
	/* What was left out is no note on a line that is there. */
	return change->outcome != CHANGE_DROPPED && !strcmp(change->key, str_text(&p->key));
}

static void keep_value(struct printer *p, size_t change)
{
	if (!p->values || str_failed(p->out))
		return;
	p->values[change] =
		arena_memdup(p->arena, str_text(p->out) + p->value_at, p->out->len - p->value_at);
	p->out->failed |= !p->values[change];
}

void print_end(struct printer *p)
{
	const struct plan *plan = p->plan;
	size_t first = p->first[print_letter(str_text(&p->key))];
	for (size_t n = first; n; n = p->changes[n - 1].next) {
		if (!concerns_line(p, &plan->changes.items[n - 1]))
			continue;
		keep_value(p, n - 1);
		p->changes[n - 1].told = true;
		add_rule(p, plan->changes.items[n - 1].rule);
	}
	for (size_t r = 0; r < p->n_rules; r++) {
		str_add(p->out, r ? "; " : "  # ");
		str_add(p->out, p->rules[r]);
		if (!p->diff)
			continue;
		for (size_t n = first; n; n = p->changes[n - 1].next)
			if (concerns_line(p, &plan->changes.items[n - 1]) &&
			    !strcmp(plan->changes.items[n - 1].rule, p->rules[r]))
				add_change(p, &plan->changes.items[n - 1]);
	}
	str_add(p->out, "\n");
}

void print_text(struct printer *p, const char *key, const char *trusted)
{
	print_begin(p, key, NULL);
	str_add(p->out, trusted);
	print_end(p);
}

void print_word_line(struct printer *p, const char *key, const char *untrusted)
{
	print_begin(p, key, NULL);
	print_word(p->out, untrusted);
	print_end(p);
}

void print_yes_no(struct printer *p, const char *key, bool yes)
{
	print_text(p, key, yes ? "yes" : "no");
}

void print_number(struct printer *p, const char *key, int64_t n)
{
	print_begin(p, key, NULL);
	str_addf(p->out, "%" PRId64, n);
	print_end(p);
}

/* Changes that no line carried: nothing policy did stays unsaid.  What it left
 * out of the bundle's own wishes is shown by --diff. */
static void print_rest(struct printer *p)
{
	for (size_t i = 0; i < p->plan->changes.n; i++) {
		const struct plan_change *change = &p->plan->changes.items[i];
		if (p->changes[i].told || (change->outcome == CHANGE_DROPPED && !p->diff))
			continue;
		str_addf(p->out, "# %s %s: ", change->rule, plan_outcome_name(change->outcome));
		print_word(p->out, change->key);
		add_asked_given(p, change);
		str_add(p->out, "\n");
	}
}

static void print_gate(struct printer *p)
{
	const struct plan_gate *gate = &p->plan->gate;

	if (gate->state == PLAN_GATE_LATER)
		print_text(p, "gate", "(asked when it is made)");
	if (gate->state == PLAN_GATE_LATER && gate->program)
		print_word_line(p, "gate.program", gate->program);
	if (gate->state == PLAN_GATE_LATER && gate->scan_age_days) {
		print_begin(p, "gate.scan-age", NULL);
		str_addf(p->out, "%" PRIu32 " days at most", gate->scan_age_days);
		print_end(p);
	}
	if (gate->state == PLAN_GATE_MISSING)
		print_text(p, "gate", "(none is set up: create refuses)");
	if (gate->state != PLAN_GATE_ASKED)
		return;
	print_begin(p, "gate", NULL);
	str_addf(p->out, "%s class=%s", gate->verdict, gate->image_class);
	print_end(p);
	if (gate->image)
		print_word_line(p, "image", gate->image);
	else
		print_text(p, "image", "none");
}

/* Who answers for the relaxations below, and until when. */
static void print_granted(struct printer *p)
{
	const struct plan_granted *granted = &p->plan->granted;
	if (!granted->image)
		return;
	print_word_line(p, "exception.image", granted->image);
	print_word_line(p, "exception.owner", granted->owner);
	print_word_line(p, "exception.reason", granted->reason);
	print_word_line(p, "exception.expires", granted->expires);
}

static void print_all(struct printer *p)
{
	const struct plan *plan = p->plan;
	print_word_line(p, "policy", plan->policy_name);
	print_text(p, "level", plan_level_name(plan->level));
	if (plan->audit_mode)
		print_text(p, "mode", "audit");
	print_gate(p);
	print_granted(p);
	print_word_line(p, "oci-version", plan->oci_version);
	print_word_line(p, "id", plan->id);
	print_word_line(p, "bundle", plan->bundle);
	print_process(p);
	print_namespaces(p);
	if (!p->recorded)
		print_mounts(p);
	print_confinement(p);
	print_rest(p);
}

_Static_assert(ARRAY_LEN(owners) <= 64, "a bit for each");

static bool index_letters(struct printer *p)
{
	for (size_t i = 0; i < ARRAY_LEN(owners); i++)
		p->owners[print_letter(owners[i].key)] |= UINT64_C(1) << i;
	p->changes = calloc(p->plan->changes.n + 1, sizeof(*p->changes));
	/* From the last, so that each chain has them in their order. */
	for (size_t n = p->changes ? p->plan->changes.n : 0; n; n--) {
		size_t *first = &p->first[print_letter(p->plan->changes.items[n - 1].key)];
		p->changes[n - 1].next = *first;
		*first = n;
	}
	return p->changes;
}

static void print_with(struct printer p, void (*print)(struct printer *))
{
	if (!index_letters(&p)) {
		p.out->failed = true;
		return;
	}
	print(&p);
	if (str_failed(&p.key))
		p.out->failed = true;
	str_release(&p.key);
	free(p.changes);
}

void plan_print(const struct plan *plan, bool diff, struct str *out)
{
	print_with((struct printer){.plan = plan, .diff = diff, .out = out}, print_all);
}

void plan_print_values(const struct plan *plan, struct arena *arena, const char **ret_values,
		       struct str *out)
{
	for (size_t i = 0; i < plan->changes.n; i++)
		ret_values[i] = NULL;
	print_with((struct printer){.plan = plan, .out = out, .arena = arena, .values = ret_values},
		   print_all);
}

void plan_print_changes(const struct plan *plan, struct str *out)
{
	print_with((struct printer){.plan = plan, .diff = true, .out = out}, print_rest);
}

void plan_print_recorded(const struct plan *plan, struct str *out)
{
	str_add(out, "# what was recorded of the plan: no lines for mounts, paths, devices, "
		     "sysctls, host names, cgroup limits,\n"
		     "# hooks before the start, a bundle's own filter rules, nor for which rule "
		     "changed what was asked\n");
	print_with((struct printer){.plan = plan, .recorded = true, .out = out}, print_all);
}
