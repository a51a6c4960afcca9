/* Owns plan.json, the recorded decision that exec, start, update and delete act
 * on.  One walk over the recorded fields serves both directions, so what is
 * written and what is read can't drift apart.  Reading is strict: every field
 * present, of its type, and no other; then plan_check_recorded().
 *
 * Not recorded: what only create acts on (mounts, masks, sysctls, limits of the
 * cgroup) and the rules of a bundle's filter, whose compiled program act/ keeps
 * beside this file.
 */
#include "config.h"

#include "base/json.h"
#include "base/json_out.h"
#include "base/table.h"
#include "plan/check.h"

#include <string.h>

#include "base/banned.h"

#define STORE_VERSION 1

/* `out` is set while writing, `in` while reading.  Failure is sticky. */
struct walk {
	struct json_out *out;
	const struct json *in; /* the object being read, or the element of an array */
	size_t taken;	       /* its members read so far */
	struct arena *arena;
	struct err *err;
	bool failed;
};

struct scope { const struct json *in; size_t taken; };

/* The member `key` of the present object, or with NULL the present element. */
static const struct json *take(struct walk *w, const char *key)
{
	if (w->failed)
		return NULL;
	if (!key)
		return w->in;
	const struct json *v = json_get(w->in, key);
	if (!v) {
		(void)json_error(w->in, w->err, "'%s' is missing", key);
		w->failed = true;
	}
	w->taken++;
	return v;
}

static struct scope begin_object(struct walk *w, const char *key)
{
	if (w->out) {
		json_out_object(w->out, key);
		return (struct scope){0};
	}
	const struct json *v = take(w, key);
	struct scope saved = {w->in, w->taken};
	if (!v || json_expect(v, JSON_OBJECT, w->err)) {
		w->failed = true;
		return saved;
	}
	w->in = v;
	w->taken = 0;
	return saved;
}

static void end_object(struct walk *w, struct scope saved)
{
	if (w->out) {
		json_out_end_object(w->out);
		return;
	}
	/* duplicate keys are refused by the parser: a count that differs is an unknown one */
	if (!w->failed && w->taken != w->in->n) {
		(void)json_error(w->in, w->err, "has %zu members, expected %zu", w->in->n,
				 w->taken);
		w->failed = true;
	}
	w->in = saved.in;
	w->taken = saved.taken;
}

static void walk_u64(struct walk *w, const char *key, uint64_t max, uint64_t *value)
{
	if (w->out) {
		json_out_u64(w->out, key, *value);
		return;
	}
	const struct json *v = take(w, key);
	if (v && json_as_u64(v, max, value, w->err))
		w->failed = true;
}

static void walk_u32(struct walk *w, const char *key, uint32_t *value)
{
	uint64_t wide = *value;
	walk_u64(w, key, UINT32_MAX, &wide);
	*value = (uint32_t)wide;
}

static void walk_u16(struct walk *w, const char *key, uint16_t *value)
{
	uint64_t wide = *value;
	walk_u64(w, key, UINT16_MAX, &wide);
	*value = (uint16_t)wide;
}

static void walk_i64(struct walk *w, const char *key, int64_t min, int64_t max, int64_t *value)
{
	if (w->out) {
		json_out_i64(w->out, key, *value);
		return;
	}
	const struct json *v = take(w, key);
	if (v && json_as_i64(v, min, max, value, w->err))
		w->failed = true;
}

static void walk_i32(struct walk *w, const char *key, int32_t *value)
{
	int64_t wide = *value;
	walk_i64(w, key, INT32_MIN, INT32_MAX, &wide);
	*value = (int32_t)wide;
}

static void walk_bool(struct walk *w, const char *key, bool *value)
{
	if (w->out) {
		json_out_bool(w->out, key, *value);
		return;
	}
	const struct json *v = take(w, key);
	if (v && json_as_bool(v, value, w->err))
		w->failed = true;
}

/* What isn't UTF-8 can't be said in JSON: a path from the command line can be
 * such, and would come back as another. */
static void write_text(struct walk *w, const char *key, const char *text)
{
	if (text && str_utf8_valid_prefix(text, strlen(text)) != strlen(text) && !w->failed) {
		(void)err_set(w->err, ERR_SPEC, "%s: is not valid UTF-8, so it can't be recorded",
			      key ? key : "a list");
		w->failed = true;
	}
	json_out_string(w->out, key, text);
}

static void walk_text(struct walk *w, const char *key, const char **text)
{
	if (w->out) {
		write_text(w, key, *text);
		return;
	}
	const struct json *v = take(w, key);
	const char *read;
	if (!v)
		return;
	if (json_as_string(v, &read, w->err)) {
		w->failed = true;
		return;
	}
	*text = arena_strdup(w->arena, read);
	if (!*text) {
		(void)err_oom(w->err);
		w->failed = true;
	}
}

static void walk_optional_text(struct walk *w, const char *key, const char **text)
{
	const struct json *v = w->out || w->failed ? NULL : json_get(w->in, key);
	if (v && v->type == JSON_NULL) {
		w->taken++;
		*text = NULL;
		return;
	}
	walk_text(w, key, text);
}

static void walk_texts(struct walk *w, const char *key, struct str_list *list)
{
	if (w->out) {
		json_out_array(w->out, key);
		for (size_t i = 0; i < list->n; i++)
			write_text(w, NULL, list->items[i]);
		json_out_end_array(w->out);
		return;
	}
	const struct json *v = take(w, key);
	if (v && json_as_strings(v, w->arena, list, w->err))
		w->failed = true;
}

static int walk_name(struct walk *w, const char *key, const struct table_entry *names, size_t n,
		     int value)
{
	const char *name = w->out ? table_name_n(names, n, value) : NULL;
	int64_t number = value;
	walk_text(w, key, &name);
	if (!w->out && !w->failed && !table_value_n(names, n, name, &number)) {
		(void)json_error(json_get(w->in, key), w->err, "'%s' is unknown", name);
		w->failed = true;
	}
	return (int)number;
}
#define WALK_NAME(w, key, names, field)                                                            \
	((field) = (__typeof__(field))walk_name((w), (key), (names), ARRAY_LEN(names),             \
						(int)(field)))

/* Calls each(w, &element) for every element, appending elements while reading. */
#define WALK_LIST(w, key, list, each)                                                            \
	do {                                                                                     \
		if ((w)->out) {                                                                  \
			json_out_array((w)->out, (key));                                         \
			for (size_t i_ = 0; i_ < (list)->n; i_++)                                \
				each((w), &(list)->items[i_]);                                   \
			json_out_end_array((w)->out);                                            \
			break;                                                                   \
		}                                                                                \
		const struct json *array_ = take((w), (key));                                    \
		struct scope saved_ = {(w)->in, (w)->taken};                                     \
		if (!array_ || json_expect(array_, JSON_ARRAY, (w)->err)) {                      \
			(w)->failed = true;                                                      \
			break;                                                                   \
		}                                                                                \
		for (const struct json *v_ = array_->first; v_ && !(w)->failed; v_ = v_->next) { \
			__typeof__((list)->items) item_ = ARENA_PUSH((w)->arena, (list));        \
			if (!item_) {                                                            \
				(void)err_oom((w)->err);                                         \
				(w)->failed = true;                                              \
				break;                                                           \
			}                                                                        \
			(w)->in = v_;                                                            \
			each((w), item_);                                                        \
		}                                                                                \
		(w)->in = saved_.in;                                                             \
		(w)->taken = saved_.taken;                                                       \
	} while (0)

/* --- the fields --- */

static void walk_number(struct walk *w, uint32_t *number)
{
	walk_u32(w, NULL, number);
}

static void walk_rlimit(struct walk *w, struct plan_rlimit *limit)
{
	struct scope scope = begin_object(w, NULL);
	walk_i32(w, "resource", &limit->resource);
	walk_u64(w, "soft", UINT64_MAX, &limit->soft);
	walk_u64(w, "hard", UINT64_MAX, &limit->hard);
	end_object(w, scope);
}

static void walk_caps(struct walk *w, struct plan_caps *caps)
{
	struct scope scope = begin_object(w, "capabilities");
	walk_u64(w, "bounding", UINT64_MAX, &caps->bounding);
	walk_u64(w, "effective", UINT64_MAX, &caps->effective);
	walk_u64(w, "permitted", UINT64_MAX, &caps->permitted);
	walk_u64(w, "inheritable", UINT64_MAX, &caps->inheritable);
	walk_u64(w, "ambient", UINT64_MAX, &caps->ambient);
	end_object(w, scope);
}

static void walk_sched(struct walk *w, struct plan_sched *sched)
{
	struct scope scope = begin_object(w, "scheduler");
	walk_bool(w, "set", &sched->set);
	walk_i32(w, "policy", &sched->policy);
	walk_i32(w, "nice", &sched->nice);
	walk_u32(w, "priority", &sched->priority);
	walk_u64(w, "flags", UINT64_MAX, &sched->flags);
	walk_u64(w, "runtime", UINT64_MAX, &sched->runtime_ns);
	walk_u64(w, "deadline", UINT64_MAX, &sched->deadline_ns);
	walk_u64(w, "period", UINT64_MAX, &sched->period_ns);
	end_object(w, scope);
}

static void walk_machine(struct walk *w, struct plan_process *process)
{
	struct scope scope = begin_object(w, "machine");
	walk_bool(w, "oomScoreAdjSet", &process->oom_score_adj_set);
	walk_i32(w, "oomScoreAdj", &process->oom_score_adj);
	walk_sched(w, &process->sched);
	walk_bool(w, "ioPrioritySet", &process->io_priority_set);
	walk_i32(w, "ioPriority", &process->io_priority);
	walk_optional_text(w, "affinityInitial", &process->affinity_initial);
	walk_optional_text(w, "affinityFinal", &process->affinity_final);
	walk_bool(w, "personalitySet", &process->personality_set);
	walk_u32(w, "personality", &process->personality);
	walk_bool(w, "memoryPolicySet", &process->mempolicy.set);
	walk_i32(w, "memoryPolicyMode", &process->mempolicy.mode);
	walk_u32(w, "memoryPolicyFlags", &process->mempolicy.flags);
	walk_optional_text(w, "memoryPolicyNodes", &process->mempolicy.nodes);
	end_object(w, scope);
}

static void walk_process(struct walk *w, struct plan_process *process)
{
	static const struct table_entry homes[] = {{"env", HOME_FROM_ENV},
						   {"passwd", HOME_FROM_PASSWD}};
	struct scope scope = begin_object(w, "process");
	walk_texts(w, "args", &process->args);
	walk_texts(w, "env", &process->env);
	WALK_NAME(w, "home", homes, process->home);
	walk_text(w, "cwd", &process->cwd);
	walk_bool(w, "createCwd", &process->create_cwd);
	walk_u32(w, "uid", &process->uid);
	walk_u32(w, "gid", &process->gid);
	WALK_LIST(w, "groups", &process->groups, walk_number);
	walk_bool(w, "setGroups", &process->set_groups);
	walk_u32(w, "umask", &process->umask);
	walk_caps(w, &process->caps);
	walk_u32(w, "securebits", &process->securebits);
	walk_bool(w, "noNewPrivileges", &process->no_new_privs);
	WALK_LIST(w, "rlimits", &process->rlimits, walk_rlimit);
	walk_machine(w, process);
	walk_optional_text(w, "apparmorProfile", &process->apparmor_profile);
	walk_optional_text(w, "selinuxLabel", &process->selinux_label);
	walk_bool(w, "terminal", &process->terminal);
	walk_u16(w, "consoleRows", &process->console_rows);
	walk_u16(w, "consoleCols", &process->console_cols);
	walk_u32(w, "preserveFds", &process->preserve_fds);
	walk_bool(w, "newKeyring", &process->new_keyring);
	end_object(w, scope);
}

static void walk_idmap(struct walk *w, struct plan_idmap *map)
{
	struct scope scope = begin_object(w, NULL);
	walk_u32(w, "inside", &map->inside);
	walk_u32(w, "outside", &map->outside);
	walk_u32(w, "count", &map->count);
	end_object(w, scope);
}

static void walk_namespaces(struct walk *w, struct plan *plan)
{
	static const struct table_entry modes[] = {
		{"private", NS_PRIVATE}, {"join", NS_JOIN}, {"host", NS_HOST}};
	struct scope all = begin_object(w, "namespaces");
	for (int i = 0; i < NS_COUNT; i++) {
		struct scope one = begin_object(w, plan_ns_name((enum plan_ns_kind)i));
		WALK_NAME(w, "mode", modes, plan->ns[i].mode);
		walk_optional_text(w, "path", &plan->ns[i].path);
		walk_bool(w, "refuseHost", &plan->ns[i].refuse_host);
		end_object(w, one);
	}
	end_object(w, all);

	struct scope user = begin_object(w, "userNamespace");
	WALK_LIST(w, "uidMaps", &plan->uid_maps, walk_idmap);
	WALK_LIST(w, "gidMaps", &plan->gid_maps, walk_idmap);
	walk_bool(w, "denySetgroups", &plan->deny_setgroups);
	walk_bool(w, "last", &plan->userns_last.enabled);
	WALK_LIST(w, "lastUidMaps", &plan->userns_last.uid_maps, walk_idmap);
	WALK_LIST(w, "lastGidMaps", &plan->userns_last.gid_maps, walk_idmap);
	walk_bool(w, "forbidChildren", &plan->userns_last.forbid_children);
	end_object(w, user);
}

static void walk_filter(struct walk *w, struct plan_filter *filter)
{
	static const struct table_entry kinds[] = {
		{"default", FILTER_DEFAULT}, {"strict", FILTER_STRICT}, {"rules", FILTER_RULES}};
	struct scope scope = begin_object(w, NULL);
	WALK_NAME(w, "kind", kinds, filter->kind);
	walk_u32(w, "flags", &filter->flags);
	walk_optional_text(w, "listenerPath", &filter->listener_path);
	walk_optional_text(w, "listenerMetadata", &filter->listener_metadata);
	walk_texts(w, "added", &filter->added);
	end_object(w, scope);
}

static void walk_port(struct walk *w, uint16_t *port)
{
	walk_u16(w, NULL, port);
}

static void walk_landlock(struct walk *w, struct plan_landlock *landlock)
{
	struct scope scope = begin_object(w, "landlock");
	walk_bool(w, "enabled", &landlock->enabled);
	walk_i32(w, "minAbi", &landlock->min_abi);
	walk_u64(w, "handledFs", UINT64_MAX, &landlock->handled_fs);
	walk_texts(w, "writable", &landlock->writable);
	walk_texts(w, "noExec", &landlock->no_exec);
	walk_texts(w, "noDaemons", &landlock->no_daemons);
	walk_texts(w, "daemonPlaces", &landlock->daemon_places);
	walk_texts(w, "execOnly", &landlock->exec_only);
	walk_bool(w, "bindLimited", &landlock->bind_limited);
	WALK_LIST(w, "bind", &landlock->bind, walk_port);
	walk_bool(w, "connectLimited", &landlock->connect_limited);
	WALK_LIST(w, "connect", &landlock->connect, walk_port);
	end_object(w, scope);
}

static void walk_device_rule(struct walk *w, struct plan_device_rule *rule)
{
	static const struct table_entry types[] = {{"a", 'a'}, {"c", 'c'}, {"b", 'b'}};
	struct scope scope = begin_object(w, NULL);
	walk_bool(w, "allow", &rule->allow);
	WALK_NAME(w, "type", types, rule->type);
	walk_i64(w, "major", -1, UINT32_MAX, &rule->major);
	walk_i64(w, "minor", -1, UINT32_MAX, &rule->minor);
	walk_bool(w, "read", &rule->read);
	walk_bool(w, "write", &rule->write);
	walk_bool(w, "mknod", &rule->mknod);
	end_object(w, scope);
}

static void walk_cgroup(struct walk *w, struct plan_cgroup *cgroup)
{
	static const struct table_entry managers[] = {{"cgroupfs", CGROUP_CGROUPFS},
						      {"systemd", CGROUP_SYSTEMD},
						      {"disabled", CGROUP_DISABLED}};
	struct scope scope = begin_object(w, "cgroup");
	WALK_NAME(w, "manager", managers, cgroup->manager);
	walk_optional_text(w, "path", &cgroup->path);
	walk_bool(w, "pathFromCaller", &cgroup->path_from_caller);
	WALK_LIST(w, "devices", &cgroup->devices, walk_device_rule);
	walk_bool(w, "deviceFilter", &cgroup->device_filter);
	walk_bool(w, "checkBeforeUpdate", &cgroup->check_before_update);
	walk_i64(w, "delegateUid", -1, UINT32_MAX, &cgroup->delegate_uid);
	walk_i64(w, "delegateGid", -1, UINT32_MAX, &cgroup->delegate_gid);
	end_object(w, scope);
}

static void walk_hook(struct walk *w, struct plan_hook *hook)
{
	struct scope scope = begin_object(w, NULL);
	walk_text(w, "path", &hook->path);
	walk_texts(w, "args", &hook->args);
	walk_texts(w, "env", &hook->env);
	walk_u32(w, "timeout", &hook->timeout_s);
	end_object(w, scope);
}

static void walk_pair(struct walk *w, struct plan_pair *pair)
{
	struct scope scope = begin_object(w, NULL);
	walk_text(w, "key", &pair->key);
	walk_text(w, "value", &pair->value);
	end_object(w, scope);
}

static void walk_rdt(struct walk *w, struct plan *plan)
{
	struct scope scope = begin_object(w, "intelRdt");
	walk_bool(w, "set", &plan->intel_rdt.set);
	walk_optional_text(w, "closId", &plan->intel_rdt.clos_id);
	walk_bool(w, "ownGroup", &plan->intel_rdt.own_group);
	end_object(w, scope);
}

static void walk_granted(struct walk *w, struct plan_granted *granted)
{
	struct scope scope = begin_object(w, "granted");
	walk_optional_text(w, "image", &granted->image);
	walk_optional_text(w, "owner", &granted->owner);
	walk_optional_text(w, "reason", &granted->reason);
	walk_optional_text(w, "expires", &granted->expires);
	walk_bool(w, "rootUser", &granted->root_user);
	walk_bool(w, "rootGroup", &granted->root_group);
	walk_u64(w, "capabilities", UINT64_MAX, &granted->capabilities);
	walk_texts(w, "execOn", &granted->exec_on);
	walk_u64(w, "pidsMax", UINT64_MAX, &granted->pids_max);
	walk_u64(w, "memoryMax", UINT64_MAX, &granted->memory_max);
	end_object(w, scope);
}

static void walk_plan(struct walk *w, struct plan *plan)
{
	static const struct table_entry levels[] = {
		{"hardened", LEVEL_HARDENED},
		{"oci", LEVEL_OCI},
		{"personal-data", LEVEL_PERSONAL_DATA},
		{"card-payments", LEVEL_CARD_PAYMENTS},
	};
	static const struct table_entry points[] = {{"last", FILTER_BEFORE_EXEC},
						    {"before-drop", FILTER_BEFORE_DROP}};
	static const struct table_entry binaries[] = {
		{"unreachable", OWN_BINARY_UNREACHABLE}, {"sealed-copy", OWN_BINARY_SEALED_COPY}};
	struct scope scope = begin_object(w, NULL);
	uint32_t version = STORE_VERSION;
	walk_u32(w, "version", &version);
	if (!w->failed && version != STORE_VERSION) {
		(void)err_set(w->err, ERR_SPEC, "version: %u, this program reads %d", version,
			      STORE_VERSION);
		w->failed = true;
	}
	WALK_NAME(w, "level", levels, plan->level);
	walk_text(w, "policy", &plan->policy_name);
	walk_optional_text(w, "policyHash", &plan->policy_hash);
	walk_bool(w, "auditMode", &plan->audit_mode);
	walk_bool(w, "rootKept", &plan->root_kept);
	walk_u64(w, "pidsMost", UINT64_MAX, &plan->pids_most);
	walk_u64(w, "memoryMost", UINT64_MAX, &plan->memory_most);
	walk_granted(w, &plan->granted);
	walk_optional_text(w, "ociVersion", &plan->oci_version);
	walk_text(w, "id", &plan->id);
	walk_text(w, "bundle", &plan->bundle);
	walk_process(w, &plan->process);
	walk_namespaces(w, plan);
	WALK_LIST(w, "filters", &plan->filters, walk_filter);
	WALK_NAME(w, "filterPoint", points, plan->filter_point);
	walk_landlock(w, &plan->landlock);
	walk_cgroup(w, &plan->cgroup);
	WALK_LIST(w, "startContainer", &plan->hooks[HOOK_START_CONTAINER], walk_hook);
	WALK_LIST(w, "poststart", &plan->hooks[HOOK_POSTSTART], walk_hook);
	WALK_LIST(w, "poststop", &plan->hooks[HOOK_POSTSTOP], walk_hook);
	WALK_LIST(w, "annotations", &plan->annotations, walk_pair);
	walk_rdt(w, plan);
	WALK_NAME(w, "ownBinary", binaries, plan->own_binary);
	walk_bool(w, "notifySocket", &plan->notify_socket);
	walk_bool(w, "verify", &plan->verify);
	end_object(w, scope);
}

int plan_store_write(const struct plan *plan, struct str *out, struct err *err)
{
	struct json_out json = JSON_OUT_INIT;
	struct walk w = {.out = &json, .err = err};
	walk_plan(&w, (struct plan *)plan); /* writing changes nothing; the walk is shared with reading */
	int rc = w.failed ? -1 : json_out_append(&json, out, err);
	json_out_release(&json);
	return rc ? err_context(err, "recording the plan") : 0;
}

int plan_store_parse(const char *text, size_t len, struct plan *plan, struct err *err)
{
	const struct json *root;
	struct walk w = {.arena = &plan->arena, .err = err};
	if (json_parse(&plan->arena, text, len, &root, err))
		return err_context(err, "recorded plan");
	w.in = root;
	walk_plan(&w, plan);
	if (w.failed || plan_check_recorded(plan, err))
		return err_context(err, "recorded plan");
	return 0;
}
