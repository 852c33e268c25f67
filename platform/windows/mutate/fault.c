/* SPDX-License-Identifier: MIT */
/* By itself in its file, so that a linker passes it over where there is another one. */
#include "fault.h"

void fault_point(const char *change)
{
	(void)change;
}
