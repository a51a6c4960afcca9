/* Judges of strings: what a path, an environment entry, a list of CPUs or a device name may be.
 * Lexical only; what a path leads to is not known here.
 */
#include "config.h"

#include "spec/table.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "base/banned.h"

int text_path(struct reader *r, const struct json *v, const char *s)
{
	size_t n = strlen(s);

	if (n >= PATH_MAX)
		return json_error(v, r->err, "is a path of %zu bytes; Linux takes %d at most", n,
				  PATH_MAX - 1);
	return 0;
}

int text_absolute_path(struct reader *r, const struct json *v, const char *s)
{
	if (s[0] != '/')
		return json_error(v, r->err, "'%s' is not an absolute path; it must begin with '/'",
				  table_show(s).s);
	return text_path(r, v, s);
}

/* An entry without '=' would be filled from the runtime's own environment by some tools
 * (CVE-2021-3602); one with an empty name can't be looked up or unset. */
int text_env(struct reader *r, const struct json *v, const char *s)
{
	if (s[0] == '=')
		return json_error(v, r->err, "'%s' has no name before '='; write NAME=value",
				  table_show(s).s);
	if (!strchr(s, '='))
		return json_error(v, r->err, "'%s' has no '='; write NAME=value", table_show(s).s);
	return 0;
}

/* What the kernel's dev_valid_name() refuses, and '%', by which the kernel would choose a number.
 */
int text_net_name(struct reader *r, const struct json *v, const char *s)
{
	size_t n = strlen(s);

	if (n < 1 || n > 15)
		return json_error(v, r->err, "'%s' is no network device name: 1 to 15 bytes",
				  table_show(s).s);
	if (strcmp(s, ".") == 0 || strcmp(s, "..") == 0 || strpbrk(s, "/:% \t\n\v\f\r"))
		return json_error(v, r->err,
				  "'%s' is no network device name: no '/', ':', '%%' or blank",
				  table_show(s).s);
	return 0;
}

/* --- lists of CPUs and memory nodes --- */

struct cursor {
	const char *s;
};

static void skip_blanks(struct cursor *c)
{
	while (*c->s == ' ')
		c->s++;
}

static bool next_is(struct cursor *c, char wanted)
{
	if (*c->s != wanted)
		return false;
	c->s++;
	return true;
}

/* More than any kernel's NR_CPUS or MAX_NUMNODES. */
#define SET_LIST_MAX 65535

static bool next_number(struct cursor *c, unsigned *ret)
{
	unsigned n = 0;
	const char *start = c->s;

	while (*c->s >= '0' && *c->s <= '9') {
		n = n * 10 + (unsigned)(*c->s++ - '0');
		if (n > SET_LIST_MAX)
			return false;
	}
	*ret = n;
	return c->s > start;
}

struct numbers {
	unsigned first, last;
};

/* N, N-M, or with `strides` N-M:USED/GROUP. */
static bool next_range(struct cursor *c, bool strides, struct numbers *ret)
{
	unsigned used, group;

	skip_blanks(c);
	if (!next_number(c, &ret->first))
		return false;
	ret->last = ret->first;
	skip_blanks(c);
	if (next_is(c, '-')) {
		skip_blanks(c);
		if (!next_number(c, &ret->last) || ret->last < ret->first)
			return false;
		if (strides && next_is(c, ':') &&
		    !(next_number(c, &used) && next_is(c, '/') && next_number(c, &group) &&
		      used <= group && group > 0))
			return false;
		skip_blanks(c);
	}
	return true;
}

int text_set_list(struct reader *r, const struct json *v, const char *s)
{
	struct cursor c = {s};
	struct numbers range;
	bool good;

	do
		good = next_range(&c, true, &range);
	while (good && next_is(&c, ','));
	if (!good || *c.s)
		return json_error(v, r->err, "'%s' is no list of numbers; write it like 0-3,7",
				  table_show(s).s);
	return 0;
}

/* What act/limits.c has bits for: the most CPUs that a kernel can be built for. */
#define MASK_LIST_MAX 8191

/* Never longer than what was given. */
static bool write_plainly(const char *s, char *out, size_t size)
{
	struct cursor c = {s};
	struct numbers range;
	size_t n = 0;

	do {
		if (!next_range(&c, false, &range) || range.last > MASK_LIST_MAX)
			return false;
		n += (size_t)snprintf(out + n, size - n, "%s%u", n ? "," : "", range.first);
		if (range.last > range.first)
			n += (size_t)snprintf(out + n, size - n, "-%u", range.last);
	} while (next_is(&c, ','));
	return *c.s == '\0';
}

/* Blanks are taken, as runc takes them, and left out: the child reads the kernel's own form
 * and no other.  Nor can it read a stride. */
int take_mask_list(struct reader *r, const struct json *v, const struct property *p, void *field)
{
	size_t size = strlen(v->text) + 1;
	char *list = arena_alloc(r->arena, size);

	if (!list)
		return err_oom(r->err);
	if (!v->text[0])
		return 0;
	if (!write_plainly(v->text, list, size))
		return json_error(v, r->err, "'%s' is no list of %s; write it like 0-3,7",
				  table_show(v->text).s, (const char *)p->rule);
	*(const char **)field = list;
	return 0;
}
