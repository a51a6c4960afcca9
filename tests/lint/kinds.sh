#!/bin/sh
# tests/plan/kinds says for each rule which golden cases show it accepted, tightened, refused, excepted, expired and in mode
# audit, or why there can be no such case.  A named case shows what it is named for; where there can be none there is none, and
# the reason agrees with the rule's section in kanuki-policy(5) and its keys in rules.h.
. "$(dirname "$0")/tap.sh"
resolve=${RESOLVE:-$top_builddir/tests/plan/resolve}
kinds='accepted tightened refused excepted expired audit'
cases=$top_srcdir/tests/plan/cases
page=$top_srcdir/man/kanuki-policy.5.md

rows() # TABLE
{
	grep '^H-' "$1"
}

reason() # TABLE NAME: its words
{
	sed -n "s/^reason $2: //p" "$1"
}

keys_of() # RULE: the keys that change it
{
	sed -n "s/.*X(\"$1\".*\"\([^\"]*\)\") *\\\\*\$/\1/p" "$top_srcdir/runtime/policy/rules.h"
}

# The first words of "Changes" or "Refuses" in the rule's section of the page.
section() # RULE HEADING
{
	awk -v rule="$1" -v heading="$2" '/^### /{ in_rule = $2 == rule } in_rule && at { print; exit } { at = in_rule && $0 == heading }' \
		"$page" | sed 's/^: *//'
}

# What the case prints now (tests/plan/run compares it with what it should), each once.
full() # CASE
{
	mkdir -p "$lint_work/full"
	[ -e "$lint_work/full/$1" ] || "$resolve" diff "$top_srcdir/tests/plan/base" "$cases/$1" > "$lint_work/full/$1" 2>&1 || :
	cat "$lint_work/full/$1"
}

# "key: value  # H-05 asked: no; H-22 added": what follows the rule up to the next one.
notes() # RULE < TEXT
{
	grep -oE "(#|;) $1( [^;]*)?(;|\$)" | grep -v "$1 skipped"
}

shows() # KIND RULE CASE
{
	case $1 in
	accepted)
		full "$3" | grep -q '^level: ' || return 1
		! full "$3" | notes "$2" | grep -qE ' (asked|added|dropped|forced|excepted)' ;;
	tightened) full "$3" | notes "$2" | grep -qE "$2 (asked|added|dropped|forced)" ;;
	refused)   full "$3" | grep -qE "^(policy $2|host: $2):" ;;
	excepted)  full "$3" | notes "$2" | grep -q ' excepted' ;;
	expired)
		full "$3" | grep -qE '# H-84 skipped: exception .*"expired |exception for its image expired ' || return 1
		[ "$2" = H-84 ] || shows tightened "$2" "$3" || shows refused "$2" "$3" ;;
	audit)
		full "$3" | grep -qE "^# would be (changed|refused|excepted): $2: " ;;
	esac
}

has_cases() # KIND RULE CASES
{
	for one in $(echo "$3" | tr ',' ' '); do
		if [ ! -d "$cases/$one" ]; then
			echo "$2 $1: there is no case $one"
			return 1
		fi
		shows "$1" "$2" "$one" || { echo "$2 $1: the case $one doesn't show it"; return 1; }
	done
}

# A path below tests/ in a reason is one that is there, and speaks of the rule.
proved() # RULE WORDS
{
	path=$(echo "$2" | grep -oE 'tests/[A-Za-z0-9_./-]+' | head -n 1)
	[ -n "$path" ] || return 1
	[ -d "$top_srcdir/$path" ] || grep -q "$1" "$top_srcdir/$path"
}

# In the page's words, or by a test that is elsewhere.
agrees() # RULE HEADING WORDS PATTERN
{
	section "$1" "$2" | grep -qE "$4" && return 0
	proved "$1" "$3" && return 0
	echo "$1: \"$3\", and the page says under $2: $(section "$1" "$2")"
	return 1
}

none_called() # KIND RULE
{
	for one in "$cases/$2-$1" "$cases/$2-$1"-*; do
		[ ! -e "$one" ] || { echo "$2 $1: there can be none, and there is $(basename "$one")"; return 1; }
	done
}

# Of all expectations that are checked in.
none_expected() # KIND RULE PATTERN
{
	found=$(grep -m 1 -E "$3" "$lint_work/expected" | cut -f 1)
	[ -z "$found" ] || { echo "$2 $1: there can be none, and $found shows it"; return 1; }
}

impossible() # TABLE KIND RULE REASON TIGHTENED REFUSED
{
	words=$(reason "$1" "$4")
	[ -n "$words" ] || { echo "$3 $2: no reason is called $4"; return 1; }
	none_called "$2" "$3" || return 1
	case $2 in
	accepted) full default-hardened | notes "$3" | grep -q "$3 added" || { echo "$3: not added to every bundle"; return 1; } ;;
	tightened)
		none_expected "$2" "$3" "(#|;) $3 (asked|added|dropped|forced)" && agrees "$3" Changes "$words" '^nothing|at any level' ;;
	refused)
		none_expected "$2" "$3" "	(policy $3|host: $3):" && agrees "$3" Refuses "$words" '^nothing' ;;
	excepted | expired)
		case $(keys_of "$3") in
		'' | *allow.* | exceptions) echo "$3 $2: its keys are '$(keys_of "$3")'"; return 1 ;;
		esac
		none_expected "$2" "$3" "(#|;) $3( [^;]*)? excepted" ;;
	audit)
		case $5$6 in
		-*-*) ;;
		*) echo "$3 audit: it changes or refuses something"; return 1 ;;
		esac
		none_expected "$2" "$3" "# would be (changed|refused): $3: " ;;
	esac
}

listed() # TABLE: every rule of rules.h has one row of six cells
{
	sed -n 's/^[ \t]*X("\(H-[0-9][0-9]\)".*/\1/p' "$top_srcdir/runtime/policy/rules.h" | sort > "$lint_work/rules"
	rows "$1" | cut -d ' ' -f 1 | sort > "$lint_work/rows"
	diff "$lint_work/rules" "$lint_work/rows" || return 1
	rows "$1" | awk 'NF != 7 { print $1 ": " NF - 1 " cells"; bad = 1 } END { exit bad }'
}

kind() # TABLE KIND COLUMN
{
	bad=0
	rows "$1" > "$lint_work/table"
	while read -r rule accepted tightened refused excepted expired audit; do
		case $2 in
		accepted) cell=$accepted ;;
		tightened) cell=$tightened ;;
		refused) cell=$refused ;;
		excepted) cell=$excepted ;;
		expired) cell=$expired ;;
		*) cell=$audit ;;
		esac
		case $cell in
		-*) impossible "$1" "$2" "$rule" "${cell#-}" "$tightened" "$refused" || bad=1 ;;
		*) has_cases "$2" "$rule" "$cell" || bad=1 ;;
		esac
	done < "$lint_work/table"
	return $bad
}

used() # TABLE: no reason without a cell
{
	bad=0
	for name in $(sed -n 's/^reason \([a-z-]*\): .*/\1/p' "$1"); do
		rows "$1" | grep -q " -$name\( \|\$\)" || { echo "nothing has the reason $name"; bad=1; }
	done
	return $bad
}

[ -x "$resolve" ] || { echo "kinds.sh: '$resolve' isn't there: make check makes it" >&2; exit 99; }
# "case, tab, line": what a case adds to another, not what it takes away.
(cd "$cases" && grep -r '^[^<]' --include='expected.*' .) |
	sed 's/^\.\/\([^/]*\)\/expected\.[a-z]*:/\1	/' > "$lint_work/expected"
table=$top_srcdir/tests/plan/kinds
check "a row for each rule" listed "$table"
check "every reason is somebody's" used "$table"
for one in $kinds; do
	check "$one" kind "$table" "$one"
done

# Each lie in the table is found.  Of the rows only those with the lie are asked, unless the table as a whole is.
lie() # SED-EXPRESSION NAME COMMAND...
{
	sed "$1" "$table" > "$lint_work/lie"
	if cmp -s "$table" "$lint_work/lie"; then
		echo "the expression '$1' changes nothing" > "$lint_work/out"
		lint_result 1 "$2"
		return
	fi
	row=$(diff "$table" "$lint_work/lie" | sed -n 's/^> \(H-..\) .*/\1/p')
	lie_name=$2
	shift 2
	[ "$1" = listed ] || [ -z "$row" ] || sed -i "/^H-/{/^$row /!d}" "$lint_work/lie"
	refuse "$lie_name" "$@"
}
lie '/^H-40/d' "a rule without a row is refused" listed "$lint_work/lie"
lie '/^H-40/s/ [^ ]*$//' "a row without a cell is refused" listed "$lint_work/lie"
lie '/^H-01/s/H-01-expired/H-01-gone/' "a case that isn't there is refused" kind "$lint_work/lie" expired
lie '/^H-01/s/ default-hardened/ H-01-demote/' "a case that changes is not accepted" kind "$lint_work/lie" accepted
lie '/^H-03/s/user-groups/default-hardened/' "a case that changes nothing is not tightened" kind "$lint_work/lie" tightened
lie '/^H-10/s/host-pid/host-cgroup/' "a case that is not refused is refused" kind "$lint_work/lie" refused
lie '/^H-22/s/H-22-excepted/H-22-expired/' "an expired exception excepts nothing" kind "$lint_work/lie" excepted
lie '/^H-22/s/H-22-expired/H-22-excepted/' "one that holds is not expired" kind "$lint_work/lie" expired
lie '/^H-01/s/H-01-audit,/H-01-demote,/' "what is done is not only told" kind "$lint_work/lie" audit
lie '/^H-04/s/H-04-excepted/-no-key/' "a key that excepts is found" kind "$lint_work/lie" excepted
lie '/^H-16/s/intel-rdt/-never/' "a refusal that is said impossible is found" kind "$lint_work/lie" refused
lie '/^H-03/s/user-groups/-nothing/' "a change that is said impossible is found" kind "$lint_work/lie" tightened
lie '/^H-62/s/ H-62-accepted/ -always/' "a case called so is found" kind "$lint_work/lie" accepted
lie '/^H-04/s/H-04-audit/-silent/' "a rule that changes has an audit case" kind "$lint_work/lie" audit
lie '/^H-05/s/-never/-whim/' "a reason without words is refused" kind "$lint_work/lie" refused
lie 's/^reason opened: .*/reason opened: tests\/integration\/none.bats/' "a test elsewhere that isn't there is refused" kind "$lint_work/lie" refused
finish
