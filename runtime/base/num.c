/* Owns the conversion of text to numbers.  Never strtol(3): it skips blanks,
 * takes signs and prefixes, and reports overflow in errno. */
#include "config.h"

#include "base/num.h"

#include <stddef.h>
#include <string.h>

#include "base/banned.h"

/* Decimal digits up to `end`; at least one. */
static bool parse_digits(const char *s, const char *end, uint64_t max, uint64_t *ret)
{
	uint64_t value = 0;
	if (s == end)
		return false;
	for (; s < end; s++) {
		if (*s < '0' || *s > '9')
			return false;
		if (__builtin_mul_overflow(value, 10u, &value) ||
		    __builtin_add_overflow(value, (uint64_t)(*s - '0'), &value))
			return false;
	}
	if (value > max)
		return false;
	*ret = value;
	return true;
}

bool num_parse_u64(const char *s, uint64_t max, uint64_t *ret)
{
	return parse_digits(s, s + strlen(s), max, ret);
}

bool num_parse_i64(const char *s, int64_t min, int64_t max, int64_t *ret)
{
	bool negative = *s == '-';
	uint64_t limit = negative ? (uint64_t)INT64_MAX + 1 : (uint64_t)INT64_MAX;
	uint64_t magnitude;
	if (!parse_digits(s + negative, s + strlen(s), limit, &magnitude))
		return false;
	int64_t value = negative ? (int64_t)(0 - magnitude) : (int64_t)magnitude;
	if (value < min || value > max)
		return false;
	*ret = value;
	return true;
}

bool num_parse_id(const char *s, uint32_t *ret)
{
	uint64_t value;
	if (!num_parse_u64(s, UINT32_MAX - 1, &value))
		return false;
	*ret = (uint32_t)value;
	return true;
}

/* The power of 1024 that the suffix stands for, or -1. */
static int size_suffix(const char *s)
{
	static const char letters[] = "bkmgt";
	if (!*s)
		return 0;
	const char *letter = memchr(letters, *s | 0x20, sizeof(letters) - 1);
	if (!letter)
		return -1;
	int power = (int)(letter - letters);
	if (!s[1])
		return power;
	if (power > 0 && (s[1] | 0x20) == 'i')
		s++;
	return power > 0 && (s[1] | 0x20) == 'b' && !s[2] ? power : -1;
}

bool num_parse_size(const char *s, uint64_t *ret)
{
	size_t digits = strspn(s, "0123456789");
	int power = size_suffix(s + digits);
	uint64_t value;
	if (power < 0 || !parse_digits(s, s + digits, UINT64_MAX >> (10 * power), &value))
		return false;
	*ret = value << (10 * power);
	return true;
}
