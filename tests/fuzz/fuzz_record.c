/* Any bytes as record.json: a clear refusal, or a record that is safe to act on
 * and that is written and read again as the same text. */
#include "config.h"

#include "base/path.h"
#include "state/record.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define must(cond)                                                                                                     \
	do {                                                                                                           \
		if (!(cond)) {                                                                                         \
			fprintf(stderr, "%s:%d: %s (%s)\n", __FILE__, __LINE__, #cond, err.msg);                       \
			abort();                                                                                       \
		}                                                                                                      \
	} while (0)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena arena = {.limit_bytes = 4 << 20};
	struct err err = ERR_INIT;
	struct record r = {0}, again = {0};
	if (record_parse((const char *)data, size, &arena, &r, &err) < 0) {
		must((err.kind == ERR_STATE || err.kind == ERR_SYSTEM) && err.msg[0] && !r.id);
		arena_release(&arena);
		return 0;
	}
	must(path_is_container_id(r.id) && (r.pid > 0 || (r.pid == 0 && r.status == RECORD_CREATING)));
	must(r.bundle && r.rootfs && r.owner && r.created && r.policy && r.oci_version && r.cgroup_root);
	must(!r.cgroup_path || (r.cgroup_path[0] == '/' && !path_has_dotdot(r.cgroup_path)));
	must(!r.intel_rdt_clos_id || !strchr(r.intel_rdt_clos_id, '/'));
	autostr first = STR_INIT, second = STR_INIT;
	must(record_print(&r, &first, &err) == 0);
	struct arena other = ARENA_INIT;
	must(record_parse(str_text(&first), first.len, &other, &again, &err) == 0);
	must(record_print(&again, &second, &err) == 0);
	must(!strcmp(str_text(&first), str_text(&second)));
	arena_release(&other);
	arena_release(&arena);
	return 0;
}
