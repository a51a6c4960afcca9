# The compiler lines of 'make -n V=1' as a JSON compilation database.
function quoted(s) { gsub(/\\/, "\\\\", s); gsub(/"/, "\\\"", s); gsub(/\t/, " ", s); return "\"" s "\"" }
BEGIN { print "[" }
/ -c -o / {
	command = $0
	sub(/^[ \t]*(echo [^;]*;)?/, "", command)
	sub(/;?\\$/, "", command)
	gsub(/`test -f '[^']*' \|\| echo '[^']*'`/, "", command)
	sub(/ -MT [^ ]+ -MD -MP -MF [^ ]+/, "", command)
	sub(/ *&&.*$/, "", command)
	gsub(/  +/, " ", command)
	if (seen[command]++) next
	n = split(command, word, /[ \t]+/)
	file = ""
	for (i = n; i > 0; i--) if (word[i] ~ /\.c$/) { file = word[i]; break }
	if (file == "") next
	printf "%s{\"directory\": %s, \"file\": %s, \"command\": %s}", sep, quoted(dir), quoted(file), quoted(command)
	sep = ",\n"
}
END { print "\n]" }
