# shellcheck shell=sh
# Sourced by the lints: `check NAME COMMAND...` is one TAP result, what the command
# prints is its explanation; `refuse NAME COMMAND...` wants the command to fail.
# A lint ends with `finish`.
: "${top_srcdir:=$(cd "$(dirname "$0")/../.." && pwd)}" "${top_builddir:=.}"
export LC_ALL=C
lint_count=0
lint_failed=0
lint_work=$(mktemp -d) || exit 99
trap 'rm -rf "$lint_work"' EXIT

lint_result() # GOOD NAME
{
	lint_count=$((lint_count + 1))
	if [ "$1" = 0 ]; then
		echo "ok $lint_count - $2"
	else
		echo "not ok $lint_count - $2"
		lint_failed=1
	fi
	[ ! -s "$lint_work/out" ] || sed 's/^/# /' "$lint_work/out"
}

check() # NAME COMMAND...
{
	lint_name=$1
	shift
	"$@" > "$lint_work/out" 2>&1
	lint_result $? "$lint_name"
}

# A lint that can't fail says nothing: each is shown something wrong, too.
refuse() # NAME COMMAND...
{
	lint_name=$1
	shift
	if "$@" > "$lint_work/refused" 2>&1; then
		echo "accepted" > "$lint_work/out"
		lint_result 1 "$lint_name"
	else
		: > "$lint_work/out"
		lint_result 0 "$lint_name"
	fi
}

skip_all() # REASON
{
	echo "1..0 # SKIP $1"
	exit 0
}

finish()
{
	echo "1..$lint_count"
	exit $lint_failed
}
