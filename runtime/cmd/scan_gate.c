/* The question, who is asked, and what an answer makes of the container. */
#include "config.h"

#include "cmd/scan_gate.h"

#include "act/process.h"
#include "audit/trail.h"
#include "base/auto.h"
#include "base/json_out.h"
#include "base/path.h"
#include "cmd/decide.h"
#include "cmd/scan_program.h"
#include "state/dir.h"
#include "sys/owned.h"
#include "sys/sys.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>

#include "base/banned.h"

#define RULE "H-85"

/* --- who is asked --- */

bool scan_gate_is_set_up(const struct policy_conf *conf)
{
	autofd int fd = -1;

	if (conf->gate_program)
		return true;
	fd = sys_open(SCAN_GATE_POLICY, O_PATH | O_NOFOLLOW | O_CLOEXEC, 0);
	/* What can't be looked at is there: the gate says what is wrong with it. */
	return fd >= 0 || (errno != ENOENT && errno != ENOTDIR);
}

bool scan_gate_is_asked(const struct policy_conf *conf)
{
	return conf->gate != GATE_OFF && scan_gate_is_set_up(conf);
}

const char *scan_gate_program(const struct policy_conf *conf)
{
	return conf->gate_program ? conf->gate_program : SCAN_GATE_PROGRAM;
}

static int open_program(const char *program, struct err *err)
{
	static const struct owned_rules rules = {.what = "scan gate", .kind = ERR_POLICY};

	return owned_open(&rules, program, program, O_PATH, err);
}

int scan_gate_open(const struct policy_conf *conf, const char **ret, struct err *err)
{
	*ret = scan_gate_program(conf);
	return open_program(*ret, err);
}

/* --- the question --- */

static int add_mounts(const struct cmd_context *ctx, const struct spec *spec, const char *bundle,
		      struct json_out *o, struct err *err)
{
	json_out_array(o, "mounts");
	for (size_t i = 0; i < spec->mounts.n; i++) {
		const struct spec_mount *m = &spec->mounts.items[i];
		const char *source, *destination;

		destination = path_clean_absolute(ctx->arena, m->destination);
		if (!destination)
			return err_oom(err);
		json_out_object(o, NULL);
		json_out_string(o, "destination", destination);
		if (decide_is_bind(m)) {
			source = path_join(ctx->arena, bundle, m->source);
			source = source ? path_clean_absolute(ctx->arena, source) : NULL;
			if (!source)
				return err_oom(err);
			json_out_string(o, "source", source);
		} /* else an overlay, say: it covers what is there, with what isn't known */
		json_out_end_object(o);
	}
	json_out_end_array(o);
	return 0;
}

static int add_caller(struct json_out *o, struct err *err)
{
	struct trail_caller caller;
	gid_t real, effective, saved;

	trail_caller_read(&caller);
	if (sys_getresgid(&real, &effective, &saved) < 0)
		return err_sys(err, "get group id");
	json_out_object(o, "caller");
	json_out_u64(o, "uid", caller.uid);
	json_out_u64(o, "gid", real);
	if (caller.has_loginuid)
		json_out_u64(o, "loginuid", caller.loginuid);
	json_out_end_object(o);
	return 0;
}

/* hooks/gate/facts.h has the form. */
static int add_question(const struct cmd_context *ctx, const struct spec *spec,
			const struct policy_conf *conf, const struct policy_request *request,
			struct json_out *o, struct err *err)
{
	const char *root = path_join(ctx->arena, request->bundle,
				     spec->root.path ? spec->root.path : ""),
		   *runtime_root;

	root = root ? path_clean_absolute(ctx->arena, root) : NULL;
	if (!root)
		return err_oom(err);
	if (state_root_read_path(ctx->globals->root, decide_env(ctx, "XDG_RUNTIME_DIR"), ctx->arena,
				 &runtime_root, err) < 0)
		return -1;
	json_out_object(o, NULL);
	json_out_string(o, "ociVersion", spec->oci_version);
	json_out_string(o, "id", request->id);
	json_out_string(o, "status", "creating");
	json_out_string(o, "bundle", request->bundle);
	json_out_string(o, "root", root);
	json_out_string(o, "runtimeRoot", runtime_root);
	json_out_array(o, "args");
	for (size_t i = 0; spec->process && i < spec->process->args.n; i++)
		json_out_string(o, NULL, spec->process->args.items[i]);
	json_out_end_array(o);
	if (add_mounts(ctx, spec, request->bundle, o, err) < 0)
		return -1;
	json_out_object(o, "annotations");
	for (size_t i = 0; i < spec->annotations.n; i++)
		json_out_string(o, spec->annotations.items[i].key,
				spec->annotations.items[i].value);
	json_out_end_object(o);
	if (add_caller(o, err) < 0)
		return -1;
	if (conf->scan_age_days_max)
		json_out_u64(o, "maxScanAgeDays", conf->scan_age_days_max);
	json_out_end_object(o);
	return json_out_finish(o, err);
}

static int make_question(const struct cmd_context *ctx, const struct spec *spec,
			 const struct policy_conf *conf, const struct policy_request *request,
			 const char **ret, struct err *err)
{
	struct json_out o __attribute__((cleanup(json_out_release))) = JSON_OUT_INIT;

	if (add_question(ctx, spec, conf, request, &o, err) < 0)
		return -1;
	*ret = arena_strdup(ctx->arena, str_text(&o.text));
	return *ret ? 0 : err_oom(err);
}

/* --- the answer --- */

/* 1: an answer; 0: none, and why is in err, which is a refusal; -1: our own failure. */
static int converse(const struct cmd_context *ctx, const char *program, int fd,
		    const char *question, struct scan_answer *ret, struct err *err)
{
	struct scan_program run = {.path = program,
				   .fd = fd,
				   .limit_s = SCAN_GATE_LIMIT_S,
				   .question = question,
				   .question_len = strlen(question),
				   .room = SCAN_ANSWER_MAX + 1};
	int ended;

	run.output = arena_array(ctx->arena, run.room, 1);
	if (!run.output)
		return err_oom(err);
	ended = scan_program_run(&run, err);
	if (ended < 0)
		return -1;
	if (ended == 1 &&
	    scan_answer_parse(run.output, run.len, run.status, ctx->arena, ret, err) == 0)
		return 1;
	if (err->sys_errno == ENOMEM)
		return -1;
	return 0;
}

/* Why there is no answer, in no words of an errno. */
static int refused_because(const struct cmd_context *ctx, const char *program,
			   const struct err *why, const char **ret, struct err *err)
{
	if (why->sys_errno == ENOENT)
		*ret = arena_printf(ctx->arena,
				    "scan gate '%.200s' is absent; install kanuki-gate, or name "
				    "another (gate.program)",
				    program);
	else if (why->kind == ERR_POLICY) /* of owned_open(), which names it */
		*ret = arena_strdup(ctx->arena, why->msg);
	else
		*ret = arena_printf(ctx->arena,
				    "scan gate '%.100s': no answer to be relied on: %.250s; run: "
				    "kanuki-gate selftest",
				    program, why->msg);
	return *ret ? 0 : err_oom(err);
}

/* *ret_why is NULL when it was admitted. */
static int ask(const struct cmd_context *ctx, const char *program, const char *question,
	       struct scan_answer *ret, const char **ret_why, struct err *err)
{
	struct err why = ERR_INIT;
	autofd int fd = open_program(program, &why);
	int answered = fd < 0 ? 0 : converse(ctx, program, fd, question, ret, &why);

	*ret_why = NULL;
	if (fd < 0 && why.kind == ERR_SYSTEM && why.sys_errno != ENOENT)
		answered = -1;
	if (answered < 0) {
		*err = why;
		return -1;
	}
	if (!answered)
		return refused_because(ctx, program, &why, ret_why, err);
	if (!ret->admitted)
		*ret_why = ret->line;
	return 0;
}

int scan_gate_ask(const struct cmd_context *ctx, const struct spec *spec,
		  const struct policy_conf *conf, struct policy_request *request,
		  struct scan_gate *ret, struct err *err)
{
	const char *program = scan_gate_program(conf), *question, *why;
	struct scan_answer answer = {.admitted = false};

	if (!scan_gate_is_asked(conf))
		return 0; /* policy_gate's zero: nobody was asked */
	if (make_question(ctx, spec, conf, request, &question, err) < 0 ||
	    ask(ctx, program, question, &answer, &why, err) < 0)
		return -1;
	request->gate = (struct policy_gate){.answer = why ? GATE_REFUSED : GATE_ADMITTED,
					     .why = why,
					     .verdict = answer.verdict,
					     .image_class = answer.image_class,
					     .image = answer.image};
	if (why)
		return 0;
	program = arena_strdup(ctx->arena, program); /* the policy's may be loaded anew */
	if (!program)
		return err_oom(err);
	request->image =
		answer.claimed ? NULL : answer.image; /* exceptions are for what is proven */
	*ret = (struct scan_gate){.program = program, .question = question, .answer = answer};
	return 0;
}

static bool is_same(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

/* The same, and in whose mounts the root is "/" by now: the one that create was given may have been
 * in a mount namespace of the engine's that is gone (podman's, with --userns). */
static int add_pid(const struct cmd_context *ctx, const char **question, int64_t pid,
		   struct err *err)
{
	size_t len = strlen(*question);

	if (!len || (*question)[len - 1] != '}')
		return err_set(err, ERR_SYSTEM, "what the scan gate was asked is no object");
	*question = arena_printf(ctx->arena, "%.*s,\"pid\":%" PRId64 "}", (int)(len - 1), *question,
				 pid);
	return *question ? 0 : err_oom(err);
}

int scan_gate_ask_again(const struct cmd_context *ctx, const struct record *r, const char *question,
			struct err *err)
{
	const char *image = r->image, *image_class = r->image_class, *why;
	struct scan_answer answer = {.admitted = false};

	if (fds_fill_standard(err) < 0 || add_pid(ctx, &question, r->pid, err) < 0 ||
	    ask(ctx, r->gate_program, question, &answer, &why, err) < 0)
		return -1;
	if (why)
		return err_policy(err, RULE, "%s", why);
	if (!is_same(answer.image, image) || strcmp(answer.image_class, image_class) != 0)
		return err_policy(err, RULE,
				  "the container was created of %s (%s), and what it is made of "
				  "now is %s (%s); delete it and create it anew",
				  image ? image : "no known image", image_class,
				  answer.image ? answer.image : "no known image",
				  answer.image_class);
	return 0;
}
