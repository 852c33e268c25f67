/* SPDX-License-Identifier: MIT */
#include "crew.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "own_rules.h"

static struct rules rules;

struct detect *crew_start(const struct detect_limits *limits)
{
	struct detect *detect;
	struct buf fault = {0};
	own_rule(&rules, "token", "tkn_", "(?<secret>tkn_[a-z0-9]{20})(?![a-z0-9])");
	if (detect_prepare(&rules, 2, limits, &detect, &fault) < 0) {
		print_message("skipped: no workers here: %s\n", buf_text(&fault));
		exit(77);
	}
	return detect;
}

void crew_end(struct detect *detect)
{
	detect_free(detect);
	own_rules_clear(&rules);
}

void crew_file(struct detect *detect, const char *place, const char *name)
{
	struct plat_file *file;
	struct plat_info info;
	assert_int_equal(plat_file_open(place, &file), 0);
	assert_int_equal(plat_file_info(file, &info), 0);
	assert_int_equal(detect_file(detect, name, &info, file, NULL, 0), 0);
}
