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
void *json_memory_take(void *ctx, size_t size)
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

void json_memory_give_back(void *ctx, void *ptr)
{
	(void)ctx;
	if (!ptr)
		return;
	struct chunk *c = chunk_of(ptr);
	c->link.prev->next = c->link.next;
	c->link.next->prev = c->link.prev;
	free(c);
}

void *json_memory_resize(void *ctx, void *ptr, size_t size)
{
	void *bigger = json_memory_take(ctx, size);
	if (ptr) {
		size_t old = chunk_of(ptr)->size;
		memcpy(bigger, ptr, old < size ? old : size);
		json_memory_give_back(ctx, ptr);
	}
	return bigger;
}

void json_memory_release(struct json_memory *m)
{
	while (m->chunks.next != &m->chunks)
		json_memory_give_back(m, ((struct chunk *)m->chunks.next)->data);
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
