/* Which image is behind a bundle: from root-owned data of the engine, bound to what is
 * really mounted; never from what a deployer or an image could have written.
 *
 * The engine is chosen by where the bundle and the runtime's root lie (policy.engines),
 * not by an annotation.  Annotations can only contradict.  Every file and its parents
 * must be root's and not writable by others; links are not followed. */
#ifndef KANUKI_GATE_IDENTITY_H
#define KANUKI_GATE_IDENTITY_H

#include "base/arena.h"
#include "base/err.h"
#include "gate/types.h"

/* What the caller knows: the runtime tells it (state JSON on standard input). */
struct identity_facts {
	const char *id, *bundle, *root_path; /* absolute; root.path as resolved */
	const char *runtime_root;	     /* --root of the runtime, or NULL */
	struct str_list arguments;	     /* process.args */
	LIST_OF(struct identity_pair) annotations;
	LIST_OF(struct identity_bind) mounts; /* the bundle's: one may cover the program in the root */
	const permission_list *permissions;  /* of the site, whose signatures are good (the store's to say); NULL: none */
	int mount_pid;			     /* whose mountinfo shows root_path mounted; 0: our own */
	bool is_inside;			     /* mount_pid has root_path as its "/", by any other name (a running container) */
	bool is_untouched;		     /* and nothing of the image has run there yet: what is seen there was put there */
};
struct identity_pair { const char *key, *value; };
struct identity_bind { const char *destination, *source; /* absolute; source NULL: it is no bind */ };

/* The digest that the bundle's annotation claims, or NULL; it counts where a permit names it. */
const char *identity_claim(const struct identity_facts *facts);

/* Always fills the request's identity part: unresolved is an answer, with why.  -1 only
 * for what makes any answer impossible (memory). */
int identity_resolve(const struct gate_policy *policy, const struct identity_facts *facts,
		     struct arena *arena, struct gate_request *ret, struct err *err)
	__attribute__((warn_unused_result));

#endif
