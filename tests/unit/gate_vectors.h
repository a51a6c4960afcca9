/* Keys made and messages signed by the openssl command line, as cosign signs an attestation:
 * ECDSA over SHA-256 of DSSE's pre-authentication encoding, ASN.1 DER.  Made once with
 *	openssl ecparam -name prime256v1 -genkey -noout | openssl pkcs8 -topk8 -nocrypt
 *	openssl dgst -sha256 -sign a.pem pae        (Ed25519: openssl pkeyutl -sign -rawin)
 * where pae is PAE_HEAD and the statement.  The private keys are worth nothing. */
#ifndef KANUKI_TESTS_GATE_VECTORS_H
#define KANUKI_TESTS_GATE_VECTORS_H

#include <stdint.h>

static const char vector_statement[] =
	"{\"_type\":\"https://in-toto.io/Statement/v0.1\",\"predicateType\":\"https://cosign.sigstore.dev/attestation/vuln/v1\","
	"\"subject\":[{\"name\":\"registry.example.com/app\",\"digest\":{\"sha256\":\"b0925e081921ca2f4d2a3e54d5c4e2aa5ef5f7c7be4"
	"e52ec3a1ae6a41c1c8a9d\"}}],\"predicate\":{\"invocation\":{\"parameters\":[\"--format=json\"],\"uri\":\"\",\"event_id\":"
	"\"\",\"builder.id\":\"\"},\"scanner\":{\"uri\":\"pkg:github/aquasecurity/trivy@0.66.0\",\"version\":\"0.66.0\",\"db\":{"
	"\"uri\":\"\",\"version\":\"\"},\"result\":{\"SchemaVersion\":2,\"CreatedAt\":\"2026-11-21T18:00:00Z\",\"ArtifactName\":"
	"\"registry.example.com/app\",\"ArtifactType\":\"container_image\",\"Metadata\":{\"OS\":{\"Family\":\"alpine\",\"Name\":"
	"\"3.20.3\"}},\"Results\":[{\"Target\":\"app (alpine 3.20.3)\",\"Class\":\"os-pkgs\",\"Type\":\"alpine\"}]}},\"metadata\""
	":{\"scanStartedOn\":\"2026-11-21T18:00:00Z\",\"scanFinishedOn\":\"2026-11-21T18:00:09Z\"}}}";
#define PAE_HEAD "DSSEv1 28 application/vnd.in-toto+json 814 "
static const char vector_a_pub[] =
	"-----BEGIN PUBLIC KEY-----\n"
	"MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEklI8hOuDMBl/CHZJxyuYa1Plua+f\n"
	"B6UzELMgSmhColtZlhMCdZkwmngrUbZ06wXpCg41GAzKwH3cWkko4JzK+w==\n"
	"-----END PUBLIC KEY-----\n";
static const char vector_b_pub[] =
	"-----BEGIN PUBLIC KEY-----\n"
	"MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEzLOKDIRJX73cGx9W8c5eiizjoT7z\n"
	"rJprF8vP0Klx6FVmIIIB4p5gmCJ5Yky+EQ6hUci0pb9WnWhpuZyRgpsBsw==\n"
	"-----END PUBLIC KEY-----\n";
static const char vector_e_pub[] =
	"-----BEGIN PUBLIC KEY-----\n"
	"MCowBQYDK2VwAyEACx6A3n80RgoeLO5tY/s2t2kAU27HOj2Kd3ZQlV7t0eE=\n"
	"-----END PUBLIC KEY-----\n";
static const char vector_p384_pub[] =
	"-----BEGIN PUBLIC KEY-----\n"
	"MHYwEAYHKoZIzj0CAQYFK4EEACIDYgAEkNiOkeuNpUHzpUqbiPynHzPCZO9MDYyM\n"
	"er8jRZhUXsxUqBqxjE2dVGy+Vmr8Ruqf/NCQHTr9AheclpG6FaqiysbVlfrJKeZy\n"
	"S4bdv07gmFJaCyi/swtVh2JCGEMw/kMK\n"
	"-----END PUBLIC KEY-----\n";
static const char vector_k1_pub[] =
	"-----BEGIN PUBLIC KEY-----\n"
	"MFYwEAYHKoZIzj0CAQYFK4EEAAoDQgAEk5Kz6A+U/KhlA0CHoNSQZQB926JUORsU\n"
	"crwP4yA2Jo7blcVRZziHbHuxO9tbH0OxWWFm4lxROno+X9LtngKihg==\n"
	"-----END PUBLIC KEY-----\n";
static const char vector_rsa_pub[] =
	"-----BEGIN PUBLIC KEY-----\n"
	"MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEArwSmp4WVzpcRNEc6GfJy\n"
	"zHGSRzT3c2wuxMXpbUC8jZRKZqVTp2I0NLmfDiBC67J+3+stIwMG8vDd2/5v5FEl\n"
	"1WaIipcwNQQqBfshvR8oOymQ3XSZErXiLgHE0yHH+Ny4WRQEd6Doeh678AWwP4k5\n"
	"E2BGgLRlQYwxCvlHoSISvACoRz/Ucffz/ID0Z/ET7TDUc6dFcv0JUoYN/vXXufBf\n"
	"njRBEPp8ghDlFbV0Ilhl6M+Ajhex2hTrgJAArhdOhc4oe4BRKdGdycy/bG3VUz5W\n"
	"d186TXnFCKw1z0mwmDJGljbb2StBpPqGId9EVTOSqQ3CM5rGmUyN19nJMTmryUYA\n"
	"dQIDAQAB\n"
	"-----END PUBLIC KEY-----\n";
static const char vector_a_compressed_pub[] =
	"-----BEGIN PUBLIC KEY-----\n"
	"MDkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDIgADklI8hOuDMBl/CHZJxyuYa1Plua+f\n"
	"B6UzELMgSmhCols=\n"
	"-----END PUBLIC KEY-----\n";
static const char vector_a_private[] =
	"-----BEGIN PRIVATE KEY-----\n"
	"MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgiEVCseBS3uP7C40x\n"
	"FInrWqDTLAsjqua+QpjzAKAxy/WhRANCAASSUjyE64MwGX8IdknHK5hrU+W5r58H\n"
	"pTMQsyBKaEKiW1mWEwJ1mTCaeCtRtnTrBekKDjUYDMrAfdxaSSjgnMr7\n"
	"-----END PRIVATE KEY-----\n";
static const char vector_e_private[] =
	"-----BEGIN PRIVATE KEY-----\n"
	"MC4CAQAwBQYDK2VwBCIEIG14E9qVEvo/VK6c5X78J4HrqbB8r7DKBmFAx8Ccu5Lz\n"
	"-----END PRIVATE KEY-----\n";
static const uint8_t vector_a_signature[] = {
	0x30, 0x45, 0x02, 0x20, 0x78, 0xa6, 0x87, 0x7a, 0xac, 0x6e, 0x44, 0x8b, 0x3b, 0xb0, 0x48, 0x66,
	0xb2, 0x03, 0x91, 0x5f, 0xbf, 0x16, 0x17, 0x4f, 0x5b, 0xff, 0x0e, 0xba, 0x3b, 0xbb, 0x18, 0xec,
	0x04, 0xce, 0x14, 0xf5, 0x02, 0x21, 0x00, 0xf5, 0xa0, 0x74, 0xc3, 0x9c, 0x90, 0xe2, 0xac, 0xdc,
	0xee, 0xb1, 0xf9, 0x4a, 0xa0, 0xc4, 0x31, 0xeb, 0xee, 0x0f, 0x39, 0xbc, 0x28, 0x58, 0x67, 0x65,
	0x17, 0xf3, 0x67, 0x2d, 0x50, 0xfe, 0xd4,
};
static const uint8_t vector_b_signature[] = {
	0x30, 0x46, 0x02, 0x21, 0x00, 0xae, 0x31, 0xfe, 0x31, 0x56, 0xd8, 0x92, 0xb1, 0xbb, 0xd6, 0xd6,
	0xb6, 0xb6, 0xdc, 0x0d, 0x74, 0xe4, 0x1b, 0xdd, 0xde, 0xf8, 0x5b, 0x36, 0x43, 0xfd, 0x98, 0x05,
	0x58, 0x9c, 0xdc, 0x37, 0x2a, 0x02, 0x21, 0x00, 0xf5, 0x6e, 0xa8, 0x52, 0xdd, 0x18, 0xee, 0x0b,
	0x5a, 0xc9, 0xf3, 0x23, 0xb7, 0x64, 0x49, 0x74, 0xf0, 0xbc, 0x9f, 0x4d, 0xd6, 0x90, 0xb7, 0x9c,
	0x5e, 0x41, 0x75, 0xf6, 0x8b, 0x1d, 0x09, 0xa0,
};
static const uint8_t vector_e_signature[] = {
	0x4e, 0x67, 0xfc, 0x51, 0x09, 0x32, 0xca, 0xd2, 0x83, 0xe1, 0x9d, 0xe8, 0xfb, 0xf6, 0x03, 0x4b,
	0x89, 0xb5, 0x35, 0x8b, 0x64, 0x64, 0x40, 0x29, 0x68, 0x0b, 0x8d, 0xf7, 0x06, 0x2c, 0x40, 0x1c,
	0xe6, 0x38, 0xcd, 0x32, 0x1a, 0xa2, 0x56, 0x43, 0xa6, 0x7a, 0x91, 0xda, 0xcb, 0x4d, 0x74, 0xdd,
	0x67, 0xe4, 0x60, 0x6f, 0x36, 0xf3, 0xe1, 0x1a, 0x8f, 0x60, 0x9a, 0x98, 0x8c, 0xa7, 0x84, 0x07,
};
static const uint8_t vector_p384_signature[] = {
	0x30, 0x64, 0x02, 0x30, 0x6e, 0xda, 0x68, 0x89, 0x68, 0x80, 0x3f, 0xc3, 0xfe, 0xc3, 0x1d, 0x7e,
	0x03, 0x2e, 0x01, 0xae, 0xb8, 0x1e, 0x5b, 0x14, 0xcb, 0x60, 0x8f, 0x33, 0x34, 0xc3, 0x94, 0xda,
	0x15, 0x48, 0xcb, 0xa8, 0xeb, 0xd1, 0x8a, 0x0f, 0x98, 0x3c, 0xfb, 0x47, 0xfc, 0x8e, 0x2b, 0x86,
	0x70, 0x9f, 0x9d, 0xf0, 0x02, 0x30, 0x29, 0x56, 0x2c, 0x65, 0x03, 0x6e, 0xe1, 0xdd, 0x09, 0x34,
	0x2c, 0x52, 0x6a, 0x4d, 0xb4, 0x8b, 0x8f, 0xf4, 0xdc, 0x34, 0xd2, 0x92, 0xe1, 0xb7, 0x52, 0x44,
	0xd2, 0x9b, 0x85, 0x46, 0xf7, 0x77, 0xf8, 0x73, 0x9c, 0x28, 0x64, 0x78, 0x92, 0x5d, 0xd4, 0x83,
	0x80, 0x18, 0x3a, 0x68, 0xb0, 0x0c,
};
#define VECTOR_A_KEYID "b88b474719b3142d7dbd731f4f4280ceb048c5d93461b8b66b6ee0ddc5049a1b"
#define VECTOR_E_KEYID "9d4fb3a560ffdbfd0a2a1aa04f9ae026e41ba3ee7b05f3ca9a58e38098b4a0c6"

#endif
