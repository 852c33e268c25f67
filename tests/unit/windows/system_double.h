/* SPDX-License-Identifier: MIT */
/* Stands in for platform/windows/system in unit tests: it plays what a test sets, writes
 * down what is changed, and fails the test at arguments that the documentation of the calls
 * below does not allow. */
#pragma once

#include "base/buf.h"
#include "windows/system/system.h"

struct double_log {
	struct sys_log log;
	uint32_t clear, disable, enable; /* errors */
};

struct double_account {
	struct sys_account account;
	uint32_t remove, disable; /* errors */
};

struct system_double {
	struct double_account *accounts;
	size_t account_count;
	uint32_t accounts_end, profiles_end, rules_error;
	struct sys_password_rules rules;
	struct sys_profile *profiles;
	size_t profile_count;
	uint32_t profile_remove;
	const char *machine_sid, *own_sid; /* NULL: can not be had */
	const char *unlisted;		   /* the SID of an account that no list has */
	uint32_t somebody_error;
	bool controller;
	const struct sys_shadow *shadows;
	size_t shadow_count;
	uint32_t shadows_end, shadow_remove;
	bool journal, hibernates, cleared;
	uint32_t journal_error, journal_remove, hibernation_error, hibernation_off;
	const char *page_file; /* or NULL */
	uint32_t page_files_error, page_files_clear;
	struct double_log *logs;
	size_t log_count;
	uint32_t logs_end; /* how the list of them ends */
	struct buf calls;  /* "clear System;" and so on, in order */
};

extern struct system_double double_is;

/* Teardown of a test: all as at the start. */
int double_reset(void **state);
