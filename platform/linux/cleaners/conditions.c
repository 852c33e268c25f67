/* SPDX-License-Identifier: MIT */
#include "conditions.h"

#include <string.h>

#include "base/cleanup.h"
#include "base/str.h"
#include "cloudinit.h"
#include "peek.h"

static bool is_no(const char *value)
{
	static const char *const words[] = {"no", "false", "off", "0"};
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (str_starts(value, words[i]))
			return true;
	return false;
}

/* What lies in memory is made by the boot itself. */
static bool is_volatile(const char *path)
{
	static const char *const places[] = {"/run/", "/proc/", "/sys/", "/dev/"};
	for (size_t i = 0; i < sizeof places / sizeof *places; i++)
		if (str_starts(path, places[i]))
			return true;
	return false;
}

/* The machine-id is emptied, not removed, so that no boot is a first boot. The
 * distributions of the EL family switch their own key generation off by a path of
 * cloud-init that is there where it runs. */
static bool is_so(const struct guest *guest, const char *kind, const char *value)
{
	if (str_starts(kind, "FirstBoot"))
		return is_no(value);
	if (!str_starts(kind, "Path") && !str_starts(kind, "File") &&
	    !str_starts(kind, "Directory"))
		return false;
	if (strstr(value, "ssh_host_"))
		return false;
	if (strstr(value, "cloud-init"))
		return cloudinit_runs(guest);
	return *value == '/' && !is_volatile(value) && !strpbrk(value, "%*?[") &&
	       guest_has(guest, value);
}

struct verdict {
	bool failed;	      /* one that has to hold does not */
	bool choices, chosen; /* of those with "|" one has to hold */
};

static void line_judge(const struct guest *guest, const char *kind, const char *value,
		       struct verdict *verdict)
{
	if (!*value) {
		*verdict = (struct verdict){0};
		return;
	}
	bool choice = *value == '|';
	value += choice;
	value += strspn(value, " \t");
	bool negated = *value == '!';
	value += negated;
	_cleanup_free_ char *plain = mem_strndup(value, strcspn(value, " \t\r"));
	bool holds = is_so(guest, kind, plain) != negated;
	verdict->choices |= choice;
	verdict->chosen |= choice && holds;
	verdict->failed |= !choice && !holds;
}

bool conditions_hold(const struct guest *guest, const char *text)
{
	_cleanup_(buf_free) struct buf line = {0};
	struct verdict verdict = {0};
	while (peek_line(&text, &line)) {
		const char *at = buf_text(&line) + strspn(buf_text(&line), " \t");
		const char *value = strchr(at, '=');
		bool condition = str_starts(at, "Condition");
		if (!value || (!condition && !str_starts(at, "Assert")))
			continue;
		at += condition ? strlen("Condition") : strlen("Assert");
		value++;
		line_judge(guest, at, value + strspn(value, " \t\r"), &verdict);
	}
	return !verdict.failed && (!verdict.choices || verdict.chosen);
}
