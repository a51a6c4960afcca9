/* Signed permissions, verified when a request needs them: a site may have hundreds, a decision
 * is about a few of them, and a signature costs more than all else that is read here.
 */
#include "config.h"

#include "gate/site.h"

#include "gate/permission.h"

#include <stdlib.h>
#include <string.h>

#include "base/banned.h"

/* Read, and worth nothing yet. */
struct unverified {
	struct permission permission;
	struct dsse envelope;
	bool is_done;
};

struct site_permissions {
	LIST_OF(struct unverified) read;
	permission_list good; /* by id */
	unsigned n_bad;
};

static int read_one(const struct gate_site *site, const struct gate_blob *blob, struct unverified *ret, struct err *err)
{
	if (dsse_parse(site->arena, blob->text, blob->len, &ret->envelope, err) < 0)
		return -1;
	if (strcmp(ret->envelope.payload_type, PERMISSION_PAYLOAD_TYPE) != 0)
		return err_set(err, ERR_SPEC, "no permission");
	if (permission_parse(site->arena, ret->envelope.payload, ret->envelope.payload_len, &ret->permission, err) < 0)
		return -1;
	ret->permission.id = blob->name;
	return 0;
}

int site_permissions_open(struct gate_site *site, struct err *err)
{
	struct site_permissions *all = arena_alloc(site->arena, sizeof(*all));
	gate_blob_list blobs = {0};

	if (!all)
		return err_oom(err);
	if (gate_store_permissions(&site->store, site->arena, &blobs, err) < 0)
		return -1;
	for (size_t i = 0; i < blobs.n; i++) {
		struct unverified *slot = ARENA_PUSH(site->arena, &all->read);
		struct err why = ERR_INIT;

		if (!slot)
			return err_oom(err);
		if (read_one(site, &blobs.items[i], slot, &why) < 0) {
			all->read.n--;
			all->n_bad++;
		}
	}
	site->permissions = all;
	return 0;
}

static int by_id(const void *a, const void *b)
{
	return strcmp(((const struct permission *)a)->id, ((const struct permission *)b)->id);
}

static void verify(const struct gate_site *site, struct site_permissions *all, struct unverified *one)
{
	struct err why = ERR_INIT;
	signer_list signers = {0};
	struct permission *slot;

	one->is_done = true;
	if (gate_signers(site, &one->envelope, site->arena, &signers, &why) < 0 || !signers.n ||
	    !(slot = ARENA_PUSH(site->arena, &all->good))) {
		all->n_bad++;
		return;
	}
	*slot = one->permission;
	slot->signers = signers;
	qsort(all->good.items, all->good.n, sizeof(*all->good.items), by_id);
}

static bool is_for(const struct permission *permission, const char *digest, int64_t now)
{
	if (!permission->images.n)
		return permission->expires > now; /* one that is over is told of nobody */
	for (size_t i = 0; digest && i < permission->images.n; i++)
		if (strcmp(permission->images.items[i], digest) == 0)
			return true;
	return false;
}

const permission_list *gate_site_permissions(const struct gate_site *site, const char *digest)
{
	static const permission_list none;
	struct site_permissions *all = site->permissions;

	for (size_t i = 0; all && i < all->read.n; i++)
		if (!all->read.items[i].is_done && is_for(&all->read.items[i].permission, digest, site->now))
			verify(site, all, &all->read.items[i]);
	return all ? &all->good : &none;
}

unsigned gate_site_bad_permissions(const struct gate_site *site)
{
	struct site_permissions *all = site->permissions;

	for (size_t i = 0; all && i < all->read.n; i++)
		if (!all->read.items[i].is_done)
			verify(site, all, &all->read.items[i]);
	return all ? all->n_bad : 0;
}
