/* SPDX-License-Identifier: MIT */
#include "sshd_config.h"

#include <string.h>
#include <strings.h>

#include "base/cleanup.h"
#include "base/glob.h"
#include "base/str.h"

/* A file may include itself more than once. */
enum { MOST_NESTING = 16, MOST_SETTINGS = 4096 };

static void file_read(const struct guest *guest, const char *path, int depth, sshd_config *ret);

/* Include takes globs in the last component, as distributions use it. */
static void include(const struct guest *guest, const char *pattern, int depth, sshd_config *ret)
{
	_cleanup_free_ char *full = *pattern == '/' ? mem_strdup(pattern)
						    : mem_printf("/etc/ssh/%s", pattern);
	char *slash = strrchr(full, '/');
	_cleanup_free_ char *folder = mem_strndup(full, (size_t)(slash - full));
	peek_list names = {0};
	peek_names(guest, *folder ? folder : "/", &names);
	vec_each(&names, name) {
		_cleanup_free_ char *path = mem_printf("%s/%s", folder, *name);
		if (glob_path(full, path))
			file_read(guest, path, depth + 1, ret);
	}
	peek_list_free(&names);
}

static void each_word(const struct guest *guest, const char *value, int depth, sshd_config *ret)
{
	while (*value) {
		size_t len = strcspn(value, " \t");
		_cleanup_free_ char *word = mem_strndup(value, len);
		include(guest, word, depth, ret);
		value += len;
		value += strspn(value, " \t");
	}
}

/* "Key value", "Key=value", the value with or without quotes. */
static bool setting_parse(const char *line, struct sshd_setting *ret)
{
	line += strspn(line, " \t");
	size_t len = strcspn(line, " \t=\r");
	if (!len || *line == '#')
		return false;
	const char *value = line + len;
	value += strspn(value, " \t=");
	size_t end = strcspn(value, "\r#");
	while (end && strchr(" \t", value[end - 1]))
		end--;
	if (end > 1 && *value == '"' && value[end - 1] == '"')
		value++, end -= 2;
	*ret = (struct sshd_setting){mem_strndup(line, len), mem_strndup(value, end)};
	return true;
}

static void file_read(const struct guest *guest, const char *path, int depth, sshd_config *ret)
{
	_cleanup_(buf_free) struct buf text = {0}, line = {0};
	struct sshd_setting setting;
	bool matching = false;
	if (depth > MOST_NESTING || ret->n > MOST_SETTINGS || !peek_text(guest, path, &text))
		return;
	for (const char *at = buf_text(&text); peek_line(&at, &line);) {
		if (!setting_parse(buf_text(&line), &setting))
			continue;
		if (strcasecmp(setting.key, "Match") == 0)
			matching = strcasecmp(setting.value, "all") != 0;
		if (strcasecmp(setting.key, "Include") == 0 && !matching)
			each_word(guest, setting.value, depth, ret);
		if (!matching) {
			*vec_add(ret) = setting;
			continue;
		}
		free(setting.key);
		free(setting.value);
	}
}

void sshd_config_read(const struct guest *guest, sshd_config *ret)
{
	file_read(guest, "/etc/ssh/sshd_config", 0, ret);
}

void sshd_config_free(sshd_config *config)
{
	vec_each(config, setting) {
		free(setting->key);
		free(setting->value);
	}
	vec_free(config);
}

const char *sshd_config_value(const sshd_config *config, const char *key)
{
	vec_each(config, setting)
		if (strcasecmp(setting->key, key) == 0)
			return setting->value;
	return NULL;
}

bool sshd_config_is(const sshd_config *config, const char *key, const char *value,
		    bool otherwise)
{
	const char *set = sshd_config_value(config, key);
	return set ? strcasecmp(set, value) == 0 : otherwise;
}
