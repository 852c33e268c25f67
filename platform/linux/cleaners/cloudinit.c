/* SPDX-License-Identifier: MIT */
/* cloud-init's ssh module makes the host keys that are missing, whether or not
 * ssh_deletekeys also has it remove old ones. It makes none when it is given
 * keys (ssh_keys) or when ssh_genkeytypes is empty, as RPM distributions of the
 * EL7 age set it; and it has to be in a list of modules to run at all. The files
 * are read line by line: only top-level keys matter and lists of plain words. */
#include "cloudinit.h"

#include <string.h>

#include "base/cleanup.h"
#include "base/str.h"
#include "keygen.h"
#include "peek.h"
#include "units.h"

static bool has_any(const struct guest *guest, const char *const *paths)
{
	for (; *paths; paths++)
		if (guest_has(guest, *paths))
			return true;
	return false;
}

/* By a systemd generator, by enabled units or by an OpenRC runlevel. */
static bool pulled_in(const struct guest *guest)
{
	static const char *const signs[] = {
		"/usr/lib/systemd/system-generators/cloud-init-generator",
		"/lib/systemd/system-generators/cloud-init-generator",
		"/etc/runlevels/boot/cloud-init-local",
		"/etc/runlevels/boot/cloud-init",
		"/etc/runlevels/default/cloud-init",
		NULL};
	if (has_any(guest, signs))
		return true;
	peek_list units = {0};
	units_started(guest, &units);
	bool found = peek_list_has(&units, "cloud-init.service") ||
		     peek_list_has(&units, "cloud-init-network.service");
	peek_list_free(&units);
	return found;
}

/* Where cloud-init's generator found no data source, it does not run at all, and
 * leaves this mark in /run: then a clone of this machine can not count on it. On a
 * running system /run lies on no volume of the guest. */
static bool found_no_source(const struct guest *guest)
{
	struct plat_dir *run;
	struct plat_info info;
	if (!guest->live)
		return guest_has(guest, "/run/cloud-init/disabled");
	if (plat_dir_open("/run/cloud-init", &run) < 0)
		return false;
	bool found = plat_info_at(run, "disabled", &info) == 0;
	plat_dir_close(run);
	return found;
}

static bool switched_off(const struct guest *guest)
{
	_cleanup_(buf_free) struct buf boot = {0};
	peek_text(guest, "/etc/default/grub", &boot);
	peek_text(guest, "/etc/kernel/cmdline", &boot);
	return guest_has(guest, "/etc/cloud/cloud-init.disabled") || found_no_source(guest) ||
	       strstr(buf_text(&boot), "cloud-init=disabled") ||
	       units_masked(guest, "cloud-init.service") ||
	       units_masked(guest, "cloud-init-network.service") ||
	       units_masked(guest, "cloud-init.target");
}

bool cloudinit_runs(const struct guest *guest)
{
	static const char *const programs[] = {"/usr/bin/cloud-init",
					       "/usr/local/bin/cloud-init", NULL};
	return has_any(guest, programs) && guest_has(guest, "/etc/cloud/cloud.cfg") &&
	       !switched_off(guest) && pulled_in(guest);
}

enum { LISTS = 3 };
static const char *const lists[LISTS] = {"cloud_init_modules", "cloud_config_modules",
					 "cloud_final_modules"};

struct settings {
	bool runs_ssh[LISTS], runs_users[LISTS];
	bool keys_given, no_source, no_network;
	unsigned types; /* ssh_genkeytypes */
	/* where the reader is */
	int list;      /* index into lists, or -1 */
	bool in_types; /* ssh_genkeytypes: has begun and had no value yet */
	bool in_network;
	bool in_sources;  /* datasource_list: one of them a line */
	unsigned sources; /* of those lines */
};

/* One word of a list: `- ssh`, `- [ssh, always]`, `[a, ssh]`. */
static bool names_module(const char *text, const char *module)
{
	size_t len = strlen(module);
	for (const char *at = text; (at = strstr(at, module)); at += len) {
		bool begins = at == text || strchr(" \t[,'\"", at[-1]);
		if (begins && strchr(" \t\r],'\"", at[len])) /* the NUL, too */
			return true;
	}
	return false;
}

static void modules_take(struct settings *settings, int list, const char *text)
{
	settings->runs_ssh[list] |= names_module(text, "ssh");
	settings->runs_users[list] |= names_module(text, "users-groups") ||
				      names_module(text, "users_groups") ||
				      names_module(text, "set-passwords") ||
				      names_module(text, "set_passwords");
}

static bool is_nothing(const char *value)
{
	static const char *const nothings[] = {"~", "null", "[]", "[ ]", "false", "no"};
	size_t len = strcspn(value, "#\r");
	while (len && strchr(" \t", value[len - 1]))
		len--;
	for (size_t i = 0; i < sizeof nothings / sizeof *nothings; i++)
		if (strlen(nothings[i]) == len && strncmp(value, nothings[i], len) == 0)
			return true;
	return false;
}

static void key_take(struct settings *settings, const char *line)
{
	size_t len = strcspn(line, ":");
	if (!line[len])
		return;
	_cleanup_free_ char *key = mem_strndup(line, len);
	const char *value = line + len + 1;
	value += strspn(value, " \t");
	settings->list = -1;
	settings->in_types = false;
	settings->in_network = strcmp(key, "network") == 0;
	if (settings->in_network)
		settings->no_network = strstr(value, "disabled");
	for (int i = 0; i < LISTS; i++)
		if (strcmp(key, lists[i]) == 0) {
			settings->list = i;
			settings->runs_ssh[i] = settings->runs_users[i] = false;
			modules_take(settings, i, value);
		}
	if (strcmp(key, "ssh_keys") == 0)
		settings->keys_given = !is_nothing(value);
	if (strcmp(key, "ssh_genkeytypes") == 0) {
		settings->in_types = !*value;
		settings->types = is_nothing(value) ? 0 : keygen_types(value);
	}
	/* "None" stands for no data source; behind others it is only the last resort. */
	settings->in_sources = strcmp(key, "datasource_list") == 0;
	settings->sources = 0;
	if (settings->in_sources)
		settings->no_source = names_module(value, "None") && !strchr(value, ',');
}

static void line_take(struct settings *settings, const char *line)
{
	const char *text = line + strspn(line, " \t");
	if (!*text || *text == '#' || *text == '\r')
		return;
	if (text == line && *line != '-') {
		key_take(settings, line);
		return;
	}
	if (settings->in_network && str_starts(text, "config:"))
		settings->no_network = strstr(text, "disabled");
	if (settings->list >= 0)
		modules_take(settings, settings->list, text);
	if (settings->in_types && *text == '-')
		settings->types |= keygen_types(text);
	if (settings->in_sources && *text == '-') {
		bool first = !settings->sources++;
		settings->no_source = first && names_module(text, "None");
	}
}

static void file_take(const struct guest *guest, const char *path, struct settings *settings)
{
	_cleanup_(buf_free) struct buf text = {0}, line = {0};
	if (!peek_text(guest, path, &text))
		return;
	settings->list = -1;
	settings->in_types = settings->in_network = settings->in_sources = false;
	for (const char *at = buf_text(&text); peek_line(&at, &line);)
		line_take(settings, buf_text(&line));
}

static void settings_read(const struct guest *guest, struct settings *settings)
{
	peek_list files = {0};
	settings->types = KEY_USUAL;
	file_take(guest, "/etc/cloud/cloud.cfg", settings);
	peek_names(guest, "/etc/cloud/cloud.cfg.d", &files);
	vec_each(&files, file) {
		_cleanup_free_ char *path = mem_printf("/etc/cloud/cloud.cfg.d/%s", *file);
		if (str_ends(*file, ".cfg"))
			file_take(guest, path, settings);
	}
	peek_list_free(&files);
}

unsigned cloudinit_host_key_types(const struct guest *guest)
{
	struct settings settings = {0};
	if (!cloudinit_runs(guest))
		return 0;
	settings_read(guest, &settings);
	bool runs = settings.runs_ssh[0] || settings.runs_ssh[1] || settings.runs_ssh[2];
	return runs && !settings.keys_given ? settings.types : 0;
}

bool cloudinit_sets_logins(const struct guest *guest)
{
	struct settings settings = {0};
	bool sets = false;
	if (!cloudinit_runs(guest))
		return false;
	settings_read(guest, &settings);
	for (int i = 0; i < LISTS; i++)
		sets |= settings.runs_ssh[i] || settings.runs_users[i];
	return sets && !settings.no_source;
}

bool cloudinit_writes_network(const struct guest *guest)
{
	struct settings settings = {0};
	if (!cloudinit_runs(guest))
		return false;
	settings_read(guest, &settings);
	return !settings.no_network && !settings.no_source;
}
