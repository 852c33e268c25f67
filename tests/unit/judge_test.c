/* SPDX-License-Identifier: MIT */
/* Tables of what the judges keep, doubt and drop. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "detect/keys.h"
#include "detect/words.h"
#include "judging.h"
#include "model/redaction.h"

static struct verdict told; /* the last */

static struct span span_of(const char *text)
{
	return (struct span){(const uint8_t *)text, strlen(text)};
}

static int ask(const char *judge, const char *marked, unsigned *ret_seen)
{
	int answer = judging_ask(judge, marked, &told);
	if (ret_seen)
		*ret_seen = told.seen;
	return answer;
}

static void expect(const char *judge, const char *marked, enum answer least, enum answer most)
{
	int got = ask(judge, marked, NULL);
	if (got < (int)least || got > (int)most)
		fail_msg("%s says %d of %s", judge, got, marked);
}

static void passwords_kept(void **unused)
{
	(void)unused;
	static const char *const lines[] = {
		"password: \1Xy7kPq2m\2",
		"password = \1hunter2\2",
		"password: \1letmein\2",
		"secret: \1c2VjcmV0LXZhbHVlLTEyMzQ1Ng==\2",
		"DB_PASS: '\1kwe123\2'",
		"DB_PASSWORD=\"\1Summer2024!\2\"",
		"pwd=\1Xy7kPq2m\2;Database=app",
		"machine a login b password \1Xy7kPq2m\2 account c and more",
		"\"password\": \"\1p4ssW0rd!x\2\",",
		"secret: \1$ecret99!\2",
		"requirepass \1"
		"83749261"
		"\2",
	};
	for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
		expect("password", lines[i], MEDIUM, HIGH);
}

static void passwords_doubted(void **unused)
{
	(void)unused;
	static const char *const lines[] = {
		"password=\1prompt\2",
		"passwd: \1files\2 systemd",
		"secret: \1true\2",
		"password \1requisite\2 pam_pwquality.so retry=3",
		"password: \1${DB_PASS}\2",
		"password: \1{{ vault_pw }}\2",
		"password: \1abc-{alnum:36}\2",
		"url_token = f'\1x9{settings.key}q4\2'",
		"password = \1os.environ[\"X\"]\2",
		"password = \1%(pw)s\2",
		"password = \1<your-password>\2",
		"password: \1changeme\2",
		"password: \1********\2",
		"password = \1get_password()\2",
		"password: \1/run/secrets/db\2",
		"password: \1$DB_PASS\2",
		"password: \1on|off|auto\2",
		"password: \1Mot de passe\2",
		"password_file: \1Xy7kPq2m\2",
		"password: \1REDACTEDxxxx\2",
		"password: \1str\2 = None",
		"password = \1buf2\2;",
		"token := \1scanner\2.Next()",
		"# password = \1secretword\2",
		"PASS: \1ld-elf/eh1\2",
		"token: \0010x80090033\2",
		"status installed passwd:\1amd64\2 1:4.13",
		"token_search = \"\1$NAME $ID\2\"",
		"the password: \1must\2 be eight characters long",
	};
	for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
		expect("password", lines[i], DROP, LOW);
}

/* RFC 7617: a user and a password. */
static void authorizations(void **unused)
{
	(void)unused;
	expect("authorization", "Authorization: Basic \1YWFhOmJiYg==\2", DROP, DROP);
	expect("authorization", "Authorization: Basic \1dGhlLWNsaWVudDo=\2", DROP, DROP);
	expect("authorization", "Authorization: Basic \1bWU6UGFzc3dvcmQ=\2", DROP, DROP);
	expect("authorization", "Authorization: Basic \1bWU6eHk3S3BxMm0=\2", MEDIUM, HIGH);
	expect("authorization", "Authorization: Bearer \1kq7zt2wx9vYm3Lp8\2", MEDIUM, HIGH);
}

/* A standard's example is nobody's; one that differs from it may be somebody's. */
static void examples_of_standards(void **unused)
{
	(void)unused;
	expect("password", "token: \1mF_9.B5f-4.1JqM\2", DROP, DROP);
	assert_int_equal(told.dropped, REASON_PLACEHOLDER);
	expect("password", "token: \1mF_9.B5f-4.1JqN\2", MEDIUM, HIGH);
}

/* Why a value is dropped, and what is noted of one that is not. */
static void reasons_are_told(void **unused)
{
	(void)unused;
	static const struct {
		const char *line;
		enum reason dropped;
	} drops[] = {
		{"password: \1${DB_PASS}\2", REASON_PLACEHOLDER},
		{"password: \1$DB_PASS\2", REASON_REFERENCE},
		{"secret: \1vault:secret/data/app\2", REASON_REFERENCE},
		{"password: \1!vault |\2", REASON_REFERENCE},
		{"password = \1read_password()\2", REASON_EXPRESSION},
		{"password = \1/run/secrets/db\2", REASON_PATH},
		{"token_id: \1"
		 "00112233-4455-6677-8899-aabbccddeeff"
		 "\2",
		 REASON_UUID},
		{"token: \1sha512-q83vEjRWeJq83vE\2", REASON_DIGEST},
		{"password: \1boolean\2", REASON_PLAIN_WORD},
		{"build_secret = \"\1"
		 "10.0.22-19-amd64"
		 "\2\"",
		 REASON_NUMBER},
		{"TOKEN_RX = \"\1([A-Za-z0-9_-]{20,})\2\"", REASON_MARKUP},
		{"password = \"\1\\0$secret\2\"", REASON_MARKUP},
		{"password: \1ab\2", REASON_TOO_SHORT},
		{"passwordMinLength: \1abc123xyz\2", REASON_ABOUT},
		{"password_file: \1abc123xyz\2", REASON_ABOUT},
		{"publicKeyToken=\1b77a5c561934e0\2", REASON_ABOUT},
		{"password: \1a b c d\2", REASON_SENTENCE},
		{"password: \1\\$\\@\2", REASON_PLACEHOLDER},
		{"password: \1<user>:<password>\2", REASON_PLACEHOLDER},
		{"password: \1JWT_HERE\2", REASON_PLACEHOLDER},
		{"password: \1x7k2q...9zw\2", REASON_PLACEHOLDER},
		{"password = '\1md5{0}x\2'.format(x)", REASON_PLACEHOLDER},
		{"password = '\1#{options[:pw]}9\2'", REASON_PLACEHOLDER},
		{"secret = \"\1projects/[PROJECT_ID]/7\2\"", REASON_PLACEHOLDER},
		{"key_secret = \"\1"
		 "000102030405060708090A0B0C0D0E0F\2\"",
		 REASON_PLACEHOLDER},
		{"key_secret = \"\1"
		 "00112233445566778899aabbccddeeff\2\"",
		 REASON_PLACEHOLDER},
		{"token = \"\1eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9\2\"", REASON_PLACEHOLDER},
		{"html = \"password=\"\1' + key + '\2\"", REASON_EXPRESSION},
		{"\"&password=\"\1+encodeURIComponent(e\2\"", REASON_EXPRESSION},
		{"\"output_token\": \"\1Jobs[-1].JobId\2\"", REASON_EXPRESSION},
		{"'ui/password':'\1text/01/0412.html#bm_id31\2'", REASON_PATH},
		{"token = \"\1server.key\2\"", REASON_PATH},
		{"Credential=\1AKID/19700101/us-east-1/es/aws4_request\2", REASON_REFERENCE},
		{"value = \"\1$db2_password$\2\"", REASON_REFERENCE},
		{"data-secret=\"\1%1$s\2\"", REASON_REFERENCE},
		{"password=\1%{User-Password\2}", REASON_REFERENCE},
		{"Password := \1&state:Tmp-Integer-0\2", REASON_REFERENCE},
		{"token = \"\1loa-$authenticationLevel\2\"", REASON_REFERENCE},
		{"$user:$password:\1$fullname:$email:admin,u\2", REASON_REFERENCE},
		{"mysql -p\1`wikiadmin_pass`\2", REASON_REFERENCE},
		{"'api_keys': '\1"
		 "2015-05-01\2',",
		 REASON_NUMBER},
		{"USER_TOKEN = '\1"
		 "1.3.6.1.4.1.2011.10.2.12.1.1.1.2\2'",
		 REASON_NUMBER},
		{"\"jsonwebtoken\": \"\1^4.21.30\2\"", REASON_NUMBER},
		{"token = \"\1>= 4.21.30\2\"", REASON_NUMBER},
		{"token = \1"
		 "0x21..0x27\2 | 9",
		 REASON_MARKUP},
		{"const TOKEN_READ = \1"
		 "131080\2",
		 REASON_NUMBER},
		{"arn:aws:secretsmanager:us-east-1:1:secret:\1DbMain7-a1b2c3\2", REASON_ABOUT},
		{"input[type=password]:\1hover,a7:hover\2", REASON_ABOUT},
		{"\"NextPageToken\": \"\1kq7zt2wx9vYm3Lp8\2\"", REASON_ABOUT},
		{"continuation_token=\1kq7zt2wx9vYm3Lp8\2", REASON_ABOUT},
		{"token_prefix = '\1k8s-aws-v1q\2'", REASON_ABOUT},
	};
	for (size_t i = 0; i < sizeof drops / sizeof *drops; i++) {
		if (ask("password", drops[i].line, NULL) != DROP)
			fail_msg("kept: %s", drops[i].line);
		assert_string_equal(reason_name(told.dropped), reason_name(drops[i].dropped));
	}
#define B(reason) REASON_BIT(REASON_##reason)
	static const struct {
		const char *line;
		uint64_t noted, not_noted;
	} notes[] = {
		{"password: \1hunter2\2", B(KEY_PASSWORD) | B(COMMON_PASSWORD) | B(BARE),
		 B(QUOTED) | B(COMMENT) | B(KEY_SECRET)},
		{"token = '\1kq7zt2wx9v\2'", B(KEY_SECRET) | B(QUOTED) | B(RANDOM), B(BARE)},
		{"password: \1summerhouse\2", B(WORD) | B(ONE_CASE), B(RANDOM) | B(IDENTIFIER)},
		{"password: \1mysecretpassword\2", B(NAMES_ITSELF), B(WORD)},
		{"password: \1share_password\2", B(NAMES_ITSELF), B(STRONG)},
		{"accessToken = \"\1accessToken-1938933922\2\"", B(NAMES_ITSELF), 0},
		{"DBadminpass = '\1DBadminpass\2'", B(NAMES_ITSELF), 0},
		{"password = '\1Password1938!\2'", 0, B(NAMES_ITSELF)},
		{"secret=\"\1default/app-token-x4k2p\2\"", B(NAMES_ITSELF), 0},
		{"token : \"\1xml-pe.doctype.xml\2\"", B(JOINED_WORDS), 0},
		{"password : \"\1xml-pe.dctp.xml\2\"", 0, B(JOINED_WORDS)},
		{"set_password(\"\1user21\2\", \"pass2\")", B(BEHIND_CALL), 0},
		{"set_password(\"\1user21\2\", site)", 0, B(BEHIND_CALL)},
		{"pass => \1Name21\2", B(BARE), 0},
		{"pass -> \1Name21\2", 0, B(BARE)},
		{"hash_pass = \1SHA1M_A\2;", B(CODE), 0},
		{"hash_pass = \1SHA1M_A\2", 0, B(CODE)},
		{"invalid_password = '\1kwe123xz\2'", B(KEY_WEAK), 0},
		{"http://jane:\1pass-word7\2@example.com/", B(SAMPLE), 0},
		{"http://jane:\1pass-word7\2@db.example.com/", 0, B(SAMPLE)},
		{"http://jane:\1Xy7kPq2mZ\2@example.com/", 0, B(SAMPLE)},
		{"password = \"\1anon@ftp.org\2\"", B(JOINED_WORDS), 0},
		{"password = \"\1Brak $1 tokenu.\2\"", B(SENTENCE), B(STRONG)},
		{"password: \1xqkzpbtvw\2", B(RANDOM) | B(ONE_CASE), B(WORD)},
		{"password: \1someOtherName\2", B(WORD) | B(IDENTIFIER), B(ONE_CASE)},
		{"password: \1some-other-name\2", B(JOINED_WORDS), B(WORD) | B(STRONG)},
		{"password: \1password2\2", B(NAMES_ITSELF), B(STRONG)},
		{"password: \1test1234\2", B(SAMPLE), B(STRONG)},
		{"password: \1Tr0ub4dor&3xyz\2", B(STRONG) | B(SYMBOLS), B(SAMPLE)},
		{"password: \1"
		 "928371"
		 "\2",
		 B(DIGITS), B(SHORT)},
		{"password: \1zk9m\2", B(SHORT), B(DIGITS)},
		{"password_salt: \1ab12cd34\2", B(KEY_WEAK), B(KEY_SECRET)},
		{"x = 1 # password: \1ab12cd34\2", B(COMMENT), 0},
		{"#define PASSWORD \"\1ab12cd34\2\"", B(QUOTED), B(COMMENT)},
		{"password: \1Abcd@1234\2", B(SYMBOLS), B(SAMPLE)},
		{"password: \1abcd@1234\2", B(SYMBOLS) | B(SAMPLE), 0},
		{"password: \1Demo@1234\2", B(SAMPLE), 0},
		{"# password: \1ab12cd34\2", B(COMMENT), 0},
		{"url = '# password: \1ab12cd34\2'", 0, B(COMMENT) | B(BARE)},
		{"password = '\1ab12cd34\2' + rest", B(BEHIND_CALL), B(CODE)},
		{"user: me, password: \1ab12cd34\2", B(USER_BESIDE), 0},
		{"used: me, password: \1ab12cd34\2", 0, B(USER_BESIDE)},
		{"password_admin: \1ab12cd34\2", B(KEY_PASSWORD), 0},
	};
	for (size_t i = 0; i < sizeof notes / sizeof *notes; i++) {
		ask("password", notes[i].line, NULL);
		if ((told.because & notes[i].noted) != notes[i].noted ||
		    told.because & notes[i].not_noted)
			fail_msg("%s: %llx", notes[i].line, (unsigned long long)told.because);
	}
#undef B
}

static void minified_code(void **unused)
{
	(void)unused;
	struct buf line = {0};
	for (int i = 0; i < 40; i++)
		buf_puts(&line, "var a=function(b){return c&&d};");
	buf_puts(&line, "e={password:\"\1ab12cd34\2\"}");
	ask("password", buf_text(&line), NULL);
	assert_true(told.because & REASON_BIT(REASON_MINIFIED));
	buf_cut(&line, 0);
	for (int i = 0; i < 40; i++)
		buf_puts(&line, "{\"number\": 1, \"name\": \"a\"}, ");
	buf_puts(&line, "{\"password\": \"\1ab12cd34\2\"}");
	ask("password", buf_text(&line), NULL);
	assert_false(told.because & REASON_BIT(REASON_MINIFIED));
	buf_free(&line);
}

/* Of a few hundred each: letters in an order that English has, and at random. */
static void words_and_noise(void **unused)
{
	(void)unused;
	static const char *const words[] = {"connection", "database", "elephant",  "monitor",
					    "strawberry", "transfer", "handshake", "resolver"};
	size_t noise = 0, hex = 0;
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		assert_true(words_are(span_of(words[i])));
	for (int i = 0; i < 400; i++) {
		_cleanup_(buf_free) struct buf text = {0};
		assert_int_equal(sample_expand("{lower:10}", &text), 0);
		noise += !words_are(span_of(buf_text(&text)));
		buf_cut(&text, 0);
		assert_int_equal(sample_expand("{hex:32}", &text), 0);
		hex += words_random(span_of(buf_text(&text)));
	}
	assert_true(noise > 340 && hex > 370);
	assert_true(words_are(span_of("someOtherName")));
	assert_false(words_are(span_of("XqKzPbTv")));
	assert_true(words_identifier(span_of("base64url")));
	assert_true(words_identifier(span_of("AbstractThing2")));
	assert_false(words_identifier(span_of("summer2019")));
	assert_false(words_identifier(span_of("gieju2melu")));
	assert_false(words_identifier(span_of("tahViem4")));
}

/* What a machine drew is nearly never taken for words, an identifier or a sample. */
static void drawn_values_are_kept(void **unused)
{
	(void)unused;
	static const char *const forms[] = {"{alnum:12}", "{alnum:20}",		 "{hex:32}",
					    "{b64:24}",	  "{lower:10}{digit:2}", "{b64url:32}"};
	for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
		int doubted = 0;
		for (int k = 0; k < 1000; k++) {
			_cleanup_(buf_free) struct buf line = {0};
			buf_puts(&line, "api_key: \1");
			assert_int_equal(sample_expand(forms[i], &line), 0);
			buf_puts(&line, "\2");
			doubted += ask("password", buf_text(&line), NULL) < MEDIUM;
		}
		if (doubted > 15)
			fail_msg("%s: %d of 1000 are doubted", forms[i], doubted);
	}
}

static void tokens(void **unused)
{
	(void)unused;
	expect("token", "\1k3J9xQ0bT7mZ2vL5wR8y\2", MEDIUM, HIGH);
	expect("token", "\1AKIAIOSFODNN7EXAMPLE\2", DROP, DROP);
	expect("token", "\1aaaaaaaaaaaaaaaaaaaa\2", DROP, DROP);
	expect("token",
	       "\1"
	       "01234567890123456789\2",
	       DROP, DROP);
	expect("token", "\1REDACTEDxxxxxxxxxxxx\2", DROP, DROP);
	assert_null(judge_named("nobody"));
	assert_ptr_equal(judge_named(NULL), judge_named("token"));
}

static void github_checksums(void **unused)
{
	(void)unused;
	for (int i = 0; i < 200; i++) {
		struct buf token = {0}, marked = {0};
		unsigned seen = 0;
		assert_int_equal(sample_expand("ghp_{alnum:30}{crc32b62}", &token), 0);
		buf_printf(&marked, "\1%s\2", buf_text(&token));
		assert_int_equal(ask("github", buf_text(&marked), &seen), HIGH);
		assert_true(seen & SEEN_CHECKSUM);
		marked.data[10] = marked.data[10] == 'a' ? 'b' : 'a';
		assert_int_equal(ask("github", buf_text(&marked), &seen), MEDIUM);
		buf_free(&token);
		buf_free(&marked);
	}
}

static void hashes(void **unused)
{
	(void)unused;
	struct buf text = {0};
	buf_puts(&text, "\1");
	assert_int_equal(sample_expand("$6${alnum:16}", &text), 0);
	buf_puts(&text, "$");
	assert_int_equal(sample_expand("{alnum:86}", &text), 0);
	buf_puts(&text, "\2");
	expect("hash", buf_text(&text), HIGH, HIGH);
	expect("hash", "\1$6$short$abc\2", DROP, DROP);
	expect("hash", "\1!\2", DROP, DROP);
	buf_free(&text);
}

/* ---- keys ---- */

static char *new_key(const EVP_CIPHER *cipher)
{
	EVP_PKEY *key = EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256");
	BIO *out = BIO_new(BIO_s_mem());
	char *text;
	assert_true(
		PEM_write_bio_PKCS8PrivateKey(out, key, cipher, "passphrase", 10, NULL, NULL));
	size_t len = (size_t)BIO_get_mem_data(out, &text);
	char *copy = mem_strndup(text, len);
	BIO_free(out);
	EVP_PKEY_free(key);
	return copy;
}

static void keys_parsed(void **unused)
{
	(void)unused;
	struct keys_facts facts;
	assert_int_equal(keys_warm_up(), 0);
	_cleanup_free_ char *open = new_key(NULL);
	_cleanup_free_ char *sealed = new_key(EVP_aes_128_cbc());
	assert_true(keys_examine(span_of(open), &facts));
	assert_true(facts.parsed && !facts.encrypted);
	assert_true(keys_examine(span_of(sealed), &facts));
	assert_true(facts.parsed && facts.encrypted);

	/* One damaged letter near the start: still a key's frame, not read. */
	char *body = strchr(open, '\n') + 1;
	body[2] = body[2] == 'A' ? 'B' : 'A';
	assert_true(keys_examine(span_of(open), &facts));
	assert_false(facts.parsed);

	char *end = strstr(body, "-----END");
	for (char *c = body, *start = body; c < end - 1; c++)
		if (*c != '\n')
			*c = c - start < 8 ? "REDACTED"[c - start] : 'x';
	assert_false(keys_examine(span_of(open), &facts));
	assert_false(keys_examine(span_of("-----BEGIN PRIVATE KEY-----\n...\n"
					  "-----END PRIVATE KEY-----\n"),
				  &facts));
}

static FILE *gnutls(void)
{
	static const char *const folders[] = {"lib/x86_64-linux-gnu", "lib/aarch64-linux-gnu",
					      "lib64", "lib"};
	FILE *file = NULL;
	for (size_t i = 0; !file && i < sizeof folders / sizeof *folders; i++) {
		_cleanup_free_ char *path = mem_printf("/usr/%s/libgnutls.so.30", folders[i]);
		file = fopen(path, "rb");
	}
	return file;
}

/* GnuTLS carries the keys of its own tests. */
static void published_keys(void **unused)
{
	(void)unused;
	struct keys_facts facts;
	size_t known = 0;
	_cleanup_free_ char *own = new_key(NULL);
	assert_true(keys_examine(span_of(own), &facts) && !facts.published);
	FILE *file = gnutls();
	if (!file)
		skip();
	struct buf bytes = {0};
	for (size_t n = 1; n; bytes.len += n)
		n = fread(buf_reserve(&bytes, 1 << 16), 1, 1 << 16, file);
	fclose(file);
	struct span rest = {(uint8_t *)bytes.data, bytes.len};
	for (const uint8_t *at; (at = memchr(rest.at, '-', rest.len));) {
		rest.len -= (size_t)(at + 1 - rest.at);
		rest.at = at + 1;
		if (rest.len < 9 || memcmp(rest.at, "----BEGIN", 9) != 0)
			continue;
		struct span block = {at, rest.len < 8192 ? rest.len : 8192};
		facts.published = false;
		known += keys_examine(block, &facts) && facts.published;
	}
	buf_free(&bytes);
	if (!known)
		fail_msg("none of the published keys of GnuTLS 3.7.9 is known");
}

static void own_redaction(void **unused)
{
	(void)unused;
	char text[41] = "\1";
	memset(text + 1, 'x', 30);
	redaction_fill(text + 1, 30);
	strcat(text, "\2");
	expect("password", text, DROP, DROP);
	expect("token", text, DROP, DROP);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(passwords_kept),
		cmocka_unit_test(passwords_doubted),
		cmocka_unit_test(reasons_are_told),
		cmocka_unit_test(authorizations),
		cmocka_unit_test(examples_of_standards),
		cmocka_unit_test(minified_code),
		cmocka_unit_test(words_and_noise),
		cmocka_unit_test(drawn_values_are_kept),
		cmocka_unit_test(tokens),
		cmocka_unit_test(github_checksums),
		cmocka_unit_test(hashes),
		cmocka_unit_test(keys_parsed),
		cmocka_unit_test(published_keys),
		cmocka_unit_test(own_redaction),
	};
	return cmocka_run_group_tests(tests, judging_begin, judging_end);
}
