/* Any bytes as an engine's files and answers: whatever they say, a digest comes out only where a config with that hash was
 * read, and what isn't resolved says why.  The files are parts of the input, separated by lines of "==="; the first
 * character chooses the engine. */
#include "config.h"

#include "base/sha256.h"
#include "gate/identity_parts.h"
#include "gate/policy.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define ID "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define PARTS_MAX 8
#define SEPARATOR "\n===\n"

#define must(cond)                                                                                                     \
	do {                                                                                                           \
		if (!(cond)) {                                                                                         \
			fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #cond);                                     \
			abort();                                                                                       \
		}                                                                                                      \
	} while (0)

static struct part { const char *text; size_t len; } parts[PARTS_MAX];
static size_t n_parts, next_answer;

static void split(const char *text, size_t len)
{
	const char *end;

	for (n_parts = 0; n_parts < PARTS_MAX; n_parts++) {
		end = memmem(text, len, SEPARATOR, sizeof(SEPARATOR) - 1);
		parts[n_parts] = (struct part){text, end ? (size_t)(end - text) : len};
		if (!end) {
			n_parts++;
			return;
		}
		len -= (size_t)(end - text) + sizeof(SEPARATOR) - 1;
		text = end + sizeof(SEPARATOR) - 1;
	}
}

static bool ends_in(const char *path, const char *end)
{
	return strlen(path) >= strlen(end) && !strcmp(path + strlen(path) - strlen(end), end);
}

/* Which part a path names; PARTS_MAX: there is no such file. */
static size_t part_of(const char *path)
{
	static const char *const names[] = {"lib/containers/storage/overlay-containers/containers.json", "lib/containers/storage/overlay-layers/layers.json",
					    "lib/containers/storage/overlay-images/images.json",
					    "/manifest", "config.v2.json", "repositories.json"};
	static const size_t where[] = {0, 1, 2, 3, 0, 1};
	char hash[65];

	for (size_t n = 0; n < ARRAY_LEN(names); n++)
		if (ends_in(path, names[n]))
			return where[n] < n_parts ? where[n] : PARTS_MAX;
	for (size_t n = 0; n < n_parts; n++) {
		sha256_hex(parts[n].text, parts[n].len, hash);
		if (ends_in(path, hash))
			return n;
	}
	if (strstr(path, "layerdb/mounts") || strstr(path, "cache-id"))
		return n_parts > 2 ? (ends_in(path, "parent") ? 2 : 3) : PARTS_MAX;
	return strstr(path, "/=") && n_parts > 4 ? 4 : PARTS_MAX;
}

/* --- in the place of identity_files.c, identity_mounts.c and identity_ctr.c --- */

int identity_read(struct identity *i, const char *path, size_t limit, const char **ret, size_t *ret_len, struct err *err)
{
	size_t n = part_of(path);

	if (n >= n_parts)
		return 0;
	if (parts[n].len > limit)
		return err_set(err, ERR_SYSTEM, "too large");
	*ret = arena_memdup(i->arena, parts[n].text, parts[n].len);
	*ret_len = parts[n].len;
	return *ret ? 1 : err_oom(err);
}

int identity_blob(struct identity *i, const char *path, const char *digest, size_t limit, const char **ret, size_t *ret_len,
		  struct err *err)
{
	if (identity_read(i, path, limit, ret, ret_len, err) <= 0)
		return err_set(err, ERR_VERIFY, "no such blob");
	return image_check(*ret, *ret_len, digest, err);
}

int identity_list(const char *path, json_found *found, void *ctx, struct err *err)
{
	const struct json_selector each = {.path = "[]", .found = found, .what = JSON_SELECT_WHOLE};
	size_t n = part_of(path);
	struct json_stream *stream;
	int r;

	if (n >= n_parts)
		return 0;
	stream = json_stream_new(err);
	r = stream && json_stream_select(stream, "", &each, 1, ctx, err) == 0 && json_stream_feed(stream, parts[n].text, parts[n].len, err) == 0 &&
			    json_stream_end(stream, err) == 0
		    ? 1
		    : -1;
	json_stream_free(stream);
	return r;
}

int identity_has_dir(const char *path, struct err *err)
{
	(void)err;
	return strstr(path, "overlay2") || strstr(path, "blobs") ? 1 : 0;
}

int identity_is_dir(const char *directory, const char *name, const struct identity_root *root, struct err *err)
{
	(void)directory;
	(void)root;
	(void)err;
	return name[0] == 'a';
}

int identity_check_program(const char *path, struct err *err)
{
	(void)path;
	(void)err;
	return 0;
}

bool identity_is_direct(const char *root, const char *path)
{
	(void)root;
	return path[0] == '/';
}

int identity_hash(const char *root, const char *path, char ret[72], struct err *err)
{
	(void)root;
	(void)path;
	(void)ret;
	return err_set(err, ERR_VERIFY, "no such program");
}

int identity_link(struct identity *i, const char *directory, const char *name, const char **ret, struct err *err)
{
	(void)directory;
	*ret = arena_printf(i->arena, "../%s/diff", name);
	return *ret ? 0 : err_oom(err);
}

int identity_root_read(const struct identity_facts *facts, const char *root, struct arena *arena, struct identity_root *ret,
		       struct err *err)
{
	const char *options = n_parts ? arena_memdup(arena, parts[n_parts - 1].text, parts[n_parts - 1].len) : "";

	(void)facts;
	(void)root;
	*ret = (struct identity_root){.is_mount = true, .is_overlay = true, .options = options};
	return options ? 0 : err_oom(err);
}

int identity_ctr(struct identity *i, const char *const *arguments, size_t n, const char **ret, size_t *ret_len, struct err *err)
{
	must(n >= 3);
	for (size_t k = 0; k < n; k++)
		must(arguments[k] && *arguments[k] && !strchr(arguments[k], '\n') && (arguments[k][0] != '-' || !strcmp(arguments[k], "--snapshotter")));
	if (next_answer >= n_parts)
		return err_set(err, ERR_HOST, "no answer");
	*ret_len = parts[next_answer].len;
	*ret = arena_memdup(i->arena, parts[next_answer].text, *ret_len);
	next_answer++;
	return *ret ? 0 : err_oom(err);
}

/* --- */

static bool was_read(const char *digest)
{
	char is[72];

	for (size_t n = 0; n < n_parts; n++) {
		image_digest(parts[n].text, parts[n].len, is);
		if (!strcmp(is, digest))
			return true;
	}
	return false;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const bundles[] = {"/var/lib/containers/storage/overlay-containers/" ID "/userdata",
					      "/run/containerd/io.containerd.runtime.v2.task/moby/" ID, "/run/containerd/io.containerd.runtime.v2.task/default/" ID};
	struct identity_facts facts = {.id = ID, .root_path = "/root"};
	struct gate_request request = {0};
	struct gate_policy policy;
	struct arena arena = ARENA_INIT;
	struct err err = ERR_INIT;

	if (size < 2 || data[0] < '0' || data[0] > '2')
		return 0;
	facts.bundle = bundles[data[0] - '0'];
	split((const char *)data + 1, size - 1);
	next_answer = 0;
	gate_policy_defaults(&policy);
	if (identity_resolve(&policy, &facts, &arena, &request, &err) == 0) {
		must(request.digest || (request.unresolved_why && request.unresolved_why[0]));
		must(!request.digest || (was_read(request.digest) && request.source == IDENTITY_ENGINE && request.platform));
		must(!request.manifest || was_read(request.manifest));
		must(request.subject != SUBJECT_UNKNOWN && request.subject != SUBJECT_PAUSE);
	}
	arena_release(&arena);
	return 0;
}
