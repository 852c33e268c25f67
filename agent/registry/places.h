/* SPDX-License-Identifier: MIT */
/* In which file of a Windows disk a place in the registry is kept.
 *
 *     struct registry_spot spot;
 *     r = registry_find(guest, "HKLM\\SYSTEM\\CurrentControlSet\\Services\\X", &spot);
 *     spot.file    /Windows/System32/config/SYSTEM, spelled as the disk has it
 *     spot.key     ControlSet001\Services\X
 *     registry_spot_clear(&spot);
 *
 * Of HKLM the hives in the folder config ("The registry hives", Win32 documentation); of
 * HKU those of the profiles by the SID that ProfileList has for each (SID: NTUSER.DAT,
 * SID_Classes: UsrClass.dat), and .DEFAULT, which S-1-5-18 is another name of; of a folder
 * that no SID is known for HKU\/Users/Default. The set of controls that is the current one is
 * named in SYSTEM, at Select. */
#ifndef REGISTRY_PLACES_H
#define REGISTRY_PLACES_H

#include "model/guest.h"

struct registry_spot {
	char *file; /* inside the guest, without links on the way */
	char *key;  /* inside the hive; "" is its root */
};

/* `place`: a key, or a value with its key. -ENXIO: no hive has such places, or no profile
 * such a SID; else why the file, or what is current, could not be found. */
int registry_find(const struct guest *guest, const char *place, struct registry_spot *ret);
void registry_spot_clear(struct registry_spot *spot);

#endif
