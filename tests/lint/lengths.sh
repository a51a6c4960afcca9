#!/bin/sh
# Files over 600 lines (tests, too), functions over 60 and lines over 100 columns: printed, not failed; the trend is
# what counts.
. "$(dirname "$0")/tap.sh"

ctags --version 2> /dev/null | grep -q 'Universal Ctags' || skip_all "no universal-ctags"

report()
{
	cd "$top_srcdir" || return 1
	find runtime hooks seccomp-profiles -name '*.[ch]' > "$lint_work/files"
	[ -s "$lint_work/files" ] || return 1
	ctags -f - --languages=C --kinds-C=f --fields=+ne -L "$lint_work/files" |
		awk -F '\t' '{
			start = end = 0
			for (i = 4; i <= NF; i++) {
				if ($i ~ /^line:/) start = substr($i, 6)
				if ($i ~ /^end:/) end = substr($i, 5)
			}
			if (end > 0) print end - start + 1, $2, $1
		}' | sort -rn > "$lint_work/functions"
	xargs wc -l < "$lint_work/files" | grep -v ' total$' | sort -rn > "$lint_work/lengths"
	awk '{ n++; sum += $1; all[n] = $1 } END { printf "%d files, %d lines, median %d\n", n, sum, all[int((n + 1) / 2)] }' \
		"$lint_work/lengths"
	awk '{ n++; all[n] = $1; over += $1 > 60 } END { printf "%d functions, median %d, p90 %d, longest %d, over 60: %d\n",
		n, all[int((n + 1) / 2)], all[int(n / 10) + 1], all[1], over }' "$lint_work/functions"
	xargs expand -t 8 < "$lint_work/files" > "$lint_work/text" || return 1
	echo "lines over 100 columns: $(LC_ALL=C.UTF-8 grep -cE '^.{101,}' "$lint_work/text")"
	echo "longest file: $(awk 'NR == 1 { print $2, $1 }' "$lint_work/lengths")"
	echo "longest function: $(awk 'NR == 1 { print $3, "in", $2, $1 }' "$lint_work/functions")"
	find tests -name '*.[ch]' -o -name '*.bats' -o -name '*.sh' > "$lint_work/tests"
	xargs wc -l < "$lint_work/tests" | grep -v ' total$' | sort -rn > "$lint_work/test_lengths"
	awk '$1 > 600 { print "file over 600: " $2, $1 }' "$lint_work/lengths" "$lint_work/test_lengths"
	awk '$1 > 60 { print "function over 60: " $3 " in " $2, $1 }' "$lint_work/functions"
	[ -s "$lint_work/functions" ]
}

check "lengths (a report)" report
finish
