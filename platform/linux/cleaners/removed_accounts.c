/* SPDX-License-Identifier: MIT */
/* The accounts that the policy names, with all that is theirs. The passwd line goes
 * last: a run that was cut off finds the account again and goes on. */
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "account_lines.h"
#include "base/cleanup.h"
#include "base/str.h"
#include "list.h"
#include "removal.h"

static void say(struct plan *plan, enum finding_kind kind, const char *path, const char *name,
		const char *what)
{
	struct buf text = {0};
	buf_puts(&text, "account \"");
	str_quote(&text, name);
	buf_printf(&text, "\"%s", what);
	struct finding *finding = plan_add_finding(plan, kind, "removed-accounts", path);
	finding->class = CLASS_PERSONAL;
	finding->severity = kind == FINDING_NOTE ? SEVERITY_INFO : SEVERITY_HIGH;
	finding->text = text.data;
}

/* ---- which ---- */

static bool is_plain_name(const char *name)
{
	return *name && *name != '.' && !strchr(name, '/');
}

/* Adds an account to those that go, or says why it stays. */
static void account_take(const struct cleaning *cleaning, struct plan *plan,
			 const struct account *account, struct removal *removal)
{
	_cleanup_free_ char *unit = NULL;
	_cleanup_free_ char *why = NULL;
	if (!account->uid)
		why = mem_strdup(" is root (uid 0): it is never removed");
	else if (!is_plain_name(account->name))
		why = mem_strdup(" has a name that is no plain one: remove it by hand");
	else if (removal_is_running(cleaning->guest, account->uid))
		why = mem_strdup(" has running processes, so it stays: end them and log it "
				 "out, then run imgsan clean again");
	else if ((unit = removal_unit_of(cleaning->guest, account->name)))
		why = mem_printf(" stays: %s runs as it and would fail on the clone; disable "
				 "that unit first",
				 unit);
	if (why)
		say(plan, FINDING_POSTURE, "/etc/passwd", account->name, why);
	else
		*vec_add(&removal->accounts) = account;
}

/* What sudoers says of somebody who has gone before, as after a first run. */
static void rules_plan(struct plan *plan, const struct removal *removal, const char *name)
{
	_cleanup_free_ char *copy = mem_strdup(name);
	const struct account gone = {.name = copy, .uid = UINT32_MAX};
	if (isalpha((unsigned char)*name) && strcmp(name, "ALL") != 0)
		removal_plan_sudo(plan, removal, &gone);
}

static void choose(const struct cleaning *cleaning, struct plan *plan, struct removal *removal)
{
	vec_each(&cleaning->policy->remove_accounts, name) {
		bool found = false;
		vec_each(&cleaning->guest->accounts, account) {
			if (strcmp(account->name, *name) != 0)
				continue;
			found = true;
			account_take(cleaning, plan, account, removal);
		}
		if (!found && is_plain_name(*name))
			rules_plan(plan, removal, *name);
		if (!found)
			say(plan, FINDING_NOTE, "/etc/passwd", *name,
			    " is to be removed, but there is none of that name");
	}
}

static bool goes(const struct removal *removal, struct span name)
{
	vec_each(&removal->accounts, account)
		if (span_is(name, (*account)->name))
			return true;
	return false;
}

static bool goes_too(const struct removal *removal, const struct account *account)
{
	vec_each(&removal->accounts, going)
		if (*going == account)
			return true;
	return false;
}

/* ---- lines of the account files ---- */

/* Adds what stays of a line. */
typedef void edit_line(struct removal *removal, struct span line, struct buf *ret);

static void edit_named(struct removal *removal, struct span line, struct buf *ret)
{
	struct span name;
	line_field(line, 0, &name);
	if (!goes(removal, name))
		buf_add(ret, line.at, line.len);
}

/* A subuid line may name the account by its number. */
static void edit_range(struct removal *removal, struct span line, struct buf *ret)
{
	struct span name;
	line_field(line, 0, &name);
	vec_each(&removal->accounts, account) {
		_cleanup_free_ char *number = mem_printf("%" PRIu32, (*account)->uid);
		if (span_is(name, number) && !removal_uid_is_shared(removal, *account))
			return;
	}
	edit_named(removal, line, ret);
}

/* Copies "alice,bob" without those that go; gives how many stay. */
static size_t members_add(const struct removal *removal, struct span list, struct buf *ret)
{
	size_t stay = 0;
	const char *end = list.at + list.len;
	for (const char *at = list.at; at < end;) {
		const char *comma = memchr(at, ',', (size_t)(end - at));
		struct span name = {at, (size_t)((comma ? comma : end) - at)};
		at += name.len + (comma != NULL);
		if (goes(removal, name))
			continue;
		buf_puts(ret, stay++ ? "," : "");
		buf_add(ret, name.at, name.len);
	}
	return stay;
}

/* The group of its own that many an account has, when nobody else is in it. */
static bool group_is_private(const struct removal *removal, struct span name, struct span gid)
{
	uint64_t number;
	_cleanup_free_ char *digits = mem_strndup(gid.at, gid.len);
	if (!goes(removal, name) || !str_number(digits, &number))
		return false;
	bool own = false;
	vec_each(&removal->guest->accounts, account) {
		if (account->gid != number)
			continue;
		if (!goes_too(removal, account))
			return false;
		own |= span_is(name, account->name);
	}
	return own;
}

/* A line of group(5) or gshadow(5): lists of names from a certain field on. */
static size_t lists_add(const struct removal *removal, struct span line, unsigned from,
			struct buf *ret)
{
	struct span field;
	size_t stay = 0;
	line_field(line, from, &field);
	buf_add(ret, line.at, (size_t)(field.at - line.at));
	for (unsigned i = from; i < 4 && line_field(line, i, &field); i++) {
		buf_puts(ret, i > from ? ":" : "");
		stay += members_add(removal, field, ret);
	}
	const char *rest = field.at + field.len;
	buf_add(ret, rest, line.len - (size_t)(rest - line.at));
	return stay;
}

static void edit_group(struct removal *removal, struct span line, struct buf *ret)
{
	struct span name, gid, members;
	if (!line_field(line, 3, &members)) {
		buf_add(ret, line.at, line.len);
		return;
	}
	line_field(line, 0, &name);
	line_field(line, 2, &gid);
	size_t before = ret->len;
	if (lists_add(removal, line, 3, ret) || !group_is_private(removal, name, gid))
		return;
	buf_cut(ret, before);
	*vec_add(&removal->groups) = mem_strndup(name.at, name.len);
}

/* Behind edit_group, which knows the groups that go. */
static void edit_gshadow(struct removal *removal, struct span line, struct buf *ret)
{
	struct span name, members;
	line_field(line, 0, &name);
	if (span_among(name, &removal->groups))
		return;
	if (line_field(line, 3, &members))
		lists_add(removal, line, 2, ret);
	else
		buf_add(ret, line.at, line.len);
}

static const struct edited_file {
	const char *path;
	edit_line *edit;
	bool passwords, last;
} files[] = {
	{"/etc/group", edit_group, true, false},   {"/etc/gshadow", edit_gshadow, true, false},
	{"/etc/shadow", edit_named, true, false},  {"/etc/subuid", edit_range, false, false},
	{"/etc/subgid", edit_range, false, false}, {"/etc/passwd", edit_named, true, true},
};

static int file_plan(const struct cleaning *cleaning, struct plan *plan,
		     struct removal *removal, const struct edited_file *file)
{
	_cleanup_(buf_wipe) struct buf text = {0};
	_cleanup_(buf_wipe) struct buf left = {0};
	struct span line;
	struct step *step;
	int got = lines_read(cleaning, file->path, &text);
	if (got < 0)
		return got == -ENOENT ? 0 : got;
	buf_reserve(&left, text.len);
	for (size_t at = 0; lines_next(&text, &at, &line);)
		file->edit(removal, line, &left);
	if (left.len == text.len)
		return 0;
	/* A step holds no secret, so the accounts cleaner has to lock them first. */
	if (file->passwords && lines_have_hash(&left))
		return -EKEYREJECTED;
	got = cleaner_step(cleaning->guest, plan, STEP_REPLACE, file->path,
			   "without the accounts that the policy removes", &step);
	if (got < 0)
		return got == -ENOENT ? 0 : got;
	step->content = mem_strndup(buf_text(&left), left.len);
	step->content_len = left.len;
	step->last = file->last;
	return 0;
}

/* ---- homes ---- */

static void home_plan(struct plan *plan, const struct removal *removal,
		      const struct account *account)
{
	struct plat_info info;
	struct step *step;
	const char *home = account->home;
	if (!home || guest_look(removal->guest, home, &info) < 0)
		return;
	size_t len = strlen(home);
	vec_each(&removal->guest->accounts, other) {
		bool inside = other->home && strncmp(other->home, home, len) == 0 &&
			      (!other->home[len] || other->home[len] == '/');
		if (!inside || goes_too(removal, other))
			continue;
		say(plan, FINDING_POSTURE, home, account->name,
		    " goes, but its home stays: it is, or holds, the home of another account");
		return;
	}
	if (info.owner != account->uid) {
		say(plan, FINDING_POSTURE, home, account->name,
		    " goes, but its home stays: it belongs to somebody else");
		return;
	}
	if (removal_has_step(plan, home))
		return;
	(void)cleaner_step(removal->guest, plan, STEP_REMOVE, home,
			   "the home of an account that the policy removes", &step);
}

/* Half an account is worse than one: either all of its lines can go or none. */
static void stay_all(struct plan *plan, const struct removal *removal)
{
	vec_each(&plan->steps, step)
		step_clear(step);
	plan->steps.n = 0;
	vec_each(&removal->accounts, account)
		say(plan, FINDING_POSTURE, "/etc/shadow", (*account)->name,
		    " stays, because the password hashes beside its own are kept and no step "
		    "may hold them: let the cleaner accounts lock them, or use userdel");
}

static int lines_plan(const struct cleaning *cleaning, struct plan *plan,
		      struct removal *removal)
{
	int first = 0;
	for (size_t i = 0; removal->accounts.n && i < sizeof files / sizeof *files; i++) {
		int got = file_plan(cleaning, plan, removal, &files[i]);
		if (got == -EKEYREJECTED)
			return got;
		if (!first)
			first = got;
	}
	return first;
}

static void disabled_say(const struct cleaning *cleaning, struct plan *plan)
{
	vec_each(&cleaning->policy->disable_accounts, name)
		say(plan, FINDING_POSTURE, "/etc/passwd", *name,
		    " is to be disabled, which is done on a running Windows only: usermod -L -e 1 "
		    "-s /usr/sbin/nologin");
}

static int plan_removed(const struct cleaning *cleaning, struct plan *plan)
{
	struct removal removal = {.guest = cleaning->guest};
	choose(cleaning, plan, &removal);
	disabled_say(cleaning, plan);
	int got = lines_plan(cleaning, plan, &removal);
	if (got == -EKEYREJECTED) {
		stay_all(plan, &removal);
		removal_free(&removal);
		return 0;
	}
	vec_each(&removal.accounts, account) {
		home_plan(plan, &removal, *account);
		removal_plan_places(plan, &removal, *account);
		removal_plan_sudo(plan, &removal, *account);
	}
	removal_free(&removal);
	return got;
}

const struct cleaner removed_accounts_cleaner = {
	.name = "removed-accounts",
	.title = "Accounts that the policy removes",
	.why = "an account that was only for making the image is a way into every clone",
	.advice = "look for files that the account has elsewhere: find / -xdev -nouser",
	.class = CLASS_PERSONAL,
	.severity = SEVERITY_HIGH,
	.os = GUEST_LINUX,
	.plan = plan_removed,
};
