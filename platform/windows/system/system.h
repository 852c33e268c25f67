/* SPDX-License-Identifier: MIT */
/* The seam to what only calls of Windows reach: a function here is a call or two of the
 * system, and what to do with the answers is decided elsewhere. So that a test can stand in
 * on either side: tests/unit/windows/system_double.c for these functions, the DLLs of
 * tests/windows/stand-in/ for the calls of Windows below them.
 *
 * Names and paths are WTF-8. Results are errors of Windows as the call gave them (of Win32,
 * of NetApi, or an HRESULT), 0 for success; system_words() says them for a reader.
 *
 * What begins with sys_act_ changes the machine: only platform/windows/mutate calls it. */
#ifndef WINDOWS_SYSTEM_H
#define WINDOWS_SYSTEM_H

#include <stdbool.h>
#include <stdint.h>

/* "access is denied (Windows error 5)", allocated. */
char *system_words(uint32_t error);
/* The negative errno value that the agent tells apart; 0 for 0. -ENOENT only for an error that
 * says that the object itself is gone. */
int system_errno(uint32_t error);

/* ---- event logs: eventlog.c, wevtapi.dll ---- */

struct sys_log {
	const char *name; /* "Microsoft-Windows-PowerShell/Operational" */
	const char *file; /* a path inside the guest; "" when it is not known */
	bool enabled;
	bool direct;   /* analytic or debug: it is emptied only while it is off */
	bool counted;  /* `records` is known */
	uint64_t records;
	uint32_t error; /* why what stands above `counted` is not known, or 0 */
};

typedef void sys_log_tell(const struct sys_log *log, void *context);

/* Tells all channels of the machine. An error: what was told before is not all. */
uint32_t sys_logs(sys_log_tell *tell, void *context);
uint32_t sys_act_log_clear(const char *name);
uint32_t sys_act_log_enable(const char *name, bool enabled);

/* ---- credentials: credentials.c, advapi32.dll and wtsapi32.dll ---- */

/* Somebody who is logged on. */
struct sys_user {
	const char *sid;  /* "" when only the name is known */
	const char *name; /* for a reader */
	void *token;	  /* to act as this user; NULL: it is the caller, or error says why */
	uint32_t error;
};

typedef void sys_user_tell(const struct sys_user *user, void *context);

/* Tells the caller first, then whoever else has a session, each once. An error: what was
 * told before is not all. */
uint32_t sys_users(sys_user_tell *tell, void *context);

struct sys_credential {
	const char *target; /* "LegacyGeneric:target=git:..." */
	uint32_t type;	    /* CRED_TYPE_ */
	bool session;	    /* in memory only: it ends with the session */
};

typedef void sys_credential_tell(const struct sys_credential *credential, void *context);

/* Of one of sys_users(), while that tells it. */
uint32_t sys_credentials(const struct sys_user *user, sys_credential_tell *tell, void *context);
uint32_t sys_act_credential_delete(const struct sys_user *user, const char *target,
				   uint32_t type);

/* ---- certificates of the machine: certificates.c, crypt32.dll and ncrypt.dll ---- */

struct sys_certificate {
	const char *thumbprint; /* 40 hexadecimal digits, capitals */
	const char *subject;	/* its simple name */
	bool self_signed, has_key;
};

typedef void sys_certificate_tell(const struct sys_certificate *certificate, void *context);

/* Of a store of the machine, "Remote Desktop" or "MY"; one that is not there holds none. */
uint32_t sys_certificates(const char *store, sys_certificate_tell *tell, void *context);
/* With its private key. */
uint32_t sys_act_certificate_delete(const char *store, const char *thumbprint);

/* ---- local accounts and profiles: accounts.c, netapi32.dll and userenv.dll ---- */

struct sys_account {
	const char *name;
	uint32_t rid; /* the last part of its SID; those that Windows makes are below 1000 */
	bool disabled, needs_no_password, password_never_expires;
};

typedef void sys_account_tell(const struct sys_account *account, void *context);

/* Tells the normal accounts of this machine. An error: what was told before is not all. */
uint32_t sys_accounts(sys_account_tell *tell, void *context);

struct sys_password_rules {
	uint32_t least_length;
	uint32_t lockout_after; /* wrong passwords; 0: never */
};

uint32_t sys_password_rules(struct sys_password_rules *ret);

/* "S-1-5-21-1-2-3", which the SIDs of its accounts begin with; allocated. */
uint32_t sys_machine_sid(char **ret);
/* Whether there is an account with this SID, listed or not. */
uint32_t sys_is_somebody(const char *sid, bool *ret);
/* Of the account that we run as, allocated; NULL when it can not be had. */
char *sys_own_sid(void);
/* Its accounts are those of the domain. */
bool sys_is_domain_controller(void);

struct sys_profile {
	const char *sid;
	const char *folder; /* a path inside the guest; "" when it is not known */
	bool loaded;	    /* its account is logged on, or a service runs as it */
};

typedef void sys_profile_tell(const struct sys_profile *profile, void *context);

uint32_t sys_profiles(sys_profile_tell *tell, void *context);

uint32_t sys_act_account_remove(const char *name);
uint32_t sys_act_account_disable(const char *name);
/* With its folder and its part of the registry. */
uint32_t sys_act_profile_remove(const char *sid);

/* ---- shadow copies: shadow.c, vssapi.dll ---- */

struct sys_shadow {
	const char *id;	    /* "{01234567-89ab-cdef-0123-456789abcdef}" */
	const char *volume; /* its name by GUID, or "" */
	const char *made;   /* "2026-01-02 03:04 UTC", or "" */
	bool lasting;	    /* not one that ends with the backup it was made for */
};

typedef void sys_shadow_tell(const struct sys_shadow *shadow, void *context);

/* Tells the shadow copies of all volumes; restore points are such copies, too. */
uint32_t sys_shadows(sys_shadow_tell *tell, void *context);
uint32_t sys_act_shadow_remove(const char *id);

/* ---- volumes and memory on the disk: volume.c, powrprof.dll and the registry ---- */

/* Whether a drive has a change journal. */
uint32_t sys_journal(char drive, bool *ret);
uint32_t sys_act_journal_remove(char drive);

/* Whether the system has reserved a hibernation file. */
uint32_t sys_hibernation(bool *ret);
uint32_t sys_act_hibernation_off(void);

/* The page files in use, as paths inside the guest; and whether they are overwritten when
 * the system shuts down. */
typedef void sys_page_file_tell(const char *path, void *context);
uint32_t sys_page_files(sys_page_file_tell *tell, void *context, bool *ret_cleared);
uint32_t sys_act_page_files_clear(void);

#endif
