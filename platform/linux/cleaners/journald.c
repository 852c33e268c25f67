/* SPDX-License-Identifier: MIT */
/* The journals of every machine this disk has been. Their directories are named after
 * the machine-id, so they go as well; /var/log/journal itself stays, and journald
 * makes one for the clone, with its access lists. */
#include <ctype.h>
#include <errno.h>

#include "base/cleanup.h"
#include "list.h"
#include "peek.h"

enum { ID_LENGTH = 32 };

/* A machine-id, with ".name" behind it for a journal namespace. */
static bool is_journal(const char *name)
{
	int len = 0;
	while (len < ID_LENGTH && isxdigit((unsigned char)name[len]))
		len++;
	return len == ID_LENGTH && (!name[len] || (name[len] == '.' && name[len + 1]));
}

static int journal_plan(const struct guest *guest, struct plan *plan, const char *name)
{
	struct step *step;
	_cleanup_free_ char *path = mem_printf("/var/log/journal/%s", name);
	if (!peek_is(guest, path, PLAT_DIR))
		return 0;
	int got = cleaner_step(guest, plan, STEP_REMOVE, path,
			       "the journal tells what happened on this machine", &step);
	return got == -ENOENT ? 0 : got;
}

static int plan_journald(const struct cleaning *cleaning, struct plan *plan)
{
	const struct guest *guest = cleaning->guest;
	peek_list names = {0};
	int got = peek_names(guest, "/var/log/journal", &names);
	for (size_t i = 0; i < names.n && got == 0; i++)
		if (is_journal(names.v[i]))
			got = journal_plan(guest, plan, names.v[i]);
	peek_list_free(&names);
	return got == -ENOENT ? 0 : got;
}

static const char *const writers[] = {"systemd-journald", NULL};

const struct cleaner journald_cleaner = {
	.name = "journald",
	.title = "systemd journals",
	.why = "the journal holds addresses, names, command lines and errors",
	.class = CLASS_TRACE,
	.severity = SEVERITY_LOW,
	.os = GUEST_LINUX,
	.held_by = writers,
	.reopen = "systemctl restart systemd-journald",
	.last = true,
	.plan = plan_journald,
};
