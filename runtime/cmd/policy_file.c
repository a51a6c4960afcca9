/* Opens a policy file, whose every directory is looked at (sys/owned.h), and reads it. */
#include "config.h"

#include "cmd/policy_file.h"

#include "base/auto.h"
#include "base/path.h"
#include "sys/file.h"
#include "sys/owned.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/banned.h"

#define FILE_FLAGS (O_RDONLY | O_NONBLOCK | O_NOCTTY)

static const struct owned_rules rules = {.what = "policy", .kind = ERR_POLICY};

static int read_policy(const char *path, struct arena *arena, char **ret_text, size_t *ret_len, struct policy_conf *ret,
		       struct err *err)
{
	autofd int fd = owned_open(&rules, path, path, FILE_FLAGS, err);

	if (fd < 0)
		return -1;
	if (file_read_fd(fd, path, POLICY_MAX_BYTES, arena, ret_text, ret_len, err) < 0)
		return err_context(err, "policy");
	return policy_conf_parse(*ret_text, *ret_len, path, ret, err);
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

int policy_file_read(const char *name_or_path, struct arena *arena, char **ret_text, size_t *ret_len,
		     struct policy_conf *ret, struct err *err)
{
	const char *path;
	char *text = NULL;
	size_t len = 0;
	int r = -1;

	if (name_or_path && !strncmp(name_or_path, "builtin:", 8)) {
		*ret_text = NULL;
		*ret_len = 0;
		return policy_conf_builtin(name_or_path, ret, err);
	}
	path = name_or_path ? absolute(name_or_path, arena, err) : POLICY_FILE;
	if (path && !strcmp(path, "/"))
		(void)err_set(err, ERR_POLICY, "policy '%s': is not a regular file", name_or_path);
	else if (path)
		r = read_policy(path, arena, &text, &len, ret, err);
	if (r < 0 && !name_or_path && err->sys_errno == ENOENT) {
		err_clear(err);
		r = policy_conf_builtin("builtin:hardened", ret, err);
	}
	if (r == 0) {
		*ret_text = text;
		*ret_len = len;
	}
	return r;
}

int policy_file_load(const char *name_or_path, struct policy_conf *ret, struct err *err)
{
	struct arena arena = ARENA_INIT;
	char *text;
	size_t len;
	int r = policy_file_read(name_or_path, &arena, &text, &len, ret, err);

	arena_release(&arena);
	return r;
}
