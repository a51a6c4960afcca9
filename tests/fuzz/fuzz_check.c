/* Any bytes as what check/ reads of the system, by the first byte: mountinfo, sockets, sshd's settings, an environment; or as
 * the name of what is checked. No crash; what is printed is printable, and a page stays a page. */
#include "config.h"

#include "base/json.h"
#include "check/check.h"
#include "check/probe.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define must(cond)                                                                                                     \
	do {                                                                                                           \
		if (!(cond)) {                                                                                         \
			fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #cond);                                     \
			abort();                                                                                       \
		}                                                                                                      \
	} while (0)

static void mounts(struct arena *arena, char *text)
{
	mountinfo_list m = {0};
	struct err err = ERR_INIT;
	const char *path;

	if (mountinfo_parse_all(text, arena, ERR_SYSTEM, &m, &err) < 0) {
		must(err.msg[0]);
		return;
	}
	for (size_t i = 0; i < m.n; i++) {
		must(m.items[i].target && m.items[i].type && m.items[i].root);
		must(check_host_path(&m, &m.items[i], arena, &path, &err) == 0);
		if (path)
			(void)check_sensitive_path(path);
	}
}

static void ports(struct arena *arena, char *text)
{
	LIST_OF(struct check_port) p = {0};
	struct err err = ERR_INIT;

	if (check_ports_parse(text, "tcp", false, arena, &p.items, &p.n, &p.cap, &err) < 0)
		must(err.msg[0]);
	for (size_t i = 0; i < p.n; i++)
		must(p.items[i].address && p.items[i].address[0]);
}

static void sshd(struct arena *arena, char *text)
{
	struct check_sshd config = {0};
	struct err err = ERR_INIT;

	must(check_sshd_parse(text, arena, &config, &err) == 0);
}

static void names(char *text)
{
	size_t len = 0;

	if (check_env_is_secret(text, &len))
		must(len && text[len] == '=' && text[len + 1]);
	must(check_name_kind(text, true) <= KIND_COUNT && check_name_kind(text, false) <= KIND_COUNT);
}

/* Not with strstr(3): ASan's measures the rest of the page at each call, which made the target nearly three times as slow. */
static size_t count(const char *text, const char *what)
{
	const size_t len = strlen(what);
	size_t n = 0;

	for (; *text; text++)
		n += *text == *what && !strncmp(text, what, len);
	return n;
}

/* Whatever it is called, the page has the same elements. */
static void report(struct arena *arena, char *text)
{
	struct check_rootfs r = {.complete = true};
	const struct check_facts facts = {.rootfs = &r};
	struct check_report report = {.arena = arena, .subject = CHECK_ROOTFS, .name = text, .time = "", .machine = text};
	autostr html = STR_INIT, json = STR_INIT, table = STR_INIT;
	const struct json *root;
	struct err err = ERR_INIT;
	const char **slot = ARENA_PUSH(arena, &r.found[KIND_SHELL].paths);

	must(slot);
	*slot = text;
	r.found[KIND_SHELL].n = 1;
	must(check_judge_all(&report, &facts, NULL, &err) == 0);
	check_print_html(&report, &html);
	check_print_table(&report, &table);
	must(check_print_json(&report, &json, &err) == 0);
	must(json_parse(arena, json.s, json.len, &root, &err) == 0);
	must(count(html.s, "<script") == 0 && count(html.s, "<article") == 1 && count(html.s, "<h1>") == 1);
	must(count(html.s, "<") == count(html.s, ">") - count(html.s, "\n.f>"));
	for (const char *c = table.s; *c; c++)
		must(*c == '\n' || (unsigned char)*c >= 0x20);
	must(str_utf8_valid_prefix(table.s, table.len) == table.len);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena arena = ARENA_INIT;
	char *text = size ? arena_memdup(&arena, data + 1, size - 1) : NULL;

	if (text)
		switch (data[0] % 5) {
		case 0:
			mounts(&arena, text);
			break;
		case 1:
			ports(&arena, text);
			break;
		case 2:
			sshd(&arena, text);
			break;
		case 3:
			names(text);
			break;
		default:
			report(&arena, text);
		}
	arena_release(&arena);
	return 0;
}
