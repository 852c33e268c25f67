/* SPDX-License-Identifier: MIT */
#include "orders.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

void orders_serve(struct plat_channel *channel, orders_obey *obey)
{
	static uint8_t room[PLAT_MESSAGE_MAX];
	struct plat_file *files[PLAT_FILES_MAX];
	size_t count;
	int64_t got;
	while ((got = plat_receive(channel, room, sizeof room, files, &count)) > 0) {
		size_t len = obey(channel, room[0], room, (size_t)got, files, count);
		for (size_t i = 0; i < count; i++)
			plat_file_close(files[i]);
		plat_send(channel, room, len, NULL, 0);
	}
}

void order(struct plat_channel *channel, int what)
{
	char message[2] = {(char)what, 'x'};
	assert_int_equal(plat_send(channel, message, 2, NULL, 0), 0);
}

void echo_works(struct plat_channel *channel)
{
	char back[8] = "";
	order(channel, ORDER_ECHO);
	assert_int_equal(plat_wait(&channel, 1, 20000), 0);
	assert_int_equal(plat_receive(channel, back, sizeof back, NULL, NULL), 2);
	assert_int_equal(back[1], 'x');
}
