/* SPDX-License-Identifier: MIT */
/* The profiles that Windows has, and where their folders are. */
#ifndef REGISTRY_PROFILES_H
#define REGISTRY_PROFILES_H

#include <stdbool.h>

#include "base/vec.h"

struct profile {
	char *sid;
	char *path; /* as the registry has it */
	char *home; /* inside the guest; NULL: on another machine, or none */
};

struct profiles {
	struct profile *v;
	size_t n, cap;
};

/* ProfileList of the running Windows, without the system's own account; empty where it can
 * not be read. */
void profiles_of_running(struct profiles *ret);
void profiles_clear(struct profiles *profiles);

/* "C:\Users\ann" as a path inside the guest; `system` is the folder of the system, for
 * example "C:\Windows". NULL: it lies on another machine, or is none. */
char *profiles_path(const char *path, const char *system);
/* Whether it begins with a drive, as "C:" or "C:\Users". */
bool profiles_has_drive(const char *path);

#endif
