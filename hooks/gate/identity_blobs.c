/* From blobs to an answer.  A blob counts only by its hash, so it doesn't matter who wrote
 * the index of a store; whose directory it is is looked at all the same. */
#include "config.h"

#include "gate/identity_parts.h"

#include "gate/findings.h"

#include <string.h>

#include "base/banned.h"

#define INDEX_MAX 64 /* manifests that are looked into */

static const char *blob_path(struct identity *i, const char *directory, const char *digest)
{
	return digest_is_valid(digest) ? arena_printf(i->arena, "%s/%s", directory, digest + 7)
				       : NULL;
}

static int read_blob(struct identity *i, const char *directory, const char *digest, size_t limit,
		     const char **ret, size_t *ret_len, struct err *err)
{
	const char *path = blob_path(i, directory, digest);

	if (!digest_is_valid(digest))
		return err_set(err, ERR_VERIFY, "'%.80s' is not sha256: and 64 lower-case digits",
			       digest);
	return path ? identity_blob(i, path, digest, limit, ret, ret_len, err) : err_oom(err);
}

int identity_config(struct identity *i, const char *directory, const char *digest,
		    struct image_config *ret, struct err *err)
{
	const char *text;
	size_t len;

	if (read_blob(i, directory, digest, IMAGE_CONFIG_MAX, &text, &len, err) < 0)
		return -1;
	return image_config_parse(i->arena, text, len, ret, err);
}

static int read_manifest(struct identity *i, const char *directory, const char *digest,
			 struct image_manifest *ret, struct err *err)
{
	const char *text;
	size_t len;

	if (read_blob(i, directory, digest, IMAGE_MANIFEST_MAX, &text, &len, err) < 0)
		return -1;
	return image_manifest_parse(i->arena, text, len, ret, err);
}

/* --- the answer --- */

static const char *copy(struct identity *i, const char *text)
{
	return text ? arena_strdup(i->arena, text) : NULL;
}

int identity_found(struct identity *i, const char *config, const char *manifest,
		   const char *platform, struct err *err)
{
	struct gate_request *request = i->request;

	request->digest = copy(i, config);
	request->manifest = copy(i, manifest);
	request->platform = copy(i, platform);
	request->source = IDENTITY_ENGINE;
	return request->digest && (request->manifest || !manifest) && request->platform
		       ? 0
		       : err_oom(err);
}

int identity_alias(struct identity *i, const char *digest, struct err *err)
{
	const char **alias = ARENA_PUSH(i->arena, &i->aliases);

	return alias && (*alias = copy(i, digest)) ? 0 : err_oom(err);
}

int identity_named(struct identity *i, const char *reference, struct err *err)
{
	i->request->reference = copy(i, reference);
	if (!i->request->reference)
		return err_oom(err);
	i->request->repository = image_repository(i->arena, reference);
	return 0;
}

/* --- from a target to the image that is mounted --- */

struct walk {
	struct identity *i;
	const char *directory, *chain;
	const char *config, *manifest, *platform; /* what fits; NULL: none yet */
};

/* Of an index's manifests only those are here that were pulled. */
static int walk_manifest(struct walk *w, const char *digest, const struct image_manifest *manifest,
			 struct err *err)
{
	struct image_config config;

	if (identity_config(w->i, w->directory, manifest->config, &config, err) < 0)
		return -1;
	if (strcmp(image_chain(&config), w->chain) != 0)
		return 0;
	if (w->config && strcmp(w->config, manifest->config) != 0)
		return err_set(err, ERR_VERIFY,
			       "ambiguous: two images of the index have these layers");
	w->config = manifest->config;
	w->manifest = digest;
	w->platform = config.platform;
	return 0;
}

static int walk_index(struct walk *w, const struct image_manifest *index, struct err *err)
{
	if (index->manifests.n > INDEX_MAX)
		return err_set(err, ERR_VERIFY, "the index names %zu manifests",
			       index->manifests.n);
	for (size_t n = 0; n < index->manifests.n; n++) {
		const char *digest = index->manifests.items[n], *text,
			   *path = blob_path(w->i, w->directory, digest);
		struct image_manifest manifest;
		size_t len;
		int found = path ? identity_read(w->i, path, IMAGE_MANIFEST_MAX, &text, &len, err)
				 : err_oom(err);

		if (found == 0)
			continue;
		if (found < 0 || image_check(text, len, digest, err) < 0 ||
		    image_manifest_parse(w->i->arena, text, len, &manifest, err) < 0)
			return -1;
		/* An attestation's manifest has a config of its own kind, which is no image's. */
		if (manifest.config && walk_manifest(w, digest, &manifest, err) < 0) {
			if (err->kind != ERR_SPEC)
				return -1;
			err_clear(err);
		}
	}
	return 0;
}

int identity_walk(struct identity *i, const char *directory, const char *target, const char *chain,
		  struct err *err)
{
	struct walk w = {.i = i, .directory = directory, .chain = chain};
	struct image_manifest top;

	if (read_manifest(i, directory, target, &top, err) < 0)
		return -1;
	if (top.config ? walk_manifest(&w, target, &top, err) : walk_index(&w, &top, err))
		return -1;
	if (!w.config)
		return err_set(err, ERR_VERIFY, "the layers mounted are not those of %.19s...",
			       target);
	if (!top.config && identity_alias(i, target, err) < 0)
		return -1;
	return identity_found(i, w.config, w.manifest, w.platform, err);
}
