/* SPDX-License-Identifier: MIT */
/* Password hashes are locked away with "!": never emptied, which would let
 * everybody in. Every other byte of the files stays as it is. */
#include <errno.h>
#include <string.h>

#include "account_lines.h"
#include "base/cleanup.h"
#include "base/str.h"
#include "list.h"

/* Files of lines `name:password:...`. */
static const struct account_file {
	const char *path;
	bool of_people; /* an empty password lets somebody in */
} files[] = {
	{"/etc/shadow", true},
	{"/etc/gshadow", false},
	{"/etc/passwd", true},
	{"/etc/group", false},
};

static void say(struct plan *plan, const char *path, struct span name, const char *what)
{
	struct buf text = {0};
	_cleanup_free_ char *copy = mem_strndup(name.at, name.len);
	buf_puts(&text, "account \"");
	str_quote(&text, copy);
	buf_puts(&text, what);
	struct finding *finding = plan_add_finding(plan, FINDING_POSTURE, "accounts", path);
	finding->class = CLASS_PERSONAL;
	finding->severity = SEVERITY_HIGH;
	finding->text = text.data;
}

/* Lines of the name service ("+::") and comments are nobody's account. */
static bool is_open(struct span line)
{
	struct span password;
	return line_field(line, 1, &password) && !password.len && *line.at != ':' &&
	       !strchr("+-#", *line.at);
}

static void open_say(const struct cleaning *cleaning, struct plan *plan, const char *path,
		     struct span line)
{
	struct span name;
	if (is_open(line) && line_field(line, 0, &name) &&
	    !span_among(name, &cleaning->policy->remove_accounts))
		say(plan, path, name, "\" has an empty password: give it one or lock it");
}

static void add_locked(struct span line, struct buf *ret)
{
	struct span password;
	line_field(line, 1, &password);
	const char *rest = password.at + password.len;
	buf_add(ret, line.at, (size_t)(password.at - line.at));
	buf_puts(ret, "!");
	buf_add(ret, rest, line.len - (size_t)(rest - line.at));
}

/* Copies `text` with every hash locked; gives how many there were. */
static size_t copy_locked(const struct cleaning *cleaning, struct plan *plan,
			  const struct account_file *file, const struct buf *text,
			  struct buf *ret)
{
	struct span line;
	size_t locked = 0;
	for (size_t at = 0; lines_next(text, &at, &line);) {
		if (file->of_people)
			open_say(cleaning, plan, file->path, line);
		if (line_has_hash(line)) {
			add_locked(line, ret);
			locked++;
		} else {
			buf_add(ret, line.at, line.len);
		}
	}
	return locked;
}

static int file_plan(const struct cleaning *cleaning, struct plan *plan,
		     const struct account_file *file)
{
	_cleanup_(buf_wipe) struct buf text = {0};
	_cleanup_(buf_free) struct buf safe = {0};
	struct step *step;
	int got = lines_read(cleaning, file->path, &text);
	if (got < 0)
		return got == -ENOENT ? 0 : got;
	size_t hashes = copy_locked(cleaning, plan, file, &text, &safe);
	if (!hashes)
		return 0;
	char number[28];
	_cleanup_free_ char *why = mem_printf(
		"password hashes can be cracked by whoever gets the image; "
		"locked: %s",
		str_count(hashes, number));
	got = cleaner_step(cleaning->guest, plan, STEP_REPLACE, file->path, why, &step);
	if (got < 0)
		return got == -ENOENT ? 0 : got;
	step->content = mem_strndup(buf_text(&safe), safe.len);
	step->content_len = safe.len;
	return 0;
}

static void twins_say(const struct guest *guest, struct plan *plan)
{
	vec_each(&guest->accounts, account)
		if (account->uid == 0 && strcmp(account->name, "root") != 0)
			say(plan, "/etc/passwd",
			    (struct span){account->name, strlen(account->name)},
			    "\" is root under another name (uid 0)");
}

static int plan_accounts(const struct cleaning *cleaning, struct plan *plan)
{
	int first = 0;
	for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
		int got = file_plan(cleaning, plan, &files[i]);
		if (!first)
			first = got;
	}
	twins_say(cleaning->guest, plan);
	return first;
}

const struct cleaner accounts_cleaner = {
	.name = "accounts",
	.title = "Account passwords",
	.why = "a password hash travels with the image and can be cracked offline",
	.advice = "have cloud-init or Cloud Assistant set a login on the clone",
	.class = CLASS_PERSONAL,
	.severity = SEVERITY_HIGH,
	.os = GUEST_LINUX,
	.plan = plan_accounts,
};
