/* Texts of the system -> facts: kernels, sockets that listen, sshd's settings.  Pure. */
#include "config.h"

#include "check/facts.h"

#include "base/num.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/banned.h"

/* --- releases of the kernel --- */

/* "6.1.0-50-amd64" -> 9, "6.11.4-301.fc41.x86_64" -> 11: up to the flavour. */
static size_t version_length(const char *release)
{
	size_t n = strspn(release, "0123456789.-+~");

	while (n > 0 && (release[n - 1] < '0' || release[n - 1] > '9'))
		n--;
	return n;
}

bool check_kernel_is_later(const char *release, const char *than)
{
	size_t n = version_length(release), m = version_length(than);

	if (!n || !m || strcmp(release + n, than + m) != 0)
		return false;
	return strverscmp(release, than) > 0;
}

/* --- /proc/net/tcp and its kin --- */

static bool hex_value(const char *text, size_t len, uint32_t *ret)
{
	uint32_t v = 0;

	for (size_t i = 0; i < len; i++) {
		const char *digits = "0123456789ABCDEF",
			   *at = text[i] ? strchr(digits, text[i]) : NULL;
		if (!at)
			return false;
		v = v << 4 | (uint32_t)(at - digits);
	}
	*ret = v;
	return true;
}

/* The address is printed as 32-bit words in the machine's own order. */
static bool parse_address(const char *text, size_t len, struct arena *arena, struct check_port *ret)
{
	uint32_t words[4];
	unsigned char b[16];
	size_t n = len / 8;

	if (len != 8 && len != 32)
		return false;
	for (size_t i = 0; i < n; i++)
		if (!hex_value(text + 8 * i, 8, &words[i]))
			return false;
	memcpy(b, words, 4 * n);
	if (n == 1) {
		ret->loopback = b[0] == 127;
		ret->address = arena_printf(arena, "%u.%u.%u.%u", b[0], b[1], b[2], b[3]);
		return ret->address;
	}
	static const unsigned char one[16] = {[15] = 1}, any[16],
				   mapped[13] = {[10] = 0xff, [11] = 0xff, [12] = 127};
	ret->loopback = memcmp(b, one, 16) == 0 || memcmp(b, mapped, 13) == 0;
	if (memcmp(b, one, 16) == 0)
		ret->address = "::1";
	else if (memcmp(b, any, 16) == 0)
		ret->address = "::";
	else
		ret->address = arena_printf(
			arena,
			"%02x%02x:%02x%02x:%02x%02x:%02x%02x:%02x%02x:%02x%02x:%02x%02x:%02x%02x",
			b[0], b[1], b[2], b[3], b[4], b[5], b[6], b[7], b[8], b[9], b[10], b[11],
			b[12], b[13], b[14], b[15]);
	return ret->address;
}

/* "  0: 0100007F:0277 00000000:0000 0A ..." */
static bool parse_socket(char *line, bool udp, struct arena *arena, struct check_port *ret,
			 bool *ret_listens)
{
	char *words[10], *colon;
	uint32_t port, state;
	size_t n = 0;

	while (n < ARRAY_LEN(words) && (words[n] = strsep(&line, " ")))
		n += *words[n] != 0;
	if (n < 4 || !(colon = strchr(words[1], ':')) || strlen(colon + 1) != 4 ||
	    !hex_value(colon + 1, 4, &port) || strlen(words[3]) != 2 ||
	    !hex_value(words[3], 2, &state))
		return false;
	/* TCP_LISTEN; an unconnected UDP socket is in TCP_CLOSE */
	*ret_listens = state == (udp ? 0x07 : 0x0A);
	ret->port = (uint16_t)port;
	if (n < ARRAY_LEN(words) || !num_parse_u64(words[9], UINT64_MAX, &ret->inode))
		ret->inode = 0;
	return !*ret_listens || parse_address(words[1], (size_t)(colon - words[1]), arena, ret);
}

int check_ports_parse(char *text, const char *protocol, bool udp, struct arena *arena,
		      struct check_port **items, size_t *n, size_t *cap, struct err *err)
{
	char *line = strsep(&text, "\n"); /* the heading */

	while (line && (line = strsep(&text, "\n"))) {
		struct check_port port = {.protocol = protocol}, *slot;
		bool listens;

		if (!*line)
			continue;
		if (!parse_socket(line, udp, arena, &port, &listens))
			return err_set(err, ERR_SYSTEM, "/proc/net/%s: a line is not understood",
				       protocol);
		if (!listens)
			continue;
		slot = arena_push(arena, items, n, cap, sizeof(**items));
		if (!slot)
			return err_oom(err);
		*slot = port;
	}
	return 0;
}

/* --- sshd_config(5) --- */

static char *next_word(char **line)
{
	char *word, *end;

	*line += strspn(*line, " \t=");
	if (!**line)
		return NULL;
	if (**line == '"') {
		word = *line + 1;
		end = strchr(word, '"');
	} else {
		word = *line;
		end = word + strcspn(word, " \t=");
	}
	if (!end || !*end) {
		*line = word + strlen(word);
		return word;
	}
	*end = 0;
	*line = end + 1;
	return word;
}

/* The first value wins; in a Match block it holds for some only, and only a looser one matters. */
static int take_value(const char **slot, char *value, bool in_match, struct arena *arena,
		      struct err *err)
{
	for (char *c = value; *c; c++)
		*c = (char)(*c >= 'A' && *c <= 'Z' ? *c - 'A' + 'a' : *c);
	if (!in_match) {
		if (!*slot)
			*slot = value;
		return 0;
	}
	if (strcmp(value, "yes") == 0 && (!*slot || strcmp(*slot, "yes") != 0)) {
		*slot = arena_strdup(arena, "yes (in a Match block)");
		return *slot ? 0 : err_oom(err);
	}
	return 0;
}

int check_sshd_parse(char *text, struct arena *arena, struct check_sshd *config, struct err *err)
{
	bool in_match = false;
	char *line;

	while ((line = strsep(&text, "\n"))) {
		char *keyword, *value;
		int r = 0;

		line[strcspn(line, "#\r")] = 0;
		keyword = next_word(&line);
		value = keyword ? next_word(&line) : NULL;
		if (!value)
			continue;
		if (strcasecmp(keyword, "Match") == 0)
			in_match = strcasecmp(value, "all") != 0;
		else if (strcasecmp(keyword, "PermitRootLogin") == 0)
			r = take_value(&config->permit_root_login, value, in_match, arena, err);
		else if (strcasecmp(keyword, "PasswordAuthentication") == 0)
			r = take_value(&config->password_authentication, value, in_match, arena,
				       err);
		if (r < 0)
			return -1;
	}
	return 0;
}
