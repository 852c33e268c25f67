/* SPDX-License-Identifier: MIT */
/* A profile that is tied to one network card leaves the clone without network. The
 * tie is cut where the profile also names its interface; otherwise a human has
 * to say what the profile is for. What cloud-init wrote and will write again on a
 * new instance is left alone. */
#include <errno.h>
#include <string.h>
#include <strings.h>

#include "base/cleanup.h"
#include "base/glob.h"
#include "base/str.h"
#include "cloudinit.h"
#include "list.h"
#include "peek.h"

enum format { IFCFG, KEYFILE, NETWORKD, NETPLAN, INTERFACES };

static const struct place {
	const char *folder, *glob;
	enum format format;
	bool named; /* by the file's own name */
} places[] = {
	{"/etc/sysconfig/network-scripts", "ifcfg-*", IFCFG, false},
	{"/etc/sysconfig/network", "ifcfg-*", IFCFG, true}, /* openSUSE */
	{"/etc/NetworkManager/system-connections", "*", KEYFILE, false},
	{"/etc/systemd/network", "*.network", NETWORKD, false},
	{"/etc/systemd/network", "*.netdev", NETWORKD, false},
	{"/etc/systemd/network", "*.link", NETWORKD, false},
	{"/etc/netplan", "*.yaml", NETPLAN, false},
	{"/etc/network", "interfaces", INTERFACES, false},
	{"/etc/network/interfaces.d", "*", INTERFACES, false},
};

/* What a line of a profile means for a clone. */
enum meaning {
	PLAIN = 0,
	NAMES = 1,    /* says which interface by its name */
	TIES = 2,     /* says which by its hardware address */
	IDENTITY = 4, /* of this profile on this machine; nothing needs it */
	SETS = 8,     /* gives the interface a hardware address */
	STATIC = 16,
	SECRET = 32,
};

/* ---- lines of key=value in sections ---- */

struct entry {
	const char *section; /* "" in front of the first */
	const char *key, *value;
};

static bool is_one_of(const char *text, const char *const *list)
{
	for (; *list; list++)
		if (strcasecmp(text, *list) == 0)
			return true;
	return false;
}

static bool names_secret(const char *key)
{
	static const char *const parts[] = {"psk",	 "pass",   "wep-key",
					    "private",	 "secret", "phrase",
					    "preshared", "pin",	   "key_"};
	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
		if (strcasestr(key, parts[i]))
			return true;
	return false;
}

static unsigned ifcfg_means(const struct entry *e)
{
	static const char *const ties[] = {"HWADDR", NULL};
	static const char *const sets[] = {"MACADDR", "LLADDR", NULL};
	if (is_one_of(e->key, ties))
		return TIES;
	if (is_one_of(e->key, sets))
		return SETS;
	if (strcmp(e->key, "UUID") == 0)
		return IDENTITY;
	if (strcmp(e->key, "DEVICE") == 0)
		return NAMES;
	if (str_starts(e->key, "IPADDR") || str_starts(e->key, "IPV6ADDR"))
		return str_starts(e->value, "127.") ? PLAIN : STATIC;
	return names_secret(e->key) ? SECRET : PLAIN;
}

static unsigned keyfile_means(const struct entry *e)
{
	static const char *const cards[] = {"ethernet",	       "802-3-ethernet", "wifi",
					    "802-11-wireless", "infiniband",	 NULL};
	if (strcmp(e->key, "mac-address") == 0)
		return is_one_of(e->section, cards) ? TIES : SETS;
	if (strcmp(e->key, "cloned-mac-address") == 0)
		return strchr(e->value, ':') ? SETS : PLAIN;
	if (strcmp(e->key, "interface-name") == 0 && strcmp(e->section, "connection") == 0)
		return NAMES;
	if (str_starts(e->section, "ipv") && str_starts(e->key, "address"))
		return STATIC;
	return names_secret(e->key) ? SECRET : PLAIN;
}

static unsigned networkd_means(const struct entry *e)
{
	bool match = strcmp(e->section, "Match") == 0;
	if (strcmp(e->key, "MACAddress") == 0)
		return match ? TIES : SETS;
	if (strcmp(e->key, "PermanentMACAddress") == 0)
		return match ? TIES : PLAIN;
	if (strcmp(e->key, "Address") == 0 &&
	    (strcmp(e->section, "Network") == 0 || strcmp(e->section, "Address") == 0))
		return STATIC;
	return PLAIN;
}

static unsigned entry_means(enum format format, const struct entry *e)
{
	if (!*e->value)
		return PLAIN;
	return format == IFCFG	   ? ifcfg_means(e)
	       : format == KEYFILE ? keyfile_means(e)
				   : networkd_means(e);
}

static void strip(struct buf *text)
{
	while (text->len && strchr(" \t\r\"'", text->data[text->len - 1]))
		buf_cut(text, text->len - 1);
}

/* What all lines mean together; `rest` gets those that may stay. */
static unsigned read_entries(enum format format, const char *text, struct buf *rest)
{
	_cleanup_(buf_wipe) struct buf line = {0};
	_cleanup_(buf_free) struct buf section = {0}, key = {0};
	unsigned all = 0;
	for (const char *at = text; *at;) {
		const char *begin = at;
		peek_line(&at, &line);
		const char *word = buf_text(&line) + strspn(buf_text(&line), " \t");
		const char *equals = strchr(word, '=');
		unsigned means = PLAIN;
		if (*word == '[') {
			buf_cut(&section, 0);
			buf_add(&section, word + 1, strcspn(word + 1, "]"));
		} else if (equals && !strchr("#;", *word)) {
			buf_cut(&key, 0);
			buf_add(&key, word, (size_t)(equals - word));
			strip(&key);
			strip(&line);
			equals += equals[0] != 0;
			equals += strspn(equals, " \t\"'");
			struct entry entry = {buf_text(&section), buf_text(&key), equals};
			means = entry_means(format, &entry);
		}
		all |= means;
		if (!(means & (TIES | IDENTITY)))
			buf_add(rest, begin, (size_t)(at - begin));
	}
	return all;
}

/* ---- netplan: keys below keys ---- */

static size_t indent_of(const char *line)
{
	return strspn(line, " -");
}

static bool has_key(const char *line, const char *key)
{
	const char *hit = strstr(line, key);
	size_t len = strlen(key);
	return hit && (hit == line || strchr(" -{\"',", hit[-1])) &&
	       hit[len + strspn(hit + len, "\"' ")] == ':';
}

/* Only the keys that matter, each with the one it stands under. */
static unsigned read_netplan(const char *text)
{
	_cleanup_(buf_wipe) struct buf line = {0};
	unsigned all = 0;
	size_t match = 0, servers = 0; /* indent of such a block plus one; 0: outside */
	while (peek_line(&text, &line)) {
		const char *at = buf_text(&line);
		size_t indent = indent_of(at);
		if (!at[indent] || at[indent] == '#')
			continue;
		if (match && indent < match)
			match = 0;
		if (servers && indent < servers)
			servers = 0;
		if (has_key(at, "match"))
			match = indent + 1;
		if (has_key(at, "nameservers"))
			servers = indent + 1;
		if (has_key(at, "macaddress"))
			all |= match ? TIES : SETS;
		else if (has_key(at, "addresses") && !servers)
			all |= STATIC;
	}
	return all;
}

/* ---- interfaces(5) ---- */

static unsigned read_interfaces(const char *text)
{
	_cleanup_(buf_wipe) struct buf line = {0};
	unsigned all = 0;
	while (peek_line(&text, &line)) {
		const char *at = buf_text(&line) + strspn(buf_text(&line), " \t");
		if (str_starts(at, "hwaddress"))
			all |= SETS;
		else if (str_starts(at, "iface") && strstr(at, " static"))
			all |= STATIC;
	}
	return all;
}

/* ---- profiles ---- */

struct network {
	const struct guest *guest;
	struct plan *plan;
	bool cloud_writes; /* cloud-init makes its own again on a new instance */
	peek_list with_addresses;
	struct buf all; /* profiles one behind the other, once that is asked for */
};

static bool is_generated(const char *path, const char *text)
{
	return strstr(str_leaf(path), "cloud-init") ||
	       strstr(text, "generated from information provided by the datasource") ||
	       strstr(text, "origin=cloud-init");
}

static const char *remedy_of(enum format format)
{
	switch (format) {
	case IFCFG:
		return "say DEVICE= and take HWADDR= out";
	case KEYFILE:
		return "say interface-name= in [connection] and take mac-address= out";
	case NETWORKD:
		return "match by Name= or Type=ether instead of MACAddress=";
	default:
		return "match by name instead of macaddress";
	}
}

static void judge(struct network *n, const char *path, enum format format, unsigned means)
{
	if (means & TIES)
		peek_say(n->plan, SEVERITY_MEDIUM, path,
			 mem_printf("is tied to the network card of this machine, so a clone "
				    "may have no network: %s",
				    remedy_of(format)));
	if (means & SETS)
		peek_say(n->plan, SEVERITY_MEDIUM, path,
			 mem_strdup("gives the interface a hardware address, which every "
				    "clone would have too: take it out"));
}

static void profiles_read(struct network *n)
{
	static const char *const folders[] = {"/etc/sysconfig/network-scripts",
					      "/etc/NetworkManager/system-connections"};
	for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) {
		peek_list files = {0};
		peek_paths(n->guest, folders[i], "*", &files);
		vec_each(&files, file)
			if (peek_text(n->guest, *file, &n->all))
				buf_puts(&n->all, "\n");
		peek_list_free(&files);
	}
}

static size_t count(const char *text, const char *word)
{
	size_t found = 0;
	for (; (text = strstr(text, word)); text += strlen(word))
		found++;
	return found;
}

/* Parts of a bond, bridge or team name the whole of it by its UUID. */
static bool is_named_elsewhere(struct network *n, const char *text)
{
	_cleanup_(buf_free) struct buf line = {0};
	const char *uuid = NULL;
	for (const char *at = text; !uuid && peek_line(&at, &line);)
		uuid = peek_value(buf_text(&line), "UUID");
	if (!uuid)
		return false;
	uuid += strspn(uuid, "\"'");
	_cleanup_free_ char *plain = mem_strndup(uuid, strcspn(uuid, " \t\r\"'"));
	if (!n->all.len)
		profiles_read(n);
	return *plain && count(buf_text(&n->all), plain) > count(text, plain);
}

/* Without the lines that tie it; never where a secret would stand in the plan. */
static int untie(struct network *n, const char *path, struct buf *rest)
{
	struct step *step;
	int r = cleaner_step(n->guest, n->plan, STEP_REPLACE, path,
			     "the profile names this machine's network card; without that "
			     "line it fits the clone's",
			     &step);
	if (r < 0)
		return r;
	step->content = mem_strndup(buf_text(rest), rest->len);
	step->content_len = rest->len;
	return 0;
}

static int profile_plan(struct network *n, const struct place *place, const char *path)
{
	_cleanup_(buf_wipe) struct buf text = {0};
	_cleanup_(buf_wipe) struct buf rest = {0};
	if (!peek_is(n->guest, path, PLAT_FILE) || !peek_text(n->guest, path, &text) ||
	    (n->cloud_writes && is_generated(path, buf_text(&text))) ||
	    strcmp(str_leaf(path), "ifcfg-lo") == 0 || memchr(buf_text(&text), 0, text.len))
		return 0;
	unsigned means = place->named ? NAMES : 0;
	if (place->format == NETPLAN)
		means |= read_netplan(buf_text(&text));
	else if (place->format == INTERFACES)
		means |= read_interfaces(buf_text(&text));
	else
		means |= read_entries(place->format, buf_text(&text), &rest);
	if (means & STATIC)
		peek_list_add(&n->with_addresses, path);
	bool can = place->format <= KEYFILE && !(means & SECRET) &&
		   (means & NAMES || !(means & TIES));
	if (means & IDENTITY && is_named_elsewhere(n, buf_text(&text)))
		can = false;
	if (can && means & (TIES | IDENTITY)) {
		judge(n, path, place->format, means & ~(unsigned)TIES);
		return untie(n, path, &rest);
	}
	judge(n, path, place->format, means);
	return 0;
}

static void addresses_say(struct network *n)
{
	struct buf text = {0};
	if (!n->with_addresses.n)
		return;
	buf_puts(&text, "a static address, which every clone would have: use DHCP, or set "
			"the address when a clone is set up");
	for (size_t i = 1; i < n->with_addresses.n; i++) {
		buf_puts(&text, i == 1 ? ". Also in " : ", ");
		str_quote(&text, n->with_addresses.v[i]);
	}
	peek_say(n->plan, SEVERITY_LOW, n->with_addresses.v[0], text.data);
}

static int plan_network_profiles(const struct cleaning *cleaning, struct plan *plan)
{
	const struct guest *guest = cleaning->guest;
	struct network n = {
		.guest = guest, .plan = plan, .cloud_writes = cloudinit_writes_network(guest)};
	int first = 0;
	for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
		peek_list files = {0};
		peek_paths(guest, places[i].folder, places[i].glob, &files);
		vec_each(&files, file) {
			int r = profile_plan(&n, &places[i], *file);
			if (r < 0 && r != -ENOENT && !first)
				first = r;
		}
		peek_list_free(&files);
	}
	addresses_say(&n);
	peek_list_free(&n.with_addresses);
	buf_wipe(&n.all);
	return first;
}

const struct cleaner network_profiles_cleaner = {
	.name = "network-profiles",
	.title = "Network profiles tied to this machine",
	.why = "a profile for this machine's network card or address leaves the clone "
	       "without network, or gives two machines one address",
	.advice = "have the clone's addresses come from DHCP or cloud-init",
	.class = CLASS_IDENTITY,
	.severity = SEVERITY_MEDIUM,
	.os = GUEST_LINUX,
	.plan = plan_network_profiles,
};
