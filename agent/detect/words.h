/* SPDX-License-Identifier: MIT */
/* Whether letters are words or were drawn at random. */
#ifndef DETECT_WORDS_H
#define DETECT_WORDS_H

#include "detect/judge.h"

/* Letters alone: "secretword", "someName", "SOME"; also when they are few, for then
 * nothing can be told. False where another byte is among them. */
bool words_are(struct span letters);
/* The same of all letters of a span, whatever stands between them. */
bool words_within(struct span span);
/* The same of words that are joined by something, which may be abbreviations. */
bool words_joined(struct span span);
/* Classes of characters that change too often for words, or letters nobody can say. */
bool words_random(struct span span);
/* "someOtherName", "base64url", "AbstractThing2": words put together as programs do. */
bool words_identifier(struct span span);
/* "hunter2", "letmein": of those that many people choose, and that are no example's. */
bool words_common_password(struct span span);

#endif
