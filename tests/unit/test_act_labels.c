/* Labels for the next exec: written whole, to the file of the module they are for,
 * beneath the private procfs, or refused. */
#include "config.h"

#include "act/process.h"

#include "tap.h"
#include "temp_dir.h"

static struct child child;

static void make_file(const char *name)
{
	FILE *f = fopen(name, "w");

	if (!f || fclose(f) != 0)
		exit(99);
}

static void is_file(const char *name, const char *want)
{
	char text[64] = "";
	FILE *f = fopen(name, "r");

	if (f) {
		text[fread(text, 1, sizeof(text) - 1, f)] = 0;
		fclose(f);
	}
	is_str(text, want, name);
}

static void is_refused(const struct plan *plan, const char *part, const char *what)
{
	struct err err = ERR_INIT;

	is_int(labels_apply(plan, &child, &err), -1, what);
	is_err(&err, ERR_SYSTEM, part, "names the label");
}

int main(void)
{
	struct plan plan = PLAN_INIT;
	struct err err = ERR_INIT;

	temp_dir_enter();
	if (mkdir("self", 0755) < 0 || mkdir("self/attr", 0755) < 0 || mkdir("self/attr/apparmor", 0755) < 0)
		exit(99);
	child.proc_fd = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);

	ok(labels_apply(&plan, &child, &err) == 0, "no label: nothing to do: %s", err.msg);

	plan.process.apparmor_profile = "box";
	is_refused(&plan, "set AppArmor profile 'box'", "AppArmor where there is none");
	make_file("self/attr/exec");
	is_refused(&plan, "set AppArmor profile 'box'", "nor is it written where the first module would take it");
	is_file("self/attr/exec", "");
	make_file("self/attr/apparmor/exec");
	ok(labels_apply(&plan, &child, &err) == 0, "AppArmor: %s", err.msg);
	is_file("self/attr/apparmor/exec", "exec box");
	is_file("self/attr/exec", "");

	plan.process.selinux_label = "system_u:system_r:container_t:s0:c1,c2";
	ok(labels_apply(&plan, &child, &err) == 0, "both: %s", err.msg);
	is_file("self/attr/exec", "system_u:system_r:container_t:s0:c1,c2");
	plan.process.apparmor_profile = NULL;
	if (unlink("self/attr/exec") < 0 || symlink("../other", "self/attr/exec") < 0)
		exit(99);
	make_file("self/other");
	is_refused(&plan, "set SELinux label 'system_u:", "a link in place of the file is not followed");
	is_file("self/other", "");
	return tap_done();
}
