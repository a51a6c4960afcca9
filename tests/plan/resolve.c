/* resolve plan|diff|rules|record BASE CASE [LEVEL]: the plan of a golden case, or why there is none.
 * `rules` prints what each rule found instead, as plan --diff does at its end; `record` what is
 * kept for later commands (plan.json).
 *
 * A case is a folder; what it doesn't have is taken from BASE:
 *   config.json	the bundle's configuration; or config, where it is from BASE
 *   edit		changes to it: "PATH = JSON", "PATH += JSON" (append), "PATH -" (remove)
 *   host		facts that differ from BASE/host.txt ("name value")
 *   request		what the command line says ("name value")
 *   policy		one word: hardened (when absent) or oci
 *   exec		what `exec` asks ("name value"); the plan shown is then that process's
 *   process.json	exec --process
 * Exit status 0: a plan was printed; 3: the refusal was; 1: the case is broken.
 */
#include "config.h"

#include "base/auto.h"
#include "base/json.h"
#include "base/json_out.h"
#include "base/num.h"
#include "base/path.h"
#include "policy/policy.h"
#include "policy/rules.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct arena memory;

__attribute__((noreturn, format(printf, 1, 2))) static void die(const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	(void)fprintf(stderr, "resolve: ");
	(void)vfprintf(stderr, fmt, ap);
	(void)fprintf(stderr, "\n");
	va_end(ap);
	exit(1);
}

/* The whole file in `memory`; NULL when there is none. */
static char *read_text(const char *dir, const char *name)
{
	char *path = arena_printf(&memory, "%s/%s", dir, name);
	FILE *f = path ? fopen(path, "re") : NULL;
	struct str text = STR_INIT;
	char buf[4096];
	if (!f)
		return NULL;
	for (size_t n; (n = fread(buf, 1, sizeof(buf), f)) > 0;)
		str_add_bytes(&text, buf, n);
	(void)fclose(f);
	char *copy = arena_strdup(&memory, str_text(&text));
	str_release(&text);
	if (!copy)
		die("no memory");
	return copy;
}

static char *need_text(const char *dir, const char *name)
{
	char *text = read_text(dir, name);
	if (!text)
		die("%s/%s: missing", dir, name);
	return text;
}

/* Splits off the first line; NULL at the end.  Comments and empty lines are passed over. */
static char *next_line(char **rest)
{
	while (*rest && **rest) {
		char *line = strsep(rest, "\n");
		if (*line && *line != '#')
			return line;
	}
	return NULL;
}

/* --- configuration --- */

struct edit { char *path; char op; const char *value; bool used; };
typedef LIST_OF(struct edit) edits;

static void read_edits(char *text, edits *ret)
{
	for (char *line; (line = next_line(&text));) {
		struct edit *edit = ARENA_PUSH(&memory, ret);
		char *space = strchr(line, ' ');
		if (!edit || !space)
			die("edit: '%s'", line);
		*space++ = '\0';
		edit->path = line;
		edit->op = *space;
		edit->value = !strncmp(space, "= ", 2) ? space + 2 : !strncmp(space, "+= ", 3) ? space + 3 : NULL;
		if (!edit->value && strcmp(space, "-"))
			die("edit: '%s %s'", line, space);
	}
}

static struct edit *find_edit(edits *all, const char *path, char op)
{
	for (size_t i = 0; i < all->n; i++)
		if (!all->items[i].used && all->items[i].op == op && !strcmp(all->items[i].path, path))
			return &all->items[i];
	return NULL;
}

/* New members of the object at `path`: edits that name a child it doesn't have. */
static void add_members(struct json_out *out, edits *all, const char *path)
{
	size_t len = strlen(path);
	for (size_t i = 0; i < all->n; i++) {
		struct edit *edit = &all->items[i];
		if (edit->used || edit->op != '=')
			continue;
		const char *key = edit->path;
		if (len) {
			if (strncmp(key, path, len) || key[len] != '.')
				continue;
			key += len + 1;
		}
		/* a quoted key may hold dots: sysctls, annotations */
		bool quoted = key[0] == '"' && key[strlen(key) - 1] == '"';
		if (!quoted && strpbrk(key, ".["))
			continue;
		char *name = arena_memdup(&memory, key + quoted, strlen(key) - 2 * (size_t)quoted);
		edit->used = true;
		json_out_raw(out, name, edit->value);
	}
}

static void emit(struct json_out *out, const struct json *v, edits *all)
{
	char path[JSON_PATH_MAX];
	json_path(v, path);
	const char *key = v->parent && v->parent->type == JSON_OBJECT ? v->key : NULL;
	struct edit *edit = find_edit(all, path, '-');
	if (edit) {
		edit->used = true;
		return;
	}
	edit = find_edit(all, path, '=');
	if (edit) {
		edit->used = true;
		json_out_raw(out, key, edit->value);
		return;
	}
	switch (v->type) {
	case JSON_OBJECT:
		json_out_object(out, key);
		json_each(child, v)
			emit(out, child, all);
		add_members(out, all, path);
		json_out_end_object(out);
		break;
	case JSON_ARRAY:
		json_out_array(out, key);
		json_each(child, v)
			emit(out, child, all);
		for (; (edit = find_edit(all, path, '+')); edit->used = true)
			json_out_raw(out, NULL, edit->value);
		json_out_end_array(out);
		break;
	case JSON_STRING:
		json_out_string(out, key, v->text);
		break;
	case JSON_NUMBER:
		json_out_raw(out, key, v->text);
		break;
	case JSON_BOOL:
		json_out_bool(out, key, v->boolean);
		break;
	case JSON_NULL:
		json_out_raw(out, key, "null");
		break;
	}
}

static const char *configuration(const char *base, const char *dir)
{
	char *text = read_text(dir, "config.json"), *from = read_text(dir, "config"), *edit = read_text(dir, "edit");
	struct json_out out = JSON_OUT_INIT;
	struct err err = ERR_INIT;
	const struct json *root;
	edits all = {0};
	if (!text)
		text = need_text(base, from ? strsep(&from, "\n") : "config.json");
	if (!edit)
		return text;
	read_edits(edit, &all);
	if (json_parse(&memory, text, strlen(text), &root, &err))
		die("%s", err.msg);
	emit(&out, root, &all);
	for (size_t i = 0; i < all.n; i++)
		if (!all.items[i].used)
			die("%s: '%s' is in no place of the configuration", dir, all.items[i].path);
	const char *edited = arena_strdup(&memory, str_text(&out.text));
	json_out_release(&out);
	return edited;
}

/* --- host --- */

static bool names(const char *text, const char *line)
{
	size_t len = strcspn(line, " ") + 1;
	for (const char *at = text; at && *at; at = strchr(at, '\n') ? strchr(at, '\n') + 1 : NULL)
		if (!strncmp(at, line, len))
			return true;
	return false;
}

static void read_host(const char *base, const char *dir, struct host *ret)
{
	char *changes = read_text(dir, "host"), *rest = need_text(base, "host.txt");
	struct str text = STR_INIT;
	struct err err = ERR_INIT;
	for (char *line; (line = next_line(&rest));)
		if (!changes || !names(changes, line))
			str_addf(&text, "%s\n", line);
	str_add(&text, changes ? changes : "");
	if (host_parse(str_text(&text), ret, &err))
		die("%s: %s", dir, err.msg);
	str_release(&text);
}

/* --- command lines --- */

static bool yes_no(const char *value)
{
	if (strcmp(value, "yes") && strcmp(value, "no"))
		die("'%s' is neither yes nor no", value);
	return *value == 'y';
}

static uint32_t number(const char *value)
{
	uint64_t n;
	if (!num_parse_u64(value, UINT32_MAX, &n))
		die("'%s' is no number", value);
	return (uint32_t)n;
}

static char *split(char *line)
{
	char *space = strchr(line, ' ');
	if (!space)
		die("'%s' has no value", line);
	*space = '\0';
	return space + 1;
}

static void push_text(struct str_list *list, const char *text)
{
	const char **slot = ARENA_PUSH(&memory, list);
	if (!slot)
		die("no memory");
	*slot = text;
}

/* "encrypted DIR": the host shows all of DIR to be on dm-crypt, so every source in it is named. */
static void add_encrypted(struct policy_request *ret, const struct spec *spec, const char *dir)
{
	for (size_t i = 0; i < spec->mounts.n; i++)
		if (spec->mounts.items[i].source && path_is_beneath(spec->mounts.items[i].source, dir))
			push_text(&ret->encrypted, spec->mounts.items[i].source);
}

/* "roots-own DIR": none but root writes in DIR, so every source in it is named. */
static void add_roots_own(struct policy_request *ret, const struct spec *spec, const char *dir)
{
	for (size_t i = 0; i < spec->mounts.n; i++)
		if (spec->mounts.items[i].source && path_is_beneath(spec->mounts.items[i].source, dir))
			push_text(&ret->roots_own, spec->mounts.items[i].source);
}

/* "socket PATH [HOST]": what is at PATH is a socket, and the host's own at HOST. */
static void add_socket(struct policy_request *ret, char *value)
{
	struct policy_socket *slot = ARENA_PUSH(&memory, &ret->sockets);
	char *host = strchr(value, ' ');
	if (!slot)
		die("no memory");
	if (host)
		*host++ = '\0';
	*slot = (struct policy_socket){.source = value, .host = host};
}

/* What the scan gate has said: "gate absent", "gate missing", "gate later PROGRAM", "gate refused WHY", "gate VERDICT CLASS [DIGEST]". */
static void add_gate(struct policy_request *ret, char *value)
{
	char *rest;
	if (!strcmp(value, "absent")) {
		ret->gate = (struct policy_gate){.answer = GATE_ABSENT};
		return;
	}
	if (!strcmp(value, "missing")) {
		ret->gate = (struct policy_gate){.answer = GATE_MISSING};
		return;
	}
	rest = split(value);
	if (!strcmp(value, "later")) {
		ret->gate = (struct policy_gate){.answer = GATE_LATER, .program = rest};
		return;
	}
	if (!strcmp(value, "refused")) {
		ret->gate = (struct policy_gate){.answer = GATE_REFUSED, .why = rest};
		return;
	}
	char *digest = strchr(rest, ' ');
	if (digest)
		*digest++ = '\0';
	ret->gate = (struct policy_gate){.answer = GATE_ADMITTED, .verdict = value, .image_class = rest, .image = digest};
	ret->image = digest;
}

static void read_request(const char *dir, const struct spec *spec, struct policy_request *ret)
{
	char *rest = read_text(dir, "request");
	*ret = (struct policy_request){.id = "c1", .bundle = "/bundle", .detached = true, .gate.answer = GATE_LATER};
	for (char *line; (line = next_line(&rest));) {
		char *value = split(line);
		if (!strcmp(line, "id"))
			ret->id = value;
		else if (!strcmp(line, "bundle"))
			ret->bundle = value;
		else if (!strcmp(line, "cgroup_manager"))
			ret->cgroup_manager = value;
		else if (!strcmp(line, "console_socket"))
			ret->console_socket = yes_no(value);
		else if (!strcmp(line, "detached"))
			ret->detached = yes_no(value);
		else if (!strcmp(line, "no_pivot"))
			ret->no_pivot = yes_no(value);
		else if (!strcmp(line, "no_new_keyring"))
			ret->no_new_keyring = yes_no(value);
		else if (!strcmp(line, "preserve_fds"))
			ret->preserve_fds = number(value);
		else if (!strcmp(line, "listen_fds"))
			ret->listen_fds = number(value);
		else if (!strcmp(line, "listen_fdnames"))
			ret->listen_fdnames = value;
		else if (!strcmp(line, "notify_dir"))
			ret->notify_dir = value;
		else if (!strcmp(line, "image"))
			ret->image = value;
		else if (!strcmp(line, "now"))
			ret->now = number(value);
		else if (!strcmp(line, "gate"))
			add_gate(ret, value);
		else if (!strcmp(line, "encrypted"))
			add_encrypted(ret, spec, value);
		else if (!strcmp(line, "roots-own"))
			add_roots_own(ret, spec, value);
		else if (!strcmp(line, "socket"))
			add_socket(ret, value);
		else
			die("request: '%s'", line);
	}
}

static void read_exec(char *rest, struct policy_exec_request *ret)
{
	*ret = (struct policy_exec_request){.detached = true};
	for (char *line; (line = next_line(&rest));) {
		const char *value = split(line);
		if (!strcmp(line, "arg"))
			push_text(&ret->args, value);
		else if (!strcmp(line, "env"))
			push_text(&ret->env, value);
		else if (!strcmp(line, "cwd"))
			ret->cwd = value;
		else if (!strcmp(line, "user"))
			ret->user = value;
		else if (!strcmp(line, "cap"))
			push_text(&ret->caps, value);
		else if (!strcmp(line, "gid"))
			*ARENA_PUSH(&memory, &ret->additional_gids) = number(value);
		else if (!strcmp(line, "no_new_privs"))
			ret->no_new_privs = yes_no(value);
		else if (!strcmp(line, "tty"))
			ret->tty = yes_no(value);
		else if (!strcmp(line, "console_socket"))
			ret->console_socket = yes_no(value);
		else if (!strcmp(line, "detached"))
			ret->detached = yes_no(value);
		else if (!strcmp(line, "apparmor"))
			ret->apparmor = value;
		else if (!strcmp(line, "process_label"))
			ret->process_label = value;
		else if (!strcmp(line, "preserve_fds"))
			ret->preserve_fds = number(value);
		else
			die("exec: '%s'", line);
	}
}

/* --- the decision --- */

static int refuse(const struct err *err)
{
	static const char *const kinds[] = {"none", "usage", "spec", "policy", "host", "system", "not-found",
					    "exists", "not-running", "state", "exec", "verify", "proto"};
	printf("%s%s%s: %s\n", err->kind < ARRAY_LEN(kinds) ? kinds[err->kind] : "?", err->rule[0] ? " " : "", err->rule,
	       err->msg);
	return 3;
}

/* Of an exec's plan only the process part is decided anew. */
static int print_exec(const struct plan *plan, bool diff)
{
	autostr out = STR_INIT;
	plan_print(plan, diff, &out);
	const char *end = strstr(str_text(&out), "\nnamespace.user: ");
	if (str_failed(&out) || !end)
		die("can't print");
	printf("%.*s\n", (int)(end - str_text(&out)), str_text(&out));
	return 0;
}

static void add_changes(const struct plan *plan, struct str *would)
{
	for (size_t i = 0; i < plan->changes.n; i++)
		if (plan->changes.items[i].outcome != CHANGE_SKIPPED)
			str_addf(would, "# would be %s: %s: %s\n",
				 plan->changes.items[i].outcome == CHANGE_EXCEPTED ? "excepted" : "changed",
				 plan->changes.items[i].rule, plan->changes.items[i].key);
}

/* Mode audit, as cmd/exec.c has it: what the plan that enforce would have made does to the same process. */
static void watch_exec(const struct policy_exec_request *request, const struct plan *enforced, const struct host *host)
{
	autoplan plan = PLAN_INIT, recorded = PLAN_INIT;
	autostr would = STR_INIT, record = STR_INIT;
	struct err err = ERR_INIT;
	if (plan_store_write(enforced, &record, &err) || plan_store_parse(str_text(&record), record.len, &recorded, &err))
		die("%s", err.msg);
	if (policy_resolve_exec(request, &recorded, host, &plan, &err))
		printf("# would be refused: %s\n", err.msg);
	else
		add_changes(&plan, &would);
	(void)fputs(str_text(&would), stdout);
}

static int resolve_exec(const char *dir, char *text, const struct plan *container, const struct plan *enforced,
			const struct host *host, bool diff)
{
	struct policy_exec_request request;
	struct spec_process *process = NULL;
	autoplan plan = PLAN_INIT, recorded = PLAN_INIT;
	autostr record = STR_INIT;
	struct err err = ERR_INIT;
	read_exec(text, &request);
	char *json = read_text(dir, "process.json");
	if (json && spec_parse_process(json, strlen(json), &memory, &process, &err))
		return refuse(&err);
	request.process = process;
	/* as exec gets it: by way of plan.json */
	if (plan_store_write(container, &record, &err) ||
	    plan_store_parse(str_text(&record), record.len, &recorded, &err))
		die("%s", err.msg);
	if (policy_resolve_exec(&request, &recorded, host, &plan, &err))
		return refuse(&err);
	(void)print_exec(&plan, diff);
	if (diff && container->audit_mode)
		watch_exec(&request, enforced, host);
	return 0;
}

static int print_record(const struct plan *plan)
{
	autostr record = STR_INIT;
	struct err err = ERR_INIT;
	if (plan_store_write(plan, &record, &err))
		return refuse(&err);
	(void)fputs(str_text(&record), stdout);
	return 0;
}

/* The policy of the case: a file's text, or a level by name. */
static int read_policy(const char *dir, const char *level, struct policy_conf *ret, struct err *err)
{
	char *word = read_text(dir, "policy"), *text = level ? NULL : read_text(dir, "policy.json");
	if (text)
		return policy_conf_parse(text, strlen(text), POLICY_FILE, ret, err);
	if (!level)
		level = word ? strsep(&word, "\n") : "hardened";
	if (policy_conf_builtin(arena_printf(&memory, "builtin:%s", level), ret, err))
		die("%s", err->msg);
	return 0;
}

/* Mode audit, as cmd/decide.c has it: what is asked is done; behind it what the policy would have done. */
static int watch(const struct spec *spec, const struct host *host, const struct policy_conf *conf,
		 const struct policy_request *request, struct plan *plan, struct plan *enforced, struct str *would,
		 struct err *err)
{
	autoconf oci = POLICY_CONF_INIT;
	struct policy_refusals refusals = {0};
	if (policy_resolve_all(spec, host, conf, request, enforced, &refusals, err))
		return -1;
	for (size_t i = 0; i < refusals.told.n; i++)
		str_addf(would, "# would be refused: %s: %s\n", refusals.told.items[i].rule, refusals.told.items[i].msg);
	if (refusals.more)
		str_addf(would, "# would be refused: %zu more\n", refusals.more);
	add_changes(enforced, would);
	if (policy_conf_builtin("builtin:oci", &oci, err) || policy_resolve(spec, host, &oci, request, plan, err))
		return -1;
	plan->audit_mode = true;
	plan->policy_name = conf->name;
	return 0;
}

/* Every case is asked in both ways: the first refusal of all is the one that enforce stops at. */
static void compare_all(const char *dir, const struct spec *spec, const struct host *host, const struct policy_conf *conf,
			const struct policy_request *request, const struct plan *plan, const struct err *first)
{
	struct policy_refusals refusals = {0};
	autoplan all = PLAN_INIT;
	struct err err = ERR_INIT;
	int rc = policy_resolve_all(spec, host, conf, request, &all, &refusals, &err);
	bool same = rc ? err.kind == first->kind && !strcmp(err.msg, first->msg)
		    : refusals.told.n ? strstr(first->msg, refusals.told.items[0].msg) != NULL
				      : first->kind == ERR_NONE && all.changes.n == plan->changes.n;
	if (!same)
		die("%s: all refusals begin with '%s', the first alone is '%s'", dir,
		    refusals.told.n ? refusals.told.items[0].msg : err.msg, first->msg);
}

static int print_rules(const struct plan *plan)
{
	autostr out = STR_INIT;
	policy_print_rules(plan, &out);
	if (str_failed(&out))
		die("can't print");
	(void)fputs(str_text(&out), stdout);
	return 0;
}

static int resolve(const char *mode, const char *base, const char *dir, const char *level)
{
	bool diff = !strcmp(mode, "diff");
	struct host host;
	autoconf conf = POLICY_CONF_INIT;
	struct policy_request request;
	struct spec spec = SPEC_INIT;
	autoplan plan = PLAN_INIT, enforced = PLAN_INIT;
	autostr out = STR_INIT, would = STR_INIT;
	struct err err = ERR_INIT;
	char *exec = read_text(dir, "exec");
	read_host(base, dir, &host);
	if (read_policy(dir, level, &conf, &err))
		return refuse(&err);
	const char *config = configuration(base, dir);
	int rc = spec_parse(config, strlen(config), &spec, &err);
	if (!rc) {
		read_request(dir, &spec, &request);
		rc = conf.mode == MODE_AUDIT ? watch(&spec, &host, &conf, &request, &plan, &enforced, &would, &err)
					     : policy_resolve(&spec, &host, &conf, &request, &plan, &err);
		if (conf.mode != MODE_AUDIT)
			compare_all(dir, &spec, &host, &conf, &request, &plan, &err);
	}
	spec_release(&spec); /* the plan must not need it */
	if (rc)
		return refuse(&err);
	if (!strcmp(mode, "record"))
		return print_record(&plan);
	if (!strcmp(mode, "rules"))
		return print_rules(conf.mode == MODE_AUDIT ? &enforced : &plan);
	if (exec)
		return resolve_exec(dir, exec, &plan, &enforced, &host, diff);
	plan_print(&plan, diff, &out);
	if (str_failed(&out))
		die("can't print");
	(void)fputs(str_text(&out), stdout);
	if (diff)
		(void)fputs(str_text(&would), stdout);
	return 0;
}

int main(int argc, char **argv)
{
	if ((argc != 4 && argc != 5) || (strcmp(argv[1], "plan") && strcmp(argv[1], "diff") && strcmp(argv[1], "rules") && strcmp(argv[1], "record")))
		die("usage: resolve plan|diff|rules|record BASE CASE [LEVEL]");
	int rc = resolve(argv[1], argv[2], argv[3], argv[4]);
	arena_release(&memory);
	return fflush(stdout) ? 1 : rc;
}
