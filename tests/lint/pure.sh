#!/bin/sh
# spec/, plan/, policy/, check/ but its readers and the gate's libgate.a are pure: memory in, struct out.  Their objects
# may need only what is listed here, themselves, and base/ without log (which writes).
. "$(dirname "$0")/tap.sh"

[ -e "$top_builddir/libspec.a" ] || { echo "Bail out! needs the build tree: set top_builddir (no $top_builddir/libspec.a)"; exit 99; }
command -v nm > /dev/null || skip_all "no nm"

# Of the C library: memory, text, sorting, formatting into memory; and what the compiler adds.
cat > "$lint_work/allowed" << 'END'
abort
asprintf
bsearch
calloc
free
malloc
memchr
memcmp
memcpy
memmem
memmove
memset
qsort
realloc
snprintf
stpcpy
strcasecmp
strchr
strchrnul
strcmp
strcspn
strdup
strlen
strncasecmp
strncmp
strndup
strnlen
strpbrk
strrchr
strsep
strspn
strstr
strverscmp
vsnprintf
__assert_fail
__ctype_b_loc
__errno_location
__isoc23_sscanf
__isoc99_sscanf
__memcpy_chk
__memmove_chk
__memset_chk
__snprintf_chk
__stack_chk_fail
__vsnprintf_chk
_GLOBAL_OFFSET_TABLE_
END

# What sanitizers and coverage put in says nothing about the source.
instrumented='^__(asan|ubsan|sanitizer|sancov|gcov|llvm)|^__start___|^__stop___'

defined() # LIBRARY...
{
	nm -g --defined-only "$@" | awk 'NF == 3 { print $3 }'
}

needed() # LIBRARY
{
	nm -u "$1" | awk 'NF == 2 && $1 == "U" { print $2 } NF == 1 && $1 !~ /:$/ { print $1 }' | sort -u
}

pure() # LIBRARY...
{
	for library; do
		[ -s "$library" ] || { echo "$library is not built"; return 1; }
	done
	{
		cat "$lint_work/allowed"
		defined "$@"
		defined "$top_builddir/libbase.a" | grep -v '^log_'
	} | sort -u > "$lint_work/known"
	bad=0
	for library; do
		needed "$library" | grep -vE "$instrumented" | comm -23 - "$lint_work/known" > "$lint_work/impure"
		if [ -s "$lint_work/impure" ]; then
			echo "$(basename "$library") needs: $(tr '\n' ' ' < "$lint_work/impure")"
			bad=1
		fi
	done
	return $bad
}

check "spec, plan, policy and the judging of check are pure" \
	pure "$top_builddir/libspec.a" "$top_builddir/libplan.a" "$top_builddir/libpolicy.a" "$top_builddir/libcheck.a"
check "the gate's decision, record, policy and envelopes are pure" pure "$top_builddir/libgate.a"

# The decision alone doesn't even ask for memory.
decides_without()
{
	mkdir -p "$lint_work/decide"
	(cd "$lint_work/decide" && ar x "$top_builddir/libgate.a") || return 1
	rm -f "$lint_work/decide"/*.syms
	for object in decide findings glob; do
		for file in "$lint_work/decide/$object"*.o; do
			nm -u "$file" | awk 'NF == 2 { print $2 }' >> "$lint_work/decide/all.syms"
		done
	done
	[ -s "$lint_work/decide/all.syms" ] || { echo "no objects of the decision"; return 1; }
	! grep -xE "$1" "$lint_work/decide/all.syms"
}
check "the gate's decision asks for no memory" decides_without 'malloc|calloc|realloc|str(n)?dup|asprintf|arena_.*|str_add.*'
refuse "a call of the decision is seen" decides_without 'strcmp'

sample() # NAME CALL
{
	printf 'int %s(void);\nextern int %s();\nint sample(void);\nint sample(void) { return %s(); }\n' \
		"$2_" "$2" "$2" > "$lint_work/$1.c"
	${CC:-cc} -w -fno-builtin -c -o "$lint_work/$1.o" "$lint_work/$1.c" && pure "$lint_work/$1.o"
}
check "a pure sample is accepted" sample good strlen
for call in getuid open getenv time log_error; do
	refuse "a sample that calls $call is refused" sample bad $call
done
finish
