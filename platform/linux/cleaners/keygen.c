/* SPDX-License-Identifier: MIT */
#include "keygen.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "base/cleanup.h"
#include "base/str.h"
#include "cloudinit.h"
#include "conditions.h"
#include "sshd_config.h"
#include "units.h"

static const struct {
	const char *name;
	unsigned bit;
} types[] = {
	{"rsa", KEY_RSA}, {"ecdsa", KEY_ECDSA}, {"ed25519", KEY_ED25519}, {"dsa", KEY_DSA}};
enum { TYPES = sizeof types / sizeof *types };

unsigned keygen_types(const char *text)
{
	unsigned found = 0;
	while (*text) {
		size_t len = 0;
		while (isalnum((unsigned char)text[len]))
			len++;
		for (int i = 0; i < TYPES; i++)
			if (strlen(types[i].name) == len &&
			    strncasecmp(types[i].name, text, len) == 0)
				found |= types[i].bit;
		text += len ? len : 1;
	}
	return found;
}

/* ---- what sshd needs ---- */

/* Of the types that sshd_config names one has to be there; a HostKey elsewhere does
 * not go and says nothing. */
static unsigned wanted(const struct guest *guest)
{
	sshd_config config = {0};
	unsigned found = 0;
	sshd_config_read(guest, &config);
	vec_each(&config, setting)
		if (strcasecmp(setting->key, "HostKey") == 0 &&
		    str_starts(setting->value, "/etc/ssh/ssh_host_"))
			for (int i = 0; i < TYPES; i++) {
				_cleanup_free_ char *path = mem_printf(
					"/etc/ssh/ssh_host_%s_key", types[i].name);
				if (strcmp(path, setting->value) == 0)
					found |= types[i].bit;
			}
	sshd_config_free(&config);
	return found ? found : KEY_USUAL;
}

/* ---- units ---- */

/* Of /etc/sysconfig/sshd in the EL family: which types the script makes. */
static unsigned sysconfig_types(const struct guest *guest)
{
	_cleanup_(buf_free) struct buf text = {0}, line = {0};
	unsigned found = KEY_USUAL;
	peek_text(guest, "/etc/sysconfig/sshd", &text);
	for (const char *at = buf_text(&text); peek_line(&at, &line);) {
		const char *value = peek_value(buf_text(&line), "AUTOCREATE_SERVER_KEYS");
		if (!value)
			continue;
		value += strspn(value, "\"'");
		found = strncasecmp(value, "NO", 2) == 0	? 0
			: strncasecmp(value, "RSAONLY", 7) == 0 ? KEY_RSA
								: keygen_types(value);
		if (!*value || strncasecmp(value, "YES", 3) == 0)
			found = KEY_USUAL;
	}
	return found;
}

/* The types that one command of a unit makes. */
static unsigned command_makes(const struct guest *guest, const char *unit, const char *command)
{
	if (strstr(command, "ssh-keygen -A") || strstr(command, "sshd-gen-keys-start") ||
	    (strstr(command, "dpkg-reconfigure") && strstr(command, "openssh-server")))
		return KEY_USUAL;
	if (strstr(command, "ssh-keygen") && strstr(command, "ssh_host_"))
		return keygen_types(strstr(command, "ssh-keygen"));
	if (!strstr(command, "sshd-keygen"))
		return 0;
	const char *instance = strchr(unit, '@');
	return instance ? keygen_types(instance + 1) : sysconfig_types(guest);
}

/* The commands run in their order: behind a check of sshd, which fails without a
 * key, none comes. */
static unsigned commands_make(const struct guest *guest, const char *unit, const char *text,
			      const char *key)
{
	_cleanup_(buf_free) struct buf line = {0};
	unsigned made = 0;
	bool blocked = false;
	while (peek_line(&text, &line)) {
		const char *command = peek_value(buf_text(&line), key);
		if (!command)
			continue;
		if (!*command) {
			made = 0;
			blocked = false;
		} else if (!blocked) {
			made |= command_makes(guest, unit, command);
			blocked = !made && *command != '-' && strstr(command, "sshd -t");
		}
	}
	return blocked ? 0 : made;
}

static bool is_sshd(const char *unit)
{
	return str_starts(unit, "ssh.service") || str_starts(unit, "sshd.service") ||
	       str_starts(unit, "ssh@") || str_starts(unit, "sshd@");
}

static bool names(const char *text, const char *key, const char *word)
{
	_cleanup_(buf_free) struct buf line = {0};
	while (peek_line(&text, &line)) {
		const char *value = peek_value(buf_text(&line), key);
		if (value && strstr(value, word))
			return true;
	}
	return false;
}

/* A unit that runs beside sshd may come too late. */
static bool comes_before(const char *unit, const char *text, const char *sshd)
{
	return is_sshd(unit) || names(text, "Before", "ssh") || names(sshd, "After", unit);
}

static unsigned unit_makes(const struct guest *guest, const char *unit, const char *sshd)
{
	_cleanup_(buf_free) struct buf text = {0};
	if (!units_text(guest, unit, &text))
		return 0;
	unsigned first = commands_make(guest, unit, buf_text(&text), "ExecStartPre");
	if (!is_sshd(unit))
		first |= commands_make(guest, unit, buf_text(&text), "ExecStart");
	return first && conditions_hold(guest, buf_text(&text)) &&
			       comes_before(unit, buf_text(&text), sshd)
		       ? first
		       : 0;
}

static unsigned units_make(const struct guest *guest)
{
	_cleanup_(buf_free) struct buf sshd = {0}; /* of all its units */
	peek_list units = {0};
	unsigned made = 0;
	units_started(guest, &units);
	vec_each(&units, unit)
		if (is_sshd(*unit) && units_text(guest, *unit, &sshd))
			buf_puts(&sshd, "\n");
	vec_each(&units, unit)
		made |= unit_makes(guest, *unit, buf_text(&sshd));
	peek_list_free(&units);
	return made;
}

void keygen_sshd_units(const struct guest *guest, peek_list *ret)
{
	peek_list units = {0};
	units_started(guest, &units);
	vec_each(&units, unit) {
		_cleanup_free_ char *own = units_own_name(guest, *unit);
		if (own && is_sshd(own) && !peek_list_has(ret, own))
			peek_list_add(ret, own);
	}
	peek_list_free(&units);
}

/* ---- without systemd ---- */

static const struct script {
	const char *path;	/* makes the keys when it starts sshd */
	const char *folders[4]; /* and is started from one of these */
	const char *glob;
} scripts[] = {
	/* OpenRC: Alpine, Gentoo */
	{"/etc/init.d/sshd",
	 {"/etc/runlevels/default", "/etc/runlevels/boot", "/etc/runlevels/sysinit"},
	 "sshd"},
	/* System V: the EL family before 7 */
	{"/etc/init.d/sshd",
	 {"/etc/rc3.d", "/etc/rc.d/rc3.d", "/etc/rc5.d"},
	 "S[0-9][0-9]sshd"},
	/* runit: Void */
	{"/etc/sv/sshd/run",
	 {"/etc/runit/runsvdir/default", "/var/service", "/etc/service"},
	 "sshd"},
};

/* sshd_disable_keygen and key_types_to_generate of OpenRC's settings. */
static unsigned openrc_types(const struct guest *guest)
{
	_cleanup_(buf_free) struct buf text = {0}, line = {0};
	unsigned found = KEY_USUAL;
	bool off = false;
	peek_text(guest, "/etc/conf.d/sshd", &text);
	for (const char *at = buf_text(&text); peek_line(&at, &line);) {
		const char *value = peek_value(buf_text(&line), "sshd_disable_keygen");
		if (value)
			off = strchr("yYtToO1", value[strspn(value, "\"'")]) != NULL;
		value = peek_value(buf_text(&line), "key_types_to_generate");
		if (value && keygen_types(value))
			found = keygen_types(value);
	}
	return off ? 0 : found;
}

static bool is_started(const struct guest *guest, const struct script *script)
{
	for (size_t i = 0; script->folders[i]; i++)
		if (peek_match(guest, script->folders[i], script->glob))
			return true;
	return false;
}

static unsigned scripts_make(const struct guest *guest)
{
	unsigned made = 0;
	if (guest_has(guest, "/usr/lib/systemd/systemd") ||
	    guest_has(guest, "/lib/systemd/systemd") || guest_has(guest, "/etc/sv/sshd/down"))
		return 0;
	for (size_t i = 0; i < sizeof scripts / sizeof *scripts; i++) {
		_cleanup_(buf_free) struct buf text = {0};
		if (is_started(guest, &scripts[i]) &&
		    peek_text(guest, scripts[i].path, &text) &&
		    strstr(buf_text(&text), "keygen") &&
		    (strstr(buf_text(&text), "ssh-keygen -A") ||
		     strstr(buf_text(&text), "ssh_host_")))
			made |= KEY_USUAL;
	}
	return made & sysconfig_types(guest) & openrc_types(guest);
}

const char *keygen_proof(const struct guest *guest)
{
	unsigned needed = wanted(guest);
	if (cloudinit_host_key_types(guest) & needed)
		return "cloud-init makes new ones on the clone";
	if (units_make(guest) & needed)
		return "a unit that every boot starts makes new ones";
	if (scripts_make(guest) & needed)
		return "the start script of sshd makes new ones";
	return NULL;
}
