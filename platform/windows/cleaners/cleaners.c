/* SPDX-License-Identifier: MIT */
#include "list.h"

const struct cleaner *const cleaners[] = {
	&borrowed_hives_cleaner,
	NULL,
};
