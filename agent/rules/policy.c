/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <time.h>

#include "base/fold.h"
#include "base/glob.h"
#include "base/str.h"
#include "model/keyglob.h"
#include "model/realm.h"
#include "rules/pack.h"

#define DISPOSITIONS "keep, report, redact or remove"

static const char *const disposition_names[] = {
	[DISPOSE_KEEP] = "keep",
	[DISPOSE_REPORT] = "report",
	[DISPOSE_REDACT] = "redact",
	[DISPOSE_REMOVE] = "remove",
};

const char *disposition_name(enum disposition disposition)
{
	return disposition_names[disposition];
}

static bool parse_disposition(const char *text, void *slot)
{
	for (unsigned i = 0; i <= DISPOSE_REMOVE; i++)
		if (strcmp(text, disposition_names[i]) == 0) {
			*(enum disposition *)slot = (enum disposition)i;
			return true;
		}
	return false;
}

static const char *name_or_star_wrong(const char *text)
{
	return strcmp(text, "*") == 0 ? NULL : record_name_wrong(text);
}

static const char *path_wrong(const char *text)
{
	if (realm_of(text) == REALM_REGISTRY)
		return keyglob_fault(text);
	return *text == '/' || str_starts(text, "~/")
		       ? glob_fault(text)
		       : "has to start with /, ~/, HKLM\\ or HKU\\";
}

static const char *account_wrong(const char *text)
{
	return strcmp(text, "root") == 0 || strpbrk(text, ":/\n")
		       ? "can not be an account to remove"
		       : NULL;
}

/* Days since 1970 in the Gregorian calendar, counted from 1 March so that the
 * leap day is a year's last. */
static int64_t days_from_civil(int year, int month, int day)
{
	year -= month <= 2;
	int from_march = (month + 9) % 12;
	int64_t days = (int64_t)year * 365 + year / 4 - year / 100 + year / 400 +
		       (153 * from_march + 2) / 5 + day - 1;
	return days - 719468;
}

static int month_days(int year, int month)
{
	static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	bool leap = (year % 4 == 0 && year % 100) || year % 400 == 0;
	return days[month - 1] + (month == 2 && leap);
}

/* The allowance holds through the whole day it names. */
static bool parse_date(const char *text, void *slot)
{
	int year, month, day, end = 0;
	if (strlen(text) != 10 || text[strspn(text, "0123456789-")] ||
	    sscanf(text, "%4d-%2d-%2d%n", &year, &month, &day, &end) != 3 || end != 10 ||
	    year < 1970 || month < 1 || month > 12 || day < 1 || day > month_days(year, month))
		return false;
	*(int64_t *)slot = (days_from_civil(year, month, day) + 1) * 86400;
	return true;
}

static bool parse_unredactable(const char *text, void *slot)
{
	bool *remove = slot;
	*remove = strcmp(text, "remove") == 0;
	return *remove || strcmp(text, "report") == 0;
}

static bool parse_inline(const char *text, void *slot)
{
	bool *ignore = slot;
	*ignore = strcmp(text, "ignore") == 0;
	return *ignore || strcmp(text, "honour") == 0;
}

/* clang-format off */
static const struct field item_fields[] = {
	{.key = "name", FIELD_TEXT, offsetof(struct policy_item, name), true,
	 .wrong = record_name_wrong},
	{.key = "action", FIELD_WORD, offsetof(struct policy_item, disposition), true,
	 parse_disposition, DISPOSITIONS},
	{0},
};
/* clang-format on */

/* clang-format off */
static const struct field allow_fields[] = {
	{.key = "name", FIELD_TEXT, offsetof(struct allowance, name), true,
	 .wrong = name_or_star_wrong},
	{.key = "path", FIELD_TEXT, offsetof(struct allowance, path), true,
	 .wrong = path_wrong},
	{.key = "reason", FIELD_TEXT, offsetof(struct allowance, reason), true},
	{.key = "expires", FIELD_WORD, offsetof(struct allowance, expires), false, parse_date,
	 "the dates YYYY-MM-DD"},
	{0},
};
/* clang-format on */

#define OF_CLASS(class) (class) * sizeof(enum disposition)
/* clang-format off */
static const struct field class_fields[] = {
	{.key = "personal", FIELD_WORD, OF_CLASS(CLASS_PERSONAL), true, parse_disposition,
	 DISPOSITIONS},
	{.key = "identity", FIELD_WORD, OF_CLASS(CLASS_IDENTITY), true, parse_disposition,
	 DISPOSITIONS},
	{.key = "service", FIELD_WORD, OF_CLASS(CLASS_SERVICE), true, parse_disposition,
	 DISPOSITIONS},
	{.key = "trace", FIELD_WORD, OF_CLASS(CLASS_TRACE), true, parse_disposition,
	 DISPOSITIONS},
	{.key = "business", FIELD_WORD, OF_CLASS(CLASS_BUSINESS), true, parse_disposition,
	 DISPOSITIONS},
	{0},
};
/* clang-format on */

struct top {
	char *name, *title;
	const struct node *classes, *items, *allow;
	strings remove_accounts, disable_accounts;
	enum severity fail_on;
	enum confidence redact_from;
	bool remove_unredactable, no_inline;
};

/* clang-format off */
static const struct field top_fields[] = {
	{.key = "policy", FIELD_TEXT, offsetof(struct top, name), true,
	 .wrong = record_name_wrong},
	{.key = "title", FIELD_TEXT, offsetof(struct top, title), true},
	{.key = "classes", FIELD_NODE, offsetof(struct top, classes), true},
	{.key = "items", FIELD_NODE, offsetof(struct top, items)},
	{.key = "allow", FIELD_NODE, offsetof(struct top, allow)},
	{.key = "remove-accounts", FIELD_LIST, offsetof(struct top, remove_accounts),
	 .wrong = account_wrong},
	{.key = "disable-accounts", FIELD_LIST, offsetof(struct top, disable_accounts),
	 .wrong = account_wrong},
	{.key = "fail-on", FIELD_WORD, offsetof(struct top, fail_on), false,
	 record_parse_severity, RECORD_SEVERITIES},
	{.key = "redact-from", FIELD_WORD, offsetof(struct top, redact_from), false,
	 record_parse_confidence, RECORD_CONFIDENCES},
	{.key = "unredactable", FIELD_WORD, offsetof(struct top, remove_unredactable), false,
	 parse_unredactable, "report, remove"},
	{.key = "inline-allow", FIELD_WORD, offsetof(struct top, no_inline), false, parse_inline,
	 "honour, ignore"},
	{0},
};
/* clang-format on */

static int read_item(struct document *doc, const struct node *node, void *context)
{
	struct policy *policy = context;
	struct policy_item item = {.line = node->line};
	int r = record_read(doc, node, item_fields, &item);
	vec_each(&policy->items, other) {
		if (r >= 0 && strcmp(other->name, item.name) == 0)
			r = document_fault(doc, item.line, "%s stands in items twice",
					   item.name);
	}
	if (r < 0)
		record_clear(item_fields, &item);
	else
		*vec_add(&policy->items) = item;
	return r;
}

static int read_allowance(struct document *doc, const struct node *node, void *context)
{
	struct policy *policy = context;
	struct allowance *allowance = vec_add(&policy->allow);
	allowance->line = node->line;
	return record_read(doc, node, allow_fields, allowance);
}

int policy_read(struct document *doc, struct policy *policy)
{
	struct top top = {.fail_on = SEVERITY_LOW, .redact_from = CONFIDENCE_MEDIUM};
	policy->file = doc->file;
	int r = record_read(doc, doc->nodes, top_fields, &top);
	policy->name = top.name;
	policy->title = top.title;
	policy->remove_accounts = top.remove_accounts;
	policy->disable_accounts = top.disable_accounts;
	policy->fail_on = top.fail_on;
	policy->redact_from = top.redact_from;
	policy->remove_unredactable = top.remove_unredactable;
	policy->no_inline = top.no_inline;
	if (r >= 0)
		r = record_read(doc, top.classes, class_fields, policy->by_class);
	if (r >= 0 && top.items)
		r = record_each(doc, top.items, "items", read_item, policy);
	if (r >= 0 && top.allow)
		r = record_each(doc, top.allow, "allow", read_allowance, policy);
	return r;
}

void policy_clear(struct policy *policy)
{
	vec_each(&policy->items, item)
		record_clear(item_fields, item);
	vec_each(&policy->allow, allowance)
		record_clear(allow_fields, allowance);
	vec_free(&policy->items);
	vec_free(&policy->allow);
	record_clear_strings(&policy->remove_accounts);
	record_clear_strings(&policy->disable_accounts);
	free(policy->name);
	free(policy->title);
}

static void treat_set(struct policy *policy, const struct policy_item *item)
{
	vec_each(&policy->items, old) {
		if (strcmp(old->name, item->name) != 0)
			continue;
		record_clear(item_fields, old);
		*old = *item;
		return;
	}
	*vec_add(&policy->items) = *item;
}

int policy_treat(struct policy *policy, const char *text, struct buf *fault)
{
	struct policy_item item = {0};
	const char *equals = strchr(text, '=');
	if (!equals || !parse_disposition(equals + 1, &item.disposition)) {
		buf_puts(fault, "--treat takes NAME=ACTION, the action one of " DISPOSITIONS
				", not \"");
		str_quote(fault, text);
		buf_puts(fault, "\"");
		return -EINVAL;
	}
	item.name = mem_strndup(text, (size_t)(equals - text));
	treat_set(policy, &item);
	return 0;
}

int policy_remove_account(struct policy *policy, const char *name, struct buf *fault)
{
	const char *wrong = account_wrong(name);
	if (wrong) {
		buf_puts(fault, "--remove-account: \"");
		str_quote(fault, name);
		buf_printf(fault, "\" %s", wrong);
		return -EINVAL;
	}
	*vec_add(&policy->remove_accounts) = mem_strdup(name);
	return 0;
}

enum disposition policy_for(const struct policy *policy, const char *name, enum class class)
{
	vec_each(&policy->items, item) {
		if (strcmp(item->name, name) == 0)
			return item->disposition;
	}
	return policy->by_class[class];
}

static bool path_covered(const char *glob, const char *path, const char *home, bool any_case)
{
	bool key = realm_of(glob) == REALM_REGISTRY;
	if (key || realm_of(path) == REALM_REGISTRY)
		return key && realm_of(path) == REALM_REGISTRY && keyglob_fits(glob, path);
	if (*glob == '/')
		return glob_path_in(any_case, glob, path);
	size_t len = home ? strlen(home) : 0;
	int other = any_case && len ? fold_compare_n(path, home, len)
				    : strncmp(path, str_or(home, ""), len);
	return len && !other && path[len] == '/' &&
	       glob_path_in(any_case, glob + strlen("~/"), path + len + 1);
}

const struct allowance *policy_allows(const struct policy *policy, const char *name,
				      const char *path, const char *home, bool any_case,
				      bool *ret_expired)
{
	bool expired = false;
	int64_t now = (int64_t)time(NULL);
	vec_each(&policy->allow, allowance) {
		bool named = strcmp(allowance->name, "*") == 0 ||
			     strcmp(allowance->name, name) == 0;
		if (!named || !path_covered(allowance->path, path, home, any_case))
			continue;
		if (!allowance->expires || now < allowance->expires) {
			if (ret_expired)
				*ret_expired = false;
			return allowance;
		}
		expired = true;
	}
	if (ret_expired)
		*ret_expired = expired;
	return NULL;
}
