/* What an image is made of, as its own blobs say: manifest, index, config (OCI image
 * specification 1.1, Docker's schema 2).  Pure; every blob is named by its hash, which
 * is computed here and never taken from beside it. */
#ifndef KANUKI_GATE_IDENTITY_IMAGE_H
#define KANUKI_GATE_IDENTITY_IMAGE_H

#include "base/arena.h"
#include "base/err.h"
#include "base/list.h"

#include <stdbool.h>

#define IMAGE_MANIFEST_MAX ((size_t)4 << 20)
#define IMAGE_CONFIG_MAX   ((size_t)8 << 20)
#define IMAGE_LAYERS_MAX   500

/* One of the two: a config's digest, or an index's manifests. */
struct image_manifest {
	const char *config;
	struct str_list manifests;
};

struct image_config {
	const char *platform;	/* "linux/amd64", "linux/arm64/v8" */
	struct str_list diff_ids; /* of the layers, the lowest first; never empty */
	struct str_list chain;	/* for each the chain id: of it with all below */
};

/* "sha256:" and the hash of the bytes. */
void image_digest(const void *data, size_t len, char ret[72]);
/* ERR_VERIFY where the bytes are not what `digest` names; also where it is no sha256. */
int image_check(const void *data, size_t len, const char *digest, struct err *err)
	__attribute__((warn_unused_result));
int image_manifest_parse(struct arena *arena, const char *text, size_t len,
			 struct image_manifest *ret, struct err *err)
	__attribute__((warn_unused_result));
int image_config_parse(struct arena *arena, const char *text, size_t len, struct image_config *ret,
		       struct err *err) __attribute__((warn_unused_result));
/* The topmost layer's chain id: what the root file system is named by. */
const char *image_chain(const struct image_config *config);

/* "alpine:3" -> "docker.io/library/alpine": the repository as its registry knows it, without tag
 * and digest.  NULL when it is no reference, or on lack of memory. */
const char *image_repository(struct arena *arena, const char *reference);
/* The digest behind '@', or NULL; not checked. */
const char *image_pinned(const char *reference);

#endif
