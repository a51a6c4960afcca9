/* The order of confinement: no step needs a power that an earlier one gave up,
 * and what must come after what, as the comments of act/child.c claim. */
#include "config.h"

#include "act/child.h"

#include "tap.h"

#include <string.h>

static size_t find_step(const struct child_step *steps, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(steps[i].name, name) == 0)
			return i;
	return SIZE_MAX;
}

static void check_powers(const char *table, const struct child_step *steps, size_t n)
{
	unsigned gone = 0;
	bool held = true;

	for (size_t i = 0; i < n; i++) {
		if (steps[i].needs & gone) {
			diag("%s: step '%s' needs 0x%x, gone is 0x%x", table, steps[i].name, steps[i].needs, gone);
			held = false;
		}
		gone |= steps[i].drops;
	}
	ok(held, "%s: no step needs what an earlier one dropped", table);
	ok((gone & (POWER_CAPS | POWER_SETID | POWER_MOUNT | POWER_HOST_PATHS | POWER_OPEN_FDS | POWER_PARENT |
			POWER_SYSCALLS)) == (POWER_CAPS | POWER_SETID | POWER_MOUNT | POWER_HOST_PATHS |
					     POWER_OPEN_FDS | POWER_PARENT | POWER_SYSCALLS),
	       "%s: every power is gone at the end", table);
}

static void check_order(const char *table, const struct child_step *steps, size_t n, const char *first,
			const char *second)
{
	size_t a = find_step(steps, n, first), b = find_step(steps, n, second);

	ok(a != SIZE_MAX && b != SIZE_MAX && a < b, "%s: '%s' comes before '%s'", table, first, second);
}

static void check_table(const char *table, const struct child_step *steps, size_t n)
{
	check_powers(table, steps, n);
	check_order(table, steps, n, "own-session", "join-namespaces");
	check_order(table, steps, n, "last-user-namespace", "set-ids");
	check_order(table, steps, n, "drop-bounding", "drop-capabilities");
	check_order(table, steps, n, "set-ids", "drop-capabilities");
	check_order(table, steps, n, "drop-capabilities", "landlock");
	check_order(table, steps, n, "landlock", "read-back");
	check_order(table, steps, n, "read-back", "close-descriptors");
	check_order(table, steps, n, "close-descriptors", "ready");
	check_order(table, steps, n, "ready", "filter");
	check_order(table, steps, n, "filter", "late-drop");
	ok(n >= 3 && strcmp(steps[n - 1].name, "exec") == 0 && strcmp(steps[n - 2].name, "late-drop") == 0 &&
		   strcmp(steps[n - 3].name, "filter") == 0,
	   "%s: only the late drop stands between the filter and exec", table);
}

int main(void)
{
	check_table("create", child_steps_create, child_steps_create_len);
	check_table("exec", child_steps_exec, child_steps_exec_len);
	check_order("create", child_steps_create, child_steps_create_len, "open-sources", "enter-root");
	check_order("create", child_steps_create, child_steps_create_len, "mask-paths", "enter-root");
	check_order("create", child_steps_create, child_steps_create_len, "enter-root", "last-user-namespace");
	check_order("create", child_steps_create, child_steps_create_len, "last-user-namespace",
		    "await-last-maps");
	check_order("create", child_steps_create, child_steps_create_len, "await-last-maps",
		    "set-ids");
	check_order("exec", child_steps_exec, child_steps_exec_len, "open-procfs", "join-namespaces");
	check_order("exec", child_steps_exec, child_steps_exec_len, "raise-limits", "join-namespaces");
	return tap_done();
}
