# common.bash: what both bats files of this folder need: the workloads, an account to run them as, and a place to write.
# shellcheck disable=SC2034  # they use the variables

: "${top_srcdir:=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)}" "${top_builddir:=$top_srcdir}"
workloads=$BATS_TEST_DIRNAME/workload
account=65532
PATH=/usr/sbin:/usr/bin:/sbin:/bin

need_root()
{
	[ "$(id -u)" = 0 ] || skip "needs root"
}

# need PROGRAM...: the packages are listed in packages.txt.
need()
{
	local program
	for program; do
		case $program in
		postgres) compgen -G '/usr/lib/postgresql/*/bin/postgres' > /dev/null ;;
		*)        command -v "$program" > /dev/null ;;
		esac || skip "$program is not installed"
	done
}

# passwd_with_account FILE: the host's accounts and ours (initdb and others look themselves up).
passwd_with_account()
{
	grep -v "^[^:]*:[^:]*:$account:" /etc/passwd > "$1"
	echo "app:x:$account:$account::/nonexistent:/bin/sh" >> "$1"
	chmod 644 "$1"
}
