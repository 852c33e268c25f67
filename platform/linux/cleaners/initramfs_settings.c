/* SPDX-License-Identifier: MIT */
/* Settings that put keys into the initial ramdisk: every rebuild puts them in
 * again. What is in a ramdisk now is told by the artefact initramfs-keys, but for
 * a unified kernel image, whose ramdisk can not be looked into. */
#include <ctype.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/glob.h"
#include "base/str.h"
#include "list.h"
#include "peek.h"

static const struct setting {
	const char *folder, *glob, *key;
	const char *const *words; /* globs of what in the value matters; NULL: anything */
	const char *rebuild;
} settings[] = {
#define LIST(...)                 \
	(const char *const[])     \
	{                         \
		__VA_ARGS__, NULL \
	}
#define KEY_FILES LIST("/*key*", "/etc/luks*", "/etc/ssh/*", "/root/*", "crypto*.bin")
	{"/etc/cryptsetup-initramfs", "conf-hook", "KEYFILE_PATTERN", NULL,
	 "update-initramfs -u"},
	{"/etc", "dracut.conf", "install_items", KEY_FILES, "dracut -f"},
	{"/etc/dracut.conf.d", "*.conf", "install_items", KEY_FILES, "dracut -f"},
	{"/etc", "dracut.conf", "add_dracutmodules", LIST("crypt-ssh", "sshd"), "dracut -f"},
	{"/etc/dracut.conf.d", "*.conf", "add_dracutmodules", LIST("crypt-ssh", "sshd"),
	 "dracut -f"},
	{"/etc", "mkinitcpio.conf", "FILES", KEY_FILES, "mkinitcpio -P"},
	{"/etc/mkinitcpio.conf.d", "*.conf", "FILES", KEY_FILES, "mkinitcpio -P"},
	{"/etc", "mkinitcpio.conf", "HOOKS", LIST("dropbear", "tinyssh"), "mkinitcpio -P"},
	{"/etc/mkinitcpio.conf.d", "*.conf", "HOOKS", LIST("dropbear", "tinyssh"),
	 "mkinitcpio -P"},
#undef KEY_FILES
#undef LIST
};

/* A glob with a slash in front is for paths of any depth. */
static bool fits(const char *glob, const char *word)
{
	if (*glob != '/')
		return glob_name(glob, str_leaf(word));
	_cleanup_free_ char *flat = mem_strdup(word + (*word == '/'));
	for (char *at = flat; *at; at++)
		if (*at == '/')
			*at = '-'; /* a star stops at slashes */
	_cleanup_free_ char *pattern = mem_strdup(glob + 1);
	for (char *at = pattern; *at; at++)
		if (*at == '/')
			*at = '-';
	return *word == '/' && glob_name(pattern, flat);
}

static bool is_one_of(const char *const *globs, const char *word)
{
	if (strstr(word, "keyboard") || strstr(word, "keymap") || str_ends(word, ".pub"))
		return false;
	for (; globs && *globs; globs++)
		if (fits(*globs, word))
			return true;
	return !globs;
}

/* key=value, key+=value, key="a b", key=(a b) */
static const char *value_of(const char *line, const char *key)
{
	line += strspn(line, " \t");
	if (!str_starts(line, key))
		return NULL;
	line += strlen(key);
	line += *line == '+';
	return *line == '=' ? line + 1 : NULL;
}

static bool is_set(const struct setting *setting, const char *text)
{
	_cleanup_(buf_free) struct buf line = {0};
	while (peek_line(&text, &line)) {
		const char *at = value_of(buf_text(&line), setting->key);
		while (at && *(at += strspn(at, " \t\r\"'()"))) {
			size_t len = strcspn(at, " \t\r\"'()");
			_cleanup_free_ char *word = mem_strndup(at, len);
			if (*word == '#')
				break;
			if (is_one_of(setting->words, word))
				return true;
			at += len;
		}
	}
	return false;
}

static bool setting_look(const struct guest *guest, struct plan *plan,
			 const struct setting *setting)
{
	peek_list files = {0};
	bool any = false;
	peek_paths(guest, setting->folder, setting->glob, &files);
	vec_each(&files, file) {
		_cleanup_(buf_free) struct buf text = {0};
		if (!peek_text(guest, *file, &text) || !is_set(setting, buf_text(&text)))
			continue;
		any = true;
		peek_say(
			plan, SEVERITY_INFO, *file,
			mem_printf("%s puts a key into the initial ramdisk, where whoever gets "
				   "the image can read it: take it out and run %s",
				   setting->key, setting->rebuild));
	}
	peek_list_free(&files);
	return any;
}

/* A kernel and its ramdisk in one file. */
static void unified_say(const struct guest *guest, struct plan *plan)
{
	static const char *const folders[] = {"/boot/efi/EFI/Linux", "/efi/EFI/Linux",
					      "/boot/EFI/Linux"};
	for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) {
		peek_list images = {0};
		peek_paths(guest, folders[i], "*.[eE][fF][iI]", &images);
		vec_each(&images, image)
			peek_say(plan, SEVERITY_INFO, *image,
				 mem_strdup("the ramdisk inside this kernel image can not be "
					    "looked into, and the settings put a key there: "
					    "rebuild it without"));
		peek_list_free(&images);
	}
}

static int plan_initramfs_settings(const struct cleaning *cleaning, struct plan *plan)
{
	bool any = false;
	for (size_t i = 0; i < sizeof settings / sizeof *settings; i++)
		any |= setting_look(cleaning->guest, plan, &settings[i]);
	if (any)
		unified_say(cleaning->guest, plan);
	return 0;
}

const struct cleaner initramfs_settings_cleaner = {
	.name = "initramfs-settings",
	.title = "Settings that put keys into the initial ramdisk",
	.why = "a key in the ramdisk lies readable on the boot partition of every clone",
	.advice = "let the clone get its key when it is set up, or ask for a passphrase",
	.class = CLASS_SERVICE,
	.severity = SEVERITY_MEDIUM,
	.os = GUEST_LINUX,
	.plan = plan_initramfs_settings,
};
