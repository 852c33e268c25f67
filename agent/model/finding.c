/* SPDX-License-Identifier: MIT */
#include "model/finding.h"

#include <stdlib.h>
#include <string.h>

static const char *const severities[] = {"info", "low", "medium", "high", "critical"};
static const char *const confidences[] = {"low", "medium", "high"};
static const char *const classes[] = {"personal", "identity", "service", "trace", "business"};
static const char *const kinds[] = {"secret", "unexamined", "posture", "note"};

#define COUNT(table) (sizeof(table) / sizeof *(table))

static bool lookup(const char *const *table, size_t count, const char *text, size_t *ret)
{
	for (size_t i = 0; i < count; i++) {
		if (strcmp(table[i], text) == 0) {
			*ret = i;
			return true;
		}
	}
	return false;
}

const char *severity_name(enum severity severity)
{
	return severities[severity];
}

bool severity_parse(const char *text, enum severity *ret)
{
	size_t at;
	if (!lookup(severities, COUNT(severities), text, &at))
		return false;
	*ret = (enum severity)at;
	return true;
}

const char *confidence_name(enum confidence confidence)
{
	return confidences[confidence];
}

bool confidence_parse(const char *text, enum confidence *ret)
{
	size_t at;
	if (!lookup(confidences, COUNT(confidences), text, &at))
		return false;
	*ret = (enum confidence)at;
	return true;
}

const char *class_name(enum class class)
{
	return classes[class];
}

bool class_parse(const char *text, enum class *ret)
{
	size_t at;
	if (!lookup(classes, COUNT(classes), text, &at))
		return false;
	*ret = (enum class)at;
	return true;
}

const char *finding_kind_name(enum finding_kind kind)
{
	return kinds[kind];
}

void finding_clear(struct finding *finding)
{
	free(finding->path);
	free(finding->member);
	free(finding->text);
	*finding = (struct finding){0};
}
