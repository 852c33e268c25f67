/* SPDX-License-Identifier: MIT */
/* Password hashes are locked away with "!": never emptied, which would let
 * everybody in. Every other byte of the files stays as it is. */
#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/str.h"
#include "cloudinit.h"
#include "list.h"
#include "peek.h"

enum { MOST_BYTES = 64 << 20, SHORTEST_HASH = 13 /* traditional DES */ };

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

static struct finding *say(struct plan *plan, const char *path, char *text)
{
	struct finding *finding = plan_add_finding(plan, FINDING_POSTURE, "accounts", path);
	finding->class = CLASS_PERSONAL;
	finding->severity = SEVERITY_HIGH;
	finding->text = text;
	return finding;
}

/* One line, taken apart in place. */
struct record {
	const char *name;
	size_t name_len;
	const char *password;
	size_t password_len;
};

static bool record_parse(const char *line, size_t len, struct record *ret)
{
	const char *colon = memchr(line, ':', len);
	if (!colon)
		return false;
	size_t rest = len - (size_t)(colon + 1 - line);
	const char *end = memchr(colon + 1, ':', rest);
	*ret = (struct record){line, (size_t)(colon - line), colon + 1,
			       end ? (size_t)(end - colon - 1) : rest};
	return true;
}

/* A locked hash ("!$6$...") can be cracked like any other. Marks such as "*",
 * "!!", "*LK*" and the "x" that points to the shadow file are none. */
static bool is_hash(const struct record *record)
{
	const char *at = record->password;
	size_t len = record->password_len;
	bool locked = len && (*at == '!' || *at == '*');
	while (len && (*at == '!' || *at == '*'))
		at++, len--;
	if (locked || *record->name == '#')
		return memchr(at, '$', len) || len >= SHORTEST_HASH;
	return len && !(len == 1 && *at == 'x');
}

/* Lines of the name service ("+::") and comments are nobody's account. */
static bool is_open(const struct record *record)
{
	return !record->password_len && record->name_len && !strchr("+-#", *record->name);
}

static void open_say(struct plan *plan, const char *path, const struct record *record)
{
	struct buf text = {0};
	_cleanup_free_ char *name = mem_strndup(record->name, record->name_len);
	buf_puts(&text, "account \"");
	str_quote(&text, name);
	buf_puts(&text, "\" has an empty password: give it one or lock it");
	say(plan, path, text.data);
}

/* Somebody who could log in with a password before it was locked, now or by an
 * earlier run. */
static bool is_shut_out(const struct guest *guest, const struct record *record)
{
	bool locked = record->password_len == 1 && *record->password == '!';
	vec_each(&guest->accounts, account)
		if (strlen(account->name) == record->name_len &&
		    memcmp(account->name, record->name, record->name_len) == 0)
			return account->can_login && (locked || is_hash(record));
	return false;
}

/* Copies `text` with every hash locked; gives how many there were. */
static size_t copy_locked(const struct guest *guest, struct plan *plan,
			  const struct account_file *file, const struct buf *text,
			  struct buf *ret, size_t *shut_out)
{
	size_t locked = 0;
	for (size_t at = 0; at < text->len;) {
		const char *line = text->data + at;
		const char *end = memchr(line, '\n', text->len - at);
		size_t len = end ? (size_t)(end - line) : text->len - at;
		struct record record = {0};
		bool parsed = record_parse(line, len, &record);
		at += len + (end != NULL);
		if (parsed && file->of_people && is_open(&record))
			open_say(plan, file->path, &record);
		if (parsed && file->of_people)
			*shut_out += is_shut_out(guest, &record);
		if (!parsed || !is_hash(&record)) {
			buf_add(ret, line, len + (end != NULL));
			continue;
		}
		const char *rest = record.password + record.password_len;
		buf_add(ret, line, (size_t)(record.password - line));
		buf_puts(ret, "!");
		buf_add(ret, rest, len + (end != NULL) - (size_t)(rest - line));
		locked++;
	}
	return locked;
}

static int file_plan(const struct guest *guest, struct plan *plan,
		     const struct account_file *file, size_t *shut_out)
{
	_cleanup_(buf_wipe) struct buf text = {0};
	_cleanup_(buf_free) struct buf safe = {0};
	struct plat_info info;
	struct step *step;
	/* Room enough at once: growing would leave a copy behind, unwiped. */
	if (guest_look(guest, file->path, &info) == 0 && info.size < MOST_BYTES)
		buf_reserve(&text, (size_t)info.size * 2 + 65536);
	int got = guest_read(guest, file->path, MOST_BYTES, &text);
	if (got < 0)
		return got == -ENOENT ? 0 : got;
	size_t hashes = copy_locked(guest, plan, file, &text, &safe, shut_out);
	if (!hashes)
		return 0;
	char number[28];
	_cleanup_free_ char *why = mem_printf(
		"password hashes can be cracked by whoever gets the image; "
		"locked: %s",
		str_count(hashes, number));
	got = cleaner_step(guest, plan, STEP_REPLACE, file->path, why, &step);
	if (got < 0)
		return got == -ENOENT ? 0 : got;
	step->content = mem_strndup(buf_text(&safe), safe.len);
	step->content_len = safe.len;
	return 0;
}

static void twins_say(const struct guest *guest, struct plan *plan)
{
	vec_each(&guest->accounts, account) {
		if (account->uid != 0 || strcmp(account->name, "root") == 0)
			continue;
		struct buf text = {0};
		buf_puts(&text, "account \"");
		str_quote(&text, account->name);
		buf_puts(&text, "\" is root under another name (uid 0)");
		say(plan, "/etc/passwd", text.data);
	}
}

/* Keys for logging in go with every home, so only what the cloud puts in place
 * at boot counts. */
static bool way_in(const struct guest *guest)
{
	return cloudinit_runs(guest) || guest_has(guest, "/usr/local/share/aliyun-assist");
}

static int plan_accounts(const struct cleaning *cleaning, struct plan *plan)
{
	const struct guest *guest = cleaning->guest;
	size_t shut_out = 0;
	int first = 0;
	for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
		int got = file_plan(guest, plan, &files[i], &shut_out);
		if (!first)
			first = got;
	}
	twins_say(guest, plan);
	if (shut_out && !way_in(guest))
		say(plan, "/etc/shadow",
		    mem_strdup("nobody could log in to the clone: passwords are "
			       "locked and removed login keys come back only with "
			       "cloud-init or Cloud Assistant, which are not active "
			       "here. The passwords are locked all the same"));
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
