# md2man.awk: a manual page from the Markdown of kanuki-policy.5.md.
#
# Knows what that file uses and refuses the rest: a first line "% name(section) | ...", headings of three levels, paragraphs,
# definition lists ("term", then ":   text" with an indent of four), bullets ("* " with an indent of two), and within text
# `code`, **strong** and *emphasis*. -v date=, -v version= fill the page's header and footer.

function fail(why)
{
	printf "%s:%d: %s: %s\n", FILENAME, FNR, why, $0 > "/dev/stderr"
	failed = 1
	exit 1
}

# Text to roff: characters that troff replaces by typographic ones stay as they are.
function plain(text)
{
	gsub(/\\/, "\\e", text)
	gsub(/-/, "\\-", text)
	gsub(/'/, "\\(aq", text)
	gsub(/\^/, "\\(ha", text)
	gsub(/~/, "\\(ti", text)
	return text
}

# The first of `code`, **strong**, *emphasis*; what is before it is plain. Literal text knows no further marks.
function inline(text,    out, at, mark, font, rest, end)
{
	while (match(text, /`|\*\*|\*/)) {
		at = RSTART
		mark = substr(text, RSTART, RLENGTH)
		rest = substr(text, at + length(mark))
		end = index(rest, mark)
		if (mark == "*" && (rest ~ /^ / || !end)) { # a star that is meant
			out = out plain(substr(text, 1, at))
			text = rest
			continue
		}
		if (!end)
			fail("no end of " mark)
		font = mark == "*" ? "\\fI" : "\\fB"
		out = out plain(substr(text, 1, at - 1)) font plain(substr(rest, 1, end - 1)) "\\fR"
		text = substr(rest, end + length(mark))
	}
	return out plain(text)
}

# A paragraph is collected first: marks may span lines. None of its lines may begin like a request.
function flush_text(    lines, n, i)
{
	n = split(inline(text), lines, "\n")
	for (i = 1; i <= n; i++)
		print (lines[i] ~ /^\./ ? "\\&" : "") lines[i]
	text = ""
}

# A line that has turned out to be no term.
function flush_held()
{
	if (held == "")
		return
	if (!after_heading)
		print ".PP"
	after_heading = 0
	kind = "paragraph"
	text = held
	held = ""
}

function gap() { flush_held(); flush_text() }

FNR == 1 {
	if (!match($0, /^% [a-z-]+\([0-9]\)/))
		fail("no title")
	name = substr($0, 3)
	sub(/ .*/, "", name)
	section = name
	sub(/^.*\(/, "", section)
	sub(/\)$/, "", section)
	sub(/\(.*$/, "", name)
	printf ".\\\" made from %s.%s.md\n.TH %s %s \"%s\" \"%s\"\n", name, section, plain(toupper(name)), section, date, version
	next
}
/\t/ { fail("a tab") }
/^```/ || /^\|/ || /^[0-9]+\. / || /^>/ || /^[-+] / { fail("Markdown that md2man.awk does not know") }
/^#+ / {
	gap()
	level = index($0, " ") - 1
	title = substr($0, level + 2)
	if (level == 1) print ".SH " plain(title)
	else if (level == 2) print ".SS " plain(title)
	else if (level == 3) print (after_heading ? "" : ".PP\n") ".B " plain(title)
	else fail("a heading of level " level)
	after_heading = level < 3
	kind = "heading"
	blank = 0
	next
}
/^$/ { blank = 1; next }
/^:   / {
	if (held == "")
		fail("a definition without a term")
	flush_text()
	print ".TP\n" inline(held)
	held = ""
	kind = "definition"
	text = substr($0, 5)
	blank = after_heading = 0
	next
}
/^\* / {
	gap()
	print ".IP \\(bu 2"
	kind = "bullet"
	text = substr($0, 3)
	blank = after_heading = 0
	next
}
/^    / && kind == "definition" && held == "" {
	if (blank) { flush_text(); print ".IP" }
	text = text (text == "" ? "" : "\n") substr($0, 5)
	blank = 0
	next
}
/^  [^ ]/ && kind == "bullet" && held == "" {
	if (blank) fail("a bullet of two paragraphs")
	text = text "\n" substr($0, 3)
	next
}
/^ / { fail("an indent out of place") }
{
	if (!blank && held != "")
		flush_held()
	if (!blank && kind == "paragraph" && text != "") {
		text = text "\n" $0
		next
	}
	gap()
	held = $0
	blank = 0
}
END {
	if (!failed)
		gap()
}
