/* SPDX-License-Identifier: MIT */
/* The artefact cloud-init-generated goes only by name, and then only where cloud-init
 * writes the same again on a clone: without its network settings a clone that has no
 * cloud-init could not be reached. */
#include <string.h>

#include "base/str.h"
#include "cloudinit.h"
#include "list.h"

static bool comes_again(const struct guest *guest, const char *path)
{
	if (str_starts(path, "/etc/sudoers.d/") || str_starts(path, "/etc/ssh/"))
		return cloudinit_sets_logins(guest);
	return cloudinit_writes_network(guest);
}

static void stay(struct plan *plan, const struct step *step)
{
	struct finding *finding = plan_add_finding(plan, FINDING_POSTURE, step->name,
						   step->path);
	finding->class = step->class;
	finding->severity = SEVERITY_LOW;
	finding->confidence = CONFIDENCE_HIGH;
	finding->text = mem_strdup("stays: cloud-init would not write it again on a clone");
	finding->target = step->target;
}

static void check(const struct cleaning *cleaning, struct plan *plan)
{
	size_t kept = 0;
	vec_each(&plan->steps, step) {
		bool ours = strcmp(step->name, "cloud-init-generated") == 0;
		if (ours && !comes_again(cleaning->guest, step->path)) {
			stay(plan, step);
			step_clear(step);
		} else {
			plan->steps.v[kept++] = *step;
		}
	}
	plan->steps.n = kept;
}

const struct cleaner cloudinit_settings_cleaner = {
	.name = "cloud-init-settings",
	.title = "Settings that only cloud-init brings back",
	.why = "a clone without its network settings and without cloud-init is out of reach",
	.class = CLASS_IDENTITY,
	.severity = SEVERITY_LOW,
	.os = GUEST_LINUX,
	.check = check,
};
