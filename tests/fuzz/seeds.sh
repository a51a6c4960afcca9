# seeds NAME: the reports that are inputs of fuzz target NAME beside its corpus, one a line. For corpus.sh and tests/lib/run-fuzz.
# gate_report has all of them, an importer's target those whose names begin with the importer's: gate_cosign_vuln has cosign-vuln-*.
seeds() {
	case $1 in
	gate_report) find "$top_srcdir/tests/gate/reports" -type f ;;
	gate_*)
		find "$top_srcdir/tests/gate/reports" "$top_srcdir/tests/fuzz/corpus/gate_report" -type f \
			-name "$(echo "${1#gate_}" | tr _ -)*" ! -name '*.expected' ! -name '*.hints'
		;;
	esac
}
