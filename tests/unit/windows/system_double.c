/* SPDX-License-Identifier: MIT */
#include "system_double.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <windows.h>

#include <cmocka.h>
#include <lmerr.h>

#include "base/mem.h"

struct system_double double_is;

int double_reset(void **state)
{
	(void)state;
	buf_free(&double_is.calls);
	double_is = (struct system_double){0};
	return 0;
}

/* ---- event logs ---- */

uint32_t sys_logs(sys_log_tell *tell, void *context)
{
	for (size_t i = 0; i < double_is.log_count; i++)
		tell(&double_is.logs[i].log, context);
	return double_is.logs_end;
}

static struct double_log *log_named(const char *name)
{
	assert_true(name && *name);
	for (size_t i = 0; i < double_is.log_count; i++)
		if (strcmp(double_is.logs[i].log.name, name) == 0)
			return &double_is.logs[i];
	return NULL;
}

uint32_t sys_act_log_clear(const char *name)
{
	struct double_log *log = log_named(name);
	buf_printf(&double_is.calls, "clear %s;", name);
	if (!log)
		return ERROR_EVT_CHANNEL_NOT_FOUND;
	if (log->log.direct && log->log.enabled)
		return ERROR_EVT_INVALID_OPERATION_OVER_ENABLED_DIRECT_CHANNEL;
	if (!log->clear)
		log->log.records = 0;
	return log->clear;
}

/* EVT_CHANNEL_CONFIG_PROPERTY_ID: EvtChannelConfigEnabled of these can not be set. */
uint32_t sys_act_log_enable(const char *name, bool enabled)
{
	struct double_log *log = log_named(name);
	buf_printf(&double_is.calls, "%s %s;", enabled ? "enable" : "disable", name);
	if (strcmp(name, "Application") == 0 || strcmp(name, "System") == 0 ||
	    strcmp(name, "Security") == 0)
		fail_msg("%s can not be switched", name);
	if (!log)
		return ERROR_EVT_CHANNEL_NOT_FOUND;
	uint32_t error = enabled ? log->enable : log->disable;
	if (!error)
		log->log.enabled = enabled;
	return error;
}

/* ---- accounts and profiles ---- */

uint32_t sys_accounts(sys_account_tell *tell, void *context)
{
	for (size_t i = 0; i < double_is.account_count; i++)
		tell(&double_is.accounts[i].account, context);
	return double_is.accounts_end;
}

uint32_t sys_password_rules(struct sys_password_rules *ret)
{
	*ret = double_is.rules;
	return double_is.rules_error;
}

uint32_t sys_machine_sid(char **ret)
{
	if (double_is.machine_sid)
		*ret = mem_strdup(double_is.machine_sid);
	return double_is.machine_sid ? ERROR_SUCCESS : ERROR_ACCESS_DENIED;
}

uint32_t sys_is_somebody(const char *sid, bool *ret)
{
	*ret = double_is.unlisted && strcmp(sid, double_is.unlisted) == 0;
	return double_is.somebody_error;
}

char *sys_own_sid(void)
{
	return double_is.own_sid ? mem_strdup(double_is.own_sid) : NULL;
}

bool sys_is_domain_controller(void)
{
	return double_is.controller;
}

uint32_t sys_profiles(sys_profile_tell *tell, void *context)
{
	for (size_t i = 0; i < double_is.profile_count; i++)
		tell(&double_is.profiles[i], context);
	return double_is.profiles_end;
}

/* NetUserAdd: what no name of an account has. */
static struct double_account *account_named(const char *name)
{
	assert_true(name && *name && !strpbrk(name, "\"/\\[]:|<>+=;?*,"));
	for (size_t i = 0; i < double_is.account_count; i++)
		if (strcmp(double_is.accounts[i].account.name, name) == 0)
			return &double_is.accounts[i];
	return NULL;
}

uint32_t sys_act_account_remove(const char *name)
{
	const struct double_account *account = account_named(name);
	buf_printf(&double_is.calls, "remove %s;", name);
	return account ? account->remove : NERR_UserNotFound;
}

uint32_t sys_act_account_disable(const char *name)
{
	struct double_account *account = account_named(name);
	buf_printf(&double_is.calls, "disable %s;", name);
	if (account && !account->disable)
		account->account.disabled = true;
	return account ? account->disable : NERR_UserNotFound;
}

/* DeleteProfileW: not that of the system. */
uint32_t sys_act_profile_remove(const char *sid)
{
	assert_true(strncmp(sid, "S-1-", 4) == 0 && strcmp(sid, "S-1-5-18") != 0);
	buf_printf(&double_is.calls, "profile %s;", sid);
	return double_is.profile_remove;
}

/* ---- shadow copies and volumes ---- */

uint32_t sys_shadows(sys_shadow_tell *tell, void *context)
{
	for (size_t i = 0; i < double_is.shadow_count; i++)
		tell(&double_is.shadows[i], context);
	return double_is.shadows_end;
}

uint32_t sys_act_shadow_remove(const char *id)
{
	assert_true(strlen(id) == 38 && id[0] == '{' && id[37] == '}');
	buf_printf(&double_is.calls, "shadow %s;", id);
	return double_is.shadow_remove;
}

uint32_t sys_journal(char drive, bool *ret)
{
	assert_true((drive >= 'A' && drive <= 'Z') || (drive >= 'a' && drive <= 'z'));
	*ret = double_is.journal && !double_is.journal_error;
	return double_is.journal_error;
}

uint32_t sys_act_journal_remove(char drive)
{
	assert_true((drive >= 'A' && drive <= 'Z') || (drive >= 'a' && drive <= 'z'));
	buf_printf(&double_is.calls, "journal %c;", drive);
	return double_is.journal_remove;
}

uint32_t sys_hibernation(bool *ret)
{
	*ret = double_is.hibernates;
	return double_is.hibernation_error;
}

uint32_t sys_act_hibernation_off(void)
{
	buf_puts(&double_is.calls, "hibernation;");
	return double_is.hibernation_off;
}

uint32_t sys_page_files(sys_page_file_tell *tell, void *context, bool *ret_cleared)
{
	if (double_is.page_file)
		tell(double_is.page_file, context);
	*ret_cleared = double_is.cleared;
	return double_is.page_files_error;
}

uint32_t sys_act_page_files_clear(void)
{
	buf_puts(&double_is.calls, "pages;");
	return double_is.page_files_clear;
}
