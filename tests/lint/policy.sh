#!/bin/sh
# The keys of a policy file: the parser's table, the shipped JSON Schema, kanuki-policy(5),
# tests/unit/test_conf.c and test_policy_ceiling.c have the same ones; the schema also the same types, words and ranges.
. "$(dirname "$0")/tap.sh"

keys=$top_builddir/tests/lint/policy_keys
jq=${JQ:-jq}
[ -x "$keys" ] || { echo "Bail out! no $keys"; exit 1; }

paths() # LINES
{
	cut -d' ' -f1 "$1" | sort
}

same() # WANT HAVE NAME
{
	[ "$(wc -l < "$1")" -ge 40 ] || { echo "the table has only $(wc -l < "$1") keys"; return 1; }
	comm -23 "$1" "$2" | sed "s|\$| is not in $3|" > "$lint_work/differences"
	comm -13 "$1" "$2" | sed "s|\$| is in $3 only|" >> "$lint_work/differences"
	cat "$lint_work/differences"
	[ ! -s "$lint_work/differences" ]
}

# the section of keys: a term of its own for each
page() # SOURCE
{
	awk '/^# / { inside = $0 == "# KEYS" } inside && /^`[^`]*`$/ { gsub(/`/, ""); print }' \
		"$1/man/kanuki-policy.5.md" | sort > "$lint_work/page"
	paths "$lint_work/table" > "$lint_work/paths"
	same "$lint_work/paths" "$lint_work/page" "kanuki-policy(5)"
}

schema() # SOURCE
{
	"$jq" -r -f "$top_srcdir/tests/lint/policy.jq" "$1/man/kanuki-policy.schema.json" > "$lint_work/lines" || return 1
	sort "$lint_work/lines" > "$lint_work/schema"
	same "$lint_work/table" "$lint_work/schema" "the schema"
}

unit() # SOURCE
{
	sed -n '/ cases\[\] = {$/,/^};/s/^\t{"\([^"]*\)".*/\1/p' "$1/tests/unit/test_conf.c" | sort > "$lint_work/unit"
	paths "$lint_work/table" > "$lint_work/paths"
	same "$lint_work/paths" "$lint_work/unit" "tests/unit/test_conf.c"
}

# that no bundle or annotation relaxes what the key says
ceiling() # SOURCE
{
	sed -n '/ rows\[\] = {$/,/^};/s/^\t{"\([^"]*\)".*/\1/p' "$1/tests/unit/test_policy_ceiling.c" | sort > "$lint_work/ceiling"
	paths "$lint_work/table" > "$lint_work/paths"
	same "$lint_work/paths" "$lint_work/ceiling" "tests/unit/test_policy_ceiling.c"
}

"$keys" | sort > "$lint_work/table"
check "kanuki-policy(5) describes each key" page "$top_srcdir"
check "test_conf.c tries each key" unit "$top_srcdir"
check "test_policy_ceiling.c has bundles and annotations that try to relax each key" ceiling "$top_srcdir"
if command -v "$jq" > /dev/null; then
	check "the schema has the keys, types, words and ranges" schema "$top_srcdir"
else
	lint_count=$((lint_count + 1))
	echo "ok $lint_count - the schema has the keys, types, words and ranges # SKIP no jq"
fi

# The same on a tree that lacks one, has one too many, or has another range.
mkdir -p "$lint_work/tree/man" "$lint_work/tree/tests/unit"
tree() # FILE SED-EXPRESSION: the file changed by it
{
	sed "$2" "$top_srcdir/$1" > "$lint_work/tree/$1"
	! cmp -s "$top_srcdir/$1" "$lint_work/tree/$1"
}
wrong() # NAME CHECK FILE SED-EXPRESSION
{
	check "$1 can be made" tree "$3" "$4"
	refuse "$1 is refused" "$2" "$lint_work/tree"
}
wrong "a page without a key" page man/kanuki-policy.5.md '/^`limits.pids`$/d'
# shellcheck disable=SC2016 # the page's quotes
wrong "a page with another key" page man/kanuki-policy.5.md 's/^`limits.pids`$/`limits.pid`/'
wrong "a test without a key" unit tests/unit/test_conf.c '/^	{"limits.pids"/d'
wrong "a test of another key" unit tests/unit/test_conf.c 's/^	{"limits.pids"/	{"limits.pid"/'
wrong "a key that no bundle tries to relax" ceiling tests/unit/test_policy_ceiling.c '/^	{"limits.pids"/d'
wrong "a bundle that relaxes another key" ceiling tests/unit/test_policy_ceiling.c 's/^	{"limits.pids"/	{"limits.pid"/'
if command -v "$jq" > /dev/null; then
	file=man/kanuki-policy.schema.json
	wrong "a schema without a key" schema $file '/"openFiles"/d; s/\("memory": {"$ref": "#.$defs.memory"}\),$/\1/'
	wrong "a schema with another key" schema $file 's/"openFiles"/"openfiles"/'
	wrong "a schema with another type" schema $file 's/"syslog": {"type": "boolean"}/"syslog": {"type": "string"}/'
	wrong "a schema with another range" schema $file 's/4194304/4194305/'
	wrong "a schema with another word" schema $file 's/"demote", "remap"/"demote", "keep", "remap"/'
	wrong "a schema that takes any key" schema $file '0,/"additionalProperties": false/s//"additionalProperties": true/'
fi
finish
