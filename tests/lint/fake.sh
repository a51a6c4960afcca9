#!/bin/sh
# tests/unit/fake_sys.c counts and fails the system calls of runtime/sys/sys.c: every one of
# them but those that can't fail.
. "$(dirname "$0")/tap.sh"

cannot_fail='exit getpid getppid umask'

covered() # SYS.C FAKE.C
{
	grep -oE '^[a-z_0-9]+ \*?sys_[a-z0-9_]+\(' "$1" | sed 's/.*sys_//; s/($//' | sort > "$lint_work/calls"
	{
		sed -n 's/^WRAP([A-Z_]*, [a-z_0-9]*, \([a-z0-9_]*\),.*/\1/p' "$2"
		sed -n 's/^int wrap_\(close\)(int fd)$/\1/p' "$2"
		for call in $cannot_fail; do
			echo "$call"
		done
	} | sort > "$lint_work/wrapped"
	[ -s "$lint_work/calls" ] && diff "$lint_work/calls" "$lint_work/wrapped"
}

check "fake_sys.c has every call of sys.c" covered "$top_srcdir/runtime/sys/sys.c" "$top_srcdir/tests/unit/fake_sys.c"
sed '/^WRAP(.*, openat2,/d' "$top_srcdir/tests/unit/fake_sys.c" > "$lint_work/lacking.c"
refuse "one that lacks a call is refused" covered "$top_srcdir/runtime/sys/sys.c" "$lint_work/lacking.c"
finish
