/* SPDX-License-Identifier: MIT */
/* Values that people or machines made and that look like something else, and what they look
 * like. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "detect/place.h"
#include "judging.h"

/* `path` adds what it says. */
static int ask(const char *marked, const char *path)
{
	struct verdict verdict;
	enum confidence level;
	if (judging_ask("password", marked, &verdict) == DROP)
		return DROP;
	uint64_t because = place_weigh_in(verdict.because, path, NULL);
	return weights_level(&judging_rules->weights, because, &level) ? (int)level : DROP;
}

static void expect(const char *marked, const char *path, enum answer least, enum answer most)
{
	int got = ask(marked, path);
	if (got < (int)least || got > (int)most)
		fail_msg("%d of %s in %s", got, marked, path);
}

/* A share of a hundred that are below medium. */
static int doubted(const char *key, const char *form, const char *quote)
{
	int below = 0;
	for (int i = 0; i < 100; i++) {
		_cleanup_(buf_free) struct buf line = {0};
		buf_printf(&line, "%s%s\1", key, quote);
		assert_int_equal(sample_expand(form, &line), 0);
		buf_printf(&line, "\2%s", quote);
		below += ask(buf_text(&line), "/srv/.env") < MEDIUM;
	}
	return below;
}

static void initials_and_a_birthday(void **unused)
{
	(void)unused;
	assert_true(doubted("DB_PASSWORD=", "{lower:2}19{digit:6}", "") < 5);
	expect("PASSWORD=\1pw2024\2", "/srv/.env", MEDIUM, HIGH);
	expect("token: \1T1134.001\2", "/srv/a.yaml", DROP, DROP);
	expect("token: \1v1.2\2", "/srv/a.yaml", DROP, DROP);
}

static void uuids_by_their_key(void **unused)
{
	(void)unused;
	static const char form[] = "{hex:8}-{hex:4}-4{hex:3}-a{hex:3}-{hex:12}";
	static const char *const secrets[] = {
		"CLIENT_SECRET=", "API_KEY=", "password: ", "auth_token="};
	static const char *const ids[] = {"id: ", "TOKEN_ID=", "client_id: ", "key: "};
	for (size_t i = 0; i < 4; i++) {
		assert_int_equal(doubted(secrets[i], form, ""), 0);
		assert_int_equal(doubted(ids[i], form, ""), 100);
	}
}

/* What opens a call, a field or a string, among what was drawn. */
static void marks_in_drawn_values(void **unused)
{
	(void)unused;
	static const char *const forms[] = {"({alnum:6}2x9Q{digit:2}",
					    "Kd{digit:2}::m{alnum:2}Qw{digit:1}",
					    "aQ{digit:1}({alnum:4}zX7$bR",
					    "W{alnum:4}%(7x{alnum:3}qZ2", "Kd=={digit:2}mdQw"};
	for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
		int below = doubted("PASSWORD=", forms[i], "") +
			    doubted("\"password\": ", forms[i], "\"");
		if (below > 40)
			fail_msg("%s: %d of 200 are doubted", forms[i], below);
	}
	expect("PASSWORD=\1Winter2023?\2", "/srv/.env", MEDIUM, HIGH);
	expect("PASSWORD=\1mydata.2021x\2", "/srv/.env", MEDIUM, HIGH);
	static const char *const code[] = {
		"password=\1data.Pw2\2",	 "password=\1appData.pw2x\2",
		"password=\1$(pass Db1\2)",	 "password=\1${MYSQL_PWD1\2}",
		"password=\1{{.Values.Db1}}\2",	 "password: \1ENC[AES256_GCM,data:a9\2",
		"token: \"\1Jobs[-1].JobId\2\"", "token: \"\1[^A-Za-z0-9]+\2\"",
		"password=\1~/Db1/x9\2"};
	for (size_t i = 0; i < sizeof code / sizeof *code; i++)
		expect(code[i], "/srv/.env", DROP, LOW);
}

static void what_anybody_tries_first(void **unused)
{
	(void)unused;
	expect("ADMIN_PASSWORD=\1admin\2", "/srv/.env", MEDIUM, MEDIUM);
	expect("mysql_root_password: \1root\2", "/srv/a.yml", MEDIUM, MEDIUM);
	expect("password=\1mysecretpassword1\2", "/srv/a.conf", MEDIUM, MEDIUM);
	expect("password = '\1mysecretpassword1\2'", "/srv/a.py", DROP, LOW);
	expect("password = '\1admin\2'", "/srv/a.py", DROP, LOW);
	expect("ADMIN_PASSWORD=\1admin\2", "/srv/docs/a.conf", DROP, LOW);
	expect("# password = \1admin\2", "/srv/a.conf", DROP, LOW);
	expect("password_file = \1root\2", "/srv/a.conf", DROP, DROP);
	expect("token = \1admin\2", "/srv/a.conf", DROP, DROP);
	expect("secret_key = \1SW2YcwTIb9zpOOhoPsMm\2", "/srv/a.ini", LOW, LOW);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(initials_and_a_birthday),
		cmocka_unit_test(uuids_by_their_key),
		cmocka_unit_test(marks_in_drawn_values),
		cmocka_unit_test(what_anybody_tries_first),
	};
	return cmocka_run_group_tests(tests, judging_begin, judging_end);
}
