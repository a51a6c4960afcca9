/* Docker.  DATA_ROOT/containers/ID/config.v2.json is written at docker create, so it is there.
 *
 * With graph drivers `Image` is the config's digest and image/DRIVER holds what proves it: the
 * config itself, the container's mount and its parent's chain id, each layer's directory.  With
 * containerd's image store `Image` is the target's, an index or a manifest, whose blobs are
 * containerd's; only it knows the snapshot's parent.
 */
#include "config.h"

#include "gate/identity_parts.h"

#include "base/auto.h"
#include "gate/findings.h"

#include <string.h>

#include "base/banned.h"

#define NAME_MAX_LEN 128

struct docker {
	struct identity *i;
	const char *data;	/* the data root */
	const char *driver, *image, *manifest, *reference;
	const char *mount;	/* layerdb/mounts/ID/mount-id */
};

static int member(const struct json *object, const char *key, const char **ret, struct err *err)
{
	const struct json *v = json_get(object, key);

	*ret = "";
	return v && v->type != JSON_NULL ? json_as_string(v, ret, err) : 0;
}

static bool is_name(const char *text)
{
	return *text && strlen(text) <= NAME_MAX_LEN && text[0] != '.' && text[0] != '-' &&
	       strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-") ==
		       strlen(text);
}

/* --- the container --- */

static int read_config(struct docker *d, const char *text, size_t len, struct err *err)
{
	const struct json *root, *config;
	const char *id;

	if (json_parse(d->i->arena, text, len, &root, err) < 0 ||
	    json_expect(root, JSON_OBJECT, err) < 0)
		return err_context(err, "config.v2.json");
	config = json_get(root, "Config");
	if (member(root, "ID", &id, err) < 0 || member(root, "Driver", &d->driver, err) < 0 ||
	    member(root, "Image", &d->image, err) < 0 ||
	    member(json_get(root, "ImageManifest"), "digest", &d->manifest, err) < 0 ||
	    member(config, "Image", &d->reference, err) < 0)
		return -1;
	if (strcmp(id, d->i->facts->id) != 0)
		return err_set(err, ERR_VERIFY, "config.v2.json is container %.12s's", id);
	if (!is_name(d->driver))
		return err_set(err, ERR_VERIFY, "config.v2.json names no storage driver");
	if (!*d->image) {
		d->i->request->subject = SUBJECT_ROOTFS;
		return err_set(err, ERR_NOT_FOUND, "no image is behind the container");
	}
	return digest_is_valid(d->image)
		       ? 0
		       : err_set(err, ERR_VERIFY, "config.v2.json: Image is no digest");
}

static int find_config(struct docker *d, struct err *err)
{
	const struct str_list *roots = &d->i->place->roots;
	const char *text;
	size_t len;

	for (size_t n = 0; n < roots->n; n++) {
		const char *path = arena_printf(d->i->arena, "%s/containers/%s/config.v2.json",
						roots->items[n], d->i->facts->id);
		int found = path ? identity_read(d->i, path, ENGINE_JSON_MAX, &text, &len, err)
				 : err_oom(err);

		if (found < 0)
			return -1;
		d->data = roots->items[n];
		if (found > 0)
			return read_config(d, text, len, err);
	}
	return err_set(err, ERR_NOT_FOUND, "docker has no container of this id");
}

/* --- graph drivers --- */

/* A file of one line. */
static int read_line(struct docker *d, const char *path, const char **ret, struct err *err)
{
	int found;
	char *line;
	size_t len;

	if (!path)
		return err_oom(err);
	found = identity_read(d->i, path, 256, ret, &len, err);
	if (found <= 0)
		return found < 0 ? -1 : err_set(err, ERR_VERIFY, "docker has no '%s'", path);
	line = arena_memdup(d->i->arena, *ret, strcspn(*ret, "\n"));
	*ret = line;
	return line ? 0 : err_oom(err);
}

static int read_mount(struct docker *d, const char *chain, struct err *err)
{
	const char *parent;

	if (read_line(d,
		      arena_printf(d->i->arena, "%s/image/%s/layerdb/mounts/%s/parent", d->data,
				   d->driver, d->i->facts->id),
		      &parent, err) < 0 ||
	    read_line(d,
		      arena_printf(d->i->arena, "%s/image/%s/layerdb/mounts/%s/mount-id", d->data,
				   d->driver, d->i->facts->id),
		      &d->mount, err) < 0)
		return -1;
	if (strcmp(parent, chain) != 0)
		return err_set(err, ERR_VERIFY,
			       "the container's layer is not on top of its image's");
	return is_name(d->mount) ? 0 : err_set(err, ERR_VERIFY, "mount-id is no name");
}

/* A layer, with its whole name, or with one relative to DATA/DRIVER where there are many. */
static int layer_of(struct docker *d, const char *text, size_t len, const char **ret,
		    struct err *err)
{
	const char *path = arena_memdup(d->i->arena, text, len);
	const char *home = arena_printf(d->i->arena, "%s/%s", d->data, d->driver);

	*ret = "";
	if (!path || !home)
		return err_oom(err);
	if (path[0] == '/') {
		len = strlen(home);
		if (strncmp(path, home, len) != 0 || path[len] != '/')
			return 0;
		path += len + 1;
	}
	return identity_layer(d->i, home, path, ret, err);
}

/* What lies `n` below the container's own: first the files docker adds (-init), then the image's
 * layers. */
static int expected(struct docker *d, const struct image_config *config, size_t n, const char **ret,
		    struct err *err)
{
	const char *chain;

	if (n == 0) {
		*ret = arena_printf(d->i->arena, "%s-init", d->mount);
		return *ret ? 0 : err_oom(err);
	}
	chain = config->chain.items[config->chain.n - n];
	return read_line(d,
			 arena_printf(d->i->arena, "%s/image/%s/layerdb/sha256/%s/cache-id",
				      d->data, d->driver, chain + 7),
			 ret, err);
}

static int check_lowers(struct docker *d, const struct image_config *config, const char *lowers,
			struct err *err)
{
	const char *lower, *is, *should;
	size_t len, n = 0;

	while (identity_next(&lowers, ':', &lower, &len)) {
		if (n > config->chain.n)
			return err_set(err, ERR_VERIFY,
				       "more layers are mounted than the image has");
		if (layer_of(d, lower, len, &is, err) < 0 ||
		    expected(d, config, n, &should, err) < 0)
			return -1;
		if (strcmp(is, should) != 0)
			return err_set(err, ERR_VERIFY,
				       "layer %zu that is mounted is not the image's: '%.*s'", n,
				       (int)(len > 80 ? 80 : len), lower);
		n++;
	}
	return n == config->chain.n + 1
		       ? 0
		       : err_set(err, ERR_VERIFY, "%zu layers are mounted, the image has %zu", n,
				 config->chain.n);
}

static int check_mounted(struct docker *d, const struct image_config *config, struct err *err)
{
	struct identity_root root;
	const char *upper, *lowers, *id;

	if (identity_root_read(d->i->facts, d->i->root, d->i->arena, &root, err) < 0)
		return -1;
	if (strcmp(d->driver, "overlay2") != 0)
		return err_set(
			err, ERR_HOST,
			"storage driver '%.20s' is not one whose mounts can be read (overlay2)",
			d->driver);
	if (!root.is_mount || !root.is_overlay)
		return err_set(err, ERR_VERIFY, "the root '%.100s' is no overlay's own mount",
			       d->i->root);
	upper = identity_option(d->i->arena, root.options, "upperdir");
	lowers = identity_option(d->i->arena, root.options, "lowerdir");
	if (!upper || !lowers)
		return err_oom(err);
	if (layer_of(d, upper, strlen(upper), &id, err) < 0)
		return -1;
	if (strcmp(id, d->mount) != 0)
		return err_set(err, ERR_VERIFY,
			       "what is mounted at the root is not the container's layer: upperdir "
			       "'%.100s'",
			       upper);
	return check_lowers(d, config, lowers, err);
}

/* "alpine" is written "alpine:latest" there. */
static const char *full_name(struct docker *d)
{
	const char *name = strrchr(d->reference, '/');

	if (strchr(name ? name : d->reference, ':') || strchr(d->reference, '@'))
		return d->reference;
	return arena_printf(d->i->arena, "%s:latest", d->reference);
}

/* repositories.json: {"Repositories":{"alpine":{"alpine:3":"sha256:..."}}}.  The name that the
 * deployer used counts when docker has it for this image, now. */
static int read_name(struct docker *d, struct err *err)
{
	const char *path = arena_printf(d->i->arena, "%s/image/%s/repositories.json", d->data,
					d->driver),
		   *text, *id;
	const char *name = full_name(d);
	const struct json *root, *repositories;
	size_t len;
	int found = path && name
			    ? identity_read(d->i, path, (size_t)JSON_MAX_BYTES, &text, &len, err)
			    : err_oom(err);

	if (found <= 0)
		return found;
	if (json_parse(d->i->arena, text, len, &root, err) < 0)
		return err_context(err, "repositories.json");
	repositories = json_get(root, "Repositories");
	if (!repositories)
		return 0;
	json_each(repository, repositories) {
		if (member(repository, name, &id, err) < 0)
			return -1;
		if (*id && !strcmp(id, d->image))
			return identity_named(d->i, name, err);
	}
	return 0;
}

static int read_graph(struct docker *d, struct err *err)
{
	const char *directory =
		arena_printf(d->i->arena, "%s/image/%s/imagedb/content/sha256", d->data, d->driver);
	struct image_config config;

	if (!directory)
		return err_oom(err);
	if (identity_config(d->i, directory, d->image, &config, err) < 0 ||
	    read_mount(d, image_chain(&config), err) < 0 || check_mounted(d, &config, err) < 0 ||
	    identity_found(d->i, d->image, NULL, config.platform, err) < 0)
		return -1;
	return read_name(d, err);
}

/* "alpine" is "docker.io/library/alpine:latest" there; NULL: no name at all. */
static const char *containerd_name(struct docker *d)
{
	const char *name = full_name(d),
		   *repository = name ? image_repository(d->i->arena, name) : NULL, *rest;

	if (!repository)
		return NULL;
	rest = strchr(name, '@') ? strchr(name, '@') : strrchr(name, ':');
	return arena_printf(d->i->arena, "%s%s", repository, rest);
}

static int read_containerd(struct docker *d, struct err *err)
{
	struct docker_says says = {.target = d->image,
				   .manifest = *d->manifest ? d->manifest : NULL,
				   .name = containerd_name(d),
				   .snapshotter = d->driver};

	return identity_containerd_docker(d->i, &says, err);
}

int identity_docker(struct identity *i, struct err *err)
{
	struct docker d = {.i = i};
	const char *directory;
	int graph;

	if (find_config(&d, err) < 0)
		return -1;
	directory = arena_printf(i->arena, "%s/image/%s/imagedb", d.data, d.driver);
	graph = directory ? identity_has_dir(directory, err) : err_oom(err);
	if (graph < 0)
		return -1;
	if (graph)
		return read_graph(&d, err);
	return read_containerd(&d, err);
}
