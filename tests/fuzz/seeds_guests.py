# SPDX-License-Identifier: MIT
"""Seeds that are settings of a guest."""
import os
import re

import packs as patterns
import plant
from plant import raw

HERE = os.path.dirname(os.path.abspath(__file__))


def mounts():
    yield ("\n1 0 8:1 / / rw,relatime - ext4 /dev/vda1 rw\n2 1 0:5 / /proc rw - proc proc rw\n"
           "3 1 8:17 / /srv\\040a rw shared:7 master:1 - xfs /dev/vdb1 rw\n"
           "4 1 8:1 /home /mnt rw - ext4 /dev/vda1 rw\n5 1 0:40 / /net rw - nfs4 host:/x rw\n"
           "6 3 8:2 / /srv\\040a rw - ext4 /dev/vda2 rw\n7 1 0:41 /@ /var rw - btrfs /dev/vda3 rw\n")
    yield "mnt/guest\n20 1 8:1 / / rw - ext4 /dev/vda1 rw\n21 20 8:2 / /mnt/guest rw - ext4 /dev/vda2 rw\n" \
          "22 21 8:3 / /mnt/guest/boot rw - ext4 /dev/vda3 rw\n23 20 8:4 / /mnt rw - ext4 /dev/vda4 rw\n"
    with open("/proc/self/mountinfo", encoding="utf-8", errors="replace") as file:
        yield "\n" + "".join(file.readlines()[:12])


def lines():
    for text in start_files():
        yield text
    yield 'alice ALL=(ALL) NOPASSWD: ALL\n%wheel, bob ALL=ALL \\\n  x\nDefaults:"a b" !tty\n#1000 ALL=ALL\n'
    yield "User_Alias A = b, c\n@include x\nDefaults env_reset # c\\\n"
    yield "root:!$6$%s:19000:0:::::\nx:*:1\n:\n#a:b\nlocked:!!:\n" % plant.pick("alnum", 30)
    yield "a//b/./c/../d"
    for rule in patterns.rules():
        yield rule["match"][0]


def start_files():
    yield "export HISTFILE=$HOME/.keep/log HISTSIZE=5; PS1='\\u@\\h ' && . ~/.x\n"
    yield 'XDG_STATE_HOME=${XDG_STATE_HOME:-"$HOME/.local/state"}\nHISTFILE="${A:-${B:-/deep}}/h-$$"\n'
    yield "set -gx HISTFILE ~/h; setenv LESSHISTFILE `date +%Y`$(hostname -s (x))\nif x; then\n y=1 \\\n z=2\nfi\n"


def cleaners():
    with open(os.path.join(HERE, "cleaners_fuzz.c"), encoding="utf-8") as file:
        places = re.search(r"places\[\] = \{(.*?)\};", file.read(), re.S).group(1)
    number = {path: i for i, path in enumerate(re.findall(r'"(.*?)"', places))}

    def files(gone, **texts):
        out = bytes([gone])
        for path, text in texts.items():
            out += bytes([0xff, number[path]]) + raw(text)
        return out
    hashed = plant.hash_of_password()
    passwd = {"/etc/passwd": "root:x:0:0:r:/root:/bin/bash\nalice:x:1000:1000:,,,:/home/alice:/bin/zsh\n"
                             "svc:x:990:990::/srv/svc:/bin/sh\ndaemon:x:2:2::/usr/sbin:/usr/sbin/nologin\n",
              "/etc/shadow": "root:%s:19700:0:99999:7:::\nalice:!%s:19700::::::\nsvc:*:1:\n" % (hashed, hashed),
              "/etc/group": "root:x:0:\nwheel:x:10:alice,svc\nalice:x:1000:\n",
              "/etc/gshadow": "root:*::\nwheel:!:alice:alice,svc\nalice:%s::\n" % hashed,
              "/etc/subuid": "alice:100000:65536\nsvc:165536:65536\n"}
    yield files(1, **passwd)
    yield files(0, **passwd)
    yield files(1, **passwd, **{
        "/etc/sudoers": "Defaults env_reset\nroot ALL=(ALL:ALL) ALL\nalice ALL=ALL\n%wheel ALL=(ALL) NOPASSWD: ALL\n",
        "/etc/sudoers.d/90-cloud-init-users": "# User rules for alice\nalice ALL=(ALL) NOPASSWD:ALL\n",
        "/etc/sudoers.d/more": "User_Alias ADMINS = alice, svc\nADMINS, bob ALL = \\\n ALL\n",
        "/etc/doas.conf": "permit nopass alice as root\npermit keepenv :wheel\n",
        "/etc/polkit-1/rules.d/50-x.rules": 'polkit.addRule(function(a, s) { if (s.user == "alice") return polkit.Result.YES; });\n'})
    for text in start_files():
        yield files(0, **passwd, **{"/home/alice/.bashrc": text, "/root/.bashrc": text, "/etc/profile": text,
                                    "/home/alice/.zshrc": "HISTFILE=~/.h\n", "/etc/csh.cshrc": text,
                                    "/home/alice/.config/fish/config.fish": text,
                                    "/home/alice/.gdbinit": "set history filename ~/.g\nset history save on\n",
                                    "/etc/postgresql-common/psqlrc": "\\set HISTFILE ~/.p- :DBNAME\n"})
    unit = "[Unit]\nConditionPathExists=!/etc/ssh/x\nAssertPathExists=|/y\n[Service]\nUser=alice\n" \
           "EnvironmentFile=-/etc/sysconfig/sshd\nExecStartPre=/usr/bin/ssh-keygen -A\nExecStart=/usr/sbin/sshd -D \\\n -f x\n" \
           "[Install]\nWantedBy=multi-user.target\nAlso=y.service\n"
    yield files(1, **passwd, **{
        "/etc/ssh/sshd_config": "Include /etc/ssh/sshd_config.d/*.conf\nHostKey /etc/ssh/ssh_host_rsa_key\n"
                                "PasswordAuthentication no\nPermitRootLogin prohibit-password\nMatch User a\n PasswordAuthentication yes\n",
        "/etc/ssh/sshd_config.d/50-x.conf": "AuthorizedKeysFile %h/.ssh/keys none\nAllowUsers alice root@10.*\nUsePAM yes\n",
        "/home/alice/.ssh/authorized_keys": 'command="x",no-pty ssh-ed25519 AAAAC3Nz x\n# c\nssh-rsa AAAA\n',
        "/etc/systemd/system/sshd.service": unit,
        "/etc/systemd/system/multi-user.target.wants/sshd.service": unit,
        "/usr/lib/systemd/system/multi-user.target": "[Unit]\nRequires=basic.target\nWants=sshd.service x@a.service sshd-keygen@rsa.service\n",
        "/usr/lib/systemd/system/sshd-keygen@.service": unit,
        "/etc/systemd/system/x@.service": unit,
        "/etc/systemd/system/getty@tty1.service.d/autologin.conf": "[Service]\nExecStart=-/sbin/agetty --autologin alice %I\n",
        "/etc/inittab": "1:2345:respawn:/sbin/agetty -a alice tty1\n", "/etc/sysconfig/sshd": "AUTOCREATE_SERVER_KEYS=NODSA\n",
        "/etc/init.d/sshd": "#!/bin/sh\nssh-keygen -A\n"})
    yield files(0, **{
        "/etc/cloud/cloud.cfg": "users: [default]\nssh_deletekeys: true\nssh_genkeytypes: [rsa, ed25519]\n"
                                "cloud_init_modules:\n - ssh\n - [users-groups, once]\ndatasource_list: [ NoCloud, None ]\n",
        "/etc/cloud/cloud.cfg.d/99-x.cfg": "network: {config: disabled}\npassword: %s\nchpasswd: {expire: False}\n" % plant.token(),
        "/etc/default/grub": 'GRUB_CMDLINE_LINUX="cloud-init=disabled resume=/dev/sda2 ip=ibft"\n',
        "/etc/os-release": 'ID=debian\nPRETTY_NAME="Debian 12"\n', "/etc/machine-id": plant.pick("hex", 32) + "\n"})
    card = ":".join(plant.pick("hex", 2) for _ in range(6))
    yield files(0, **{
        "/etc/sysconfig/network-scripts/ifcfg-eth0": "DEVICE=eth0\nHWADDR=%s\nUUID=%s\nIPADDR=10.0.0.2\n" % (card, plant.pick("hex", 32)),
        "/etc/NetworkManager/system-connections/a.nmconnection": "[connection]\ninterface-name=eth0\n[ethernet]\nmac-address=%s\n[ipv4]\naddress1=10.0.0.2/8\n" % card,
        "/etc/systemd/network/10-x.network": "[Match]\nMACAddress=%s\n[Network]\nAddress=10.0.0.2/8\n" % card,
        "/etc/netplan/01-x.yaml": "network:\n  ethernets:\n    eth0:\n      match: {macaddress: '%s'}\n      addresses: [10.0.0.2/8]\n" % card,
        "/etc/network/interfaces": "iface eth0 inet static\n  hwaddress %s\n" % card})
    yield files(0, **{
        "/etc/iscsi/initiatorname.iscsi": "InitiatorName=iqn.1993-08.org.debian:01:%s\n" % plant.pick("hex", 12),
        "/etc/fstab": "UUID=1 / ext4 x 0 1\n/swapfile none swap sw 0 0\n/dev/mapper/s none swap sw\nLABEL=a\\040b swap swap x\n",
        "/etc/crypttab": "s /dev/sda3 /dev/urandom swap,cipher=x\n", "/etc/snapper/configs/root": 'SUBVOLUME="/"\nFSTYPE="btrfs"\n',
        "/etc/systemd/system/swapfile.swap": "[Swap]\nWhat=/swapfile\n",
        "/etc/lvm/backup/vg0": 'vg0 {\n logical_volumes {\n  snap {\n   status = ["READ"]\n   segment1 {\n type = "snapshot"\n merging_store = "x"\n}}}}\n',
        "/etc/dracut.conf": 'install_items+=" /etc/luks.key /x "\nadd_dracutmodules+=" crypt-ssh "\n',
        "/etc/mkinitcpio.conf": "FILES=(/crypto_keyfile.bin\n '/x')\nHOOKS=(base dropbear)\n",
        "/etc/cryptsetup-initramfs/conf-hook": 'KEYFILE_PATTERN="/etc/keys/*.key"\n'})
