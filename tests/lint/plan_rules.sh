#!/bin/sh
# `kanuki plan --diff` on what `kanuki spec` writes tells of every rule of runtime/policy/rules.h, once: what it changed, that it
# found no need to, or why it has nothing to do. One that is told to have changed something did so in a line above; one that
# isn't, didn't. Needs the built program (KANUKI) and nothing of root.
# shellcheck disable=SC2317,SC2329 # functions are called through check()
. "$(dirname "$0")/tap.sh"
kanuki=${KANUKI:-$top_builddir/kanuki}

list() # the ids
{
	sed -n 's/^[ \t]*X("\(H-[0-9][0-9]\)".*/\1/p' "$top_srcdir/runtime/policy/rules.h" | sort
}

each_once() # PLAN
{
	sed -n 's/^# \(H-[0-9][0-9]\) [a-z-]*: .* \[changed by: .*; serves: .*\]$/\1/p' "$1" | sort > "$lint_work/told"
	list > "$lint_work/listed"
	diff "$lint_work/listed" "$lint_work/told"
}

has_clause() # PLAN
{
	! grep -E '^# H-[0-9][0-9] [a-z-]*: ((unchanged|nothing to do): )? *\[' "$1"
}

# "key: value  # H-05 asked: no; H-22 added" and "# H-60 skipped: key given: ..." say that a rule did something.
as_told() # PLAN
{
	grep -oE "(#|;) H-[0-9][0-9] (asked|added|forced|dropped|skipped|excepted)" "$1" | grep -oE 'H-[0-9][0-9]' | sort -u > "$lint_work/did"
	sed -n 's/^# \(H-[0-9][0-9]\) [a-z-]*: .* \[changed by: .*/\1 &/p' "$1" | grep -vE '^H-.. # H-.. [a-z-]*: (unchanged|nothing to do): ' |
		cut -d ' ' -f 1 | sort -u > "$lint_work/changed"
	diff "$lint_work/did" "$lint_work/changed"
}

mkdir "$lint_work/bundle"
(cd "$lint_work/bundle" && mkdir rootfs && "$kanuki" spec) || { echo "Bail out! '$kanuki' writes no config.json"; exit 99; }
plan=$lint_work/hardened
"$kanuki" --policy builtin:hardened plan --diff "$lint_work/bundle" > "$plan" || { echo "Bail out! no plan of the default spec"; exit 99; }
check "every rule once" each_once "$plan"
check "each with a clause" has_clause "$plan"
check "what changed is told so, and nothing else" as_told "$plan"

plain()
{
	"$kanuki" --policy builtin:hardened plan "$lint_work/bundle" > "$lint_work/plain" && ! grep 'changed by:' "$lint_work/plain"
}
check "without --diff none is told" plain

# The same of texts with something wrong.
sed '/^# H-27 /d' "$lint_work/hardened" > "$lint_work/lie"
refuse "a rule that isn't told is found" each_once "$lint_work/lie"
sed 's/^# H-27 .*/&\n&/' "$lint_work/hardened" > "$lint_work/lie"
refuse "a rule that is told twice is found" each_once "$lint_work/lie"
sed 's/^\(# H-27 [a-z-]*: nothing to do: \).*\( \[changed by\)/\1\2/' "$lint_work/hardened" > "$lint_work/lie"
refuse "a rule without a clause is found" has_clause "$lint_work/lie"
sed 's/^\(# H-06 [a-z-]*: \)/\1unchanged: /' "$lint_work/hardened" > "$lint_work/lie"
refuse "a change that is told to be none is found" as_told "$lint_work/lie"
sed 's/^\(# H-27 [a-z-]*: \)nothing to do: /\1/' "$lint_work/hardened" > "$lint_work/lie"
refuse "a change that is none is found" as_told "$lint_work/lie"
finish
