/* The command line of kanuki-gate: tables in, argument struct out; help from the same
 * tables.  Owns no verb's meaning. */
#include "config.h"

#include "gate/record.h"
#include "gate/tool.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/banned.h"

/* import holds the present record beside the new one. */
#define ARENA_BYTES (2 * RECORD_ARENA_BYTES)

#define GLOBAL(member) offsetof(struct gate_paths, member)
static const struct tool_option global_options[] = {
	{"store", TOOL_STRING, GLOBAL(store), "DIR", "the store (default " GATE_STORE_DIR ")"},
	{"etc", TOOL_STRING, GLOBAL(etc), "DIR", "keys and policy (default " GATE_ETC_DIR ")"},
};

static const struct verb *find_verb(const char *name)
{
	for (size_t i = 0; tool_verbs[i]; i++)
		if (strcmp(tool_verbs[i]->name, name) == 0)
			return tool_verbs[i];
	return NULL;
}

struct table {
	const struct tool_option *options;
	size_t n;
	void *base;
	const char *who;
};

static int store(struct arena *arena, const struct tool_option *o, void *base, const char *value,
		 struct err *err)
{
	void *at = (char *)base + o->offset;
	const char **slot;

	switch (o->type) {
	case TOOL_FLAG:
		*(bool *)at = true;
		return 0;
	case TOOL_STRING:
		*(const char **)at = value;
		return 0;
	case TOOL_LIST:
		slot = ARENA_PUSH(arena, (struct str_list *)at);
		if (!slot)
			return err_oom(err);
		*slot = value;
		return 0;
	}
	return err_set(err, ERR_USAGE, "--%s: unknown kind of option", o->name);
}

/* The option at argv[*i]; moves over a value that is a word of its own. */
static int parse_option(struct arena *arena, const struct table *table, char **argv, int argc,
			int *i, bool *ret_help, struct err *err)
{
	const char *word = argv[*i], *name = word + 2, *equals = strchr(word, '='),
		   *value = equals ? equals + 1 : NULL;
	size_t len = equals ? (size_t)(equals - name) : strlen(name);

	if (strcmp(word, "-h") == 0 || strcmp(word, "--help") == 0) {
		*ret_help = true;
		return 0;
	}
	for (size_t o = 0; word[1] == '-' && o < table->n; o++) {
		const struct tool_option *option = &table->options[o];

		if (strlen(option->name) != len || strncmp(option->name, name, len) != 0)
			continue;
		if (option->type == TOOL_FLAG && value)
			return err_set(err, ERR_USAGE, "%s: --%s takes no value", table->who,
				       option->name);
		if (option->type != TOOL_FLAG && !value) {
			if (*i + 1 >= argc)
				return err_set(err, ERR_USAGE, "%s: --%s needs a value", table->who,
					       option->name);
			value = argv[++*i];
		}
		return store(arena, option, table->base, value, err);
	}
	return err_set(err, ERR_USAGE, "%s: unknown option '%s' (see --help)", table->who, word);
}

static bool is_option(const char *word)
{
	return word[0] == '-' && word[1];
}

static void print_options(const struct tool_option *options, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		char left[64];

		(void)snprintf(left, sizeof(left), "    --%s%s%s", options[i].name,
			       options[i].value ? " " : "",
			       options[i].value ? options[i].value : "");
		printf("  %-32s %s\n", left, options[i].help);
	}
	printf("  %-32s %s\n", "-h, --help", "this text");
}

static void print_help(void)
{
	printf("usage: kanuki-gate [GLOBAL OPTIONS] VERB [OPTIONS] [ARGUMENTS]\n\n"
	       "Lets only images run that were scanned, and found good enough.\n\nCommands:\n");
	for (size_t i = 0; tool_verbs[i]; i++)
		printf("  %-12s %s\n", tool_verbs[i]->name, tool_verbs[i]->summary);
	printf("\nGlobal options:\n");
	print_options(global_options, ARRAY_LEN(global_options));
	printf("  %-32s %s\n", "    --version", "version of kanuki-gate");
}

static void print_verb_help(const struct verb *verb)
{
	printf("usage: kanuki-gate [GLOBAL OPTIONS] %s%s%s\n\n%s\n\nOptions:\n", verb->name,
	       verb->synopsis[0] ? " " : "", verb->synopsis, verb->summary);
	print_options(verb->options, verb->n_options);
}

static int flush(struct err *err)
{
	return fflush(stdout) != 0 || ferror(stdout) ? err_sys(err, "write to standard output") : 0;
}

static int run(const struct verb *verb, struct tool *tool, int argc, char **argv, int i,
	       struct err *err)
{
	struct table table = {.options = verb->options, .n = verb->n_options, .who = verb->name};
	bool help = false, options_end = false;
	int status;

	table.base = arena_alloc(tool->arena, verb->args_size);
	tool->args = arena_array(tool->arena, (size_t)(argc - i) + 1, sizeof(*tool->args));
	if (!table.base || !tool->args)
		return err_oom(err);
	for (; i < argc; i++) {
		if (!options_end && strcmp(argv[i], "--") == 0)
			options_end = true;
		else if (options_end || !is_option(argv[i]))
			tool->args[tool->n_args++] = argv[i];
		else if (parse_option(tool->arena, &table, argv, argc, &i, &help, err) < 0)
			return -1;
	}
	if (help) {
		print_verb_help(verb);
		return flush(err);
	}
	if (tool->n_args < verb->min_args || tool->n_args > verb->max_args)
		return err_set(err, ERR_USAGE, "%s: %zu arguments given; usage: kanuki-gate %s %s",
			       verb->name, tool->n_args, verb->name, verb->synopsis);
	status = verb->run(tool, table.base, err);
	return status >= 0 && flush(err) < 0 ? -1 : status;
}

static int main_with(struct tool *tool, int argc, char **argv, struct err *err)
{
	struct table table = {.options = global_options,
			      .n = ARRAY_LEN(global_options),
			      .base = &tool->paths,
			      .who = "kanuki-gate"};
	const struct verb *verb;
	bool help = false;
	int i, status;

	for (i = 1; i < argc && is_option(argv[i]); i++) {
		if (strcmp(argv[i], "--version") == 0) {
			printf("kanuki-gate version %s\n", PACKAGE_VERSION);
			return flush(err) < 0 ? EXIT_TOOL_FAILED : 0;
		}
		if (parse_option(tool->arena, &table, argv, argc, &i, &help, err) < 0)
			return EXIT_TOOL_USAGE;
	}
	if (help || i >= argc || strcmp(argv[i], "help") == 0) {
		print_help();
		return flush(err) < 0 ? EXIT_TOOL_FAILED : help || i < argc ? 0 : EXIT_TOOL_USAGE;
	}
	verb = find_verb(argv[i]);
	if (!verb) {
		(void)err_set(err, ERR_USAGE, "unknown verb '%s' (see kanuki-gate --help)",
			      argv[i]);
		return EXIT_TOOL_USAGE;
	}
	status = run(verb, tool, argc, argv, i + 1, err);
	if (status < 0)
		return err->kind == ERR_USAGE ? EXIT_TOOL_USAGE : verb->failure_status;
	return status;
}

int tool_main(int argc, char **argv, struct err *err)
{
	struct arena arena = {.limit_bytes = ARENA_BYTES};
	struct tool tool = {.arena = &arena, .now = time(NULL)};
	int status = main_with(&tool, argc, argv, err);

	arena_release(&arena);
	return status;
}
