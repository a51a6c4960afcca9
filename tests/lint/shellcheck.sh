#!/bin/bash
# Every shell script and bats file of the tree through shellcheck(1).
# shellcheck source=tests/lint/tap.sh disable=SC1091
. "$(dirname "$0")/tap.sh"

command -v shellcheck > /dev/null || skip_all "no shellcheck"

scripts() # TREE
{
	local file first shell='^#!.*(/|env )(ba|da)?sh( |$)|^#!.*bats'
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
		*)
			IFS= read -r -n 64 first < "$1/$file" # without a process for each of thousands
			[[ ! $first =~ $shell ]] || echo "$file" ;;
		esac
	done
}

# All in one start of shellcheck, which costs more than most files; findings are one line each, and 1 is its status if there are any.
# Notes of style are not findings; nor is what shellcheck can't know because it looks at one
# file at a time while ours load each other (variables SC2034, SC2154; arguments SC2120), nor a
# case pattern that is meant to be one (SC2254).
look() # TREE OPTION... FILE...
{
	local status=0
	cd "$1" || return 2
	shift
	shellcheck --format=gcc --severity=warning --exclude=SC1091,SC2034,SC2120,SC2154,SC2254 "$@" || status=$?
	[ $status -le 1 ]
}

look_at_all() # TREE LIST
{
	local file whole=() sourced=()
	while read -r file; do
		# what is only sourced has no first line that says which shell
		if [[ $(head -n 3 "$1/$file") =~ ^#!|shellcheck\ shell= ]]; then
			whole+=("$file")
		else
			sourced+=("$file")
		fi
	done < "$2"
	(look "$1" "${whole[@]}" && look "$1" --shell=bash "${sourced[@]}") > "$lint_work/findings"
}

clean() # FINDINGS FILE
{
	awk -v file="$2:" 'index($0, file) == 1 { print; n++ } END { exit n > 0 }' "$1"
}

scripts "$top_srcdir" > "$lint_work/scripts"
some()
{
	wc -l < "$lint_work/scripts"
	grep -qx quickstart "$lint_work/scripts" && grep -q '\.bats$' "$lint_work/scripts"
}
check "scripts were found" some
check "shellcheck could read them" look_at_all "$top_srcdir" "$lint_work/scripts"
while read -r file; do
	check "$file" clean "$lint_work/findings" "$file"
done < "$lint_work/scripts"

printf '#!/bin/sh\nx = 1\ncd /nowhere\nlocal y=$(pwd)\n' > "$lint_work/bad.sh"
(look "$lint_work" bad.sh) > "$lint_work/bad.findings"
refuse "a script with errors is refused" clean "$lint_work/bad.findings" bad.sh
gone() { (look "$lint_work" bad.sh gone.sh); }
refuse "one that isn't there is refused" gone
finish
