/* The site: its store, keys, policy and permissions, and the one way from a request to a
 * decision that hook and tool share.
 *
 * What can't be read is no failure of the caller's but a reason: E_STORE, E_POLICY_INVALID.
 */
#ifndef KANUKI_GATE_SITE_H
#define KANUKI_GATE_SITE_H

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "gate/decide.h"
#include "gate/dsse.h"
#include "gate/store.h"

#define GATE_STORE_DIR	"/var/lib/kanuki/gate"
#define GATE_ETC_DIR	"/etc/kanuki/gate"
#define GATE_POLICY	"policy.json"

struct gate_site {
	struct gate_store store;
	const char *store_why;		  /* NULL: it can be read */
	const struct gate_policy *policy; /* NULL: invalid */
	const char *policy_why;
	gate_key_list keys;
	signer_list signers; /* the same, as the decision wants them */
	struct site_permissions *permissions; /* NULL: the store can't be read */
	uint64_t generation;
	int64_t now, highest_seen;
	struct arena *arena;
};

struct gate_paths {
	const char *store, *etc, *policy; /* NULL: the usual places; policy: another file */
	bool as_if; /* `now` is a question: the store's clock neither hears of it nor judges it */
};

/* Fills *ret always; -1 only for lack of memory. */
int gate_site_open(const struct gate_paths *paths, int64_t now, struct arena *arena,
		   struct gate_site *ret, struct err *err) __attribute__((warn_unused_result));
void gate_site_close(struct gate_site *site);
#define autosite __attribute__((cleanup(gate_site_close))) struct gate_site

/* What was found of an image, beside the decision. */
struct gate_found {
	enum record_state state;
	const char *why;
	struct record record;	/* with RECORD_GOOD */
	signer_list signers;	/* of the record */
	char record_digest[72];	/* of the envelope; "" without one */
	const char *envelope;
	size_t envelope_len;
	const char *config;	/* behind an alias; else as asked */
	bool image_revoked, record_revoked;
	const char *revoked; /* with image_revoked: the digest by which it is */
};

/* The image's record, verified.  Memory from `arena`. */
void gate_site_find(const struct gate_site *site, const char *digest, const char *platform,
		    struct arena *arena, struct gate_found *ret);
/* The request's digest becomes the config digest where it was an alias. */
void gate_site_decide(const struct gate_site *site, struct gate_request *request,
		      struct arena *arena, struct gate_found *ret_found, struct gate_result *ret);

/* Those whose signatures are good: all that name the image, a break-glass that names none, and what
 * was asked for before.  Until somebody asks, a permission's signature isn't looked at, and it
 * permits nothing.  Never NULL. */
const permission_list *gate_site_permissions(const struct gate_site *site, const char *digest);
/* How many are broken, or signed by nobody known: they permit nothing, and hinder nothing. */
unsigned gate_site_bad_permissions(const struct gate_site *site);
/* Lists them (site_permissions.c); gate_site_open's. */
int site_permissions_open(struct gate_site *site, struct err *err)
	__attribute__((warn_unused_result));

/* Whose signatures are good: each key once, and each signature for one key.  -1: no verdict. */
int gate_signers(const struct gate_site *site, const struct dsse *envelope, struct arena *arena,
		 signer_list *ret, struct err *err) __attribute__((warn_unused_result));

#endif
