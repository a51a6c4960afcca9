# The plan, the list of attempts and the container's answers, in this order, become the tour's table.
# Exit status 1 unless every attempt listed was made and stopped, and every rule named is in the plan.
function paint(code, text) { return colour == "yes" ? "\033[" code "m" text "\033[0m" : text }
FNR == 1 { part++ }
part == 1 {
	line = $0
	while (match(line, /H-[0-9][0-9]/)) {
		in_plan[substr(line, RSTART, RLENGTH)] = 1
		line = substr(line, RSTART + RLENGTH)
	}
	next
}
/^#/ { next }
part == 2 { order[++count] = $1; words[$1] = $2; rules[$1] = $3; next }
part == 3 { answer[$1] = $2; stopped[$1] = $3 }
END {
	printf "%-44s %-46s %s\n", "tried inside the container", "the kernel answered", "stopped by"
	for (i = 1; i <= count; i++) {
		name = order[i]
		n = split(rules[name], rule, " ")
		unknown = ""
		for (j = 1; j <= n; j++) if (!(rule[j] in in_plan)) unknown = unknown " " rule[j]
		if (!(name in answer)) verdict = "NOT TRIED"
		else if (stopped[name] != "yes") verdict = "NOT STOPPED"
		else if (unknown != "") verdict = "NOT IN THE PLAN:" unknown
		else verdict = rules[name]
		good = verdict == rules[name]
		bad += !good
		printf "%-44s %-46s %s\n", words[name], substr(answer[name], 1, 46), paint(good ? 32 : "1;31", verdict)
	}
	for (name in answer) if (!(name in words) && name != "end") { bad++; print "answered but not listed: " name }
	if (!("end" in answer)) { bad++; print "the hostile program did not come to its end" }
	printf "\n%d attempts, %d stopped\n", count, count - (bad < count ? bad : count)
	exit bad > 0
}
