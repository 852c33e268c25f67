/* SPDX-License-Identifier: MIT */
/* All lanes go on block by block, each through its own message. A lane whose message has
 * ended takes the next one; one that finds none goes on with zeros that nobody asks for. */
#include "packages/md5.h"

#include <string.h>

#include "base/mem.h"

enum { BLOCK = 64, WORDS = BLOCK / 4 };

/* A word of each lane. The compiler makes of it what the processor has. */
typedef uint32_t words __attribute__((vector_size(4 * MD5_LANES)));

struct lane {
	struct md5_message *message; /* NULL: none is left */
	const uint8_t *at;
	size_t blocks;		 /* of what is at `at` */
	uint8_t rest[2 * BLOCK]; /* what ends the message: padding and length */
	size_t rest_blocks;
};

struct work {
	struct md5_message *next, *end;
	words state[4];
	struct lane lanes[MD5_LANES];
};

/* ---- one block of each lane ---- */

#define CHOOSE(b, c, d) ((d) ^ ((b) & ((c) ^ (d))))
#define CHOOSE_TURNED(b, c, d) CHOOSE(d, b, c)
#define PARITY(b, c, d) ((b) ^ (c) ^ (d))
#define OR_NOT(b, c, d) ((c) ^ ((b) | ~(d)))

#define STEP(f, a, b, c, d, k, turn, sine)       \
	a += f(b, c, d) + w[(k) % WORDS] + sine; \
	a = (a << (turn) | a >> (32 - (turn))) + b

/* Four steps, each `by` words further on. */
#define STEPS(f, k, by, t0, t1, t2, t3, s0, s1, s2, s3) \
	STEP(f, a, b, c, d, k, t0, s0);                 \
	STEP(f, d, a, b, c, (k) + (by), t1, s1);        \
	STEP(f, c, d, a, b, (k) + 2 * (by), t2, s2);    \
	STEP(f, b, c, d, a, (k) + 3 * (by), t3, s3)

#define ROUND_1(k, ...) STEPS(CHOOSE, k, 1, 7, 12, 17, 22, __VA_ARGS__)
#define ROUND_2(k, ...) STEPS(CHOOSE_TURNED, k, 5, 5, 9, 14, 20, __VA_ARGS__)
#define ROUND_3(k, ...) STEPS(PARITY, k, 3, 4, 11, 16, 23, __VA_ARGS__)
#define ROUND_4(k, ...) STEPS(OR_NOT, k, 7, 6, 10, 15, 21, __VA_ARGS__)

__attribute__((always_inline)) static inline void mix(words state[4], const words *w)
{
	words a = state[0], b = state[1], c = state[2], d = state[3];
	/* The sines of 1, 2, 3, ... */
	ROUND_1(0, 0xd76aa478, 0xe8c7b756, 0x242070db, 0xc1bdceee);
	ROUND_1(4, 0xf57c0faf, 0x4787c62a, 0xa8304613, 0xfd469501);
	ROUND_1(8, 0x698098d8, 0x8b44f7af, 0xffff5bb1, 0x895cd7be);
	ROUND_1(12, 0x6b901122, 0xfd987193, 0xa679438e, 0x49b40821);
	ROUND_2(1, 0xf61e2562, 0xc040b340, 0x265e5a51, 0xe9b6c7aa);
	ROUND_2(5, 0xd62f105d, 0x02441453, 0xd8a1e681, 0xe7d3fbc8);
	ROUND_2(9, 0x21e1cde6, 0xc33707d6, 0xf4d50d87, 0x455a14ed);
	ROUND_2(13, 0xa9e3e905, 0xfcefa3f8, 0x676f02d9, 0x8d2a4c8a);
	ROUND_3(5, 0xfffa3942, 0x8771f681, 0x6d9d6122, 0xfde5380c);
	ROUND_3(1, 0xa4beea44, 0x4bdecfa9, 0xf6bb4b60, 0xbebfbc70);
	ROUND_3(13, 0x289b7ec6, 0xeaa127fa, 0xd4ef3085, 0x04881d05);
	ROUND_3(9, 0xd9d4d039, 0xe6db99e5, 0x1fa27cf8, 0xc4ac5665);
	ROUND_4(0, 0xf4292244, 0x432aff97, 0xab9423a7, 0xfc93a039);
	ROUND_4(12, 0x655b59c3, 0x8f0ccc92, 0xffeff47d, 0x85845dd1);
	ROUND_4(8, 0x6fa87e4f, 0xfe2ce6e0, 0xa3014314, 0x4e0811a1);
	ROUND_4(4, 0xf7537e82, 0xbd3af235, 0x2ad7d2bb, 0xeb86d391);
	state[0] += a;
	state[1] += b;
	state[2] += c;
	state[3] += d;
}

/* ---- the lanes ---- */

static void set_lane(struct work *work, size_t i)
{
	static const uint32_t begin[4] = {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476};
	struct lane *lane = &work->lanes[i];
	struct md5_message *message = work->next < work->end ? work->next++ : NULL;
	lane->message = message;
	if (!message)
		return;
	size_t rest = message->len % BLOCK;
	lane->at = message->at;
	lane->blocks = message->len / BLOCK;
	lane->rest_blocks = rest < BLOCK - 8 ? 1 : 2;
	memset(lane->rest, 0, sizeof lane->rest);
	if (rest)
		memcpy(lane->rest, message->at + message->len - rest, rest);
	lane->rest[rest] = 0x80;
	uint64_t bits = (uint64_t)message->len * 8;
	for (size_t byte = 0; byte < 8; byte++)
		lane->rest[lane->rest_blocks * BLOCK - 8 + byte] = (uint8_t)(bits >> 8 * byte);
	for (size_t k = 0; k < 4; k++)
		work->state[k][i] = begin[k];
}

static void end_lane(struct work *work, size_t i)
{
	uint8_t *to = work->lanes[i].message->digest;
	for (size_t byte = 0; byte < MD5_SIZE; byte++)
		to[byte] = (uint8_t)(work->state[byte / 4][i] >> 8 * (byte % 4));
}

/* Goes on to what ends the message, to the next one, to nothing. */
static void turn_lane(struct work *work, size_t i)
{
	struct lane *lane = &work->lanes[i];
	if (lane->rest_blocks) {
		lane->at = lane->rest;
		lane->blocks = lane->rest_blocks;
		lane->rest_blocks = 0;
		return;
	}
	end_lane(work, i);
	set_lane(work, i);
}

static uint32_t word_at(const uint8_t *at)
{
	uint32_t word;
	memcpy(&word, at, sizeof word);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
	word = __builtin_bswap32(word);
#endif
	return word;
}

/* Blocks until the first lane has to turn; SIZE_MAX: none has a message. */
static size_t common_blocks(struct work *work)
{
	size_t least = SIZE_MAX;
	for (size_t i = 0; i < MD5_LANES; i++) {
		struct lane *lane = &work->lanes[i];
		while (lane->message && !lane->blocks)
			turn_lane(work, i);
		if (lane->message && lane->blocks < least)
			least = lane->blocks;
	}
	return least;
}

__attribute__((always_inline)) static inline void run(struct work *work)
{
	static const uint8_t nothing[BLOCK];
	for (size_t blocks; (blocks = common_blocks(work)) != SIZE_MAX;) {
		const uint8_t *at[MD5_LANES];
		size_t step[MD5_LANES];
		for (size_t i = 0; i < MD5_LANES; i++) {
			struct lane *lane = &work->lanes[i];
			at[i] = lane->message ? lane->at : nothing;
			step[i] = lane->message ? BLOCK : 0;
			lane->at = at[i] + blocks * step[i];
			lane->blocks -= lane->message ? blocks : 0;
		}
		for (size_t n = 0; n < blocks; n++) {
			words w[WORDS];
			for (size_t k = 0; k < WORDS; k++)
				for (size_t i = 0; i < MD5_LANES; i++)
					w[k][i] = word_at(at[i] + 4 * k);
			mix(work->state, w);
			for (size_t i = 0; i < MD5_LANES; i++)
				at[i] += step[i];
		}
	}
}

#if defined(__x86_64__)
__attribute__((target("avx512vl"))) static void run_avx512(struct work *work)
{
	run(work);
}

__attribute__((target("avx2"))) static void run_avx2(struct work *work)
{
	run(work);
}
#endif

static void run_plain(struct work *work)
{
	run(work);
}

static void run_here(struct work *work)
{
#if defined(__x86_64__)
	__builtin_cpu_init();
	if (__builtin_cpu_supports("avx512vl")) {
		run_avx512(work);
		return;
	}
	if (__builtin_cpu_supports("avx2")) {
		run_avx2(work);
		return;
	}
#endif
	run_plain(work);
}

void md5_many(struct md5_message *messages, size_t count)
{
	struct work work = {.next = messages, .end = messages + count};
	for (size_t i = 0; i < MD5_LANES; i++)
		set_lane(&work, i);
	run_here(&work);
	mem_wipe(&work, sizeof work);
}
