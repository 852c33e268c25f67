/* SPDX-License-Identifier: MIT */
/* What can be done to objects of each kind; of all: 0, or negative errno and, if there is
 * something to say, *ret_why as of plat_object_remove. */
#ifndef WINDOWS_OBJECTS_H
#define WINDOWS_OBJECTS_H

#include <stdint.h>

/* What an error of Windows is to the agent; *ret_why is "DOING: what Windows said". */
int object_result(uint32_t error, const char *doing, char **ret_why);

int certificate_remove(const char *name, char **ret_why);
int credential_remove(const char *name, char **ret_why);
int hive_give_back(const char *name, char **ret_why);

#endif
