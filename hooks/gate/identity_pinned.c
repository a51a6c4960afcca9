/* Claims.  Annotations may be the deployer's or the image's own (image-spec, conversion: labels
 * become annotations): what they say can contradict and nothing else.
 *
 * A plain bundle is pinned by a file beside its config.json that only root can have written,
 * kanuki-image: one line, a reference that ends in "@sha256:..." or the digest alone.  An image
 * can't write there: its files are below the root, which must not hold the bundle.
 */
#include "config.h"

#include "gate/identity_parts.h"

#include "base/path.h"
#include "gate/findings.h"

#include <string.h>

#include "base/banned.h"

#define PIN	"kanuki-image"
#define PIN_MAX 1024
#define CLAIM	"io.kanuki.image.digest"

static const char *annotation(const struct identity_facts *facts, const char *key)
{
	for (size_t n = 0; n < facts->annotations.n; n++)
		if (!strcmp(facts->annotations.items[n].key, key))
			return facts->annotations.items[n].value;
	return NULL;
}

const char *identity_claim(const struct identity_facts *facts)
{
	return annotation(facts, CLAIM);
}

static bool is_known(const struct identity *i, const char *digest)
{
	const struct gate_request *request = i->request;

	if ((request->digest && !strcmp(digest, request->digest)) ||
	    (request->manifest && !strcmp(digest, request->manifest)))
		return true;
	return str_list_has(&i->aliases, digest);
}

static int contradict(struct identity *i, const char *digest, struct err *err)
{
	const char **to;

	if (is_known(i, digest))
		return 0;
	to = ARENA_PUSH(i->arena, &i->request->contradicting);
	return to && (*to = arena_printf(i->arena, "%.*s", DIGEST_LEN, digest)) ? 0 : err_oom(err);
}

/* References by digest, of engines' annotations and ours. */
static int claim_references(struct identity *i, struct err *err)
{
	static const char *const keys[] = {"io.kubernetes.cri.image-name",
					   "io.kubernetes.cri-o.Image",
					   "io.kubernetes.cri-o.ImageName"};

	for (size_t n = 0; n < ARRAY_LEN(keys); n++) {
		const char *value = annotation(i->facts, keys[n]),
			   *digest = value ? image_pinned(value) : NULL;

		if (digest && contradict(i, digest, err) < 0)
			return -1;
	}
	return 0;
}

/* CRI-O's is the image's id in the store, which needn't be its config's digest. */
static int claim_id(struct identity *i, struct err *err)
{
	const char *value = annotation(i->facts, "io.kubernetes.cri-o.ImageRef"), *digest;

	if (!value || !i->image_id || !strcmp(value, i->image_id))
		return 0;
	digest = strlen(value) == DIGEST_LEN - 7 ? arena_printf(i->arena, "sha256:%s", value)
						 : value;
	return digest ? contradict(i, digest, err) : err_oom(err);
}

int identity_claims(struct identity *i, struct err *err)
{
	const char *claim = identity_claim(i->facts);

	if (!i->request->digest)
		return 0;
	if (claim && contradict(i, claim, err) < 0)
		return -1;
	return claim_references(i, err) < 0 ? -1 : claim_id(i, err);
}

/* --- plain bundles --- */

static int read_pin(struct identity *i, struct err *err)
{
	const char *path = arena_printf(i->arena, "%s/" PIN, i->bundle), *text, *line, *digest;
	size_t len;
	int found;

	if (!path)
		return err_oom(err);
	if (path_is_beneath(i->bundle, i->root))
		return 0;
	found = identity_read(i, path, PIN_MAX, &text, &len, err);
	if (found <= 0)
		return found;
	line = arena_memdup(i->arena, text, strcspn(text, "\n"));
	if (!line)
		return err_oom(err);
	digest = image_pinned(line) ? image_pinned(line) : line;
	if (!digest_is_valid(digest) || strlen(line) + 1 < len || strlen(text) != len)
		return err_set(
			err, ERR_SPEC,
			"%s: is not one line with a digest, or with a reference that ends in one",
			path);
	i->request->digest = digest;
	i->request->source = IDENTITY_PINNED;
	i->request->subject = SUBJECT_IMAGE;
	return image_pinned(line) ? identity_named(i, line, err) : 0;
}

/* The claim says which one is meant, the permit lets it count; the store says whose permit is good.
 */
static void find_permit(struct identity *i)
{
	const char *claim = identity_claim(i->facts);

	for (size_t n = 0; claim && i->facts->permissions && n < i->facts->permissions->n; n++) {
		const struct permission *permit = &i->facts->permissions->items[n];

		if (permit->kind != PERMISSION_PERMIT || !digest_is_valid(claim) ||
		    !str_list_has(&permit->images, claim))
			continue;
		i->request->digest = claim;
		i->request->source = IDENTITY_PERMIT;
		i->request->subject = SUBJECT_IMAGE;
	}
}

int identity_pinned(struct identity *i, struct err *err)
{
	if ((i->policy->identity_accept & 1u << IDENTITY_PINNED) && read_pin(i, err) < 0)
		return -1;
	if (!i->request->digest && (i->policy->identity_accept & 1u << IDENTITY_PERMIT))
		find_permit(i);
	return 0;
}
