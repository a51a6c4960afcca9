#!/bin/sh
# kanuki-gate(8) and the completion against the program: verbs, summaries, options, in both directions.  What --help prints
# comes from the tables that parse the command line.
. "$(dirname "$0")/tap.sh"

gate=$top_builddir/kanuki-gate
page=$top_srcdir/man/kanuki-gate.8
[ -x "$gate" ] || { echo "Bail out! no program: $gate"; exit 1; }

# "      --out FILE    the key" -> "--out FILE"
help_options()
{
	sed -n 's/^  \(-[a-z], \|    \)\(--[a-z0-9-]*\( [A-Z][A-Z/:]*\)\{0,1\}\)  *.*/\1\2/p' | sed 's/^ *//; s/, / /' | sort
}

# SECTION (".Sh GLOBAL OPTIONS", ".Ss import") PAGE
page_options()
{
	awk -v section="$1" '/^\.S[hs] / { inside = $0 == section }
		inside && /^\.It Fl / { sub(/^\.It Fl /, "-"); gsub(/ , Fl /, " -"); gsub(/ Ar /, " "); print }' "$2" | sort
}

verbs()
{
	"$gate" --help | sed -n '/^Commands:/,/^$/s/^  \([a-z-]*\)  *.*/\1/p'
}

same() # WHAT
{
	diff "$lint_work/want" "$lint_work/have" && return 0
	echo "$1 differs"
	return 1
}

verb_list() # PAGE
{
	verbs > "$lint_work/want"
	awk '/^\.Sh / { inside = $2 == "VERBS" } inside && /^\.Ss / { print $2 }' "$1" > "$lint_work/have"
	[ "$(wc -l < "$lint_work/want")" -gt 10 ] && same "the list of verbs"
}

options() # VERB PAGE
{
	"$gate" "$1" --help | help_options > "$lint_work/want"
	page_options ".Ss $1" "$2" > "$lint_work/have"
	[ -s "$lint_work/want" ] && same "kanuki-gate $1 --help" || return 1
	"$gate" "$1" --help | sed -n 3p > "$lint_work/want"
	# the page's sentence is the summary
	awk -v section=".Ss $1" 'inside { sub(/\.$/, ""); print tolower(substr($0, 1, 1)) substr($0, 2); exit } $0 == section { inside = 1 }' \
		"$2" > "$lint_work/have"
	same "the summary of $1"
}

globals()
{
	"$gate" --help | sed -n '/^Global options:/,$p' | help_options > "$lint_work/want"
	page_options ".Sh GLOBAL OPTIONS" "$page" > "$lint_work/have"
	[ -s "$lint_work/want" ] && same "kanuki-gate --help"
}

formatted()
{
	command -v man > /dev/null || return 0
	MANWIDTH=100 man --warnings -E UTF-8 -l "$page" 2>&1 > /dev/null | tee "$lint_work/warnings"
	[ ! -s "$lint_work/warnings" ]
}

# What is offered behind WORDS... for the last one
complete_words()
{
	PATH="$(dirname "$gate"):$PATH" bash -c '. "$1"; shift; COMP_WORDS=(kanuki-gate "$@"); COMP_CWORD=$#; _kanuki_gate; printf "%s\n" "${COMPREPLY[@]}"' \
		complete "$top_srcdir/man/kanuki-gate.bash" "$@"
}

completed()
{
	verbs | sort > "$lint_work/want"
	complete_words "" | sort > "$lint_work/have"
	same "completion of verbs" || return 1
	for verb in $(verbs); do
		"$gate" "$verb" --help | help_options | sed 's/^-[a-z] //; s/ .*//' | sort > "$lint_work/want"
		complete_words "$verb" -- | sort > "$lint_work/have"
		same "completion of $verb --" || return 1
	done
	[ "$(complete_words --store /x keys g)" = generate ] || { echo "keys g"; return 1; }
	[ "$(complete_words revoke im)" = image ] || { echo "revoke im"; return 1; }
	[ "$(complete_words keys add --role '' | tr '\n' ' ')" = "$("$gate" keys --help | sed -n 's/.*what it may sign as: //p' | tr -d ,) " ] ||
		{ echo "keys add --role: not the roles of keys --help"; return 1; }
}

check "kanuki-gate.8 names the verbs of kanuki-gate --help" verb_list "$page"
check "kanuki-gate.8 names the global options" globals
for verb in $(verbs); do
	check "kanuki-gate.8: $verb" options "$verb" "$page"
done
check "kanuki-gate.8 is formatted without a warning" formatted
if command -v bash > /dev/null; then
	check "the completion" completed
fi
sed 's/^\.It Fl -older Ar DURATION$/.It Fl -oldest/' "$page" > "$lint_work/page"
refuse "an option that the page has otherwise is seen" options rescan-list "$lint_work/page"
finish
