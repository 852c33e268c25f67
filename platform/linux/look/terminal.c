/* SPDX-License-Identifier: MIT */
#include <sys/ioctl.h>
#include <unistd.h>

#include "platform.h"

bool plat_is_terminal(int which)
{
	return isatty(which) == 1;
}

unsigned plat_columns(void)
{
	struct winsize size;
	if (ioctl(1, TIOCGWINSZ, &size) < 0 || !size.ws_col)
		return 80;
	return size.ws_col;
}
