/* SPDX-License-Identifier: MIT */
#include "cli/options.h"

#define BIT(command) (1u << COMMAND_##command)
#define RUNS (BIT(SCAN) | BIT(CLEAN) | BIT(VERIFY))
#define LOADS (RUNS | BIT(LIST) | BIT(EXPLAIN) | BIT(RULES))
#define ANY (LOADS | BIT(HELP))
#define AT(member) offsetof(struct cli, member)

#define LOOK "What is looked at"
#define DECIDE "What is decided"
#define PRINT "Output"
#define END "When it ends"
#define OTHER "Other"

static const char *const os_choices[] = {"auto", "linux", "windows", NULL};
static const char *const format_choices[] = {"text", "json", NULL};
static const char *const sysprep_choices[] = {"shutdown", "quit", NULL};
static const char *const color_choices[] = {"auto", "always", "never", NULL};
static const char *const severity_choices[] = {"info", "low",	   "medium",
					       "high", "critical", NULL};

const char options_version[] = IMGSAN_VERSION;
const char options_description[] =
	"imgsan runs inside a machine just before its disk is captured as an image. "
	"It finds what must not travel with the image (credentials, histories, logs, "
	"what makes this machine this machine), says what it would do, does it, and "
	"looks again to show that it is gone.";

/* clang-format off: one record a paragraph */
const struct command_record options_commands[COMMAND_COUNT] = {
	[COMMAND_SCAN] = {"scan", "", 0, 0, "look and say what clean would do; changes nothing",
			  "Walks the disk, plans and reports. Nothing is changed, not even the "
			  "times of files."},
	[COMMAND_CLEAN] =
		{"clean", "", 0, 0, "do it, then look again",
		 "Does what scan reports, then looks a second time and reports what is "
		 "left. On a terminal it shows the plan and asks first; without one it "
		 "needs --yes."},
	[COMMAND_VERIFY] = {"verify", "", 0, 0, "look again after clean; changes nothing",
			    "Like scan, for use after clean: everything that is still there "
			    "is reported as left over."},
	[COMMAND_LIST] =
		{"list", "", 0, 0,
		 "all artefacts, cleaners and secret rules, and what happens to each",
		 "Prints one line for each of them, by class, with what the chosen policy "
		 "makes of it."},
	[COMMAND_EXPLAIN] =
		{"explain", "NAME | --finding ID --report FILE", 0, 1,
		 "all about one artefact, cleaner or secret rule; why something is a finding",
		 "Tells what it is, why it matters, what happens to it under the chosen "
		 "policy, and what to do by hand. Of a finding in a JSON report: what spoke "
		 "for it and against it, and with which weights."},
	[COMMAND_RULES] =
		{"rules", "check [DIR]", 1, 2,
		 "check the packs inside, or those in DIR, with all their samples",
		 "Loads every pack, compiles every pattern and tries every sample; with "
		 "rules of your own (DIR, --pack, --gitleaks-config) only theirs. Exits "
		 "with 0 or 2."},
	[COMMAND_HELP] =
		{"help", "[COMMAND | man | completion bash|zsh|fish]", 0, 2,
		 "help on a command; the man page; shell completions",
		 "Prints this help, the manual page (roff), or the completions for a shell."},
};

const struct option_record options_all[] = {
	{.name = "root",
	 .metavar = "DIR",
	 .commands = RUNS,
	 .group = LOOK,
	 .help = "look at the tree below DIR instead of this machine",
	 .man = "Links inside the tree are resolved inside DIR and never lead out of it.",
	 .parse = PARSE_PATH,
	 .offset = AT(root)},
	{.name = "os",
	 .metavar = "OS",
	 .commands = RUNS | BIT(LIST),
	 .group = LOOK,
	 .help = "what system the disk holds (auto: look)",
	 .parse = PARSE_CHOICE,
	 .offset = AT(os),
	 .choices = os_choices},
	{.name = "include-mount",
	 .metavar = "PATH",
	 .commands = RUNS,
	 .group = LOOK,
	 .help = "also enter what is mounted at PATH (repeatable)",
	 .man = "By default only the disk that holds the root is looked at, because that is what an "
		"image captures; other local disks are listed in the report. With --root, "
		"/D:=DIR takes in DIR of this machine as drive D: of a Windows guest.",
	 .parse = PARSE_PATHS,
	 .offset = AT(include_mounts)},
	{.name = "only",
	 .metavar = "NAME",
	 .commands = RUNS | BIT(LIST),
	 .group = LOOK,
	 .help = "only these names or categories (repeatable, commas)",
	 .man = "A name is one that list prints. A category is a class (personal, identity, service, "
		"trace, business) or one of artefacts, cleaners, secrets.",
	 .parse = PARSE_NAMES,
	 .offset = AT(only)},
	{.name = "skip",
	 .metavar = "NAME",
	 .commands = RUNS | BIT(LIST),
	 .group = LOOK,
	 .help = "not these names or categories (repeatable, commas)",
	 .parse = PARSE_NAMES,
	 .offset = AT(skip)},

	{.name = "profile",
	 .metavar = "NAME",
	 .commands = LOADS,
	 .group = DECIDE,
	 .help = "a policy that is built in (default: default)",
	 .parse = PARSE_TEXT,
	 .offset = AT(profile)},
	{.name = "policy",
	 .metavar = "FILE",
	 .commands = LOADS,
	 .group = DECIDE,
	 .help = "a policy of your own instead of a profile",
	 .man = "The file has to belong to root or to you, and nobody else may write it.",
	 .parse = PARSE_PATH,
	 .offset = AT(policy)},
	{.name = "pack",
	 .metavar = "DIR",
	 .commands = LOADS,
	 .group = DECIDE,
	 .help = "add the packs in DIR (repeatable)",
	 .man = "The files have to belong to root or to you, and nobody else may write them.",
	 .parse = PARSE_PATHS,
	 .offset = AT(packs)},
	{.name = "gitleaks-config",
	 .metavar = "FILE",
	 .commands = LOADS,
	 .group = DECIDE,
	 .help = "add the rules and allowlists of a gitleaks configuration",
	 .man = "TOML as gitleaks 8 reads it. The packs stand in the place of its own rules: with "
		"useDefault its allowlists are for them as well. A .gitleaksignore beside FILE is read, "
		"too. The files have to belong to root or to you, and nobody else may write them.",
	 .parse = PARSE_PATH,
	 .offset = AT(gitleaks_config)},
	{.name = "gitleaks-ignore",
	 .metavar = "FILE",
	 .commands = LOADS,
	 .group = DECIDE,
	 .help = "set aside what FILE lists, as in a .gitleaksignore",
	 .man = "Lines PATH:RULE:LINE, or COMMIT:PATH:RULE:LINE for what is in a git history.",
	 .parse = PARSE_PATH,
	 .offset = AT(gitleaks_ignore)},
	{.name = "no-inline-allow",
	 .commands = RUNS,
	 .group = DECIDE,
	 .help = "let secrets count whose line says imgsan:allow",
	 .man = "A comment \"imgsan:allow\" or \"gitleaks:allow\" on a line of text sets aside what is "
		"found there; each is told as a note. With this option, or inline-allow: ignore in the policy, it means "
		"nothing.",
	 .parse = PARSE_SET,
	 .offset = AT(no_inline),
	 .set = 1},
	{.name = "baseline",
	 .metavar = "FILE",
	 .commands = RUNS,
	 .group = DECIDE,
	 .help = "do not tell again what stayed in an earlier JSON report",
	 .man = "What clean can take away it takes away all the same, and what could not be examined is "
		"always told. With the same --hmac-key in both runs a secret is known by its bytes and its "
		"file; else by rule, path, line, column and length.",
	 .parse = PARSE_PATH,
	 .offset = AT(baseline)},
	{.name = "hmac-key",
	 .metavar = "FILE",
	 .commands = RUNS,
	 .group = DECIDE,
	 .help = "make the identities of secrets with the key in FILE",
	 .man = "At least 16 bytes, for which secrets have the same identity in all reports; else it is "
		"random. Who has the key can try values against a report: keep it as secret as them.",
	 .parse = PARSE_PATH,
	 .offset = AT(hmac_key)},
	{.name = "treat",
	 .metavar = "NAME=ACTION",
	 .commands = LOADS,
	 .group = DECIDE,
	 .help = "keep, report, redact or remove one item, whatever the policy says",
	 .man = "Stands above the policy's items (repeatable, commas). Some things are only done when they "
		"are asked for by name, for example --treat hostname=remove.",
	 .parse = PARSE_NAMES,
	 .offset = AT(treat)},
	{.name = "remove-account",
	 .metavar = "NAME",
	 .commands = LOADS,
	 .group = DECIDE,
	 .help = "delete this account with all that is its (repeatable, commas)",
	 .man = "Added to the accounts that the policy names under remove-accounts. A plan that removes a "
		"home is done only where the account is named again.",
	 .parse = PARSE_NAMES,
	 .offset = AT(remove_accounts)},
	{.name = "install-firstboot-unit",
	 .commands = RUNS,
	 .group = DECIDE,
	 .help = "make ssh host keys on the clone where nothing else would",
	 .man = "Puts a systemd unit in place that runs ssh-keygen -A before sshd starts when there is no "
		"host key, so that the old keys can go. Nothing is put in place where cloud-init or a unit "
		"of the distribution makes them.",
	 .parse = PARSE_SET,
	 .offset = AT(firstboot_unit),
	 .set = 1},
	{.name = "allow-lockout",
	 .commands = RUNS,
	 .group = DECIDE,
	 .help = "go on although nobody could log in to the clone",
	 .man = "Without it clean refuses, before it changes anything and with exit code 5, to take the last "
		"way in: keys, passwords, cloud-init, Cloud Assistant, the console.",
	 .parse = PARSE_SET,
	 .offset = AT(allow_lockout),
	 .set = 1},
	{.name = "sysprep",
	 .metavar = "HOW",
	 .commands = BIT(CLEAN),
	 .group = DECIDE,
	 .help = "then generalize this Windows; shutdown (or nothing said): and turn it off",
	 .man = "Runs Sysprep (/generalize /oobe) as the very last step, when everything else has "
		"come to exit code 0. Before anything is changed it is looked at whether Sysprep can "
		"run; where it can not, clean refuses to begin, with exit code 5, and says what to do. "
		"Its result is read from the state that Windows has then and from its logs. When it "
		"fails the exit code is 3 and the machine is not shut down. With quit the machine stays "
		"on: shut it down without using it further.",
	 .parse = PARSE_CHOICE,
	 .offset = AT(sysprep),
	 .choices = sysprep_choices,
	 .unsaid = "shutdown"},
	{.name = "unattend",
	 .metavar = "FILE",
	 .commands = BIT(CLEAN),
	 .group = DECIDE,
	 .help = "the answer file for --sysprep (default: a small one of its own)",
	 .man = "Sysprep gets a copy without the passwords in it, each of which is told: what holds one "
		"(an account, an automatic logon) is left out. FILE itself is yours and is cleaned as any "
		"other file where it lies on the disk.",
	 .parse = PARSE_PATH,
	 .offset = AT(unattend)},
	{.name = "sysprep-timeout",
	 .metavar = "SECONDS",
	 .commands = BIT(CLEAN),
	 .group = DECIDE,
	 .help = "how long Sysprep may take (default: 1800)",
	 .man = "What runs longer is ended and has failed.",
	 .parse = PARSE_NUMBER,
	 .offset = AT(sysprep_timeout),
	 .least = 1,
	 .most = 86400},
	{.name = "plan",
	 .metavar = "FILE",
	 .commands = BIT(SCAN) | BIT(CLEAN),
	 .group = DECIDE,
	 .help = "scan: write the plan to FILE; clean: do that plan",
	 .man = "A plan can be reviewed between the two. What changed since it was written is "
		"refused, step by step.",
	 .parse = PARSE_PATH,
	 .offset = AT(plan)},
	{.name = "yes",
	 .letter = 'y',
	 .commands = BIT(CLEAN),
	 .group = DECIDE,
	 .help = "do not ask; needed where there is no terminal",
	 .parse = PARSE_SET,
	 .offset = AT(yes),
	 .set = 1},

	{.name = "report",
	 .metavar = "FILE",
	 .commands = RUNS | BIT(EXPLAIN),
	 .group = PRINT,
	 .help = "also write the whole report to FILE (JSON, or text for *.txt); explain: read it",
	 .man = "The file appears all at once and only its owner may read it. When it can not be "
		"written the exit code is 4.",
	 .parse = PARSE_PATH,
	 .offset = AT(report)},
	{.name = "finding",
	 .metavar = "ID",
	 .commands = BIT(EXPLAIN),
	 .group = PRINT,
	 .help = "explain the finding that has this id in the report",
	 .parse = PARSE_TEXT,
	 .offset = AT(finding)},
	{.name = "format",
	 .metavar = "FORMAT",
	 .commands = RUNS | BIT(LIST),
	 .group = PRINT,
	 .help = "how standard output is written (default: text)",
	 .parse = PARSE_CHOICE,
	 .offset = AT(format),
	 .choices = format_choices},
	{.name = "page",
	 .commands = BIT(LIST),
	 .group = PRINT,
	 .help = "every item in full, as a page of Markdown",
	 .parse = PARSE_SET,
	 .offset = AT(page),
	 .set = 1},
	{.name = "providers",
	 .commands = BIT(LIST),
	 .group = PRINT,
	 .help = "whose credentials are found, as a page of Markdown",
	 .parse = PARSE_SET,
	 .offset = AT(providers),
	 .set = 1},
	{.name = "max-output",
	 .metavar = "BYTES",
	 .commands = RUNS,
	 .group = PRINT,
	 .help = "bytes on standard output at most, the verdict always; 0: no limit",
	 .man = "The default for text is 6000 where standard output is not a terminal, and no limit "
		"otherwise. What matters least is left out first, and the report says how much.",
	 .parse = PARSE_NUMBER,
	 .offset = AT(max_output),
	 .most = (uint64_t)1 << 40},
	{.name = "color",
	 .metavar = "WHEN",
	 .commands = ANY,
	 .group = PRINT,
	 .help = "colours on standard output (auto: on a terminal)",
	 .parse = PARSE_CHOICE,
	 .offset = AT(color),
	 .choices = color_choices},
	{.name = "quiet",
	 .letter = 'q',
	 .commands = RUNS,
	 .group = PRINT,
	 .help = "only the verdict, no progress line",
	 .parse = PARSE_SET,
	 .offset = AT(verbosity),
	 .set = -1},
	{.name = "verbose",
	 .letter = 'v',
	 .commands = RUNS | BIT(LIST),
	 .group = PRINT,
	 .help = "all places instead of a few examples",
	 .parse = PARSE_SET,
	 .offset = AT(verbosity),
	 .set = 1},
	{.name = "stats",
	 .commands = RUNS,
	 .group = PRINT,
	 .help = "say on standard error where the time went",
	 .man = "By stage, for the program itself and for all workers together; the JSON report has "
		"it, too.",
	 .parse = PARSE_SET,
	 .offset = AT(stats),
	 .set = 1},

	{.name = "fail-on",
	 .metavar = "SEVERITY",
	 .commands = RUNS,
	 .group = END,
	 .help = "from which severity findings make the exit code 1",
	 .man = "One of info, low, medium, high, critical. The default comes from the policy.",
	 .parse = PARSE_CHOICE,
	 .offset = AT(fail_on),
	 .choices = severity_choices},
	{.name = "exit-zero",
	 .commands = BIT(SCAN),
	 .group = END,
	 .help = "exit with 0 where it would be 1",
	 .man = "Every other exit code stays as it is.",
	 .parse = PARSE_SET,
	 .offset = AT(exit_zero),
	 .set = 1},
	{.name = "deadline",
	 .metavar = "SECONDS",
	 .commands = RUNS,
	 .group = END,
	 .help = "end in good order before so many seconds have passed",
	 .man = "The run ends between two steps, early enough to write its report (a twentieth of the "
		"time, 5 seconds at most), and the report says that it is incomplete. The default is "
		"what the environment of the caller sets where that is known, else none.",
	 .parse = PARSE_NUMBER,
	 .offset = AT(deadline),
	 .least = 1,
	 .most = 31 * UINT64_C(86400)},
	{.name = "jobs",
	 .letter = 'j',
	 .metavar = "N",
	 .commands = RUNS,
	 .group = OTHER,
	 .help = "workers that examine files (default: one for each processor)",
	 .parse = PARSE_NUMBER,
	 .offset = AT(jobs),
	 .least = 1,
	 .most = 64},
	{.name = "help",
	 .letter = 'h',
	 .commands = ANY,
	 .group = OTHER,
	 .help = "this help",
	 .parse = PARSE_SET,
	 .offset = AT(help),
	 .set = 1},
	{.name = "version",
	 .letter = 'V',
	 .commands = ANY,
	 .group = OTHER,
	 .help = "the version",
	 .parse = PARSE_SET,
	 .offset = AT(version),
	 .set = 1},
	{0},
};
/* clang-format on */

const struct exit_record options_exits[] = {
	{0, "clean, or all done"},
	{1, "findings remain; for scan also: there is something to do"},
	{2, "wrong usage, or a fault in a pack or policy"},
	{3, "some steps failed, or Sysprep did"},
	{4, "the run could not be made, or its report not written"},
	{5, "something could not be examined, the run was cut short, or clean was refused"},
	{0, NULL},
};
