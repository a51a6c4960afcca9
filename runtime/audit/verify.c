/* The reader knows places and head, the chain what they mean. */
#include "config.h"

#include "audit/verify.h"

#include "base/banned.h"

int verify_next(struct chain *chain, unsigned file, struct trail_reader *reader,
		struct trail_text *ret, struct err *err)
{
	if (trail_next(reader, ret, err) < 0)
		return -1;
	if (ret->text)
		chain_line(chain, file, reader->line, reader->byte, ret->text, ret->len,
			   ret->ended);
	return 0;
}

bool verify_end(struct chain *chain, unsigned file, const struct trail_reader *reader, bool known)
{
	const struct chain_place at = {.file = file, .line = reader->line, .byte = reader->byte};

	return chain_end(chain, &at, reader->has_head ? reader->head : NULL, reader->head_len,
			 known);
}
