/* SPDX-License-Identifier: MIT */
/* A Linux guest: accounts and homes from its own files, never from this process's
 * environment or name service. */
#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/str.h"
#include "discover/inside.h"

#define MOST_ACCOUNT_BYTES (64u << 20)

/* Directories that service accounts name as home without it being one. */
static bool is_system_place(const char *path)
{
	static const char *const exact[] = {
		"/",	    "/boot", "/var",   "/var/cache",   "/var/log",     "/var/lib",
		"/var/run", "/home", "/srv",   "/opt",	       "/nonexistent", "/tmp",
		"/var/tmp", "/mnt",  "/media", "/var/backups", "/var/empty",   NULL};
	static const char *const below[] = {
		"/bin", "/sbin", "/usr",       "/lib",	    "/dev",	   "/proc",    "/sys",
		"/run", "/etc",	 "/var/spool", "/var/mail", "/var/cache/", "/var/log/"};
	if (inside_listed(exact, path))
		return true;
	for (size_t i = 0; i < sizeof below / sizeof *below; i++) {
		size_t len = strlen(below[i]);
		if (str_starts(path, below[i]) &&
		    (!path[len] || path[len] == '/' || below[i][len - 1] == '/'))
			return true;
	}
	return false;
}

/* Adds where a home really lies; every link on the way is followed once, here. */
static const char *add_home(struct guest *guest, const char *path)
{
	_cleanup_(buf_free) struct buf real = {0};
	struct plat_info info;
	if (path[0] != '/' || guest_resolve(guest, path, &real) < 0 ||
	    is_system_place(real.data) || guest_look(guest, real.data, &info) < 0 ||
	    info.kind != PLAT_DIR)
		return NULL;
	return guest_add_home(guest, real.data);
}

static bool is_login_shell(const char *shell)
{
	static const char *const closed[] = {"nologin", "false",    "sync",
					     "halt",	"shutdown", NULL};
	return !inside_listed(closed, str_leaf(shell));
}

/* passwd(5): name:password:uid:gid:comment:home:shell */
static void add_account(struct guest *guest, char *line)
{
	char *field[7] = {0};
	size_t n = 0;
	for (char *at = line; at && n < 7; n++) {
		field[n] = at;
		at = strchr(at, ':');
		if (at)
			*at++ = 0;
	}
	uint64_t uid, gid;
	if (n < 6 || !*field[0] || !str_number(field[2], &uid) || !str_number(field[3], &gid) ||
	    uid > UINT32_MAX || gid > UINT32_MAX)
		return;
	const char *home = add_home(guest, field[5]);
	*vec_add(&guest->accounts) = (struct account){
		.name = mem_strdup(field[0]),
		.home = home ? mem_strdup(home) : NULL,
		.uid = (uint32_t)uid,
		.gid = (uint32_t)gid,
		.can_login = is_login_shell(str_or(field[6], "")),
	};
}

static void read_accounts(struct guest *guest)
{
	_cleanup_(buf_wipe) struct buf text = {0};
	int r = guest_read(guest, "/etc/passwd", MOST_ACCOUNT_BYTES, &text);
	if (r < 0) {
		if (r != -ENOENT)
			inside_miss(guest, "/etc/passwd", "the accounts could not be read", r);
		return;
	}
	for (size_t i = 0; i < text.len; i++)
		if (!text.data[i])
			text.data[i] = '?'; /* or it would hide the lines behind it */
	char *save, *line = text.len ? strtok_r(text.data, "\n", &save) : NULL;
	for (; line; line = strtok_r(NULL, "\n", &save))
		add_account(guest, line);
}

/* Homes whose account is gone are homes all the same. */
static void add_orphan_homes(struct guest *guest)
{
	struct plat_dir *dir;
	char *real;
	add_home(guest, "/root");
	if (guest_dir(guest, "/home", &dir, &real) < 0)
		return;
	const char *name;
	enum plat_kind kind;
	while (plat_dir_next(dir, &name, &kind) > 0) {
		_cleanup_free_ char *path = mem_printf("%s/%s", real, name);
		struct plat_info info;
		if (!guest_look(guest, path, &info) && info.kind == PLAT_DIR)
			add_home(guest, path);
	}
	plat_dir_close(dir);
	free(real);
}

/* os-release(5) */
static void read_distribution(struct guest *guest)
{
	_cleanup_(buf_free) struct buf text = {0};
	if (guest_read(guest, "/etc/os-release", 65536, &text) < 0 || !text.len)
		return;
	char *at = strstr(text.data, "PRETTY_NAME=");
	if (!at)
		return;
	at += strlen("PRETTY_NAME=");
	at += *at == '"';
	guest->distribution = mem_strndup(at, strcspn(at, "\"\n"));
}

void inside_linux(struct guest *guest)
{
	read_accounts(guest);
	add_orphan_homes(guest);
	read_distribution(guest);
}
