/* base/arena.c: zeroed, aligned, bounded; survives a failing malloc. */
#include "config.h"

#include "base/arena.h"
#include "base/list.h"

#include "fake_alloc.h"
#include "tap.h"

#include <stdalign.h>

static void test_basics(void)
{
	struct arena a = ARENA_INIT;
	bool aligned = true;
	bool zero = true;
	unsigned char *last = NULL;
	for (size_t i = 0; i < 3000; i++) {
		unsigned char *p = arena_alloc(&a, i % 97);
		if (!p) {
			aligned = false;
			break;
		}
		aligned = aligned && (uintptr_t)p % alignof(max_align_t) == 0;
		for (size_t k = 0; k < i % 97; k++)
			zero = zero && p[k] == 0;
		memset(p, 0xee, i % 97);
		aligned = aligned && p != last;
		last = p;
	}
	ok(aligned, "aligned, distinct, also of size 0");
	ok(zero, "zeroed");
	char *big = arena_alloc(&a, 3 << 20);
	ok(big && big[0] == 0 && big[(3 << 20) - 1] == 0, "larger than a block");
	char *small = arena_alloc(&a, 8);
	ok(small != NULL, "and on");
	arena_release(&a);
	ok(a.head == NULL && a.used == 0, "released");
	arena_release(&a);
	ok(arena_alloc(&a, 1) != NULL, "usable again");
	arena_release(&a);
}

static void test_limit(void)
{
	struct arena a = {.limit_bytes = 1000};
	ok(arena_alloc(&a, 1001) == NULL, "more than the limit at once");
	ok(arena_alloc(&a, SIZE_MAX) == NULL, "SIZE_MAX");
	ok(arena_alloc(&a, SIZE_MAX - 8) == NULL, "nearly SIZE_MAX");
	size_t n = 0;
	while (arena_alloc(&a, 10))
		n++;
	ok(n > 0 && n <= 100, "the limit is reached after %zu small ones", n);
	ok(a.used <= 1000, "never beyond it");
	arena_release(&a);

	ok(arena_alloc(&a, 990) != NULL, "released, the limit is there again");
	arena_release(&a);
	struct arena standard = ARENA_INIT;
	ok(arena_alloc(&standard, ARENA_DEFAULT_LIMIT + 1) == NULL, "the default limit holds");
	arena_release(&standard);
	ok(arena_array(&standard, SIZE_MAX / 8 + 2, 8) == NULL, "arena_array: a product that wraps to 8");
	ok(arena_array(&standard, 3, 8) != NULL, "arena_array");
	arena_release(&standard);
}

static void test_text(void)
{
	struct arena a = ARENA_INIT;
	is_str(arena_strdup(&a, "hello"), "hello", "strdup");
	ok(arena_strdup(&a, NULL) == NULL, "strdup of NULL");
	char *copy = arena_memdup(&a, "ab\0cd", 5);
	ok(copy && !memcmp(copy, "ab\0cd\0", 6), "memdup adds a NUL");
	ok(arena_memdup(&a, "", SIZE_MAX) == NULL, "memdup of SIZE_MAX");
	is_str(arena_printf(&a, "%s-%05d", "x", 42), "x-00042", "printf");
	arena_release(&a);
}

struct point {
	int x, y;
};

static void test_push(void)
{
	struct arena a = ARENA_INIT;
	LIST_OF(struct point) list = {0};
	bool fresh = true;
	for (int i = 0; i < 1000; i++) {
		struct point *p = ARENA_PUSH(&a, &list);
		if (!p)
			break;
		fresh = fresh && p->x == 0 && p->y == 0;
		p->x = i;
		p->y = -i;
	}
	bool kept = list.n == 1000;
	for (size_t i = 0; i < list.n; i++)
		kept = kept && list.items[i].x == (int)i && list.items[i].y == -(int)i;
	ok(fresh, "new elements are zero");
	ok(kept, "1000 elements survive growing");
	arena_release(&a);

	struct arena tight = {.limit_bytes = 256};
	struct str_list strings = {0};
	while (ARENA_PUSH(&tight, &strings))
		;
	ok(strings.n > 0 && strings.n == strings.cap, "a push that fails changes nothing");
	arena_release(&tight);
}

static void test_malloc_fails(void)
{
	struct arena a = ARENA_INIT;
	fake_alloc_fail(1);
	ok(arena_alloc(&a, 10) == NULL && fake_alloc_failed(), "first block can't be had");
	ok(arena_alloc(&a, 10) != NULL, "later it can");
	fake_alloc_fail(1);
	ok(arena_alloc(&a, 1 << 20) == NULL && fake_alloc_failed(), "second block can't be had");
	fake_alloc_fail(1);
	ok(arena_alloc(&a, 10) != NULL && !fake_alloc_failed(), "what is left of the first serves on");
	fake_alloc_fail(0);
	arena_release(&a);
}

int main(void)
{
	test_basics();
	test_limit();
	test_text();
	test_push();
	test_malloc_fails();
	return tap_done();
}
