#!/bin/bash
# README.md, runtime/README.md and hooks/README.md against the tree: files and make targets that they name exist, and the tables
# that a program prints are the ones it prints now.
#   readme.sh               TAP
#   readme.sh --paste NAME  replaces what stands between <!-- NAME --> and <!-- /NAME --> in README.md by standard input
# shellcheck disable=SC2317,SC2329 # functions are called through check()
set -u
export LC_ALL=C

top=${top_srcdir:-$(cd "$(dirname "$0")/../.." && pwd)}
build=${top_builddir:-.}
kanuki=${KANUKI:-$build/kanuki}
pages=("$top/README.md" "$top/runtime/README.md" "$top/hooks/README.md")
[ -e "$build/Makefile" ] || { echo "Bail out! needs the build tree: set top_builddir (no $build/Makefile)"; exit 99; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

between() # NAME: what stands between its markers
{
	awk -v open="<!-- $1 -->" -v close_="<!-- /$1 -->" '$0 == close_ { inside = 0 } inside { print } $0 == open { inside = 1 }' \
		"$top/README.md"
}

paste_in() # NAME
{
	local marks
	marks=$(grep -cxE "<!-- /?$1 -->" "$top/README.md")
	[ "$marks" = 2 ] || { echo "readme.sh: README.md has no <!-- $1 --> and <!-- /$1 -->" >&2; exit 1; }
	cat > "$work/new"
	[ -s "$work/new" ] || { echo "readme.sh: nothing to paste" >&2; exit 1; }
	awk -v open="<!-- $1 -->" -v close_="<!-- /$1 -->" -v new="$work/new" '
		$0 == close_ { inside = 0 }
		!inside { print }
		$0 == open { inside = 1; while ((getline line < new) > 0) print line }' "$top/README.md" > "$work/README.md" &&
		cat "$work/README.md" > "$top/README.md"
}

if [ "${1-}" = --paste ]; then
	paste_in "${2:?usage: readme.sh --paste NAME}"
	exit 0
fi

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

# Words in `code`, in commands and behind ](: those that begin with a folder of ours, or are links, must exist. Made files
# (a test program without its .c) count as there when their source is.
files_exist() # PAGE
{
	local bad=0 word base
	base=$(dirname "$1")
	{
		grep -oE '\]\([^)#]+\)' "$1" | sed 's/^](//; s/)$//' | grep -v '://' | sed 's/^/link /'
		tr -s ' `()|,;:' '\n' < "$1" | sed 's/\.$//' |
			grep -E '^(\./)?(runtime|seccomp-profiles|hooks|man|tests|\.ci)/[A-Za-z0-9_./-]*$|^\./(quickstart|autogen\.sh)$' |
			sed 's/^/path /'
		# runtime/README.md speaks of its own folders
		[ "$base" != "$top/runtime" ] || tr -s ' `()|,;:' '\n' < "$1" | sed 's/\.$//' |
			grep -E '^(base|sys|spec|host|plan|policy|proto|act|state|cmd)/[a-z_]+\.[ch]$' | sed 's/^/own /'
	} | sort -u > "$work/words"
	[ -s "$work/words" ] || { echo "no file name found"; return 1; }
	while read -r kind word; do
		case $kind in
		link | own) [ -e "$base/$word" ] ;;
		path) [ -e "$top/$word" ] || [ -e "$top/$word.c" ] ;;
		esac || { echo "$(basename "$base")/$(basename "$1") names $word, which is not there"; bad=1; }
	done < "$work/words"
	return "$bad"
}

# Behind `make`, on lines of commands and in `code`: automake's own targets are in the Makefile, too.
targets_exist() # PAGE
{
	local bad=0 target
	# not what the tour prints: "make a user namespace"
	sed '/^<!-- tour -->$/,/^<!-- .tour -->$/d' "$1" |
		grep -oE '(^ {4}|`|&& |sudo )make( -[A-Za-z]+)*( [a-z][a-z_-]*)+' | sed 's/.*make//' | tr ' ' '\n' |
		grep -E '^[a-z]' | sort -u > "$work/targets"
	while read -r target; do
		grep -qE "^([a-z-]+ )*$target( [a-z-]+)*:" "$build/Makefile" || { echo "no target: $target"; bad=1; }
	done < "$work/targets"
	return "$bad"
}

schema_table()
{
	"$top/tests/lint/schema.sh" --markdown > "$work/schema" || return 1
	between schema | diff --label "schema.sh --markdown" --label README.md -u "$work/schema" -
}

matrix_table()
{
	"$top/tests/plan/matrix" --markdown > "$work/matrix" || return 1
	between matrix | diff --label "tests/plan/matrix --markdown" --label README.md -u "$work/matrix" -
}

# The lines of the plan that the README shows are lines of a plan. Made from a bundle in the working directory, as told there.
plan_lines()
{
	local bad=0 line
	mkdir -p "$work/bundle/rootfs/bin" "$work/bundle/rootfs/tmp"
	(cd "$work/bundle" && "$kanuki" spec && "$kanuki" plan --diff) > "$work/plan" || return 1
	between plan | sed -n 's/^    //p' > "$work/shown"
	[ "$(wc -l < "$work/shown")" -ge 5 ] || { echo "README.md shows no plan"; return 1; }
	while read -r line; do
		grep -qxF -- "$line" "$work/plan" || { echo "not in the plan: $line"; bad=1; }
	done < "$work/shown"
	return "$bad"
}

# Each attempt that the README shows is one of the tour's, stopped by the rules that are named there.
tour_lines()
{
	local bad=0 line what rules
	between tour | sed -n 's/^    //p' | sed '1d; /^\.\.\./d; /^$/d; /^[0-9]* attempts/d' > "$work/shown"
	[ "$(wc -l < "$work/shown")" -ge 5 ] || { echo "README.md shows no tour"; return 1; }
	while IFS= read -r line; do
		what=${line:0:45}
		what=${what%%  *}
		rules=$(grep -oE '(H-[0-9]+ ?)+$' <<< "$line" | sed 's/ *$//')
		awk -F'|' -v what="$what" -v rules="$rules" '{ for (i = 1; i <= NF; i++) gsub(/^ +| +$/, "", $i) }
			{ w = r = 0; for (i = 1; i <= NF; i++) { w = w || $i == what; r = r || $i == rules } found = found || (w && r) }
			END { exit !found }' "$top/tests/tour/attempts" || { echo "not an attempt of the tour: $what ($rules)"; bad=1; }
	done < "$work/shown"
	return "$bad"
}

# A table that is announced is there.
blocks_filled()
{
	local bad=0 name
	while read -r name; do
		[ -n "$(between "$name" | tr -d '[:space:]')" ] || { echo "nothing between <!-- $name --> and <!-- /$name -->"; bad=1; }
	done < <(sed -n 's/^<!-- \([a-z]*\) -->$/\1/p' "$top/README.md")
	return "$bad"
}

for page in "${pages[@]}"; do
	check "${page#"$top"/}: the files it names exist" files_exist "$page"
	check "${page#"$top"/}: the make targets it names exist" targets_exist "$page"
done
check "README.md: no table is empty" blocks_filled
check "README.md: the schema table is what schema.sh prints" schema_table
check "README.md: the matrix is what tests/plan/matrix prints" matrix_table
check "README.md: the plan's lines are what kanuki plan prints" plan_lines
check "README.md: the tour's rows are attempts of the tour" tour_lines
echo "1..$count"
exit $failed
