/* SPDX-License-Identifier: MIT */
/* The files that the registry lies in, while it is changed. */
#ifndef WINDOWS_HIVES_H
#define WINDOWS_HIVES_H

#include <wchar.h>

/* The hive that holds this key is written to the disk by plat_registry_settle. */
void hives_changed(const char *key);

/* Writes and unloads HKU\imgsan-...; -EBUSY: something has a key of it open. */
int hives_give_back(const char *hive);

/* RegLoadKeyW and RegUnLoadKeyW below HKEY_USERS, with their privileges; 0 or negative
 * errno. By themselves in a file, so that a test can have others in their place. */
int hive_load(const wchar_t *name, const wchar_t *file);
int hive_unload(const wchar_t *name);

#endif
