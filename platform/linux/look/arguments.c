/* SPDX-License-Identifier: MIT */
#include "platform.h"

char **plat_arguments(int argc, char **argv)
{
	(void)argc;
	return argv;
}
