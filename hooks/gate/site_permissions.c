/* Signed permissions, read and verified when a request needs them: a site may have hundreds, a
 * decision is about a few of them.  The names of their files say which images they are for.
 */
#include "config.h"

#include "gate/site.h"

#include "gate/findings.h"
#include "gate/permission.h"

#include <stdlib.h>
#include <string.h>

#include "base/banned.h"

#define ID_LEN 64

enum permission_state { UNREAD = 0, UNVERIFIED /* worth nothing yet */, DONE, BAD };

/* Its own memory, which most files never need. */
struct content {
	struct permission permission;
	struct dsse envelope;
};

struct entry {
	const char *name; /* of its file */
	enum permission_state state;
	struct content *content; /* with UNVERIFIED */
};

struct site_permissions {
	LIST_OF(struct entry) entries; /* by name */
	permission_list good;          /* by id */
};

int site_permissions_open(struct gate_site *site, struct err *err)
{
	struct site_permissions *all = arena_alloc(site->arena, sizeof(*all));
	struct str_list names = {0};

	if (!all)
		return err_oom(err);
	if (gate_store_permissions(&site->store, site->arena, &names, err) < 0)
		return -1;
	for (size_t i = 0; i < names.n; i++) {
		struct entry *entry = ARENA_PUSH(site->arena, &all->entries);

		if (!entry)
			return err_oom(err);
		entry->name = names.items[i];
	}
	site->permissions = all;
	return 0;
}

/* The digits of the image that the file's name is for, or NULL. */
static const char *image_of(const struct entry *entry)
{
	bool has_one = strlen(entry->name) == 2 * ID_LEN + 1 && entry->name[ID_LEN] == '-';

	return has_one ? entry->name + ID_LEN + 1 : NULL;
}

static bool may_be_for(const struct entry *entry, const char *digest)
{
	const char *image = image_of(entry);

	return !image || (digest && digest_is_valid(digest) && strcmp(image, digest + 7) == 0);
}

static bool names(const struct permission *permission, const char *hex)
{
	for (size_t i = 0; i < permission->images.n; i++)
		if (strcmp(permission->images.items[i] + 7, hex) == 0)
			return true;
	return false;
}

static bool is_for(const struct permission *permission, const char *digest, int64_t now)
{
	if (!permission->images.n)
		return permission->expires > now; /* one that is over is told of nobody */
	return digest && digest_is_valid(digest) && names(permission, digest + 7);
}

/* One that can't be read permits nothing, and hinders nothing; nor does one by a wrong name. */
static enum permission_state read_entry(const struct gate_site *site, struct entry *entry)
{
	struct content *content = arena_alloc(site->arena, sizeof(*content));
	const char *text, *image = image_of(entry);
	struct err why = ERR_INIT;
	struct dsse *envelope;
	size_t len;
	int found = content ? gate_store_permission(&site->store, entry->name, site->arena, &text,
						    &len, &why)
			    : -1;

	if (found <= 0)
		return found == 0 ? DONE : BAD;
	envelope = &content->envelope;
	if (dsse_parse(site->arena, text, len, envelope, &why) < 0 ||
	    strcmp(envelope->payload_type, PERMISSION_PAYLOAD_TYPE) != 0 ||
	    permission_parse(site->arena, envelope->payload, envelope->payload_len,
			     &content->permission, &why) < 0)
		return BAD;
	if (image && !names(&content->permission, image))
		return BAD;
	content->permission.id = arena_printf(site->arena, "%.*s", ID_LEN, entry->name);
	entry->content = content;
	return content->permission.id ? UNVERIFIED : BAD;
}

static int by_id(const void *a, const void *b)
{
	return strcmp(((const struct permission *)a)->id, ((const struct permission *)b)->id);
}

static enum permission_state verify(const struct gate_site *site, struct site_permissions *all,
				    const struct entry *entry)
{
	struct err why = ERR_INIT;
	signer_list signers = {0};
	struct permission *slot;

	/* Known by another image's name. */
	for (size_t i = 0; i < all->good.n; i++)
		if (strcmp(all->good.items[i].id, entry->content->permission.id) == 0)
			return DONE;
	if (gate_signers(site, &entry->content->envelope, site->arena, &signers, &why) < 0 ||
	    !signers.n)
		return BAD;
	slot = ARENA_PUSH(site->arena, &all->good);
	if (!slot)
		return BAD;
	*slot = entry->content->permission;
	slot->signers = signers;
	qsort(all->good.items, all->good.n, sizeof(*all->good.items), by_id);
	return DONE;
}

const permission_list *gate_site_permissions(const struct gate_site *site, const char *digest)
{
	static const permission_list none;
	struct site_permissions *all = site->permissions;

	if (!all)
		return &none;
	for (size_t i = 0; i < all->entries.n; i++) {
		struct entry *entry = &all->entries.items[i];

		if (entry->state == UNREAD && may_be_for(entry, digest))
			entry->state = read_entry(site, entry);
		if (entry->state == UNVERIFIED &&
		    is_for(&entry->content->permission, digest, site->now))
			entry->state = verify(site, all, entry);
	}
	return &all->good;
}

unsigned gate_site_bad_permissions(const struct gate_site *site)
{
	struct site_permissions *all = site->permissions;
	const struct entry *last = NULL;
	unsigned n = 0;

	for (size_t i = 0; all && i < all->entries.n; i++) {
		struct entry *entry = &all->entries.items[i];

		if (entry->state == UNREAD)
			entry->state = read_entry(site, entry);
		if (entry->state == UNVERIFIED)
			entry->state = verify(site, all, entry);
		if (entry->state == BAD &&
		    !(last && strncmp(last->name, entry->name, ID_LEN) == 0)) {
			last = entry;
			n++;
		}
	}
	return n;
}
