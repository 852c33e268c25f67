/* SPDX-License-Identifier: MIT */
/* A Windows guest: the folders of its profiles, from the running system or else from the
 * hive SOFTWARE, and what lies where profiles usually do. A folder without an account is a
 * profile all the same, and what stands only in the hive's logs is found that way. */
#include <errno.h>
#include <string.h>

#include "base/ascii.h"
#include "base/cleanup.h"
#include "base/fold.h"
#include "base/str.h"
#include "discover/inside.h"
#include "registry/profiles.h"

static const char hive[] = "/Windows/System32/config/SOFTWARE";

enum { VERSION, PROFILES }; /* as the keys follow each other */
static const char *const keys[] = {"Microsoft\\Windows NT\\CurrentVersion",
				   "Microsoft\\Windows NT\\CurrentVersion\\ProfileList\\*",
				   NULL};

struct told {
	char *product, *release, *build, *root; /* or NULL */
	uint32_t revision;
	struct profiles profiles;
};

static void told_clear(struct told *told)
{
	free(told->product);
	free(told->release);
	free(told->build);
	free(told->root);
	profiles_clear(&told->profiles);
}

static void take_text(const struct registry_value *value, char **to)
{
	_cleanup_(buf_free) struct buf text = {0};
	if (!registry_text(value, &text) || !text.len)
		return;
	free(*to);
	*to = mem_strdup(text.data);
}

static void on_value(const struct registry_value *value, void *context)
{
	struct told *told = context;
	struct {
		const char *name;
		char **to;
	} texts[] = {{"ProductName", &told->product},
		     {"DisplayVersion", &told->release}, /* since 20H2 */
		     {"CurrentBuildNumber", &told->build},
		     {"SystemRoot", &told->root}};
	char *path = NULL;
	if (value->asked == PROFILES) {
		if (ascii_compare(value->name, "ProfileImagePath") == 0)
			take_text(value, &path);
		if (path)
			*vec_add(&told->profiles) = (struct profile){
				.sid = mem_strdup(value->key), .path = path};
		return;
	}
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		if (ascii_compare(value->name, texts[i].name) == 0)
			take_text(value, texts[i].to);
	if (ascii_compare(value->name, "UBR") == 0)
		(void)registry_number(value, &told->revision);
}

static int read_hive(const struct guest *guest, const struct registry_reader *registry,
		     struct told *told)
{
	struct plat_file *file;
	struct plat_info info;
	int r = guest_file(guest, hive, &file);
	if (r < 0)
		return r;
	r = plat_file_info(file, &info);
	if (!r && registry)
		r = registry->read(file, info.size, keys, on_value, told, registry->context);
	else if (!r)
		r = registry_read(file, info.size, keys, on_value, told);
	plat_file_close(file);
	return r;
}

/* "Windows Server 2022 Standard (21H2, build 20348.169)". Microsoft has never changed the
 * name in the registry for Windows 11, whose builds begin with 22000. */
static void set_distribution(struct guest *guest, const struct told *told)
{
	static const char ten[] = "Windows 10";
	uint64_t build;
	struct buf text = {0};
	if (!told->product)
		return;
	bool eleven = str_starts(told->product, ten) && told->build &&
		      str_number(told->build, &build) && build >= 22000;
	buf_printf(&text, "%s%s", eleven ? "Windows 11" : "",
		   told->product + (eleven ? strlen(ten) : 0));
	if (told->build) {
		buf_puts(&text, " (");
		if (told->release)
			buf_printf(&text, "%s, ", told->release);
		buf_printf(&text, "build %s", told->build);
		if (told->revision)
			buf_printf(&text, ".%u", told->revision);
		buf_puts(&text, ")");
	}
	guest->distribution = text.data;
}

/* ---- homes ---- */

/* Folders that no profile is, whatever the registry says. */
static bool is_system_place(const char *path)
{
	static const char *const places[] = {"/",
					     "/Users",
					     "/Windows",
					     "/Windows/System32",
					     "/Windows/System32/config",
					     "/Windows/SysWOW64",
					     "/Windows/SysWOW64/config",
					     "/Windows/ServiceProfiles",
					     "/Program Files",
					     "/Program Files (x86)",
					     "/ProgramData"};
	for (size_t i = 0; i < sizeof places / sizeof *places; i++)
		if (fold_compare(path, places[i]) == 0)
			return true;
	return strchr(path + 1, '/') == NULL && str_ends(path, ":"); /* a whole drive */
}

static const char *add_home(struct guest *guest, const char *path)
{
	_cleanup_(buf_free) struct buf real = {0};
	struct plat_info info;
	if (guest_resolve(guest, path, &real) < 0 || is_system_place(real.data) ||
	    guest_look(guest, real.data, &info) < 0 || info.kind != PLAT_DIR)
		return NULL;
	return guest_add_home(guest, real.data);
}

/* Drives that are not there are told: their profiles are not looked at. */
static void tell_missing(struct guest *guest, const char *path)
{
	const char *inside;
	_cleanup_free_ char *drive = mem_strndup(path, 3);
	if (path[2] == ':' && !guest_has(guest, drive) &&
	    guest_volume(guest, path, &inside) == guest->volumes.v)
		inside_leave_out(guest, path, "a profile on a drive that is not mounted here");
}

/* Accounts are told apart by their SID. Those of the system itself and of its services
 * (S-1-5-18, -19, -20, and S-1-5-80 and above for single services) are no people: what
 * counts elsewhere is that they are below 1000. */
static void add_profile(struct guest *guest, const struct profile *profile, const char *system)
{
	_cleanup_free_ char *path = profiles_path(profile->path, system);
	const char *home = path ? add_home(guest, path) : NULL;
	if (path && !home)
		tell_missing(guest, path);
	bool person = str_starts(profile->sid, "S-1-5-21-") ||
		      str_starts(profile->sid, "S-1-12-1-"); /* of a directory in the cloud */
	*vec_add(&guest->accounts) = (struct account){
		.name = mem_strdup(profile->sid),
		.home = home ? mem_strdup(home) : NULL,
		.uid = person ? 1000 : 18,
		.gid = person ? 1000 : 18,
		.can_login = person,
	};
}

static void add_members(struct guest *guest, const char *folder)
{
	struct plat_dir *dir;
	char *real;
	if (guest_dir(guest, folder, &dir, &real) < 0)
		return;
	const char *name;
	enum plat_kind kind;
	while (plat_dir_next(dir, &name, &kind) > 0) {
		_cleanup_free_ char *path = mem_printf("%s/%s", real, name);
		add_home(guest, path); /* a junction, as "All Users" is, is none */
	}
	plat_dir_close(dir);
	free(real);
}

static void on_profile(const char *path, void *context)
{
	add_home(context, path);
}

void inside_windows(struct guest *guest, const struct registry_reader *registry)
{
	_cleanup_(told_clear) struct told told = {0};
	if (!guest->live)
		inside_fit(guest);
	int r = guest->live ? plat_profiles(on_profile, guest) : -ENOSYS;
	if (r == -ENOSYS)
		r = read_hive(guest, registry, &told);
	if (r < 0 && r != -ENOENT)
		inside_miss(guest, hive, "the profiles could not be read", r);
	const char *system = told.root && profiles_has_drive(told.root) ? told.root
									: "C:\\Windows";
	vec_each(&told.profiles, profile)
		add_profile(guest, profile, system);
	set_distribution(guest, &told);
	add_members(guest, "/Users");
	add_members(guest, "/Windows/ServiceProfiles");
	add_home(guest, "/Windows/System32/config/systemprofile");
	add_home(guest, "/Windows/SysWOW64/config/systemprofile");
}
