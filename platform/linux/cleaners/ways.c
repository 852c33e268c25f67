/* SPDX-License-Identifier: MIT */
/* Where the disk does not tell for certain, a thing that the plan leaves alone counts
 * as a way in: what was one before stays one, what was none the plan does not take. */
#include "ways.h"

#include <strings.h>

#include "account_lines.h"
#include "after.h"
#include "base/cleanup.h"
#include "base/glob.h"
#include "base/str.h"
#include "cloudinit.h"
#include "sshd_config.h"
#include "units.h"

/* passwd or shadow; a guest may have a hundred thousand accounts. */
struct book {
	struct buf text;
	VEC(struct span) lines; /* sorted by name, then as they stand */
	bool read;
};

struct look {
	const struct guest *guest;
	const struct plan *plan;
	const peek_list *units; /* that a boot starts */
	sshd_config ssh;
	bool sshd, console;
	struct book passwd, shadow;
	struct ways *ways;
};

static void add(struct look *look, const char *what, const char *whose)
{
	_cleanup_(buf_free) struct buf text = {0};
	buf_puts(&text, what);
	if (whose) {
		buf_puts(&text, " of \"");
		str_quote(&text, whose);
		buf_puts(&text, "\"");
	}
	if (!peek_list_has(&look->ways->list, buf_text(&text)))
		peek_list_add(&look->ways->list, buf_text(&text));
}

static bool has_any(const struct guest *guest, const char *const *paths)
{
	for (; *paths; paths++)
		if (guest_has(guest, *paths))
			return true;
	return false;
}

static bool has_sshd(const struct guest *guest)
{
	static const char *const servers[] = {"/usr/sbin/sshd",	      "/usr/bin/sshd",
					      "/usr/local/sbin/sshd", "/usr/sbin/dropbear",
					      "/usr/bin/dropbear",    NULL};
	return has_any(guest, servers) && !units_masked(guest, "ssh.service") &&
	       !units_masked(guest, "sshd.service");
}

static bool has_console(const struct guest *guest)
{
	static const char *const gettys[] = {"/sbin/agetty",	"/usr/sbin/agetty",
					     "/usr/bin/agetty", "/sbin/getty",
					     "/sbin/mingetty",	NULL};
	return has_any(guest, gettys);
}

/* ---- accounts ---- */

static int compare_names(struct span a, const char *name, size_t len)
{
	struct span field;
	line_field(a, 0, &field);
	int order = memcmp(field.at, name, field.len < len ? field.len : len);
	return order ? order : (field.len > len) - (field.len < len);
}

static int compare_lines(const void *a, const void *b)
{
	const struct span *x = a, *y = b;
	struct span name;
	line_field(*y, 0, &name);
	int order = compare_names(*x, name.at, name.len);
	return order ? order : (x->at > y->at) - (x->at < y->at);
}

static void book_read(const struct look *look, const char *path, struct book *ret)
{
	const struct cleaning cleaning = {.guest = look->guest, .plan = look->plan};
	struct span line;
	ret->read = lines_read(&cleaning, path, &ret->text) == 0;
	for (size_t at = 0; ret->read && lines_next(&ret->text, &at, &line);)
		*vec_add(&ret->lines) = line;
	if (ret->lines.n)
		qsort(ret->lines.v, ret->lines.n, sizeof *ret->lines.v, compare_lines);
}

static void book_wipe(struct book *book)
{
	vec_free(&book->lines);
	buf_wipe(&book->text);
}

/* The first line of an account, or false. */
static bool line_of(const struct book *book, const char *name, struct span *ret)
{
	size_t low = 0, high = book->lines.n, len = strlen(name);
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (compare_names(book->lines.v[middle], name, len) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == book->lines.n || compare_names(book->lines.v[low], name, len) != 0)
		return false;
	*ret = book->lines.v[low];
	return true;
}

static bool stays(const struct look *look, const struct account *account)
{
	struct span line;
	return !look->passwd.read || line_of(&look->passwd, account->name, &line);
}

static bool root_may(const struct look *look, const struct account *account, bool by_password)
{
	if (account->uid)
		return true;
	return by_password ? sshd_config_is(&look->ssh, "PermitRootLogin", "yes", false)
			   : !sshd_config_is(&look->ssh, "PermitRootLogin", "no", false);
}

/* A password that opens: a hash that is not locked, or none at all. */
static bool opens(const struct book *book, const char *name)
{
	struct span line, password;
	if (!line_of(book, name, &line) || !line_field(line, 1, &password))
		return false;
	return !password.len ||
	       (*password.at != '!' && *password.at != '*' && line_has_hash(line));
}

static void passwords(struct look *look)
{
	bool by_ssh = look->sshd &&
		      !sshd_config_is(&look->ssh, "PasswordAuthentication", "no", false);
	vec_each(&look->guest->accounts, account)
		if (account->can_login && stays(look, account) &&
		    (look->console || (by_ssh && root_may(look, account, true))) &&
		    (opens(&look->shadow, account->name) ||
		     opens(&look->passwd, account->name)))
			add(look, "password", account->name);
}

/* A line with a key that is not bound to a certain command. */
static bool has_key(const char *text)
{
	static const char *const types[] = {"ssh-rsa ", "ssh-ed25519 ", "ecdsa-sha2-",
					    "sk-ssh-",	"sk-ecdsa-",	"ssh-dss "};
	_cleanup_(buf_free) struct buf line = {0};
	while (peek_line(&text, &line)) {
		const char *at = buf_text(&line) + strspn(buf_text(&line), " \t");
		for (size_t i = 0; *at != '#' && i < sizeof types / sizeof *types; i++)
			if (strstr(at, types[i]) && !strstr(at, "command=\""))
				return true;
	}
	return false;
}

/* A word of AuthorizedKeysFile: %h, %u, %%; below the home when it is relative. */
static char *keys_path(const struct account *account, const char *word, size_t len)
{
	struct buf path = {0};
	if (*word != '/' && *word != '%')
		buf_printf(&path, "%s/", str_or(account->home, ""));
	for (size_t i = 0; i < len; i++) {
		char next = i + 1 < len ? word[i + 1] : 0;
		if (word[i] != '%')
			buf_add(&path, word + i, 1);
		else if (next == 'h' || next == 'u' || next == '%')
			buf_puts(&path, next == 'h'   ? str_or(account->home, "")
					: next == 'u' ? account->name
						      : "%");
		i += word[i] == '%';
	}
	return path.data ? path.data : mem_strdup("");
}

static bool has_keys(const struct look *look, const struct account *account)
{
	const char *files = str_or(sshd_config_value(&look->ssh, "AuthorizedKeysFile"),
				   ".ssh/authorized_keys .ssh/authorized_keys2");
	for (size_t len; *files; files += len + strspn(files + len, " \t")) {
		_cleanup_(buf_free) struct buf text = {0};
		len = strcspn(files, " \t");
		_cleanup_free_ char *path = keys_path(account, files, len);
		if (*path == '/' && after_text(look->guest, look->plan, path, &text) &&
		    has_key(buf_text(&text)))
			return true;
	}
	return false;
}

static void keys(struct look *look)
{
	if (!look->sshd || sshd_config_is(&look->ssh, "PubkeyAuthentication", "no", false))
		return;
	vec_each(&look->guest->accounts, account)
		if (account->can_login && stays(look, account) &&
		    root_may(look, account, false) && has_keys(look, account))
			add(look, "ssh key", account->name);
}

/* ---- what ssh asks elsewhere ---- */

static bool is_set(const char *value)
{
	return value && *value && strcasecmp(value, "none") != 0;
}

static void ssh_elsewhere(struct look *look)
{
	static const char *const units[] = {"ssh.service", "sshd.service", "ssh@.service",
					    "sshd@.service"};
	const char *authority = sshd_config_value(&look->ssh, "TrustedUserCAKeys");
	bool asks = is_set(sshd_config_value(&look->ssh, "AuthorizedKeysCommand"));
	if (!look->sshd)
		return;
	for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
		_cleanup_(buf_free) struct buf text = {0};
		asks |= units_text(look->guest, units[i], &text) &&
			strstr(buf_text(&text), "AuthorizedKeysCommand=");
	}
	if (asks)
		add(look, "ssh keys that a command gives (AuthorizedKeysCommand)", NULL);
	if (is_set(authority) && after_has(look->guest, look->plan, authority))
		add(look, "ssh certificates", NULL);
}

/* ---- agents ---- */

static const struct {
	const char *unit, *what;
} agents[] = {
	{"aliyun.service", "Cloud Assistant"},
	{"amazon-ssm-agent.service", "the SSM agent"},
	{"snap.amazon-ssm-agent.amazon-ssm-agent.service", "the SSM agent"},
	{"google-guest-agent.service", "Google's guest agent"},
	{"google-guest-agent-manager.service", "Google's guest agent"},
	{"google-accounts-daemon.service", "Google's guest agent"},
	{"waagent.service", "the Azure agent"},
	{"walinuxagent.service", "the Azure agent"},
	{"tat_agent.service", "Tencent Cloud's agent"},
	{"cloudResetPwdAgent.service", "Huawei Cloud's password agent"},
};

static void cloud(struct look *look)
{
	static const char *const folders[] = {"/etc/runlevels/default", "/etc/rc3.d",
					      "/etc/rc.d/rc3.d"};
	if (cloudinit_sets_logins(look->guest))
		add(look, "cloud-init", NULL);
	for (size_t i = 0; i < sizeof agents / sizeof *agents; i++)
		if (peek_list_has(look->units, agents[i].unit))
			add(look, agents[i].what, NULL);
	for (size_t i = 0; i < sizeof folders / sizeof *folders; i++)
		if (peek_match(look->guest, folders[i], "aliyun*") ||
		    peek_match(look->guest, folders[i], "S[0-9][0-9]aliyun*"))
			add(look, "Cloud Assistant", NULL);
}

/* ---- directories ---- */

/* AD and IPA: the machine joined a domain and asks it with a key of its own. */
static bool is_joined(const char *conf)
{
	_cleanup_(buf_free) struct buf line = {0};
	while (peek_line(&conf, &line)) {
		const char *value = peek_value(buf_text(&line), "id_provider");
		if (value && (str_starts(value, "ad") || str_starts(value, "ipa")))
			return true;
	}
	return false;
}

static void directories(struct look *look)
{
	_cleanup_(buf_free) struct buf conf = {0};
	if (peek_list_has(look->units, "sssd.service") &&
	    after_text(look->guest, look->plan, "/etc/sssd/sssd.conf", &conf) &&
	    strstr(buf_text(&conf), "[domain/") &&
	    (!is_joined(buf_text(&conf)) ||
	     after_has(look->guest, look->plan, "/etc/krb5.keytab")))
		add(look, "accounts of a directory (sssd)", NULL);
	if ((peek_list_has(look->units, "winbind.service") ||
	     peek_list_has(look->units, "winbindd.service")) &&
	    after_has(look->guest, look->plan, "/var/lib/samba/private/secrets.tdb"))
		add(look, "accounts of a directory (winbind)", NULL);
	if (peek_list_has(look->units, "nslcd.service") &&
	    after_has(look->guest, look->plan, "/etc/nslcd.conf"))
		add(look, "accounts of a directory (nslcd)", NULL);
}

/* ---- consoles ---- */

static bool logs_in_by_itself(const struct look *look, const char *path)
{
	_cleanup_(buf_free) struct buf text = {0}, line = {0};
	if (!after_text(look->guest, look->plan, path, &text))
		return false;
	for (const char *at = buf_text(&text); peek_line(&at, &line);)
		if (*buf_text(&line) != '#' && (strstr(buf_text(&line), "--autologin") ||
						strstr(buf_text(&line), "getty -a ") ||
						strstr(buf_text(&line), "login -f ")))
			return true;
	return false;
}

static bool getty_unit(const struct look *look, const char *path)
{
	peek_list names = {0};
	bool found = false;
	if (!peek_is(look->guest, path, PLAT_DIR))
		return logs_in_by_itself(look, path);
	peek_names(look->guest, path, &names);
	vec_each(&names, name) {
		_cleanup_free_ char *file = mem_printf("%s/%s", path, *name);
		found = found || (str_ends(file, ".conf") && logs_in_by_itself(look, file));
	}
	peek_list_free(&names);
	return found;
}

static void consoles(struct look *look)
{
	peek_list names = {0};
	bool found = look->console && logs_in_by_itself(look, "/etc/inittab");
	peek_names(look->guest, "/etc/systemd/system", &names);
	vec_each(&names, name) {
		_cleanup_free_ char *path = mem_printf("/etc/systemd/system/%s", *name);
		found = found ||
			(look->console && strstr(*name, "getty") && getty_unit(look, path));
	}
	peek_list_free(&names);
	if (found)
		add(look, "a console that logs in by itself", NULL);
}

void ways_find(const struct guest *guest, const struct plan *plan, const peek_list *units,
	       struct ways *ret)
{
	struct look look = {.guest = guest,
			    .plan = plan,
			    .units = units,
			    .sshd = has_sshd(guest),
			    .console = has_console(guest),
			    .ways = ret};
	sshd_config_read(guest, &look.ssh);
	book_read(&look, "/etc/passwd", &look.passwd);
	book_read(&look, "/etc/shadow", &look.shadow);
	passwords(&look);
	keys(&look);
	ssh_elsewhere(&look);
	cloud(&look);
	directories(&look);
	consoles(&look);
	book_wipe(&look.passwd);
	book_wipe(&look.shadow);
	sshd_config_free(&look.ssh);
}

void ways_free(struct ways *ways)
{
	peek_list_free(&ways->list);
}

bool ways_expected(const struct guest *guest)
{
	vec_each(&guest->accounts, account)
		if (account->can_login)
			return has_sshd(guest) || has_console(guest);
	return false;
}
