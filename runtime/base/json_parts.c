/* Owns what the tree and the stream of JSON share. */
#include "config.h"

#include "base/json_parts.h"

#include <stdlib.h>
#include <string.h>

#include "base/banned.h"

struct chunk {
	struct json_chunk_link link; /* first: a link is its chunk */
	size_t size;
	_Alignas(max_align_t) char data[];
};

void json_memory_init(struct json_memory *m)
{
	m->chunks.prev = m->chunks.next = &m->chunks;
}

/* yajl writes through what these return without looking, so they don't return
 * without memory.  Leaving its frames is fine: it holds nothing but chunks. */
static void *take(void *ctx, size_t size)
{
	struct json_memory *m = ctx;
	size_t bytes;
	struct chunk *c = NULL;
	if (!__builtin_add_overflow(sizeof(*c), size, &bytes))
		c = malloc(bytes);
	if (!c)
		longjmp(m->out_of_memory, 1);
	c->size = size;
	c->link.prev = &m->chunks;
	c->link.next = m->chunks.next;
	c->link.next->prev = &c->link;
	m->chunks.next = &c->link;
	return c->data;
}

static struct chunk *chunk_of(void *ptr)
{
	return (struct chunk *)((char *)ptr - offsetof(struct chunk, data));
}

static void give_back(void *ctx, void *ptr)
{
	(void)ctx;
	if (!ptr)
		return;
	struct chunk *c = chunk_of(ptr);
	c->link.prev->next = c->link.next;
	c->link.next->prev = c->link.prev;
	free(c);
}

static void *resize(void *ctx, void *ptr, size_t size)
{
	void *bigger = take(ctx, size);
	if (ptr) {
		size_t old = chunk_of(ptr)->size;
		memcpy(bigger, ptr, old < size ? old : size);
		give_back(ctx, ptr);
	}
	return bigger;
}

void json_memory_release(struct json_memory *m)
{
	while (m->chunks.next != &m->chunks)
		give_back(m, ((struct chunk *)m->chunks.next)->data);
}

yajl_handle json_yajl_new(struct json_memory *m, const yajl_callbacks *callbacks, void *ctx)
{
	yajl_alloc_funcs memory = {.malloc = take, .realloc = resize, .free = give_back, .ctx = m};
	yajl_handle yajl = yajl_alloc(callbacks, &memory, ctx);

	yajl_config(yajl, yajl_dont_validate_strings, 1);
	/* yajl takes the beginning of a string for the end. */
	yajl_config(yajl, yajl_allow_trailing_garbage, 1);
	return yajl;
}

const char *json_yajl_why(yajl_handle yajl, const char *text, size_t len, size_t *ret_offset)
{
	size_t offset = yajl_get_bytes_consumed(yajl);
	char *why = (char *)yajl_get_error(yajl, 0, (const unsigned char *)text, len);
	why[strcspn(why, "\n")] = '\0';
	size_t n = strlen(why);
	while (n > 0 && why[n - 1] == '.')
		why[--n] = '\0';
	/* The parser's own errors ("parse error: ...") come after the token. */
	*ret_offset = offset > 0 ? offset - 1 : 0;
	return why;
}

void json_place_advance(const char *text, size_t offset, size_t *line, size_t *column)
{
	for (size_t i = 0; i < offset; i++) {
		if (text[i] == '\n') {
			++*line;
			*column = 1;
		} else if (((unsigned char)text[i] & 0xc0) != 0x80) {
			++*column;
		}
	}
}

uint64_t json_name_hash(const void *name, size_t len)
{
	const unsigned char *c = name;
	uint64_t h = UINT64_C(0xcbf29ce484222325); /* FNV-1a */
	for (size_t i = 0; i < len; i++)
		h = (h ^ c[i]) * UINT64_C(0x100000001b3);
	return h;
}

bool json_is_number(const char *s, size_t len)
{
	static const char digits[] = "0123456789";
	char text[64];
	if (len == 0 || len >= sizeof(text))
		return false; /* no number of a configuration or a report is that long */
	memcpy(text, s, len);
	text[len] = '\0';
	const char *c = text + (text[0] == '-');
	size_t n = strspn(c, digits);
	if (n == 0 || (n > 1 && c[0] == '0'))
		return false;
	c += n;
	if (*c == '.') {
		n = strspn(c + 1, digits);
		if (n == 0)
			return false;
		c += 1 + n;
	}
	if (*c == 'e' || *c == 'E') {
		c++;
		if (*c == '+' || *c == '-')
			c++;
		n = strspn(c, digits);
		if (n == 0)
			return false;
		c += n;
	}
	return *c == '\0';
}
