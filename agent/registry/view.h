/* SPDX-License-Identifier: MIT */
/* The registry of a guest, wherever it lies: in hives, which are files of the guest, or in
 * the running system. Looking loads no hive and changes nothing.
 *
 *     struct view *view = view_new(guest);
 *     struct view_key *key;
 *     if (!view_open(view, "HKLM\\SOFTWARE\\Vendor", &key))
 *             r = view_each_value(key, visit, context);
 *     view_close(key);
 *     view_free(view);
 *
 * A place begins with the place of its hive:
 *
 *     HKLM\SOFTWARE  HKLM\SYSTEM  HKLM\SAM  HKLM\SECURITY   Windows/System32/config/...
 *     HKU\.DEFAULT                 config/DEFAULT, of the system's own account
 *     HKU\SID, HKU\SID_Classes     a profile that ProfileList names: NTUSER.DAT in its
 *                                  folder, and UsrClass.dat
 *     HKU\/Users/Default           a folder with such files that it does not name
 *
 * Of a running Windows keys are asked of the system, but for profiles that are not loaded. */
#ifndef REGISTRY_VIEW_H
#define REGISTRY_VIEW_H

#include "model/guest.h"
#include "registry/hive.h"

struct view;
struct view_key;

/* One of a guest's hives. */
struct view_hive {
	char *place;	   /* HKLM\SOFTWARE */
	char *file;	   /* inside the guest; NULL: known to the running system only */
	bool running;	   /* asked of the system */
	int error;	   /* why it can not be read, or 0 */
	const char *dirty; /* as hive_dirty tells, or NULL */
};

struct view *view_new(const struct guest *guest);
void view_free(struct view *view); /* NULL is fine */

/* Those that are there, system first. */
size_t view_hives(const struct view *view, const struct view_hive **ret);
/* The hive that a place lies in, or NULL, and its way inside that: "Vendor\Key", "" for the
 * hive itself. */
const struct view_hive *view_hive_of(const struct view *view, const char *place,
				     const char **ret_inside);

/* -ENOENT: there is no such key (or hive); -ELOOP: it is a link to another one; else what
 * hive.h and platform.h say. In HKLM\SYSTEM\CurrentControlSet the set that Select\Current
 * tells is meant. One key is to be closed before the view is freed. */
int view_open(struct view *view, const char *place, struct view_key **ret);
struct view_key *view_close(struct view_key *key); /* gives NULL; NULL is fine */
int64_t view_written(const struct view_key *key);  /* nanoseconds since 1970; 0: not known */

struct view_child;
const char *view_child_name(const struct view_child *child);
/* -ELOOP for a link. */
int view_child_open(const struct view_child *child, struct view_key **ret);
/* What is not 0 ends the round and is what that gives. */
typedef int view_key_visit(const struct view_child *child, void *context);
int view_each_key(struct view_key *key, view_key_visit *visit, void *context);

struct view_value {
	const char *name;
	uint32_t type;
	uint64_t len;	     /* bytes of its data */
	const uint8_t *data; /* at once, of a running system; else NULL: view_data */
	const struct hive_value *at;
	struct hive *hive;
};

typedef int view_value_visit(const struct view_value *value, void *context);
int view_each_value(struct view_key *key, view_value_visit *visit, void *context);
/* Appends a value's data. */
int view_data(const struct view_value *value, struct buf *out);

#endif
