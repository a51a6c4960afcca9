#!/bin/sh
# Who may include whom (runtime/README.md): a folder includes itself and what the table
# says, nothing else; and each library is visible to the file that owns it.
. "$(dirname "$0")/tap.sh"

# The table; "host/host.h": only that header.
allowed()
{
	case $1 in
	base) echo "" ;;
	sys) echo "base" ;;
	proto | host | state | audit) echo "base sys" ;;
	plan | spec) echo "base" ;;
	policy) echo "base plan spec host/host.h" ;;
	act) echo "base sys plan proto seccomp-profiles/embedded.h" ;;
	check) echo "base sys spec host plan policy" ;;
	cmd) echo "base sys spec host plan policy state act proto audit check" ;;
	main.c) echo "base cmd" ;;
	gate) echo "base sys audit" ;; # of hooks/
	*) echo "nothing known of" ;;
	esac
}

folders() # TREE
{
	bad=0
	for file in "$1"/*.c "$1"/*/*.[ch]; do
		[ -e "$file" ] || continue
		folder=${file#"$1"/}
		folder=${folder%%/*}
		may=" $folder $(allowed "$folder") config.h version.h "
		for header in $(sed -n 's/^[ \t]*#[ \t]*include[ \t]*"\([^"]*\)".*/\1/p' "$file"); do
			case $may in
			*" ${header%%/*} "* | *" $header "*) ;;
			*)
				echo "${file#"$1"/}: may not include \"$header\""
				bad=1
				;;
			esac
			case $header in
			*/* | config.h | version.h) ;;
			*)
				echo "${file#"$1"/}: \"$header\" is not named from runtime/"
				bad=1
				;;
			esac
		done
	done
	return $bad
}

# A library's header, and the only files of runtime/ that may see it.
library() # TREE PATTERN FILE...
{
	tree=$1
	pattern=$2
	shift 2
	(cd "$tree" && grep -rlE "^[ \t]*#[ \t]*include[ \t]*[<\"]($pattern)" --include='*.[ch]' .) |
		sed 's/^\.\///' | sort > "$lint_work/users"
	for file; do
		echo "$file"
	done | sort > "$lint_work/owners"
	if ! comm -23 "$lint_work/users" "$lint_work/owners" | grep . ; then
		return 0
	fi
	echo "may not include $pattern"
	return 1
}

tree=$top_srcdir/runtime
check "folders include what the table allows" folders "$tree"
check "yajl is included by base/json_parts.h only" library "$tree" 'yajl/' base/json_parts.h
check "base/json_parts.h is seen by JSON's own files only" library "$tree" 'base/json_parts\.h' \
	base/json.c base/json_parts.c base/json_stream.c
check "the gate includes base, sys, audit and itself" folders "$top_srcdir/hooks"
check "OpenSSL is not seen by the runtime" library "$tree" 'openssl/'
check "OpenSSL is seen by gate/crypto.c only" library "$top_srcdir/hooks" 'openssl/' gate/crypto.c
check "yajl is not seen by the gate" library "$top_srcdir/hooks" 'yajl/'
check "libseccomp is seen by act/filter.c only" library "$tree" 'seccomp\.h' act/filter.c
check "libcap is seen by act/caps.c only" library "$tree" 'sys/capability\.h' act/caps.c
check "libmd is seen by base/sha256.c only" library "$tree" 'sha2\.h|md5\.h' base/sha256.c
check "libmount is not seen" library "$tree" 'libmount'

mkdir -p "$lint_work/tree/act" "$lint_work/tree/policy" "$lint_work/hooks/gate"
echo '#include "plan/plan.h"' > "$lint_work/hooks/gate/bad.c"
refuse "the gate including plan is refused" folders "$lint_work/hooks"
echo '#include <openssl/evp.h>' > "$lint_work/hooks/gate/bad.c"
refuse "a second user of OpenSSL is refused" library "$lint_work/hooks" 'openssl/' gate/crypto.c
echo '#include "policy/policy.h"' > "$lint_work/tree/act/bad.c"
refuse "act including policy is refused" folders "$lint_work/tree"
echo '#include "host/kernel.h"' > "$lint_work/tree/policy/bad.c"
rm "$lint_work/tree/act/bad.c"
refuse "policy including more of host than host.h is refused" folders "$lint_work/tree"
echo '  #  include <yajl/yajl_tree.h>' > "$lint_work/tree/policy/bad.c"
refuse "another user of yajl is refused" library "$lint_work/tree" 'yajl/' base/json_parts.h
echo '#include "base/json_parts.h"' > "$lint_work/tree/policy/bad.c"
refuse "another user of yajl's own part is refused" library "$lint_work/tree" 'base/json_parts\.h' base/json.c
finish
