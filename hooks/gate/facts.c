/* Reads what runtimes say.  All of it is root's: the runtimes' state directories are, and the
 * bundle's config.json counts only for what contradicts (identity.h). */
#include "config.h"

#include "gate/facts.h"

#include "base/auto.h"
#include "base/json.h"
#include "base/path.h"
#include "sys/file.h"
#include "sys/sys.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "base/banned.h"

static int take_text(const struct json *object, const char *key, bool needed, const char **ret,
		     struct err *err)
{
	const struct json *v = json_get(object, key);

	if (!v)
		return needed ? json_error(object, err, "key '%s' is missing", key) : 0;
	return json_as_string(v, ret, err);
}

static int take_pid(const struct json *object, const char *key, struct identity_facts *ret,
		    struct err *err)
{
	const struct json *v = json_get(object, key);
	int64_t pid = 0;

	if (v && json_as_i64(v, 0, INT_MAX, &pid, err) < 0)
		return -1;
	ret->mount_pid = (int)pid;
	return 0;
}

static int take_annotations(const struct json *object, struct arena *arena,
			    struct identity_facts *ret, struct err *err)
{
	const struct json *annotations = json_get(object, "annotations");

	if (!annotations || annotations->type == JSON_NULL)
		return 0;
	if (json_expect(annotations, JSON_OBJECT, err) < 0)
		return -1;
	json_each(v, annotations) {
		struct identity_pair *pair = ARENA_PUSH(arena, &ret->annotations);

		if (!pair)
			return err_oom(err);
		pair->key = v->key;
		if (json_as_string(v, &pair->value, err) < 0)
			return -1;
	}
	return 0;
}

static int take_state(const struct json *root, struct arena *arena, struct identity_facts *ret,
		      struct err *err)
{
	struct identity_facts facts = {0};

	if (json_expect(root, JSON_OBJECT, err) < 0 ||
	    take_text(root, "id", true, &facts.id, err) < 0 ||
	    take_text(root, "bundle", true, &facts.bundle, err) < 0 ||
	    take_pid(root, "pid", &facts, err) < 0 ||
	    take_annotations(root, arena, &facts, err) < 0)
		return -1;
	if (facts.bundle[0] != '/')
		return err_set(err, ERR_SPEC, "bundle: '%s' is not absolute", facts.bundle);
	*ret = facts;
	return 0;
}

int facts_from_state(const char *text, size_t len, struct arena *arena, struct identity_facts *ret,
		     struct err *err)
{
	const struct json *root;

	if (json_parse(arena, text, len, &root, err) < 0)
		return -1;
	return take_state(root, arena, ret, err);
}

/* --- kanuki's question --- */

static int take_id(const struct json *object, const char *key, bool needed, uint32_t *ret,
		   struct err *err)
{
	const struct json *v = json_get(object, key);
	uint64_t id;

	if (!v)
		return needed ? json_error(object, err, "key '%s' is missing", key) : 0;
	if (json_as_u64(v, UINT32_MAX, &id, err) < 0)
		return -1;
	*ret = (uint32_t)id;
	return 0;
}

static int take_max_scan_age(const struct json *root, int64_t *ret, struct err *err)
{
	const struct json *v = json_get(root, "maxScanAgeDays");
	int64_t days = 0;

	if (v && json_as_i64(v, 1, 3650, &days, err) < 0)
		return -1;
	*ret = days * 24 * 3600;
	return 0;
}

static int take_caller(const struct json *root, struct facts_caller *ret, struct err *err)
{
	const struct json *caller = json_get(root, "caller");

	*ret = (struct facts_caller){.login_uid = UINT32_MAX};
	if (!caller)
		return json_error(root, err, "key 'caller' is missing");
	if (json_expect(caller, JSON_OBJECT, err) < 0)
		return -1;
	return take_id(caller, "uid", true, &ret->uid, err) < 0 ||
			       take_id(caller, "gid", true, &ret->gid, err) < 0
		       ? -1
		       : take_id(caller, "loginuid", false, &ret->login_uid, err);
}

static int take_told_mounts(const struct json *root, struct arena *arena,
			    struct identity_facts *facts, struct err *err)
{
	const struct json *mounts = json_get(root, "mounts");

	if (!mounts)
		return json_error(root, err, "key 'mounts' is missing");
	if (json_expect(mounts, JSON_ARRAY, err) < 0)
		return -1;
	json_each(mount, mounts) {
		struct identity_bind *bind = ARENA_PUSH(arena, &facts->mounts);

		if (!bind)
			return err_oom(err);
		if (json_expect(mount, JSON_OBJECT, err) < 0 ||
		    take_text(mount, "destination", true, &bind->destination, err) < 0 ||
		    take_text(mount, "source", false, &bind->source, err) < 0)
			return -1;
	}
	return 0;
}

int facts_from_question(const char *text, size_t len, struct arena *arena,
			struct identity_facts *ret, struct facts_caller *ret_caller,
			struct err *err)
{
	struct identity_facts facts;
	const struct json *root, *args;

	if (json_parse(arena, text, len, &root, err) < 0 ||
	    take_state(root, arena, &facts, err) < 0)
		return -1;
	args = json_get(root, "args");
	if (!args)
		return json_error(root, err, "key 'args' is missing");
	if (take_text(root, "root", true, &facts.root_path, err) < 0 ||
	    take_text(root, "runtimeRoot", true, &facts.runtime_root, err) < 0 ||
	    json_as_strings(args, arena, &facts.arguments, err) < 0 ||
	    take_told_mounts(root, arena, &facts, err) < 0 ||
	    take_caller(root, ret_caller, err) < 0 ||
	    take_max_scan_age(root, &ret_caller->max_scan_age_s, err) < 0)
		return -1;
	/* Asked again, at start: the container is made, and its process has the root as "/". */
	facts.is_inside = facts.is_untouched = facts.mount_pid > 0;
	*ret = facts;
	return 0;
}

static bool is_bind(const struct json *mount)
{
	const struct json *type = json_get(mount, "type"), *options = json_get(mount, "options");

	if (type && type->type == JSON_STRING && strcmp(type->text, "bind") == 0)
		return true;
	if (options && options->type == JSON_ARRAY)
		json_each(option, options)
			if (option->type == JSON_STRING && (strcmp(option->text, "bind") == 0 ||
							    strcmp(option->text, "rbind") == 0))
				return true;
	return false;
}

static int take_mounts(const struct json *config, struct arena *arena, struct identity_facts *facts,
		       struct err *err)
{
	const struct json *mounts = json_get(config, "mounts");

	if (!mounts || mounts->type == JSON_NULL)
		return 0;
	if (json_expect(mounts, JSON_ARRAY, err) < 0)
		return -1;
	json_each(mount, mounts) {
		const char *destination, *source;
		struct identity_bind *bind;

		if (json_expect(mount, JSON_OBJECT, err) < 0 ||
		    take_text(mount, "destination", true, &destination, err) < 0)
			return -1;
		bind = ARENA_PUSH(arena, &facts->mounts);
		if (!bind || !(bind->destination = path_clean_absolute(arena, destination)))
			return err_oom(err);
		if (!is_bind(mount))
			continue; /* an overlay, say: it covers what is there, with what isn't known */
		if (take_text(mount, "source", true, &source, err) < 0)
			return -1;
		source = path_join(arena, facts->bundle, source);
		if (!source || !(bind->source = path_clean_absolute(arena, source)))
			return err_oom(err);
	}
	return 0;
}

int facts_from_config(const char *text, size_t len, struct arena *arena,
		      struct identity_facts *facts, struct err *err)
{
	const struct json *config, *root, *process;
	const char *path = NULL;

	if (json_parse(arena, text, len, &config, err) < 0 ||
	    json_expect(config, JSON_OBJECT, err) < 0)
		return -1;
	root = json_get(config, "root");
	process = json_get(config, "process");
	if (root && take_text(root, "path", true, &path, err) < 0)
		return -1;
	if (path && !facts->root_path) {
		const char *joined = path_join(arena, facts->bundle, path);

		facts->root_path = joined ? path_clean_absolute(arena, joined) : NULL;
		if (!facts->root_path)
			return err_oom(err);
	}
	if (process && json_get(process, "args") &&
	    json_as_strings(json_get(process, "args"), arena, &facts->arguments, err) < 0)
		return -1;
	if (take_mounts(config, arena, facts, err) < 0)
		return -1;
	/* Those of the state are a copy; where a runtime keeps none, these are all. */
	return facts->annotations.n ? 0 : take_annotations(config, arena, facts, err);
}

int facts_from_bundle(struct arena *arena, struct identity_facts *facts, struct err *err)
{
	autofd int dirfd = sys_open(facts->bundle, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
	char *text;
	size_t len;

	if (dirfd < 0)
		return err_sys(err, "open bundle '%s'", facts->bundle);
	if (file_read(dirfd, "config.json", FACTS_CONFIG_MAX, arena, &text, &len, err) < 0 ||
	    facts_from_config(text, len, arena, facts, err) < 0)
		return err_context(err, "bundle '%s'", facts->bundle);
	return 0;
}

/* --- the runtimes' own state --- */

static int take_kanuki(const struct json *root, struct facts_container *ret, struct err *err)
{
	const struct json *image = json_get(root, "image");

	if (take_text(root, "bundle", true, &ret->facts.bundle, err) < 0 ||
	    take_text(root, "rootfs", true, &ret->facts.root_path, err) < 0 ||
	    take_pid(root, "pid", &ret->facts, err) < 0)
		return -1;
	return image && image->type == JSON_STRING ? json_as_string(image, &ret->image, err) : 0;
}

static int take_crun(const struct json *root, struct facts_container *ret, struct err *err)
{
	if (take_text(root, "bundle", true, &ret->facts.bundle, err) < 0 ||
	    take_text(root, "rootfs", false, &ret->facts.root_path, err) < 0)
		return -1;
	return take_pid(root, "pid", &ret->facts, err);
}

/* The bundle is among the labels, as "bundle=/...". */
static int take_runc(const struct json *root, struct facts_container *ret, struct arena *arena,
		     struct err *err)
{
	const struct json *config = json_get(root, "config"),
			  *labels = config ? json_get(config, "labels") : NULL;
	struct str_list list = {0};

	if (!config || take_text(config, "rootfs", true, &ret->facts.root_path, err) < 0 ||
	    take_pid(root, "init_process_pid", &ret->facts, err) < 0 ||
	    (labels && labels->type != JSON_NULL && json_as_strings(labels, arena, &list, err) < 0))
		return err->kind ? -1 : json_error(root, err, "key 'config' is missing");
	for (size_t i = 0; i < list.n; i++)
		if (strncmp(list.items[i], "bundle=", 7) == 0)
			ret->facts.bundle = list.items[i] + 7;
	return ret->facts.bundle ? 0 : json_error(root, err, "no label says the bundle");
}

/* What kanuki asked when it made the container; a container that nothing was asked of has none. */
static int read_question(int root_dirfd, const char *root_path, const char *id, struct arena *arena,
			 struct facts_container *ret, struct err *err)
{
	char path[NAME_MAX + 16];
	const struct json *root;
	char *text;
	size_t len;

	(void)snprintf(path, sizeof(path), "%s/question.json", id);
	if (file_read(root_dirfd, path, FACTS_CONFIG_MAX, arena, &text, &len, err) < 0) {
		if (err->sys_errno != ENOENT)
			return -1;
		err_clear(err);
		return 0;
	}
	if (json_parse(arena, text, len, &root, err) < 0 ||
	    take_max_scan_age(root, &ret->max_scan_age_s, err) < 0)
		return err_context(err, "'%s/%s'", root_path, path);
	return 0;
}

int facts_from_runtime(enum facts_runtime runtime, const char *text, size_t len,
		       struct arena *arena, struct facts_container *ret, struct err *err)
{
	struct facts_container one = *ret;
	const struct json *root;
	int status;

	if (json_parse(arena, text, len, &root, err) < 0 || json_expect(root, JSON_OBJECT, err) < 0)
		return -1;
	status = runtime == FACTS_KANUKI ? take_kanuki(root, &one, err) :
		 runtime == FACTS_CRUN	 ? take_crun(root, &one, err) :
					   take_runc(root, &one, arena, err);
	if (status == 0)
		*ret = one;
	return status;
}

static int read_one(enum facts_runtime runtime, int root_dirfd, const char *root_path,
		    const char *id, struct arena *arena, facts_list *list, struct err *err)
{
	static const char *const files[] = {[FACTS_KANUKI] = "record.json",
					    [FACTS_RUNC] = "state.json",
					    [FACTS_CRUN] = "status"};
	struct facts_container one = {.runtime = runtime,
				      .facts = {.id = id,
						.runtime_root = root_path,
						.is_inside = true}},
			       *slot;
	char path[NAME_MAX + 16];
	char *text;
	size_t len;

	(void)snprintf(path, sizeof(path), "%s/%s", id, files[runtime]);
	if (file_read(root_dirfd, path, FACTS_CONFIG_MAX, arena, &text, &len, err) < 0) {
		/* Deleted meanwhile, or not made yet; or a directory of something else (runc keeps
		 * none, podman does). */
		if (err->sys_errno == ENOENT || err->sys_errno == ENOTDIR) {
			err_clear(err);
			return 0;
		}
		return -1;
	}
	if (facts_from_runtime(runtime, text, len, arena, &one, err) < 0)
		return err_context(err, "'%s/%s'", root_path, path);
	if (runtime == FACTS_KANUKI &&
	    read_question(root_dirfd, root_path, id, arena, &one, err) < 0)
		return -1;
	slot = ARENA_PUSH(arena, list);
	if (!slot)
		return err_oom(err);
	*slot = one;
	return 0;
}

/* The names in a directory; none when there is no such directory. */
static int list_names(const char *path, struct arena *arena, struct str_list *ret, struct err *err)
{
	autofd int fd = sys_open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
	autodir DIR *dir = NULL;

	if (fd < 0)
		return errno == ENOENT || errno == ENOTDIR ? 0 : err_sys(err, "open '%s'", path);
	dir = fdopendir(fd);
	if (!dir)
		return err_sys(err, "open '%s'", path);
	(void)steal_fd(&fd); /* dir's now */
	for (struct dirent *entry; (errno = 0, entry = readdir(dir));) {
		const char **name;

		if (entry->d_name[0] == '.')
			continue;
		name = ARENA_PUSH(arena, ret);
		if (!name || !(*name = arena_strdup(arena, entry->d_name)))
			return err_oom(err);
	}
	return errno ? err_sys(err, "list '%s'", path) : 0;
}

int facts_list_read(enum facts_runtime runtime, const char *root, struct arena *arena,
		    facts_list *ret, struct err *err)
{
	autofd int fd = sys_open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
	struct str_list ids = {0};

	if (fd < 0)
		return errno == ENOENT || errno == ENOTDIR ? 0 : err_sys(err, "open '%s'", root);
	if (list_names(root, arena, &ids, err) < 0)
		return -1;
	for (size_t i = 0; i < ids.n; i++)
		if (read_one(runtime, fd, root, ids.items[i], arena, ret, err) < 0)
			return -1;
	return 0;
}

int facts_list_read_spaces(const char *above, struct arena *arena, facts_list *ret, struct err *err)
{
	struct str_list spaces = {0};

	if (list_names(above, arena, &spaces, err) < 0)
		return -1;
	for (size_t i = 0; i < spaces.n; i++) {
		const char *root = path_join(arena, above, spaces.items[i]);

		if (!root)
			return err_oom(err);
		for (int runtime = FACTS_KANUKI; runtime <= FACTS_CRUN; runtime++)
			if (facts_list_read((enum facts_runtime)runtime, root, arena, ret, err) < 0)
				return -1;
	}
	return 0;
}
