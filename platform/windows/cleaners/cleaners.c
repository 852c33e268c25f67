/* SPDX-License-Identifier: MIT */
#include "plan/cleaner.h"

/* None so far: what goes on Windows, packs say. */
const struct cleaner *const cleaners[] = {NULL};
