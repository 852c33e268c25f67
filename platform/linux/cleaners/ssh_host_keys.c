/* SPDX-License-Identifier: MIT */
/* Host keys go only with proof that the clone makes new ones: without any, sshd
 * does not start and nobody gets in. */
#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/str.h"
#include "cloudinit.h"
#include "list.h"
#include "units.h"

/* ssh_host_<algorithm>_key or the same with .pub, and nothing else. */
static bool is_host_key(const char *name)
{
	static const char front[] = "ssh_host_";
	if (!str_starts(name, front))
		return false;
	const char *at = name + sizeof front - 1, *algorithm = at;
	while (isalnum((unsigned char)*at))
		at++;
	return at > algorithm && (strcmp(at, "_key") == 0 || strcmp(at, "_key.pub") == 0);
}

/* ---- the proof ---- */

static bool runs_keygen(const char *line)
{
	static const char *const commands[] = {"ssh-keygen -A", "sshd-keygen",
					       "sshd-gen-keys-start"};
	line += strspn(line, " \t");
	if (!str_starts(line, "Exec"))
		return false;
	for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
		if (strstr(line, commands[i]))
			return true;
	return strstr(line, "dpkg-reconfigure") && strstr(line, "openssh-server");
}

/* A condition that the clone's boot will not meet. The machine-id is emptied, not
 * removed, so that no boot is a first boot; and the distributions of the EL
 * family switch their own generation off where cloud-init runs. */
static bool held_back(const struct guest *guest, const char *line)
{
	line += strspn(line, " \t");
	if (!str_starts(line, "Condition"))
		return false;
	if (str_starts(line, "ConditionFirstBoot"))
		return true;
	if (strstr(line, "cloud-init"))
		return cloudinit_runs(guest);
	const char *path = peek_value(line, "ConditionPathExists");
	if (!path || strchr(path, '%'))
		return false;
	bool wants_absence = *path == '!';
	path += wants_absence;
	if (*path != '/' || is_host_key(str_leaf(path)))
		return false;
	return guest_has(guest, path) == wants_absence;
}

static bool unit_makes_keys(const struct guest *guest, const char *unit)
{
	_cleanup_(buf_free) struct buf text = {0}, line = {0};
	bool makes = false;
	if (!units_text(guest, unit, &text))
		return false;
	for (const char *at = buf_text(&text); peek_line(&at, &line);) {
		if (held_back(guest, buf_text(&line)))
			return false;
		makes |= runs_keygen(buf_text(&line));
	}
	return makes;
}

static bool started_unit_makes_keys(const struct guest *guest)
{
	peek_list units = {0};
	bool found = false;
	units_started(guest, &units);
	vec_each(&units, unit)
		found = found || unit_makes_keys(guest, *unit);
	peek_list_free(&units);
	return found;
}

/* Without systemd: the init script of sshd itself makes what is missing, and
 * its service has to be in a runlevel. */
static bool script_makes_keys(const struct guest *guest)
{
	static const char *const pairs[][2] = {
		{"/etc/init.d/sshd", "/etc/runlevels/default/sshd"},
		{"/etc/init.d/sshd", "/etc/rc3.d/S55sshd"},
	};
	if (guest_has(guest, "/usr/lib/systemd/systemd") ||
	    guest_has(guest, "/lib/systemd/systemd"))
		return false;
	for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
		_cleanup_(buf_free) struct buf text = {0};
		if (guest_has(guest, pairs[i][1]) && peek_text(guest, pairs[i][0], &text) &&
		    (strstr(buf_text(&text), "ssh-keygen -A") ||
		     strstr(buf_text(&text), "ssh_host_")))
			return true;
	}
	return false;
}

static const char *proof(const struct guest *guest)
{
	if (cloudinit_makes_host_keys(guest))
		return "cloud-init makes new ones on the clone";
	if (started_unit_makes_keys(guest))
		return "a unit that every boot starts makes new ones";
	if (script_makes_keys(guest))
		return "the init script of sshd makes new ones";
	return NULL;
}

/* ---- the plan ---- */

static void refuse(struct plan *plan, const peek_list *keys)
{
	struct buf text = {0};
	buf_puts(&text, "every clone would share these ssh host keys, but nothing "
			"here would make new ones, so they stay:");
	vec_each(keys, key)
		buf_printf(&text, " %s", *key);
	buf_puts(&text, ". Install cloud-init, or enable a unit that runs "
			"\"ssh-keygen -A\" before sshd starts");
	struct finding *finding = plan_add_finding(plan, FINDING_POSTURE, "ssh-host-keys",
						   "/etc/ssh");
	finding->class = CLASS_IDENTITY;
	finding->severity = SEVERITY_HIGH;
	finding->text = text.data;
}

/* A link is not followed: what it leads to may serve something else. */
static int key_plan(const struct guest *guest, struct plan *plan, const char *name,
		    const char *why)
{
	struct step *step;
	_cleanup_free_ char *path = mem_printf("/etc/ssh/%s", name);
	if (peek_is(guest, path, PLAT_FILE)) {
		int got = cleaner_step(guest, plan, STEP_REMOVE, path, why, &step);
		return got == -ENOENT ? 0 : got;
	}
	struct finding *finding = plan_add_finding(plan, FINDING_POSTURE, "ssh-host-keys",
						   path);
	finding->class = CLASS_IDENTITY;
	finding->severity = SEVERITY_HIGH;
	finding->text = mem_strdup("an ssh host key that is no plain file: look "
				   "where it lies and replace it by hand");
	return 0;
}

static int plan_host_keys(const struct cleaning *cleaning, struct plan *plan)
{
	const struct guest *guest = cleaning->guest;
	peek_list names = {0}, keys = {0};
	int got = peek_names(guest, "/etc/ssh", &names);
	vec_each(&names, name)
		if (is_host_key(*name))
			peek_list_add(&keys, *name);
	const char *because = keys.n ? proof(guest) : NULL;
	if (keys.n && !because)
		refuse(plan, &keys);
	_cleanup_free_ char *why = mem_printf("every clone would share this host key; %s",
					      str_or(because, ""));
	for (size_t i = 0; because && i < keys.n && got == 0; i++)
		got = key_plan(guest, plan, keys.v[i], why);
	peek_list_free(&names);
	peek_list_free(&keys);
	return got == -ENOENT ? 0 : got;
}

const struct cleaner ssh_host_keys_cleaner = {
	.name = "ssh-host-keys",
	.title = "SSH host keys",
	.why = "clones that share host keys can impersonate one another",
	.advice = "compare the fingerprints of the clone after its first boot",
	.class = CLASS_IDENTITY,
	.severity = SEVERITY_HIGH,
	.os = GUEST_LINUX,
	.plan = plan_host_keys,
};
