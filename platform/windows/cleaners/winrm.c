/* SPDX-License-Identifier: MIT */
/* How far WinRM of this machine opens itself to others ("Installation and configuration for
 * Windows Remote Management"; the policies' values from WindowsRemoteManagement.admx), and
 * the certificates of its listeners: no service makes those again, so they are reported. */
#include <string.h>

#include "../system/system.h"
#include "base/cleanup.h"
#include "keys.h"
#include "list.h"

#define OWN "HKLM\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\WSMAN\\"
#define POLICY "HKLM\\SOFTWARE\\Policies\\Microsoft\\Windows\\WinRM\\Service"

enum { DISABLED = 4 }; /* SERVICE_DISABLED */

static const struct setting {
	const char *own, *policy; /* values */
	const char *text;
} settings[] = {
	{"auth_basic", "AllowBasic",
	 "WinRM accepts passwords by Basic authentication; switch it off unless clones are "
	 "reached over HTTPS only (winrm set winrm/config/service/auth @{Basic=\"false\"})"},
	{"allow_unencrypted", "AllowUnencryptedTraffic",
	 "WinRM accepts traffic that is not encrypted; switch it off (winrm set "
	 "winrm/config/service @{AllowUnencrypted=\"false\"})"},
};

/* A policy is stronger than the machine's own setting. */
static void judge(const struct setting *setting, struct plan *plan)
{
	uint32_t value = 0;
	bool policy = keys_number(POLICY, setting->policy, &value);
	if (!policy && !keys_number(OWN "Service", setting->own, &value))
		return;
	if (!value)
		return;
	_cleanup_free_ char *place = policy ? mem_printf(POLICY "\\\\%s", setting->policy)
					    : mem_printf(OWN "Service\\\\%s", setting->own);
	keys_say(plan, FINDING_POSTURE, place, mem_strdup(setting->text));
}

/* ---- certificates of listeners ---- */

struct search {
	char *thumbprint; /* wanted */
	bool found, self_signed;
};

static void on_certificate(const struct sys_certificate *certificate, void *context)
{
	struct search *search = context;
	if (_stricmp(certificate->thumbprint, search->thumbprint) != 0 || !certificate->has_key)
		return;
	search->found = true;
	search->self_signed = certificate->self_signed;
}

/* It may be written with blanks, as it was copied from a window. */
static void without_blanks(char *text)
{
	char *to = text;
	for (const char *from = text; *from; from++)
		if (*from != ' ')
			*to++ = *from;
	*to = 0;
}

static int on_listener(const char *name, void *context)
{
	struct plan *plan = context;
	_cleanup_free_ char *key = mem_printf(OWN "Listener\\%s", name);
	_cleanup_free_ char *thumbprint = keys_text(key, "certThumbprint");
	struct search search = {.thumbprint = thumbprint};
	if (!thumbprint || !*thumbprint)
		return 0;
	without_blanks(thumbprint);
	if (sys_certificates("MY", on_certificate, &search) || !search.found)
		return 0;
	_cleanup_free_ char *place = mem_printf("certificate:MY\\%s", thumbprint);
	keys_say(plan, FINDING_POSTURE, place,
		 mem_printf(
			 "%s certificate of WinRM's listener %s and its private key stay, and "
			 "every clone shares them: Windows makes no new one; take it away and "
			 "give each clone its own",
			 search.self_signed ? "the self-signed" : "the", name));
	return 0;
}

static int plan_winrm(const struct cleaning *cleaning, struct plan *plan)
{
	uint32_t start = 0;
	if (!cleaning->guest->live)
		return 0;
	int r = keys_each(OWN "Listener", on_listener, plan);
	if (keys_number("HKLM\\SYSTEM\\CurrentControlSet\\Services\\WinRM", "Start", &start) &&
	    start == DISABLED)
		return r;
	for (size_t i = 0; i < sizeof settings / sizeof *settings; i++)
		judge(&settings[i], plan);
	return r;
}

const struct cleaner winrm_cleaner = {
	.name = "winrm",
	.title = "Windows Remote Management",
	.why = "what a machine that builds images allows is too much for its clones",
	.class = CLASS_SERVICE,
	.severity = SEVERITY_MEDIUM,
	.os = GUEST_WINDOWS,
	.plan = plan_winrm,
};
