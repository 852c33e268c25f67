# SPDX-License-Identifier: MIT
"""Settings of servers and clients, users' files and stores: each with secrets among ordinary
lines is redacted and then read by a parser that is not ours (lib/formats.py). Where there
is one, that is the program itself."""
import io
import json
import netrc
import os
import shlex
import socket
import struct
import sys
import threading

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))

import check
import formats
from formats import INI, XML, Parser, augeas, both, module, tool


# ---- parsers ----

def netrc_of(data, scratch):
    path = formats.written(scratch, "netrc", data)
    return {host: list(entry) for host, entry in netrc.netrc(path).hosts.items()}


def ldif_of(ldif, data):
    records = ldif.LDIFRecordList(io.BytesIO(data))
    records.parse()
    return [[dn, {name: [v.decode("latin1") for v in values] for name, values in entry.items()}]
            for dn, entry in records.all_records]


def crontab_of(crontab, data):
    table = crontab.CronTab(tab=data.decode(), user=False)
    return [[str(job.slices), job.user, job.command] for job in table] + [dict(table.env)]


def user_crontab_of(crontab, data):
    table = crontab.CronTab(tab=data.decode())
    return [[str(job.slices), job.command, dict(job.env)] for job in table]


def htpasswd_of(apache, data):
    table = apache.HtpasswdFile.from_string(data)
    return {user: table.get_hash(user).decode() for user in table.users()}


def htdigest_of(apache, data):
    table = apache.HtdigestFile.from_string(data)
    return {user: table.get_hash(user, "web") for user in table.users("web")}


def shell_words(data, _):
    return [shlex.split(line, comments=True) for line in data.decode().splitlines()]


def fetchmail(data, scratch):
    path = formats.written(scratch, "fetchmailrc", data)
    names = {}
    exec(formats.called(scratch, ["fetchmail", "-f", path, "--configdump"]), names)
    return json.loads(json.dumps(names["fetchmailrc"]["servers"]))


def password_asked(server, said):
    """The server's side of a login (PostgreSQL, message formats): says that it wants the
    password as it is, and keeps what it gets."""
    with server, server.accept()[0] as client, client.makefile("rb") as stream:
        size, = struct.unpack("!I", stream.read(4))
        stream.read(size - 4)
        client.sendall(b"R" + struct.pack("!II", 8, 3))
        _, size = struct.unpack("!cI", stream.read(5))
        said.append(stream.read(size - 4).rstrip(b"\0").decode())


def login(scratch, dsn, **env):
    """The password that PostgreSQL's own client signs in with."""
    server, said = socket.create_server(("127.0.0.1", 0)), []
    server.settimeout(60)
    peer = threading.Thread(target=password_asked, args=(server, said))
    peer.start()
    where = " hostaddr=127.0.0.1 port=%d sslmode=disable gssencmode=disable" % server.getsockname()[1]
    formats.called(scratch, ["psql", "-X", "-w", "-c", "", dsn + where], codes=(2,), **env)
    peer.join()
    return said[0]


def pgpass(data, scratch):
    path = formats.written(scratch, "pgpass", data)
    return [login(scratch, "host=%s user=app dbname=x" % host, PGPASSFILE=path) for host in ("db", "db2")]


def service_file(data, scratch):
    path = formats.written(scratch, "pg_service.conf", data)
    return login(scratch, "service=app", PGSERVICEFILE=path)


# Just enough round a part of the settings for the server to take it.
def nginx(data, scratch):
    head = "error_log stderr; pid %s/pid; events {}\nhttp {\naccess_log off;\nserver {\nlisten unix:%s/socket;\n"
    path = formats.written(scratch, "nginx.conf", (head % (scratch, scratch)).encode() + data + b"}\n}\n")
    formats.called(scratch, ["nginx", "-t", "-q", "-p", scratch, "-e", "stderr", "-c", path])
    return ""


def apache(data, scratch):
    modules = "".join("LoadModule %s_module /usr/lib/apache2/modules/mod_%s.so\n" % (m, m) for m in (
        "mpm_event authn_core authn_file authz_core authz_user auth_basic ldap authnz_ldap env headers "
        "proxy proxy_http session session_crypto ssl").split())
    head = "ServerName web\nListen 127.0.0.1:1\nErrorLog error.log\nDefaultRuntimeDir .\nPidFile pid\n"
    path = formats.written(scratch, "apache.conf", (head + modules).encode() + data)
    formats.called(scratch, ["apache2", "-t", "-d", scratch, "-f", path])
    return ""


HAPROXY_HEAD = b"""defaults
  mode http
  timeout connect 1s
  timeout client 1s
  timeout server 1s
"""


def haproxy(data, scratch):
    path = formats.written(scratch, "haproxy.cfg", HAPROXY_HEAD + data)
    formats.called(scratch, ["haproxy", "-c", "-q", "-f", path])
    return ""


JSON = Parser("json of Python", lambda data, _: json.loads(data))
WORDS = Parser("shlex", shell_words)
GIT = tool("git", "config", "--list", "--file", "FILE")
UNIT = both(tool("systemd-analyze", "verify", "--man=no", "FILE", ext=".service", name="systemd-analyze"),
            augeas("Systemd"))
CRON = module("crontab", crontab_of)
USER_CRON = module("crontab", user_crontab_of)
NGINX = both(Parser("nginx -t", nginx, "nginx"), augeas("Nginx"))
APACHE = both(Parser("apache2 -t", apache, "apache2"), augeas("Httpd"))
HAPROXY = both(Parser("haproxy -c", haproxy, "haproxy"), WORDS)
LDIF = module("ldif", ldif_of)
NETRC = Parser("netrc of Python", netrc_of)
PGPASS = Parser("psql, signing in", pgpass, "psql")
SERVICE = Parser("psql, signing in", service_file, "psql")
MYSQL = tool("my_print_defaults", "--defaults-file=FILE", "client", "mysqldump", ext=".cnf",
             name="my_print_defaults")
HTPASSWD = module("passlib.apache", htpasswd_of)
HTDIGEST = module("passlib.apache", htdigest_of)
PROPERTIES = module("javaproperties", lambda j, data: j.loads(data.decode("latin1")))
MUTT = tool("mutt", "-n", "-F", "FILE", "-Q", "smtp_pass", "-Q", "imap_pass", "-Q", "from", name="mutt -Q")
FETCHMAIL = Parser("fetchmail --configdump", fetchmail, "fetchmail")
MSMTP = both(tool("msmtp", "-C", "FILE", "-P", "-a", "default"), WORDS)


# ---- files ----

FILES = [
    ("git", "config", GIT,
     "[sendemail]\n\tsmtpServer = mail\n\tsmtpPass = \"«@\\\\7@»\"\n\tsmtpUser = app\n"
     "[remote \"origin\"]\n\turl = https://app:«@»@git.internal/x.git\n"),
    ("systemd", "app.service", UNIT,
     "[Unit]\nDescription=app\n[Service]\nEnvironment=DB_PASSWORD=«@»\n"
     "Environment=\"API_TOKEN=«@»\" HOST=db\nExecStart=/bin/true --password «@» --port 1\n"),
    ("systemd", "run.service", UNIT,
     "[Service]\nExecStart=/bin/true --port 1 \\\n  --db-password=«@» \\\n  --host db\n"),
    ("cron", "/etc/cron.d/app", CRON,
     "MAILTO=root\nDB_PASSWORD=«@»\n# nightly\n5 4 * * * root mysqldump -uroot -p«@» app > /dev/null\n"
     "@daily root curl -u app:«@» http://web/\n"),
    ("cron", "crontab.txt", USER_CRON,
     "API_TOKEN=\"«@»\"\n*/5 * * * * sshpass -p '«@»' ssh app@web\n@reboot /srv/run --password=«@»\n"),
    ("nginx", "site.conf", NGINX,
     "location / {\n  proxy_set_header Authorization \"Basic «=app:@»\";\n  proxy_pass http://127.0.0.1/;\n}\n"
     "location /x {\n  set $token \"«@@»\";\n}\n"),
    ("nginx", "secure.conf", NGINX,
     "ssl_password_file /dev/null;\nlocation /y {\n  fastcgi_param DB_PASSWORD '«@»';\n"
     "  fastcgi_pass 127.0.0.1:9;\n}\n"),
    ("apache", "site.conf", APACHE,
     "SetEnv DB_PASSWORD \"«@»\"\nSetEnv HOST db\nRequestHeader set Authorization \"Bearer «@@»\"\n"
     "<Location /x>\n  AuthType Basic\n  AuthName x\n  AuthLDAPURL \"ldap://ldap/dc=x\"\n"
     "  AuthLDAPBindDN cn=a,dc=x\n  AuthLDAPBindPassword «@»\n</Location>\n"),
    ("apache", "session.conf", APACHE,
     "<Location /y>\n  Session On\n  SessionCryptoPassphrase «@»\n</Location>\nSSLProxyEngine off\n"),
    ("haproxy", "/etc/haproxy/haproxy.cfg", HAPROXY,
     "userlist u\n  user a insecure-password «@»\n  user b password «$5${alnum:16}${alnum:43}»\n"
     "listen l\n  bind 127.0.0.1:1\n  http-request set-header Authorization Basic\\ «=app:@»\n"
     "  stats auth admin:«@»\n  server a 127.0.0.1:80\n"),
    ("LDIF", "users.ldif", LDIF,
     "dn: uid=a,dc=x\nuserPassword:: «=@@@78»\ncn: a\nuserPassword: {SSHA}«{b64:38}==»\n\n"
     "dn: cn=config\nolcRootPW: «@@»\ncn: b\nuserPassword:: «=@@@7»\nsn: c\n"),
    ("LDIF", "folded.ldif", LDIF,
     "dn: uid=a,dc=x\nuserPassword:: «=~@@@@@@@»\ncn: a\n\ndn: uid=b,dc=x\n"
     "userPassword: «@@\n @»\nsn: b\n"),
    ("netrc", ".netrc", NETRC, "machine a login b password «@»\nmachine c\n\tlogin d\n\tpassword «@»\n"),
    ("netrc", "_netrc", NETRC, "machine a login b password \"«@!@»\" account x\ndefault login d password «@»\n"),
    ("pgpass", ".pgpass", PGPASS, "# ours\ndb:*:x:app:«@\\:@»\ndb2:*:*:app:«@»\n"),
    ("pgpass", ".pg_service.conf", SERVICE, "[app]\nhost=db\nuser=app\npassword=«@»\ndbname=x\n"),
    ("my.cnf", ".my.cnf", MYSQL,
     "[client]\nuser = app\npassword = \"«@#@»\"\nport = 1\n[mysqldump]\npassword='«@»'\nquick\n"),
    ("my.cnf", "plain.cnf", MYSQL, "[client]\npassword=«@!@» # app\nhost = db\n"),
    ("FTP-client stores", "sitemanager.xml", XML,
     "<FileZilla3><Servers><Server><Host>h</Host><User>a</User>\n<Pass encoding=\"base64\">«=@»</Pass>"
     "</Server>\n<Server><Pass>«@»</Pass></Server></Servers></FileZilla3>"),
    ("FTP-client stores", "WinSCP.ini", INI,
     "[Sessions\\web]\nHostName=web\nUserName=a\nPassword=«A35C{HEX:60}»\nPortNumber=22\n"),
    ("FTP-client stores", "rclone.conf", INI, "[web]\ntype = sftp\nhost = web\nuser = a\npass = «{b64url:40}»\n"),
    ("FTP-client stores", ".lftprc", WORDS, "set ssl:verify-certificate no\nopen -u app,«@» ftp://web\nlcd /srv\n"),
    ("FTP-client stores", "bookmarks", WORDS, "web\tftp://app:«@»@web/srv\nb\tftp://b/\n"),
    ("browser stores", "logins.json", JSON,
     '{"nextId": 2, "logins": [{"hostname": "https://web", "encryptedUsername": "«{b64:62}==»",\n'
     '  "encryptedPassword": "«{b64:62}==»", "guid": "{1}", "timesUsed": 1}], "version": 3}'),
    ("editors' connection files", "app.remmina", INI,
     "[remmina]\nname=web\nserver=web\nusername=a\npassword=«{b64:23}=»\nport=22\n"),
    ("editors' connection files", "data-sources.json", JSON,
     '{"connections": {"pg": {"configuration": {"host": "db", "user": "a", "password": "«@»"}}}}'),
    ("mail", ".muttrc", MUTT, "set from = a@b\nset smtp_pass=\"«@»\"\nset imap_pass = '«@ @»'\n"),
    ("mail", ".fetchmailrc", FETCHMAIL,
     "poll mail protocol imap user \"app\" there with password \"«@»\" is root here\n"
     "poll m2 user b pass «@»\n"),
    ("mail", ".msmtprc", MSMTP, "account default\nhost mail\nuser a\npassword «@»\n\naccount b\nhost c\npassword \"«@»\"\n"),
    ("mail", "/etc/postfix/sasl_passwd", augeas("Postfix_Passwordmap"), "[mail.internal]:587 app:«@»\nm2.internal b:«@»\n"),
    ("mail", ".offlineimaprc", INI, "[Account a]\nremotehost = m\n[Repository b]\nremoteuser = a\nremotepass = «@»\n"),
    ("mail", "dovecot-sql.conf.ext", augeas("Simplevars"),
     "driver = mysql\nconnect = host=db dbname=m user=m password=«@»\n"),
    ("game servers", "server.properties", PROPERTIES,
     "motd=A\\u00a7b\nenable-rcon=true\nrcon.password=«@»\nrcon.port=1\n"),
    ("game servers", "server.cfg", WORDS, "hostname \"x\"\nrcon_password \"«@»\"\nsv_password «@»\nsv_lan 0\n"),
    ("game servers", "GameUserSettings.ini", INI,
     "[ServerSettings]\nServerAdminPassword=«@»\nServerPassword=«@»\nMaxPlayers=8\n"),
    ("user files", ".htpasswd", HTPASSWD,
     "a:«$2y$10${alnum:53}»\nb:«$apr1${alnum:8}${alnum:22}»\nc:{SHA}«{b64:27}=»\n"),
    ("user files", ".htdigest", HTDIGEST, "a:web:«{hex:32}»\nb:web:«{hex:32}»\n"),
]

DECOYS = {
    "etc/nginx.conf": "location / {\n  proxy_set_header Authorization $http_authorization;\n}\n",
    "etc/site.ldif": "dn: uid=a,dc=x\ndescription:: aGVsbG8gd29ybGQgYWdhaW4=\n",
    "etc/.pgpass": "# hostname:port:database:username:password\n",
    "etc/app.service": "[Service]\nEnvironment=DB_PASSWORD_FILE=/run/db\nExecStart=/bin/true --port 1\n",
}

# Each of these has a parser where the tests' needs are installed.
WANTED = [
    "systemd", "cron", "nginx", "apache", "haproxy", "LDIF", "netrc", "pgpass", "my.cnf",
    "FTP-client stores", "browser stores", "editors' connection files", "mail", "game servers",
    "user files",
]


def test(t):
    formats.run(t, FILES, DECOYS, WANTED)


check.main(test)
