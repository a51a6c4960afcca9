/* Trees as engines keep them, made in a temporary directory, with images whose hashes are
 * right; and what is mounted, as a test says it is. */
#ifndef KANUKI_TESTS_GATE_ENGINES_H
#define KANUKI_TESTS_GATE_ENGINES_H

#include "base/arena.h"
#include "base/auto.h"
#include "base/sha256.h"
#include "base/str.h"
#include "gate/dsse.h"
#include "gate/identity.h"
#include "gate/identity_parts.h"
#include "gate/policy.h"

#include <sys/stat.h>

#include "tap.h"
#include "temp_dir.h"

#define ID "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

/* --- files --- */

static void put_bytes(const char *path, const void *data, size_t len)
{
	char part[4096];
	FILE *f;

	for (const char *s = strchr(path + 1, '/'); s; s = strchr(s + 1, '/')) {
		snprintf(part, sizeof(part), "%.*s", (int)(s - path), path);
		(void)mkdir(part, 0700); /* there already is as good */
	}
	(void)unlink(path);
	f = fopen(path, "w");
	if (!f || fwrite(data, 1, len, f) != len || fclose(f) || chmod(path, 0600)) {
		perror(path);
		exit(99);
	}
}

__attribute__((format(printf, 2, 3), unused)) static void put(const char *path, const char *fmt, ...)
{
	char *text;
	va_list ap;

	va_start(ap, fmt);
	if (vasprintf(&text, fmt, ap) < 0)
		exit(99);
	va_end(ap);
	put_bytes(path, text, strlen(text));
	free(text);
}

/* A copy that lives as long as the test does. */
__attribute__((unused)) static const char *keep(const char *text)
{
	static char *kept[1024];
	static size_t n;

	if (n == sizeof(kept) / sizeof(kept[0]) || !(kept[n] = strdup(text)))
		exit(99);
	return kept[n++];
}

/* Names of files; a few live at once. */
__attribute__((format(printf, 1, 2), unused)) static const char *at(const char *fmt, ...)
{
	static char names[16][4096];
	static unsigned next;
	char *name = names[next++ % 16];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(name, sizeof(names[0]), fmt, ap);
	va_end(ap);
	return name;
}

/* --- images --- */

#define LAYERS 3
struct test_image {
	char diff[LAYERS][72], chain[LAYERS][72], layer_id[LAYERS][65];
	char config[2048], config_digest[72];
	char manifest[1024], manifest_digest[72];
	char index[1024], index_digest[72];
};

static void digest_of(const char *text, char ret[72])
{
	memcpy(ret, "sha256:", 7);
	sha256_hex(text, strlen(text), ret + 7);
}

/* An image of three layers; another seed, another image. */
static struct test_image make_image(const char *seed)
{
	struct test_image im;
	char text[512];

	for (int n = 0; n < LAYERS; n++) {
		snprintf(text, sizeof(text), "layer %d of %s", n, seed);
		digest_of(text, im.diff[n]);
		snprintf(text, sizeof(text), "%s %s", n ? im.chain[n - 1] : "", im.diff[n]);
		if (n)
			digest_of(text, im.chain[n]);
		else
			memcpy(im.chain[0], im.diff[0], 72);
		memcpy(im.layer_id[n], im.chain[n] + 7, 65); /* as containers/storage names them */
	}
	snprintf(im.config, sizeof(im.config),
		 "{\"created\":\"2026-11-01T00:00:00Z\",\"author\":\"%s\",\"architecture\":\"amd64\",\"os\":\"linux\",\"config\":{\"Cmd\":[\"/bin/sh\"],"
		 "\"Labels\":{\"io.kanuki.image.digest\":\"sha256:forged\"}},\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[\"%s\",\"%s\",\"%s\"]}}",
		 seed, im.diff[0], im.diff[1], im.diff[2]);
	digest_of(im.config, im.config_digest);
	snprintf(im.manifest, sizeof(im.manifest),
		 "{\"schemaVersion\":2,\"mediaType\":\"application/vnd.oci.image.manifest.v1+json\",\"config\":{\"mediaType\":"
		 "\"application/vnd.oci.image.config.v1+json\",\"digest\":\"%s\",\"size\":%zu},\"layers\":[]}",
		 im.config_digest, strlen(im.config));
	digest_of(im.manifest, im.manifest_digest);
	snprintf(im.index, sizeof(im.index),
		 "{\"schemaVersion\":2,\"mediaType\":\"application/vnd.oci.image.index.v1+json\",\"manifests\":[{\"mediaType\":"
		 "\"application/vnd.oci.image.manifest.v1+json\",\"digest\":\"sha256:%064d\",\"size\":1,\"platform\":{\"os\":\"linux\",\"architecture\":\"s390x\"}},"
		 "{\"mediaType\":\"application/vnd.oci.image.manifest.v1+json\",\"digest\":\"%s\",\"size\":%zu}]}",
		 7, im.manifest_digest, strlen(im.manifest));
	digest_of(im.index, im.index_digest);
	return im;
}

/* --- what is mounted, and the question --- */

static struct identity_root mounted;
static const char *mounted_at;
static char mounted_options[4096];

/* In the place of identity_mounts.c: no test needs root. */
int identity_root_read(const struct identity_facts *facts, const char *root, struct arena *arena, struct identity_root *ret,
		       struct err *err)
{
	(void)facts;
	(void)arena;
	if (!mounted_at || strcmp(root, mounted_at) != 0)
		return err_set(err, ERR_VERIFY, "nothing is mounted at '%s'", root);
	*ret = mounted;
	return 0;
}

__attribute__((format(printf, 2, 3))) static void mount_overlay(const char *where, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(mounted_options, sizeof(mounted_options), fmt, ap);
	va_end(ap);
	mounted = (struct identity_root){.is_mount = true, .is_overlay = true, .options = mounted_options};
	mounted_at = where;
}

struct world {
	struct gate_policy policy;
	struct engine_place places[3];
	const char *roots[3][3], *additional[1];
	struct identity_facts facts;
	struct identity_pair pairs[4];
	struct identity_bind binds[4];
	const char *arguments[4];
};

/* The policy's defaults, with the engines' directories beneath the temporary one. */
static void make_world(struct world *w)
{
	static const enum engine_kind kinds[] = {ENGINE_STORAGE, ENGINE_CONTAINERD, ENGINE_DOCKER};
	static const char *const names[] = {"podman", "containerd", "docker"};

	memset(w, 0, sizeof(*w));
	gate_policy_defaults(&w->policy);
	for (int n = 0; n < 3; n++) {
		w->roots[n][0] = keep(at("%s/%s/lib", temp_dir, names[n]));
		w->roots[n][1] = keep(at("%s/%s/run", temp_dir, names[n]));
		w->places[n] = (struct engine_place){.kind = kinds[n], .name = names[n], .roots = {w->roots[n], 2, 2}};
	}
	w->additional[0] = keep(at("%s/podman/more", temp_dir));
	w->places[0].additional = (struct str_list){w->additional, 1, 1};
	w->places[1].client = keep(at("%s/ctr", temp_dir));
	w->places[1].address = keep(at("%s/containerd.sock", temp_dir));
	w->policy.engines.items = w->places;
	w->policy.engines.n = w->policy.engines.cap = 3;
	w->facts.id = ID;
	w->facts.annotations.items = w->pairs;
	w->facts.mounts.items = w->binds;
	w->facts.arguments = (struct str_list){w->arguments, 0, 4};
}

static void annotate(struct world *w, const char *key, const char *value)
{
	w->facts.annotations.n = key ? 1 : 0;
	w->pairs[0] = (struct identity_pair){key, value};
}

/* Lives until the next but one. */
static struct gate_request resolve(const struct world *w)
{
	static struct arena arenas[2];
	static unsigned turn;
	struct arena *arena = &arenas[turn++ % 2];
	struct gate_request request = {.uid = 7};
	struct err err = ERR_INIT;

	arena_release(arena);
	ok(identity_resolve(&w->policy, &w->facts, arena, &request, &err) == 0, "there is an answer%s%s", err.msg[0] ? ": " : "", err.msg);
	return request;
}

__attribute__((unused)) static void is_resolved(const struct world *w, const struct test_image *image, const char *name)
{
	struct gate_request r = resolve(w);

	is_str(r.digest, image->config_digest, name);
	is_int(r.source, IDENTITY_ENGINE, "by the engine's data");
	if (r.unresolved_why)
		diag("%s", r.unresolved_why);
}

/* No digest, and `why` is in what is told. */
__attribute__((unused)) static void is_unresolved(const struct world *w, const char *why, const char *name)
{
	struct gate_request r = resolve(w);

	if (!ok(!r.digest && !r.manifest && r.source == IDENTITY_NONE && r.subject != SUBJECT_PAUSE, "%s: not resolved", name))
		diag("resolved to %s", r.digest ? r.digest : "(pause)");
	if (!ok(r.unresolved_why && strstr(r.unresolved_why, why), "%s: says why", name))
		diag("'%s', not '%s'", r.unresolved_why ? r.unresolved_why : "", why);
}

/* --- containerd --- */

/* Prints what the test put into answers/ARGUMENTS ('/' as '_'), as containerd's ctr would: nothing of the caller's
 * environment may reach it. */
__attribute__((unused)) static void put_ctr(const struct world *w)
{
	put(w->places[1].client,
	    "#!/bin/sh\n"
	    "[ \"$1 $2 $3\" = \"-a %s -n\" ] || { echo \"ctr: called with $*\" >&2; exit 3; }\n"
	    "[ -z \"$KANUKI_TEST_LEAK\" ] || { echo 'ctr: has an environment' >&2; exit 3; }\n"
	    "shift 3\n"
	    "name=$(echo \"$*\" | tr / _)\n"
	    "[ -e \"%s/answers/$name.sh\" ] && . \"%s/answers/$name.sh\"\n"
	    "[ -e \"%s/answers/$name\" ] || { echo \"ctr: not found: $name\" >&2; exit 1; }\n"
	    "cat \"%s/answers/$name\"\n",
	    w->places[1].address, temp_dir, temp_dir, temp_dir, temp_dir);
	chmod(w->places[1].client, 0700);
	setenv("KANUKI_TEST_LEAK", "yes", 1);
}

/* A file of containerd's content store. */
__attribute__((unused)) static const char *blob_file(const char *root, const char *digest)
{
	return at("%s/io.containerd.content.v1.content/blobs/sha256/%s", root, digest + 7);
}

__attribute__((unused)) static void put_blobs(const char *root, const struct test_image *image)
{
	put(blob_file(root, image->config_digest), "%s", image->config);
	put(blob_file(root, image->manifest_digest), "%s", image->manifest);
	put(blob_file(root, image->index_digest), "%s", image->index);
}

#define SNAPSHOTS "/var/lib/containerd/io.containerd.snapshotter.v1.overlayfs/snapshots"

/* What `ctr snapshots info` and `mounts` say, and what is mounted. */
__attribute__((unused)) static void put_snapshot(const char *space, const char *key, const char *chain, const char *root)
{
	put(at("%s/answers/%s snapshots --snapshotter overlayfs info %s", temp_dir, space, key),
	    "{\n    \"Kind\": \"Active\",\n    \"Name\": \"%s\",\n    \"Parent\": \"%s\",\n    \"Created\": \"2026-11-29T15:49:06Z\"\n}\n", key, chain);
	put(at("%s/answers/%s snapshots --snapshotter overlayfs mounts _root %s", temp_dir, space, key),
	    "mount -t overlay overlay /root -o index=off,workdir=" SNAPSHOTS "/9/work,upperdir=" SNAPSHOTS "/9/fs,lowerdir=" SNAPSHOTS "/3/fs:" SNAPSHOTS
	    "/2/fs:" SNAPSHOTS "/1/fs\n");
	mount_overlay(root, "rw,lowerdir=" SNAPSHOTS "/3/fs:" SNAPSHOTS "/2/fs:" SNAPSHOTS "/1/fs,upperdir=" SNAPSHOTS "/9/fs,workdir=" SNAPSHOTS
		      "/9/work,index=off");
}

#endif
