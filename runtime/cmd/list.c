/* kanuki list: every container of the state directory. */
#include "config.h"

#include "base/json_out.h"
#include "cmd/container.h"

#include <stdio.h>
#include <string.h>

#include "base/banned.h"

struct list_args {
	const char *format;
	bool quiet;
};

static const struct cmd_option options[] = {
	{"format", 'f', OPTION_STRING, offsetof(struct list_args, format), "FORMAT",
	 "table (default) or json"},
	{"quiet", 'q', OPTION_FLAG, offsetof(struct list_args, quiet), NULL, "ids only"},
};

struct row {
	char *id, *bundle, *created, *owner;
	const char *status;
	int64_t pid;
};

/* A container deleted between the listing and the look is no error.  One that can't
 * be read is (the first is told at the end), but hides none of the others. */
static bool look(const struct cmd_context *ctx, const char *id, struct container *c,
		 struct err *err)
{
	struct err why = ERR_INIT;

	if (container_open(ctx, id, false, c, &why) == 0)
		return c->has_record;
	if (why.kind != ERR_NOT_FOUND && err->kind == ERR_NONE)
		*err = why;
	return false;
}

static int told(const struct err *bad, struct err *err)
{
	if (bad->kind == ERR_NONE)
		return 0;
	*err = *bad;
	return -1;
}

static int list_json(const struct cmd_context *ctx, const struct str_list *ids, struct err *err)
{
	struct json_out o __attribute__((cleanup(json_out_release))) = JSON_OUT_INIT;
	struct err bad = ERR_INIT;

	json_out_array(&o, NULL);
	for (size_t i = 0; i < ids->n; i++) {
		autocontainer c = CONTAINER_INIT;

		if (!look(ctx, ids->items[i], &c, &bad))
			continue;
		json_out_object(&o, NULL);
		container_write_state(&c, c.record.owner, &o);
		json_out_end_object(&o);
	}
	json_out_end_array(&o);
	if (json_out_finish(&o, err) < 0)
		return -1;
	(void)puts(str_text(&o.text)); /* checked at the flush */
	return told(&bad, err);
}

static int fill_row(const struct cmd_context *ctx, const struct container *c, struct row *row,
		    struct err *err)
{
	bool alive = c->init_pidfd >= 0;

	row->id = arena_strdup(ctx->arena, c->record.id);
	row->bundle = arena_strdup(ctx->arena, c->record.bundle);
	row->created = arena_strdup(ctx->arena, c->record.created);
	row->owner = arena_strdup(ctx->arena, c->record.owner);
	row->status = lifecycle_status_name(c->status);
	row->pid = alive ? c->record.pid : 0;
	return row->id && row->bundle && row->created && row->owner ? 0 : err_oom(err);
}

static int width(int least, const char *text)
{
	int n = (int)strlen(text);

	return n > least ? n : least;
}

static int list_table(const struct cmd_context *ctx, const struct str_list *ids, struct err *err)
{
	struct row *rows = arena_array(ctx->arena, ids->n ? ids->n : 1, sizeof(*rows));
	int id_width = 2, bundle_width = 6;
	struct err bad = ERR_INIT;
	size_t n = 0;

	if (!rows)
		return err_oom(err);
	for (size_t i = 0; i < ids->n; i++) {
		autocontainer c = CONTAINER_INIT;

		if (!look(ctx, ids->items[i], &c, &bad))
			continue;
		if (fill_row(ctx, &c, &rows[n], err) < 0)
			return -1;
		id_width = width(id_width, rows[n].id);
		bundle_width = width(bundle_width, rows[n].bundle);
		n++;
	}
	printf("%-*s   PID         STATUS      %-*s   CREATED                          OWNER\n",
	       id_width, "ID", bundle_width, "BUNDLE");
	for (size_t i = 0; i < n; i++)
		printf("%-*s   %-9lld   %-9s   %-*s   %-30s   %s\n", id_width, rows[i].id,
		       (long long)rows[i].pid, rows[i].status, bundle_width, rows[i].bundle,
		       rows[i].created, rows[i].owner);
	return told(&bad, err);
}

static int run(const struct cmd_context *ctx, void *data, struct err *err)
{
	const struct list_args *args = data;
	struct str_list ids = {0};

	if (args->format && strcmp(args->format, "json") != 0 && strcmp(args->format, "table") != 0)
		return err_set(err, ERR_USAGE, "--format: '%s' is neither table nor json",
			       args->format);
	if (container_list(ctx, &ids, err) < 0)
		return -1;
	if (args->quiet) {
		for (size_t i = 0; i < ids.n; i++)
			(void)puts(ids.items[i]); /* checked at the flush */
		return 0;
	}
	return args->format && strcmp(args->format, "json") == 0 ? list_json(ctx, &ids, err)
								  : list_table(ctx, &ids, err);
}

const struct cmd cmd_list = {
	.name = "list",
	.synopsis = "[OPTIONS]",
	.summary = "list containers",
	.options = options,
	.n_options = ARRAY_LEN(options),
	.args_size = sizeof(struct list_args),
	.failure_status = 1,
	.run = run,
};
