#!/bin/sh
# base/banned.h makes unsafe functions compile errors: each one is tried; and every source
# file of the runtime includes config.h first and banned.h last.
. "$(dirname "$0")/tap.sh"

compiles() # CALL
{
	{
		echo '#define _GNU_SOURCE 1'
		for header in alloca stdio stdlib string time unistd; do
			echo "#include <$header.h>"
		done
		echo '#include "base/banned.h"'
		echo "int sample(char *a, char *b); int sample(char *a, char *b) { (void)a; (void)b; $1; return 0; }"
	} > "$lint_work/sample.c"
	${CC:-cc} -Werror=implicit-function-declaration -I"$top_srcdir/runtime" -fsyntax-only "$lint_work/sample.c"
}

places() # TREE
{
	bad=0
	for file in "$1"/*.c "$1"/*/*.c; do
		[ -e "$file" ] || continue
		grep -E '^[ \t]*#[ \t]*include' "$file" > "$lint_work/includes"
		if ! head -n 1 "$lint_work/includes" | grep -q '"config\.h"'; then
			echo "${file#"$1"/}: the first include is not \"config.h\""
			bad=1
		fi
		if ! tail -n 1 "$lint_work/includes" | grep -q '"base/banned\.h"'; then
			echo "${file#"$1"/}: the last include is not \"base/banned.h\""
			bad=1
		fi
	done
	return $bad
}

check "every source file includes config.h first and banned.h last" places "$top_srcdir/runtime"
check "what is not banned compiles" compiles 'if (a == b) memcpy(a, b, 1), snprintf(a, 1, "%s", b)'
while read -r call; do
	refuse "banned: $call" compiles "$call"
done << 'END'
strcpy(a, b)
strcat(a, b)
strncpy(a, b, 1)
strncat(a, b, 1)
stpcpy(a, b)
sprintf(a, "%s", b)
strtok(a, b)
gets(a)
atoi(a)
atol(a)
atoll(a)
atof(a)
asctime(0)
ctime(0)
localtime(0)
gmtime(0)
alloca(1)
tmpnam(a)
tempnam(a, b)
mktemp(a)
system(a)
popen(a, b)
END
# every name in banned.h was tried
names()
{
	sed -n 's/^#define \([a-z]*\)(\.\.\.).*/\1/p' "$top_srcdir/runtime/base/banned.h" | sort > "$lint_work/banned"
	sed -n '/^while read/,/^END$/s/^\([a-z]*\)(.*/\1/p' "$0" | { cat; echo vsprintf; } | sort > "$lint_work/tried"
	diff "$lint_work/banned" "$lint_work/tried"
}
check "every function of banned.h was tried" names
refuse "banned: vsprintf" compiles 'va_list ap; vsprintf(a, b, ap)'

mkdir -p "$lint_work/tree/x"
printf '#include "config.h"\n#include "base/banned.h"\n#include <stdio.h>\n' > "$lint_work/tree/x/late.c"
refuse "an include after banned.h is refused" places "$lint_work/tree"
finish
