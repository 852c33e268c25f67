/* SPDX-License-Identifier: MIT */
/* A snapshot on the same disk keeps what was removed beside it, and travels with
 * the image. None is taken away here: somebody may still want it. */
#include <ctype.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/str.h"
#include "list.h"
#include "peek.h"

/* Snapshots that are plain directories; those of snapd are an artefact. */
static const struct shelf {
	const char *folder, *glob, *what, *remedy;
} shelves[] = {
	{"/timeshift/snapshots", "*", "Timeshift", "timeshift --delete-all"},
	{"/timeshift-btrfs/snapshots", "*", "Timeshift", "timeshift --delete-all"},
	{"/run/timeshift/backup/timeshift-btrfs/snapshots", "*", "Timeshift",
	 "timeshift --delete-all"},
};

static void say(struct plan *plan, const char *path, size_t count, const char *what,
		const char *remedy)
{
	char number[28];
	peek_say(plan, SEVERITY_INFO, path,
		 mem_printf("%s snapshot%s of %s keep%s what was removed and travel%s with the "
			    "image: %s",
			    str_count(count, number), count == 1 ? "" : "s", what,
			    count == 1 ? "s" : "", count == 1 ? "s" : "", remedy));
}

static void shelves_look(const struct guest *guest, struct plan *plan)
{
	for (size_t i = 0; i < sizeof shelves / sizeof *shelves; i++) {
		peek_list found = {0};
		peek_paths(guest, shelves[i].folder, shelves[i].glob, &found);
		if (found.n)
			say(plan, shelves[i].folder, found.n, shelves[i].what,
			    shelves[i].remedy);
		peek_list_free(&found);
	}
}

/* ---- snapper: SUBVOLUME/.snapshots/NUMBER/snapshot ---- */

/* openSUSE runs from one of them. */
static bool is_running(const struct guest *guest, const char *path)
{
	struct plat_info root, info;
	return guest_look(guest, "/", &root) == 0 && guest_look(guest, path, &info) == 0 &&
	       plat_same(root.id, info.id);
}

static void snapper_look(const struct guest *guest, struct plan *plan, const char *subvolume)
{
	peek_list numbers = {0};
	size_t count = 0;
	_cleanup_free_ char *place = mem_printf("%s/.snapshots", subvolume[1] ? subvolume : "");
	peek_names(guest, place, &numbers);
	vec_each(&numbers, number) {
		_cleanup_free_ char *path = mem_printf("%s/%s/snapshot", place, *number);
		if (isdigit((unsigned char)**number) && guest_has(guest, path))
			count += !is_running(guest, path);
	}
	if (count)
		say(plan, place, count, "snapper",
		    "snapper list, then snapper delete NUMBER-NUMBER");
	peek_list_free(&numbers);
}

static void configs_look(const struct guest *guest, struct plan *plan)
{
	peek_list configs = {0}, done = {0};
	peek_list_add(&done, "/");
	peek_paths(guest, "/etc/snapper/configs", "*", &configs);
	vec_each(&configs, config) {
		_cleanup_(buf_free) struct buf text = {0}, line = {0};
		if (!peek_text(guest, *config, &text))
			continue;
		for (const char *at = buf_text(&text); peek_line(&at, &line);) {
			const char *value = peek_value(buf_text(&line), "SUBVOLUME");
			if (!value)
				continue;
			value += *value == '"';
			_cleanup_free_ char *place = mem_strndup(value,
								 strcspn(value, "\"\r "));
			if (*place == '/' && !peek_list_has(&done, place))
				peek_list_add(&done, place);
		}
	}
	vec_each(&done, place)
		snapper_look(guest, plan, *place);
	peek_list_free(&configs);
	peek_list_free(&done);
}

/* ---- LVM: the text copy of each group's layout ---- */

static bool is_set_to(const char *line, const char *key, const char *value)
{
	const char *have = peek_value(line, key);
	return have && *have == '"' &&
	       (!value || (str_starts(have + 1, value) && have[1 + strlen(value)] == '"'));
}

/* Appends " group/volume" for each that is a snapshot. */
static size_t volumes_add(const char *group, const char *text, struct buf *names)
{
	_cleanup_(buf_free) struct buf line = {0};
	_cleanup_free_ char *volume = NULL;
	size_t count = 0;
	bool thin = false, taken = false, in_volumes = false;
	while (peek_line(&text, &line)) {
		const char *at = buf_text(&line) + strspn(buf_text(&line), " \t");
		size_t len = strcspn(at, " \t");
		bool opens = at[len] && at[len + 1] == '{';
		if (opens && str_starts(at, "logical_volumes "))
			in_volumes = true;
		else if (opens && in_volumes && !str_starts(at, "segment")) {
			free(volume);
			volume = mem_strndup(at, len);
			thin = taken = false;
		}
		thin |= is_set_to(at, "type", "thin");
		bool is = is_set_to(at, "cow_store", NULL) ||
			  (thin && is_set_to(at, "origin", NULL));
		if (!is || taken || !volume)
			continue;
		/* A thick snapshot is described beside the volume that keeps it. */
		const char *cow = peek_value(at, "cow_store");
		buf_printf(names, " %s/", group);
		if (cow)
			buf_add(names, cow + 1, strcspn(cow + 1, "\""));
		else
			buf_puts(names, volume);
		taken = true;
		count++;
	}
	return count;
}

static void lvm_look(const struct guest *guest, struct plan *plan)
{
	peek_list groups = {0};
	peek_paths(guest, "/etc/lvm/backup", "*", &groups);
	vec_each(&groups, path) {
		_cleanup_(buf_free) struct buf text = {0}, names = {0}, remedy = {0};
		if (!peek_text(guest, *path, &text))
			continue;
		size_t count = volumes_add(str_leaf(*path), buf_text(&text), &names);
		buf_puts(&remedy, "lvremove");
		str_quote(&remedy, buf_text(&names));
		if (count)
			say(plan, *path, count, "LVM", buf_text(&remedy));
	}
	peek_list_free(&groups);
}

/* ---- ostree: older deployments of the system ---- */

static void ostree_look(const struct guest *guest, struct plan *plan)
{
	const char *top = peek_is(guest, "/sysroot/ostree/deploy", PLAT_DIR)
				  ? "/sysroot/ostree/deploy"
				  : "/ostree/deploy";
	peek_list systems = {0};
	peek_names(guest, top, &systems);
	vec_each(&systems, system) {
		peek_list members = {0};
		size_t count = 0;
		_cleanup_free_ char *place = mem_printf("%s/%s/deploy", top, *system);
		peek_names(guest, place, &members);
		vec_each(&members, member)
			count += !str_ends(*member, ".origin");
		if (count > 1)
			peek_say(plan, SEVERITY_INFO, place,
				 mem_printf("%zu deployments: older ones keep /etc as it was, "
					    "keys included, and travel with the image: "
					    "rpm-ostree cleanup -p -r, or ostree admin "
					    "undeploy 1",
					    count));
		peek_list_free(&members);
	}
	peek_list_free(&systems);
}

static int plan_snapshots(const struct cleaning *cleaning, struct plan *plan)
{
	const struct guest *guest = cleaning->guest;
	shelves_look(guest, plan);
	configs_look(guest, plan);
	lvm_look(guest, plan);
	ostree_look(guest, plan);
	if (guest_has(guest, "/etc/zfs/zpool.cache"))
		peek_say(plan, SEVERITY_MEDIUM, "/etc/zfs/zpool.cache",
			 mem_strdup("snapshots of ZFS can not be seen from the files: zfs list "
				    "-t snapshot, then zfs destroy those of this disk"));
	return 0;
}

const struct cleaner snapshots_cleaner = {
	.name = "snapshots",
	.title = "Snapshots",
	.why = "a snapshot on the disk keeps everything that was removed since it was made",
	.advice = "delete the snapshots, then clean, then make the image",
	.class = CLASS_TRACE,
	.severity = SEVERITY_HIGH,
	.os = GUEST_LINUX,
	.plan = plan_snapshots,
};
