/* base/json_out.c: what is written is JSON, and reads back the same. */
#include "config.h"

#include "base/json.h"
#include "base/json_out.h"

#include "fake_alloc.h"
#include "tap.h"

#include <errno.h>

static void write_sample(struct json_out *o)
{
	json_out_object(o, NULL);
	json_out_string(o, "s", "a\"\033\n\xff");
	json_out_string(o, "null", NULL);
	json_out_i64(o, "min", INT64_MIN);
	json_out_u64(o, "max", UINT64_MAX);
	json_out_bool(o, "t", true);
	json_out_bool(o, "f", false);
	json_out_array(o, "list");
	json_out_i64(o, NULL, 1);
	json_out_string(o, NULL, "two");
	json_out_object(o, NULL);
	json_out_end_object(o);
	json_out_array(o, NULL);
	json_out_end_array(o);
	json_out_end_array(o);
	json_out_raw(o, "raw", "[1,2]");
	json_out_object(o, "k\"ey");
	json_out_end_object(o);
	json_out_end_object(o);
}

static const char compact[] = "{\"s\":\"a\\\"\\u001b\\n\\ufffd\",\"null\":null,\"min\":-9223372036854775808,"
			      "\"max\":18446744073709551615,\"t\":true,\"f\":false,\"list\":[1,\"two\",{},[]],"
			      "\"raw\":[1,2],\"k\\\"ey\":{}}";

static void test_compact(void)
{
	struct json_out o = JSON_OUT_INIT;
	struct err err = ERR_INIT;
	write_sample(&o);
	is_int(json_out_finish(&o, &err), 0, "finished");
	is_str(str_text(&o.text), compact, "compact");

	struct arena a = ARENA_INIT;
	const struct json *root;
	is_int(json_parse(&a, str_text(&o.text), o.text.len, &root, &err), 0, "our own parser takes it");
	arena_release(&a);
	json_out_release(&o);
	is_str(str_text(&o.text), "", "released");
}

static void test_append(void)
{
	struct json_out o = JSON_OUT_INIT;
	struct str out = STR_INIT;
	struct err err = ERR_INIT;

	str_add(&out, "before ");
	json_out_object(&o, NULL);
	json_out_end_object(&o);
	is_int(json_out_append(&o, &out, &err), 0, "appended");
	is_str(str_text(&out), "before {}", "behind what was there");
	o.text.failed = true;
	is_int(json_out_append(&o, &out, &err), -1, "what could not be stored");
	is_int(err.sys_errno, ENOMEM, "is told");
	is_str(str_text(&out), "before {}", "and appends nothing");
	json_out_release(&o);
	str_release(&out);
}

static void test_pretty(void)
{
	struct json_out o = {.pretty = true};
	struct err err = ERR_INIT;
	json_out_object(&o, NULL);
	json_out_string(&o, "a", "b");
	json_out_array(&o, "c");
	json_out_i64(&o, NULL, 1);
	json_out_i64(&o, NULL, 2);
	json_out_end_array(&o);
	json_out_object(&o, "d");
	json_out_end_object(&o);
	json_out_end_object(&o);
	is_int(json_out_finish(&o, &err), 0, "finished");
	is_str(str_text(&o.text), "{\n  \"a\": \"b\",\n  \"c\": [\n    1,\n    2\n  ],\n  \"d\": {}\n}", "as runc prints");
	json_out_release(&o);
}

static void test_no_memory(void)
{
	unsigned tried = 0;
	for (unsigned n = 1;; n++) {
		struct json_out o = JSON_OUT_INIT;
		struct err err = ERR_INIT;
		fake_alloc_fail(n);
		write_sample(&o);
		int r = json_out_finish(&o, &err);
		bool failed = fake_alloc_failed();
		fake_alloc_fail(0);
		json_out_release(&o);
		if (!failed)
			break;
		tried++;
		if (!ok(r == -1 && err.kind == ERR_SYSTEM, "allocation %u fails: told at the end", n))
			break;
	}
	ok(tried > 1, "%u allocations tried", tried);
}

int main(void)
{
	test_compact();
	test_append();
	test_pretty();
	test_no_memory();
	return tap_done();
}
