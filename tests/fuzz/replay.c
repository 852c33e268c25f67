/* SPDX-License-Identifier: MIT */
/* Every seed of a folder, then so many changed ones:  packs_fuzz FOLDER ROUNDS
 *
 * The change of a round depends on its number alone. When the target crashes or
 * hangs, the input is left beside the folder as FOLDER.crash, which
 *     packs_fuzz FILE
 * runs again. */
#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/vec.h"
#include "fuzz.h"

enum { HANGS_AFTER = 60 /* seconds for one input */, LARGEST = 1 << 20, CHANGES = 4 };

#pragma weak LLVMFuzzerInitialize

static VEC(struct buf) seeds;

/* ---- the input at hand, for when it ends the program ---- */

static struct buf input;
static char input_name[64], crash_path[4096];

static void say(const char *text)
{
	if (write(STDERR_FILENO, text, strlen(text)) < 0)
		_exit(1);
}

static void on_end(int number)
{
	int fd = open(crash_path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	say(input_name);
	say(number == SIGALRM ? " hangs" : " ends the program");
	if (fd >= 0 && write(fd, input.data, input.len) == (ssize_t)input.len) {
		say("; the input is ");
		say(crash_path);
	}
	say("\n");
	_exit(1);
}

static void signals_take(const char *folder)
{
	static const int ends[] = {SIGABRT, SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGALRM};
	snprintf(crash_path, sizeof crash_path, "%s.crash", folder);
	remove(crash_path);
	for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
		signal(ends[i], on_end);
}

static void run(void)
{
	/* Bytes of their own, so that a sanitizer sees the end. */
	uint8_t *bytes = mem_alloc(input.len);
	if (input.len)
		memcpy(bytes, input.data, input.len);
	alarm(HANGS_AFTER);
	LLVMFuzzerTestOneInput(bytes, input.len);
	alarm(0);
	free(bytes);
}

/* ---- changes ---- */

static uint64_t dice;

/* SplitMix64 (Steele, Lea, Flood 2014). */
static uint64_t roll(uint64_t below)
{
	uint64_t z = dice += UINT64_C(0x9e3779b97f4a7c15);
	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return (z ^ z >> 31) % (below ? below : 1);
}

/* Puts bytes in the place of `gone` others. */
static void put(size_t at, size_t gone, const void *bytes, size_t len)
{
	struct buf fresh = {0};
	buf_reserve(&fresh, 1); /* data is never NULL */
	buf_add(&fresh, input.data, at);
	buf_add(&fresh, bytes, len);
	buf_add(&fresh, input.data + at + gone, input.len - at - gone);
	buf_free(&input);
	input = fresh;
}

static void put_number(size_t at)
{
	static const uint64_t numbers[] = {0,	       1,	  0x7f,
					   0x80,       0xff,	  0x7fff,
					   0x8000,     0xffff,	  0x10000,
					   0xfffff,    INT32_MAX, UINT32_C(1) << 31,
					   UINT32_MAX, INT64_MAX, UINT64_C(1) << 63,
					   UINT64_MAX};
	uint64_t number = numbers[roll(sizeof numbers / sizeof *numbers)];
	size_t size = (size_t)1 << roll(4), gone = input.len - at;
	uint8_t bytes[8];
	bool big = roll(2);
	for (size_t i = 0; i < size; i++)
		bytes[big ? size - 1 - i : i] = (uint8_t)(number >> 8 * i);
	put(at, gone < size ? gone : size, bytes, size);
}

static void change(void)
{
	static const char *const marks[] = {"\n", ":",	"=", "\"", "{",
					    "[",  "\\", "$", "..", "/"};
	size_t at = roll(input.len + 1), left = input.len - at,
	       some = roll(left < 64 ? left + 1 : 64);
	const struct buf *other = &seeds.v[roll(seeds.n)];
	size_t from = roll(other->len + 1);
	switch (roll(8)) {
	case 0:
	case 1:
		if (left)
			input.data[at] = (char)(input.data[at] ^ 1 << roll(8));
		break;
	case 2:
		put_number(at);
		break;
	case 3:
		put(at, some, NULL, 0);
		break;
	case 4:
		buf_cut(&input, at);
		break;
	case 5: /* the end of another seed */
		put(at, left, other->data + from, other->len - from);
		break;
	case 6: /* some of it twice */
		put(at, 0, input.data + roll(input.len - some + 1), some);
		break;
	default: {
		const char *mark = marks[roll(sizeof marks / sizeof *marks)];
		put(at, 0, mark, strlen(mark));
	}
	}
}

static void run_changed(uint64_t round)
{
	dice = round;
	snprintf(input_name, sizeof input_name, "round %" PRIu64, round);
	const struct buf *seed = &seeds.v[round % seeds.n];
	buf_cut(&input, 0);
	buf_add(&input, seed->data, seed->len);
	for (uint64_t i = 0, n = 1 + roll(CHANGES); i < n; i++)
		change();
	if (input.len > LARGEST)
		buf_cut(&input, LARGEST);
	run();
}

/* ---- seeds ---- */

static void read_into(const char *path, struct buf *ret)
{
	struct plat_file *file;
	must(!plat_file_open(path, &file));
	must(!plat_file_slurp(file, LARGEST * 8, ret));
	plat_file_close(file);
	buf_reserve(ret, 1); /* data is never NULL */
}

static void run_seeds(const char *folder)
{
	struct dirent **names;
	int count = scandir(folder, &names, NULL, alphasort);
	for (int i = 0; i < count; i++) {
		if (names[i]->d_name[0] != '.') {
			char *path = mem_printf("%s/%s", folder, names[i]->d_name);
			read_into(path, vec_add(&seeds));
			buf_cut(&input, 0);
			buf_add(&input, seeds.v[seeds.n - 1].data, seeds.v[seeds.n - 1].len);
			snprintf(input_name, sizeof input_name, "%.63s", names[i]->d_name);
			run();
			free(path);
		}
		free(names[i]);
	}
	if (count >= 0)
		free(names);
}

int main(int argc, char **argv)
{
	struct stat st;
	if (argc < 2 || stat(argv[1], &st) < 0) {
		fprintf(stderr, "usage: %s FOLDER ROUNDS | FILE\n", argv[0]);
		return 2;
	}
	if (LLVMFuzzerInitialize)
		LLVMFuzzerInitialize(&argc, &argv);
	buf_reserve(&input, 1);
	if (!S_ISDIR(st.st_mode)) {
		read_into(argv[1], &input);
		run();
		return 0;
	}
	signals_take(argv[1]);
	run_seeds(argv[1]);
	uint64_t rounds = argc > 2 ? strtoull(argv[2], NULL, 10) : 0;
	if (!seeds.n) {
		fprintf(stderr, "%s: no seeds\n", argv[1]);
		return 1;
	}
	for (uint64_t round = 1; round <= rounds; round++)
		run_changed(round);
	printf("%zu seeds and %" PRIu64 " changed ones\n", seeds.n, rounds);
	vec_each(&seeds, seed)
		buf_free(seed);
	vec_free(&seeds);
	buf_free(&input);
	return 0;
}
