/* SPDX-License-Identifier: MIT */
/* What there is: the guest's volumes and accounts, and every entry below them.
 *
 *     struct guest *guest;
 *     discover_guest("/", GUEST_LINUX, include, NULL, &guest);
 *     discover_walk(guest, &volume, &visitor);      once for each volume
 *     guest_free(guest); */
#ifndef DISCOVER_DISCOVER_H
#define DISCOVER_DISCOVER_H

#include "model/guest.h"
#include "registry/registry.h"

/* `os` 0: by what is there. include_mounts: paths of mounts on other disks that
 * are taken in, or "/D:=DIR" for a drive that DIR of this machine is; NULL-terminated, or
 * NULL. registry: who reads the hives of a Windows guest;
 * NULL: this process does. A negative errno value when the root can not be opened. */
int discover_guest(const char *root, enum guest_os os, const char *const *include_mounts,
		   const struct registry_reader *registry, struct guest **ret);

struct discover_entry {
	const char *path; /* inside the guest */
	const char *name;
	unsigned depth; /* components below the volume's root, from 1 */
	struct plat_info info;
	struct plat_dir *parent;
	struct plat_file **file; /* opened already, or NULL there: see discover_take */
	bool stream;		 /* "FILE:STREAM", told like a file beside FILE */
};

/* The file of an entry, which is the caller's then; by its name where it is not open. */
int discover_take(const struct discover_entry *entry, struct plat_file **ret);

struct discover_visitor {
	/* Asked first for what is no directory, when only its kind is known; may be
	 * NULL. True: that was enough, it is not looked at. */
	bool (*brief)(const struct discover_entry *entry, void *context);
	/* False: a directory is not entered, and the streams of a file are not told. Called
	 * before the members of a directory, and behind its streams. */
	bool (*entry)(const struct discover_entry *entry, void *context);
	/* An entry or the rest of a directory could not be looked at. */
	void (*fault)(const char *path, int error, void *context);
	void *context;
	/* Most files are going to be read: they are opened at once, which takes a look-up
	 * of their names less. */
	bool reads;
};

/* Goes through a volume, iteratively and without following a link; another
 * mount is not entered. Memory is bound by the depth, not by the number of files.
 * Ends early with 0 when the run is asked to stop. */
int discover_walk(const struct volume *volume, const struct discover_visitor *visitor);

#endif
