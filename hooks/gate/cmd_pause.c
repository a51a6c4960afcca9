/* kanuki-gate pause: which programs may hold a pod's namespaces without being scanned.  They are
 * known by their content, so a site has to say once what its engine's is.
 *
 * Only a static program is taken: another one runs its interpreter and libraries, too, which
 * would be the image's. */
#include "config.h"

#include "base/auto.h"
#include "base/json.h"
#include "base/json_out.h"
#include "gate/identity_image.h"
#include "gate/policy.h"
#include "gate/tool.h"
#include "sys/file.h"
#include "sys/sys.h"

#include <elf.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "base/banned.h"

#define PROGRAM_MAX ((size_t)32 << 20)

struct pause_args {
	bool unused;
};

/* --- the program --- */

/* Of this machine's own word size: an engine's pause program is the host's. */
static int check_static(const char *path, const char *bytes, size_t len, struct err *err)
{
	Elf64_Ehdr head;
	Elf64_Phdr part;

	if (len < sizeof(head) || memcmp(bytes, ELFMAG, SELFMAG) != 0 ||
	    bytes[EI_CLASS] != ELFCLASS64)
		return err_set(err, ERR_VERIFY, "'%s' is no 64-bit ELF program", path);
	memcpy(&head, bytes, sizeof(head));
	if (head.e_phentsize != sizeof(part) || !head.e_phnum || head.e_phoff > len ||
	    (len - head.e_phoff) / sizeof(part) < head.e_phnum)
		return err_set(err, ERR_VERIFY, "'%s' is a broken ELF program", path);
	for (size_t i = 0; i < head.e_phnum; i++) {
		memcpy(&part, bytes + head.e_phoff + i * sizeof(part), sizeof(part));
		if (part.p_type == PT_INTERP)
			return err_set(err, ERR_VERIFY,
				       "'%s' is linked dynamically: what it runs would be the "
				       "image's libraries; take a static one",
				       path);
	}
	return 0;
}

/* --- the policy --- */

static bool is_pause_list(const struct json *v)
{
	return v->type == JSON_ARRAY && v->key && !strcmp(v->key, "pause") && v->parent &&
	       v->parent->key && !strcmp(v->parent->key, "allow") && v->parent->parent &&
	       !v->parent->parent->parent;
}

static void add_list(struct json_out *o, const char *digest)
{
	json_out_array(o, "pause");
	json_out_string(o, NULL, digest);
	json_out_end_array(o);
}

/* What is missing of allow.pause is made where its place ends. */
static void close_value(struct json_out *o, const struct json *v, const char *digest)
{
	bool top = !v->parent,
	     allow = v->key && !strcmp(v->key, "allow") && v->parent && !v->parent->parent;

	if (v->type == JSON_ARRAY) {
		if (is_pause_list(v))
			json_out_string(o, NULL, digest);
		json_out_end_array(o);
		return;
	}
	if (allow && !json_get(v, "pause"))
		add_list(o, digest);
	if (top && !json_get(v, "allow")) {
		json_out_object(o, "allow");
		add_list(o, digest);
		json_out_end_object(o);
	}
	json_out_end_object(o);
}

static void open_value(struct json_out *o, const struct json *v)
{
	switch (v->type) {
	case JSON_NULL:
		json_out_string(o, v->key, NULL);
		break;
	case JSON_BOOL:
		json_out_bool(o, v->key, v->boolean);
		break;
	case JSON_NUMBER:
		json_out_raw(o, v->key, v->text);
		break;
	case JSON_STRING:
		json_out_string(o, v->key, v->text);
		break;
	case JSON_ARRAY:
		json_out_array(o, v->key);
		break;
	case JSON_OBJECT:
		json_out_object(o, v->key);
		break;
	}
}

static bool is_container(const struct json *v)
{
	return v->type == JSON_ARRAY || v->type == JSON_OBJECT;
}

static void write_policy(struct json_out *o, const struct json *root, const char *digest)
{
	const struct json *v = root;

	for (;;) {
		open_value(o, v);
		if (is_container(v) && v->first) {
			v = v->first;
			continue;
		}
		if (is_container(v))
			close_value(o, v, digest);
		while (v != root && !v->next) {
			v = v->parent;
			close_value(o, v, digest);
		}
		if (v == root)
			return;
		v = v->next;
	}
}

/* What comes out must be a policy that lists it, or nothing is changed. */
static int change(struct tool *tool, int etc_fd, const char *text, size_t len, const char *digest,
		  struct err *err)
{
	struct json_out o = {.pretty = true};
	struct gate_policy policy;
	const struct json *root;
	int status = -1;

	if (json_parse(tool->arena, text, len, &root, err) < 0)
		return -1;
	write_policy(&o, root, digest);
	str_add(&o.text, "\n");
	if (json_out_finish(&o, err) == 0 &&
	    gate_policy_parse(tool->arena, str_text(&o.text), o.text.len, &policy, err) == 0) {
		if (str_list_has(&policy.pause_digests, digest))
			status = file_replace(etc_fd, GATE_POLICY, str_text(&o.text), o.text.len,
					      0600, err);
		else
			(void)err_set(err, ERR_STATE,
				      "the policy can't be changed by this program; add %s to "
				      "allow.pause",
				      digest);
	}
	json_out_release(&o);
	return status;
}

static int add(struct tool *tool, const char *digest, struct err *err)
{
	const char *etc = tool->paths.etc ? tool->paths.etc : GATE_ETC_DIR, *text;
	autofd int etc_fd = sys_open(etc, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
	struct gate_policy policy;
	size_t len;
	int found;

	if (etc_fd < 0)
		return err_sys(err, "open '%s'", etc);
	found = gate_store_read(etc_fd, GATE_POLICY, GATE_POLICY_MAX_BYTES, tool->arena, &text,
				&len, err);
	if (found <= 0)
		return found < 0 ? -1
				 : err_set(err, ERR_NOT_FOUND,
					   "there is no %s/" GATE_POLICY
					   " (kanuki-gate init writes one)",
					   etc);
	if (gate_policy_parse(tool->arena, text, len, &policy, err) < 0)
		return err_context(err, "'%s/" GATE_POLICY "'", etc);
	if (str_list_has(&policy.pause_digests, digest))
		return 0;
	return change(tool, etc_fd, text, len, digest, err);
}

static int run(struct tool *tool, void *args, struct err *err)
{
	bool adds = strcmp(tool->args[0], "add") == 0;
	const char *bytes, *path = tool->args[1];
	char digest[72];
	size_t len;

	(void)args;
	if (!adds && strcmp(tool->args[0], "show") != 0)
		return err_set(err, ERR_USAGE, "pause: '%s' is neither add nor show",
			       tool->args[0]);
	if (tool_read(tool, path, PROGRAM_MAX, &bytes, &len, err) < 0 ||
	    check_static(path, bytes, len, err) < 0)
		return -1;
	image_digest(bytes, len, digest);
	if (adds &&
	    (add(tool, digest, err) < 0 || tool_log(tool, "pause add", NULL, digest, err) < 0))
		return -1;
	printf("%s\n", digest);
	return 0;
}

const struct verb verb_pause = {.name = "pause",
				.synopsis = "add|show FILE",
				.summary = "let an engine's pause program in by its content",
				.args_size = sizeof(struct pause_args),
				.min_args = 2,
				.max_args = 2,
				.failure_status = EXIT_TOOL_FAILED,
				.run = run};
