# Sums a TAP stream: the failures and skips by name, then one line of figures. Exit status 1 if anything failed or nothing ran.
/^ok .*# (skip|SKIP)/ { skipped++; why = $0; sub(/^ok [0-9]+ (- )?/, "", why); skips[skipped] = why; next }
/^ok /                { passed++ }
/^not ok /            { failed++; why = $0; sub(/^not ok [0-9]+ (- )?/, "", why); fails[failed] = why }
END {
	for (i = 1; i <= skipped; i++) print "# skipped: " skips[i]
	for (i = 1; i <= failed; i++)  print "# FAILED: " fails[i]
	printf "# suite %s took %d s\n", name, seconds
	printf "%d passed, %d failed, %d skipped\n", passed, failed, skipped
	exit failed || !(passed + failed)
}
