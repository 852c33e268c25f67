/* SPDX-License-Identifier: MIT */
/* Secrets in what a package brought, and in what Python compiled from it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "packaged.h"
#include "plan/vendor.h"
#include "scratch.h"

/* A package with one file, which is there as it came. */
static void put_package(const char *path)
{
	scratch_put(path, "source\n");
	ship(&path, 1);
}

static bool is_vendors(const char *path)
{
	_cleanup_(plan_free_ptr) struct plan *plan = plan_new();
	struct guest *guest = scratch_guest();
	plan_add_finding(plan, FINDING_SECRET, "token", path);
	plan_add_finding(plan, FINDING_POSTURE, "remark", path);
	struct owned *owned = owned_here(guest);
	vendor_mark(plan, owned);
	owned_free(owned);
	guest_free(guest);
	assert_int_equal(plan->findings.v[1].seen, 0);
	return plan->findings.v[0].seen & SEEN_VENDOR;
}

static void what_python_compiled_is_as_good_as_its_source(void **state)
{
	(void)state;
	static const char *const made[] = {"/x/m.py", "/x/__pycache__/m.cpython-311.pyc",
					   "/x/__pycache__/m.cpython-311.opt-1.pyc"};
	put_package("/x/m.py");
	for (size_t i = 0; i < sizeof made / sizeof *made; i++)
		if (!is_vendors(made[i]))
			fail_msg("%s is not the vendor's", made[i]);
	scratch_put("/x/m.py", "changed\n");
	for (size_t i = 0; i < sizeof made / sizeof *made; i++)
		if (is_vendors(made[i]))
			fail_msg("%s is the vendor's although the source changed", made[i]);
}

static void what_only_looks_compiled_is_not(void **state)
{
	(void)state;
	static const char *const other[] = {
		"/x/__pycache__/n.cpython-311.pyc", /* nobody's source */
		"/x/__pycache__/m.cpython-311.txt",
		"/x/__pycache__/m",
		"/x/__pycache__/m/a.cpython-311.pyc",
		"/x/__pycache__/m.d/a.pyc",
		"/y/__pycache__/m.cpython-311.pyc",
		"/x/m.pyc",
		"/x/__pycache__/.pyc",
	};
	put_package("/x/m.py");
	for (size_t i = 0; i < sizeof other / sizeof *other; i++)
		if (is_vendors(other[i]))
			fail_msg("%s is the vendor's", other[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, scratch_make, scratch_remove)
		T(what_python_compiled_is_as_good_as_its_source),
		T(what_only_looks_compiled_is_not),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
