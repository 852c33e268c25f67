/* SPDX-License-Identifier: MIT */
#include "rules/weights.h"

#include <stddef.h>

#include "base/str.h"
#include "rules/pack.h"

enum { WEIGHT_MOST = 1000 };

#define NUMBERS "a whole number from -1000 to 1000"

static bool parse_weight(const char *text, void *slot)
{
	bool minus = *text == '-';
	uint64_t number;
	if (!str_number(text + minus, &number) || number > WEIGHT_MOST)
		return false;
	*(int *)slot = minus ? -(int)number : (int)number;
	return true;
}

static int read_weights(struct document *doc, const struct node *map, struct weights *weights)
{
	struct field fields[REASON_WEIGHED + 1] = {0};
	for (size_t i = 0; i < REASON_WEIGHED; i++)
		fields[i] = (struct field){.key = reason_name((enum reason)i),
					   .kind = FIELD_WORD,
					   .offset = i * sizeof *weights->of,
					   .required = true,
					   .parse = parse_weight,
					   .expected = NUMBERS};
	return record_read(doc, map, fields, weights->of);
}

static int read_thresholds(struct document *doc, const struct node *map,
			   struct weights *weights)
{
	/* clang-format off */
	static const struct field fields[] = {
		{.key = "low", FIELD_WORD, offsetof(struct weights, low), true, parse_weight, NUMBERS},
		{.key = "medium", FIELD_WORD, offsetof(struct weights, medium), true, parse_weight, NUMBERS},
		{.key = "high", FIELD_WORD, offsetof(struct weights, high), true, parse_weight, NUMBERS},
		{0},
	};
	/* clang-format on */
	int r = record_read(doc, map, fields, weights);
	if (r >= 0 && (weights->low > weights->medium || weights->medium > weights->high))
		return document_fault(doc, map->line, "low, medium and high have to rise");
	return r;
}

int weights_read(struct document *doc, const struct node *weights,
		 const struct node *thresholds, struct rules *rules)
{
	struct weights read = {0};
	if (!weights || !thresholds)
		return document_fault(doc, 1, "weights and thresholds go together");
	int r = read_weights(doc, weights, &read);
	if (r >= 0)
		r = read_thresholds(doc, thresholds, &read);
	if (r >= 0)
		rules->weights = read;
	return r;
}

int weights_sum(const struct weights *weights, uint64_t because)
{
	int sum = 0;
	for (int i = 0; i < REASON_WEIGHED; i++)
		if (because & REASON_BIT(i))
			sum += weights->of[i];
	return sum;
}

bool weights_level(const struct weights *weights, uint64_t because, enum confidence *ret)
{
	int sum = weights_sum(weights, because);
	*ret = sum >= weights->high	? CONFIDENCE_HIGH
	       : sum >= weights->medium ? CONFIDENCE_MEDIUM
					: CONFIDENCE_LOW;
	return sum >= weights->low;
}
