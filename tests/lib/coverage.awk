# gcovr's CSV (filename,line_total,line_covered,...) by folder of runtime/, against what each must reach.
BEGIN {
	must["spec"] = must["policy"] = must["plan"] = 90
	must["act"] = must["state"] = must["cmd"] = 75
}
NR == 1 { next }
{
	n = split($1, part, "/")
	for (i = 1; i < n; i++) if (part[i] == "runtime") break
	folder = (i + 1 < n) ? part[i + 1] : "main"
	total[folder] += $2
	covered[folder] += $3
}
END {
	for (f in total) {
		percent = total[f] ? 100 * covered[f] / total[f] : 100
		low = (f in must) && percent < must[f]
		printf "%-8s %6d of %6d lines  %5.1f %%%s\n", f, covered[f], total[f], percent,
			(f in must) ? sprintf("  (at least %d)%s", must[f], low ? "  TOO LOW" : "") : "" | "sort"
		bad += low
	}
	close("sort")
	exit bad > 0 || !length(total)
}
