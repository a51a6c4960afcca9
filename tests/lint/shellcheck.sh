#!/bin/bash
# Every shell script and bats file of the tree through shellcheck(1).
# shellcheck source=tests/lint/tap.sh disable=SC1091
. "$(dirname "$0")/tap.sh"

command -v shellcheck > /dev/null || skip_all "no shellcheck"

scripts() # TREE
{
	(
		cd "$1" || exit 1
		if git ls-files > "$lint_work/tracked" 2> /dev/null && [ -s "$lint_work/tracked" ]; then
			cat "$lint_work/tracked"
		else
			find . -type f -not -path './build-*' -not -path './autom4te.cache/*' | sed 's/^\.\///'
		fi
	) | while read -r file; do
		[ -f "$1/$file" ] || continue
		case $file in
		build-aux/* | configure | *.[ch] | *.json | *.md | */corpus/*) ;;
		*.sh | *.bash | *.bats) echo "$file" ;;
		*) if head -c 64 "$1/$file" | head -n 1 | grep -qE '^#!.*(/|env )(ba|da)?sh( |$)|^#!.*bats'; then echo "$file"; fi ;;
		esac
	done
}

# Notes of style are not findings; nor is what shellcheck can't know because it looks at one
# file at a time while ours load each other (variables SC2034, SC2154; arguments SC2120), nor a
# case pattern that is meant to be one (SC2254).
clean() # TREE FILE
{
	local options=(--severity=warning "--exclude=SC1091,SC2034,SC2120,SC2154,SC2254")
	# what is only sourced has no first line that says which shell
	head -n 3 "$1/$2" | grep -qE '^#!|shellcheck shell=' || options+=(--shell=bash)
	(cd "$1" && shellcheck "${options[@]}" "$2")
}

scripts "$top_srcdir" > "$lint_work/scripts"
some()
{
	wc -l < "$lint_work/scripts"
	grep -qx quickstart "$lint_work/scripts" && grep -q '\.bats$' "$lint_work/scripts"
}
check "scripts were found" some
while read -r file; do
	check "$file" clean "$top_srcdir" "$file"
done < "$lint_work/scripts"

printf '#!/bin/sh\nx = 1\ncd /nowhere\nlocal y=$(pwd)\n' > "$lint_work/bad.sh"
refuse "a script with errors is refused" clean "$lint_work" bad.sh
finish
