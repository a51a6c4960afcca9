/* A trail's files, read into the chain that judges them: what all who verify one do. */
#ifndef KANUKI_AUDIT_VERIFY_H
#define KANUKI_AUDIT_VERIFY_H

#include "audit/chain.h"
#include "audit/read.h"

/* trail_next(), and the line goes into the chain; `file` is its number there. */
int verify_next(struct chain *chain, unsigned file, struct trail_reader *reader,
		struct trail_text *ret, struct err *err) __attribute__((warn_unused_result));
/* chain_end() where `reader`, the last file's, has come to its end; `known` is chain_end's. */
bool verify_end(struct chain *chain, unsigned file, const struct trail_reader *reader, bool known);

#endif
