/* SPDX-License-Identifier: MIT */
/* What a value of the registry holds, as text and back. Values of the types for text (SZ,
 * EXPAND_SZ, LINK, MULTI_SZ) hold UTF-16; as text they are WTF-8 in which each character
 * stands for itself and a NUL is one byte, too. All others are the bytes they are. */
#ifndef ACT_VALUE_H
#define ACT_VALUE_H

#include <stdbool.h>

#include "base/buf.h"
#include "model/plan.h"

/* Overwrites the step's ranges, which count bytes of the text. -ECANCELED: they do not fit
 * what is there, -EINVAL: no such ranges. */
int value_redact(const struct step *step, uint32_t type, uint8_t *data, size_t len);

/* What a value of this type holds that is to say `content`: text with its NUL, lines (of
 * MULTI_SZ), a decimal number (of DWORD, QWORD), or the bytes. -EINVAL: it can not. */
int value_encode(uint32_t type, const char *content, size_t len, struct buf *ret);

#endif
