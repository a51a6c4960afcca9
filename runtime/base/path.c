/* Owns the lexical handling of paths.  Must not look at a file system: whether
 * a component is a symlink is decided by openat2(2) when the path is used. */
#include "config.h"

#include "base/path.h"

#include <string.h>

#include "base/banned.h"

#define CONTAINER_ID_MAX 1024

char *path_clean_absolute(struct arena *a, const char *path)
{
	/* The result is at most one byte longer than the input: a leading '/'. */
	char *out = arena_alloc(a, strlen(path) + 2);
	if (!out)
		return NULL;
	size_t len = 0;
	const char *p = path;
	while (*p) {
		size_t n = strcspn(p, "/");
		if (n == 2 && p[0] == '.' && p[1] == '.') {
			while (len > 0 && out[--len] != '/')
				;
		} else if (n > 0 && !(n == 1 && p[0] == '.')) {
			out[len++] = '/';
			memcpy(out + len, p, n);
			len += n;
		}
		p += n;
		if (*p == '/')
			p++;
	}
	if (len == 0)
		out[len++] = '/';
	out[len] = '\0';
	return out;
}

char *path_join(struct arena *a, const char *base, const char *path)
{
	if (path[0] == '/')
		return arena_strdup(a, path);
	size_t len = strlen(base);
	return arena_printf(a, "%s%s%s", base, len > 0 && base[len - 1] == '/' ? "" : "/", path);
}

bool path_is_beneath(const char *path, const char *dir)
{
	/* Paths differ in their first letters: the read-back asks this some thousand times. */
	size_t n = 0;
	while (dir[n] && dir[n] == path[n])
		n++;
	if (n == 0 || dir[n])
		return false;
	return path[n] == '\0' || path[n] == '/' || (n == 1 && dir[0] == '/');
}

bool path_has_dotdot(const char *path)
{
	while (*path) {
		size_t n = strcspn(path, "/");
		if (n == 2 && path[0] == '.' && path[1] == '.')
			return true;
		path += n;
		path += strspn(path, "/");
	}
	return false;
}

bool path_is_dots(const char *name)
{
	return strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

const char *path_base(const char *path)
{
	const char *slash = strrchr(path, '/');
	return slash ? slash + 1 : path;
}

bool path_is_container_id(const char *id)
{
	static const char allowed[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_+-.";
	size_t n = strspn(id, allowed);
	return n > 0 && n <= CONTAINER_ID_MAX && id[n] == '\0' && id[0] != '-' && id[0] != '.';
}
