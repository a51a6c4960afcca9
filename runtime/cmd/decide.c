/* Reads what the decision needs, once and first; decides nothing itself. */
#include "config.h"

#include "cmd/decide.h"

#include "act/host_sockets.h"
#include "act/own_binary.h"
#include "base/auto.h"
#include "base/num.h"
#include "base/path.h"
#include "cmd/encrypted.h"
#include "cmd/policy_file.h"
#include "cmd/roots_own.h"
#include "cmd/trail.h"
#include "sys/file.h"
#include "sys/sys.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <time.h>

#include "base/banned.h"

const char *decide_env(const struct cmd_context *ctx, const char *name)
{
	size_t len = strlen(name);

	for (char **e = ctx->envp; *e; e++)
		if (strncmp(*e, name, len) == 0 && (*e)[len] == '=' && (*e)[len + 1])
			return *e + len + 1;
	return NULL;
}

int decide_bundle_path(const struct cmd_context *ctx, const char *bundle, const char **ret,
		       struct err *err)
{
	autofree char *real = realpath(bundle ? bundle : ".", NULL);

	if (!real)
		return err_sys(err, "--bundle: find '%s'", bundle ? bundle : ".");
	*ret = arena_strdup(ctx->arena, real);
	return *ret ? 0 : err_oom(err);
}

int decide_read_spec(const struct cmd_context *ctx, const char *bundle, struct spec *spec,
		     struct err *err)
{
	autofd int dirfd = sys_open(bundle, O_PATH | O_DIRECTORY | O_CLOEXEC, 0);
	char *text;
	size_t len;

	if (dirfd < 0)
		return err_sys(err, "--bundle: open '%s'", bundle);
	if (file_read(dirfd, "config.json", CONFIG_MAX_BYTES, ctx->arena, &text, &len, err) < 0)
		return err_context(err, "bundle '%s'", bundle);
	if (spec_parse(text, len, spec, err) < 0)
		return err_context(err, "config.json");
	return 0;
}

int decide_cgroup_manager(const struct cmd_context *ctx, const char **ret, struct err *err)
{
	const char *name = ctx->globals->cgroup_manager;

	if (ctx->globals->systemd_cgroup) {
		if (name && strcmp(name, "systemd") != 0)
			return err_set(
				err, ERR_USAGE,
				"--systemd-cgroup and --cgroup-manager=%s contradict each other",
				name);
		name = "systemd";
	}
	*ret = name ? name : "cgroupfs";
	return 0;
}

bool decide_is_bind(const struct spec_mount *m)
{
	return m->source &&
	       ((m->type && strcmp(m->type, "bind") == 0) || str_list_has(&m->options, "bind") ||
		str_list_has(&m->options, "rbind"));
}

/* What is really there, if anything is (else 1): a mount's source that isn't fails when it is
 * opened, without links. */
static int follow_links(const struct policy_request *request, struct arena *arena,
			const char **path, struct err *err)
{
	const char *joined = path_join(arena, request->bundle, *path);
	autofree char *real = joined ? realpath(joined, NULL) : NULL;

	if (!joined)
		return err_oom(err);
	/* In /etc only root makes links, and of its names policy lends a few. */
	if (!real)
		return 1;
	if (path_is_beneath(joined, PATH_JUDGED_BY_NAME))
		return 0;
	*path = arena_strdup(arena, real);
	return *path ? 0 : err_oom(err);
}

/* H-80 compares names, too: the program that is judged is the one that is run.  Called by
 * its first name, which programs of many names go by. */
static int follow_hook_links(const struct policy_request *request, struct spec *spec,
			     struct spec_hook *hook, struct err *err)
{
	const char *given = hook->path;
	const char **name;
	int r;

	if (path_has_dotdot(given))
		return 0; /* refused, or what it says */
	r = follow_links(request, &spec->arena, &hook->path, err);
	if (r < 0)
		return -1;
	hook->absent = r > 0;
	if (hook->args.n || strcmp(hook->path, given) == 0)
		return 0;
	name = ARENA_PUSH(&spec->arena, &hook->args);
	if (!name)
		return err_oom(err);
	*name = given;
	return 0;
}

/* H-24 and H-25 compare names: whoever may put a link into a volume must not be able
 * to give the host's /etc or /run another one.  Between here and there act/ follows
 * no link any more. */
static int follow_host_links(const struct policy_request *request, struct spec *spec,
			     struct err *err)
{
	/* startContainer's are the container's own programs */
	spec_hooks *const hooks[] = {&spec->hooks.prestart, &spec->hooks.create_runtime,
				     &spec->hooks.create_container, &spec->hooks.poststart,
				     &spec->hooks.poststop};

	if (spec->root.path && follow_links(request, &spec->arena, &spec->root.path, err) < 0)
		return -1;
	for (size_t i = 0; i < spec->mounts.n; i++) {
		struct spec_mount *m = &spec->mounts.items[i];

		if (decide_is_bind(m) && !str_list_has(&m->options, "src-nofollow") &&
		    follow_links(request, &spec->arena, &m->source, err) < 0)
			return -1;
	}
	for (size_t k = 0; k < ARRAY_LEN(hooks); k++)
		for (size_t i = 0; i < hooks[k]->n; i++)
			if (follow_hook_links(request, spec, &hooks[k]->items[i], err) < 0)
				return -1;
	return 0;
}

/* What the host doesn't show (a network file system, a partition of an encrypted array) is
 * not said to be.  A tmpfs is in memory, and engines put one where their volumes are
 * (/dev/shm, secrets). */
static bool is_kept_encrypted(const char *path)
{
	char device[64];
	autofd int object = sys_open(path, O_PATH | O_CLOEXEC, 0);
	struct statfs sfs;
	struct stat st;

	if (object < 0 || sys_fstatfs(object, &sfs) < 0 || sys_fstat(object, &st) < 0)
		return false;
	if (sfs.f_type == TMPFS_MAGIC)
		return true;
	(void)snprintf(device, sizeof(device), "/sys/dev/block/%u:%u", major(st.st_dev),
		       minor(st.st_dev));
	return encrypted_is_device(device);
}

/* Asked only where the policy wants to know (H-27). */
static int find_encrypted(const struct cmd_context *ctx, const struct spec *spec,
			  struct policy_request *request, struct err *err)
{
	for (size_t i = 0; i < spec->mounts.n; i++) {
		const struct spec_mount *m = &spec->mounts.items[i];
		const char *path = decide_is_bind(m)
					   ? path_join(ctx->arena, request->bundle, m->source)
					   : NULL;

		if (!path || !is_kept_encrypted(path))
			continue;
		const char **slot = ARENA_PUSH(ctx->arena, &request->encrypted);
		const char *clean = path_clean_absolute(ctx->arena, path);
		if (!slot || !clean)
			return err_oom(err);
		*slot = clean;
	}
	return 0;
}

/* What the decision is made and told by.  A source that isn't there fails when it is
 * opened; what is opened then is looked at once more (act/host_sockets.h). */
static int find_sockets(const struct cmd_context *ctx, const struct spec *spec,
			struct policy_request *request, struct err *err)
{
	for (size_t i = 0; i < spec->mounts.n; i++) {
		const struct spec_mount *m = &spec->mounts.items[i];
		struct policy_socket *socket;
		const char *path;
		struct stat st;
		int flags;

		if (!decide_is_bind(m))
			continue;
		path = path_join(ctx->arena, request->bundle, m->source);
		if (!path)
			return err_oom(err);
		flags = str_list_has(&m->options, "src-nofollow") ? AT_SYMLINK_NOFOLLOW : 0;
		if (sys_fstatat(AT_FDCWD, path, &st, flags) < 0 || !S_ISSOCK(st.st_mode))
			continue;
		socket = ARENA_PUSH(ctx->arena, &request->sockets);
		if (!socket)
			return err_oom(err);
		*socket = (struct policy_socket){.source = path_clean_absolute(ctx->arena, path)};
		if (!socket->source)
			return err_oom(err);
		if (host_socket_find(&st, &socket->host, err) < 0)
			return err_context(err, "mount '%s'", m->destination);
	}
	return 0;
}

/* Only of what H-25 may let in and a rule may leave executable: a read-only bind that is neither an
 * engine's nor the bundle's. Another's is noexec in any case. */
static int find_roots_own(const struct cmd_context *ctx, const struct spec *spec,
			  struct policy_request *request, struct err *err)
{
	for (size_t i = 0; i < spec->mounts.n; i++) {
		const struct spec_mount *m = &spec->mounts.items[i];
		const char *joined, *path, **slot;

		if (!decide_is_bind(m) ||
		    !(str_list_has(&m->options, "ro") || str_list_has(&m->options, "rro")))
			continue;
		joined = path_join(ctx->arena, request->bundle, m->source);
		path = joined ? path_clean_absolute(ctx->arena, joined) : NULL;
		if (!path)
			return err_oom(err);
		if (path_is_beneath(path, request->bundle) || policy_path_never(path) ||
		    policy_path_is_engines(path) || !roots_own(path))
			continue;
		slot = ARENA_PUSH(ctx->arena, &request->roots_own);
		if (!slot)
			return err_oom(err);
		*slot = path;
	}
	return 0;
}

void decision_release(struct decision *d)
{
	policy_conf_release(&d->conf);
	plan_release(&d->would);
}

/* Exceptions expire, so their policy needs the time. */
static int read_clock(struct policy_request *request, struct err *err)
{
	struct timespec now;

	if (clock_gettime(CLOCK_REALTIME, &now) < 0)
		return err_sys(err, "read the clock");
	request->now = now.tv_sec;
	return 0;
}

/* Mode audit: all that enforce would do is worked out and kept; what is done is what the
 * bundle asks. */
static int watch(const struct spec *spec, const struct host *host,
		 const struct policy_request *request, struct decision *decision, struct plan *plan,
		 struct err *err)
{
	autoconf oci = POLICY_CONF_INIT;

	decision->watched = true;
	if (policy_resolve_all(spec, host, &decision->conf, request, &decision->would,
			       &decision->refusals, err) < 0)
		return -1;
	if (policy_conf_builtin("builtin:oci", &oci, err) < 0 ||
	    policy_resolve(spec, host, &oci, request, plan, err) < 0)
		return -1;
	plan->audit_mode = true;
	plan->policy_name = arena_strdup(&plan->arena, decision->conf.name);
	plan->policy_hash = arena_strdup(&plan->arena, decision->conf.hash);
	return plan->policy_name && plan->policy_hash ? 0 : err_oom(err);
}

/* The image is proven now: its exceptions are the policy's, too. */
static int load_for_image(const struct cmd_context *ctx, bool makes,
			  const struct policy_request *request, struct policy_conf *conf,
			  struct err *err)
{
	char hash[sizeof(conf->hash)];

	if (!request->image || !strncmp(conf->name, "builtin:", 8)) /* which has none */
		return 0;
	memcpy(hash, conf->hash, sizeof(hash));
	policy_conf_release(conf);
	if (policy_file_load_for(ctx->globals->policy, request->image, makes, conf, err) < 0)
		return -1;
	return strcmp(conf->hash, hash) == 0
		       ? 0
		       : err_set(err, ERR_POLICY, "policy '%s': was changed meanwhile; try again",
				 conf->name);
}

/* Before anything is decided: an exception is for the image that the gate has proven. */
static int ask_gate(const struct cmd_context *ctx, bool makes, const struct spec *spec,
		    struct policy_request *request, struct decision *decision, struct err *err)
{
	if (!makes) {
		/* Where create would go on without one, the plan is create's. */
		if (scan_gate_is_asked(&decision->conf))
			request->gate = (struct policy_gate){
				.answer = GATE_LATER,
				.program = scan_gate_program(&decision->conf)};
		else if (decision->conf.gate == GATE_REQUIRED)
			request->gate.answer = GATE_MISSING;
		return 0;
	}
	/* Where nothing is forced a container may be root's, and goes on from a copy (H-19): the
	 * copy is what asks then, for it decides anew. */
	if (decision->conf.mode == MODE_AUDIT && scan_gate_is_asked(&decision->conf) &&
	    own_binary_enter_copy(ctx->argv, ctx->envp, ctx->log->given_fd, err) < 0)
		return -1;
	if (scan_gate_ask(ctx, spec, &decision->conf, request, &decision->gate, err) < 0)
		return -1;
	return decision->gate.program ? load_for_image(ctx, makes, request, &decision->conf, err)
				      : 0;
}

/* All that is read of the bundle and its surroundings; the order is that of what needs what. */
static int gather(const struct cmd_context *ctx, bool makes, struct policy_request *request,
		  struct spec *spec, struct decision *decision, struct err *err)
{
	const struct policy_conf *conf = &decision->conf;

	if (policy_file_load_for(ctx->globals->policy, request->image, makes, &decision->conf,
				 err) < 0 ||
	    decide_read_spec(ctx, request->bundle, spec, err) < 0)
		return -1;
	if (conf->level == LEVEL_OCI)
		return 0;
	if (follow_host_links(request, spec, err) < 0 ||
	    ask_gate(ctx, makes, spec, request, decision, err) < 0 ||
	    find_sockets(ctx, spec, request, err) < 0 ||
	    find_roots_own(ctx, spec, request, err) < 0)
		return -1;
	if (conf->exceptions.n && read_clock(request, err) < 0)
		return -1;
	return conf->encrypted_volumes ? find_encrypted(ctx, spec, request, err) : 0;
}

int decide_plan(const struct cmd_context *ctx, bool makes, struct policy_request *request,
		const struct host *host, struct decision *decision, struct plan *plan,
		struct err *err)
{
	const struct policy_conf *conf = &decision->conf;
	struct spec spec = SPEC_INIT;
	int r = -1;

	if (gather(ctx, makes, request, &spec, decision, err) == 0) {
		if (conf->mode == MODE_AUDIT && conf->level != LEVEL_OCI)
			r = watch(&spec, host, request, decision, plan, err);
		else
			r = policy_resolve(&spec, host, conf, request, plan, err);
	}
	spec_release(&spec);
	return r;
}

const char *decide_image(const struct policy_request *request)
{
	return request->image ? request->image : request->gate.image;
}

/* A line for each refusal, then one with the changes. */
static int tell_would(const struct cmd_context *ctx, const struct decision *decision,
		      const struct policy_request *request, struct err *err)
{
	const struct policy_refusals *refusals = &decision->refusals;
	struct cmd_trail would = {
		.event = TRAIL_WOULD_REFUSE, .id = request->id, .image = decide_image(request)};
	struct err more = ERR_INIT;

	for (size_t i = 0; i < refusals->told.n; i++) {
		would.refusal = &refusals->told.items[i];
		if (cmd_trail(ctx, &decision->conf, &would, err) < 0)
			return -1;
	}
	if (refusals->more) {
		err_set(&more, ERR_POLICY, "and %zu refusals more", refusals->more);
		would.refusal = &more;
		if (cmd_trail(ctx, &decision->conf, &would, err) < 0)
			return -1;
	}
	would = (struct cmd_trail){.event = TRAIL_WOULD_CHANGE,
				   .id = request->id,
				   .image = decide_image(request),
				   .plan = &decision->would,
				   .changes_only = refusals->told.n > 0};
	return decision->would.changes.n ? cmd_trail(ctx, &decision->conf, &would, err) : 0;
}

int decide_tell(const struct cmd_context *ctx, const struct decision *decision,
		const struct policy_request *request, const struct plan *plan,
		char ret_plan_hash[SHA256_HEX_SIZE], struct str *ret_plan_text, struct err *err)
{
	struct cmd_trail line = {.event = TRAIL_CREATE,
				 .id = request->id,
				 .image = decide_image(request),
				 .plan = plan,
				 .ret_plan_hash = ret_plan_hash,
				 .ret_plan_text = ret_plan_text};

	if (!decision->conf.trail)
		return 0;
	if (decision->watched && tell_would(ctx, decision, request, err) < 0)
		return -1;
	return cmd_trail(ctx, &decision->conf, &line, err);
}

void decide_log_changes(const struct cmd_context *ctx, const struct plan *plan)
{
	log_debug(ctx->log, "%s: %s, %zu changes by policy", plan->id, plan->policy_name,
		  plan->changes.n);
	for (size_t i = 0; i < plan->changes.n; i++)
		log_debug(ctx->log, "%s: %s %s: asked %s", plan->id, plan->changes.items[i].rule,
			  plan->changes.items[i].key,
			  plan->changes.items[i].asked ? plan->changes.items[i].asked : "nothing");
}

int decide_listen_fds(const struct cmd_context *ctx, uint32_t *ret, const char **ret_names,
		      struct err *err)
{
	const char *fds = decide_env(ctx, "LISTEN_FDS");
	const char *pid_text = decide_env(ctx, "LISTEN_PID");
	uint64_t pid, n;

	*ret = 0;
	*ret_names = NULL;
	if (!fds || !pid_text || !num_parse_u64(pid_text, INT32_MAX, &pid) ||
	    (pid_t)pid != sys_getpid())
		return 0; /* meant for somebody else (sd_listen_fds(3)) */
	if (!num_parse_u64(fds, 1024, &n))
		return err_set(err, ERR_USAGE, "LISTEN_FDS: '%s' is not a small number", fds);
	*ret = (uint32_t)n;
	*ret_names = decide_env(ctx, "LISTEN_FDNAMES");
	return 0;
}
