/* SPDX-License-Identifier: MIT */
#include "plan/doubt.h"

#include <stddef.h>

#include "base/glob.h"

static const char *const places[] = {
	/* libraries that other package managers than the distribution's put there */
	"/**/node_modules/**",
	"/**/site-packages/**",
	"/**/dist-packages/**",
	"/**/lib/python[0-9]*/**",
	"/**/vendor/bundle/**",
	"/**/gems/**",
	"/**/pkg/mod/**",
	"/**/.cargo/registry/**",
	"/**/.rustup/toolchains/**",
	"/**/.pyenv/versions/**",
	/* documentation and translations */
	"/**/share/doc/**",
	"/**/share/man/**",
	"/**/share/locale/**",
	"/var/lib/apt/lists/**",
	/* tests */
	"/**/test/**",
	"/**/tests/**",
	"/**/testdata/**",
	"/**/fixtures/**",
	/* what a program made from source text */
	"/**/*.min.js",
	"/**/*.js.map",
	"/**/*.css",
	"/**/*.pyc",
};

bool doubt_place(const char *path)
{
	for (size_t i = 0; i < sizeof places / sizeof *places; i++)
		if (glob_path(places[i], path))
			return true;
	return false;
}
