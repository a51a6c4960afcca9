/* Judges of strings: what a path, an environment entry, a CPU list or a device name may be.
 * Lexical only; what a path leads to is not known here.
 */
#include "config.h"

#include "spec/table.h"

#include <limits.h>
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

/* N, N-M, or with `strides` N-M:USED/GROUP. */
static bool next_range(struct cursor *c, bool strides)
{
	unsigned first, last, used, group;

	skip_blanks(c);
	if (!next_number(c, &first))
		return false;
	skip_blanks(c);
	if (next_is(c, '-')) {
		skip_blanks(c);
		if (!next_number(c, &last) || last < first)
			return false;
		if (strides && next_is(c, ':') &&
		    !(next_number(c, &used) && next_is(c, '/') && next_number(c, &group) &&
		      used <= group && group > 0))
			return false;
		skip_blanks(c);
	}
	return true;
}

static bool is_set_list(const char *s, bool strides)
{
	struct cursor c = {s};

	do {
		if (!next_range(&c, strides))
			return false;
	} while (next_is(&c, ','));
	return *c.s == '\0';
}

int text_cpu_list(struct reader *r, const struct json *v, const char *s)
{
	if (!is_set_list(s, false))
		return json_error(v, r->err, "'%s' is no list of CPUs; write it like 0-3,7",
				  table_show(s).s);
	return 0;
}

int text_set_list(struct reader *r, const struct json *v, const char *s)
{
	if (!is_set_list(s, true))
		return json_error(v, r->err, "'%s' is no list of numbers; write it like 0-3,7",
				  table_show(s).s);
	return 0;
}
