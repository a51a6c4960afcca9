#!/bin/sh
# Every fuzz target over its corpus, once: crashes found before stay fixed. The gate's reports are seeds as well.
set -u
: "${top_srcdir:?}" "${top_builddir:?}"
. "$top_srcdir/tests/fuzz/seeds.sh"
n=0
failed=0
for source in "$top_srcdir"/tests/fuzz/fuzz_*.c; do
	target=$(basename "$source" .c)
	name=${target#fuzz_}
	n=$((n + 1))
	set -- "$top_srcdir/tests/fuzz/corpus/$name"
	[ -d "$1" ] || shift
	while IFS= read -r seed; do
		[ -z "$seed" ] || set -- "$@" "$seed"
	done <<-END
		$(seeds "$name")
	END
	if output=$("$top_builddir/tests/fuzz/$target" -runs=0 "$@" 2>&1); then
		echo "ok $n - $name: $(find "$@" -type f | wc -l) inputs"
	else
		failed=1
		echo "not ok $n - $name"
		printf '%s\n' "$output" | tail -20 | sed 's/^/# /'
	fi
done
echo "1..$n"
exit $failed
