/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/str.h"
#include "rules/rules.h"
#include "scratch.h"

#define ARTEFACT_HEAD "artefacts:\n  - name: made-up\n    title: t\n    why: w\n"
#define EMPTY_TAIL                                                      \
	"    class: trace\n    severity: low\n    action: empty-tree\n" \
	"    paths: [/made]\n    match: [/made/up]\n    nomatch: [/kept]\n"
#define ARTEFACT_TAIL                                               \
	"    class: trace\n    severity: low\n    action: remove\n" \
	"    paths: [/made/up]\n    match: [/made/up]\n    nomatch: [/made]\n"
#define SECRET_HEAD                                                              \
	"secrets:\n  - name: made-up\n    title: t\n    why: w\n    advice: a\n" \
	"    source: s\n    class: personal\n    severity: low\n"                \
	"    confidence: high\n"
#define SECRET_SAMPLES "    match: ['{alnum:4}']\n    nomatch: ['x']\n"
#define SECRET_TAIL "    keywords: [made]\n    pattern: 'made(?<secret>x)'\n" SECRET_SAMPLES
#define POLICY_HEAD                                                              \
	"policy: mine\ntitle: t\nclasses: {personal: remove, identity: remove, " \
	"service: redact, trace: keep, business: report}\n"

/* ---- a directory of our own ---- */

static void write_text(const char *name, const char *text)
{
	_cleanup_free_ char *path = mem_printf("%s/%s", scratch_root, name);
	FILE *file = os_open(path, "wb");
	assert_non_null(file);
	assert_int_equal(fputs(text, file) < 0, 0);
	assert_int_equal(fclose(file), 0);
	assert_true(os_let_write(path, false));
}

static int load_dir(struct rules **ret, struct buf *fault)
{
	const char *const dirs[] = {scratch_root, NULL};
	const struct rules_options options = {.pack_dirs = dirs};
	return rules_load(&options, ret, fault);
}

static int load_policy(const char *text, struct rules **ret, struct buf *fault)
{
	write_text("policy.yaml", text);
	_cleanup_free_ char *path = mem_printf("%s/policy.yaml", scratch_root);
	const struct rules_options options = {.policy_file = path};
	return rules_load(&options, ret, fault);
}

static void expect_fault(int result, const struct buf *fault, unsigned line, const char *words)
{
	_cleanup_free_ char *place = line ? mem_printf(".yaml:%u: ", line) : NULL;
	assert_int_equal(result, -EINVAL);
	if (!strstr(buf_text(fault), words) || (place && !strstr(buf_text(fault), place)))
		fail_msg("\"%s\" does not hold \"%s\" and \"%s\"", buf_text(fault),
			 str_or(place, ""), words);
}

/* ---- faults in packs ---- */

static const struct {
	const char *text;
	unsigned line;
	const char *words;
} pack_faults[] = {
	{"artefacts: [\n", 2, "did not find"},
	{"- a\n", 1, "keys and values"},
	{"", 1, "is empty"},
	{"{}\n", 1, "is missing"},
	{"things: []\n", 1, "unknown key \"things\""},
	{"artefacts: {}\n", 1, "has to be a list"},
	{"secrets: []\n---\nsecrets: []\n", 2, "only one document"},
	{"secrets: &a []\n", 1, "anchors"},
	{"secrets: *a\n", 1, "aliases"},
	{"secrets: !!set []\n", 1, "tags"},
	{"secrets: [\"a\\0b\"]\n", 1, "NUL"},
	{"artefacts: [text]\n", 1, "keys and values"},
	{ARTEFACT_HEAD "    colour: red\n" ARTEFACT_TAIL, 5, "unknown key \"colour\""},
	{ARTEFACT_HEAD "    title: again\n" ARTEFACT_TAIL, 5, "title stands here twice"},
	{ARTEFACT_HEAD, 2, "class is missing"},
	{ARTEFACT_HEAD "    advice: [a]\n" ARTEFACT_TAIL, 5, "advice has to be a text"},
	{ARTEFACT_HEAD "    advice: ''\n" ARTEFACT_TAIL, 5, "advice is empty"},
	{ARTEFACT_HEAD "    os: linux\n" ARTEFACT_TAIL, 5, "os has to be a list"},
	{ARTEFACT_HEAD "    os: [plan9]\n" ARTEFACT_TAIL, 5, "linux or windows"},
	{ARTEFACT_HEAD "    keep: []\n" ARTEFACT_TAIL, 5, "keep is empty"},
	{ARTEFACT_HEAD "    keep: [made]\n" ARTEFACT_TAIL, 5, "has to start with / or ~/"},
	{ARTEFACT_HEAD "    keep:\n      - /ok\n      - '/a[b'\n" ARTEFACT_TAIL, 7,
	 "unclosed ["},
	{ARTEFACT_HEAD "    keep: [/a**]\n" ARTEFACT_TAIL, 5, "**"},
	{ARTEFACT_HEAD "    keep: [/]\n" ARTEFACT_TAIL, 5, "whole tree"},
	{ARTEFACT_HEAD "    keep: [/a/]\n" ARTEFACT_TAIL, 5, "ends in a slash"},
	{ARTEFACT_HEAD "    keep: [/a/../b]\n" ARTEFACT_TAIL, 5, ".."},
	{ARTEFACT_HEAD "    keep: [/made/up]\n" ARTEFACT_TAIL, 2,
	 "match sample /made/up is not covered"},
	{ARTEFACT_HEAD "    registry: ['HKCU\\Software\\A']\n" ARTEFACT_TAIL, 5, "HKU\\"},
	{ARTEFACT_HEAD "    registry: ['HKU\\*\\A\\B']\n" ARTEFACT_TAIL, 2,
	 "os has to be [windows]"},
	{ARTEFACT_HEAD "    os: [windows]\n    registry: ['HKU\\*\\A\\\\B']\n" EMPTY_TAIL, 2,
	 "empty-tree is for keys"},
	{ARTEFACT_HEAD "    class: trace\n    severity: dire\n", 6, "not one of info, low"},
	{ARTEFACT_HEAD "    class: mine\n", 5, "not one of personal"},
	{ARTEFACT_HEAD "    action: redact\n", 5, "not one of remove, empty-tree"},
	{"artefacts:\n  - name: Made Up\n", 2, "lower-case"},
	{"artefacts:\n  - name: ssh-known-hosts\n    title: t\n    why: w\n" ARTEFACT_TAIL, 2,
	 "is taken by artefacts/common/ssh.yaml:"},
	{"artefacts:\n  - name: github-server-token\n    title: t\n    why: w\n" ARTEFACT_TAIL,
	 2, "is taken by secrets/tokens.yaml:"},
	{SECRET_HEAD SECRET_TAIL "    colour: red\n", 14, "unknown key"},
	{SECRET_HEAD "    pattern: '(?<secret>x)'\n" SECRET_SAMPLES, 2, "keywords is missing"},
	{SECRET_HEAD "    expensive: false\n    pattern: '(?<secret>x)'\n" SECRET_SAMPLES, 2,
	 "keywords is missing"},
	{SECRET_HEAD "    expensive: perhaps\n", 10, "true or false"},
	{SECRET_HEAD "    expensive: true\n" SECRET_TAIL, 2, "for a rule without keywords"},
	{SECRET_HEAD
	 "    expensive: true\n    before: 9\n    pattern: '(?<secret>x)'\n" SECRET_SAMPLES,
	 2, "before is for a rule with keywords"},
	{SECRET_HEAD
	 "    expensive: true\n    then: x\n    pattern: '(?<secret>x)'\n" SECRET_SAMPLES,
	 2, "then is for a rule with keywords"},
	{SECRET_HEAD "    keywords: [ab]\n", 10, "shorter than 3"},
	{SECRET_HEAD "    pattern: 'made'\n", 10, "(?<secret>"},
	{SECRET_HEAD "    paths: [~/x]\n", 10, "has to start with /"},
	{SECRET_HEAD "    binary: maybe\n", 10, "true or false"},
	{SECRET_HEAD "    match: ['{bogus:4}']\n", 10, "{template:N}"},
	{SECRET_HEAD "    keywords: [made]\n    pattern: '(?<secret>x)'\n"
		     "    match: ['a']\n",
	 2, "nomatch is missing"},
	{POLICY_HEAD "colour: red\n", 4, "unknown key"},
};

static void test_pack_faults(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof pack_faults / sizeof *pack_faults; i++) {
		_cleanup_(buf_free) struct buf fault = {0};
		struct rules *rules = NULL;
		write_text("pack.yaml", pack_faults[i].text);
		expect_fault(load_dir(&rules, &fault), &fault, pack_faults[i].line,
			     pack_faults[i].words);
		assert_null(rules);
	}
}

static void test_nomatch_sample(void **state)
{
	(void)state;
	_cleanup_(buf_free) struct buf fault = {0};
	struct rules *rules;
	write_text("pack.yaml",
		   ARTEFACT_HEAD "    class: trace\n    severity: low\n"
				 "    action: empty-tree\n    paths: [/made]\n"
				 "    match: [/made/a/b]\n    nomatch: [/made, /made/c]\n");
	expect_fault(load_dir(&rules, &fault), &fault, 2, "nomatch sample /made/c is");
}

static void test_file_faults(void **state)
{
	(void)state;
	_cleanup_(buf_free) struct buf none = {0}, big = {0}, open_to_all = {0};
	struct rules *rules;
	expect_fault(load_dir(&rules, &none), &none, 0, "holds no *.yaml file");

	_cleanup_free_ char *text = mem_alloc((1u << 20) + 2);
	memset(text, '#', (1u << 20) + 1);
	write_text("pack.yaml", text);
	expect_fault(load_dir(&rules, &big), &big, 0, "larger than 1 MiB");

	write_text("pack.yaml", "secrets: []\n");
	_cleanup_free_ char *path = mem_printf("%s/pack.yaml", scratch_root);
	assert_true(os_let_write(path, true));
	expect_fault(load_dir(&rules, &open_to_all), &open_to_all, 0, "is refused");
}

static void test_missing_dir(void **state)
{
	(void)state;
	_cleanup_(buf_free) struct buf fault = {0};
	const char *const dirs[] = {"/nonexistent/packs", NULL};
	const struct rules_options options = {.pack_dirs = dirs};
	struct rules *rules;
	expect_fault(rules_load(&options, &rules, &fault), &fault, 0,
		     "/nonexistent/packs: No such file");
}

/* ---- what is loaded ---- */

static void test_pack_is_added(void **state)
{
	(void)state;
	_cleanup_(buf_free) struct buf fault = {0};
	_cleanup_free_ char *below = mem_printf("%s/artefacts", scratch_root);
	assert_true(os_make_dir(below));
	write_text("artefacts/x.yaml", ARTEFACT_HEAD "    os: [windows]\n" ARTEFACT_TAIL);
	write_text("policy.yaml", POLICY_HEAD);
	write_text("notes.txt", "not a pack");
	struct rules *loaded;
	assert_int_equal(load_dir(&loaded, &fault), 0);
	_cleanup_(rules_free_ptr) struct rules *rules = loaded;
	const struct artefact *last = &rules->artefacts.v[rules->artefacts.n - 1];
	assert_string_equal(last->name, "made-up");
	assert_true(str_ends(last->file, "artefacts/x.yaml"));
	assert_int_equal(last->line, 2);
	assert_int_equal(last->os, 1u << GUEST_WINDOWS);
	assert_int_equal(last->action, STEP_REMOVE);
	assert_false(last->report);
	assert_null(last->advice);
	assert_string_equal(rules->policy.name, "default");
}

static void test_expensive_is_added(void **state)
{
	(void)state;
	_cleanup_(buf_free) struct buf fault = {0};
	write_text("x.yaml", SECRET_HEAD "    expensive: true\n"
					 "    pattern: '(?<secret>x)'\n" SECRET_SAMPLES);
	struct rules *loaded;
	assert_int_equal(load_dir(&loaded, &fault), 0);
	_cleanup_(rules_free_ptr) struct rules *rules = loaded;
	const struct secret_rule *last = &rules->secrets.v[rules->secrets.n - 1];
	assert_string_equal(last->name, "made-up");
	assert_true(last->expensive);
	assert_int_equal(last->keywords.n, 0);
}

static const struct artefact *find_artefact(const struct rules *rules, const char *name,
					    size_t *ret_index)
{
	for (size_t i = 0; i < rules->artefacts.n; i++)
		if (strcmp(rules->artefacts.v[i].name, name) == 0) {
			*ret_index = i;
			return &rules->artefacts.v[i];
		}
	fail_msg("no artefact %s", name);
	return NULL;
}

static bool cleaner_or_nothing(const char *name)
{
	return strcmp(name, "machine-id") == 0;
}

static void test_profiles(void **state)
{
	(void)state;
	static const char *const expected[] = {"alibaba-cloud", "default", "minimal", "strict"};
	for (size_t i = 0; i < 4; i++) {
		_cleanup_(buf_free) struct buf fault = {0};
		const struct rules_options options = {.profile = expected[i]};
		struct rules *rules;
		assert_string_equal(rules_profiles()[i], expected[i]);
		if (rules_load(&options, &rules, &fault) < 0)
			fail_msg("%s", buf_text(&fault));
		assert_string_equal(rules->policy.name, expected[i]);
		assert_int_equal(rules_check_names(rules, cleaner_or_nothing, &fault), 0);
		rules_free(rules);
	}
	assert_null(rules_profiles()[4]);
}

static void test_packs_inside(void **state)
{
	(void)state;
	_cleanup_(buf_free) struct buf fault = {0};
	const struct rules_options options = {.check_inside = true};
	struct rules *loaded;
	if (rules_load(&options, &loaded, &fault) < 0)
		fail_msg("%s", buf_text(&fault));
	_cleanup_(rules_free_ptr) struct rules *rules = loaded;
	assert_true(rules->artefacts.n >= 60 && rules->secrets.n >= 20);
	size_t rotated, in_use;
	assert_int_equal(find_artefact(rules, "rotated-logs", &rotated)->action, STEP_REMOVE);
	assert_int_equal(find_artefact(rules, "system-logs", &in_use)->action, STEP_TRUNCATE);
	assert_true(rotated < in_use);
	assert_true(find_artefact(rules, "other-ssh-host-keys", &in_use)->report);
}

static void test_unknown_profile(void **state)
{
	(void)state;
	_cleanup_(buf_free) struct buf fault = {0};
	const struct rules_options options = {.profile = "../strict"};
	struct rules *rules;
	expect_fault(rules_load(&options, &rules, &fault), &fault, 0,
		     "the profiles are alibaba-cloud default minimal strict");
}

/* ---- policy ---- */

static const struct {
	const char *text;
	unsigned line;
	const char *words;
} policy_faults[] = {
	{"policy: mine\ntitle: t\n", 1, "classes is missing"},
	{"policy: mine\ntitle: t\nclasses: {personal: remove}\n", 3, "identity is missing"},
	{"policy: mine\ntitle: t\nclasses: {personal: burn}\n", 3,
	 "not one of keep, report, redact or remove"},
	{POLICY_HEAD "fail-on: never\n", 4, "not one of info"},
	{POLICY_HEAD "redact-from: sure\n", 4, "not one of low, medium"},
	{POLICY_HEAD "unredactable: redact\n", 4, "not one of report, remove"},
	{POLICY_HEAD "items:\n  - {name: a, action: keep}\n  - {name: a, action: report}\n", 6,
	 "a stands in items twice"},
	{POLICY_HEAD "items:\n  - {name: a}\n", 5, "action is missing"},
	{POLICY_HEAD "allow:\n  - {name: a, path: /a}\n", 5, "reason is missing"},
	{POLICY_HEAD "allow:\n  - {name: a, path: a, reason: r}\n", 5, "has to start with"},
	{POLICY_HEAD "allow:\n  - {name: a, path: /a, reason: r, expires: 2031-02-29}\n", 5,
	 "YYYY-MM-DD"},
	{POLICY_HEAD "allow:\n  - {name: a, path: /a, reason: r, expires: soon}\n", 5,
	 "YYYY-MM-DD"},
};

static void test_policy_faults(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof policy_faults / sizeof *policy_faults; i++) {
		_cleanup_(buf_free) struct buf fault = {0};
		struct rules *rules;
		expect_fault(load_policy(policy_faults[i].text, &rules, &fault), &fault,
			     policy_faults[i].line, policy_faults[i].words);
	}
}

static void test_policy_names(void **state)
{
	(void)state;
	static const struct {
		const char *more;
		unsigned line; /* 0: good */
	} cases[] = {
		{"items:\n  - {name: ssh-known-hosts, action: keep}\n"
		 "  - {name: jwt, action: report}\n  - {name: machine-id, action: keep}\n",
		 0},
		{"items:\n  - {name: ssh-known-host, action: keep}\n", 5},
		{"allow:\n  - {name: '*', path: /a, reason: r}\n"
		 "  - {name: unheard, path: /a, reason: r}\n",
		 6},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		_cleanup_(buf_free) struct buf fault = {0};
		_cleanup_free_ char *text = mem_printf("%s%s", POLICY_HEAD, cases[i].more);
		struct rules *rules;
		assert_int_equal(load_policy(text, &rules, &fault), 0);
		int r = rules_check_names(rules, cleaner_or_nothing, &fault);
		if (cases[i].line)
			expect_fault(r, &fault, cases[i].line, "nothing is named");
		else
			assert_int_equal(r, 0);
		rules_free(rules);
	}
}

static void test_policy_precedence(void **state)
{
	(void)state;
	_cleanup_(buf_free) struct buf fault = {0};
	struct rules *loaded;
	assert_int_equal(load_policy(POLICY_HEAD "items:\n  - {name: jwt, action: report}\n"
						 "fail-on: high\nredact-from: low\n"
						 "unredactable: remove\n",
				     &loaded, &fault),
			 0);
	_cleanup_(rules_free_ptr) struct rules *rules = loaded;
	const struct policy *policy = &rules->policy;
	assert_int_equal(policy_for(policy, "jwt", CLASS_PERSONAL), DISPOSE_REPORT);
	assert_int_equal(policy_for(policy, "other", CLASS_PERSONAL), DISPOSE_REMOVE);
	assert_int_equal(policy_for(policy, "other", CLASS_SERVICE), DISPOSE_REDACT);
	assert_int_equal(policy_for(policy, "other", CLASS_TRACE), DISPOSE_KEEP);
	assert_int_equal(policy_for(policy, "other", CLASS_BUSINESS), DISPOSE_REPORT);
	assert_int_equal(policy->fail_on, SEVERITY_HIGH);
	assert_int_equal(policy->redact_from, CONFIDENCE_LOW);
	assert_true(policy->remove_unredactable);
}

/* What the command line adds stands above the policy's own items. */
static void test_policy_additions(void **state)
{
	(void)state;
	static const char *const treat[] = {"jwt=keep", "other=remove", NULL};
	static const char *const accounts[] = {"build", NULL};
	static const char *const bad[][2] = {{"jwt=eat", NULL}, {"jwt", NULL}};
	static const char *const roots[] = {"root", NULL};
	_cleanup_(buf_free) struct buf fault = {0};
	const struct rules_options options = {.treat = treat, .remove_accounts = accounts};
	struct rules *loaded;
	assert_int_equal(rules_load(&options, &loaded, &fault), 0);
	assert_int_equal(policy_for(&loaded->policy, "jwt", CLASS_PERSONAL), DISPOSE_KEEP);
	assert_int_equal(policy_for(&loaded->policy, "other", CLASS_BUSINESS), DISPOSE_REMOVE);
	assert_int_equal(loaded->policy.remove_accounts.n, 1);
	assert_int_equal(rules_check_names(loaded, cleaner_or_nothing, &fault), -EINVAL);
	assert_string_equal(buf_text(&fault), "--treat: nothing is named \"other\"");
	rules_free(loaded);
	for (size_t i = 0; i < 2; i++) {
		const struct rules_options wrong = {.treat = bad[i]};
		assert_int_equal(rules_load(&wrong, &loaded, &fault), -EINVAL);
	}
	const struct rules_options nobody = {.remove_accounts = roots};
	assert_int_equal(rules_load(&nobody, &loaded, &fault), -EINVAL);
}

static void test_allowances(void **state)
{
	(void)state;
	_cleanup_(buf_free) struct buf fault = {0};
	struct rules *loaded;
	assert_int_equal(
		load_policy(
			POLICY_HEAD
			"allow:\n"
			"  - {name: jwt, path: /srv/*, reason: old, expires: 2001-01-01}\n"
			"  - {name: jwt, path: ~/.token, reason: home}\n"
			"  - {name: '*', path: /opt/**, reason: all, expires: 9999-12-31}\n",
			&loaded, &fault),
		0);
	_cleanup_(rules_free_ptr) struct rules *rules = loaded;
	const struct policy *policy = &rules->policy;
	bool expired;
	assert_null(policy_allows(policy, "jwt", "/srv/a", NULL, false, &expired));
	assert_true(expired);
	assert_null(policy_allows(policy, "jwt", "/elsewhere", NULL, false, &expired));
	assert_false(expired);
	assert_null(policy_allows(policy, "other", "/srv/a", NULL, false, &expired));
	assert_false(expired);
	assert_string_equal(
		policy_allows(policy, "jwt", "/home/a/.token", "/home/a", false, NULL)->reason,
		"home");
	assert_null(policy_allows(policy, "jwt", "/home/a/.token", NULL, false, NULL));
	assert_null(policy_allows(policy, "jwt", "/home/ab/.token", "/home/a", false, NULL));
	assert_string_equal(
		policy_allows(policy, "other", "/opt/x/y", NULL, false, &expired)->reason,
		"all");
	/* 2001-01-01 ends where 978393600 begins. */
	assert_int_equal(policy->allow.v[0].expires, 978393600);
	assert_int_equal(policy->allow.v[1].expires, 0);
}

#define WITH_DIR(test) cmocka_unit_test_setup_teardown(test, scratch_make, scratch_remove)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_DIR(test_pack_faults),
		WITH_DIR(test_nomatch_sample),
		WITH_DIR(test_file_faults),
		cmocka_unit_test(test_missing_dir),
		WITH_DIR(test_pack_is_added),
		WITH_DIR(test_expensive_is_added),
		cmocka_unit_test(test_profiles),
		cmocka_unit_test(test_packs_inside),
		cmocka_unit_test(test_unknown_profile),
		WITH_DIR(test_policy_faults),
		WITH_DIR(test_policy_names),
		WITH_DIR(test_policy_precedence),
		WITH_DIR(test_allowances),
		cmocka_unit_test(test_policy_additions),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
