/* containerd.  Its metadata are locked while it runs, so they are asked of it, by its own client
 * (`ctr`, root's, by absolute path); its blobs are files, and are read and hashed here.
 *
 * What binds: the container's snapshot has the chain id of the image's layers as its parent, and
 * that snapshot's upper directory is what is mounted at the bundle's root.  A tag that has moved
 * in the meantime leads to other layers, so to no answer.
 */
#include "config.h"

#include "gate/identity_parts.h"

#include "gate/dsse.h"
#include "gate/findings.h"

#include <string.h>

#include "base/banned.h"

#define NAME_MAX_LEN 512
#define BLOBS	     "io.containerd.content.v1.content/blobs/sha256"

struct containerd {
	struct identity *i;
	const char *image, *snapshotter, *key; /* the container's */
	const char *image_ref;		       /* the CRI's: a config's digest, or "" */
	const char *chain;		       /* the snapshot's parent */
	const char *blobs;
};

/* What becomes an argument of ctr: nothing that could be an option or a filter's syntax. */
static bool is_argument(const char *text)
{
	return *text && strlen(text) <= NAME_MAX_LEN && text[0] != '-' &&
	       strspn(text,
		      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-/:@+") ==
		       strlen(text);
}

static int member(const struct json *object, const char *key, const char **ret, struct err *err)
{
	const struct json *v = json_get(object, key);

	*ret = "";
	return v && v->type != JSON_NULL ? json_as_string(v, ret, err) : 0;
}

static int ask(struct containerd *c, const char *const *arguments, size_t n,
	       const struct json **ret, struct err *err)
{
	const char *text;
	size_t len;

	if (identity_ctr(c->i, arguments, n, &text, &len, err) < 0)
		return -1;
	if (json_parse(c->i->arena, text, len, ret, err) < 0 ||
	    json_expect(*ret, JSON_OBJECT, err) < 0)
		return err_context(err, "ctr %s %s", arguments[0], arguments[1]);
	return 0;
}

/* --- the container --- */

/* An extension's value is JSON in base64 (protobuf's Any). */
static int extension(struct containerd *c, const struct json *info, const char *name,
		     const struct json **ret, struct err *err)
{
	const struct json *any = json_get(json_get(info, "Extensions"), name);
	const char *text;
	const uint8_t *bytes;
	size_t len;

	*ret = NULL;
	if (!any)
		return 0;
	if (member(any, "value", &text, err) < 0)
		return -1;
	if (!*text || base64_decode(c->i->arena, text, strlen(text), &bytes, &len) < 0)
		return json_error(any, err, "has no value in base64");
	if (json_parse(c->i->arena, (const char *)bytes, len, ret, err) < 0)
		return err_context(err, "%s", name);
	return 0;
}

static int read_cri(struct containerd *c, const struct json *info, struct err *err)
{
	const struct json *container, *sandbox, *labels = json_get(info, "Labels");
	const char *kind, *space;

	if (extension(c, info, "io.cri-containerd.container.metadata", &container, err) < 0 ||
	    extension(c, info, "io.cri-containerd.sandbox.metadata", &sandbox, err) < 0)
		return -1;
	if (container && sandbox)
		return err_set(err, ERR_VERIFY, "ambiguous: both a sandbox and a container");
	c->image_ref = "";
	if (container &&
	    member(json_get(container, "Metadata"), "ImageRef", &c->image_ref, err) < 0)
		return -1;
	if (!container && !sandbox)
		return 0;
	if (member(labels, "io.cri-containerd.kind", &kind, err) < 0 ||
	    member(labels, "io.kubernetes.pod.namespace", &space, err) < 0)
		return -1;
	c->i->is_sandbox = sandbox && !strcmp(kind, "sandbox");
	if (*space)
		c->i->request->namespace_name = space;
	return 0;
}

static int read_container(struct containerd *c, struct err *err)
{
	const char *const arguments[] = {"containers", "info", c->i->facts->id};
	const struct json *info;
	const char *id;

	if (ask(c, arguments, ARRAY_LEN(arguments), &info, err) < 0)
		return -1;
	if (member(info, "ID", &id, err) < 0 || member(info, "Image", &c->image, err) < 0 ||
	    member(info, "SnapshotKey", &c->key, err) < 0 ||
	    member(info, "Snapshotter", &c->snapshotter, err) < 0)
		return -1;
	if (strcmp(id, c->i->facts->id) != 0)
		return err_set(err, ERR_VERIFY, "ctr answered for container '%.40s'", id);
	return read_cri(c, info, err);
}

/* --- the snapshot, and what is mounted --- */

static int read_parent(struct containerd *c, const char *key, struct err *err)
{
	const char *const arguments[] = {"snapshots", "--snapshotter", c->snapshotter, "info", key};
	const struct json *info;
	const char *name;

	if (ask(c, arguments, ARRAY_LEN(arguments), &info, err) < 0)
		return -1;
	if (member(info, "Name", &name, err) < 0 || member(info, "Parent", &c->chain, err) < 0)
		return -1;
	if (strcmp(name, key) != 0)
		return err_set(err, ERR_VERIFY, "ctr answered for snapshot '%.40s'", name);
	return 0;
}

/* `between`: a snapshot that may lie between the container's and the image's, or NULL. */
static int read_snapshot(struct containerd *c, const char *between, struct err *err)
{
	if (!is_argument(c->snapshotter) || !is_argument(c->key))
		return err_set(err, ERR_VERIFY,
			       "the container's snapshot has no name that can be asked for");
	/* Its layers are unpacked by containerd, which holds them against the config.  Those that
	 * fetch them as they are read (stargz, nydus) have layers of the same names, and in them
	 * what the manifest leads to: it can name the config of an image that was scanned. */
	if (strcmp(c->snapshotter, "overlayfs") != 0)
		return err_set(err, ERR_HOST,
			       "snapshotter '%.40s' is not one that holds layers against the "
			       "image's config (overlayfs)",
			       c->snapshotter);
	if (read_parent(c, c->key, err) < 0)
		return -1;
	if (between && !strcmp(c->chain, between) && read_parent(c, between, err) < 0)
		return -1;
	return digest_is_valid(c->chain)
		       ? 0
		       : err_set(err, ERR_VERIFY,
				 "the container's snapshot has no image's layers below it");
}

/* "mount -t overlay overlay /root -o index=off,workdir=W,upperdir=U,lowerdir=L" -> its options. */
static const char *mount_options(struct containerd *c, const char *text)
{
	static const char head[] = "mount -t overlay overlay ";
	const char *options = strstr(text, " -o ");

	if (strncmp(text, head, sizeof(head) - 1) != 0 || !options ||
	    strchr(text, '\n') != text + strlen(text) - 1)
		return NULL;
	options += 4;
	return arena_memdup(c->i->arena, options, strcspn(options, " \n"));
}

/* With many layers the shim mounts from their common directory, by names relative to it. */
static bool is_same_lower(const char *is, size_t is_len, const char *should, size_t should_len)
{
	if (is_len == should_len)
		return !strncmp(is, should, is_len);
	return is_len && is_len < should_len && is[0] != '/' &&
	       should[should_len - is_len - 1] == '/' &&
	       !strncmp(is, should + should_len - is_len, is_len);
}

static bool is_same_list(const char *is, const char *should)
{
	const char *a, *b;
	size_t a_len, b_len;
	bool more, more_should;

	for (;;) {
		more = identity_next(&is, ':', &a, &a_len);
		more_should = identity_next(&should, ':', &b, &b_len);
		if (!more || !more_should)
			return more == more_should;
		if (!is_same_lower(a, a_len, b, b_len))
			return false;
	}
}

static int check_options(struct containerd *c, const char *is, const char *should, struct err *err)
{
	const char *upper = identity_option(c->i->arena, is, "upperdir"),
		   *lower = identity_option(c->i->arena, is, "lowerdir");
	const char *upper_should = identity_option(c->i->arena, should, "upperdir");
	const char *lower_should = identity_option(c->i->arena, should, "lowerdir");

	if (!upper || !lower || !upper_should || !lower_should)
		return err_oom(err);
	if (!*upper_should || strcmp(upper, upper_should) != 0)
		return err_set(err, ERR_VERIFY,
			       "what is mounted at the root is not the container's snapshot: "
			       "upperdir '%.100s'",
			       upper);
	return is_same_list(lower, lower_should)
		       ? 0
		       : err_set(err, ERR_VERIFY, "the layers mounted are not the snapshot's");
}

static int check_mounted(struct containerd *c, struct err *err)
{
	const char *const arguments[] = {"snapshots", "--snapshotter", c->snapshotter,
					 "mounts",    "/root",         c->key};
	struct identity_root root;
	const char *text, *options;
	size_t len;

	if (identity_root_read(c->i->facts, c->i->root, c->i->arena, &root, err) < 0)
		return -1;
	if (!root.is_mount || !root.is_overlay)
		return err_set(err, ERR_VERIFY, "the root '%.100s' is no overlay's own mount",
			       c->i->root);
	if (identity_ctr(c->i, arguments, ARRAY_LEN(arguments), &text, &len, err) < 0)
		return -1;
	options = len ? mount_options(c, text) : NULL;
	if (!options)
		return err_set(err, ERR_HOST,
			       "snapshotter '%.40s' is not one whose mounts can be read (overlay)",
			       c->snapshotter);
	return check_options(c, root.options, options, err);
}

/* --- the image --- */

/* REF TYPE DIGEST SIZE PLATFORMS LABELS, of exactly this name. */
static int read_target(struct containerd *c, const char **ret, struct err *err)
{
	const char *filter = arena_printf(c->i->arena, "name==%s", c->image);
	const char *const arguments[] = {"images", "ls", filter};
	const char *text, *line, *word, *rest;
	size_t len, n;

	*ret = NULL;
	if (!filter)
		return err_oom(err);
	if (!is_argument(c->image))
		return err_set(err, ERR_VERIFY,
			       "the container's image has no name that can be asked for");
	if (identity_ctr(c->i, arguments, ARRAY_LEN(arguments), &text, &len, err) < 0)
		return -1;
	for (rest = text; identity_next(&rest, '\n', &line, &n);) {
		const char *words = arena_memdup(c->i->arena, line, n), *digest = "";
		unsigned column = 0;

		if (!words)
			return err_oom(err);
		if (n <= strlen(c->image) || strncmp(words, c->image, strlen(c->image)) != 0 ||
		    !strchr(" \t", words[strlen(c->image)]))
			continue;
		while (identity_next(&words, ' ', &word, &n))
			if (n && column++ == 2)
				digest = arena_memdup(c->i->arena, word, n);
		if (!digest)
			return err_oom(err);
		if (*ret || !digest_is_valid(digest))
			return err_set(err, ERR_VERIFY,
				       "ctr images ls is not understood, or ambiguous");
		*ret = digest;
	}
	return *ret ? 0
		    : err_set(err, ERR_NOT_FOUND,
			      "containerd has no image of the name '%.100s' any more", c->image);
}

/* A container of the CRI's names the config itself; its image's name may be gone or have moved. */
static int read_cri_image(struct containerd *c, struct err *err)
{
	struct image_config config;
	struct err why = ERR_INIT;
	const char *target;

	if (identity_config(c->i, c->blobs, c->image_ref, &config, err) < 0)
		return -1;
	if (strcmp(image_chain(&config), c->chain) != 0)
		return err_set(err, ERR_VERIFY,
			       "the layers mounted are not those of the image %.19s...",
			       c->image_ref);
	if (is_argument(c->image) && read_target(c, &target, &why) == 0 &&
	    identity_walk(c->i, c->blobs, target, c->chain, &why) == 0 &&
	    !strcmp(c->i->request->digest, c->image_ref))
		return identity_named(c->i, c->image, err);
	/* Only the manifest's digest and the name are lost by that: less to be allowed by. */
	c->i->aliases.n = 0;
	return identity_found(c->i, c->image_ref, NULL, config.platform, err);
}

/* 1: *ret is there. */
static int look_for_blobs(struct containerd *c, const struct engine_place *place, struct err *err)
{
	/* The second is where Docker has its own containerd's. */
	static const char *const below[] = {"", "containerd/daemon/"};

	for (size_t n = 0; n < place->roots.n * ARRAY_LEN(below); n++) {
		int found;

		c->blobs = arena_printf(c->i->arena, "%s/%s" BLOBS,
					place->roots.items[n / ARRAY_LEN(below)],
					below[n % ARRAY_LEN(below)]);
		found = c->blobs ? identity_has_dir(c->blobs, err) : err_oom(err);
		if (found)
			return found;
	}
	return 0;
}

static int find_blobs(struct containerd *c, struct err *err)
{
	const struct engine_place *other = identity_containerd_place(c->i);
	int found = look_for_blobs(c, c->i->place, err);

	if (found == 0 && other && other != c->i->place)
		found = look_for_blobs(c, other, err);
	if (found == 0)
		return err_set(err, ERR_HOST,
			       "containerd's blobs are in none of the directories of '%.40s' "
			       "(policy: engines)",
			       c->i->place->name);
	return found < 0 ? -1 : 0;
}

const struct engine_place *identity_containerd_place(const struct identity *i)
{
	if (i->place->client)
		return i->place;
	for (size_t n = 0; n < i->policy->engines.n; n++)
		if (i->policy->engines.items[n].kind == ENGINE_CONTAINERD)
			return &i->policy->engines.items[n];
	return NULL;
}

int identity_containerd(struct identity *i, struct err *err)
{
	struct containerd c = {.i = i};
	const char *target;

	if (read_container(&c, err) < 0)
		return -1;
	if (!*c.image && !*c.key) {
		i->request->subject = SUBJECT_ROOTFS;
		return err_set(
			err, ERR_NOT_FOUND,
			"the container was made of a directory (--rootfs), no image is behind it");
	}
	if (read_snapshot(&c, NULL, err) < 0 || check_mounted(&c, err) < 0 ||
	    find_blobs(&c, err) < 0)
		return -1;
	if (*c.image_ref)
		return read_cri_image(&c, err);
	if (read_target(&c, &target, err) < 0 ||
	    identity_walk(i, c.blobs, target, c.chain, err) < 0)
		return -1;
	return identity_named(i, c.image, err);
}

/* The name that the deployer used counts where it is this image's now; else that is lost. */
static int read_docker_name(struct containerd *c, const char *target, struct err *err)
{
	struct err why = ERR_INIT;
	const char *now;

	if (!c->image || read_target(c, &now, &why) < 0 || strcmp(now, target) != 0)
		return 0;
	return identity_named(c->i, c->image, err);
}

/* Docker's containers are containerd's as well, with their snapshot named as the container, and
 * below it one with the files that Docker adds; which image they are of is Docker's to say. */
int identity_containerd_docker(struct identity *i, const struct docker_says *docker,
			       struct err *err)
{
	struct containerd c = {.i = i,
			       .image = docker->name,
			       .key = i->facts->id,
			       .snapshotter = docker->snapshotter};
	const char *init = arena_printf(i->arena, "%s-init", i->facts->id);

	if (!init)
		return err_oom(err);
	if (read_snapshot(&c, init, err) < 0 || check_mounted(&c, err) < 0 ||
	    find_blobs(&c, err) < 0 || identity_walk(i, c.blobs, docker->target, c.chain, err) < 0)
		return -1;
	if (docker->manifest && strcmp(docker->manifest, i->request->manifest) != 0)
		return err_set(err, ERR_VERIFY,
			       "docker says manifest %.19s..., the layers mounted are of another",
			       docker->manifest);
	return read_docker_name(&c, docker->target, err);
}
