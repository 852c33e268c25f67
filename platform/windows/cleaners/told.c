/* SPDX-License-Identifier: MIT */
#include "told.h"

#include "../system/system.h"
#include "base/cleanup.h"
#include "base/mem.h"

static struct finding *add(struct plan *plan, enum finding_kind kind, const char *place,
			   char *text)
{
	struct finding *finding = plan_add_finding(plan, kind, NULL, place);
	finding->text = text;
	return finding;
}

void told_note(struct plan *plan, const char *place, char *text)
{
	add(plan, FINDING_NOTE, place, text);
}

void told_posture(struct plan *plan, enum severity severity, const char *place, char *text)
{
	add(plan, FINDING_POSTURE, place, text)->severity = severity;
}

void told_unexamined(struct plan *plan, const char *place, const char *what, uint32_t error)
{
	_cleanup_free_ char *words = system_words(error);
	add(plan, FINDING_UNEXAMINED, place, mem_printf("%s: %s", what, words))->severity =
		SEVERITY_MEDIUM;
}
