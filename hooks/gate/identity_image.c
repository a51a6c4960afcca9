/* Manifests, indexes, configs, chain ids and names. */
#include "config.h"

#include "gate/identity_image.h"

#include "base/json.h"
#include "base/sha256.h"
#include "gate/findings.h"

#include <stdio.h>
#include <string.h>

#include "base/banned.h"

#define REFERENCE_MAX 512

void image_digest(const void *data, size_t len, char ret[72])
{
	memcpy(ret, "sha256:", 7);
	sha256_hex(data, len, ret + 7);
}

int image_check(const void *data, size_t len, const char *digest, struct err *err)
{
	char is[72];

	if (!digest_is_valid(digest))
		return err_set(err, ERR_VERIFY, "'%.80s' is not sha256: and 64 lower-case digits",
			       digest ? digest : "");
	image_digest(data, len, is);
	return strcmp(is, digest)
		       ? err_set(err, ERR_VERIFY, "what should be %.19s... is %.19s...", digest, is)
		       : 0;
}

/* --- manifest and index --- */

static int take_digest(struct arena *arena, const struct json *descriptor, const char **ret,
		       struct err *err)
{
	const struct json *digest = json_get(descriptor, "digest");
	const char *text;

	if (!digest)
		return json_error(descriptor, err, "has no digest");
	if (json_as_string(digest, &text, err) < 0)
		return -1;
	if (!digest_is_valid(text))
		return json_error(digest, err, "is not sha256: and 64 lower-case digits");
	*ret = arena_strdup(arena, text);
	return *ret ? 0 : err_oom(err);
}

static int take_manifests(struct arena *arena, const struct json *list, struct str_list *ret,
			  struct err *err)
{
	if (json_expect(list, JSON_ARRAY, err) < 0)
		return -1;
	json_each(descriptor, list) {
		const char **digest = ARENA_PUSH(arena, ret);

		if (!digest)
			return err_oom(err);
		if (take_digest(arena, descriptor, digest, err) < 0)
			return -1;
	}
	return ret->n ? 0 : json_error(list, err, "names no manifest");
}

/* A blob that could be read as both would be one thing to us and another to an engine
 * (image-spec, GHSA-77vh-xpmg-72qh). */
int image_manifest_parse(struct arena *arena, const char *text, size_t len,
			 struct image_manifest *ret, struct err *err)
{
	const struct json *root, *config, *manifests;
	struct image_manifest m = {0};

	if (json_parse(arena, text, len, &root, err) < 0 || json_expect(root, JSON_OBJECT, err) < 0)
		return -1;
	config = json_get(root, "config");
	manifests = json_get(root, "manifests");
	if (config && manifests)
		return err_set(err, ERR_SPEC, "manifest: both an index and an image's");
	if (!config && !manifests)
		return err_set(err, ERR_SPEC, "manifest: names neither a config nor manifests");
	if (config ? take_digest(arena, config, &m.config, err)
		   : take_manifests(arena, manifests, &m.manifests, err))
		return -1;
	*ret = m;
	return 0;
}

/* --- config --- */

static int take_word(const struct json *root, const char *key, bool must, const char **ret,
		     struct err *err)
{
	const struct json *v = json_get(root, key);

	*ret = "";
	if (v && json_as_string(v, ret, err) < 0)
		return -1;
	if ((must && !**ret) || strlen(*ret) > 32 ||
	    strspn(*ret, "abcdefghijklmnopqrstuvwxyz0123456789.-_") != strlen(*ret))
		return err_set(err, ERR_SPEC, "config: '%s' is missing, or no such name", key);
	return 0;
}

static int add(struct arena *arena, struct str_list *list, const char *text, struct err *err)
{
	const char **to = ARENA_PUSH(arena, list);

	return to && (*to = arena_strdup(arena, text)) ? 0 : err_oom(err);
}

/* image-spec, config.md: the first layer's is its own digest, each other's is the hash of
 * the one below and its own, with a blank between. */
static int take_chain(struct arena *arena, const struct json *diff_ids, struct image_config *ret,
		      struct err *err)
{
	char pair[2 * 71 + 2], chain[72] = "";

	if (json_expect(diff_ids, JSON_ARRAY, err) < 0)
		return -1;
	if (!diff_ids->n || diff_ids->n > IMAGE_LAYERS_MAX)
		return json_error(diff_ids, err, "%zu layers", diff_ids->n);
	json_each(v, diff_ids) {
		const char *diff_id;

		if (json_as_string(v, &diff_id, err) < 0)
			return -1;
		if (!digest_is_valid(diff_id))
			return json_error(v, err, "is not sha256: and 64 lower-case digits");
		(void)snprintf(pair, sizeof(pair), "%s %s", chain, diff_id);
		if (*chain)
			image_digest(pair, strlen(pair), chain);
		else
			memcpy(chain, diff_id, sizeof(chain));
		if (add(arena, &ret->diff_ids, diff_id, err) < 0 ||
		    add(arena, &ret->chain, chain, err) < 0)
			return -1;
	}
	return 0;
}

int image_config_parse(struct arena *arena, const char *text, size_t len, struct image_config *ret,
		       struct err *err)
{
	const char *os, *architecture, *variant;
	const struct json *root, *diff_ids;
	struct image_config c = {0};

	if (json_parse(arena, text, len, &root, err) < 0 || json_expect(root, JSON_OBJECT, err) < 0)
		return -1;
	if (take_word(root, "os", true, &os, err) < 0 ||
	    take_word(root, "architecture", true, &architecture, err) < 0 ||
	    take_word(root, "variant", false, &variant, err) < 0)
		return -1;
	diff_ids = json_get(json_get(root, "rootfs"), "diff_ids");
	if (!diff_ids)
		return err_set(err, ERR_SPEC, "config: no rootfs.diff_ids");
	if (take_chain(arena, diff_ids, &c, err) < 0)
		return -1;
	c.platform =
		arena_printf(arena, "%s/%s%s%s", os, architecture, *variant ? "/" : "", variant);
	if (!c.platform)
		return err_oom(err);
	*ret = c;
	return 0;
}

const char *image_chain(const struct image_config *config)
{
	return config->chain.items[config->chain.n - 1];
}

/* --- names --- */

const char *image_pinned(const char *reference)
{
	const char *at = strrchr(reference, '@');

	return at ? at + 1 : NULL;
}

/* distribution/reference: the first part is a registry when it looks like a host. */
static bool has_registry(const char *name)
{
	size_t len = strcspn(name, "/");

	return name[len] && (memchr(name, '.', len) || memchr(name, ':', len) ||
			     (len == 9 && !strncmp(name, "localhost", 9)));
}

const char *image_repository(struct arena *arena, const char *reference)
{
	size_t len = strcspn(reference, "@");
	const char *last, *tag, *prefix;

	if (!len || strnlen(reference, REFERENCE_MAX) == REFERENCE_MAX ||
	    strspn(reference,
		   "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-/:@+") !=
		    strlen(reference))
		return NULL;
	for (last = reference + len; last > reference && last[-1] != '/';)
		last--;
	tag = memchr(last, ':', (size_t)(reference + len - last));
	if (tag)
		len = (size_t)(tag - reference);
	if (!len || reference[len - 1] == '/')
		return NULL;
	prefix = has_registry(reference)       ? ""
		 : memchr(reference, '/', len) ? "docker.io/"
					       : "docker.io/library/";
	return arena_printf(arena, "%s%.*s", prefix, (int)len, reference);
}
