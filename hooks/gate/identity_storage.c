/* containers/storage: podman, CRI-O, buildah's working containers.
 *
 * GRAPHROOT/<driver>-containers/{containers,volatile-containers}.json say which image and layer
 * a container has (the volatile one may lie in the run root), <driver>-layers the layers' parents,
 * <driver>-images the images with their manifests and configs.  All are replaced by renaming, so
 * they are read without locks; none is believed about a hash.
 */
#include "config.h"

#include "gate/identity_parts.h"

#include "gate/dsse.h"
#include "gate/findings.h"

#include <string.h>

#include "base/banned.h"

#define LAYERS_ARENA ((size_t)192 << 20)
#define NAMES_MAX    64

struct container {
	size_t n;	   /* entries with this id */
	const char *image; /* its id in the store; "" for --rootfs */
	const char *layer, *image_name, *pod_namespace;
	bool is_sandbox;
};

struct layer { const char *id, *parent, *diff; };

struct image {
	const char *id, *directory, *digest;
	struct str_list layers; /* the image's topmost, also as mapped for user namespaces */
	struct str_list names, items;
};

struct reading {
	struct identity *i;
	struct container container;
	struct arena layers_arena;
	LIST_OF(struct layer) layers;
	struct str_list chain;	/* ids below the container's own layer, the nearest first */
	struct str_list diffs;	/* their content's digests; "" where the store doesn't know */
	const char *images_directory;
	size_t images_here;	/* entries with the id in the file at hand */
	LIST_OF(struct image) images;
};

static int out_string(struct arena *arena, const struct json *object, const char *key,
		      const char **ret, struct err *err)
{
	const struct json *v = json_get(object, key);
	const char *text = "";

	if (v && v->type != JSON_NULL && json_as_string(v, &text, err) < 0)
		return -1;
	*ret = arena_strdup(arena, text);
	return *ret ? 0 : err_oom(err);
}

static int out_strings(struct arena *arena, const struct json *object, const char *key,
		       struct str_list *ret, struct err *err)
{
	const struct json *list = json_get(object, key);

	if (!list || list->type == JSON_NULL)
		return 0;
	if (json_expect(list, JSON_ARRAY, err) < 0)
		return -1;
	json_each(v, list) {
		const char *text, **to;

		if (ret->n == NAMES_MAX)
			return json_error(list, err, "has too many members");
		if (json_as_string(v, &text, err) < 0)
			return -1;
		to = ARENA_PUSH(arena, ret);
		if (!to || !(*to = arena_strdup(arena, text)))
			return err_oom(err);
	}
	return 0;
}

/* --- files of a store --- */

/* Each store of the place; false after the last. */
static bool next_root(const struct identity *i, size_t n, bool additional, const char **ret)
{
	const struct str_list *roots = &i->place->roots, *more = &i->place->additional;

	if (n < roots->n)
		*ret = roots->items[n];
	else if (additional && n - roots->n < more->n)
		*ret = more->items[n - roots->n];
	else
		return false;
	return true;
}

static int each_file(struct reading *r, const char *kind, const char *name, bool additional,
		     json_found *found, struct err *err)
{
	const char *root;

	for (size_t n = 0; next_root(r->i, n, additional, &root); n++) {
		const char *directory =
			arena_printf(r->i->arena, "%s/%s-%s", root, r->i->driver, kind);
		const char *path =
			directory ? arena_printf(r->i->arena, "%s/%s.json", directory, name) : NULL;

		if (!path)
			return err_oom(err);
		r->images_directory = directory;
		r->images_here = 0;
		if (identity_list(path, found, r, err) < 0)
			return -1;
	}
	return 0;
}

/* --- the container --- */

/* Written by the engine as JSON within a string. */
static int read_metadata(struct reading *r, const struct json *entry, struct err *err)
{
	struct arena *arena = r->i->arena;
	const struct json *metadata, *pod;
	const char *text;

	if (out_string(arena, entry, "metadata", &text, err) < 0)
		return -1;
	if (!*text)
		return 0;
	if (json_parse(arena, text, strlen(text), &metadata, err) < 0)
		return err_context(err, "metadata");
	if (out_string(arena, metadata, "image-name", &r->container.image_name, err) < 0 ||
	    out_string(arena, metadata, "namespace", &r->container.pod_namespace, err) < 0)
		return -1;
	pod = json_get(metadata, "pod");
	return pod && pod->type != JSON_NULL ? json_as_bool(pod, &r->container.is_sandbox, err) : 0;
}

/* podman's pause container has no mark of its own but these two names. */
static int read_podman_pause(struct reading *r, const struct json *entry, struct err *err)
{
	static const char image[] = "localhost/podman-pause:";
	struct str_list names = {0};

	if (out_strings(r->i->arena, entry, "names", &names, err) < 0)
		return -1;
	for (size_t n = 0; n < names.n; n++) {
		size_t len = strlen(names.items[n]);

		if (len > 6 && !strcmp(names.items[n] + len - 6, "-infra") &&
		    !strncmp(r->container.image_name, image, sizeof(image) - 1))
			r->container.is_sandbox = true;
	}
	return 0;
}

static int found_container(void *ctx, const struct json *entry, struct err *err)
{
	struct reading *r = ctx;
	const char *id;

	if (json_expect(entry, JSON_OBJECT, err) < 0 ||
	    out_string(&r->layers_arena, entry, "id", &id, err) < 0)
		return -1;
	if (strcmp(id, r->i->facts->id) != 0)
		return 0;
	if (r->container.n++)
		return json_error(entry, err, "ambiguous: the store has two containers of this id");
	if (out_string(r->i->arena, entry, "image", &r->container.image, err) < 0 ||
	    out_string(r->i->arena, entry, "layer", &r->container.layer, err) < 0 ||
	    read_metadata(r, entry, err) < 0)
		return -1;
	return read_podman_pause(r, entry, err);
}

/* --- layers --- */

static int found_layer(void *ctx, const struct json *entry, struct err *err)
{
	struct reading *r = ctx;
	struct layer *layer = ARENA_PUSH(&r->layers_arena, &r->layers);

	if (!layer)
		return err_oom(err);
	if (json_expect(entry, JSON_OBJECT, err) < 0)
		return -1;
	if (out_string(&r->layers_arena, entry, "id", &layer->id, err) < 0)
		return -1;
	if (out_string(&r->layers_arena, entry, "parent", &layer->parent, err) < 0)
		return -1;
	return out_string(&r->layers_arena, entry, "diff-digest", &layer->diff, err);
}

/* Of two stores with the same layer the first has it; with another parent it is another. */
static const struct layer *find_layer(const struct reading *r, const char *id, struct err *err)
{
	const struct layer *found = NULL;

	for (size_t n = 0; n < r->layers.n; n++) {
		const struct layer *layer = &r->layers.items[n];

		if (strcmp(layer->id, id) != 0)
			continue;
		if (found && (strcmp(found->parent, layer->parent) != 0 ||
			      strcmp(found->diff, layer->diff) != 0)) {
			(void)err_set(err, ERR_VERIFY, "ambiguous: there are two layers %.12s", id);
			return NULL;
		}
		found = layer;
	}
	if (!found)
		(void)err_set(err, ERR_VERIFY, "the store doesn't know layer '%.12s'", id);
	return found;
}

static int add(struct reading *r, struct str_list *list, const char *text, struct err *err)
{
	const char **to = ARENA_PUSH(r->i->arena, list);

	return to && (*to = arena_strdup(r->i->arena, text)) ? 0 : err_oom(err);
}

static int read_chain(struct reading *r, struct err *err)
{
	const struct layer *layer;

	if (each_file(r, "layers", "layers", true, found_layer, err) < 0 ||
	    each_file(r, "layers", "volatile-layers", true, found_layer, err) < 0)
		return -1;
	for (layer = find_layer(r, r->container.layer, err); layer && *layer->parent;) {
		layer = find_layer(r, layer->parent, err);
		if (layer && (add(r, &r->chain, layer->id, err) < 0 ||
			      add(r, &r->diffs, layer->diff, err) < 0))
			return -1;
		if (r->chain.n > IMAGE_LAYERS_MAX)
			return err_set(err, ERR_VERIFY, "layer %.12s has more than %d below it",
				       r->container.layer, IMAGE_LAYERS_MAX);
	}
	return layer ? 0 : -1;
}

/* --- what is mounted --- */

static const char *root_of(const struct identity *i, const char *path, size_t len)
{
	const char *root;

	for (size_t n = 0; next_root(i, n, true, &root); n++)
		if (strlen(root) == len && !strncmp(root, path, len))
			return root;
	return NULL;
}

/* For a user namespace the store, or a layer, is mounted with an id map at ID/mapped/N of the
 * container's own layer, only while the overlay is made: *path becomes what lies behind that, NULL
 * where it is one layer itself. */
static bool is_mapped(const struct reading *r, const char **path)
{
	size_t len = strlen(r->container.layer);
	const char *rest = *path + len;

	if (strncmp(*path, r->container.layer, len) != 0 || strncmp(rest, "/mapped/", 8) != 0)
		return false;
	rest = strchr(rest + 8, '/');
	*path = rest ? rest + 1 : NULL;
	return true;
}

/* What of the stores' is mounted: with its whole name, or with one relative to ROOT/overlay.
 * "mapped": one of the layers, and which one is the store's word. */
static int layer_of(struct reading *r, const char *text, size_t len, const char **ret,
		    struct err *err)
{
	const char *path = arena_memdup(r->i->arena, text, len), *mark, *home;
	const char *root = r->i->place->roots.items[0];

	*ret = "";
	if (!path)
		return err_oom(err);
	mark = strstr(path, "/overlay/");
	if (path[0] == '/') {
		root = mark ? root_of(r->i, path, (size_t)(mark - path)) : NULL;
		path = mark ? mark + 9 : path;
	}
	if (!root)
		return 0;
	if (is_mapped(r, &path) && !path) {
		*ret = "mapped";
		return 0;
	}
	home = arena_printf(r->i->arena, "%s/overlay", root);
	return home ? identity_layer(r->i, home, path, ret, err) : err_oom(err);
}

/* Layer by layer what the kernel has and what the store says; an image without a layer has an empty
 * one. */
static int check_lowers(struct reading *r, const char *lowers, struct err *err)
{
	const char *lower, *id;
	size_t len, n = 0;

	while (identity_next(&lowers, ':', &lower, &len)) {
		if (layer_of(r, lower, len, &id, err) < 0)
			return -1;
		if (n == r->chain.n ||
		    (strcmp(id, "mapped") != 0 && strcmp(id, r->chain.items[n]) != 0))
			return err_set(err, ERR_VERIFY,
				       "layer %zu that is mounted is not the image's: '%.*s'",
				       n + 1, (int)(len > 80 ? 80 : len), lower);
		n++;
	}
	return n == r->chain.n
		       ? 0
		       : err_set(err, ERR_VERIFY, "%zu layers are mounted, the image has %zu", n,
				 r->chain.n);
}

static int check_overlay(struct reading *r, const struct identity_root *root, struct err *err)
{
	const char *upper = identity_option(r->i->arena, root->options, "upperdir");
	const char *lowers = identity_option(r->i->arena, root->options, "lowerdir");
	const char *id;

	if (!upper || !lowers)
		return err_oom(err);
	if (layer_of(r, upper, strlen(upper), &id, err) < 0)
		return -1;
	if (strcmp(id, r->container.layer) != 0)
		return err_set(err, ERR_VERIFY,
			       "what is mounted at the root is not the container's layer: upperdir "
			       "'%.100s'",
			       upper);
	return check_lowers(r, lowers, err);
}

/* Directories: nothing is mounted of layers, so the root is the container's own one, by whatever
 * name it is seen. */
static int check_directory(struct reading *r, const struct identity_root *root, struct err *err)
{
	const char *store;

	for (size_t n = 0; next_root(r->i, n, false, &store); n++) {
		const char *directory = arena_printf(r->i->arena, "%s/vfs/dir", store);
		int same = directory ? identity_is_dir(directory, r->container.layer, root, err)
				     : err_oom(err);

		if (same)
			return same < 0 ? -1 : 0;
	}
	return err_set(err, ERR_VERIFY, "the root '%.100s' is not the container's layer",
		       r->i->root);
}

static int check_mounted(struct reading *r, struct err *err)
{
	struct identity_root root;

	if (identity_root_read(r->i->facts, r->i->root, r->i->arena, &root, err) < 0)
		return -1;
	if (!strcmp(r->i->driver, "vfs"))
		return check_directory(r, &root, err);
	if (strcmp(r->i->driver, "overlay") != 0)
		return err_set(
			err, ERR_HOST,
			"storage driver '%.20s' is not one whose mounts can be read (overlay, vfs)",
			r->i->driver);
	if (!root.is_mount || !root.is_overlay)
		return err_set(err, ERR_VERIFY, "the root '%.100s' is no overlay's own mount",
			       r->i->root);
	return check_overlay(r, &root, err);
}

/* --- the image --- */

static int found_image(void *ctx, const struct json *entry, struct err *err)
{
	struct reading *r = ctx;
	struct arena *arena = r->i->arena;
	struct image *image;
	const char *id, **layer;

	if (json_expect(entry, JSON_OBJECT, err) < 0 ||
	    out_string(&r->layers_arena, entry, "id", &id, err) < 0)
		return -1;
	if (strcmp(id, r->container.image) != 0)
		return 0;
	if (r->images_here++)
		return json_error(entry, err, "ambiguous: the store has two images of this id");
	image = ARENA_PUSH(arena, &r->images);
	layer = image ? ARENA_PUSH(arena, &image->layers) : NULL;
	if (!layer)
		return err_oom(err);
	image->id = r->container.image;
	image->directory = r->images_directory;
	if (out_string(arena, entry, "digest", &image->digest, err) < 0 ||
	    out_string(arena, entry, "layer", layer, err) < 0 ||
	    out_strings(arena, entry, "mapped-layers", &image->layers, err) < 0 ||
	    out_strings(arena, entry, "names", &image->names, err) < 0 ||
	    out_strings(arena, entry, "names-history", &image->names, err) < 0)
		return -1;
	return out_strings(arena, entry, "big-data-names", &image->items, err);
}

/* The image whose topmost layer is below the container's own. */
static const struct image *mounted_image(const struct reading *r)
{
	const char *top = r->chain.n ? r->chain.items[0] : "";

	for (size_t n = 0; n < r->images.n; n++)
		if (str_list_has(&r->images.items[n].layers, top))
			return &r->images.items[n];
	return NULL;
}

/* storage.makeBigDataBaseName: what isn't [a-z0-9.] throughout is written in base64. */
static const char *item_path(struct reading *r, const struct image *image, const char *item)
{
	autostr name = STR_INIT;

	if (strspn(item, "abcdefghijklmnopqrstuvwxyz0123456789.") == strlen(item))
		str_add(&name, item);
	else {
		str_add(&name, "=");
		if (base64_encode(item, strlen(item), &name) < 0)
			return NULL;
	}
	return str_failed(&name) ? NULL
				 : arena_printf(r->i->arena, "%s/%s/%s", image->directory,
						image->id, str_text(&name));
}

static int read_item(struct reading *r, const struct image *image, const char *item, size_t limit,
		     const char **ret, size_t *ret_len, struct err *err)
{
	const char *path = item_path(r, image, item);
	int found = path ? identity_read(r->i, path, limit, ret, ret_len, err) : err_oom(err);

	return found == 0  ? err_set(err, ERR_VERIFY, "the image has no stored '%.80s'", item)
	       : found < 0 ? -1
			   : 0;
}

/* An index that was pulled is kept beside the manifest: who asks for it means this image. */
static int read_indexes(struct reading *r, const struct image *image, const char *manifest,
			struct err *err)
{
	static const char prefix[] = "manifest-";

	for (size_t n = 0; n < image->items.n; n++) {
		const char *item = image->items.items[n], *digest = item + sizeof(prefix) - 1,
			   *text;
		struct image_manifest index;
		size_t len;

		if (strncmp(item, prefix, sizeof(prefix) - 1) != 0 || !digest_is_valid(digest) ||
		    !strcmp(digest, manifest))
			continue;
		if (read_item(r, image, item, IMAGE_MANIFEST_MAX, &text, &len, err) < 0 ||
		    image_check(text, len, digest, err) < 0 ||
		    image_manifest_parse(r->i->arena, text, len, &index, err) < 0)
			return -1;
		if (str_list_has(&index.manifests, manifest) &&
		    identity_alias(r->i, digest, err) < 0)
			return -1;
	}
	return 0;
}

/* What each layer holds is what the config says of it.  Where a pull in parts was let go without
 * that (storage.conf: insecure_allow_unpredictable_image_contents) the store doesn't know, and a
 * registry can give any content the config of an image that was scanned. */
static int check_layers(const struct reading *r, const struct image_config *config, struct err *err)
{
	size_t n = config->diff_ids.n;

	if (n != r->chain.n)
		return err_set(err, ERR_VERIFY,
			       "the image has %zu layers, %zu are below the container", n,
			       r->chain.n);
	for (size_t k = 0; k < n; k++) {
		if (!*r->diffs.items[k])
			return err_set(
				err, ERR_VERIFY,
				"the store doesn't know what layer %.12s holds: pulled in parts?",
				r->chain.items[k]);
		if (strcmp(r->diffs.items[k], config->diff_ids.items[n - 1 - k]) != 0)
			return err_set(err, ERR_VERIFY,
				       "layer %.12s does not hold what the image's config says",
				       r->chain.items[k]);
	}
	return 0;
}

/* The id of an image isn't always its config's digest (zstd:chunked), so the manifest says which it
 * is; and hashes are computed, not believed. */
static int read_image(struct reading *r, const struct image *image, struct err *err)
{
	struct image_manifest manifest;
	struct image_config config;
	char digest[72];
	const char *text;
	size_t len;

	if (strlen(image->id) != 64 || strspn(image->id, "0123456789abcdef") != 64)
		return err_set(err, ERR_VERIFY, "'%.80s' is no id of an image", image->id);
	if (read_item(r, image, "manifest", IMAGE_MANIFEST_MAX, &text, &len, err) < 0)
		return -1;
	if (*image->digest && image_check(text, len, image->digest, err) < 0)
		return err_context(err, "stored manifest");
	if (image_manifest_parse(r->i->arena, text, len, &manifest, err) < 0)
		return -1;
	if (!manifest.config)
		return err_set(err, ERR_VERIFY, "the stored manifest is an index");
	image_digest(text, len, digest);
	if (read_item(r, image, manifest.config, IMAGE_CONFIG_MAX, &text, &len, err) < 0)
		return -1;
	if (image_check(text, len, manifest.config, err) < 0)
		return err_context(err, "stored config");
	if (image_config_parse(r->i->arena, text, len, &config, err) < 0 ||
	    check_layers(r, &config, err) < 0 || read_indexes(r, image, digest, err) < 0)
		return -1;
	return identity_found(r->i, manifest.config, digest, config.platform, err);
}

/* --- all of it --- */

static int read_everything(struct reading *r, struct err *err)
{
	struct identity *i = r->i;
	const struct image *image;

	if (each_file(r, "containers", "containers", false, found_container, err) < 0 ||
	    each_file(r, "containers", "volatile-containers", false, found_container, err) < 0)
		return -1;
	if (!r->container.n)
		return err_set(err, ERR_NOT_FOUND,
			       "the engine's store has no container of this id");
	i->is_sandbox = r->container.is_sandbox;
	i->request->namespace_name =
		*r->container.pod_namespace ? r->container.pod_namespace : NULL;
	i->image_id = r->container.image;
	if (!*r->container.image) {
		i->request->subject = SUBJECT_ROOTFS;
		return err_set(
			err, ERR_NOT_FOUND,
			"the container was made of a directory (--rootfs), no image is behind it");
	}
	if (read_chain(r, err) < 0 || each_file(r, "images", "images", true, found_image, err) < 0)
		return -1;
	if (!r->images.n)
		return err_set(err, ERR_NOT_FOUND,
			       "the engine's store doesn't have the container's image %.12s",
			       r->container.image);
	image = mounted_image(r);
	if (!image)
		return err_set(err, ERR_VERIFY,
			       "the container's layer is not on top of its image's");
	if (check_mounted(r, err) < 0 || read_image(r, image, err) < 0)
		return -1;
	return str_list_has(&image->names, r->container.image_name)
		       ? identity_named(i, r->container.image_name, err)
		       : 0;
}

int identity_storage(struct identity *i, struct err *err)
{
	struct reading r = {
		.i = i,
		.container = {.image = "", .layer = "", .image_name = "", .pod_namespace = ""},
		.layers_arena = {.limit_bytes = LAYERS_ARENA}};
	int result = read_everything(&r, err);

	arena_release(&r.layers_arena);
	return result;
}
