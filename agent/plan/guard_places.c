/* SPDX-License-Identifier: MIT */
#include "plan/guard_places.h"

/* ---- Linux: file-system hierarchy (FHS 3.0) and what distributions add to it ---- */

static const char *const linux_skeleton[] = {
	"/",	      "/bin",	      "/boot",	       "/dev",	       "/etc",
	"/home",      "/lib",	      "/lib32",	       "/lib64",       "/libx32",
	"/media",     "/mnt",	      "/opt",	       "/proc",	       "/root",
	"/run",	      "/sbin",	      "/srv",	       "/sys",	       "/tmp",
	"/usr",	      "/usr/local",   "/var",	       "/var/cache",   "/var/lib",
	"/var/log",   "/var/spool",   "/var/tmp",      "/var/mail",    "/etc/ssh",
	"/etc/pam.d", "/etc/systemd", "/var/lib/dpkg", "/var/lib/rpm", "/var/lib/pacman",
	NULL};

/* Members come and go: these may be emptied. */
static const char *const linux_transient[] = {"/tmp", "/var/tmp", NULL};

/* Without these the clone does not boot or nobody gets in. */
static const char *const linux_vital[] = {
	"/etc/passwd",	      "/etc/group",	      "/etc/shadow",
	"/etc/gshadow",	      "/etc/fstab",	      "/etc/crypttab",
	"/etc/sudoers",	      "/etc/hosts",	      "/etc/ssh/sshd_config",
	"/etc/nsswitch.conf", "/etc/ld.so.cache",     "/etc/ld.so.conf",
	"/etc/ld.so.preload", "/var/lib/dpkg/status", NULL};

static const char *const linux_system[] = {"/bin",
					   "/sbin",
					   "/lib",
					   "/lib32",
					   "/lib64",
					   "/libx32",
					   "/usr",
					   "/boot",
					   "/dev",
					   "/proc",
					   "/sys",
					   "/var/lib/dpkg",
					   "/var/lib/rpm",
					   "/var/lib/pacman",
					   "/efi",
					   "/ostree/repo",
					   "/sysroot/ostree/repo",
					   "/nix/store",
					   "/gnu/store",
					   "/var/db/pkg",
					   "/var/db/xbps",
					   "/var/lib/snapd/snaps",
					   NULL};

static const char *const linux_spared[] = {"/usr/local", NULL};

static const char *const linux_spared_leaf[] = {"/loader/random-seed", NULL};

/* ---- Windows ---- */

static const char *const windows_skeleton[] = {"/",
					       "/$Recycle.Bin",
					       "/Boot",
					       "/Documents and Settings",
					       "/EFI",
					       "/PerfLogs",
					       "/Program Files",
					       "/Program Files (x86)",
					       "/Program Files/Common Files",
					       "/ProgramData",
					       "/ProgramData/Microsoft",
					       "/ProgramData/Microsoft/Windows",
					       "/ProgramData/ssh",
					       "/Recovery",
					       "/System Volume Information",
					       "/Users",
					       "/Windows",
					       "/Windows/Logs",
					       "/Windows/Prefetch",
					       "/Windows/ServiceProfiles",
					       "/Windows/SoftwareDistribution",
					       "/Windows/SoftwareDistribution/Download",
					       "/Windows/SysWOW64",
					       "/Windows/System32",
					       "/Windows/System32/LogFiles",
					       "/Windows/System32/config",
					       "/Windows/System32/winevt/Logs",
					       "/Windows/Temp",
					       "/Windows/WinSxS",
					       "/Windows/Fonts",
					       "/Windows/INF",
					       "/Windows/Installer",
					       "/Windows/servicing",
					       "/Windows/assembly",
					       "/Windows/Microsoft.NET",
					       NULL};

static const char *const windows_transient[] = {"/$Recycle.Bin",
						"/PerfLogs",
						"/Windows/Logs",
						"/Windows/Prefetch",
						"/Windows/SoftwareDistribution/Download",
						"/Windows/System32/LogFiles",
						"/Windows/System32/winevt/Logs",
						"/Windows/Temp",
						NULL};

/* The hives of the system lie in /Windows/System32/config, those of people in their homes. */
static const char *const windows_vital[] = {"/bootmgr",
					    "/bootmgr.efi",
					    "/BOOTNXT",
					    "/BOOTSECT.BAK",
					    "/Windows/bootstat.dat",
					    "/Windows/*.exe",
					    "/Windows/*.dll",
					    "/Windows/win.ini",
					    "/Windows/system.ini",
					    "/ProgramData/ssh/sshd_config",
					    "~/NTUSER.DAT*",
					    "~/AppData/Local/Microsoft/Windows/UsrClass.dat*",
					    NULL};

static const char *const windows_system[] = {"/$Extend",
					     "/Boot",
					     "/EFI",
					     "/Recovery",
					     "/System Volume Information",
					     "/Program Files/WindowsApps",
					     "/Program Files/Windows Defender",
					     "/Program Files/Windows NT",
					     "/Windows/Boot",
					     "/Windows/Fonts",
					     "/Windows/Globalization",
					     "/Windows/INF",
					     "/Windows/Installer",
					     "/Windows/Microsoft.NET",
					     "/Windows/PolicyDefinitions",
					     "/Windows/Resources",
					     "/Windows/SysWOW64",
					     "/Windows/System",
					     "/Windows/System32",
					     "/Windows/SystemApps",
					     "/Windows/SystemResources",
					     "/Windows/WinSxS",
					     "/Windows/apppatch",
					     "/Windows/assembly",
					     "/Windows/schemas",
					     "/Windows/servicing",
					     NULL};

/* Logs and the home of the system account. */
static const char *const windows_spared[] = {
	"/Windows/System32/LogFiles",
	"/Windows/System32/Sysprep/Panther",
	"/Windows/System32/config/systemprofile",
	"/Windows/SysWOW64/config/systemprofile",
	"/Windows/System32/sru",
	"/Windows/System32/wdi",
	"/Windows/System32/winevt/Logs",
	"/Windows/System32/spool/PRINTERS",
	"/Windows/WinSxS/Temp",
	"/Windows/INF/setupapi.dev.log",
	"/Windows/INF/setupapi.app.log",
	"/Windows/INF/setupapi.setup.log",
	"/Windows/INF/setupapi.offline.log",
	"/Windows/INF/setupapi.upgrade.log",
	"/Windows/Microsoft.NET/Framework/v2.0.50727/Temporary ASP.NET Files",
	"/Windows/Microsoft.NET/Framework/v4.0.30319/Temporary ASP.NET Files",
	"/Windows/Microsoft.NET/Framework64/v2.0.50727/Temporary ASP.NET Files",
	"/Windows/Microsoft.NET/Framework64/v4.0.30319/Temporary ASP.NET Files",
	"/Windows/System32/Workspace",
	"/Windows/System32/config/RegBack",
	NULL};

/* Files of text in which administrators write. */
static const char *const windows_settings[] = {"/Windows/Microsoft.NET/*/*/CONFIG/*.config",
					       "/Windows/System32/GroupPolicy/**",
					       "/Windows/System32/Sysprep/*.xml",
					       "/Windows/System32/Tasks/**",
					       "/Windows/System32/drivers/etc/*",
					       "/Windows/System32/inetsrv/config/**/*.config",
					       "/Windows/System32/inetsrv/config/**/*.xml",
					       "/Windows/SysWOW64/inetsrv/config/**/*.config",
					       "/Windows/System32/WindowsPowerShell/v1.0/*.ps1",
					       NULL};

#define NT "HKLM\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\"
#define SYSTEM_KEY "HKLM\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\"
#define SET "HKLM\\SYSTEM\\CurrentControlSet\\"
#define USER_KEY "HKU\\*\\Software\\Microsoft\\Windows\\CurrentVersion\\"

/* Single values in them may go, and keys below them that are not named here. */
static const char *const windows_keys[] = {
	"HKLM\\SAM\\SAM\\**",
	"HKLM\\SECURITY\\Policy\\Secrets",
	"HKLM\\SECURITY\\Policy\\Accounts",
	"HKLM\\SECURITY\\Cache",
	"HKLM\\SOFTWARE\\Classes",
	"HKLM\\SOFTWARE\\Clients",
	"HKLM\\SOFTWARE\\Policies",
	"HKLM\\SOFTWARE\\RegisteredApplications",
	"HKLM\\SOFTWARE\\WOW6432Node\\Classes",
	"HKLM\\SOFTWARE\\WOW6432Node\\Microsoft",
	"HKLM\\SOFTWARE\\Microsoft\\.NETFramework",
	"HKLM\\SOFTWARE\\Microsoft\\COM3",
	"HKLM\\SOFTWARE\\Microsoft\\Cryptography\\*",
	"HKLM\\SOFTWARE\\Microsoft\\Ole",
	"HKLM\\SOFTWARE\\Microsoft\\Rpc",
	"HKLM\\SOFTWARE\\Microsoft\\SystemCertificates\\*",
	NT "AppCompatFlags",
	NT "Fonts",
	NT "Image File Execution Options",
	NT "NetworkList\\*",
	NT "ProfileList",
	NT "Schedule\\TaskCache\\*",
	NT "SoftwareProtectionPlatform",
	NT "Svchost",
	NT "Time Zones",
	NT "Windows",
	NT "Winlogon",
	SYSTEM_KEY "App Paths",
	SYSTEM_KEY "Appx",
	SYSTEM_KEY "Authentication\\*",
	SYSTEM_KEY "Component Based Servicing",
	SYSTEM_KEY "Explorer",
	SYSTEM_KEY "Group Policy",
	SYSTEM_KEY "Installer",
	SYSTEM_KEY "Policies\\System",
	SYSTEM_KEY "Run",
	SYSTEM_KEY "RunOnce",
	SYSTEM_KEY "Setup",
	SYSTEM_KEY "SideBySide",
	SYSTEM_KEY "Uninstall",
	SYSTEM_KEY "WINEVT\\*",
	SYSTEM_KEY "WindowsUpdate",
	"HKLM\\SYSTEM\\MountedDevices",
	"HKLM\\SYSTEM\\Select",
	"HKLM\\SYSTEM\\Setup",
	SET "Control\\*",
	SET "Control\\Session Manager\\**",
	SET "Enum\\**",
	SET "Hardware Profiles\\*",
	SET "Policies",
	SET "Services\\*",
	"HKU\\*\\Control Panel\\*",
	"HKU\\*\\Environment",
	"HKU\\*\\Keyboard Layout",
	"HKU\\*\\Local Settings\\Software\\Microsoft\\Windows\\Shell",
	"HKU\\*\\Software\\Classes",
	USER_KEY "Explorer\\Shell Folders",
	USER_KEY "Explorer\\User Shell Folders",
	USER_KEY "Policies",
	USER_KEY "Run",
	USER_KEY "RunOnce",
	NULL};

static const char *const windows_values[] = {
	NT "\\SystemRoot",
	NT "\\CurrentBuildNumber",
	NT "Winlogon\\\\Shell",
	NT "Winlogon\\\\Userinit",
	NT "ProfileList\\*\\\\ProfileImagePath",
	"HKLM\\SOFTWARE\\Microsoft\\Cryptography\\\\MachineGuid",
	"HKLM\\SYSTEM\\MountedDevices\\\\*",
	"HKLM\\SYSTEM\\Select\\\\*",
	"HKLM\\SYSTEM\\Setup\\\\*",
	SET "Control\\Session Manager\\\\*",
	SET "Services\\*\\\\ErrorControl",
	SET "Services\\*\\\\ImagePath",
	SET "Services\\*\\\\ObjectName",
	SET "Services\\*\\\\Start",
	SET "Services\\*\\\\Type",
	NULL};

static const char *const none[] = {NULL};

static const struct guard_places linux_places = {
	.skeleton = linux_skeleton,
	.transient = linux_transient,
	.vital = linux_vital,
	.system = linux_system,
	.spared = linux_spared,
	.spared_leaf = linux_spared_leaf,
	.vital_keys = none,
	.vital_values = none,
};

static const struct guard_places windows_places = {
	.skeleton = windows_skeleton,
	.transient = windows_transient,
	.vital = windows_vital,
	.system = windows_system,
	.spared = windows_spared,
	.spared_leaf = none,
	.settings = windows_settings,
	.vital_keys = windows_keys,
	.vital_values = windows_values,
};

const struct guard_places *guard_places(enum guest_os os)
{
	return os == GUEST_WINDOWS ? &windows_places : &linux_places;
}
