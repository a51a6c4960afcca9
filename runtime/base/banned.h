/* Functions that lose track of lengths, of errors or of who runs them: using
 * one is a compile error.  Included last, so that the libc headers that declare
 * them are already read.  After an example of git's banned.h. */
#ifndef KANUKI_BASE_BANNED_H
#define KANUKI_BASE_BANNED_H

/* clang-format off */
#define BANNED(name, instead) banned_##name##_use_##instead
#undef strcpy
#define strcpy(...)	BANNED(strcpy, memcpy_with_a_length)
#undef strcat
#define strcat(...)	BANNED(strcat, str_add)
#undef strncpy
#define strncpy(...)	BANNED(strncpy, memcpy_with_a_length)
#undef strncat
#define strncat(...)	BANNED(strncat, str_add_bytes)
#undef stpcpy
#define stpcpy(...)	BANNED(stpcpy, str_add)
#undef sprintf
#define sprintf(...)	BANNED(sprintf, snprintf)
#undef vsprintf
#define vsprintf(...)	BANNED(vsprintf, vsnprintf)
#undef strtok
#define strtok(...)	BANNED(strtok, strcspn)
#undef gets
#define gets(...)	BANNED(gets, file_read_fd)
#undef atoi
#define atoi(...)	BANNED(atoi, num_parse_i64)
#undef atol
#define atol(...)	BANNED(atol, num_parse_i64)
#undef atoll
#define atoll(...)	BANNED(atoll, num_parse_i64)
#undef atof
#define atof(...)	BANNED(atof, num_parse_i64)
#undef asctime
#define asctime(...)	BANNED(asctime, strftime)
#undef ctime
#define ctime(...)	BANNED(ctime, strftime)
#undef localtime
#define localtime(...)	BANNED(localtime, gmtime_r)
#undef gmtime
#define gmtime(...)	BANNED(gmtime, gmtime_r)
#undef alloca
#define alloca(...)	BANNED(alloca, arena_alloc)
#undef tmpnam
#define tmpnam(...)	BANNED(tmpnam, file_replace)
#undef tempnam
#define tempnam(...)	BANNED(tempnam, file_replace)
#undef mktemp
#define mktemp(...)	BANNED(mktemp, file_replace)
#undef system
#define system(...)	BANNED(system, execveat)
#undef popen
#define popen(...)	BANNED(popen, execveat)
/* clang-format on */

#endif
