/* SPDX-License-Identifier: MIT */
#include "removal.h"

#include <inttypes.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/str.h"
#include "peek.h"
#include "sudo_lines.h"
#include "units.h"

void removal_free(struct removal *removal)
{
	vec_each(&removal->groups, group)
		free(*group);
	vec_free(&removal->groups);
	vec_free(&removal->accounts);
}

/* ---- whether it is in use ---- */

bool removal_is_running(const struct guest *guest, uint32_t uid)
{
	struct plat_dir *proc;
	struct plat_info info;
	const char *name;
	enum plat_kind kind;
	uint64_t number;
	bool found = false;
	if (!guest->live || plat_dir_open("/proc", &proc) < 0)
		return false;
	while (!found && plat_dir_next(proc, &name, &kind) > 0)
		found = str_number(name, &number) && plat_info_at(proc, name, &info) == 0 &&
			info.owner == uid;
	plat_dir_close(proc);
	return found;
}

static bool runs_as(const char *text, const char *name)
{
	_cleanup_(buf_free) struct buf line = {0};
	bool found = false;
	while (peek_line(&text, &line)) {
		const char *value = peek_value(buf_text(&line), "User");
		size_t len = value ? strcspn(value, " \t\r") : 0;
		if (value)
			found = strlen(name) == len && strncmp(value, name, len) == 0;
	}
	return found; /* the last one counts */
}

char *removal_unit_of(const struct guest *guest, const char *name)
{
	peek_list units = {0};
	char *found = NULL;
	units_started(guest, &units);
	for (size_t i = 0; i < units.n && !found; i++) {
		_cleanup_(buf_free) struct buf text = {0};
		if (units_text(guest, units.v[i], &text) && runs_as(buf_text(&text), name))
			found = mem_strdup(units.v[i]);
	}
	peek_list_free(&units);
	return found;
}

bool removal_uid_is_shared(const struct removal *removal, const struct account *account)
{
	vec_each(&removal->guest->accounts, other)
		if (other != account && other->uid == account->uid)
			return true;
	return false;
}

/* ---- places ---- */

bool removal_has_step(const struct plan *plan, const char *path)
{
	vec_each(&plan->steps, step)
		if (strcmp(step->path, path) == 0)
			return true;
	return false;
}

/* A link on the way is followed, so two paths may lead to one place. */
static void take(struct plan *plan, const struct removal *removal, const char *path)
{
	struct step *step;
	if (cleaner_step(removal->guest, plan, STEP_REMOVE, path,
			 "belongs to an account that the policy removes", &step) < 0)
		return;
	for (size_t i = 0; i + 1 < plan->steps.n; i++)
		if (strcmp(plan->steps.v[i].path, step->path) == 0) {
			step_clear(step);
			plan->steps.n--;
			return;
		}
}

/* Files named after the account; a directory only when it is its own. */
static void take_named(struct plan *plan, const struct removal *removal,
		       const struct account *account, const char *folder)
{
	struct plat_info info;
	_cleanup_free_ char *path = mem_printf("%s/%s", folder, account->name);
	if (guest_look(removal->guest, path, &info) < 0)
		return;
	if (info.kind == PLAT_FILE || (info.kind == PLAT_DIR && info.owner == account->uid))
		take(plan, removal, path);
}

/* Jobs of at(1) are told by who owns them. */
static void take_owned(struct plan *plan, const struct removal *removal,
		       const struct account *account, const char *folder)
{
	struct plat_info info;
	peek_list names = {0};
	peek_names(removal->guest, folder, &names);
	vec_each(&names, name) {
		_cleanup_free_ char *path = mem_printf("%s/%s", folder, *name);
		if (guest_look(removal->guest, path, &info) == 0 && info.kind == PLAT_FILE &&
		    info.owner == account->uid)
			take(plan, removal, path);
	}
	peek_list_free(&names);
}

void removal_plan_places(struct plan *plan, const struct removal *removal,
			 const struct account *account)
{
	static const char *const named[] = {"/var/spool/cron/crontabs",
					    "/var/spool/cron",
					    "/var/spool/cron/tabs",
					    "/var/mail",
					    "/var/spool/mail",
					    "/var/lib/systemd/linger",
					    "/var/lib/AccountsService/users",
					    "/var/lib/AccountsService/icons",
					    "/etc/ssh/authorized_keys.d",
					    "/var/lib/sudo/lectured",
					    "/var/lib/sudo/ts",
					    "/var/db/sudo/lectured"};
	static const char *const jobs[] = {"/var/spool/cron/atjobs", "/var/spool/at",
					   "/var/spool/atjobs"};
	for (size_t i = 0; i < sizeof named / sizeof *named; i++)
		take_named(plan, removal, account, named[i]);
	if (removal_uid_is_shared(removal, account))
		return;
	for (size_t i = 0; i < sizeof jobs / sizeof *jobs; i++)
		take_owned(plan, removal, account, jobs[i]);
	_cleanup_free_ char *manager = mem_printf(
		"/etc/systemd/system/user@%" PRIu32 ".service.d", account->uid);
	_cleanup_free_ char *slice = mem_printf("/etc/systemd/system/user-%" PRIu32 ".slice.d",
						account->uid);
	take(plan, removal, manager);
	take(plan, removal, slice);
}

/* ---- sudo ---- */

/* By its name, by a number that nobody else has, or by a group that goes with it. */
static bool is_user(const struct removal *removal, const struct account *account,
		    const char *user)
{
	_cleanup_free_ char *number = mem_printf("#%" PRIu32, account->uid);
	if (*user == '%')
		vec_each(&removal->groups, group)
			if (strcmp(user + 1, *group) == 0)
				return true;
	return strcmp(user, account->name) == 0 ||
	       (strcmp(user, number) == 0 && !removal_uid_is_shared(removal, account));
}

static bool names_user(const struct removal *removal, const struct account *account,
		       const peek_list *users)
{
	vec_each(users, user)
		if (is_user(removal, account, *user))
			return true;
	return false;
}

/* "User_Alias BUILDERS = alice, bob" */
static bool alias_names(const struct account *account, const char *text)
{
	size_t len = strlen(account->name);
	const char *at = strchr(text, '=');
	for (; at && (at = strstr(at, account->name)); at += len)
		if (strchr(" \t,=", at[-1]) && strchr(" \t,:\r", at[len]))
			return true;
	return false;
}

/* What a file would be without the lines that are only about the account. */
struct sudo_left {
	struct buf text;
	bool changed, rules; /* something other than comments stays */
	bool mentioned;	     /* in a line that stays */
};

static void sudo_read(const struct removal *removal, const struct account *account,
		      const char *text, struct sudo_left *ret)
{
	struct sudo_line line;
	for (; sudo_next(&text, &line); sudo_line_free(&line)) {
		bool named = names_user(removal, account, &line.users);
		if (named && line.users.n == 1) {
			ret->changed = true;
			continue;
		}
		ret->rules |= line.kind != SUDO_NOTHING;
		ret->mentioned |= named || (line.kind == SUDO_ALIAS &&
					    alias_names(account, buf_text(&line.rest)));
		buf_add(&ret->text, line.raw, line.raw_len);
	}
}

static void sudo_say(struct plan *plan, const struct account *account, const char *path)
{
	struct buf text = {0};
	buf_puts(&text, "account \"");
	str_quote(&text, account->name);
	buf_puts(&text, "\" goes, but this file names it: take it out with visudo");
	struct finding *finding = plan_add_finding(plan, FINDING_POSTURE, "removed-accounts",
						   path);
	finding->severity = SEVERITY_MEDIUM;
	finding->text = text.data;
}

/* An account that went before may have changed the file already. */
static struct step *replaced_before(struct plan *plan, const char *path)
{
	vec_each(&plan->steps, step)
		if (step->action == STEP_REPLACE && strcmp(step->path, path) == 0)
			return step;
	return NULL;
}

static void sudo_write(struct plan *plan, const struct removal *removal, const char *path,
		       struct sudo_left *left)
{
	struct step *step = replaced_before(plan, path);
	enum action action = left->rules ? STEP_REPLACE : STEP_REMOVE;
	if (step)
		step->action = action;
	else if (cleaner_step(removal->guest, plan, action, path,
			      "its rules are for an account that the policy removes",
			      &step) < 0)
		return;
	free(step->content);
	step->content = left->rules ? mem_strndup(buf_text(&left->text), left->text.len) : NULL;
	step->content_len = left->rules ? left->text.len : 0;
}

void removal_plan_sudo(struct plan *plan, const struct removal *removal,
		       const struct account *account)
{
	peek_list files = {0};
	sudo_files(removal->guest, &files);
	peek_list_add(&files, "/etc/sudoers");
	vec_each(&files, file) {
		_cleanup_(buf_free) struct buf text = {0};
		struct sudo_left left = {0};
		const struct step *before = replaced_before(plan, *file);
		if (before)
			buf_add(&text, before->content, before->content_len);
		else if (!peek_text(removal->guest, *file, &text))
			continue;
		if (strlen(buf_text(&text)) < text.len)
			continue; /* sudo does not take a NUL either */
		sudo_read(removal, account, buf_text(&text), &left);
		bool main_file = strcmp(*file, "/etc/sudoers") == 0;
		if (left.mentioned || (left.changed && main_file))
			sudo_say(plan, account, *file);
		else if (left.changed)
			sudo_write(plan, removal, *file, &left);
		buf_free(&left.text);
	}
	peek_list_free(&files);
}
