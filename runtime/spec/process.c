/* The process object: what runs, as whom, with which limits.  Also read alone, from exec's
 * --process file.  runtime-spec config.md "Process"; ids and privileges are judged by policy/.
 */
#include "config.h"

#include "spec/table.h"

#include <limits.h>
#include <linux/ioprio.h>
#include <linux/sched.h>
#include <string.h>

#include "base/banned.h"

/* --- process.user --- */

static const struct range umask_range = {0, 0777, "a umask is 0 to 511 (octal 0777)"};

/* setgroups(2) takes NGROUPS_MAX. */
#define GROUPS_MAX 65536

static int take_ids(struct reader *r, const struct json *v, const struct property *p, void *field)
{
	struct spec_user *user = field;

	if (v->n > GROUPS_MAX)
		return json_error(v, r->err, "has %zu groups; a process can have %d at most", v->n,
				  GROUPS_MAX);
	json_each(child, v) {
		uint32_t *id = ARENA_PUSH(r->arena, &user->additional_gids);

		if (!id)
			return err_oom(r->err);
		if (take_id(r, child, p, id))
			return -1;
	}
	return 0;
}

#define AT(field) offsetof(struct spec_user, field)
static const struct property user_rows[] = {
	ROW("uid", JSON_NUMBER, take_id, AT(uid)),
	ROW("gid", JSON_NUMBER, take_id, AT(gid)),
	ROW("umask", JSON_NUMBER, take_opt_u32, AT(umask), .rule = &umask_range),
	ROW("additionalGids", JSON_ARRAY, take_ids, 0),
	ROW_NOT_LINUX("username", JSON_STRING,
		      "a user is named by uid and gid; user names are for Windows"),
};
#undef AT
static TABLE(user_table, user_rows, struct spec_user, NULL);

/* --- process.capabilities --- */

static int take_capabilities(struct reader *r, const struct json *v, const struct property *p,
			     void *field)
{
	uint64_t *set = field;

	(void)p;
	json_each(child, v) {
		const char *s;
		int number;

		if (json_as_string(child, &s, r->err))
			return -1;
		number = spec_capability_number(s);
		if (number < 0)
			return json_error(child, r->err, "unknown capability '%s'",
					  table_show(s).s);
		*set |= UINT64_C(1) << number;
	}
	return 0;
}

#define AT(field) offsetof(struct spec_capabilities, field)
static const struct property capabilities_rows[] = {
	ROW("bounding", JSON_ARRAY, take_capabilities, AT(bounding)),
	ROW("effective", JSON_ARRAY, take_capabilities, AT(effective)),
	ROW("inheritable", JSON_ARRAY, take_capabilities, AT(inheritable)),
	ROW("permitted", JSON_ARRAY, take_capabilities, AT(permitted)),
	ROW("ambient", JSON_ARRAY, take_capabilities, AT(ambient)),
};
#undef AT
static TABLE(capabilities_table, capabilities_rows, struct spec_capabilities, NULL);

/* --- process.rlimits --- */

static int rlimit_check(struct reader *r, const struct json *v, void *obj)
{
	struct spec_rlimit *limit = obj;

	limit->resource = spec_rlimit_number(limit->type);
	if (limit->soft > limit->hard)
		return json_error(v, r->err,
				  "soft limit %llu is above hard limit %llu; lower the one or "
				  "raise the other",
				  (unsigned long long)limit->soft, (unsigned long long)limit->hard);
	return 0;
}

#define AT(field) offsetof(struct spec_rlimit, field)
static const struct property rlimit_rows[] = {
	ROW("type", JSON_STRING, take_word, AT(type), .flags = PROPERTY_REQUIRED,
	    .rule = &rlimit_names),
	ROW("soft", JSON_NUMBER, take_u64, AT(soft), .flags = PROPERTY_REQUIRED),
	ROW("hard", JSON_NUMBER, take_u64, AT(hard), .flags = PROPERTY_REQUIRED),
};
#undef AT
static TABLE(rlimit_table, rlimit_rows, struct spec_rlimit, rlimit_check);

static int take_rlimits(struct reader *r, const struct json *v, const struct property *p,
			void *field)
{
	uint64_t seen = 0;

	json_each(child, v) {
		const struct spec_rlimit *limit = table_append(r, child, p->child, field);

		if (!limit)
			return -1;
		if (seen & UINT64_C(1) << limit->resource)
			return json_error(child, r->err, "%s is given twice; keep one",
					  limit->type);
		seen |= UINT64_C(1) << limit->resource;
	}
	return 0;
}

/* --- process.scheduler --- */

static const struct table_entry policy_items[] = {
	{"SCHED_OTHER", SCHED_NORMAL},
	{"SCHED_FIFO", SCHED_FIFO},
	{"SCHED_RR", SCHED_RR},
	{"SCHED_BATCH", SCHED_BATCH},
	{"SCHED_ISO", 4}, /* reserved: in the schema, in no kernel */
	{"SCHED_IDLE", SCHED_IDLE},
	{"SCHED_DEADLINE", SCHED_DEADLINE},
};
static NAME_SET(policy_names, policy_items, "a scheduling policy");

static const struct table_entry sched_flag_items[] = {
	{"SCHED_FLAG_RESET_ON_FORK", SCHED_FLAG_RESET_ON_FORK},
	{"SCHED_FLAG_RECLAIM", SCHED_FLAG_RECLAIM},
	{"SCHED_FLAG_DL_OVERRUN", SCHED_FLAG_DL_OVERRUN},
	{"SCHED_FLAG_KEEP_POLICY", SCHED_FLAG_KEEP_POLICY},
	{"SCHED_FLAG_KEEP_PARAMS", SCHED_FLAG_KEEP_PARAMS},
	{"SCHED_FLAG_UTIL_CLAMP_MIN", SCHED_FLAG_UTIL_CLAMP_MIN},
	{"SCHED_FLAG_UTIL_CLAMP_MAX", SCHED_FLAG_UTIL_CLAMP_MAX},
};
static NAME_SET(sched_flag_names, sched_flag_items, "a scheduler flag");

static const struct range nice_range = {-20, 19, "nice is -20 to 19"};
static const struct range sched_priority_range = {0, 99, "a scheduling priority is 0 to 99"};

static int take_sched_flags(struct reader *r, const struct json *v, const struct property *p,
			    void *field)
{
	uint64_t *flags = field;
	int flag;

	json_each(child, v) {
		if (take_named(r, child, p, &flag))
			return -1;
		*flags |= (uint64_t)flag;
	}
	return 0;
}

static int deadline_check(struct reader *r, const struct json *v, const struct spec_scheduler *s)
{
	uint64_t period = s->period.v ? s->period.v : s->deadline.v;

	if (!s->runtime.v || !s->deadline.v)
		return json_error(v, r->err,
				  "SCHED_DEADLINE needs 'runtime' and 'deadline', in nanoseconds");
	if (s->runtime.v > s->deadline.v || s->deadline.v > period)
		return json_error(v, r->err, "SCHED_DEADLINE needs runtime <= deadline <= period");
	return 0;
}

static int scheduler_check(struct reader *r, const struct json *v, void *obj)
{
	const struct spec_scheduler *s = obj;
	bool realtime = s->policy == SCHED_FIFO || s->policy == SCHED_RR;

	if (s->policy == 4)
		return json_error(
			v, r->err,
			"policy SCHED_ISO is reserved and in no Linux kernel; choose another");
	if (realtime && s->priority.v < 1)
		return json_error(v, r->err,
				  "SCHED_FIFO and SCHED_RR need a 'priority' of 1 to 99");
	if (!realtime && s->priority.v)
		return json_error(v, r->err,
				  "'priority' is for SCHED_FIFO and SCHED_RR only; remove it");
	if (s->policy == SCHED_DEADLINE)
		return deadline_check(r, v, s);
	if (s->runtime.v || s->deadline.v || s->period.v)
		return json_error(v, r->err,
				  "'runtime', 'deadline' and 'period' are for SCHED_DEADLINE only; "
				  "remove them");
	return 0;
}

#define AT(field) offsetof(struct spec_scheduler, field)
static const struct property scheduler_rows[] = {
	ROW("policy", JSON_STRING, take_named, AT(policy), .flags = PROPERTY_REQUIRED,
	    .rule = &policy_names),
	ROW("nice", JSON_NUMBER, take_opt_i64, AT(nice), .rule = &nice_range),
	ROW("priority", JSON_NUMBER, take_opt_i64, AT(priority), .rule = &sched_priority_range),
	ROW("flags", JSON_ARRAY, take_sched_flags, AT(flags), .rule = &sched_flag_names),
	ROW("runtime", JSON_NUMBER, take_opt_u64, AT(runtime)),
	ROW("deadline", JSON_NUMBER, take_opt_u64, AT(deadline)),
	ROW("period", JSON_NUMBER, take_opt_u64, AT(period)),
};
#undef AT
static TABLE(scheduler_table, scheduler_rows, struct spec_scheduler, scheduler_check);

/* --- process.ioPriority --- */

static const struct table_entry io_class_items[] = {
	{"IOPRIO_CLASS_RT", IOPRIO_CLASS_RT},
	{"IOPRIO_CLASS_BE", IOPRIO_CLASS_BE},
	{"IOPRIO_CLASS_IDLE", IOPRIO_CLASS_IDLE},
};
static NAME_SET(io_class_names, io_class_items, "an I/O priority class");

static int take_io_level(struct reader *r, const struct json *v, const struct property *p,
			 void *field)
{
	int64_t n;

	if (take_i64(r, v, p, &n))
		return -1;
	*(int *)field = (int)n;
	return 0;
}

static const struct range io_level_range = {0, 7, "an I/O priority is 0 (highest) to 7"};

/* The text of the specification requires `priority`, its schema does not.  Absent is 0, as the
 * Go types read it. */
#define AT(field) offsetof(struct spec_io_priority, field)
static const struct property io_priority_rows[] = {
	ROW("class", JSON_STRING, take_named, AT(class), .flags = PROPERTY_REQUIRED,
	    .rule = &io_class_names),
	ROW("priority", JSON_NUMBER, take_io_level, AT(priority), .rule = &io_level_range),
};
#undef AT
static TABLE(io_priority_table, io_priority_rows, struct spec_io_priority, NULL);

/* --- process --- */

static const struct range oom_range = {-1000, 1000, "oom_score_adj is -1000 to 1000"};
/* TIOCSWINSZ counts in 16 bits. */
static const struct range console_range = {0, UINT16_MAX,
					   "a terminal has 65535 rows or columns at most"};

#define AT(field) offsetof(struct spec_process, field)
static const struct property console_rows[] = {
	ROW("height", JSON_NUMBER, take_u32, AT(console_size.height), .flags = PROPERTY_REQUIRED,
	    .rule = &console_range),
	ROW("width", JSON_NUMBER, take_u32, AT(console_size.width), .flags = PROPERTY_REQUIRED,
	    .rule = &console_range),
};
static TABLE(console_table, console_rows, struct spec_process, NULL);

static const struct property affinity_rows[] = {
	ROW("initial", JSON_STRING, take_mask_list, AT(exec_cpu_affinity.initial), .rule = "CPUs"),
	ROW("final", JSON_STRING, take_mask_list, AT(exec_cpu_affinity.final), .rule = "CPUs"),
};
static TABLE(affinity_table, affinity_rows, struct spec_process, NULL);

static int process_check(struct reader *r, const struct json *v, void *obj)
{
	const struct spec_process *process = obj;

	if (process->args.n > 0 && !process->args.items[0][0])
		return json_error(json_get(v, "args")->first, r->err,
				  "is empty; it names the program to execute");
	return 0;
}

static const struct property process_rows[] = {
	ROW("terminal", JSON_BOOL, take_bool, AT(terminal)),
	ROW("consoleSize", JSON_OBJECT, take_object, 0, .child = &console_table,
	    .mark = AT(console_size.set)),
	ROW("user", JSON_OBJECT, take_object, AT(user), .child = &user_table),
	ROW("args", JSON_ARRAY, take_strings, AT(args)),
	ROW("env", JSON_ARRAY, take_strings, AT(env), .text = text_env),
	ROW("cwd", JSON_STRING, take_string, AT(cwd), .flags = PROPERTY_REQUIRED,
	    .text = text_absolute_path),
	ROW("capabilities", JSON_OBJECT, take_object_ptr, AT(capabilities),
	    .child = &capabilities_table),
	ROW("rlimits", JSON_ARRAY, take_rlimits, AT(rlimits), .child = &rlimit_table),
	ROW("noNewPrivileges", JSON_BOOL, take_opt_bool, AT(no_new_privileges)),
	ROW("apparmorProfile", JSON_STRING, take_string, AT(apparmor_profile)),
	ROW("oomScoreAdj", JSON_NUMBER, take_opt_i64, AT(oom_score_adj), .rule = &oom_range),
	ROW("scheduler", JSON_OBJECT, take_object_ptr, AT(scheduler), .child = &scheduler_table),
	ROW("selinuxLabel", JSON_STRING, take_string, AT(selinux_label)),
	ROW("ioPriority", JSON_OBJECT, take_object_ptr, AT(io_priority),
	    .child = &io_priority_table),
	ROW("execCPUAffinity", JSON_OBJECT, take_object, 0, .child = &affinity_table),
	ROW_NOT_LINUX("commandLine", JSON_STRING,
		      "a command line as one string is for Windows; use 'args'"),
};
#undef AT
TABLE(process_table, process_rows, struct spec_process, process_check);
