#!/bin/sh
# The gate's policy keys: the parser's table, the shipped JSON Schema, kanuki-gate-policy(5) and tests/unit/test_gate_policy.c
# have the same ones; the schema also the same types, words and ranges, the page the same defaults.  Its reason codes: reason.c's table and the page have the
# same meanings, the same who may let them stand, the same exit statuses; each code has its test.
. "$(dirname "$0")/tap.sh"

keys=$top_builddir/tests/lint/gate_keys
jq=${JQ:-jq}
[ -x "$keys" ] || { echo "Bail out! no $keys"; exit 1; }

same() # WANT HAVE NAME LEAST
{
	[ "$(wc -l < "$1")" -ge "$4" ] || { echo "only $(wc -l < "$1") in the code"; return 1; }
	comm -23 "$1" "$2" | sed "s|\$| is not in $3|" > "$lint_work/differences"
	comm -13 "$1" "$2" | sed "s|\$| is in $3 only|" >> "$lint_work/differences"
	cat "$lint_work/differences"
	[ ! -s "$lint_work/differences" ]
}

# the section of keys: a term of its own for each; what a scope tightens is the same once more
page() # SOURCE
{
	awk '/^# / { inside = $0 == "# KEYS" } inside && /^`[^`]*`$/ { gsub(/`/, ""); print }' \
		"$1/man/kanuki-gate-policy.5.md" | sort > "$lint_work/page"
	same "$lint_work/paths" "$lint_work/page" "kanuki-gate-policy(5)" 80
}

# "Default: 7d." and "`any` (default)" in the words of `policy show`: KEY: VALUE. What a key of a list has is no default.
said() # PAGE
{
	awk -v quote='`' '
		function tell(  value, n, words, i) {
			if (key == "" || key ~ /\[\]/)
				return
			if (match(text, quote "[^" quote "]*" quote " \\(default\\)"))
				value = substr(text, RSTART, RLENGTH - 10)
			else if (match(text, / Default: /)) {
				value = substr(text, RSTART + RLENGTH)
				if (value ~ ("^" quote)) {
					match(value, "^" quote "[^" quote "]*" quote "( and " quote "[^" quote "]*" quote ")*")
					value = substr(value, 1, RLENGTH)
				} else {
					sub(/ where .*/, "", value)
					sub(/[.:;] .*/, "", value)
					sub(/\.$/, "", value)
				}
			} else
				return
			gsub(quote, "", value)
			gsub(/ and /, ", ", value)
			print key ": " value
		}
		/^# / { if (inside) tell(); inside = $0 == "# KEYS"; key = ""; next }
		!inside { next }
		/^`[^`]*`$/ { tell(); key = $0; gsub(quote, "", key); text = ""; next }
		{ text = text " " $0 }' "$1"
}

defaults() # SOURCE
{
	said "$1/man/kanuki-gate-policy.5.md" | grep -v '^thresholds.malware: ' | sort > "$lint_work/page"
	same "$lint_work/defaults" "$lint_work/page" "kanuki-gate-policy(5)" 60
}

schema() # SOURCE
{
	"$jq" -r -f "$top_srcdir/tests/lint/gate.jq" "$1/hooks/gate-policy.schema.json" > "$lint_work/lines" || return 1
	sort "$lint_work/lines" > "$lint_work/schema"
	same "$lint_work/table" "$lint_work/schema" "the schema" 120
}

unit() # SOURCE
{
	sed -n '/ cases\[\] = {$/,/^};/s/^\t{"\([^"]*\)".*/\1/p' "$1/tests/unit/test_gate_policy.c" | sort > "$lint_work/unit"
	same "$lint_work/paths" "$lint_work/unit" "tests/unit/test_gate_policy.c" 80
}

codes() # SOURCE
{
	awk '/^# / { inside = $0 == "# REASONS" }
		inside && /^`[EW]_[A-Z_]*`$/ { gsub(/`/, ""); name = $0; next }
		inside && name != "" && /^:   / { print name "|" substr($0, 5); name = "" }' \
		"$1/man/kanuki-gate-policy.5.md" | sort > "$lint_work/page"
	same "$lint_work/codes" "$lint_work/page" "kanuki-gate-policy(5)" 40
}

tested() # SOURCE
{
	grep -ohE '\<[EW]_[A-Z_]+' "$1"/tests/unit/test_gate_decide*.c "$1/tests/unit/test_gate_findings.c" | sort -u > "$lint_work/tested"
	cut -d'|' -f1 "$lint_work/codes" > "$lint_work/names"
	[ -z "$(comm -23 "$lint_work/names" "$lint_work/tested")" ] && return 0
	echo "without a test: $(comm -23 "$lint_work/names" "$lint_work/tested" | tr '\n' ' ')"
	return 1
}

"$keys" keys | sort > "$lint_work/table"
cut -d' ' -f1 "$lint_work/table" | grep -v '\.tighten\.' | sort > "$lint_work/paths"
"$keys" codes | sort > "$lint_work/codes"
"$keys" defaults | awk -F ': ' '
	/^engines\[[0-9]+\]\.name: / { engines = engines (engines == "" ? "" : ", ") $2; next }
	/^engines\[/ { next }
	$1 != "scopes" && $2 == "yes" { $2 = "true" }
	$2 == "no" { $2 = "false" }
	$2 == "no limit" { $2 = "-1" }
	{ print $1 ": " $2 }
	END { print "engines: " engines }' | sort > "$lint_work/defaults"
check "kanuki-gate-policy(5) has the defaults that hold" defaults "$top_srcdir"
check "kanuki-gate-policy(5) describes each key" page "$top_srcdir"
check "test_gate_policy.c tries each key" unit "$top_srcdir"
check "kanuki-gate-policy(5) describes each reason as the code has it" codes "$top_srcdir"
check "the tests of the decision have each reason" tested "$top_srcdir"
if command -v "$jq" > /dev/null; then
	check "the schema has the keys, types, words and ranges" schema "$top_srcdir"
else
	lint_count=$((lint_count + 1))
	echo "ok $lint_count - the schema has the keys, types, words and ranges # SKIP no jq"
fi

# The same on a tree that lacks one, has one too many, or says something else.
mkdir -p "$lint_work/tree/man" "$lint_work/tree/hooks" "$lint_work/tree/tests/unit"
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
file=man/kanuki-gate-policy.5.md
# shellcheck disable=SC2016 # the page's quotes
wrong "a page without a key" page $file '/^`vex.max_age`$/d'
# shellcheck disable=SC2016
wrong "a page with another key" page $file 's/^`vex.max_age`$/`vex.age`/'
# shellcheck disable=SC2016
wrong "a page without a reason" codes $file '/^`E_KEV`$/d'
wrong "a page with another meaning" codes $file 's/^:   malware was found/:   a virus was found/'
wrong "a page with another waiver" codes $file 's/in the image. Waived by nobody/in the image. Waived by break-glass/'
wrong "a page with another status" codes $file 's/Exit 14/Exit 10/'
wrong "a page with another default" defaults $file 's/ Default: 8s\.$/ Default: 5s./'
wrong "a page with another default in words" defaults $file 's/Default: `engine` and `pinned`/Default: `engine`/'
wrong "a page without a default" defaults $file 's/ Default: 180d\.$//'
file=tests/unit/test_gate_policy.c
wrong "a test without a key" unit $file '/^	{"vex.accept"/d'
wrong "a test of another key" unit $file 's/^	{"vex.accept"/	{"vex.take"/'
cp "$top_srcdir"/tests/unit/test_gate_decide*.c "$top_srcdir/tests/unit/test_gate_findings.c" "$lint_work/tree/tests/unit"
wrong "tests without a reason" tested tests/unit/test_gate_decide_deployer.c 's/E_ROLE/E_STORE/g'
if command -v "$jq" > /dev/null; then
	file=hooks/gate-policy.schema.json
	wrong "a schema with another key" schema $file 's/"deny_eol_os"/"denyEolOs"/'
	wrong "a schema with another type" schema $file 's/"syslog": {"type": "boolean"}/"syslog": {"type": "string"}/'
	wrong "a schema with another range" schema $file 's/"maximum": 1000000/"maximum": 1000001/'
	wrong "a schema with another word" schema $file 's/"engine", "pinned", "permit"/"engine", "pinned", "claim"/'
	wrong "a schema that takes any key" schema $file '0,/"additionalProperties": false/s//"additionalProperties": true/'
fi
finish
