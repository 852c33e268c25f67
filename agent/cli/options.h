/* SPDX-License-Identifier: MIT */
/* The command line as data: one record per command, option and exit code. Parser,
 * help, man page and completions all read these tables, so that none can drift. */
#ifndef CLI_OPTIONS_H
#define CLI_OPTIONS_H

#include <stddef.h>
#include <stdint.h>

#include "rules/rules.h"

enum command {
	COMMAND_SCAN,
	COMMAND_CLEAN,
	COMMAND_VERIFY,
	COMMAND_LIST,
	COMMAND_EXPLAIN,
	COMMAND_RULES,
	COMMAND_HELP,
	COMMAND_COUNT
};

#define MAX_OUTPUT_UNSET UINT64_MAX

/* What the arguments came to. Free with parse_free. */
struct cli {
	enum command command;
	const char *root, *os, *profile, *policy, *report, *finding, *format, *fail_on, *plan,
		*color;
	const char *gitleaks_config, *gitleaks_ignore, *baseline, *hmac_key;
	const char *sysprep, *unattend;
	strings packs, only, skip, include_mounts, treat,
		remove_accounts; /* a NULL follows the last */
	uint64_t deadline, max_output, jobs, sysprep_timeout;
	int yes, exit_zero, page, verbosity, stats, help, version, firstboot_unit,
		allow_lockout, no_inline, providers;
	char **arguments; /* what follows the command; points into argv */
	int argument_count;
};

struct command_record {
	const char *name, *arguments;
	int least, most; /* how many arguments */
	const char *help, *man;
};

enum parse_kind {
	PARSE_SET,    /* takes no value; stores `set` in an int */
	PARSE_TEXT,   /* a word */
	PARSE_PATH,   /* a word that completions fill in as a path */
	PARSE_CHOICE, /* one of `choices` */
	PARSE_NUMBER, /* from `least` to `most` into a uint64_t */
	PARSE_PATHS,  /* may be repeated */
	PARSE_NAMES,  /* may be repeated, and is split at commas */
};

struct option_record {
	const char *name;
	char letter;		/* or 0 */
	const char *metavar;	/* NULL for PARSE_SET */
	unsigned commands;	/* bits 1 << enum command */
	const char *group;	/* records of a group stand together */
	const char *help, *man; /* one line; more, or NULL */
	enum parse_kind parse;
	size_t offset; /* in struct cli */
	int set;
	uint64_t least, most;
	const char *const *choices;
	const char
		*unsaid; /* PARSE_CHOICE: its value where none is given; NULL: one is needed */
};

struct exit_record {
	int code;
	const char *meaning;
};

extern const struct command_record options_commands[COMMAND_COUNT];
extern const struct option_record options_all[]; /* ends with name NULL */
extern const struct exit_record options_exits[]; /* ends with meaning NULL */
extern const char options_description[];
extern const char options_version[];

#endif
