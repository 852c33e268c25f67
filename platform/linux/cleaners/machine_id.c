/* SPDX-License-Identifier: MIT */
/* The machine-id is emptied, not removed: systemd fills an empty file at boot
 * without applying first-boot presets to every unit, a missing one is not. Where there
 * is no systemd D-Bus makes a missing one, and does not start with an empty one. */
#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/str.h"
#include "list.h"
#include "peek.h"

#define ETC_ID "/etc/machine-id"
#define DBUS_ID "/var/lib/dbus/machine-id"
#define TOKEN "/etc/kernel/entry-token"
enum { ID_LENGTH = 32 };

static bool entries_named(const struct guest *guest, const char *boot, const char *id)
{
	peek_list names = {0};
	bool found = false;
	_cleanup_free_ char *own = mem_printf("%s/%s", boot, id);
	_cleanup_free_ char *entries = mem_printf("%s/loader/entries", boot);
	_cleanup_free_ char *front = mem_printf("%s-", id);
	peek_names(guest, entries, &names);
	vec_each(&names, name)
		found = found || str_starts(*name, front);
	peek_list_free(&names);
	return found || peek_is(guest, own, PLAT_DIR);
}

static bool boot_uses(const struct guest *guest, const char *id)
{
	static const char *const boots[] = {"/boot", "/efi", "/boot/efi"};
	for (size_t i = 0; i < sizeof boots / sizeof *boots; i++)
		if (entries_named(guest, boots[i], id))
			return true;
	return false;
}

static int remark(struct plan *plan, const char *path, const char *text)
{
	struct finding *finding = plan_add_finding(plan, FINDING_POSTURE, "machine-id", path);
	finding->class = CLASS_IDENTITY;
	finding->severity = SEVERITY_HIGH;
	finding->text = mem_strdup(text);
	return 0;
}

/* Keeps kernel updates of the clone on the boot entries that are there. */
static void token_plan(const struct guest *guest, struct plan *plan, const char *id)
{
	if (strlen(id) != ID_LENGTH || guest_has(guest, TOKEN) || !boot_uses(guest, id))
		return;
	struct step *step = plan_add_step(plan, STEP_CREATE, TOKEN);
	step->why = mem_strdup("the boot entries are named after the machine-id; "
			       "this keeps kernel updates on them");
	step->content = mem_printf("%s\n", id);
	step->content_len = strlen(step->content);
	step->mode = 0644;
	struct finding *note = plan_add_finding(plan, FINDING_NOTE, "machine-id", TOKEN);
	note->class = CLASS_IDENTITY;
	note->text = mem_strdup("the old machine-id lives on as the name of the "
				"boot entries");
}

static bool has_systemd(const struct guest *guest)
{
	return guest_has(guest, "/usr/lib/systemd/systemd") ||
	       guest_has(guest, "/lib/systemd/systemd");
}

/* Started without systemd; a tree with neither is not known. */
static bool is_dbus_alone(const struct guest *guest)
{
	return !has_systemd(guest) &&
	       (guest_has(guest, "/sbin/openrc") || guest_has(guest, "/etc/inittab") ||
		guest_has(guest, "/etc/runit"));
}

static bool is_set(const char *id)
{
	return *id && strcmp(id, "uninitialized") != 0;
}

/* Where the id lies: in the file itself, or, in guests older than systemd, in
 * the D-Bus file that /etc/machine-id is a link to. NULL: elsewhere. */
static const char *place_of(const struct guest *guest, const struct buf *id)
{
	_cleanup_(buf_free) struct buf other = {0};
	if (peek_is(guest, ETC_ID, PLAT_FILE))
		return ETC_ID;
	if (peek_is(guest, DBUS_ID, PLAT_FILE) && peek_text(guest, DBUS_ID, &other) &&
	    strcmp(buf_text(&other), buf_text(id)) == 0)
		return DBUS_ID;
	return NULL;
}

static int etc_plan(const struct guest *guest, struct plan *plan)
{
	_cleanup_(buf_free) struct buf id = {0};
	struct step *step;
	int got = guest_read(guest, ETC_ID, 4096, &id);
	if (got < 0)
		return got == -ENOENT ? 0 : got;
	const char *place = place_of(guest, &id);
	buf_cut(&id, strcspn(buf_text(&id), " \t\r\n"));
	if (!is_set(buf_text(&id)))
		return 0;
	if (!place)
		return remark(plan, ETC_ID,
			      "the machine-id is a link to another "
			      "file: empty that file by hand");
	if (is_dbus_alone(guest))
		return cleaner_step(guest, plan, STEP_REMOVE, place,
				    "every clone would be the same machine; D-Bus makes a "
				    "missing machine-id",
				    &step);
	token_plan(guest, plan, buf_text(&id));
	return cleaner_step(guest, plan, STEP_TRUNCATE, place,
			    "every clone would be the same machine; an empty "
			    "machine-id is filled at the next boot",
			    &step);
}

/* D-Bus refuses an empty file but makes or links a missing one, so this one is
 * removed, unless it is the one that /etc/machine-id leads to. */
static int dbus_plan(const struct guest *guest, struct plan *plan)
{
	struct step *step;
	if (!peek_is(guest, DBUS_ID, PLAT_FILE) || peek_is(guest, ETC_ID, PLAT_SYMLINK))
		return 0;
	return cleaner_step(guest, plan, STEP_REMOVE, DBUS_ID,
			    "a second copy of the machine-id, which D-Bus makes "
			    "again",
			    &step);
}

static int plan_machine_id(const struct cleaning *cleaning, struct plan *plan)
{
	const struct guest *guest = cleaning->guest;
	int got = etc_plan(guest, plan);
	if (got == 0)
		got = dbus_plan(guest, plan);
	return got == -ENOENT ? 0 : got;
}

const struct cleaner machine_id_cleaner = {
	.name = "machine-id",
	.title = "Machine identity",
	.why = "clones with one machine-id share leases, logs and registrations",
	.class = CLASS_IDENTITY,
	.severity = SEVERITY_MEDIUM,
	.os = GUEST_LINUX,
	.plan = plan_machine_id,
};
