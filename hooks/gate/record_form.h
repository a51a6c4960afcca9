/* What reader and printer of a record share; internal to record*.c. */
#ifndef KANUKI_GATE_RECORD_FORM_H
#define KANUKI_GATE_RECORD_FORM_H

#include "base/json.h"
#include "base/table.h"
#include "gate/record.h"

#define RECORD_STATEMENTS "https://in-toto.io/Statement/"
#define RECORD_STATEMENT  RECORD_STATEMENTS "v1"
#define RECORD_MAX_TEXT	  4096u
#define RECORD_LAST_TIME  INT64_C(253402300799) /* 9999-12-31T23:59:59Z */
#define RECORD_SEVERITIES "UNLMHC" /* by enum severity */

extern const struct table_entry record_fixes[4], record_vex_states[4];

#endif
