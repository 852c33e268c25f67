/* SPDX-License-Identifier: MIT */
#include "detect/place.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/glob.h"
#include "base/mem.h"
#include "base/str.h"
#include "detect/container.h"

/* In lower case, as all that is compared with them. */
struct names {
	enum reason reason;
	const char *const *globs;
};

#define NAMES(...) ((const char *const[]){__VA_ARGS__, NULL})

/* A folder at any depth; several are one behind the other. */
static const struct names folders[] = {
	{REASON_TEST_FILE,
	 NAMES("test", "tests", "testing", "__tests__", "testdata", "test-data", "test_data",
	       "fixture", "fixtures", "__fixtures__", "spec", "specs", "__mocks__", "mock",
	       "mocks", "e2e", "testsuite", "testsuites", "unittest", "unittests", "cypress",
	       "*-test", "*-tests", "*_test", "*_tests")},
	{REASON_EXAMPLE_FILE, NAMES("example", "examples", "sample", "samples", "demo", "demos",
				    "tutorial", "tutorials", "quickstart", "boilerplate")},
	{REASON_DOCUMENTATION, NAMES("doc", "docs", "share/man", "man/man[1-9]", "share/info",
				     "javadoc", "wiki", "documentation", "gtk-doc")},
	{REASON_TRANSLATION,
	 NAMES("locale", "locales", "i18n", "l10n", "lang", "langs", "languages",
	       "localization", "localizations", "translations", "translation", "nls")},
	{REASON_LIBRARY,
	 NAMES("node_modules", "bower_components", "jspm_packages", "site-packages",
	       "dist-packages", "lib/python[0-9]*", "gems", "vendor/bundle", "vendor/*.*",
	       "vendor/*/*/src", "vendor/*/*/lib", "third_party", "thirdparty", "third-party",
	       "3rdparty", "registry/src", "registry/cache", "pkg/mod", "toolchains",
	       ".pyenv/versions", ".m2/repository", "pods", "_cacache")},
};

static const struct names leaves[] = {
	{REASON_TEST_FILE,
	 NAMES("test_*.py", "*_test.*", "*_tests.*", "*.test.*", "*.tests.*", "*.spec.*",
	       "*_spec.*", "*test.java", "*tests.java", "*test.kt", "*test.php", "*tests.cs",
	       "*test.cs", "conftest.py", "*.snap")},
	{REASON_EXAMPLE_FILE,
	 NAMES("*.example", "*.example.*", "*.sample", "*.sample.*", "*.dist", "*.tmpl",
	       "*.template", "*.template.*", "*.tpl", "*.j2", "*.erb", "*-example.*",
	       "*.examples.*", "examples.*", "examples-*", "*_example.*", "*-sample.*",
	       "*_sample.*", "example.*", "sample.*", "*-template.*", "*.mustache", "*.hbs")},
	{REASON_NOTES, NAMES("*.md", "*.mdx", "*.markdown", "*.rst", "*.adoc", "*.asciidoc",
			     "*.tex", "readme*", "contributing*")},
	{REASON_DOCUMENTATION,
	 NAMES("*.texi", "*.pod", "*.info", "changelog*", "changes*", "news", "license*",
	       "copying", "*.html", "*.htm", "*.xhtml")},
	{REASON_TRANSLATION, NAMES("*.po", "*.pot", "*.mo", "*.gmo", "*.qm", "*.xlf", "*.xliff",
				   "*.arb", "*.resx", "*.strings", "messages*.properties")},
	{REASON_LOCK_FILE,
	 NAMES("package-lock.json", ".package-lock.json", "npm-shrinkwrap.json", "yarn.lock",
	       "cargo.lock", "composer.lock", "gemfile.lock", "poetry.lock", "pipfile.lock",
	       "go.sum", "pnpm-lock.yaml", "flake.lock", "mix.lock", "packages.lock.json",
	       "uv.lock", "bun.lock", "pubspec.lock", "podfile.lock", ".terraform.lock.hcl",
	       "*.sha1", "*.sha256", "*.sha512", "*.md5", "*sums", "*sums.txt")},
	{REASON_MINIFIED,
	 NAMES("*.min.js", "*.min.css", "*.min.mjs", "*.bundle.js", "*.chunk.js", "*.js.map",
	       "*.css.map", "*.mjs.map", "*.css", "*.scss", "*.less", "*.pyc", "*.svg")},
	{REASON_SOURCE_CODE,
	 NAMES("*.py", "*.pyi", "*.js", "*.jsx", "*.mjs", "*.cjs", "*.ts", "*.tsx", "*.vue",
	       "*.svelte", "*.java", "*.kt", "*.kts", "*.scala", "*.groovy", "*.gradle", "*.go",
	       "*.rb", "*.php", "*.phtml", "*.cs", "*.vb", "*.fs", "*.c", "*.h", "*.cc", "*.hh",
	       "*.cpp", "*.hpp", "*.cxx", "*.m", "*.mm", "*.swift", "*.rs", "*.dart", "*.lua",
	       "*.pl", "*.pm", "*.ex", "*.exs", "*.erl", "*.hrl", "*.clj", "*.hs", "*.ml",
	       "*.jl", "*.r", "*.tf", "*.hcl", "*.sol", "*.nim", "*.d", "*.el", "*.proto",
	       "*.graphql", "*.ipynb", "*.aspx", "*.jsp", "*.cshtml")},
	{REASON_CONFIG_FILE,
	 NAMES("*.conf", "*.cfg", "*.ini", "*.env", ".env*", "env", "*.properties", "*.yaml",
	       "*.yml", "*.toml", "*.json", "*.xml", "*.cnf", "*.config", "*.plist", "*.tfvars",
	       "*.service", "*.tfstate", "*.reg", "*.ovpn", "*.netrc", ".*rc", "*.credentials",
	       "credentials", ".*cnf", ".pgpass", ".git-credentials", "*.secret", "*.secrets",
	       "*.pwd", "*.passwd")},
	{REASON_SHELL_HISTORY,
	 NAMES("*_history", "*.history", ".bashrc", ".zshrc", ".profile", ".bash_profile",
	       ".bash_login", ".bash_aliases", ".zprofile", ".zshenv", ".kshrc", ".cshrc")},
};

/* Whether so many components before the end of `path` fit the glob, which may hold
 * slashes as well. */
static bool ends_in(const char *glob, const char *path, char last_of_path)
{
	size_t slashes = 0;
	char last = glob[strlen(glob) - 1]; /* nearly all fail there */
	if (last != last_of_path && last != '*' && last != ']')
		return false;
	for (const char *c = glob; *c; c++)
		slashes += *c == '/';
	const char *at = path + strlen(path);
	while (at > path && (at[-1] != '/' || slashes--))
		at--;
	return glob_path(glob, at);
}

static uint64_t fitting(const struct names *tables, size_t count, const char *path)
{
	uint64_t found = 0;
	char last = *path ? path[strlen(path) - 1] : 0;
	for (size_t i = 0; i < count; i++)
		for (const char *const *glob = tables[i].globs; *glob; glob++)
			if (ends_in(*glob, path, last))
				found |= REASON_BIT(tables[i].reason);
	return found;
}

#define FITTING(tables, path) fitting(tables, sizeof(tables) / sizeof *(tables), path)

static uint64_t reasons_of(char *path)
{
	uint64_t found = FITTING(leaves, path);
	if (str_starts(path, "/etc/"))
		found |= REASON_BIT(REASON_CONFIG_FILE);
	if (str_starts(path, "/var/lib/apt/lists/"))
		found |= REASON_BIT(REASON_LOCK_FILE);
	for (char *slash; (slash = strrchr(path, '/'));) {
		*slash = 0;
		found |= FITTING(folders, path);
	}
	return found;
}

/* What is inside a file is told as if it were unpacked beside it. */
static char *whole_path(const char *path, const char *member)
{
	static const char content[] = "/content"; /* of a compressed file */
	size_t commit = member ? strcspn(member, ":/") : 0;
	if (member && member[commit] == ':')
		member += commit + 1;
	char *whole = member ? mem_printf("%s/%s", path, member) : mem_strdup(path);
	for (char *c = whole; *c; c++)
		*c = *c == '!' ? '/' : *c >= 'A' && *c <= 'Z' ? (char)(*c | 32) : *c;
	if (str_ends(whole, content))
		whole[strlen(whole) - strlen(content)] = 0;
	char *unpacked = container_unpacked_name(whole);
	if (!unpacked)
		return whole;
	free(whole);
	return unpacked;
}

uint64_t place_reasons(const char *path, const char *member)
{
	_cleanup_free_ char *whole = whole_path(path, member);
	return reasons_of(whole);
}

/* ISO 639-1, the languages that programs are translated into; but those of two letters that
 * are also short for something in names of files, as "ca", "db", "no" and "io" are. */
static const char *const languages[] = {
	"af", "ar", "be", "bg", "bn", "bs", "cs", "cy", "da", "de", "el", "en", "eo",
	"es", "et", "eu", "fa", "fi", "fr", "ga", "gl", "he", "hi", "hr", "hu", "hy",
	"it", "ja", "ka", "kk", "km", "ko", "ku", "ky", "lt", "lv", "mk", "mn", "ms",
	"nb", "ne", "nl", "nn", "pl", "pt", "ro", "ru", "sk", "sl", "sq", "sr", "sv",
	"sw", "ta", "te", "th", "tr", "uk", "ur", "uz", "vi", "zh", NULL};

/* Takes "-br", "_hans" from the end: a region of two letters or a script of four. */
static size_t without_region(const char *stem, size_t len)
{
	static const size_t sizes[] = {2, 4};
	for (size_t i = 0; i < 2; i++)
		if (len >= sizes[i] + 3 && strchr("-_", stem[len - sizes[i] - 1]))
			return len - sizes[i] - 1;
	return len;
}

static bool ends_in_language(const char *stem, size_t len)
{
	if (len < 2 || (len > 2 && !strchr("-_.", stem[len - 3])))
		return false;
	for (const char *const *code = languages; *code; code++)
		if (!memcmp(stem + len - 2, *code, 2))
			return true;
	return false;
}

/* "nl.json", "pt-BR.json", "strings_sv.properties", of forms that texts are kept in. */
static bool is_of_language(const char *whole)
{
	static const char *const forms[] = {".json", ".json5", ".properties", ".yaml",
					    ".yml",  ".php",   ".js",	      ".ts",
					    ".xml",  ".txt",   ".lang",	      NULL};
	const char *slash = strrchr(whole, '/'), *leaf = slash ? slash + 1 : whole;
	const char *dot = strrchr(leaf, '.');
	for (const char *const *form = forms; dot && *form; form++) {
		size_t len = (size_t)(dot - leaf);
		if (!strcmp(dot, *form) && (ends_in_language(leaf, len) ||
					    ends_in_language(leaf, without_region(leaf, len))))
			return true;
	}
	return false;
}

/* A file that is named for a language may also be a site's settings, so that only what reads
 * as text is taken for it. */
static bool is_translated(uint64_t because, const char *path, const char *member)
{
	const uint64_t text = REASON_BIT(REASON_WORD) | REASON_BIT(REASON_SENTENCE) |
			      REASON_BIT(REASON_JOINED_WORDS) | REASON_BIT(REASON_IDENTIFIER) |
			      REASON_BIT(REASON_NAMES_ITSELF);
	if (!(because & text) || because & REASON_BIT(REASON_COMMON_PASSWORD))
		return false;
	_cleanup_free_ char *whole = whole_path(path, member);
	return is_of_language(whole);
}

uint64_t place_weigh_in(uint64_t because, const char *path, const char *member)
{
	if (is_translated(because, path, member))
		because |= REASON_BIT(REASON_TRANSLATION);
	because |= place_reasons(path, member);
	bool expression = because & REASON_BIT(REASON_SOURCE_CODE) &&
			  because & REASON_BIT(REASON_BARE) &&
			  !(because & REASON_BIT(REASON_COMMENT));
	return expression ? because | REASON_BIT(REASON_BARE_IN_SOURCE) : because;
}
