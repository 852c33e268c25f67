/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "platform.h"

bool plat_is_terminal(int which)
{
	return isatty(which) == 1;
}

bool plat_has_colors(void)
{
	return plat_is_terminal(1);
}

unsigned plat_columns(void)
{
	struct winsize size;
	if (ioctl(1, TIOCGWINSZ, &size) < 0 || !size.ws_col)
		return 80;
	return size.ws_col;
}

/* A signal that came meanwhile ends the program, so it ends the writing, too. */
int plat_print(int which, const char *text, size_t len)
{
	while (len) {
		ssize_t n = write(which, text, len);
		if (n < 0)
			return -errno;
		text += n;
		len -= (size_t)n;
	}
	return 0;
}
