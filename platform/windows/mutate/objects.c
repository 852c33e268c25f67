/* SPDX-License-Identifier: MIT */
/* What only calls of the system reach, by the kind in front of the colon. */
#include <errno.h>
#include <string.h>

#include "../system/system.h"
#include "base/cleanup.h"
#include "base/mem.h"
#include "mutate.h"
#include "objects.h"

struct kind {
	const char *name;
	int (*empty)(const char *name, char **ret_why);
	int (*remove)(const char *name, char **ret_why);
	int (*disable)(const char *name, char **ret_why);
};

/* One file here for each. */
static const struct kind kinds[] = {
	{.name = "account", .remove = account_remove, .disable = account_disable},
	{.name = "certificate", .remove = certificate_remove},
	{.name = "credential", .remove = credential_remove},
	{.name = "eventlog", .empty = eventlog_empty},
	{.name = "hibernation", .disable = hibernation_disable},
	{.name = "hive", .remove = hive_give_back},
	{.name = "journal", .remove = journal_remove},
	{.name = "pagefile", .empty = page_files_empty},
	{.name = "profile", .remove = profile_remove},
	{.name = "shadow", .remove = shadow_remove},
	{0},
};

int object_result(uint32_t error, const char *doing, char **ret_why)
{
	if (!error)
		return 0;
	_cleanup_free_ char *words = system_words(error);
	*ret_why = mem_printf("%s: %s", doing, words);
	return system_errno(error);
}

static const struct kind *kind_of(const char *place, const char **ret_name)
{
	size_t len = strcspn(place, ":");
	const struct kind *kind = kinds;
	while (kind->name && (strncmp(kind->name, place, len) != 0 || kind->name[len]))
		kind++;
	*ret_name = place + len + (place[len] == ':');
	return kind;
}

int plat_object_empty(const char *place, char **ret_why)
{
	const char *name;
	const struct kind *kind = kind_of(place, &name);
	return kind->empty ? kind->empty(name, ret_why) : -EOPNOTSUPP;
}

int plat_object_remove(const char *place, char **ret_why)
{
	const char *name;
	const struct kind *kind = kind_of(place, &name);
	return kind->remove ? kind->remove(name, ret_why) : -EOPNOTSUPP;
}

int plat_object_disable(const char *place, char **ret_why)
{
	const char *name;
	const struct kind *kind = kind_of(place, &name);
	return kind->disable ? kind->disable(name, ret_why) : -EOPNOTSUPP;
}
