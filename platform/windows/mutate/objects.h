/* SPDX-License-Identifier: MIT */
/* What can be done to objects of each kind; of all: 0, or negative errno and, if there is
 * something to say, *ret_why as of plat_object_remove. */
#ifndef WINDOWS_OBJECTS_H
#define WINDOWS_OBJECTS_H

int hive_give_back(const char *name, char **ret_why);

#endif
