/* Owns what may become the record of an image: never something older than what is there, nor
 * of the same time and cleaner.  So whoever can bring an old clean record to this
 * machine, signed as it may be, can't hide what was found since. */
#include "config.h"

#include "gate/store.h"
#include "gate/store_files.h"

#include "base/auto.h"
#include "base/json.h"
#include "base/json_out.h"
#include "base/num.h"
#include "base/rfc3339.h"
#include "gate/dsse.h"
#include "gate/findings.h"
#include "gate/record.h"
#include "sys/sys.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/banned.h"

/* 0: not looked for. */
static int64_t newest_of_class(const struct record *record, unsigned class)
{
	int64_t newest = 0;

	for (size_t i = 0; i < record->scans.n; i++)
		if ((record->scans.items[i].classes & 1u << class) &&
		    record->scans.items[i].scanned_at > newest)
			newest = record->scans.items[i].scanned_at;
	return newest;
}

static int64_t newest_scan(const struct record *record)
{
	int64_t newest = 0;

	for (unsigned class = CLASS_NONE + 1; class < CLASS_COUNT; class++)
		if (newest_of_class(record, class) > newest)
			newest = newest_of_class(record, class);
	return newest;
}

static bool looked_for(const struct record *record, unsigned class)
{
	for (size_t i = 0; i < record->scans.n; i++)
		if (record->scans.items[i].classes & 1u << class)
			return true;
	return false;
}

static int compare_class(const struct record *there, const struct record *incoming, unsigned class,
			 struct err *err)
{
	int64_t old = newest_of_class(there, class), new = newest_of_class(incoming, class);
	char old_text[RFC3339_SIZE], new_text[RFC3339_SIZE];
	uint64_t old_counts[CLASS_COUNT][SEVERITY_COUNT], new_counts[CLASS_COUNT][SEVERITY_COUNT];

	if (!looked_for(there, class))
		return 0;
	rfc3339_format(old, old_text);
	rfc3339_format(new, new_text);
	if (!looked_for(incoming, class))
		return err_set(
			err, ERR_STATE,
			"the image's present record has a scan for %s, of %s; the new one has none",
			scan_class_name((enum scan_class) class), old_text);
	if (new < old)
		return err_set(err, ERR_STATE,
			       "the image's present record has a newer scan for %s, of %s; the new "
			       "one's is of %s",
			       scan_class_name((enum scan_class) class), old_text, new_text);
	if (new > old)
		return 0;
	record_count(there, old_counts);
	record_count(incoming, new_counts);
	for (unsigned severity = 0; severity < SEVERITY_COUNT; severity++)
		if (new_counts[class][severity] < old_counts[class][severity])
			return err_set(err, ERR_STATE,
				       "the image's present record has more findings (%s: %" PRIu64
				       " instead of %" PRIu64 ") by a scan of the same time, %s",
				       scan_class_name((enum scan_class) class),
				       old_counts[class][severity], new_counts[class][severity],
				       old_text);
	return 0;
}

/* The newest scan of the history: what holds when the present record can't be read. */
static int newest_in_history(const struct gate_store *store, const char *config, int64_t *ret,
			     struct arena *arena, struct err *err)
{
	char path[STORE_PATH_MAX], stamp[24];
	struct str_list names = {0};

	*ret = 0;
	store_files_digest_path(config, "history", path);
	if (store_files_names(store->dirfd, path, arena, &names, err) < 0)
		return -1;
	for (size_t i = 0; i < names.n; i++) {
		size_t len = strcspn(names.items[i], "-");
		int64_t at;

		if (len >= sizeof(stamp))
			continue;
		memcpy(stamp, names.items[i], len);
		stamp[len] = '\0';
		if (num_parse_i64(stamp, 0, INT64_MAX, &at) && at > *ret)
			*ret = at;
	}
	return 0;
}

/* False: it can't be read, whyever; then nothing is admitted by it either. */
static bool read_record(const char *envelope, size_t len, struct arena *arena, struct record *ret)
{
	struct err err = ERR_INIT;
	bool wrong_type = false;
	struct dsse dsse;

	return dsse_parse(arena, envelope, len, &dsse, &err) == 0 &&
	       record_parse(arena, dsse.payload, dsse.payload_len, ret, &wrong_type, &err) == 0 &&
	       !wrong_type;
}

static int check_newer(const struct gate_store *store, const struct record *record,
		       const char *envelope, size_t len, struct arena *arena, struct err *err)
{
	const char *there;
	size_t there_len;
	struct record present;
	int64_t newest;
	int found = store_files_of(store, record->image.config, "current", RECORD_MAX_BYTES, arena,
				   &there, &there_len, err);

	if (found < 0)
		return -1;
	if (found == 0)
		return 0;
	if (there_len == len && memcmp(there, envelope, len) == 0)
		return 0;
	if (read_record(there, there_len, arena, &present)) {
		for (unsigned class = CLASS_NONE + 1; class < CLASS_COUNT; class++)
			if (compare_class(&present, record, class, err) < 0)
				return -1;
		return 0;
	}
	if (newest_in_history(store, record->image.config, &newest, arena, err) < 0)
		return -1;
	if (newest_scan(record) < newest)
		return err_set(err, ERR_STATE,
			       "the image's present record is broken, and there was one with a "
			       "newer scan: scan it anew");
	return 0;
}

/* --- the names of an image --- */

static bool names(const struct json *entry, const char *config)
{
	if (entry->type == JSON_STRING)
		return strcmp(entry->text, config) == 0;
	json_each(one, entry)
		if (strcmp(one->text, config) == 0)
			return true;
	return entry->n >= ALIAS_CLAIMS_MAX;
}

/* As it is there; and with another config, if that isn't NULL. */
static void add_entry(struct json_out *out, const struct json *entry, const char *config)
{
	if (entry->type == JSON_STRING && !config) {
		json_out_string(out, entry->key, entry->text);
		return;
	}
	json_out_array(out, entry->key);
	if (entry->type == JSON_STRING)
		json_out_string(out, NULL, entry->text);
	else
		json_each(one, entry)
			json_out_string(out, NULL, one->text);
	if (config)
		json_out_string(out, NULL, config);
	json_out_end_array(out);
}

/* One platform's image more; an index can't come to mean another one.  Which of two records
 * that claim it says the truth isn't to be told here: were it the first one's, whoever
 * comes first could keep the true image's out.  It stands for neither from then on; both
 * are found by their config digests. */
static int add_alias(struct gate_store *store, const char *digest, const struct record *record,
		     struct arena *arena, struct err *err)
{
	struct json_out out __attribute__((cleanup(json_out_release))) = JSON_OUT_INIT;
	const char *config = record->image.config, *platform = record->image.platform;
	const struct json *there = NULL, *entry = NULL;
	char path[STORE_PATH_MAX];
	int found;

	if (strcmp(digest, config) == 0)
		return 0;
	found = store_files_alias(store, digest, arena, &there, err);
	if (found < 0)
		return -1;
	entry = found ? json_get(there, platform) : NULL;
	if (entry && names(entry, config))
		return 0;
	json_out_object(&out, NULL);
	if (found)
		json_each(other, there)
			add_entry(&out, other, other == entry ? config : NULL);
	if (!entry)
		json_out_string(&out, platform, config);
	json_out_end_object(&out);
	if (json_out_finish(&out, err) < 0)
		return -1;
	store_files_digest_path(digest, "", path);
	autofd int dirfd = store_files_make_dir(store->dirfd, path, err);

	return dirfd < 0 ? -1 : store_files_put(dirfd, "alias", out.text.s, out.text.len, err);
}

static int add_aliases(struct gate_store *store, const struct record *record, struct arena *arena,
		       struct err *err)
{
	if (!record->image.platform)
		return 0;
	if (record->image.manifest &&
	    add_alias(store, record->image.manifest, record, arena, err) < 0)
		return -1;
	for (size_t i = 0; i < record->image.indexes.n; i++)
		if (add_alias(store, record->image.indexes.items[i], record, arena, err) < 0)
			return -1;
	return 0;
}

/* --- publishing --- */

static int add_history(int dirfd, const struct record *record, const char digest[72],
		       struct err *err)
{
	autofd int history_fd = store_files_make_dir(dirfd, "history", err);
	char name[48], text[80];

	(void)snprintf(name, sizeof(name), "%" PRId64 "-%.16s", newest_scan(record), digest + 7);
	(void)snprintf(text, sizeof(text), "%.71s\n", digest);
	return history_fd < 0 ? -1 : store_files_put(history_fd, name, text, strlen(text), err);
}

static int check_names(const struct record *record, struct err *err)
{
	const struct record_image *image = &record->image;
	bool good = digest_is_valid(image->config) &&
		    (!image->manifest || digest_is_valid(image->manifest));

	for (size_t i = 0; i < image->indexes.n; i++)
		good = good && digest_is_valid(image->indexes.items[i]);
	return good ? 0 : err_set(err, ERR_SPEC, "the record names no valid digests");
}

static int publish(struct gate_store *store, const struct record *record, const char *envelope,
		   size_t len, struct arena *arena, struct err *err)
{
	char path[STORE_PATH_MAX], digest[72];
	autofd int dirfd = -1;

	if (check_newer(store, record, envelope, len, arena, err) < 0 ||
	    gate_store_put(store, "records", envelope, len, digest, err) < 0)
		return -1;
	store_files_digest_path(record->image.config, "", path);
	dirfd = store_files_make_dir(store->dirfd, path, err);
	if (dirfd < 0 || add_history(dirfd, record, digest, err) < 0 ||
	    add_aliases(store, record, arena, err) < 0 ||
	    store_files_put(dirfd, "current", envelope, len, err) < 0)
		return -1;
	/* Signed now, or overtaken. */
	if (sys_unlinkat(dirfd, "pending", 0) < 0 && errno != ENOENT)
		return err_sys(err, "remove the record that waited");
	return store_files_bump(store, err);
}

int gate_store_publish(struct gate_store *store, const struct record *record, const char *envelope,
		       size_t len, struct err *err)
{
	struct arena arena = {.limit_bytes = RECORD_ARENA_BYTES};
	int status;

	if (store->lock_fd < 0)
		return err_set(err, ERR_USAGE, "the store isn't open for writing");
	if (len > RECORD_MAX_BYTES)
		return err_set(err, ERR_SPEC, "the record has %zu bytes; at most %u are taken", len,
			       RECORD_MAX_BYTES);
	if (check_names(record, err) < 0)
		return -1;
	status = publish(store, record, envelope, len, &arena, err);
	arena_release(&arena);
	return status;
}
