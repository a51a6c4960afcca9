#!/bin/sh
# Files over 600 lines and functions over 60: printed, not failed; the trend is what counts.
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
	echo "longest file: $(awk 'NR == 1 { print $2, $1 }' "$lint_work/lengths")"
	echo "longest function: $(awk 'NR == 1 { print $3, "in", $2, $1 }' "$lint_work/functions")"
	awk '$1 > 600 { print "file over 600: " $2, $1 }' "$lint_work/lengths"
	awk '$1 > 60 { print "function over 60: " $3 " in " $2, $1 }' "$lint_work/functions"
	[ -s "$lint_work/functions" ]
}

check "lengths (a report)" report
finish
