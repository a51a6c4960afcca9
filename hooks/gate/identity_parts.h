/* What identity*.c share.  Each engine's reader returns 0 with the request filled, or -1
 * with the reason why the image can't be told; identity.c makes that an answer. */
#ifndef KANUKI_GATE_IDENTITY_PARTS_H
#define KANUKI_GATE_IDENTITY_PARTS_H

#include "base/json_stream.h"
#include "gate/identity.h"
#include "gate/identity_image.h"

#define ENGINE_JSON_MAX ((size_t)4 << 20)

struct identity {
	const struct gate_policy *policy;
	const struct identity_facts *facts;
	struct arena *arena;
	struct gate_request *request;
	const struct engine_place *place;
	const char *bundle, *root; /* clean */
	const char *driver;	   /* containers/storage: "overlay", from the bundle's path */
	const char *space;	   /* containerd's namespace, from the bundle's path */
	bool is_sandbox;	   /* the engine's own data say so */
	const char *image_id;	   /* the engine's name of the image where that is no digest of ours, or NULL */
	struct str_list aliases;   /* verified: indexes that name the manifest */
};

/* --- engines --- */
int identity_storage(struct identity *i, struct err *err) __attribute__((warn_unused_result));
int identity_containerd(struct identity *i, struct err *err) __attribute__((warn_unused_result));
/* With containerd's image store. */
struct docker_says {
	const char *target, *manifest; /* digests; manifest may be NULL */
	const char *name;	       /* as containerd has names; may be NULL */
	const char *snapshotter;
};
int identity_containerd_docker(struct identity *i, const struct docker_says *docker,
			       struct err *err) __attribute__((warn_unused_result));
int identity_docker(struct identity *i, struct err *err) __attribute__((warn_unused_result));

/* --- classes (identity_class.c) --- */
/* Where the bundle lies -> i->place, driver, space, and the class. */
int identity_place(struct identity *i, struct err *err) __attribute__((warn_unused_result));
/* A sandbox whose program is one that the policy knows by its content. */
int identity_pause(struct identity *i, struct err *err) __attribute__((warn_unused_result));

/* --- claims (identity_pinned.c) --- */
/* What annotations say besides: they can only contradict. */
int identity_claims(struct identity *i, struct err *err) __attribute__((warn_unused_result));
/* A plain bundle: pinned by root's own file beside config.json, or permitted. */
int identity_pinned(struct identity *i, struct err *err) __attribute__((warn_unused_result));

/* --- files (identity_files.c): absolute, no links, root's from "/" on --- */
/* 1; 0: not there; -1. */
int identity_read(struct identity *i, const char *path, size_t limit, const char **ret,
		  size_t *ret_len, struct err *err) __attribute__((warn_unused_result));
/* A blob by its digest: there, and what it is named by; else -1. */
int identity_blob(struct identity *i, const char *path, const char *digest, size_t limit,
		  const char **ret, size_t *ret_len, struct err *err)
	__attribute__((warn_unused_result));
/* JSON of any size (JSON_STREAM_MAX_BYTES), `found` for each element of the list it is: 1, 0, -1.
 */
int identity_list(const char *path, json_found *found, void *ctx, struct err *err)
	__attribute__((warn_unused_result));
/* Whether it is there, a directory of root's: 1, 0, -1. */
int identity_has_dir(const char *path, struct err *err) __attribute__((warn_unused_result));
/* Whether `name` in a directory of root's, whosever it is, is this very directory: 1, 0, -1. */
struct identity_root;
int identity_is_dir(const char *directory, const char *name, const struct identity_root *root,
		    struct err *err) __attribute__((warn_unused_result));
/* Checked like a file to be read; for what is executed. */
int identity_check_program(const char *path, struct err *err) __attribute__((warn_unused_result));
/* The hash of a file within the container's root, or of one on the host (root NULL), which is
 * regular and reached without links. */
int identity_hash(const char *root, const char *path, char ret[72], struct err *err)
	__attribute__((warn_unused_result));
/* No part of the path is a link in the container's root; what isn't there is none. */
bool identity_is_direct(const char *root, const char *path);
/* The target of a link in a directory of root's. */
int identity_link(struct identity *i, const char *directory, const char *name, const char **ret,
		  struct err *err) __attribute__((warn_unused_result));

/* --- blobs (identity_blobs.c): a content store of files named by their digests --- */
/* A config by its digest, `directory`/<hex>. */
int identity_config(struct identity *i, const char *directory, const char *digest,
		    struct image_config *ret, struct err *err) __attribute__((warn_unused_result));
/* From a manifest's or index's digest to the one config whose layers are those of `chain`. */
int identity_walk(struct identity *i, const char *directory, const char *target, const char *chain,
		  struct err *err) __attribute__((warn_unused_result));
/* Fills the request. */
int identity_found(struct identity *i, const char *config, const char *manifest,
		   const char *platform, struct err *err) __attribute__((warn_unused_result));
int identity_alias(struct identity *i, const char *digest, struct err *err)
	__attribute__((warn_unused_result));
/* A name that root's data give the image. */
int identity_named(struct identity *i, const char *reference, struct err *err)
	__attribute__((warn_unused_result));

/* --- what is mounted --- */
/* identity_mounts.c, alone there so that tests can say what is mounted. */
struct identity_root {
	bool is_mount;		/* root is a mount's own root */
	bool is_overlay;
	const char *options;	/* of the file system, as mountinfo has them */
	uint64_t device, inode; /* of the directory itself */
};
int identity_root_read(const struct identity_facts *facts, const char *root, struct arena *arena,
		       struct identity_root *ret, struct err *err)
	__attribute__((warn_unused_result));
/* identity_overlay.c: the value of an option; "" when it isn't there. */
const char *identity_option(struct arena *arena, const char *options, const char *name);
/* Text between separators; false at the end. */
bool identity_next(const char **rest, char separator, const char **ret, size_t *ret_len);
/* identity_layer.c: a layer's path beneath the driver's directory `home` ("ID/diff", or "l/SHORT",
 * a link that leads there) -> its ID; "" where it is neither. */
int identity_layer(struct identity *i, const char *home, const char *path, const char **ret,
		   struct err *err) __attribute__((warn_unused_result));

/* --- containerd's client (identity_ctr.c) --- */
/* The place that says how it is reached: the engine's own, or the policy's first of containerd; or
 * NULL. */
const struct engine_place *identity_containerd_place(const struct identity *i);
int identity_ctr(struct identity *i, const char *const *arguments, size_t n, const char **ret,
		 size_t *ret_len, struct err *err) __attribute__((warn_unused_result));

#endif
