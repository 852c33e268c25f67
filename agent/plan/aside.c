/* SPDX-License-Identifier: MIT */
#include "plan/aside.h"

#include "rules/gitleaks.h"

void aside_inline(struct finding *finding)
{
	finding->kind = FINDING_NOTE;
	finding->severity = SEVERITY_INFO;
	free(finding->text);
	finding->text = mem_printf("set aside by a comment in the file (%s); "
				   "--no-inline-allow has it count",
				   finding->name);
	finding->name = "inline-allow";
}

void aside_idle(const struct rules *rules, struct plan *plan)
{
	_cleanup_(buf_free) struct buf text = {0};
	if (!rules->gitleaks || !rules->gitleaks->idle.n)
		return;
	buf_puts(&text, "without effect in the gitleaks configuration:");
	vec_each(&rules->gitleaks->idle, idle)
		buf_printf(&text, "%s %s", idle == rules->gitleaks->idle.v ? "" : ";", *idle);
	struct finding *finding = plan_add_finding(plan, FINDING_NOTE, "gitleaks-config", "");
	finding->class = CLASS_TRACE;
	finding->text = mem_strdup(buf_text(&text));
}
