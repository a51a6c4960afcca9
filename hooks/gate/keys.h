/* A key's file as text, and the names of roles: for the keyring's reader and the tool. */
#ifndef KANUKI_GATE_KEYS_H
#define KANUKI_GATE_KEYS_H

#include "base/table.h"
#include "gate/store.h"

#define GATE_ROLES 7
extern const struct table_entry gate_role_names[GATE_ROLES];

/* {"keyid","alg","raw","roles",...}: strict, and keyid must be the key's own. */
int gate_key_parse(struct arena *arena, const char *text, size_t len, struct gate_key *ret,
		   struct err *err) __attribute__((warn_unused_result));

#endif
