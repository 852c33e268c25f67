/* SPDX-License-Identifier: MIT */
/* App packages of users. Who has which, Windows keeps below AppxAllUserStore: a key for each
 * user's SID with a key for each package, Applications for what is provisioned and
 * InboxApplications for what belongs to Windows. Only Deprovisioned of it is documented
 * ("Removing provisioned apps"), the rest is how it is since Windows 8; Sysprep itself has
 * the last word ("Sysprep fails after you remove or update Microsoft Store apps").
 *
 * A full name is NAME_VERSION_ARCHITECTURE_RESOURCE_PUBLISHER ("Package identity"), and a
 * package is provisioned in any version: its name and publisher tell. */
#include "packages.h"

#include <string.h>

#include "../look/names.h"
#include "base/ascii.h"
#include "base/cleanup.h"
#include "base/str.h"
#include "base/vec.h"
#include "settings.h"

#define STORE L"SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Appx\\AppxAllUserStore"

/* Frameworks that apps bring along: Sysprep does not ask for them. */
static const char *const frameworks[] = {
	"Microsoft.VCLibs.",	      "Microsoft.NET.Native.",
	"Microsoft.NET.CoreRuntime.", "Microsoft.NET.CoreFramework",
	"Microsoft.UI.Xaml.",	      "Microsoft.WindowsAppRuntime.",
	"Microsoft.WinJS.",	      "Microsoft.Advertising.Xaml",
	"Microsoft.DirectXRuntime",   "Microsoft.Services.Store.Engagement"};

typedef VEC(char *) families;

/* NAME_PUBLISHER; NULL: no full name of a package. */
static char *family_of(const wchar_t *full_name)
{
	_cleanup_(buf_free) struct buf name = {0};
	name_from_wide(full_name, wcslen(full_name), &name);
	const char *text = buf_text(&name), *first = strchr(text, '_'),
		   *last = strrchr(text, '_');
	if (!first || first == last)
		return NULL;
	return mem_printf("%.*s%s", (int)(first - text), text, last);
}

static bool add_family(const wchar_t *name, void *context)
{
	families *list = context;
	char *family = family_of(name);
	if (family)
		*vec_add(list) = family;
	return true;
}

static bool holds(const families *list, const char *family)
{
	vec_each(list, known)
		if (ascii_compare(*known, family) == 0)
			return true;
	return false;
}

static bool is_framework(const char *family)
{
	for (size_t i = 0; i < sizeof frameworks / sizeof *frameworks; i++)
		if (str_starts(family, frameworks[i]))
			return true;
	return false;
}

static void free_families(families *list)
{
	vec_each(list, family)
		free(*family);
	vec_free(list);
}

struct search {
	families provisioned, told;
	struct buf *out;
};

static bool on_package(const wchar_t *name, void *context)
{
	struct search *search = context;
	char *family = family_of(name);
	if (!family || is_framework(family) || holds(&search->provisioned, family) ||
	    holds(&search->told, family)) {
		free(family);
		return true;
	}
	*vec_add(&search->told) = family;
	buf_puts(search->out, search->out->len ? ", " : "");
	name_from_wide(name, wcslen(name), search->out);
	return true;
}

/* Of people; the system and services have what belongs to Windows. */
static bool on_user(const wchar_t *sid, void *context)
{
	wchar_t key[512];
	if (wcsncmp(sid, L"S-1-5-21-", 9) == 0 && wcslen(sid) < 200) {
		wcscpy(key, STORE L"\\");
		wcscat(key, sid);
		setting_each_key(key, on_package, context);
	}
	return true;
}

void packages_of_users_alone(struct buf *out)
{
	struct search search = {.out = out};
	setting_each_key(STORE L"\\Applications", add_family, &search.provisioned);
	setting_each_key(STORE L"\\InboxApplications", add_family, &search.provisioned);
	setting_each_key(STORE, on_user, &search);
	free_families(&search.provisioned);
	free_families(&search.told);
}
