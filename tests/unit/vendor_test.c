/* SPDX-License-Identifier: MIT */
/* Secrets in what a package brought, and in what Python compiled from it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>
#include <openssl/evp.h>

#include "base/cleanup.h"
#include "plan/vendor.h"
#include "scratch.h"

static const char *const text = "source\n";

static int read_here(enum packages_kind kind, const struct packages_file *files, size_t count,
		     packages_sink *sink, void *sink_context, void *context)
{
	(void)context;
	return packages_read(kind, files, count, sink, sink_context);
}

/* A package with one file, which is there as it came. */
static void put_package(const char *path)
{
	unsigned char sum[EVP_MAX_MD_SIZE];
	_cleanup_(buf_free) struct buf list = {0};
	assert_int_equal(EVP_Digest(text, strlen(text), sum, NULL, EVP_md5(), NULL), 1);
	for (int i = 0; i < 16; i++)
		buf_printf(&list, "%02x", sum[i]);
	buf_printf(&list, "  %s\n", path + 1);
	scratch_put("/var/lib/dpkg/info/a.md5sums", buf_text(&list));
	scratch_put(path, text);
}

static bool is_vendors(const char *path)
{
	_cleanup_(plan_free_ptr) struct plan *plan = plan_new();
	struct guest *guest = scratch_guest();
	struct packages_reader reader = {read_here, NULL};
	plan_add_finding(plan, FINDING_SECRET, "token", path);
	plan_add_finding(plan, FINDING_POSTURE, "remark", path);
	struct owned *owned = owned_read(guest, &reader);
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
