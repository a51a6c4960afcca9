/* Opens a policy file, whose every directory is looked at (sys/owned.h), and reads it. */
#include "config.h"

#include "cmd/policy_file.h"

#include "base/auto.h"
#include "base/path.h"
#include "cmd/policy_cache.h"
#include "sys/file.h"
#include "sys/owned.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/banned.h"

#define FILE_FLAGS (O_RDONLY | O_NONBLOCK | O_NOCTTY)

static const struct owned_rules rules = {.what = "policy", .kind = ERR_POLICY};

/* How a file is loaded, beyond what it is. */
struct load {
	bool partly;	   /* only what counts for a container of `image`: from the note, where there is one */
	const char *image; /* NULL: nothing was proven of it */
	bool keep;	   /* leave a note */
	char *text;	   /* of the file, in the arena; NULL where it wasn't read */
	size_t len;
};

/* What was accepted as a whole before: exceptions for other images need not be looked at again. */
static bool load_note(const char *path, const struct policy_cache_key *key, const char *image,
		      struct arena *arena, struct policy_conf *ret)
{
	struct err ignored = ERR_INIT; /* an unusable note is none */
	struct policy_cache_note note;

	if (!policy_cache_read(path, key, image, arena, &note) ||
	    policy_conf_parse(note.text, note.len, path, ret, &ignored) < 0)
		return false;
	memcpy(ret->hash, note.hash, sizeof(ret->hash));
	return true;
}

static int read_policy(const char *path, struct arena *arena, struct load *load,
		       struct policy_conf *ret, struct err *err)
{
	autofd int fd = owned_open(&rules, path, path, FILE_FLAGS, err);
	struct policy_cache_key key;
	bool has_key;

	if (fd < 0)
		return -1;
	has_key = load->partly && policy_cache_key(fd, &key);
	if (has_key && load_note(path, &key, load->image, arena, ret))
		return 0;
	if (file_read_fd(fd, path, POLICY_MAX_BYTES, arena, &load->text, &load->len, err) < 0)
		return err_context(err, "policy");
	if (policy_conf_parse(load->text, load->len, path, ret, err) < 0)
		return -1;
	if (has_key && load->keep)
		policy_cache_write(path, &key, load->len, ret);
	return 0;
}

static char *absolute(const char *path, struct arena *arena, struct err *err)
{
	autofree char *cwd = path[0] == '/' ? NULL : getcwd(NULL, 0);
	char *ret;

	if (path[0] != '/' && !cwd) {
		(void)err_sys(err, "policy '%s': find the working directory", path);
		return NULL;
	}
	ret = path_join(arena, cwd ? cwd : "/", path);
	ret = ret ? path_clean_absolute(arena, ret) : NULL;
	if (!ret)
		(void)err_oom(err);
	return ret;
}

static int load(const char *name_or_path, struct arena *arena, struct load *load,
		struct policy_conf *ret, struct err *err)
{
	const char *path;
	int r = -1;

	if (name_or_path && !strncmp(name_or_path, "builtin:", 8))
		return policy_conf_builtin(name_or_path, ret, err);
	path = name_or_path ? absolute(name_or_path, arena, err) : POLICY_FILE;
	if (path && !strcmp(path, "/"))
		(void)err_set(err, ERR_POLICY, "policy '%s': is not a regular file", name_or_path);
	else if (path)
		r = read_policy(path, arena, load, ret, err);
	if (r < 0 && !name_or_path && err->sys_errno == ENOENT) {
		err_clear(err);
		r = policy_conf_builtin("builtin:hardened", ret, err);
	}
	return r;
}

int policy_file_read(const char *name_or_path, struct arena *arena, char **ret_text,
		     size_t *ret_len, struct policy_conf *ret, struct err *err)
{
	struct load whole = {.partly = false};

	if (load(name_or_path, arena, &whole, ret, err) < 0)
		return -1;
	*ret_text = whole.text;
	*ret_len = whole.len;
	return 0;
}

static int load_only(const char *name_or_path, struct load *how, struct policy_conf *ret,
		     struct err *err)
{
	struct arena arena = ARENA_INIT;
	int r = load(name_or_path, &arena, how, ret, err);

	arena_release(&arena);
	return r;
}

int policy_file_load(const char *name_or_path, struct policy_conf *ret, struct err *err)
{
	struct load whole = {.partly = false};

	return load_only(name_or_path, &whole, ret, err);
}

int policy_file_load_for(const char *name_or_path, const char *image, bool keep,
			 struct policy_conf *ret, struct err *err)
{
	struct load how = {.partly = true, .image = image, .keep = keep};

	return load_only(name_or_path, &how, ret, err);
}
