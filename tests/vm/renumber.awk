# The guest's TAP, file after file, as one stream with one plan. Exit status 1 if a test failed, a file broke off or
# the guest did, or fewer than `files` files were begun.
function file_ends()
{
	if (file != "" && ran != planned) {
		bad++
		printf "not ok %d - %s: planned %d, ran %d\n", ++n, file, planned, ran
	}
}
{ sub(/\r$/, "") }
/^# file /        { file_ends(); begun++; file = $3; planned = -1; ran = 0; print; next }
/^# guest done/   { file_ends(); file = ""; done = 1; print; next }
/^1\.\.[0-9]+/    { split($1, p, /\.\./); planned = p[2] + 0; next }
/^ok [0-9]+/      { sub(/^ok [0-9]+/, "ok " ++n); ran++; print; next }
/^not ok [0-9]+/  { sub(/^not ok [0-9]+/, "not ok " ++n); ran++; bad++; print; next }
{ print }
END {
	if (begun != files) {
		bad++
		printf "not ok %d - %d files of %d were begun\n", ++n, begun, files
	}
	if (!done) {
		bad++
		printf "not ok %d - the guest came to its end\n", ++n
	}
	printf "1..%d\n", n
	exit bad > 0 || n == 0
}
