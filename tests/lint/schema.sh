#!/bin/sh
# The parser's tables against the properties of runtime-spec 1.3.0, one by one: nothing missing, nothing invented.
#   schema.sh              TAP
#   schema.sh --markdown   the table of the README
#   schema.sh --derive DIR the list of properties from the schema files of runtime-spec in DIR (needs jq, as the last test does)
# The list that is compared with was derived so; runtime-spec-1.3.0.source says from what, and the sum in it keeps it as it was.
# shellcheck disable=SC2317 # functions are called through check()
set -eu
export LC_ALL=C

here=${top_srcdir:-$(dirname "$0")/../..}/tests/lint
program=${top_builddir:-.}/tests/lint/schema
wanted=$here/runtime-spec-1.3.0.properties
source=$here/runtime-spec-1.3.0.source

derive() { # DIR
	jq -rn -f "$here/schema.jq" "$1/config-schema.json" "$1/config-linux.json" "$1/defs.json" "$1/defs-linux.json" | sort
}

if [ "${1-}" = --derive ]; then
	derive "$2"
	exit
fi
[ -x "$program" ] || { echo "Bail out! needs the build tree: set top_builddir (no $program)"; exit 99; }

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
			sub(/^refused: /, "", $2)
			if (!($2 in names))
				reasons[++m] = $2
			names[$2] = names[$2] (names[$2] == "" ? "" : ", ") "`" $1 "`"
		}
	}
	END {
		print "| object | handled | refused by name | properties |"
		print "|---|--:|--:|--:|"
		for (i = 1; i <= n; i++)
			printf "| `%s` | %d | %d | %d |\n", order[i], handled[order[i]], refused[order[i]], all[order[i]]
		printf "| **all** | **%d** | **%d** | **%d** |\n\n", handled_total, refused_total, total
		for (i = 1; i <= m; i++)
			why = why (i == 1 ? "" : "; ") reasons[i] ": " names[reasons[i]]
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

as_derived() { # FILE
	wanted_sum=$(awk '$2 == "runtime-spec-1.3.0.properties" { print $1 }' "$source")
	sum=$(sha256sum < "$1" | cut -d' ' -f1)
	[ "$sum" = "$wanted_sum" ] || { echo "sum is $sum, not $wanted_sum"; return 1; }
}

edited() {
	sed '$d' "$wanted" > "$tmp/edited"
	! as_derived "$tmp/edited"
}

# A schema with each way that the real one leads to a property; "sun.json" is of another system and not given.
sample() {
	mkdir -p "$tmp/sample"
	cat > "$tmp/sample/config-schema.json" <<- 'END'
		{"properties": {"plain": {}, "map": {"additionalProperties": {"properties": {"in": {}}}}, "sun": {"$ref": "sun.json#/sun"},
		 "linux": {"$ref": "config-linux.json#/linux"}, "open": {"additionalProperties": true}}, "allOf": [{"properties": {"all": {}}}]}
	END
	cat > "$tmp/sample/config-linux.json" <<- 'END'
		{"linux": {"properties": {"list": {"items": {"$ref": "defs-linux.json#/definitions/Item"}},
		 "pattern": {"patternProperties": {"^a": {"properties": {"p": {}}}}}, "shared": {"$ref": "defs.json#/definitions/Shared"}}}}
	END
	echo '{"definitions": {"Shared": {"anyOf": [{"properties": {"any": {}}}, {"type": "string"}]}}}' > "$tmp/sample/defs.json"
	cat > "$tmp/sample/defs-linux.json" <<- 'END'
		{"definitions": {"Item": {"$ref": "#/definitions/Real"}, "Real": {"properties": {"deep": {}}}}}
	END
	printf '%s\n' all linux linux.list 'linux.list[].deep' linux.pattern 'linux.pattern.*.p' linux.shared linux.shared.any \
		map 'map.*.in' open plain sun > "$tmp/sample/wanted"
	derive "$tmp/sample" > "$tmp/sample/derived" && diff "$tmp/sample/wanted" "$tmp/sample/derived"
}

if [ "${1-}" = --markdown ]; then
	markdown
	exit 0
fi
check "the list is sorted and has no property twice" sort -cu "$wanted"
check "no property twice in the tables" sort -cu "$tmp/known"
check "the tables know the $(wc -l < "$wanted") properties of runtime-spec 1.3.0 and no other" diff "$wanted" "$tmp/known"
check "every property has a treatment" treatments
check "the list is as it was derived from the schema" as_derived "$wanted"
check "one with a line less is not" edited
check "the derivation finds each kind of property" sample
echo "1..$count"
exit $failed
