#!/bin/sh
# runtime/policy/rules.h is the only list of the hardening rules.  Each rule is applied (or
# executed and verified) in the code, has its section in kanuki-policy(5), a unit or golden
# test and an integration or threat test; and nowhere is there an id that is not in the list.
. "$(dirname "$0")/tap.sh"

ids() # FILE...: the ids that occur, one a line
{
	grep -ohE 'H-[0-9]{2}([^0-9]|$)' "$@" | grep -oE 'H-[0-9]{2}' | sort -u
}

files() # TREE NAME-PATTERN...
{
	tree=$1
	shift
	for pattern; do
		find "$tree" -type f -name "$pattern"
	done
}

list() # SOURCE
{
	sed -n 's/^[ \t]*X("\(H-[0-9][0-9]\)".*/\1/p' "$1/runtime/policy/rules.h" | sort
}

same() # WHERE
{
	[ -s "$lint_work/rules" ] || { echo "rules.h lists no rule"; return 1; }
	bad=0
	for id in $(comm -23 "$lint_work/rules" "$lint_work/found"); do
		echo "$id is not in $1"
		bad=1
	done
	for id in $(comm -13 "$lint_work/rules" "$lint_work/found"); do
		echo "$id in $1 is not in rules.h"
		bad=1
	done
	return $bad
}

unique()
{
	[ -z "$(uniq -d "$lint_work/rules")" ] && return 0
	echo "twice in rules.h: $(uniq -d "$lint_work/rules" | tr '\n' ' ')"
	return 1
}

code() # SOURCE
{
	# shellcheck disable=SC2046 # no blanks in our file names
	# (check/items.h only points at them)
	ids $(files "$1/runtime" '*.c' '*.h' | grep -v -e 'policy/rules\.h$' -e 'check/items\.h$') > "$lint_work/found"
	same "runtime/"
}

page() # SOURCE
{
	# a section each, not just a mention
	sed -n 's/^##* .*\(H-[0-9][0-9]\).*/\1/p; s/^\*\*\(H-[0-9][0-9]\).*/\1/p; s/^\(H-[0-9][0-9]\).*/\1/p' \
		"$1/man/kanuki-policy.5.md" | sort -u > "$lint_work/found"
	same "a section of man/kanuki-policy.5.md"
}

unit() # SOURCE
{
	# shellcheck disable=SC2046
	ids $(files "$1/tests/unit" '*.c' '*.h') $(files "$1/tests/plan" '*') > "$lint_work/found"
	same "tests/unit and tests/plan"
}

root_suites() # SOURCE
{
	# shellcheck disable=SC2046
	ids $(files "$1/tests" '*.bats') > "$lint_work/found"
	same "the bats suites"
}

list "$top_srcdir" > "$lint_work/rules"
check "no id twice" unique
check "code" code "$top_srcdir"
check "kanuki-policy(5)" page "$top_srcdir"
check "unit and golden tests" unit "$top_srcdir"
check "bats suites" root_suites "$top_srcdir"

# The same checks on a tree that lacks one id, and on one that has one too many.
mkdir -p "$lint_work/tree/runtime/policy" "$lint_work/tree/man" "$lint_work/tree/tests/unit" "$lint_work/tree/tests/plan"
for what in missing unknown; do
	cp "$lint_work/rules" "$lint_work/sample"
	if [ $what = missing ]; then
		sed -i '$d' "$lint_work/sample"
	else
		echo "H-99" >> "$lint_work/sample"
	fi
	sed 's/.*/\/* & *\//' "$lint_work/sample" > "$lint_work/tree/runtime/policy/x.c"
	sed 's/^/## /' "$lint_work/sample" > "$lint_work/tree/man/kanuki-policy.5.md"
	cp "$lint_work/sample" "$lint_work/tree/tests/unit/test_x.c"
	cp "$lint_work/sample" "$lint_work/tree/tests/x.bats"
	: > "$lint_work/tree/tests/plan/x"
	refuse "$what in the code is refused" code "$lint_work/tree"
	refuse "$what in the page is refused" page "$lint_work/tree"
	refuse "$what in unit tests is refused" unit "$lint_work/tree"
	refuse "$what in bats is refused" root_suites "$lint_work/tree"
done
finish
