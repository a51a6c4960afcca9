#!/bin/sh
# The parser's tables against the properties of runtime-spec 1.3.0, one by one: nothing missing, nothing invented.
#   schema.sh              TAP
#   schema.sh --markdown   the table of the README
# With KANUKI_SPEC_SCHEMA=DIR (the schema files of runtime-spec) the list of properties itself is checked, too; that needs jq.
# shellcheck disable=SC2317 # functions are called through check()
set -eu
export LC_ALL=C

here=${top_srcdir:-$(dirname "$0")/../..}/tests/lint
program=${top_builddir:-.}/tests/lint/schema
wanted=$here/runtime-spec-1.3.0.properties

tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
"$program" > "$tmp/table"
cut -f1 "$tmp/table" | sort > "$tmp/known"

# Handled, refused and all properties by object, in the order of the specification.
markdown() {
	awk -F'\t' '
	function part(path)
	{
		if (path ~ /^linux\.(resources|seccomp)/)
			return "linux." member(path)
		sub(/[.[].*/, "", path)
		return path ~ /^(process|mounts|hooks|linux)$/ ? path : "(top level)"
	}
	function member(path)
	{
		sub(/^linux\./, "", path)
		sub(/[.[].*/, "", path)
		return path
	}
	{
		p = part($1)
		if (!(p in all))
			order[++n] = p
		all[p]++; total++
		if ($2 == "handled") {
			handled[p]++; handled_total++
		} else {
			refused[p]++; refused_total++
			why = why sprintf("%s`%s` (%s)", why == "" ? "" : ", ", $1, $2)
		}
	}
	END {
		print "| object | handled | refused by name | properties |"
		print "|---|--:|--:|--:|"
		for (i = 1; i <= n; i++)
			printf "| `%s` | %d | %d | %d |\n", order[i], handled[order[i]], refused[order[i]], all[order[i]]
		printf "| **all** | **%d** | **%d** | **%d** |\n\n", handled_total, refused_total, total
		print "Refused by name: " why "."
	}' "$tmp/table"
}

# A property that ends up in no row would be dropped; every row has one of the treatments that spec.h names.
treatments() {
	awk -F'\t' '$2 != "handled" && $2 != "not linux" && $2 !~ /^refused: ./ { print; bad = 1 } END { exit bad }' "$tmp/table"
}

count=0 failed=0
check() { # NAME COMMAND...
	name=$1
	shift
	count=$((count + 1))
	if "$@" > "$tmp/out" 2>&1; then
		echo "ok $count - $name"
	else
		echo "not ok $count - $name"
		sed 's/^/# /' "$tmp/out"
		failed=1
	fi
}

regenerate() {
	jq -rn -f "$here/schema.jq" "$KANUKI_SPEC_SCHEMA/config-schema.json" "$KANUKI_SPEC_SCHEMA/config-linux.json" \
		"$KANUKI_SPEC_SCHEMA/defs.json" "$KANUKI_SPEC_SCHEMA/defs-linux.json" | sort > "$tmp/schema" &&
		diff "$wanted" "$tmp/schema"
}

if [ "${1-}" = --markdown ]; then
	markdown
	exit 0
fi
check "the list is sorted and has no property twice" sort -cu "$wanted"
check "no property twice in the tables" sort -cu "$tmp/known"
check "the tables know the $(wc -l < "$wanted") properties of runtime-spec 1.3.0 and no other" diff "$wanted" "$tmp/known"
check "every property has a treatment" treatments
if [ -n "${KANUKI_SPEC_SCHEMA-}" ]; then
	check "the list equals the schema in KANUKI_SPEC_SCHEMA" regenerate
else
	count=$((count + 1))
	echo "ok $count - the list equals the schema # SKIP KANUKI_SPEC_SCHEMA is not set"
fi
echo "1..$count"
exit $failed
