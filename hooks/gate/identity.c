/* Owns the order: where the bundle lies, what that engine's data say, whether it is a pause
 * container, what anything else says against it.  Whatever goes wrong on the way is an
 * answer, "unresolved", with the reason; nothing is tried in its stead. */
#include "config.h"

#include "gate/identity_parts.h"

#include "base/path.h"

#include <errno.h>
#include <string.h>

#include "base/banned.h"

/* 0, or -1 where there is no memory for an answer. */
static int unresolved(struct identity *i, struct err *why, struct err *err)
{
	struct gate_request *request = i->request;

	request->digest = request->manifest = request->platform = request->repository = NULL;
	request->source = IDENTITY_NONE;
	request->unresolved_why =
		arena_strdup(i->arena, why->msg[0] ? why->msg : "it failed for no known reason");
	return request->unresolved_why && why->sys_errno != ENOMEM ? 0 : err_oom(err);
}

static int resolve_engine(struct identity *i, struct err *why)
{
	switch (i->place->kind) {
	case ENGINE_STORAGE:
		return identity_storage(i, why);
	case ENGINE_CONTAINERD:
		return identity_containerd(i, why);
	case ENGINE_DOCKER:
		return identity_docker(i, why);
	case ENGINE_NONE:
		break;
	}
	return err_set(why, ERR_HOST, "the policy names an engine of no known kind");
}

/* Docker writes /var/run, which is a link to /run; where it isn't, the path leads nowhere and
 * nothing is resolved. */
static const char *as_usual(const char *path)
{
	return strncmp(path, "/var/run/", 9) ? path : path + 4;
}

static int resolve(struct identity *i, struct err *why)
{
	if (!i->facts->id || !path_is_container_id(i->facts->id) || strlen(i->facts->id) > 128)
		return err_set(why, ERR_SPEC, "the container's id is not one of an engine's");
	if (!i->facts->bundle || i->facts->bundle[0] != '/' || !i->facts->root_path ||
	    i->facts->root_path[0] != '/')
		return err_set(why, ERR_SPEC, "bundle and root are not absolute paths");
	i->bundle = path_clean_absolute(i->arena, i->facts->bundle);
	i->root = path_clean_absolute(i->arena, i->facts->root_path);
	if (!i->bundle || !i->root)
		return err_oom(why);
	i->bundle = as_usual(i->bundle);
	i->root = as_usual(i->root);
	/* A path that isn't as an engine writes it may lead elsewhere through links. */
	if (path_has_dotdot(i->facts->bundle) || path_has_dotdot(i->facts->root_path))
		return err_set(why, ERR_SPEC, "bundle or root go upwards");
	if (identity_place(i, why) < 0)
		return -1;
	if (i->request->subject == SUBJECT_BUILD)
		return err_set(why, ERR_NOT_FOUND, "it is a step of a build");
	if (!i->place) {
		if (identity_pinned(i, why) < 0)
			return -1;
		return i->request->digest
			       ? 0
			       : err_set(why, ERR_NOT_FOUND,
					 "a plain bundle says of no image that it is made of it");
	}
	if (resolve_engine(i, why) < 0)
		return -1;
	return identity_pause(i, why);
}

int identity_resolve(const struct gate_policy *policy, const struct identity_facts *facts,
		     struct arena *arena, struct gate_request *ret, struct err *err)
{
	struct gate_request request = *ret;
	struct identity i = {.policy = policy, .facts = facts, .arena = arena, .request = &request};
	struct err why = ERR_INIT;

	request.subject = SUBJECT_IMAGE; /* until it is known to be something else: nothing is let in for want of an answer */
	request.source = IDENTITY_NONE;
	request.digest = request.manifest = request.reference = request.repository =
		request.platform = NULL;
	request.engine = request.namespace_name = request.unresolved_why = NULL;
	request.contradicting = (struct str_list){0};
	if ((resolve(&i, &why) < 0 || identity_claims(&i, &why) < 0) &&
	    unresolved(&i, &why, err) < 0)
		return -1;
	*ret = request;
	return 0;
}
