/* SPDX-License-Identifier: MIT */
/* Passwords that Windows keeps so that something can log on without anybody: of services that
 * run as an account (ObjectName of a service's key is lpServiceStartName of
 * QUERY_SERVICE_CONFIG), of scheduled tasks (LogonType "Password" of a principal, Task
 * Scheduler Schema), of the machine's own logon. They are secrets of the LSA or of SYSTEM's
 * Credential Manager. What needs them would fail without, so they are told and stay. */
#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/fold.h"
#include "base/str.h"
#include "keys.h"
#include "list.h"

#define SERVICES "HKLM\\SYSTEM\\CurrentControlSet\\Services\\"
#define SECRETS "HKLM\\SECURITY\\Policy\\Secrets\\"
#define TASKS "/Windows/System32/Tasks"

enum { MOST_TASK = 1 << 20, MOST_DEPTH = 32 };

/* ---- services ---- */

/* Accounts that have no password, or one that the domain looks after ("$"). Of a driver it
 * is the name of its object. */
static bool is_built_in(const char *account)
{
	static const char *const prefixes[] = {"NT AUTHORITY\\", "NT SERVICE\\", "\\"};
	static const char *const names[] = {"", "LocalSystem", ".\\LocalSystem", "LocalService",
					    "NetworkService"};
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (fold_compare(account, names[i]) == 0)
			return true;
	for (size_t i = 0; i < sizeof prefixes / sizeof *prefixes; i++)
		if (fold_compare_n(account, prefixes[i], strlen(prefixes[i])) == 0)
			return true;
	return str_ends(account, "$");
}

static int on_service(const char *name, void *context)
{
	struct plan *plan = context;
	struct plat_key *secret;
	_cleanup_free_ char *key = mem_printf(SERVICES "%s", name);
	_cleanup_free_ char *account = keys_text(key, "ObjectName");
	if (!account || is_built_in(account))
		return 0;
	_cleanup_free_ char *place = mem_printf("%s\\\\ObjectName", key);
	_cleanup_free_ char *where = mem_printf(SECRETS "_SC_%s", name);
	int r = plat_key_open(where, &secret);
	if (!r)
		plat_key_close(secret);
	if (r == -ENOENT && keys_has("HKLM\\SECURITY\\Policy\\Secrets"))
		return 0; /* none is stored */
	keys_say(plan, FINDING_POSTURE, place,
		 mem_printf("the service %s runs as %s, and the password of that account %s on "
			    "this disk (LSA secret _SC_%s): every clone carries it",
			    name, account, r ? "is most likely stored" : "is stored", name));
	return 0;
}

static void check_logon(struct plan *plan)
{
	if (keys_has(SECRETS "DefaultPassword"))
		keys_say(
			plan, FINDING_POSTURE, SECRETS "DefaultPassword",
			mem_strdup("a password with which this machine logs somebody on by "
				   "itself is stored (LSA secret DefaultPassword): every clone "
				   "carries it; switch that off with the tool that set it"));
}

/* ---- tasks ---- */

/* The characters of a task's file that are ASCII: UTF-16 as a rule. */
static void narrow(const struct buf *from, struct buf *out)
{
	for (size_t i = 0; i < from->len; i++)
		if (from->data[i] && !(from->data[i] & 0x80))
			buf_add(out, from->data + i, 1);
}

/* What stands in the first <name>...</name> from `from` on; allocated or NULL. */
static char *element(const char *from, const char *name)
{
	_cleanup_free_ char *open = mem_printf("<%s>", name);
	const char *at = strstr(from, open);
	if (!at)
		return NULL;
	at += strlen(open);
	return mem_strndup(at, strcspn(at, "<"));
}

static void judge_task(const char *path, const struct buf *file, struct plan *plan)
{
	_cleanup_(buf_free) struct buf text = {0};
	narrow(file, &text);
	_cleanup_free_ char *logon = element(buf_text(&text), "LogonType");
	const char *principal = strstr(buf_text(&text), "<Principal");
	_cleanup_free_ char *user = principal ? element(principal, "UserId") : NULL;
	if (!logon || (strcmp(logon, "Password") != 0 &&
		       strcmp(logon, "InteractiveTokenOrPassword") != 0))
		return;
	keys_say(plan, FINDING_POSTURE, path,
		 mem_printf("the scheduled task runs as %s with a password that is stored on "
			    "this disk: every clone carries it",
			    str_or(user, "an account")));
}

static int look_at_task(struct plat_dir *dir, const char *name, const char *path,
			struct plan *plan)
{
	_cleanup_(buf_free) struct buf file = {0};
	struct plat_file *open;
	int r = plat_file_open_at(dir, name, &open);
	if (r < 0)
		return r;
	r = plat_file_slurp(open, MOST_TASK, &file);
	plat_file_close(open);
	if (!r)
		judge_task(path, &file, plan);
	return r;
}

static int look_at_tasks(struct plat_dir *dir, const char *path, unsigned depth,
			 struct plan *plan)
{
	const char *name;
	enum plat_kind kind;
	int r, first = 0;
	while ((r = plat_dir_next(dir, &name, &kind)) > 0) {
		_cleanup_free_ char *place = mem_printf("%s/%s", path, name);
		struct plat_dir *below;
		if (kind == PLAT_DIR && depth < MOST_DEPTH) {
			r = plat_dir_open_at(dir, name, &below);
			if (!r) {
				r = look_at_tasks(below, place, depth + 1, plan);
				plat_dir_close(below);
			}
		} else {
			r = kind == PLAT_FILE ? look_at_task(dir, name, place, plan) : 0;
		}
		first = first ? first : r;
	}
	return first ? first : r;
}

static int plan_stored_passwords(const struct cleaning *cleaning, struct plan *plan)
{
	struct plat_dir *dir;
	char *path;
	int services = 0;
	if (cleaning->guest->live) {
		services = keys_each("HKLM\\SYSTEM\\CurrentControlSet\\Services", on_service,
				     plan);
		check_logon(plan);
	}
	int r = guest_dir(cleaning->guest, TASKS, &dir, &path);
	if (!r) {
		r = look_at_tasks(dir, path, 0, plan);
		plat_dir_close(dir);
		free(path);
	}
	return services ? services : r == -ENOENT ? 0 : r;
}

const struct cleaner stored_passwords_cleaner = {
	.name = "stored-passwords",
	.title = "Passwords of services and tasks",
	.why = "Windows keeps the password of an account for something that logs on with it",
	.advice = "Give services and tasks a managed account or one that is built in, or have "
		  "each clone set their passwords anew.",
	.class = CLASS_SERVICE,
	.severity = SEVERITY_HIGH,
	.os = GUEST_WINDOWS,
	.plan = plan_stored_passwords,
};
