/* SPDX-License-Identifier: MIT */
/* Who becomes root without a password: rules of sudo, doas and polkit that let
 * somebody do everything. Nothing is changed. */
#include <string.h>

#include "after.h"
#include "base/cleanup.h"
#include "base/str.h"
#include "cloudinit.h"
#include "list.h"
#include "sudo_lines.h"

static void say(struct plan *plan, enum finding_kind kind, const char *path,
		const peek_list *users, const char *what)
{
	struct buf text = {0};
	vec_each(users, user) {
		buf_puts(&text, user == users->v ? "" : ", ");
		str_quote(&text, *user);
	}
	buf_puts(&text, what);
	struct finding *finding = plan_add_finding(plan, kind, "sudo-rules", path);
	finding->class = CLASS_PERSONAL;
	finding->severity = kind == FINDING_NOTE ? SEVERITY_INFO : SEVERITY_MEDIUM;
	finding->text = text.data;
}

/* ---- sudo ---- */

/* Root needs no password anyway. */
static bool is_root(const peek_list *users)
{
	return users->n == 1 &&
	       (strcmp(users->v[0], "root") == 0 || strcmp(users->v[0], "#0") == 0);
}

/* "(ALL) NOPASSWD: SETENV: ALL" in one of the command lists. */
static bool grants_all(const char *rest)
{
	static const char tag[] = "NOPASSWD:";
	for (const char *at = rest; (at = strstr(at, tag));) {
		at += sizeof tag - 1;
		at += strspn(at, " \t");
		for (size_t len = 0; at[len = strcspn(at, " \t:,")] == ':';) {
			at += len + 1;
			at += strspn(at, " \t");
		}
		if (str_starts(at, "ALL") && strchr(" \t,:\r", at[3]))
			return true;
	}
	return false;
}

static void rule_judge(const struct guest *guest, struct plan *plan, const char *path,
		       const struct sudo_line *line)
{
	const char *rest = buf_text(&line->rest);
	if (line->kind == SUDO_DEFAULTS && strstr(rest, "!authenticate")) {
		say(plan, FINDING_POSTURE, path, &line->users,
		    line->users.n ? " may use sudo without a password (!authenticate)"
				  : "everybody in sudoers may use sudo without a password "
				    "(!authenticate)");
		return;
	}
	if (line->kind != SUDO_RULE || !strstr(rest, "NOPASSWD:") || is_root(&line->users))
		return;
	if (!grants_all(rest))
		say(plan, FINDING_NOTE, path, &line->users,
		    " may run certain commands with sudo without a password");
	else if (strcmp(path, "/etc/sudoers.d/90-cloud-init-users") == 0 &&
		 cloudinit_runs(guest))
		say(plan, FINDING_NOTE, path, &line->users,
		    " may do everything with sudo without a password, as cloud-init sets up "
		    "its first user on every clone");
	else
		say(plan, FINDING_POSTURE, path, &line->users,
		    " may do everything with sudo without a password");
}

/* As the file will be without the rules of accounts that go. */
static void sudoers_judge(const struct cleaning *cleaning, struct plan *plan, const char *path)
{
	_cleanup_(buf_free) struct buf text = {0};
	struct sudo_line line;
	if (!after_text(cleaning->guest, cleaning->plan, path, &text))
		return;
	for (const char *at = buf_text(&text); sudo_next(&at, &line); sudo_line_free(&line))
		rule_judge(cleaning->guest, plan, path, &line);
}

static void sudo_judge(const struct cleaning *cleaning, struct plan *plan)
{
	peek_list files = {0};
	peek_list_add(&files, "/etc/sudoers");
	sudo_files(cleaning->guest, &files);
	vec_each(&files, file)
		/* The artefact alibaba-assist-session-user tells of that one. */
		if (strcmp(*file, "/etc/sudoers.d/ecs-assist-user") != 0)
			sudoers_judge(cleaning, plan, *file);
	peek_list_free(&files);
}

/* ---- doas ---- */

static char *word_take(const char **at)
{
	*at += strspn(*at, " \t\r");
	size_t len = strcspn(*at, " \t\r");
	char *word = mem_strndup(*at, len);
	*at += len;
	return word;
}

/* permit [nopass|...|setenv { ... }] identity [as target] [cmd command] */
static void doas_line(struct plan *plan, const char *path, const char *line)
{
	peek_list who = {0};
	bool nopass = false, setenv = false;
	_cleanup_free_ char *first = word_take(&line);
	if (strcmp(first, "permit") != 0)
		return;
	while (!who.n) {
		_cleanup_free_ char *word = word_take(&line);
		if (!*word)
			break;
		nopass |= strcmp(word, "nopass") == 0;
		bool option = strcmp(word, "nopass") == 0 || strcmp(word, "nolog") == 0 ||
			      strcmp(word, "persist") == 0 || strcmp(word, "keepenv") == 0 ||
			      strcmp(word, "setenv") == 0;
		if (!option && !setenv)
			peek_list_add(&who, word);
		setenv = strcmp(word, "setenv") == 0 || (setenv && !str_ends(word, "}"));
	}
	if (nopass && who.n && !is_root(&who))
		say(plan, strstr(line, " cmd ") ? FINDING_NOTE : FINDING_POSTURE, path, &who,
		    strstr(line, " cmd ")
			    ? " may run a certain command with doas without a password"
			    : " may do everything with doas without a password");
	peek_list_free(&who);
}

static void doas_file(const struct guest *guest, struct plan *plan, const char *path)
{
	_cleanup_(buf_free) struct buf text = {0}, line = {0};
	if (!peek_text(guest, path, &text))
		return;
	for (const char *at = buf_text(&text); peek_line(&at, &line);)
		doas_line(plan, path, buf_text(&line));
}

/* ---- polkit ---- */

/* Only what is clear: yes to whatever is asked. */
static void polkit_script(const struct guest *guest, struct plan *plan, const char *path)
{
	static const peek_list nobody = {0};
	_cleanup_(buf_free) struct buf text = {0};
	if (peek_text(guest, path, &text) && strstr(buf_text(&text), "polkit.Result.YES") &&
	    !strstr(buf_text(&text), "action.id") && !strstr(buf_text(&text), "action.lookup"))
		say(plan, FINDING_POSTURE, path, &nobody,
		    "a polkit rule allows every action without a password");
}

static void each_in(const struct guest *guest, struct plan *plan, const char *folder,
		    const char *ending,
		    void (*judge)(const struct guest *, struct plan *, const char *))
{
	peek_list names = {0};
	peek_names(guest, folder, &names);
	vec_each(&names, name) {
		_cleanup_free_ char *path = mem_printf("%s/%s", folder, *name);
		if (str_ends(*name, ending))
			judge(guest, plan, path);
	}
	peek_list_free(&names);
}

static int plan_sudo_rules(const struct cleaning *cleaning, struct plan *plan)
{
	const struct guest *guest = cleaning->guest;
	sudo_judge(cleaning, plan);
	doas_file(guest, plan, "/etc/doas.conf");
	each_in(guest, plan, "/etc/doas.d", ".conf", doas_file);
	each_in(guest, plan, "/etc/polkit-1/rules.d", ".rules", polkit_script);
	return 0;
}

const struct cleaner sudo_rules_cleaner = {
	.name = "sudo-rules",
	.title = "Root without a password",
	.why = "whoever gets into such an account of a clone is root there",
	.advice =
		"take NOPASSWD or nopass away with visudo or in doas.conf, or allow the place "
		"in the policy",
	.class = CLASS_PERSONAL,
	.severity = SEVERITY_MEDIUM,
	.os = GUEST_LINUX,
	.plan = plan_sudo_rules,
};
