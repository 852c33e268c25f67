/* SPDX-License-Identifier: MIT */
/* Swap space on the captured disk keeps pages of memory, with whatever programs held
 * in them. It is told, not emptied: what is in use can not be. */
#include <string.h>

#include "base/cleanup.h"
#include "base/glob.h"
#include "base/str.h"
#include "list.h"
#include "peek.h"

struct swap {
	const struct guest *guest;
	struct plan *plan;
	peek_list told; /* files and devices */
};

static void take(struct swap *s, const char *path, const char *what)
{
	if (peek_list_has(&s->told, what))
		return;
	peek_list_add(&s->told, what);
	struct buf text = {0};
	buf_puts(&text, "swap space on ");
	str_quote(&text, what);
	buf_puts(&text, " keeps pages of this machine's memory: before the capture swapoff it, "
			"overwrite it with zeros and mkswap it with the UUID it had");
	peek_say(s->plan, SEVERITY_INFO, path, text.data);
}

/* crypttab(5): a device with a new random key at each boot keeps nothing. */
static bool is_throwaway(const struct guest *guest, const char *device)
{
	_cleanup_(buf_free) struct buf text = {0}, line = {0};
	const char *name = str_leaf(device);
	if (glob_name("zram*", name))
		return true;
	if (!str_starts(device, "/dev/mapper/") || !peek_text(guest, "/etc/crypttab", &text))
		return false;
	for (const char *at = buf_text(&text); peek_line(&at, &line);) {
		size_t len = strcspn(buf_text(&line), " \t");
		if (strlen(name) == len && strncmp(buf_text(&line), name, len) == 0 &&
		    (strstr(buf_text(&line), "/dev/urandom") ||
		     strstr(buf_text(&line), "/dev/random")))
			return true;
	}
	return false;
}

/* fstab(5): what, where, type, ... */
static void fstab_look(struct swap *s)
{
	_cleanup_(buf_free) struct buf text = {0}, line = {0};
	peek_text(s->guest, "/etc/fstab", &text);
	for (const char *at = buf_text(&text); peek_line(&at, &line);) {
		const char *word = buf_text(&line) + strspn(buf_text(&line), " \t");
		size_t len = strcspn(word, " \t");
		const char *type = word + len;
		type += strspn(type, " \t");
		type += strcspn(type, " \t");
		type += strspn(type, " \t");
		if (*word == '#' || !str_starts(type, "swap") || !strchr(" \t\r", type[4]))
			continue; /* strchr finds the end of the line, too */
		_cleanup_free_ char *what = mem_strndup(word, len);
		if (!is_throwaway(s->guest, what))
			take(s, "/etc/fstab", what);
	}
}

static void units_look(struct swap *s)
{
	peek_list units = {0};
	peek_paths(s->guest, "/etc/systemd/system", "*.swap", &units);
	vec_each(&units, unit) {
		_cleanup_(buf_free) struct buf text = {0}, line = {0};
		peek_text(s->guest, *unit, &text);
		for (const char *at = buf_text(&text); peek_line(&at, &line);) {
			const char *value = peek_value(buf_text(&line), "What");
			if (value && *value && !is_throwaway(s->guest, value))
				take(s, *unit, value);
		}
	}
	peek_list_free(&units);
}

static void files_look(struct swap *s)
{
	static const char *const files[] = {"/swapfile",
					    "/swap.img",
					    "/swap",
					    "/var/swap",
					    "/swap/swapfile",
					    "/var/swapfile",
					    "/var/cache/swap/swapfile"};
	for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
		struct plat_info info;
		if (guest_look(s->guest, files[i], &info) == 0 && info.kind == PLAT_FILE &&
		    info.size)
			take(s, files[i], files[i]);
	}
}

/* The word that tells the kernel where a memory image lies. */
static bool resumes(const char *text)
{
	_cleanup_(buf_free) struct buf line = {0};
	while (peek_line(&text, &line)) {
		const char *at = buf_text(&line) + strspn(buf_text(&line), " \t");
		const char *hit = strstr(at, "resume=");
		const char *value = peek_value(at, "RESUME");
		if (*at == '#')
			continue;
		if (hit && (hit == at || strchr(" \t\"'", hit[-1])))
			return true;
		if (value && *value && !str_starts(value, "none") && !str_starts(value, "auto"))
			return true;
	}
	return false;
}

static void hibernation_look(struct swap *s)
{
	static const char *const places[] = {"/etc/default/grub", "/etc/kernel/cmdline",
					     "/etc/initramfs-tools/conf.d/resume"};
	for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
		_cleanup_(buf_free) struct buf text = {0};
		if (s->told.n && peek_text(s->guest, places[i], &text) &&
		    resumes(buf_text(&text)))
			peek_say(s->plan, SEVERITY_INFO, places[i],
				 mem_strdup("the system can resume from swap space: an image "
					    "of memory left there would start on the clone. Do "
					    "not capture a hibernated machine"));
	}
}

static int plan_swap(const struct cleaning *cleaning, struct plan *plan)
{
	struct swap s = {.guest = cleaning->guest, .plan = plan};
	fstab_look(&s);
	units_look(&s);
	files_look(&s);
	hibernation_look(&s);
	peek_list_free(&s.told);
	return 0;
}

const struct cleaner swap_cleaner = {
	.name = "swap",
	.title = "Swap space",
	.why = "swap space keeps pages of memory, with passwords and keys that programs held",
	.advice =
		"allow this item in the policy once the swap space is overwritten before each "
		"capture",
	.class = CLASS_TRACE,
	.severity = SEVERITY_LOW,
	.os = GUEST_LINUX,
	.plan = plan_swap,
};
