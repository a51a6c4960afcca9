/* An existing container: found, looked at, destroyed. */
#include "config.h"

#include "cmd/container.h"

#include "act/gate.h"
#include "act/process.h"
#include "act/rdt.h"
#include "base/auto.h"
#include "base/json_out.h"
#include "cmd/decide.h"
#include "cmd/notify.h"
#include "cmd/trail.h"
#include "host/host.h"
#include "sys/file.h"
#include "sys/sys.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "base/banned.h"

#define KILL_WAIT_MS 10000
#define PLAN_MAX_BYTES (16u << 20)

void container_release(struct container *c)
{
	auto_close_fd(&c->init_pidfd);
	state_dir_release(&c->dir);
}

int container_open_root(const struct cmd_context *ctx, struct err *err)
{
	return state_root_open(ctx->globals->root, decide_env(ctx, "XDG_RUNTIME_DIR"), false, err);
}

int container_reserve(const struct cmd_context *ctx, const char *id, struct state_dir *ret,
		      struct err *err)
{
	int root_dirfd =
		state_root_open(ctx->globals->root, decide_env(ctx, "XDG_RUNTIME_DIR"), true, err);

	return root_dirfd < 0 ? -1 : state_dir_reserve(root_dirfd, id, ret, err);
}

int container_list(const struct cmd_context *ctx, struct str_list *ret, struct err *err)
{
	autofd int root_dirfd = container_open_root(ctx, err);

	if (root_dirfd < 0 && err->kind == ERR_NOT_FOUND) {
		err_clear(err); /* nobody has made a container here yet */
		return 0;
	}
	return root_dirfd < 0 ? -1 : state_root_list(root_dirfd, ctx->arena, ret, err);
}

int container_open_cgroup(const struct container *c, struct cgroup *ret, struct err *err)
{
	enum cgroup_owner owner;

	if (!c->record.cgroup_path)
		return err_set(
			err, ERR_NOT_FOUND,
			"the container has no cgroup of its own (--cgroup-manager=disabled)");
	if (cgroup_open(c->record.cgroup_root, c->record.cgroup_path, ret, err) < 0 ||
	    cgroup_whose(ret, c->dir.id, c->dir.dirfd, &owner, err) < 0)
		return -1;
	if (owner == CGROUP_ANOTHERS || owner == CGROUP_NOBODYS)
		return err_set(err, ERR_NOT_FOUND, "cgroup '%s' isn't the container's any more",
			       c->record.cgroup_path);
	return 0;
}

static int is_paused(const struct container *c, bool *ret, struct err *err)
{
	*ret = false;
	if (!c->record.cgroup_path)
		return 0;
	return cgroup_path_is_frozen(c->record.cgroup_root, c->record.cgroup_path, ret, err);
}

/* What the kernel shows now: pidfd with the recorded start time, gate, freezer. */
static int look(struct container *c, struct err *err)
{
	struct lifecycle_facts facts = {.has_record = c->has_record &&
						      c->record.status != RECORD_CREATING};

	if (!facts.has_record)
		facts.busy = state_dir_is_busy(&c->dir);
	if (c->has_record && record_open_init(&c->record, &c->init_pidfd, err) < 0)
		return -1;
	facts.init_alive = c->init_pidfd >= 0;
	if (facts.init_alive && is_paused(c, &facts.frozen, err) < 0)
		return -1;
	facts.gate = c->record.status == RECORD_CREATED && gate_is_present(c->dir.dirfd);
	c->status = lifecycle_resolve(&facts);
	return 0;
}

/* No root, no container: told in the words that engines know. */
static int open_root_of(const struct cmd_context *ctx, const char *id, struct err *err)
{
	int root_dirfd = container_open_root(ctx, err);

	if (root_dirfd < 0 && err->kind == ERR_NOT_FOUND) {
		err_clear(err);
		return err_set(err, ERR_NOT_FOUND, "container does not exist: '%s'", id);
	}
	return root_dirfd;
}

int container_open(const struct cmd_context *ctx, const char *id, bool lock, struct container *c,
		   struct err *err)
{
	int root_dirfd = open_root_of(ctx, id, err);

	if (root_dirfd < 0 || state_dir_open(root_dirfd, id, lock, &c->dir, err) < 0)
		return -1;
	if (record_read(c->dir.dirfd, ctx->arena, &c->record, err) == 0) {
		if (strcmp(c->record.id, id) != 0)
			return err_set(err, ERR_STATE, "container '%s': its record is that of '%s'",
				       id, c->record.id);
		c->has_record = true;
	} else {
		if (err->kind != ERR_NOT_FOUND)
			return err_context(err, "container '%s'", id);
		err_clear(err);
	}
	return look(c, err);
}

static int read_plan(const struct container *c, const char *name, struct plan *plan,
		     struct err *err)
{
	struct arena arena __attribute__((cleanup(arena_release))) = ARENA_INIT;
	char *text;
	size_t len;

	if (file_read(c->dir.dirfd, name, PLAN_MAX_BYTES, &arena, &text, &len, err) < 0)
		return -1;
	if (plan_store_parse(text, len, plan, err) < 0)
		return err_context(err, "%s", name);
	return 0;
}

int container_read_plan(const struct container *c, struct plan *plan, struct err *err)
{
	return read_plan(c, RECORD_PLAN_NAME, plan, err);
}

int container_read_would(const struct container *c, struct plan *plan, struct err *err)
{
	return read_plan(c, RECORD_WOULD_NAME, plan, err);
}

int container_check(const struct container *c, enum lifecycle_operation operation, struct err *err)
{
	return lifecycle_check(c->status, operation, err);
}

void container_write_state(const struct container *c, const char *owner, struct json_out *o)
{
	const struct record *r = &c->record;

	json_out_string(o, "ociVersion", r->oci_version);
	json_out_string(o, "id", r->id);
	json_out_i64(o, "pid", c->init_pidfd >= 0 ? r->pid : 0);
	json_out_string(o, "status", lifecycle_status_name(c->status));
	json_out_string(o, "bundle", r->bundle);
	json_out_string(o, "rootfs", r->rootfs);
	json_out_string(o, "created", r->created);
	if (r->annotations.n) {
		json_out_object(o, "annotations");
		for (size_t i = 0; i < r->annotations.n; i++)
			json_out_string(o, r->annotations.items[i].key,
					r->annotations.items[i].value);
		json_out_end_object(o);
	}
	json_out_string(o, "owner", owner);
}

/* The policy's part that the record has kept. */
static struct policy_conf recorded_policy(const struct container *c)
{
	const struct record *r = &c->record;
	struct policy_conf conf = {.name = r->policy,
				   .trail = r->trail,
				   .trail_required = r->trail_required,
				   .trail_syslog = r->trail_syslog};

	if (r->policy_hash)
		(void)snprintf(conf.hash, sizeof(conf.hash), "%s", r->policy_hash);
	return conf;
}

int container_tell(const struct cmd_context *ctx, const struct container *c, enum trail_event event,
		   const struct plan *plan, struct err *err)
{
	struct policy_conf conf = recorded_policy(c);
	/* Ending a container is never refused: a full disk must not keep one alive. */
	bool ends = event == TRAIL_KILL || event == TRAIL_DELETE;
	struct cmd_trail line = {.event = event,
				 .id = c->dir.id,
				 .image = c->record.image,
				 .plan = plan,
				 /* exec's plan is one of its own */
				 .plan_hash = plan ? NULL : c->record.plan_hash};

	conf.trail_required &= !ends;
	return cmd_trail(ctx, &conf, &line, err);
}

int container_tell_would(const struct cmd_context *ctx, const struct container *c,
			 const struct plan *plan, const struct err *refusal, struct err *err)
{
	struct policy_conf conf = recorded_policy(c);
	struct cmd_trail line = {.event = refusal ? TRAIL_WOULD_REFUSE : TRAIL_WOULD_CHANGE,
				 .id = c->dir.id,
				 .image = c->record.image,
				 .plan = refusal ? NULL : plan,
				 .refusal = refusal};

	return cmd_trail(ctx, &conf, &line, err);
}

int container_tell_refused(const struct cmd_context *ctx, const struct container *c,
			   struct err *err)
{
	struct policy_conf conf = recorded_policy(c);

	return cmd_trail_refused(ctx, &conf, c->dir.id, c->record.image, err);
}

/* SIGKILL and, bounded, the end of init; the cgroup's other processes are
 * cgroup_remove's business. */
static int kill_init(struct container *c, struct err *err)
{
	struct pollfd wait = {.fd = c->init_pidfd, .events = POLLIN};
	int n;

	if (c->init_pidfd < 0)
		return 0;
	if (sys_pidfd_send_signal(c->init_pidfd, SIGKILL, 0) < 0 && errno != ESRCH)
		return err_sys(err, "kill process %d", (int)c->record.pid);
	do
		n = sys_poll(&wait, 1, KILL_WAIT_MS);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return err_sys(err, "wait for process %d to end", (int)c->record.pid);
	if (n == 0)
		return err_set(err, ERR_SYSTEM, "process %d did not end within %d seconds",
			       (int)c->record.pid, KILL_WAIT_MS / 1000);
	return 0;
}

enum found {
	FOUND_FAILED = -1,
	FOUND_NONE,	   /* or none any more */
	FOUND_OPEN,
	FOUND_AND_REMOVED, /* nothing had run in it */
};

static enum found find_cgroup(const struct container *c, struct cgroup *ret, struct err *err)
{
	enum cgroup_owner owner;

	if (!c->has_record || !c->record.cgroup_path)
		return FOUND_NONE;
	if (cgroup_open(c->record.cgroup_root, c->record.cgroup_path, ret, err) < 0) {
		if (err->kind != ERR_NOT_FOUND)
			return FOUND_FAILED;
		err_clear(err);
		return FOUND_NONE;
	}
	ret->committed = true;
	if (cgroup_whose(ret, c->dir.id, c->dir.dirfd, &owner, err) < 0)
		return FOUND_FAILED;
	/* What a killed create had not come to marking is empty; and if it isn't, not ours. */
	if (owner == CGROUP_NOBODYS && c->record.cgroup_made)
		return cgroup_remove_ended(ret) ? FOUND_AND_REMOVED : FOUND_NONE;
	return owner == CGROUP_OURS || owner == CGROUP_UNKNOWN ? FOUND_OPEN : FOUND_NONE;
}

/* Every process ends and the cgroup goes. */
static int destroy_cgroup(struct container *c, struct err *err)
{
	struct cgroup cgroup __attribute__((cleanup(cgroup_release))) = CGROUP_INIT;
	enum found found = find_cgroup(c, &cgroup, err);
	bool gone;

	if (found == FOUND_FAILED)
		return -1;
	/* After `run`, and for most of what is deleted: nobody is left, and the kernel says
	 * so by letting it go. */
	gone = found == FOUND_AND_REMOVED ||
	       (found == FOUND_OPEN && c->init_pidfd < 0 && c->record.cgroup_made &&
		cgroup_remove_ended(&cgroup));
	/* The cgroup first: what is frozen, or not init's child, dies there too. */
	if (found != FOUND_NONE && !gone && cgroup_kill(&cgroup, SIGKILL, err) < 0)
		return -1;
	if (kill_init(c, err) < 0)
		return -1;
	return found != FOUND_NONE ? cgroup_remove(&cgroup, c->record.cgroup_made, err) : 0;
}

void container_run_poststop(const struct plan *plan)
{
	struct hook_state state = {.status = "stopped"};
	struct err failed = ERR_INIT;

	if (hooks_run_in_bundle(plan, HOOK_POSTSTOP, &state, &failed) < 0)
		log_warning(&failed);
}

int container_destroy_planned(struct container *c, const struct plan *plan, struct err *err)
{
	if (destroy_cgroup(c, err) < 0)
		return -1;
	if (c->has_record && c->record.intel_rdt_clos_id &&
	    rdt_remove(c->record.intel_rdt_clos_id, err) < 0)
		return -1;
	if (((!plan || plan->notify_socket) && notify_remove(c->dir.dirfd, err) < 0) ||
	    state_dir_remove(&c->dir, err) < 0)
		return -1;
	if (plan)
		container_run_poststop(plan);
	return 0;
}

int container_destroy(const struct cmd_context *ctx, struct container *c, bool force,
		      struct err *err)
{
	autoplan plan = PLAN_INIT;
	bool has_plan = false;

	(void)ctx;
	if (c->has_record) {
		has_plan = container_read_plan(c, &plan, err) == 0;
		if (!has_plan && !force)
			return -1;
		if (!has_plan)
			err_clear(err); /* unreadable: nothing of it can be kept, --force removes the rest */
	}
	return container_destroy_planned(c, has_plan ? &plan : NULL, err);
}

/* What is told to whoever has to finish by hand. */
static int not_known(const struct container *c, const struct err *why, struct err *err)
{
	char link[40], root[PATH_MAX];
	ssize_t n;

	(void)snprintf(link, sizeof(link), "/proc/self/fd/%d", c->dir.root_dirfd);
	n = sys_readlinkat(AT_FDCWD, link, root, sizeof(root) - 1);
	if (n < 0)
		return err_sys(err, "ask where the state root is");
	root[n] = 0;
	return err_set(err, ERR_STATE,
		       "container '%s': its record can't be read, and where it lives isn't known "
		       "otherwise (%s): "
		       "end its processes, remove their cgroup, then '%s/%s'",
		       c->dir.id, why->msg, root, c->dir.id);
}

/* The cgroup as the recorded plan has it.  It is as good as the record's: written
 * beside it into a directory that only we write to, parsed as strictly, and the path
 * follows from it by the function that create used.  A path beneath the cgroup of
 * whoever called create would be another one today. */
static int fill_from_plan(struct container *c, const struct plan *plan, const struct host *host,
			  char path[1024], struct err *err)
{
	if (strcmp(plan->id, c->dir.id) != 0)
		return err_set(err, ERR_STATE, RECORD_PLAN_NAME ": is that of '%s'", plan->id);
	if (plan->cgroup.manager == CGROUP_DISABLED)
		return err_set(err, ERR_STATE, "it has no cgroup of its own");
	if (plan->cgroup.path_from_caller)
		return err_set(err, ERR_STATE, "its cgroup was beneath that of create's caller");
	if (host->cgroup == HOST_CGROUP_NONE)
		return err_set(err, ERR_HOST, "no cgroup v2 is mounted");
	if (cgroup_resolve_path(&plan->cgroup, path, err) < 0)
		return -1;
	c->record = (struct record){
		.cgroup_root = host->cgroup_root,
		.cgroup_path = path,
		.cgroup_made = 1, /* the parents may be others' */
		.intel_rdt_clos_id = plan->intel_rdt.set && plan->intel_rdt.own_group
					     ? plan->intel_rdt.clos_id
					     : NULL,
	};
	c->has_record = true;
	return 0;
}

int container_destroy_broken(struct container *c, struct err *err)
{
	autoplan plan = PLAN_INIT;
	struct err why = ERR_INIT;
	struct host host;
	char path[1024];

	/* Not without the cgroup: a directory removed would leave processes behind that no
	 * command finds any more. */
	if (host_probe(&host, &why) < 0 || container_read_plan(c, &plan, &why) < 0 ||
	    fill_from_plan(c, &plan, &host, path, &why) < 0)
		return not_known(c, &why, err);
	return container_destroy_planned(c, &plan, err);
}

/* The directory of `path` and its last component. */
static int open_parent(const char *path, const char **ret_name, struct err *err)
{
	const char *slash = strrchr(path, '/');
	struct arena arena __attribute__((cleanup(arena_release))) = ARENA_INIT;
	const char *dir = slash ? arena_printf(&arena, "%.*s/", (int)(slash - path), path) : ".";
	int fd;

	if (!dir)
		return err_oom(err);
	*ret_name = slash ? slash + 1 : path;
	if (!**ret_name)
		return err_set(err, ERR_USAGE, "--pid-file: '%s' names a directory", path);
	fd = sys_open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC, 0);
	return fd < 0 ? err_sys(err, "--pid-file: open '%s'", dir) : fd;
}

/* A file without a name until it is complete: a runtime that is killed leaves no
 * temporary in a directory that is an engine's.  1: done; 0: not possible here
 * (a file is there already, or the file system has no O_TMPFILE). */
static int publish(int dirfd, const char *name, const char *text, size_t len)
{
	autofd int fd = sys_openat(dirfd, ".", O_WRONLY | O_TMPFILE | O_CLOEXEC, 0644);
	char link[40];

	if (fd < 0 || file_write_all(fd, text, len) < 0)
		return 0;
	(void)snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	return sys_linkat(AT_FDCWD, link, dirfd, name, AT_SYMLINK_FOLLOW) == 0;
}

int container_write_pid_file(const char *path, pid_t pid, struct err *err)
{
	const char *name;
	autofd int dirfd = open_parent(path, &name, err);
	char text[16];
	int n = snprintf(text, sizeof(text), "%d", (int)pid);

	if (dirfd < 0)
		return -1;
	if (publish(dirfd, name, text, (size_t)n))
		return 0;
	if (file_replace(dirfd, name, text, (size_t)n, 0644, err) < 0)
		return err_context(err, "--pid-file");
	return 0;
}

void container_remove_pid_file(const char *path)
{
	struct err ignored = ERR_INIT; /* the failure that brought us here is told */
	const char *name;
	autofd int dirfd = open_parent(path, &name, &ignored);

	if (dirfd >= 0)
		(void)sys_unlinkat(dirfd, name, 0);
}
