/* Owns the wording of what was found in a trail; must not judge. */
#include "config.h"

#include "audit/chain.h"

#include <inttypes.h>
#include <string.h>

#include "base/banned.h"

static void print_range(const struct chain_finding *f, struct str *out)
{
	if (f->from == f->to)
		str_addf(out, "line %" PRIu64, f->from);
	else
		str_addf(out, "lines %" PRIu64 " to %" PRIu64, f->from, f->to);
}

static void print_finding(const struct chain_finding *f, const char *file, struct str *out)
{
	str_add_printable(out, file, strlen(file));
	/* the byte counts from 1, as the line does */
	str_addf(out, ":%" PRIu64 ":%" PRIu64 ": %s: ", f->at.line, f->at.byte + 1,
		 chain_kind_name(f->kind));
	switch (f->kind) {
	case CHAIN_TORN:
		str_add(out, "a writer was stopped here, in the middle of a line\n");
		return;
	case CHAIN_CHANGED:
		if (f->from)
			print_range(f, out);
		else
			str_add(out, "this");
		str_add(out, " is not what was written\n");
		return;
	case CHAIN_REMOVED:
		print_range(f, out);
		str_add(out, " should stand before this\n");
		return;
	case CHAIN_INSERTED:
		str_add(out, "no writer put this here\n");
		return;
	case CHAIN_REORDERED:
		print_range(f, out);
		str_add(out, " should stand before this, and come later\n");
		return;
	case CHAIN_CUT:
		print_range(f, out);
		str_add(out, " should follow\n");
		return;
	case CHAIN_AHEAD:
		print_range(f, out);
		str_add(out, ": the head doesn't know of more than the first of them\n");
		return;
	case CHAIN_HEADLESS:
		str_add(out,
			"there is no readable head: whether the end is missing can't be told\n");
		return;
	case CHAIN_TOLD:
		str_addf(out, "the writer of this line found the trail '%s'\n",
			 trail_found_name(f->found));
		return;
	}
}

void chain_print(const struct chain *chain, const char *const *files, bool good, struct str *out)
{
	for (size_t i = 0; i < chain->n_findings; i++)
		print_finding(&chain->findings[i], files[chain->findings[i].at.file], out);
	if (chain->n_more)
		str_addf(out, "%zu more findings\n", chain->n_more);
	if (good && chain->lines)
		str_addf(out, "%" PRIu64 " lines, seq %" PRIu64 "..%" PRIu64 ", verified\n",
			 chain->lines, chain->first, chain->last);
	else if (good)
		str_add(out, "0 lines, verified\n");
}
