/* The form of the answer; the other end is runtime/cmd/scan_answer.c. */
#include "config.h"

#include "gate/answer.h"

#include "base/json_out.h"
#include "base/table.h"
#include "gate/line.h"

#include "base/banned.h"

static const char *class_name(enum subject_class subject)
{
	static const char *const names[] = {
		[SUBJECT_UNKNOWN] = "unknown", [SUBJECT_IMAGE] = "image",
		[SUBJECT_PAUSE] = "pause",     [SUBJECT_ROOTFS] = "rootfs",
		[SUBJECT_BUILD] = "build",     [SUBJECT_BUNDLE] = "bundle"};

	return (unsigned)subject < ARRAY_LEN(names) ? names[subject] : names[SUBJECT_UNKNOWN];
}

static const char *source_name(enum identity_source source)
{
	switch (source) {
	case IDENTITY_ENGINE:
		return "engine";
	case IDENTITY_PINNED:
		return "pinned";
	case IDENTITY_PERMIT:
		return "permit";
	case IDENTITY_NONE:
		break;
	}
	return NULL;
}

/* In mode audit a container is let in whose image isn't: what two sources name differently
 * (E_DIGEST_MISMATCH; an index that the record names is no other image), or one that the policy
 * doesn't accept, is no proof. */
static bool is_proven(const struct gate_result *result)
{
	for (unsigned i = 0; i < result->n_reasons; i++)
		if (gate_code_info(result->reasons[i].code)->exit_status ==
		    gate_code_info(E_DIGEST_UNRESOLVED)->exit_status)
			return false;
	return !result->more;
}

int gate_answer(const struct gate_result *result, const struct gate_request *request,
		const struct gate_found *found, uint64_t generation, struct str *out,
		struct err *err)
{
	struct json_out o __attribute__((cleanup(json_out_release))) = JSON_OUT_INIT;
	char line[GATE_LINE_MAX];

	gate_line(result, request, line);
	json_out_object(&o, NULL);
	json_out_string(&o, "verdict", gate_verdict_name(result->verdict));
	json_out_string(&o, "class", class_name(request->subject));
	json_out_string(&o, "image", is_proven(result) ? request->digest : NULL);
	json_out_string(&o, "source", source_name(request->source));
	json_out_string(&o, "record", found->record_digest[0] ? found->record_digest : NULL);
	json_out_u64(&o, "generation", generation);
	json_out_array(&o, "reasons");
	for (unsigned i = 0; i < result->n_reasons; i++)
		json_out_string(&o, NULL, gate_code_info(result->reasons[i].code)->name);
	json_out_end_array(&o);
	json_out_string(&o, "line", line);
	json_out_end_object(&o);
	if (json_out_append(&o, out, err) < 0)
		return -1;
	str_add(out, "\n");
	return str_failed(out) ? err_oom(err) : 0;
}
