/* Strict numbers from text: the whole string or an error (CVE-2026-30892).  Digits
 * only: no sign, blank, prefix or suffix unless said. */
#ifndef KANUKI_BASE_NUM_H
#define KANUKI_BASE_NUM_H

#include <stdbool.h>
#include <stdint.h>

bool num_parse_u64(const char *s, uint64_t max, uint64_t *ret) __attribute__((warn_unused_result));
/* One leading '-'. */
bool num_parse_i64(const char *s, int64_t min, int64_t max, int64_t *ret)
	__attribute__((warn_unused_result));
/* A uid or gid: 0..4294967294.  4294967295 is (uid_t)-1, which setresuid(2)
 * and chown(2) take for "leave as it is" (W-02). */
bool num_parse_id(const char *s, uint32_t *ret) __attribute__((warn_unused_result));
/* Bytes with an optional suffix b,k,m,g,t (either case, optional "b"/"ib"): "64m". */
bool num_parse_size(const char *s, uint64_t *ret) __attribute__((warn_unused_result));

#endif
