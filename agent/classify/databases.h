/* SPDX-License-Identifier: MIT */
/* Where the package databases of a guest are. */
#ifndef CLASSIFY_DATABASES_H
#define CLASSIFY_DATABASES_H

#include "classify/owned.h"

/* Asks every database that there is; one that can not be read (fully) is told. */
void databases_read(const struct guest *guest, const struct packages_reader *reader,
		    packages_sink *sink, void *sink_context, owned_unread *unread,
		    void *context);

#endif
