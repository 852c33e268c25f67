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

#include "detect/judge.h"
#include "detect/keys.h"
#include "model/redaction.h"

static struct rules *rules;
static struct verdict told; /* the last */

enum answer { DROP = -1, LOW, MEDIUM, HIGH };

static struct span span_of(const char *text)
{
	return (struct span){(const uint8_t *)text, strlen(text)};
}

/* The secret stands between « and » written as \1 and \2. */
static int ask(const char *judge, const char *marked, unsigned *ret_seen)
{
	char text[4096];
	size_t len = 0, start = 0, end = 0;
	for (const char *c = marked; *c; c++) {
		if (*c == '\1')
			start = len;
		else if (*c == '\2')
			end = len;
		else
			text[len++] = *c;
	}
	struct evidence e = {
		.secret = {(uint8_t *)text + start, end - start},
		.match = {(uint8_t *)text, end},
		.line = {(uint8_t *)text, len},
		.around = {(uint8_t *)text, len},
	};
	struct verdict verdict;
	bool kept = judge_decide(judge_named(judge), &e, &rules->weights, &verdict);
	told = verdict;
	if (ret_seen)
		*ret_seen = verdict.seen;
	return kept ? (int)verdict.confidence : DROP;
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

static int load_rules(void **unused)
{
	(void)unused;
	_cleanup_(buf_free) struct buf fault = {0};
	return rules_load(&(struct rules_options){0}, &rules, &fault);
}

static int free_rules(void **unused)
{
	(void)unused;
	rules_free(rules);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(passwords_kept), cmocka_unit_test(passwords_doubted),
		cmocka_unit_test(tokens),	  cmocka_unit_test(github_checksums),
		cmocka_unit_test(hashes),	  cmocka_unit_test(keys_parsed),
		cmocka_unit_test(own_redaction),
	};
	return cmocka_run_group_tests(tests, load_rules, free_rules);
}
