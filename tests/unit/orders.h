/* SPDX-License-Identifier: MIT */
/* A worker that does what the first byte of each message says, and its parent's orders. */
#pragma once

#include "platform.h"

enum { ORDER_ECHO = 1 }; /* the tests have their own behind it */

/* Does an order; `room` holds the message and, in the end, its answer: gives the bytes. */
typedef size_t orders_obey(struct plat_channel *channel, int order, uint8_t *room, size_t len,
			   struct plat_file **files, size_t count);

/* In the worker, until its parent ends it. */
void orders_serve(struct plat_channel *channel, orders_obey *obey);

/* In the parent. */
void order(struct plat_channel *channel, int what);
void echo_works(struct plat_channel *channel);
