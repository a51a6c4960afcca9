# One TAP file in, nothing out if it is sound, else what is wrong with it as a whole.
/^1\.\.[0-9]+/ { split($1, p, /\.\./); planned = p[2]; has_plan = 1; if (p[2] == 0) empty = 1 }
/^ok /         { ran++ }
/^not ok /     { ran++; if ($0 !~ /# TODO/) failed++ }
/^Bail out!/   { bail = 1 }
END {
	if (bail)                          print "bailed out"
	else if (!has_plan)                print "printed no plan (exit status " status ")"
	else if (ran + 0 != planned + 0)   print "planned " planned ", ran " ran + 0
	else if (status != 0 && !failed)   print "exit status " status " without a failed test"
}
