/* The decision by the clock: what is too old, too new or over, and the grace of a restart. */
#include "config.h"

#include "gate_case.h"

static void test_clock(void)
{
	world_good(&w);
	w.in.highest_seen = NOW + 301;
	spoilt(E_CLOCK_ROLLBACK, "five minutes and a second", true);
	w.in.highest_seen = NOW + 300;
	allows("within the skew");
	world_good(&w);
	w.in.now = w.in.highest_seen = 0;
	denies(E_CLOCK_ROLLBACK, "no clock");
	world_good(&w);
	w.scans[0].scanned_at = w.scans[0].db_updated_at = w.record.issued_at = NOW + 300;
	allows("everything as far ahead as clocks may differ");
	world_good(&w);
	w.scans[0].scanned_at = NOW + 301;
	w.scans[0].db_updated_at = NOW;
	spoilt(E_SCAN_FUTURE, "scanned tomorrow", true);
	w.scans[1].db_updated_at = NOW + 301;
	denies(E_SCAN_FUTURE, "a database of tomorrow");
	world_good(&w);
	w.record.issued_at = NOW + 301;
	denies(E_SCAN_FUTURE, "issued tomorrow");
}

static void test_ages(void)
{
	world_good(&w);
	w.scans[0].scanned_at = NOW - 21 * DAY_S;
	w.scans[0].db_updated_at = NOW - 22 * DAY_S;
	denies(E_SCAN_STALE, "21 days");
	tells(E_SCAN_STALE, "trivy scanned 2026-10-31T00:00:00Z (21d > 7d)");
	spoilt(E_SCAN_STALE, "21 days", true);
	w.scans[0].scanned_at = NOW - 7 * DAY_S;
	w.scans[0].db_updated_at = NOW - 8 * DAY_S;
	allows("7 days");
	w.scans[0].scanned_at--;
	denies(E_SCAN_STALE, "a second more");
	tells(E_SCAN_STALE, "trivy scanned 2026-11-13T23:59:59Z (604801s > 604800s)");
	w.scans[0].scanned_at = 0;
	denies(E_SCAN_STALE, "a time that isn't said is never fresh");
	w.scans[0].scanned_at = INT64_MIN;
	denies(E_SCAN_STALE, "a time before all");
	world_good(&w);
	w.scans[1].scanned_at = NOW - 30 * DAY_S;
	allows("a scan that isn't asked for may be old");
	w.scans[0].scanned_at = NOW - 3 * DAY_S;
	w.scans[0].db_updated_at = NOW - 4 * DAY_S;
	w.request.max_scan_age_s = 3 * DAY_S;
	allows("within kanuki's own limit");
	w.request.max_scan_age_s = 2 * DAY_S;
	denies(E_SCAN_STALE, "beyond kanuki's own limit");
	tells(E_SCAN_STALE, "trivy scanned 2026-11-18T00:00:00Z (3d > 2d, scan.maxAgeDays of kanuki's policy)");
	tells(E_TOOL_MISSING, "0 < 1 fresh");
	w.request.is_restart = true;
	w.request.seen_at = NOW - 9 * DAY_S;
	w.policy.grace_restart_s = 30 * DAY_S;
	denies(E_SCAN_STALE, "the gate's grace isn't kanuki's");
	w.scans[0].scanned_at = NOW - 21 * DAY_S;
	w.scans[0].db_updated_at = NOW - 22 * DAY_S;
	w.request.max_scan_age_s = 30 * DAY_S;
	allows("a longer limit of kanuki's changes nothing");
	w.policy.grace_restart_s = 0;
	denies(E_SCAN_STALE, "a longer limit of kanuki's lets in nothing");
	tells(E_SCAN_STALE, "trivy scanned 2026-10-31T00:00:00Z (21d > 7d)");
	world_good(&w);
	w.scans[1].scanned_at = NOW - 30 * DAY_S;
	w.policy.require_classes |= 1u << CLASS_MALWARE;
	denies(E_SCAN_STALE, "one that is asked for may not");
	world_good(&w);
	w.scans[2] = w.scans[0];
	w.scans[2].scanned_at = NOW - 100 * DAY_S;
	w.record.scans.n = 3;
	allows("the newest of a class counts");
	w.scans[0].complete = false;
	denies(E_SCAN_STALE, "a complete one goes before a newer one that isn't");
	world_good(&w);
	w.policy.require_classes = 0;
	w.scans[0].scanned_at = w.scans[1].scanned_at = NOW - 8 * DAY_S;
	denies(E_SCAN_STALE, "no class asked for: the newest of all");

	world_good(&w);
	w.scans[0].db_updated_at = w.scans[0].scanned_at - 3 * DAY_S - 1;
	spoilt(E_DB_STALE, "the database when it scanned", true);
	w.scans[0].db_updated_at = w.scans[0].scanned_at - 3 * DAY_S;
	allows("a database of three days");
	w.scans[0].db_updated_at = 0;
	spoilt(E_DB_STALE, "not said", true);
	w.scans[0].scanned_at = 0;
	w.scans[0].db_updated_at = NOW - 4 * DAY_S;
	denies(E_DB_STALE, "counted from now when the scan doesn't say its time");
	world_good(&w);
	w.scans[0].scanned_at = NOW - 6 * DAY_S;
	w.scans[0].db_updated_at = NOW - 8 * DAY_S;
	allows("counted from the scan");

	world_good(&w);
	w.record.expires_at = NOW;
	spoilt(E_RECORD_EXPIRED, "to the second", true);
	w.record.expires_at = NOW + 1;
	allows("a second before");
	w.record.expires_at = 0;
	denies(E_RECORD_EXPIRED, "not said");
	world_good(&w);
	w.record.issued_at = NOW - 31 * DAY_S;
	denies(E_RECORD_EXPIRED, "issued long ago");
	tells(E_RECORD_EXPIRED, "issued 2026-10-21T00:00:00Z (31d > 30d)");
}

static void test_grace(void)
{
	world_good(&w);
	w.scans[0].scanned_at = NOW - 8 * DAY_S;
	w.scans[0].db_updated_at = NOW - 9 * DAY_S;
	w.record.issued_at = NOW - 8 * DAY_S;
	w.record.expires_at = NOW - DAY_S;
	w.request.is_restart = true;
	w.request.seen_at = NOW - 9 * DAY_S;
	denies(E_SCAN_STALE, "no grace by default");
	w.policy.grace_restart_s = 2 * DAY_S;
	allows("W_GRACE: two days of grace");
	tells(W_GRACE, "E_RECORD_EXPIRED 2026-11-20T00:00:00Z");
	w.record.expires_at = NOW + 1;
	w.policy.grace_restart_s = DAY_S;
	allows("W_GRACE: to the second");
	tells(W_GRACE, "E_SCAN_STALE trivy scanned 2026-11-13T00:00:00Z (8d > 7d)");
	w.record.expires_at = NOW - DAY_S + 1;
	allows("W_GRACE: to the last second");
	w.record.expires_at = NOW - DAY_S;
	denies(E_RECORD_EXPIRED, "and no longer");
	w.policy.grace_restart_s = 2 * DAY_S;
	w.policy.grace_restart_s = DAY_S - 1;
	denies(E_SCAN_STALE, "not enough");
	w.policy.grace_restart_s = 2 * DAY_S;
	w.request.is_restart = false;
	denies(E_RECORD_EXPIRED, "what never ran here has none");
	w.request.is_restart = true;
	w.request.seen_at = 0;
	denies(E_SCAN_STALE, "nor has it when it isn't known since when");
	w.request.seen_at = NOW - 9 * DAY_S;
	w.scans[0].scanned_at = 0;
	denies(E_SCAN_STALE, "nor has a time that isn't said");
}

int main(void)
{
	test_clock();
	test_ages();
	test_grace();
	return tap_done();
}
