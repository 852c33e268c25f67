/* SPDX-License-Identifier: MIT */
#include "plan/vendor.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/mem.h"

/* Python's installer hooks compile DIR/NAME.py to DIR/__pycache__/NAME.TAG.pyc, which no
 * package lists: what stands in it, stands in the source. NULL for other files. */
static char *python_source(const char *path)
{
	static const char place[] = "/__pycache__/";
	const char *at = strstr(path, place);
	size_t len = strlen(path);
	if (!at || len < 4 || strcmp(path + len - 4, ".pyc") != 0)
		return NULL;
	const char *name = at + sizeof place - 1;
	size_t stem = strcspn(name, ".");
	if (!stem || strchr(name, '/'))
		return NULL;
	return mem_printf("%.*s/%.*s.py", (int)(at - path), path, (int)stem, name);
}

static bool is_owned(const struct owned *owned, const char *path)
{
	_cleanup_free_ char *source = python_source(path);
	return owned_unchanged(owned, source ? source : path);
}

static const char *unread_because(int error)
{
	switch (error) {
	case -EBADMSG:
		return "it is damaged or of a form that is not known";
	case -EFBIG:
		return "it is too large";
	case -EPIPE:
		return "the process that read it died";
	case -ETIMEDOUT:
		return "the process that read it did not end in time";
	case -EPROTO:
		return "the process that read it gave an answer that can not be true";
	}
	return error_text(error);
}

static bool any_secret(const struct plan *plan)
{
	vec_each(&plan->findings, finding)
		if (finding->kind == FINDING_SECRET)
			return true;
	return false;
}

/* Then an example in a package's file may be taken for a secret: that counts. */
static void on_unread(const char *database, int error, void *context)
{
	struct finding *finding = plan_add_finding(context, FINDING_UNEXAMINED,
						   "unexamined-packages", database);
	finding->class = CLASS_BUSINESS;
	finding->severity = SEVERITY_LOW;
	finding->confidence = CONFIDENCE_HIGH;
	finding->text = mem_printf("It is not known which files belong to packages: %s.",
				   unread_because(error));
}

void vendor_mark(struct plan *plan, const struct owned *owned)
{
	if (any_secret(plan))
		owned_tell_unread(owned, on_unread, plan);
	const char *last = NULL;
	bool vendor = false;
	vec_each(&plan->findings, finding) {
		if (finding->kind != FINDING_SECRET)
			continue;
		if (!last || strcmp(last, finding->path) != 0)
			vendor = finding->seen & SEEN_VENDOR || is_owned(owned, finding->path);
		last = finding->path;
		if (vendor)
			finding->seen |= SEEN_VENDOR;
	}
}
