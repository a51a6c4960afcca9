/* What is started, by where its bundle lies, and which pause programs are known.
 *
 * The places are root's and the policy's; whoever may choose annotations, arguments or mounts
 * of a container can't choose its bundle's directory. */
#include "config.h"

#include "gate/identity_parts.h"

#include "base/path.h"
#include "gate/findings.h"

#include <string.h>

#include "base/banned.h"

/* --- places --- */

/* The rest of the path behind the root and a slash, or NULL. */
static const char *beneath(const char *path, const char *root)
{
	size_t len = strlen(root);

	return !strncmp(path, root, len) && path[len] == '/' ? path + len + 1 : NULL;
}

/* The parts of a relative path, at most `max`; 0 when it has more. */
static size_t split(struct identity *i, const char *path, const char **parts, size_t max)
{
	const char *part;
	size_t n = 0, len;

	while (identity_next(&path, '/', &part, &len)) {
		if (n == max)
			return 0;
		parts[n] = arena_memdup(i->arena, part, len);
		if (!parts[n++])
			return 0;
	}
	return n;
}

/* <driver>-containers/ID/userdata */
static bool is_storage(struct identity *i, const char *rest)
{
	static const char suffix[] = "-containers";
	const char *parts[3] = {NULL};
	size_t len;

	if (split(i, rest, parts, 3) != 3 || strcmp(parts[1], i->facts->id) != 0 ||
	    strcmp(parts[2], "userdata") != 0)
		return false;
	len = strlen(parts[0]);
	if (len < sizeof(suffix) || strcmp(parts[0] + len - (sizeof(suffix) - 1), suffix) != 0)
		return false;
	i->driver = arena_memdup(i->arena, parts[0], len - (sizeof(suffix) - 1));
	return i->driver != NULL;
}

/* [.../]io.containerd.runtime.v2.task/NAMESPACE/ID */
static bool is_task(struct identity *i, const char *rest)
{
	static const char mark[] = "io.containerd.runtime.v2.task/";
	const char *at = strstr(rest, mark), *parts[2] = {NULL};

	if (!at || (at != rest && at[-1] != '/'))
		return false;
	if (split(i, at + sizeof(mark) - 1, parts, 2) != 2 || strcmp(parts[1], i->facts->id) != 0 ||
	    !path_is_container_id(parts[0]))
		return false;
	i->space = parts[0];
	return true;
}

/* .../executor/ID beneath a directory of BuildKit's, which names it. */
static bool is_buildkit(struct identity *i, const char *path)
{
	const char *at = strstr(path, "/executor/");

	return at && strstr(path, "/buildkit") && strstr(path, "/buildkit") < at &&
	       !strcmp(at + 10, i->facts->id);
}

/* /var/tmp/buildahNNN, or wherever TMPDIR is. */
static bool is_buildah(struct identity *i)
{
	return !strncmp(path_base(i->bundle), "buildah", 7) &&
	       !strncmp(i->facts->id, "buildah-buildah", 15);
}

static const char *const build_places[] = {"/var/lib/buildkit", "/var/tmp", "/tmp"};

static bool is_build(struct identity *i)
{
	for (size_t n = 0; n < ARRAY_LEN(build_places); n++)
		if (beneath(i->bundle, build_places[n]) &&
		    (is_buildkit(i, i->bundle) || is_buildah(i)))
			return true;
	return false;
}

static const struct engine_place *first_of(const struct identity *i, enum engine_kind kind)
{
	for (size_t n = 0; n < i->policy->engines.n; n++)
		if (i->policy->engines.items[n].kind == kind)
			return &i->policy->engines.items[n];
	return NULL;
}

/* "moby" is Docker's namespace, whoever's containerd it is. */
static int place_task(struct identity *i, struct err *err)
{
	const char *runtime_root = i->facts->runtime_root;

	i->request->namespace_name = i->space;
	if (!strcmp(i->space, "moby"))
		i->place = first_of(i, ENGINE_DOCKER);
	else if (i->place->kind != ENGINE_CONTAINERD)
		i->place = first_of(i, ENGINE_CONTAINERD);
	if (!i->place)
		return err_set(err, ERR_HOST,
			       "the policy has no place of the engine whose namespace is '%.40s' "
			       "(engines)",
			       i->space);
	if (runtime_root && strcmp(path_base(runtime_root), i->space) != 0)
		return err_set(err, ERR_VERIFY,
			       "the bundle is of namespace '%.40s', the runtime's root of '%.40s'",
			       i->space, path_base(runtime_root));
	return 0;
}

static int place_in(struct identity *i, const char *rest, struct err *err)
{
	i->request->engine = i->place->name;
	if (is_buildkit(i, i->bundle)) {
		i->request->subject = SUBJECT_BUILD;
		return 0;
	}
	i->request->subject = SUBJECT_IMAGE;
	if (i->place->kind == ENGINE_STORAGE) {
		if (is_storage(i, rest))
			return 0;
	} else if (is_task(i, rest)) {
		if (place_task(i, err) < 0)
			return -1;
		i->request->engine = i->place->name;
		return 0;
	}
	return err_set(err, ERR_VERIFY,
		       "the bundle lies among %.40s's files, but not where its containers' do",
		       i->place->name);
}

int identity_place(struct identity *i, struct err *err)
{
	for (size_t n = 0; n < i->policy->engines.n; n++) {
		const struct engine_place *place = &i->policy->engines.items[n];

		for (size_t k = 0; k < place->roots.n; k++) {
			const char *rest = beneath(i->bundle, place->roots.items[k]);

			if (!rest)
				continue;
			i->place = place;
			return place_in(i, rest, err);
		}
	}
	i->request->subject = is_build(i) ? SUBJECT_BUILD : SUBJECT_BUNDLE;
	return 0;
}

/* --- pause programs --- */

/* The engine's mount of the root, or, when create is done and that may be gone, the one made of it.
 */
static const char *readable_root(struct identity *i)
{
	if (!i->facts->is_untouched)
		return i->root;
	return arena_printf(i->arena, "/proc/%d/root/.", i->facts->mount_pid);
}

/* Where the program's file comes from: the root, or the one mount of the bundle that is at its very
 * place.  Anything above it, or two, and it isn't known. */
static int program_source(struct identity *i, const char *root, const char *program,
			  const char **ret)
{
	*ret = NULL;
	for (size_t n = 0; n < i->facts->mounts.n; n++) {
		const struct identity_bind *bind = &i->facts->mounts.items[n];
		const char *at = path_clean_absolute(i->arena, bind->destination);

		/* The image's links would lead it elsewhere, to the program, say. */
		if (!at || !identity_is_direct(root, at))
			return -1;
		if (!path_is_beneath(program, at))
			continue;
		if (*ret || strcmp(at, program) != 0 || !bind->source || bind->source[0] != '/')
			return -1;
		*ret = bind->source;
	}
	return 0;
}

/* Arguments with which the known ones do nothing but wait: catatonit without -P runs what it is
 * told. */
static bool only_waits(const struct str_list *arguments)
{
	return arguments->n == 1 || (arguments->n == 2 && !strcmp(arguments->items[1], "-P"));
}

/* Only in what the engine itself calls a sandbox: else an image with a genuine pause program beside
 * hostile ones would need no scan, and exec would run those. */
int identity_pause(struct identity *i, struct err *err)
{
	struct gate_request *request = i->request;
	const struct str_list *known = &i->policy->pause_digests, *arguments = &i->facts->arguments;
	const char *root, *program, *source;
	char hash[72];

	if (!i->is_sandbox)
		return 0;
	if (str_list_has(known, request->digest)) {
		request->subject = SUBJECT_PAUSE;
		return 0;
	}
	/* What is denied by name stays named. */
	if (str_list_has(&i->policy->deny_digests, request->digest) ||
	    str_list_has(&i->policy->deny_digests, request->manifest))
		return 0;
	if (!arguments->n || !only_waits(arguments) || arguments->items[0][0] != '/')
		return 0;
	program = path_clean_absolute(i->arena, arguments->items[0]);
	root = readable_root(i);
	if (!program || !root)
		return err_oom(err);
	if (strcmp(program, arguments->items[0]) != 0 ||
	    program_source(i, root, program, &source) < 0)
		return 0;
	if (identity_hash(source ? NULL : root, source ? source : program, hash, err) < 0)
		return -1;
	if (!str_list_has(known, hash))
		return 0;
	request->subject = SUBJECT_PAUSE;
	request->digest = request->manifest = NULL;
	request->source = IDENTITY_ENGINE;
	return 0;
}
