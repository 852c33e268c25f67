/* SPDX-License-Identifier: MIT */
/* What can be done to each kind of object; see objects.c. Functions as in mutate.h, with
 * the name behind the colon. */
#ifndef WINDOWS_OBJECTS_H
#define WINDOWS_OBJECTS_H

#include <stdint.h>

/* 0, or the errno value of an error of Windows with "DOING: what it means" in *ret_why. */
int object_result(uint32_t error, const char *doing, char **ret_why);

int account_disable(const char *name, char **ret_why);
int account_remove(const char *name, char **ret_why);
int certificate_remove(const char *name, char **ret_why);
int credential_remove(const char *name, char **ret_why);
int eventlog_empty(const char *name, char **ret_why);
int hibernation_disable(const char *name, char **ret_why);
int hive_give_back(const char *name, char **ret_why);
int journal_remove(const char *drive, char **ret_why);
int page_files_empty(const char *name, char **ret_why);
int profile_remove(const char *sid, char **ret_why);
int shadow_remove(const char *id, char **ret_why);

#endif
