/* SPDX-License-Identifier: MIT */
/* The certificate with which this machine says over Remote Desktop who it is. The service
 * makes one of its own in the store "Remote Desktop", and again whenever there is none that
 * it could use, when it starts or somebody connects; so it can go with its key. One that
 * somebody put there is reported. */
#include "../system/system.h"
#include "base/cleanup.h"
#include "keys.h"
#include "list.h"

#define STORE "Remote Desktop"

static void on_certificate(const struct sys_certificate *certificate, void *context)
{
	struct plan *plan = context;
	_cleanup_free_ char *place = mem_printf("certificate:" STORE "\\%s",
						certificate->thumbprint);
	if (!certificate->has_key)
		return; /* nobody can pretend anything with it */
	if (certificate->self_signed) {
		struct step *step = plan_add_step(plan, STEP_REMOVE, place);
		step->files = 1;
		return;
	}
	keys_say(plan, FINDING_POSTURE, place,
		 mem_printf("the certificate of %s, which Windows did not make by itself, and "
			    "its private key stay: every clone shares them",
			    certificate->subject));
}

static int plan_certificates(const struct cleaning *cleaning, struct plan *plan)
{
	uint32_t error = cleaning->guest->live ? sys_certificates(STORE, on_certificate, plan)
					       : 0;
	if (!error)
		return 0;
	_cleanup_free_ char *words = system_words(error);
	keys_say(plan, FINDING_UNEXAMINED, "certificate:" STORE,
		 mem_printf("the certificates of Remote Desktop could not be looked at: %s",
			    words));
	return 0;
}

const struct cleaner certificates_cleaner = {
	.name = "rdp-certificate",
	.title = "Remote Desktop's own certificate",
	.why = "clones would share the key that proves which machine a client talks to; "
	       "Remote Desktop makes a new one",
	.class = CLASS_IDENTITY,
	.severity = SEVERITY_HIGH,
	.os = GUEST_WINDOWS,
	.plan = plan_certificates,
};
