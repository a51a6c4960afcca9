/* base/sha256.c against the examples that NIST gives for FIPS 180-4. */
#include "config.h"

#include "base/sha256.h"

#include "tap.h"

static void expect(const char *text, const char *want, const char *name)
{
	char got[SHA256_HEX_SIZE];

	sha256_hex(text, strlen(text), got);
	is_str(got, want, name);
}

int main(void)
{
	static const char two_blocks[] = "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq";
	char whole[SHA256_HEX_SIZE], parts[SHA256_HEX_SIZE], block[1000];
	struct sha256 sha;

	expect("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", "nothing");
	expect("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", "one block");
	expect(two_blocks, "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1", "two blocks");
	sha256_hex(NULL, 0, whole);
	is_str(whole, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", "NULL and no byte");

	memset(block, 'a', sizeof(block));
	sha256_init(&sha);
	for (int i = 0; i < 1000; i++)
		sha256_update(&sha, block, sizeof(block));
	sha256_final_hex(&sha, parts);
	is_str(parts, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0", "a million of 'a'");

	for (size_t cut = 0; cut <= 200; cut++) {
		sha256_hex(block, 200, whole);
		sha256_init(&sha);
		sha256_update(&sha, block, cut);
		sha256_update(&sha, NULL, 0);
		sha256_update(&sha, block + cut, 200 - cut);
		sha256_final_hex(&sha, parts);
		if (strcmp(whole, parts) != 0)
			break;
		if (cut == 200)
			ok(true, "in two parts, cut anywhere");
	}
	is_str(parts, whole, "the last cut");
	return tap_done();
}
