/* SPDX-License-Identifier: MIT */
/* What a package brought and nobody changed is no artefact's to take. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/evp.h>

#include "plan/survey.h"
#include "scratch.h"

/* Lists both files as they are now. */
static void ship(const char *one, const char *two)
{
	struct buf text = {0};
	const char *both[] = {one, two};
	for (size_t i = 0; i < 2; i++) {
		unsigned char sum[EVP_MAX_MD_SIZE];
		const char *bytes = scratch_text(both[i]);
		assert_int_equal(EVP_Digest(bytes, strlen(bytes), sum, NULL, EVP_md5(), NULL),
				 1);
		for (size_t k = 0; k < 16; k++)
			buf_printf(&text, "%02x", sum[k]);
		buf_printf(&text, "  %s\n", both[i] + 1);
	}
	scratch_put("/var/lib/dpkg/info/a.md5sums", buf_text(&text));
	buf_free(&text);
}

static int read_here(enum packages_kind kind, const struct packages_file *files, size_t count,
		     packages_sink *sink, void *sink_context, void *context)
{
	(void)context;
	return packages_read(kind, files, count, sink, sink_context);
}

static struct owned *owned_here(const struct guest *guest)
{
	return owned_read(guest, &(struct packages_reader){read_here, NULL});
}

/* A plan by two artefacts that remove all of /srv/mine and all of /srv/trace. */
static struct plan *plan_of(void)
{
	char name[] = "mine", other[] = "trace", why[] = "because", glob[] = "/srv/mine/*",
	     glob2[] = "/srv/trace/*";
	struct artefact *artefacts[2];
	struct rules rules = {0};
	char *names[] = {name, other}, *globs[] = {glob, glob2};
	vec_add(&rules.artefacts);
	vec_add(&rules.artefacts);
	for (size_t i = 0; i < 2; i++) {
		artefacts[i] = &rules.artefacts.v[i];
		*artefacts[i] = (struct artefact){
			.name = names[i],
			.why = why,
			.os = 1u << GUEST_LINUX,
			.action = STEP_REMOVE,
			.class = i ? CLASS_TRACE : CLASS_PERSONAL,
			.severity = SEVERITY_HIGH,
		};
		*vec_add(&artefacts[i]->paths) = globs[i];
	}
	for (int class = 0; class < CLASS_COUNT; class ++)
		rules.policy.by_class[class] = DISPOSE_REMOVE;
	struct guest *guest = scratch_guest();
	struct owned *owned = owned_here(guest);
	struct guard *guard = guard_new(guest, NULL, 0);
	struct plan *plan = plan_new();
	struct survey_setup setup = {.guest = guest,
				     .rules = &rules,
				     .guard = guard,
				     .selection = &(struct selection){0},
				     .owned = owned,
				     .plan = plan};
	struct survey *survey = survey_new(&setup);
	assert_int_equal(
		discover_walk(guest->volumes.v, survey_visitor(survey, guest->volumes.v)), 0);
	survey_finish(survey);
	survey_free(survey);
	guard_free(guard);
	owned_free(owned);
	guest_free(guest);
	for (size_t i = 0; i < 2; i++)
		vec_free(&rules.artefacts.v[i].paths);
	vec_free(&rules.artefacts);
	/* Their names die with this function. */
	vec_each(&plan->findings, finding)
		finding->name = finding->class == CLASS_TRACE ? "trace" : "mine";
	return plan;
}

static void shipped_files_stay(void **state)
{
	(void)state;
	scratch_put("/srv/mine/shipped", "as it was");
	scratch_put("/srv/trace/shipped", "log");
	ship("/srv/mine/shipped", "/srv/trace/shipped");
	scratch_put("/srv/mine/own", "as it was");
	scratch_put("/srv/trace/own", "log");
	struct plan *plan = plan_of();
	assert_int_equal(plan->steps.n, 2);
	vec_each(&plan->steps, step)
		assert_non_null(strstr(step->path, "/own"));
	assert_int_equal(plan->findings.n,
			 1); /* a trace that is on every machine says nothing */
	assert_string_equal(plan->findings.v[0].path, "/srv/mine/shipped");
	assert_int_equal(plan->findings.v[0].severity, SEVERITY_LOW);
	plan_free(plan);
}

static void changed_files_go(void **state)
{
	(void)state;
	scratch_put("/srv/mine/shipped", "as it was");
	scratch_put("/srv/trace/shipped", "log");
	ship("/srv/mine/shipped", "/srv/trace/shipped");
	scratch_put("/srv/mine/shipped", "as it is");
	scratch_put("/srv/trace/shipped", "log of today");
	struct plan *plan = plan_of();
	assert_int_equal(plan->steps.n, 2);
	assert_int_equal(plan->findings.n, 0);
	plan_free(plan);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, scratch_make, scratch_remove)
		T(shipped_files_stay),
		T(changed_files_go),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
