/* hooks/gate/line.c, permission.c, facts.c: the line people see, permissions as text, and what runtimes tell. */
#include "config.h"

#include "gate/facts.h"
#include "gate/line.h"
#include "gate/permission.h"

#include "tap.h"
#include "temp_dir.h"

#define DIGEST "sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

static struct err err;

/* --- the line --- */

static void add(struct gate_result *result, int code, const char *text)
{
	struct gate_reason *reason = &result->reasons[result->n_reasons++];

	reason->code = code;
	snprintf(reason->text, sizeof(reason->text), "%s", text);
}

static void test_line(void)
{
	struct gate_request request = {.digest = DIGEST, .reference = "registry.example.com/app:1"};
	struct gate_result result = {.verdict = GATE_DENY};
	char line[GATE_LINE_MAX];

	add(&result, E_SCAN_STALE, "21d > 7d");
	add(&result, E_VULN, "critical 2 > 0");
	add(&result, W_VEX_USED, "CVE-2026-1");
	gate_line(&result, &request, line);
	is_str(line, "kanuki: image denied sha256:aaaaaaaaaaaa... (registry.example.com/app:1): E_SCAN_STALE 21d > 7d; E_VULN critical 2 > 0;"
		     " run: kanuki-gate explain " DIGEST, "what denies, and the command");
	request.max_scan_age_s = 48 * 3600;
	gate_line(&result, &request, line);
	ok(strstr(line, "; run: kanuki-gate explain --max-scan-age 48h " DIGEST),
	   "with kanuki's own limit, the command that knows it");
	request.max_scan_age_s = 0;
	is_int(gate_exit_status(&result), 10, "denied by policy");
	result.verdict = GATE_ALLOW_AUDIT;
	is_int(gate_exit_status(&result), 0, "mode audit denies nothing");
	gate_line(&result, &request, line);
	ok(strstr(line, "would be denied"), "and says so");
	result.verdict = GATE_ALLOW;
	gate_line(&result, &request, line);
	ok(!strstr(line, "explain") && strstr(line, "W_VEX_USED"), "who is let in sees what was noted");
	result = (struct gate_result){.verdict = (enum gate_verdict)77};
	is_int(gate_exit_status(&result), 13, "an unknown verdict admits nobody");
	result = (struct gate_result){.verdict = GATE_DENY};
	is_int(gate_exit_status(&result), 13, "nor does a denial without a reason");
	add(&result, E_DIGEST_UNRESOLVED, "no engine");
	request.digest = NULL;
	gate_line(&result, &request, line);
	is_int(gate_exit_status(&result), 11, "an image that isn't known has a status of its own");
	is_str(line, "kanuki: image denied (unknown) (registry.example.com/app:1): E_DIGEST_UNRESOLVED no engine; run: man kanuki-gate-policy",
	       "of which only the code can be explained");
}

static void test_hostile(void)
{
	struct gate_request request = {.digest = DIGEST, .reference = "a\n\x1b[31m\xc3\xa4\\b"};
	struct gate_result result = {.verdict = GATE_DENY, .more = true};
	char line[GATE_LINE_MAX], text[GATE_REASON_TEXT];
	unsigned bad = 0;

	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = 0;
	text[3] = '\n';
	for (int i = 0; i < GATE_REASONS_MAX; i++)
		add(&result, E_VULN, text);
	gate_line(&result, &request, line);
	for (const char *c = line; *c; c++)
		bad += (unsigned char)*c < 0x20 || (unsigned char)*c >= 0x7f;
	is_int(bad, 0, "nothing but printable ASCII");
	ok(strlen(line) < GATE_LINE_MAX && strstr(line, "a\\x0a\\x1b[31m\\xc3\\xa4\\x5cb"), "what others chose is escaped");
	ok(strstr(line, " more;") && strstr(line, "run: kanuki-gate explain " DIGEST), "what doesn't fit is counted, the command stays");
}

/* --- permissions --- */

static const char waiver[] = "{\"kind\":\"waiver\",\"images\":[\"" DIGEST "\"],\"namespaces\":[\"prod\"],\"finding\":\"CVE-2026-1\",\"package\":\"zlib\","
			     "\"severity_max\":\"high\",\"owner\":\"me\",\"reason\":\"r\",\"ticket\":\"T\",\"created\":\"2026-11-29T00:00:00Z\","
			     "\"expires\":\"2026-12-29T00:00:00Z\"}";

static bool refused(const char *text)
{
	struct arena arena = ARENA_INIT;
	struct permission permission;

	err_clear(&err);
	bool good = permission_parse(&arena, text, strlen(text), &permission, &err) == -1 && err.kind == ERR_SPEC;
	arena_release(&arena);
	return good;
}

static void test_permission(void)
{
	struct arena arena = ARENA_INIT;
	struct permission permission;
	autostr text = STR_INIT;

	if (!ok(permission_parse(&arena, waiver, strlen(waiver), &permission, &err) == 0, "a waiver is read"))
		diag("%s", err.msg);
	ok(permission.kind == PERMISSION_WAIVER && permission.severity_max == SEVERITY_HIGH && permission.expires - permission.created == 30 * 86400,
	   "with all it says");
	ok(permission_print(&permission, &text, &err) == 0, "it is printed");
	is_str(str_text(&text), waiver, "as it was");
	arena_release(&arena);
#define TIMES "\"created\":\"2026-11-29T00:00:00Z\",\"expires\":\"2026-11-30T00:00:00Z\""
#define IMAGE "\"images\":[\"" DIGEST "\"]"
	ok(refused("{}"), "nothing");
	ok(refused("{\"kind\":\"waiver\"," IMAGE ",\"finding\":\"x\"," TIMES "}"), "no owner");
	ok(refused("{\"kind\":\"waiver\"," IMAGE ",\"owner\":\"me\"," TIMES "}"), "a waiver of nothing");
	ok(refused("{\"kind\":\"permit\",\"owner\":\"me\"," TIMES "}"), "a permit for no image");
	ok(refused("{\"kind\":\"breakglass\"," IMAGE ",\"owner\":\"me\"," TIMES "}"), "a break-glass without a reason");
	ok(refused("{\"kind\":\"permit\"," IMAGE ",\"owner\":\"me\",\"created\":\"2026-11-29T00:00:00Z\"}"), "no end");
	ok(refused("{\"kind\":\"permit\"," IMAGE ",\"owner\":\"me\",\"created\":\"2026-11-29T00:00:00Z\",\"expires\":\"2026-11-29T00:00:00Z\"}"),
	   "an end that isn't later");
	ok(refused("{\"kind\":\"permit\",\"images\":[\"latest\"],\"owner\":\"me\"," TIMES "}"), "a tag is no image");
	ok(refused("{\"kind\":\"permit\"," IMAGE ",\"owner\":\"me\",\"owner\":\"you\"," TIMES "}"), "a key twice");
	ok(refused("{\"kind\":\"permit\"," IMAGE ",\"owner\":\"me\",\"for\":\"ever\"," TIMES "}"), "an unknown key");
	ok(refused("{\"kind\":\"root\"," IMAGE ",\"owner\":\"me\"," TIMES "}"), "an unknown kind");
	err_clear(&err);
}

/* --- facts --- */

static void put(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");

	if (!f || fputs(text, f) < 0 || fclose(f))
		abort();
}

static void test_state(void)
{
	struct arena arena = ARENA_INIT;
	struct identity_facts facts;
	const char *good = "{\"ociVersion\":\"1.0.2\",\"id\":\"c1\",\"status\":\"creating\",\"pid\":77,\"bundle\":\"/b\",\"annotations\":{\"k\":\"v\"}}";

	ok(facts_from_state(good, strlen(good), &arena, &facts, &err) == 0, "a state is read");
	ok(!strcmp(facts.id, "c1") && !strcmp(facts.bundle, "/b") && facts.mount_pid == 77 && facts.annotations.n == 1 &&
		   !strcmp(facts.annotations.items[0].value, "v"),
	   "with all it says");
	const char *bad[] = {"", "[]", "{\"id\":\"c1\"}", "{\"id\":\"c1\",\"bundle\":\"relative\"}", "{\"id\":1,\"bundle\":\"/b\"}",
			     "{\"id\":\"c1\",\"bundle\":\"/b\",\"pid\":-1}", "{\"id\":\"c1\",\"bundle\":\"/b\",\"annotations\":{\"k\":1}}",
			     "{\"id\":\"c1\",\"id\":\"c2\",\"bundle\":\"/b\"}"};
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		err_clear(&err);
		ok(facts_from_state(bad[i], strlen(bad[i]), &arena, &facts, &err) == -1, "refused: %s", bad[i]);
	}
	err_clear(&err);
	arena_release(&arena);
}

static void test_bundle(void)
{
	struct arena arena = ARENA_INIT;
	struct identity_facts facts = {.bundle = temp_dir};
	char want[128];

	ok(facts_from_bundle(&arena, &facts, &err) == -1 && err.kind == ERR_SYSTEM, "a bundle without config.json");
	err_clear(&err);
	put("config.json", "{\"root\":{\"path\":\"./rootfs/\"},\"process\":{\"args\":[\"sh\",\"-c\"]},\"annotations\":{\"a\":\"b\"},\"mounts\":["
			   "{\"destination\":\"/proc\",\"type\":\"proc\",\"source\":\"proc\"},"
			   "{\"destination\":\"/bin/../bin/sh\",\"source\":\"sh\",\"options\":[\"ro\",\"rbind\"]},"
			   "{\"destination\":\"/x\",\"type\":\"bind\",\"source\":\"/y\"}]}");
	if (!ok(facts_from_bundle(&arena, &facts, &err) == 0, "a bundle is read"))
		diag("%s", err.msg);
	snprintf(want, sizeof(want), "%s/rootfs", temp_dir);
	is_str(facts.root_path, want, "its root, made absolute");
	ok(facts.arguments.n == 2 && facts.annotations.n == 1, "its arguments and annotations");
	snprintf(want, sizeof(want), "%s/sh", temp_dir);
	ok(facts.mounts.n == 3 && !strcmp(facts.mounts.items[1].destination, "/bin/sh") && !strcmp(facts.mounts.items[1].source, want) &&
		   !strcmp(facts.mounts.items[2].source, "/y"),
	   "its binds, in either spelling");
	ok(!strcmp(facts.mounts.items[0].destination, "/proc") && !facts.mounts.items[0].source, "what is no bind covers, too");
	arena_release(&arena);
}

static void test_containers(void)
{
	struct arena arena = ARENA_INIT;
	facts_list list = {0};
	char root[128];

	snprintf(root, sizeof(root), "%s/run", temp_dir);
	ok(facts_list_read(FACTS_CRUN, root, &arena, &list, &err) == 0 && list.n == 0, "no directory, no containers");
	if (mkdir("run", 0700) < 0 || mkdir("run/k", 0700) < 0 || mkdir("run/c", 0700) < 0 || mkdir("run/r", 0700) < 0)
		abort();
	put("run/file", "");
	put("run/k/record.json", "{\"pid\":1,\"bundle\":\"/b1\",\"rootfs\":\"/r1\",\"image\":\"" DIGEST "\"}");
	put("run/c/status", "{\"pid\":2,\"bundle\":\"/b2\",\"rootfs\":\"/r2\"}");
	put("run/r/state.json", "{\"id\":\"r\",\"init_process_pid\":3,\"config\":{\"rootfs\":\"/r3\",\"labels\":[\"a=b\",\"bundle=/b3\"]}}");
	ok(facts_list_read(FACTS_KANUKI, root, &arena, &list, &err) == 0 && facts_list_read(FACTS_CRUN, root, &arena, &list, &err) == 0 &&
		   facts_list_read(FACTS_RUNC, root, &arena, &list, &err) == 0,
	   "three runtimes are read");
	for (size_t i = 0; i < 3 && i < list.n; i++) {
		const struct identity_facts *facts = &list.items[i].facts;

		ok(facts->mount_pid == (int)i + 1 && facts->bundle[2] == (char)('1' + i) && facts->root_path[2] == (char)('1' + i) &&
			   !strcmp(facts->runtime_root, root),
		   "runtime %zu: pid, bundle and root", i);
	}
	ok(list.n == 3 && list.items[0].image && !list.items[1].image, "kanuki's has the image");
	put("run/r/state.json", "{\"id\":\"r\",\"init_process_pid\":3,\"config\":{\"rootfs\":\"/r3\",\"labels\":[]}}");
	ok(facts_list_read(FACTS_RUNC, root, &arena, &list, &err) == -1, "one that can't be read is told");
	is_err(&err, ERR_SPEC, "no label says the bundle", "with the reason");
	err_clear(&err);
	arena_release(&arena);
}

int main(void)
{
	temp_dir_enter();
	test_line();
	test_hostile();
	test_permission();
	test_state();
	test_bundle();
	test_containers();
	return tap_done();
}
