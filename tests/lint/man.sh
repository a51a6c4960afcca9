#!/bin/bash
# The manual pages and the completion against the program: what `kanuki --help` and `kanuki COMMAND --help` print comes from
# the tables that parse the command line, so each option is compared with them, in both directions; and the keys of
# kanuki-plan(5) with those that runtime/plan/ prints. TAP; needs the built program (KANUKI) and nothing of root.
# shellcheck disable=SC2317,SC2329 # functions are called through check()
set -u
export LC_ALL=C

top=${top_srcdir:-$(cd "$(dirname "$0")/../.." && pwd)}
build=${top_builddir:-.}
kanuki=${KANUKI:-$build/kanuki}
pages=$top/man
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

count=0 failed=0
check() # NAME COMMAND...
{
	local name=$1
	shift
	count=$((count + 1))
	if "$@" > "$work/out" 2>&1; then
		echo "ok $count - $name"
	else
		echo "not ok $count - $name"
		sed 's/^/# /' "$work/out"
		failed=1
	fi
}

skip() # NAME WHY
{
	count=$((count + 1))
	echo "ok $count - $1 # SKIP $2"
}

# "  -b, --bundle DIR     the bundle" -> "-b --bundle DIR", from the help on standard input
help_options()
{
	sed -n 's/^  \(-[a-z], \|    \)\(--[a-z0-9-]*\( [^ ][^ ]*\)\?\)  *.*/\1\2/p' | sed 's/^ *//; s/, / /' | sort
}

# ".It Fl b , Fl -bundle Ar DIR" in a section named ...OPTIONS -> "-b --bundle DIR"
page_options() # PAGE
{
	awk '/^\.Sh/ { inside = / OPTIONS$/ }
		inside && /^\.It Fl / { sub(/^\.It Fl /, "-"); gsub(/ , Fl /, " -"); gsub(/ Ar /, " "); print }' "$1" | sort
}

# SYNOPSIS of a command's page in the form of its usage line
page_synopsis() # PAGE
{
	awk '/^\.Sh/ { inside = /SYNOPSIS/; next }
		inside && /^\.(Op|Ar|Cm|Nm)/ {
			text = ""; close_with = ""
			for (i = 1; i <= NF; i++) {
				word = $i
				sub(/^\./, "", word)
				if (word == "Op") { text = text (text ~ /[^[]$/ ? " " : "") "["; close_with = close_with "]" }
				else if (word !~ /^(Ar|Cm|Nm)$/) text = text (text ~ /[^[]$/ ? " " : "") word
			}
			line = line (line == "" ? "" : " ") text close_with
		}
		END { print line }' "$1"
}

same_options() # PAGE COMMAND...
{
	local page=$1
	shift
	"$kanuki" "$@" --help | help_options > "$work/help"
	[ -s "$work/help" ] || { echo "no options found in: kanuki $* --help"; return 1; }
	page_options "$page" > "$work/page"
	diff --label "kanuki $* --help" --label "$(basename "$page")" -u "$work/help" "$work/page"
}

same_words() # PAGE COMMAND
{
	"$kanuki" "$2" --help > "$work/help"
	{ sed -n '1s/^usage: //p' "$work/help" | sed 's/ *$//'; sed -n 3p "$work/help"; } > "$work/want"
	{ page_synopsis "$1" | sed 's/global options/GLOBAL OPTIONS/'; sed -n 's/^\.Nd //p' "$1"; } > "$work/have"
	diff --label "kanuki $2 --help" --label "$(basename "$1")" -u "$work/want" "$work/have"
}

# kanuki.8 names every command with its summary, and each command has a page
command_list()
{
	"$kanuki" --help | sed -n '/^Commands:/,/^$/s/^  \([a-z]*\)  *\(.*\)/\1 \2/p' > "$work/want"
	awk '/^\.It Xr kanuki-/ { name = $3; sub(/^kanuki-/, "", name); getline; print name, $0 }' "$pages/kanuki.8" > "$work/have"
	diff --label "kanuki --help" --label kanuki.8 -u "$work/want" "$work/have" || return 1
	cut -d' ' -f1 "$work/want" | sort > "$work/want.names"
	# kanuki-gate is a program of its own: gate_man.sh
	(cd "$pages" && ls kanuki-*.8) | grep -vx kanuki-gate.8 | sed 's/^kanuki-//; s/\.8$//' | sort > "$work/have.names"
	diff --label "kanuki --help" --label "man/kanuki-*.8" -u "$work/want.names" "$work/have.names"
}

# local.mk installs what is there, and .Xr points at what is there
installed()
{
	(cd "$pages" && ls ./*.8 ./*.5 ./*.5.md) | sed 's/^\.\///; s/\.md$//' | sort -u > "$work/have"
	grep -o 'man/kanuki[a-z-]*\.[58]' "$pages/local.mk" | sed 's/^man\///' | sort -u > "$work/want"
	diff --label man/local.mk --label man/ -u "$work/want" "$work/have"
}

references()
{
	local bad=0 name section
	while read -r name section; do
		grep -qx "$name.$section" "$work/have" || { echo "no page $name($section)"; bad=1; }
	done < <(sed -n 's/^\.\(It \)\{0,1\}Xr \(kanuki[a-z-]*\) \([0-9]\).*/\2 \3/p' "$pages"/*.[58] | sort -u)
	return "$bad"
}

formatted() # PAGE
{
	if command -v mandoc > /dev/null; then
		mandoc -T lint -W warning "$1" > "$work/lint" 2>&1 || :
		[ ! -s "$work/lint" ] || { cat "$work/lint"; return 1; }
	fi
	if command -v man > /dev/null; then
		MANWIDTH=100 man --warnings -E UTF-8 -l "$1" 2>&1 > "$work/text" | tee "$work/warnings"
		[ ! -s "$work/warnings" ] && [ -s "$work/text" ]
	fi
}

# The keys that the source prints: literals that begin a line of the plan. A key that ends in '.' or ' ' is a family.
plan_keys()
{
	cat "$top"/runtime/plan/print*.c |
		grep -oE 'print_(begin|begin_indexed|text|word_line|yes_no|number|maps|offset|ports)\(&?p, "[^"]+"|\{"capabilities\.[a-z]+"' |
		sed 's/^[^"]*"//; s/"$//' | sort -u > "$work/printed"
	awk '/^\.It Ic / {
		sub(/^\.It Ic /, "")
		n = split($0, parts, / , Ic /)
		for (i = 1; i <= n; i++) {
			key = parts[i]
			if (key ~ / Ns Ar /) sub(/ Ns Ar .*/, "", key)
			else if (key ~ / Ar /) sub(/ Ar .*/, " ", key)
			print key
		}
	}' "$pages/kanuki-plan.5" | sort -u > "$work/documented"
	[ "$(wc -l < "$work/printed")" -gt 60 ] || { echo "the keys of runtime/plan/print*.c were not found"; return 1; }
	awk 'function covers(a, b) { return a == b || (a ~ /[. ]$/ && index(b, a) == 1) }
		FNR == NR { printed[$0]; next }
		{ documented[$0] }
		END {
			for (p in printed) {
				found = 0
				for (d in documented) found = found || covers(d, p)
				if (!found) { print "printed, not in kanuki-plan.5: " p; bad = 1 }
			}
			for (d in documented) {
				found = 0
				for (p in printed) found = found || covers(d, p) || covers(p, d)
				if (!found) { print "in kanuki-plan.5, never printed: " d; bad = 1 }
			}
			exit bad
		}' "$work/printed" "$work/documented"
}

# What the completion offers behind WORDS... for a word that begins with the last one
complete_words()
(
	COMP_WORDS=(kanuki "$@")
	COMP_CWORD=$#
	COMPREPLY=()
	# shellcheck source=man/kanuki.bash disable=SC1091
	. "$pages/kanuki.bash"
	_kanuki
	printf '%s\n' "${COMPREPLY[@]}"
)

completed_options() # COMMAND...
{
	"$kanuki" "$@" --help | help_options | awk '{ print ($1 ~ /^--/ ? $1 : $2) }' | sort > "$work/want"
	complete_words "$@" -- | sort > "$work/have"
	diff --label "kanuki $* --help" --label "completion of kanuki $* --" -u "$work/want" "$work/have" || return 1
	"$kanuki" "$@" --help | help_options | awk '$1 !~ /^--/ { print $1 }' | sort > "$work/want"
	complete_words "$@" - | grep -v '^--' | sort > "$work/have"
	diff --label "short options of $*" --label "completion of kanuki $* -" -u "$work/want" "$work/have"
}

completed_commands()
{
	"$kanuki" --help | sed -n '/^Commands:/,/^$/s/^  \([a-z]*\)  *.*/\1/p' | sort > "$work/want"
	complete_words "" | sort > "$work/have"
	diff --label "kanuki --help" --label "completion of kanuki" -u "$work/want" "$work/have" || return 1
	[ "$(complete_words --root /x --policy=builtin:oci sta)" = "$(printf 'start\nstate')" ] ||
		{ echo "global options before the command"; return 1; }
	[ "$(complete_words --policy b | tr '\n' ' ')" = "builtin:card-payments builtin:hardened builtin:oci builtin:personal-data builtin:sandbox " ] || { echo "--policy b"; return 1; }
	# as bash splits it
	[ "$(complete_words --policy = builtin : h)" = hardened ] || { echo "--policy=builtin:h"; return 1; }
	[ "$(complete_words --policy = builtin : oci run --bun)" = --bundle ] || { echo "behind --policy=builtin:oci"; return 1; }
	[ "$(complete_words spec --rootless --bun)" = --bundle ] || { echo "spec's --rootless has no value"; return 1; }
	[ "$(complete_words list --format j)" = json ] || { echo "list --format j"; return 1; }
	[ "$(kanuki() { [ "$*" = "--root /x list --quiet" ] && printf 'c1\nd2\n'; }; complete_words --root /x kill c)" = c1 ] ||
		{ echo "--root /x kill c"; return 1; }
	[ "$(complete_words policy d)" = diff ] || { echo "policy d"; return 1; }
	[ "$(complete_words policy diff oci ca)" = card-payments ] || { echo "policy diff oci ca"; return 1; }
	[ "$(complete_words audit v)" = verify ] || { echo "audit v"; return 1; }
	[ "$(complete_words audit verify /dev/nul)" = /dev/null ] || { echo "audit verify /dev/nul"; return 1; }
	[ "$(complete_words audit show --since 2026-11-22 --js)" = --json ] || { echo "audit show --since T --js"; return 1; }
	[ "$(complete_words kill c1 TER)" = TERM ] || { echo "kill c1 TER"; return 1; }
}

[ -x "$kanuki" ] || { echo "Bail out! no program: $kanuki"; exit 1; }
check "kanuki.8 and the pages name the commands of kanuki --help" command_list
check "kanuki.8 names the global options" same_options "$pages/kanuki.8"
for command in $("$kanuki" --help | sed -n '/^Commands:/,/^$/s/^  \([a-z]*\)  *.*/\1/p'); do
	check "kanuki-$command.8: the options" same_options "$pages/kanuki-$command.8" "$command"
	check "kanuki-$command.8: name and synopsis" same_words "$pages/kanuki-$command.8" "$command"
	check "the completion's options of $command" completed_options "$command"
done
check "the completion's global options" completed_options
check "the completion's commands and values" completed_commands
check "kanuki-plan.5 names the keys that are printed" plan_keys
check "local.mk installs every page" installed
check "pages that are pointed at exist" references
formatted_pages=("$build/man/kanuki-policy.5" "$build/man/kanuki-gate-policy.5")
for page in "$pages"/*.[58]; do
	# the made ones are among them in an in-tree build
	[ -e "$page.md" ] || formatted_pages+=("$page")
done
for page in "${formatted_pages[@]}"; do
	if command -v mandoc > /dev/null || command -v man > /dev/null; then
		check "$(basename "$page") is formatted without a warning" formatted "$page"
	else
		skip "$(basename "$page") is formatted without a warning" "neither mandoc nor man is here"
	fi
done
echo "1..$count"
exit $failed
