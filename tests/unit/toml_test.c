/* SPDX-License-Identifier: MIT */
/* Documents that TOML 1.0.0 (toml.io/en/v1.0.0) calls valid, and what they mean; and
 * those that it calls invalid, one for each sentence that says so. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "rules/toml.h"

/* ---- a document as one line ---- */

static void write_node(const struct toml *doc, unsigned node, struct buf *out);

static void write_members(const struct toml *doc, unsigned node, struct buf *out)
{
	bool table = toml_at(doc, node)->kind == TOML_TABLE;
	buf_puts(out, table ? "{" : "[");
	toml_each(doc, node, it)
	{
		if (it != toml_at(doc, node)->first)
			buf_puts(out, ",");
		if (table)
			buf_printf(out, "%s=", toml_key(doc, it));
		write_node(doc, it, out);
	}
	buf_puts(out, table ? "}" : "]");
}

static void write_node(const struct toml *doc, unsigned node, struct buf *out)
{
	const struct toml_node *at = toml_at(doc, node);
	switch (at->kind) {
	case TOML_TEXT:
		buf_puts(out, "'");
		buf_add(out, toml_text(doc, node), at->text_len);
		buf_puts(out, "'");
		break;
	case TOML_INTEGER:
		buf_printf(out, "%lld", (long long)at->integer);
		break;
	case TOML_FLOAT:
		buf_printf(out, "%g", at->number);
		break;
	case TOML_BOOL:
		buf_puts(out, at->integer ? "true" : "false");
		break;
	case TOML_DATE:
		buf_printf(out, "@%s", toml_text(doc, node));
		break;
	default:
		write_members(doc, node, out);
	}
}

static void means(const char *text, const char *wanted)
{
	_cleanup_(buf_free) struct buf fault = {0}, out = {0};
	struct toml doc;
	if (toml_parse(&doc, text, strlen(text), "t.toml", &fault) < 0)
		fail_msg("%s\n%s", text, buf_text(&fault));
	write_node(&doc, TOML_TOP, &out);
	assert_string_equal(buf_text(&out), wanted);
	toml_free(&doc);
}

static void is_wrong_bytes(const char *text, size_t len)
{
	_cleanup_(buf_free) struct buf fault = {0};
	struct toml doc;
	int r = toml_parse(&doc, text, len, "t.toml", &fault);
	toml_free(&doc);
	if (r == 0)
		fail_msg("this is no TOML: %s", text);
	assert_true(strncmp(buf_text(&fault), "t.toml:", 7) == 0);
}

static void is_wrong(const char *text)
{
	is_wrong_bytes(text, strlen(text));
}

/* ---- what is valid ---- */

static void test_keys(void **state)
{
	(void)state;
	means("", "{}");
	means("\xef\xbb\xbf# a comment\n\n", "{}");
	means("a=1", "{a=1}");
	means("bare_key-1 = 1 # c\r\n1234 = 2\r\n", "{bare_key-1=1,1234=2}");
	means("\"a b\" = 1\n'c\\d' = 2\n\"\" = 3", "{a b=1,c\\d=2,=3}");
	means("a.b = 1\na . c.d = 2\na.\"e.f\" = 3", "{a={b=1,c={d=2},e.f=3}}");
	means("3.14 = 1", "{3={14=1}}");
}

static void test_tables(void **state)
{
	(void)state;
	means("[a]\nx=1\n[ b . 'c' ]\ny=2\n[b]\nz=3", "{a={x=1},b={c={y=2},z=3}}");
	means("[a.b.c]\n[a]\nd=1", "{a={b={c={}},d=1}}");
	means("[f]\na.c=1\na.t.s=2\n[f.a.u]\nx=3", "{f={a={c=1,t={s=2},u={x=3}}}}");
	means("[[p]]\nn=1\n[[p]]\n[[p]]\nn=3", "{p=[{n=1},{},{n=3}]}");
	means("[[f]]\n[f.p]\nc=1\n[[f.v]]\nn=1\n[[f]]\n[[f.v]]\nn=2",
	      "{f=[{p={c=1},v=[{n=1}]},{v=[{n=2}]}]}");
	means("a={}\nb={x=1, y.z=2 , 'w'={v=[3]}}", "{a={},b={x=1,y={z=2},w={v=[3]}}}");
	means("a=[]\nb=[1,2,]\nc=[ # c\n 'x', \n\t[1.5, true]\n]",
	      "{a=[],b=[1,2],c=['x',[1.5,true]]}");
}

static void test_strings(void **state)
{
	(void)state;
	means("a=\"\\b\\t\\n\\f\\r\\\"\\\\\\u00e9\\U0001F600\"",
	      "{a='\b\t\n\f\r\"\\\xc3\xa9\xf0\x9f\x98\x80'}");
	means("a='C:\\x'\nb=''\nc=\"\"", "{a='C:\\x',b='',c=''}");
	means("a=\"\"\"\none\r\ntwo\\\n \t\n  three\"\"\"", "{a='one\ntwothree'}");
	means("a=\"\"\"\"x\"\" \"\"\\\"\"\"\"\"\"", "{a='\"x\"\" \"\"\"\"\"'}");
	means("a='''\nit''s \\ 'x''''", "{a='it''s \\ 'x''}");
	means("a=''''''''\nb=\"\"\"\"\"\"", "{a='''',b=''}");
	means("a='\xe6\xbc\xa2\t'", "{a='\xe6\xbc\xa2\t'}");
}

static void test_numbers(void **state)
{
	(void)state;
	means("a=+99\nb=-0\nc=1_000\nd=0xDEAD_beef\ne=0o755\nf=0b1101",
	      "{a=99,b=0,c=1000,d=3735928559,e=493,f=13}");
	means("a=9223372036854775807\nb=-9223372036854775808",
	      "{a=9223372036854775807,b=-9223372036854775808}");
	means("a=+1.0\nb=-0.25\nc=5e+22\nd=1e06\ne=-2E-2\nf=6.626e-3\ng=9_224.5",
	      "{a=1,b=-0.25,c=5e+22,d=1e+06,e=-0.02,f=0.006626,g=9224.5}");
	means("a=inf\nb=-inf\nc=+inf\nd=1e99999", "{a=inf,b=-inf,c=inf,d=inf}");
	means("a=true\nb=false", "{a=true,b=false}");
}

static void test_dates(void **state)
{
	(void)state;
	means("a=1979-05-27T07:32:00Z\nb=1979-05-27T00:32:00.999999-07:00",
	      "{a=@1979-05-27T07:32:00Z,b=@1979-05-27T00:32:00.999999-07:00}");
	means("a=1979-05-27 07:32:00z\nb=2000-02-29 # c",
	      "{a=@1979-05-27 07:32:00z,b=@2000-02-29}");
	means("a=07:32:00\nb=[00:32:00.5,1979-05-27]",
	      "{a=@07:32:00,b=[@00:32:00.5,@1979-05-27]}");
}

/* ---- what is not ---- */

static void test_wrong_keys(void **state)
{
	(void)state;
	static const char *const texts[] = {"a",
					    "a =",
					    "= 1",
					    "a = 1 b = 2",
					    "a b = 1",
					    "a.= 1",
					    ".a = 1",
					    "a..b = 1",
					    "\"\"\"a\"\"\" = 1",
					    "\"a = 1",
					    "a = 1\na = 2",
					    "a = 1\n'a' = 2",
					    "\xc3\xa9 = 1",
					    "a = 1\na.b = 2",
					    "a.b = 1\na.b.c = 2",
					    "a\n= 1",
					    "a = \n1",
					    "a = 1\rb = 2"};
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		is_wrong(texts[i]);
}

static void test_wrong_tables(void **state)
{
	(void)state;
	static const char *const texts[] = {"[a",
					    "[]",
					    "[a.]",
					    "[a]b",
					    "[a] b=1",
					    "[[a]",
					    "[ [a]]",
					    "[a]\n[a]",
					    "[f]\na=1\n[f.a]",
					    "a={}\n[a.b]",
					    "a={b={}}\n[a.b.c]",
					    "a.b=1\n[a]",
					    "[f]\na.c=1\n[f.a]",
					    "[a.b.c]\nz=9\n[a]\nb.c.t='x'",
					    "a=[]\n[[a]]",
					    "a=[{}]\n[a.b]",
					    "[[a]]\n[a]",
					    "[a]\n[[a]]",
					    "[f.p]\n[[f]]",
					    "a={x=1\n}",
					    "a={x=1,}",
					    "a={x=1 y=2}",
					    "a={x=1,x=2}",
					    "a={x={y=1},x.z=2}",
					    "a={b=1}\na.c=2",
					    "a=[1 2]",
					    "a=[1",
					    "a=[,]",
					    "a=[1,,2]",
					    "a=]",
					    "[a]\nb=1\n[a.b]\nc=2",
					    "a={b=1"};
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		is_wrong(texts[i]);
}

static void test_wrong_values(void **state)
{
	(void)state;
	static const char *const texts[] = {"a='x",
					    "a=\"x\ny\"",
					    "a='x\ny'",
					    "a=\"\\x\"",
					    "a=\"\\u12\"",
					    "a=\"\\ud800\"",
					    "a=\"\\U00110000\"",
					    "a=\"\x01\"",
					    "a='\x7f'",
					    "a=\"\"\"x",
					    "a='''x''",
					    "a='''x''''''",
					    "a=\"\"\"x\"\"\"\"\"\"",
					    "a=\"\"\"\\ x\"\"\"",
					    "a=1 # \x01",
					    "a=01",
					    "a=+0x1",
					    "a=0x",
					    "a=0xg",
					    "a=0o8",
					    "a=0b2",
					    "a=1__0",
					    "a=_1",
					    "a=1_",
					    "a=0x_1",
					    "a=9223372036854775808",
					    "a=-9223372036854775809",
					    "a=.5",
					    "a=5.",
					    "a=5.e1",
					    "a=1e",
					    "a=1e1.5",
					    "a=1_.5",
					    "a=01.5",
					    "a=Inf",
					    "a=True",
					    "a=yes",
					    "a=1979-5-27",
					    "a=1979-13-27",
					    "a=1979-02-30",
					    "a=1900-02-29",
					    "a=24:00:00",
					    "a=07:60:00",
					    "a=07:32",
					    "a=07:32:00.",
					    "a=1979-05-27T",
					    "a=1979-05-27T07:32:00+7",
					    "a=1979-05-27T07:32:00+24:00",
					    "a=07:32:00Z",
					    "a=--1",
					    "a=@"};
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		is_wrong(texts[i]);
	is_wrong_bytes("a='\xff'", 5);
	is_wrong_bytes("a='\xed\xa0\x80'", 7);
	is_wrong_bytes("a='\xc0\x80'", 6);
	is_wrong_bytes("a='x\0y'", 7);
	is_wrong_bytes("# \xe6", 3);
}

/* Nothing grows without bound. */
static void test_limits(void **state)
{
	(void)state;
	struct buf text = {0};
	buf_puts(&text, "a=");
	for (int i = 0; i < 100000; i++)
		buf_puts(&text, "[");
	is_wrong(buf_text(&text));
	buf_cut(&text, 0);
	buf_puts(&text, "a");
	for (int i = 0; i < 1000; i++)
		buf_puts(&text, ".a");
	buf_puts(&text, "=1");
	is_wrong(buf_text(&text));
	buf_cut(&text, 0);
	for (int i = 0; i <= TOML_KEYS; i++)
		buf_printf(&text, "k%d=1\n", i);
	is_wrong(buf_text(&text));
	buf_free(&text);
}

static void test_get(void **state)
{
	(void)state;
	struct buf fault = {0};
	struct toml doc;
	static const char text[] = "regexTarget = 'x'\n[A]\nb = 2\n";
	assert_int_equal(toml_parse(&doc, text, sizeof text - 1, "t.toml", &fault), 0);
	unsigned table = toml_get(&doc, TOML_TOP, "a");
	assert_string_equal(toml_text(&doc, toml_get(&doc, TOML_TOP, "REGEXTARGET")), "x");
	assert_int_equal(toml_at(&doc, toml_get(&doc, table, "b"))->integer, 2);
	assert_int_equal(toml_at(&doc, toml_get(&doc, table, "b"))->line, 3);
	assert_int_equal(toml_get(&doc, table, "c"), 0);
	assert_int_equal(toml_get(&doc, 0, "c"), 0);
	toml_free(&doc);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_keys),	     cmocka_unit_test(test_tables),
		cmocka_unit_test(test_strings),	     cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_dates),	     cmocka_unit_test(test_wrong_keys),
		cmocka_unit_test(test_wrong_tables), cmocka_unit_test(test_wrong_values),
		cmocka_unit_test(test_limits),	     cmocka_unit_test(test_get),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
