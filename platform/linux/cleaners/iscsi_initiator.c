/* SPDX-License-Identifier: MIT */
/* The initiator name goes only where something makes a new one: Debian's start
 * script does when the file says GenerateName=yes, other distributions have a unit
 * that runs while there is no file. */
#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/str.h"
#include "list.h"
#include "units.h"

#define NAME_FILE "/etc/iscsi/initiatorname.iscsi"
#define GENERATE "GenerateName=yes"

static const char new_content[] =
	"# A new name is made here when the iSCSI daemon starts for the first time.\n" GENERATE
	"\n";

static bool script_generates(const struct guest *guest)
{
	static const char *const scripts[] = {"/usr/lib/open-iscsi/startup-checks.sh",
					      "/lib/open-iscsi/startup-checks.sh",
					      "/etc/init.d/iscsid", "/etc/init.d/open-iscsi"};
	for (size_t i = 0; i < sizeof scripts / sizeof *scripts; i++) {
		_cleanup_(buf_free) struct buf text = {0};
		if (peek_text(guest, scripts[i], &text) && strstr(buf_text(&text), GENERATE))
			return true;
	}
	return false;
}

/* Runs a program and only while the file is missing. */
static bool fills_gap(const struct guest *guest, const char *unit)
{
	_cleanup_(buf_free) struct buf text = {0}, line = {0};
	bool only_then = false, runs = false;
	if (!units_text(guest, unit, &text))
		return false;
	for (const char *at = buf_text(&text); peek_line(&at, &line);) {
		const char *path = peek_value(buf_text(&line), "ConditionPathExists");
		only_then |= path && strcmp(path, "!" NAME_FILE) == 0;
		runs |= peek_value(buf_text(&line), "ExecStart") != NULL;
	}
	return only_then && runs;
}

/* Units that a boot starts, or that the daemon's own units ask for. */
static bool unit_generates(const struct guest *guest)
{
	static const char *const daemons[] = {"iscsid.service", "iscsi.service"};
	peek_list units = {0};
	bool found = false;
	units_started(guest, &units);
	vec_each(&units, unit)
		found = found || fills_gap(guest, *unit);
	for (size_t i = 0; i < sizeof daemons / sizeof *daemons && !found; i++) {
		_cleanup_(buf_free) struct buf text = {0};
		found = units_text(guest, daemons[i], &text) &&
			strstr(buf_text(&text), "iscsi-init.service") &&
			fills_gap(guest, "iscsi-init.service");
	}
	peek_list_free(&units);
	return found;
}

/* The root file system comes over iSCSI: the name is in the boot files, too. */
static bool boots_from_it(const struct guest *guest)
{
	_cleanup_(buf_free) struct buf boot = {0};
	peek_text(guest, "/etc/default/grub", &boot);
	peek_text(guest, "/etc/kernel/cmdline", &boot);
	return guest_has(guest, "/etc/iscsi/iscsi.initramfs") ||
	       strstr(buf_text(&boot), "netroot=iscsi") || strstr(buf_text(&boot), "rd.iscsi");
}

static bool has_name(const char *text)
{
	_cleanup_(buf_free) struct buf line = {0};
	while (peek_line(&text, &line)) {
		const char *value = peek_value(buf_text(&line), "InitiatorName");
		if (value && *value)
			return true;
	}
	return false;
}

static int replace(const struct guest *guest, struct plan *plan)
{
	struct step *step;
	int r = cleaner_step(guest, plan, STEP_REPLACE, NAME_FILE,
			     "two machines with one initiator name fight for the same volumes; "
			     "the iSCSI daemon makes a new one when it starts",
			     &step);
	if (r < 0)
		return r;
	step->content = mem_strdup(new_content);
	step->content_len = sizeof new_content - 1;
	return 0;
}

static int plan_iscsi_initiator(const struct cleaning *cleaning, struct plan *plan)
{
	const struct guest *guest = cleaning->guest;
	_cleanup_(buf_free) struct buf text = {0};
	struct step *step;
	if (!peek_is(guest, NAME_FILE, PLAT_FILE))
		return 0;
	if (!peek_text(guest, NAME_FILE, &text))
		return -EIO;
	if (!has_name(buf_text(&text)))
		return 0;
	if (boots_from_it(guest))
		peek_say(plan, SEVERITY_INFO, NAME_FILE,
			 mem_strdup(
				 "the system boots over iSCSI with this initiator name, so it "
				 "stays: give each clone its own, here and in its boot files"));
	else if (script_generates(guest))
		return replace(guest, plan);
	else if (unit_generates(guest))
		return cleaner_step(guest, plan, STEP_REMOVE, NAME_FILE,
				    "two machines with one initiator name fight for the same "
				    "volumes; a unit makes a new one while there is none",
				    &step);
	else
		peek_say(
			plan, SEVERITY_INFO, NAME_FILE,
			mem_strdup(
				"every clone would have this iSCSI initiator name, and nothing "
				"here would make another: write InitiatorName= and what "
				"iscsi-iname prints into the file on each clone"));
	return 0;
}

const struct cleaner iscsi_initiator_cleaner = {
	.name = "iscsi-initiator",
	.title = "iSCSI initiator name",
	.why = "two machines with one initiator name fight for the same volumes",
	.advice = "let the storage know the name of the clone",
	.class = CLASS_IDENTITY,
	.severity = SEVERITY_MEDIUM,
	.os = GUEST_LINUX,
	.plan = plan_iscsi_initiator,
};
