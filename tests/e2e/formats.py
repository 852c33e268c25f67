# SPDX-License-Identifier: MIT
"""Files of the formats that settings are written in, each with a secret among ordinary
settings. After clean the format's own parser (none of ours) reads the same document but
for the secret, whose bytes alone are others; a second clean has nothing to do."""
import ast
import configparser
import email
import json
import netrc
import os
import plistlib
import shlex
import shutil
import sqlite3
import subprocess
import sys
import urllib.parse
import xml.etree.ElementTree

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))

import check
import plant

try:
    import tomllib
except ImportError:
    tomllib = None
try:
    import yaml
except ImportError:
    yaml = None


# ---- parsers: bytes -> lists, dicts and texts ----

def ini(data):
    parser = configparser.ConfigParser(interpolation=None, strict=False)
    parser.optionxform = str
    parser.read_string(data.decode())
    return {name: dict(parser[name]) for name in parser.sections()}


def element(node):
    return [node.tag, node.attrib, node.text or "", node.tail or "", [element(n) for n in node]]


def xml_of(data):
    return element(xml.etree.ElementTree.fromstring(data))


def python(data):
    """Every node's type, name and constant."""
    return [[type(node).__name__, str(getattr(node, "id", getattr(node, "attr", ""))),
             node.value.decode("latin1") if isinstance(getattr(node, "value", None), bytes)
             else node.value if isinstance(node, ast.Constant) and isinstance(node.value, str)
             else str(getattr(node, "arg", ""))] for node in ast.walk(ast.parse(data))]


def tool(*argv, need=None, output=True):
    """A parser that is a program; it reads the file as its standard input."""
    def parse(data):
        done = subprocess.run(argv, input=data, capture_output=True, check=False, timeout=120)
        if done.returncode:
            raise ValueError(done.stderr.decode(errors="replace")[-300:])
        return done.stdout.decode() if output else ""
    parse.need = need or argv[0]
    return parse


def of_file(suffix, *argv):
    """The same for a program that has to be given a path."""
    def parse(data):
        path = os.path.join(parse.scratch, "parsed" + suffix)
        with open(path, "wb") as file:
            file.write(data)
        done = subprocess.run([a.replace("FILE", path) for a in argv], capture_output=True,
                              check=False, timeout=120)
        if done.returncode:
            raise ValueError(done.stderr.decode(errors="replace")[-300:])
        return done.stdout.decode()
    parse.need, parse.scratch = argv[0], None
    return parse


def shell(*names):
    """What a shell has in the variables of a file that it reads."""
    show = "\n".join('printf "%%s\\n" "$%s"' % name for name in names)
    return tool("bash", "--norc", "-c", 'eval "$(cat)"\n' + show)


def netrc_of(data):
    path = os.path.join(netrc_of.scratch, "netrc")
    with open(path, "wb") as file:
        file.write(data)
    return {host: list(entry) for host, entry in netrc.netrc(path).hosts.items()}


def sql(data):
    base = sqlite3.connect(":memory:")
    base.executescript(data.decode())
    return [[list(map(str, row)) for row in base.execute("SELECT * FROM " + name)]
            for (name,) in base.execute("SELECT name FROM sqlite_master ORDER BY name")]


def url_lines(data):
    return [[part or "" for part in (u.scheme, u.username, u.password, u.hostname, u.path)]
            for u in map(urllib.parse.urlsplit, data.decode().split())]


def words(data):
    return [shlex.split(line) for line in data.decode().splitlines()]


def header(data):
    return [list(item) for item in email.message_from_bytes(data).items()]


def assigned(data):
    """The words of lines NAME=VALUE, as Docker's env files have them."""
    return [line.split("=", 1) for line in data.decode().splitlines()]


git = of_file(".gitconfig", "git", "config", "--list", "--file", "FILE")
node = of_file(".js", "node", "-e", "console.log(JSON.stringify(require('FILE')))")
perl = of_file(".pl", "perl", "-MJSON::PP", "-e", "print JSON::PP->new->canonical->encode(do 'FILE')")
ruby = tool("ruby", "-rjson", "-e", "puts eval($stdin.read).to_json")
php = of_file(".php", "php", "-r", "echo json_encode(include 'FILE');")
lua = of_file(".lua", "lua", "-e", "for k, v in pairs(dofile('FILE')) do print(k, v) end")
c_words = of_file(".c", "gcc", "-E", "-P", "FILE")

PROPERTIES = """import java.util.*;
class P {
  public static void main(String[] a) throws Exception {
    Properties p = new Properties();
    p.load(new java.io.FileReader(a[0]));
    for (Map.Entry<?, ?> e : new TreeMap<>(p).entrySet()) System.out.println(e);
  }
}
"""


def properties(data):
    for name, text in (("P.java", PROPERTIES.encode()), ("p.properties", data)):
        with open(os.path.join(properties.scratch, name), "wb") as file:
            file.write(text)
    done = subprocess.run(["java", "P.java", "p.properties"], capture_output=True, check=False,
                          cwd=properties.scratch, timeout=120)
    if done.returncode:
        raise ValueError(done.stderr.decode()[-300:])
    return done.stdout.decode()


properties.need, properties.scratch = "java", None
netrc_of.scratch = None


# ---- the files: name, parser, text; @ is a random part, « » stand round a secret ----

FILES = [
    ("yaml/plain.yaml", yaml and yaml.safe_load,
     "db:\n  host: db\n  password: «@»\n  port: 5432 # default\n"),
    ("yaml/single.yaml", yaml and yaml.safe_load,
     "db:\n  host: 'db'\n  password: '«@''s é@»'\n  port: 5432\n"),
    ("yaml/double.yaml", yaml and yaml.safe_load,
     'db: {host: "db", password: "«@\\\\7@\\/7é»", port: 5432}\n'),
    ("yaml/odd.yaml", yaml and yaml.safe_load,
     "db:\n  password: «@\"@'<@;@&9»  # of the database\n  port: 5432\n"),
    ("yaml/literal.yaml", yaml and yaml.safe_load,
     "db:\n  password: |\n    «@»\n  host: db\n"),
    ("yaml/folded.yml", yaml and yaml.safe_load,
     "db:\n  api_token: >-\n    «@@@\n    @@@»\n  host: db\n"),
    ("yaml/list.yaml", yaml and yaml.safe_load,
     "env:\n  - name: DB_HOST\n    value: db\n  - name: DB_PASSWORD\n    value: «@»\n"
     "  - {name: API_TOKEN, value: \"«@#@»\"}\n"),
    ("yaml/docker-compose.yml", yaml and yaml.safe_load,
     "services:\n  db:\n    environment:\n      - HOST=db\n      - DB_PASSWORD=«@»\n"
     "      - \"API_TOKEN=«@»\"\n    command: redis-server --requirepass «@» --port 1\n"),
    ("yaml/secret.yaml", yaml and yaml.safe_load,
     "apiVersion: v1\nkind: Secret\nstringData:\n  password: «@»\n  greeting: hello\n"),
    ("yaml/vars.yml", yaml and yaml.safe_load,
     "ansible_user: app\nansible_become_pass: \"«@!@»\"\nports: [1, 2]\n"),
    ("json/one.json", json.loads,
     '{"user":"app","password":"«@\\\\7@é7»","port":1,"token":"«@»"}'),
    ("json/pairs.json", json.loads,
     '[{"name": "DB_PASSWORD", "value": "«@»"},\n {"name": "HOST", "value": "db"},\n'
     ' {"value": "«@»", "name": "API_TOKEN"}]\n'),
    ("json/state.tfstate", json.loads,
     '{"outputs": {"db_password": {"value": "«@»", "type": "string"}}, "serial": 3}'),
    ("json/.vscode/sftp.json", json.loads,
     '{"name": "web", "host": "web", "username": "app", "password": "«@\'@»", "port": 22}'),
    ("json/jq.json", tool("jq", "-S", "."), '{"a": [1, {"client_secret": "«@»"}], "b": null}'),
    ("ini/app.ini", ini,
     "[db]\nhost = db\npassword = «@\"@'@;@9»\nport = 1\n[mail]\nsmtp_password=«@ @7»\n"),
    ("ini/.my.cnf", ini, "[client]\nuser = app\npassword = \"«@#@»\"\nport = 1\n"),
    ("ini/.pypirc", ini, "[internal]\nusername = app\npassword = «@»\n"),
    ("ini/app.service", ini,
     "[Unit]\nDescription=app\n[Service]\nEnvironment=DB_PASSWORD=«@»\n"
     "ExecStart=/srv/app/run --password «@» --port 1\n"),
    ("ini/hosts.ini", ini,
     "[web]\nh1 ansible_host = h1\n[web:vars]\nansible_ssh_pass = «@»\nansible_port = 22\n"),
    ("git/config", git,
     "[sendemail]\n\tsmtpServer = mail\n\tsmtpPass = \"«@\\\\7@»\"\n\tsmtpUser = app\n"),
    ("java/app.properties", properties,
     "db.user=app\ndb.password=«@\\:@\\=@»\ndb.port = 1\njms.password   «@@@\\\n      @@@»\n"
     "ftp.password : «@ \"@'9»\nlast=x\n"),
    ("toml/basic.toml", tomllib and (lambda data: tomllib.loads(data.decode())),
     '[db]\nhost = "db"\npassword = "«@\\\\7@é»"\nport = 1\nlogin = { user = "a", token = "«@»" }\n'),
    ("toml/literal.toml", tomllib and (lambda data: tomllib.loads(data.decode())),
     "[db]\npassword = '«@\"@\\7»'\nport = 1\n"),
    ("toml/multi.toml", tomllib and (lambda data: tomllib.loads(data.decode())),
     "[db]\npassword = \"\"\"«@»\"\"\"\ntoken = '''\n«@'@»'''\nport = 1\n"),
    ("xml/elements.xml", xml_of,
     "<s><server><id>a</id><password>«@ é@»</password></server>\n"
     "<password><![CDATA[«@<&@»]]></password><x>y</x></s>"),
    ("xml/attributes.xml", xml_of,
     "<c><user name='a' password='«@\"@»' roles=\"r\"/><add key=\"SmtpPassword\" value=\"«@&amp;@»\"/>\n"
     "<add value=\"«@»\" key=\"ApiSecret\"/></c>"),
    ("xml/web.config", xml_of,
     "<c><add name=\"d\" connectionString=\"Server=db;User Id=sa;Password=«@»;Database=app\"/>"
     "<add name=\"e\" connectionString=\"Server=db;Pwd=«@»;User Id=sa\"/></c>"),
    ("xml/bean.xml", xml_of,
     "<b><property name=\"db.password\">«@»</property><property><name>db.password</name>\n"
     "<value>«@»</value></property><property name=\"password\"><value>«@»</value></property></b>"),
    ("xml/sites.xml", xml_of,
     "<FileZilla3><Server><Host>h</Host><Pass encoding=\"base64\">«@»</Pass></Server></FileZilla3>"),
    ("xml/lint.xml", tool("xmllint", "--noent", "-"), "<a><password>«@»</password></a>"),
    ("xml/app.plist", plistlib.loads,
     '<?xml version="1.0" encoding="UTF-8"?>\n<plist version="1.0"><dict><key>Host</key>'
     "<string>db</string><key>Password</key>\n<string>«@»</string></dict></plist>"),
    ("env/.env", assigned, "HOST=db\nDB_PASSWORD=«@ @7»\nAPI_TOKEN=«@»\nPORT=1\n"),
    ("env/quoted.env", shell("HOST", "DB_PASSWORD", "API_TOKEN", "PORT"),
     "HOST=db\nDB_PASSWORD='«@'\\''@ é@»'\nexport API_TOKEN=\"«@\\$@#»\" PORT=1\n"),
    ("shell/run.sh", shell("HOST", "PASSWORD", "SECRET", "TOKEN"),
     "HOST=db\nPASSWORD=$'«@\\'@»'; SECRET=«@»\nTOKEN='«@'\"'\"'@»' # here\n"),
    ("shell/commands.sh", words,
     "mysql -h db -uroot -p«@» app\ncurl -u app:«@» http://web/\n"
     "sshpass -p '«@»' ssh app@web\nldapsearch -x -w «@» -b dc=x\n"
     "docker login -u ci -p «@» registry\nsmbclient -U 'app%«@»' //web/x\n"
     "tool --password \"«@»\" --host web\n"),
    ("shell/Dockerfile", words,
     "FROM debian\nENV DB_PASSWORD=«@»\nENV API_TOKEN \"«@»\"\nENV HOST db\n"),
    ("python/app.py", python,
     "HOST = 'db'\nPASSWORD = '«@\\'@ é7»'\nx = connect(host=HOST, password=\"«@»\", port=1)\n"
     "token = r'«@»'\nos.environ.setdefault('API_TOKEN', '«@»')\n"
     "api_key: str = \"\"\"«@»\"\"\"\nserver.login('app', \"«@»\")\nsecret_key = b'«@»'\n"),
    ("node/app.js", node,
     "const password = \"«@»\", token = `«@»`;\n"
     "module.exports = {host: 'db', password, token, auth: {pass: '«@\\'@»', 'api_key': \"«@»\"}};\n"),
    ("perl/app.pl", perl,
     "my $password = '«@\\'@»';\n{ host => 'db', password => $password, token => \"«@»\" };\n"),
    ("ruby/app.rb", ruby,
     "password = '«@\\'@»'\n{ :host => 'db', :password => password, token: \"«@»\" }\n"),
    ("php/app.php", php,
     "<?php\ndefine('DB_PASSWORD', '«@\\'@»');\n$c['host'] = 'db';\n$c['password'] = \"«@»\";\n"
     "return array('a' => DB_PASSWORD, 'c' => $c, 'token' => '«@»');\n"),
    ("lua/app.lua", lua, "return { host = 'db', password = \"«@»\" }\n"),
    ("c/app.c", c_words,
     "#define DB_PASSWORD \"«@@»\"\nconst char *a = DB_PASSWORD, password[] = \"«@»\", *host = \"db\";\n"),
    ("sql/dump.sql", sql,
     "CREATE TABLE users (id, name, password);\nINSERT INTO users (id, name, password) VALUES "
     "(2, 'a', 'b');\nUPDATE users SET name = 'b''s', password = '«@''@»' WHERE id = 2;\n"),
    ("sql/accounts.sql", None,
     "CREATE USER 'app'@'db' IDENTIFIED BY '«@''@»';\nALTER ROLE app WITH ENCRYPTED PASSWORD '«@»';\n"
     "SET PASSWORD FOR 'app'@'db' = PASSWORD('«@»');\n"),
    ("java/App.java", of_file(".java", "java", "FILE"),
     "class App {\n  static final String API_KEY = \"«@@»\";\n  static void setPassword(String s) {\n"
     "    System.out.println(s);\n  }\n  public static void main(String[] a) {\n"
     "    setPassword(\"«@@»\");\n    System.out.println(API_KEY + a.length);\n  }\n}\n"),
    ("go/app.go", tool("gofmt"),
     "package app\n\nvar password string = \"«@@»\"\n\nfunc init() {\n\ttoken := `«@@»`\n"
     "\tos.Setenv(\"API_TOKEN\", token+\"x\")\n\tos.Setenv(\"DB_PASSWORD\", \"«@@»\")\n}\n"),
    ("rust/app.rs", tool("rustfmt"),
     "const API_KEY: &str = \"«@@»\";\nfn main() {\n    let token = String::from(\"«@@»\");\n"
     "    println!(\"{}{}\", API_KEY, token);\n}\n"),
    ("csharp/App.cs", None,
     "class App {\n  public const string ApiKey = \"«@@»\";\n"
     "  string dsn = @\"Server=db;Pwd=«@@»;User Id=sa\";\n}\n"),
    ("terraform/main.tf", tool("terraform", "fmt", "-"),
     "variable \"db_password\" {\n  type    = string\n  default = \"«@@»\"\n}\n"
     "resource \"x\" \"y\" {\n  password = \"«@@»\"\n}\n"),
    ("ldif/users.ldif", None, "dn: uid=a,dc=x\nuserPassword:: «@@@\n @@@»\nolcRootPW: «@@»\ncn: a\n"),
    ("pgpass/.pgpass", None, "db:5432:x:app:«@\\:@»\n"),
    ("nginx/site.conf", None,
     "location / {\n  proxy_set_header Authorization \"Basic «@@»\";\n  proxy_pass http://app:«@@»@web/;\n}\n"),
    ("haproxy/haproxy.cfg", None, "backend b\n  http-request set-header Authorization Basic\\ «@@»\n"),
    ("netrc/.netrc", netrc_of, "machine a login b password «@»\nmachine c login d password «@»\n"),
    ("url/list.txt", url_lines,
     "postgres://app:«@»@db:5432/x\nredis://:«@»@cache/0\nhttps://a:«@%40@»@web/y\n"),
    ("http/headers.txt", header,
     "Host: web\nAuthorization: Bearer «@»\nX-Api-Key: «@»\nAccept: */*\n\n"),
]


class Plan:
    """A file as it was planted, and where in it the secrets stand."""

    def __init__(self, name, parse, template):
        self.name, self.parse = name, parse
        text, self.ranges = b"", []
        for n, part in enumerate(template.replace("»", "«").split("«")):
            while "@" in part and n % 2:
                part = part.replace("@", plant.pick("alnum", 9) + plant.pick("digit", 1), 1)
            if n % 2:
                self.ranges.append((len(text), len(text) + len(part.encode())))
            text += part.encode()
        self.text = text

    def absent(self):
        if not self.parse:
            return "parser of this format here"
        need = getattr(self.parse, "need", None)
        return need if need and not shutil.which(need) else None


def differing(a, b, path=""):
    """Texts that are not the same in two documents; another form is an error."""
    if type(a) is not type(b):
        raise ValueError("%s: %r, was %r" % (path, type(b), type(a)))
    if isinstance(a, dict):
        a, b = [[k, v] for k, v in a.items()], [[k, v] for k, v in b.items()]
    if isinstance(a, (list, tuple)):
        if len(a) != len(b):
            raise ValueError("%s: %d parts, were %d" % (path, len(b), len(a)))
        return [d for n, (x, y) in enumerate(zip(a, b)) for d in differing(x, y, "%s/%d" % (path, n))]
    if a != b and not isinstance(a, str):
        raise ValueError("%s: %r, was %r" % (path, b, a))
    return [(a, b)] if a != b else []


def looks_redacted(old, new):
    """Whether a text is the old one but for stretches that begin with REDACTED."""
    at = new.find("REDACTED"[:max(1, min(8, len(new)))])
    return at >= 0 and old[:at] == new[:at]


def bytes_of(t, plan, now):
    t.equal(len(now), len(plan.text), plan.name + ": size")
    inside = [False] * len(now)
    for start, end in plan.ranges:
        inside[start:end] = [True] * (end - start)
        secret = plan.text[start:end]
        kept = [n for n in range(start, end)
                if now[n] == plan.text[n] and chr(now[n]) not in "REDACTx \n\\"]
        t.equal(kept, [], "%s: bytes that are left of %r" % (plan.name, secret[:3]))
    changed = [n for n in range(len(now)) if now[n] != plan.text[n]]
    t.equal([n for n in changed if not inside[n]], [], plan.name + ": bytes changed outside")


def document_of(t, plan, now):
    absent = plan.absent()
    if absent:
        t.note("skipped: %s is not parsed, there is no %s" % (plan.name, absent))
        return
    old = plan.parse(plan.text)
    try:
        pairs = differing(old, plan.parse(now))
    except (ValueError, SyntaxError, AttributeError, configparser.Error) as error:
        t.ok(False, "%s can not be parsed any more: %s" % (plan.name, error))
        return
    t.ok(pairs, plan.name + ": its document has another secret")
    for was, new in pairs:
        t.ok(looks_redacted(was, new), "%s: %r in the document" % (plan.name, new))


DECOYS = {
    "decoy.yaml": "db:\n  password: ${DB_PASSWORD}\n  password_file: /run/secrets/db\n  name: 'it''s'\n",
    "decoy.json": '{"name": "DB_HOST", "value": "db7x9a2k4m"}',
    "decoy.properties": "db.user=a\\:b\\\n   c\ndb.password=changeme\n",
    "decoy.php": "<?php define('DB_PASSWORD', getenv('DB_PASSWORD')); $x->getPassword('db7x9a2k4m');\n",
    "decoy.sh": 'sshpass -p "$PASSWORD" ssh a@b\ndocker run -p 8080:80 image\nmysql -u root -p app\n',
    "decoy.xml": '<a><user name="db7x9a2k4m"/><password>${env.PW}</password></a>',
    "decoy.sql": "CREATE USER app IDENTIFIED BY '${PASSWORD}';\n",
}


def test(t):
    g = plant.bare(t.path("guest"))
    scratch = t.dir("parsers")
    for parse in [entry[1] for entry in FILES if hasattr(entry[1], "scratch")]:
        parse.scratch = scratch
    plans = [Plan(*entry) for entry in FILES]
    for plan in plans:
        g.write("/srv/app/" + plan.name, plan.text)
    for name, text in DECOYS.items():
        g.decoy("/srv/app/" + name, text)
    run = t.run("clean", "--yes", "--root", g.root)
    t.ok(run.code in (0, 1), "clean: %s" % run)
    for plan in plans:
        with open(g.path("/srv/app/" + plan.name), "rb") as file:
            now = file.read()
        bytes_of(t, plan, now)
        document_of(t, plan, now)
    t.equal(g.decoys_hurt(), [], "decoys")
    again = t.run("clean", "--yes", "--root", g.root)
    t.equal([s["path"] for s in again.steps() if s["path"].startswith("/srv/app")], [],
            "a second clean has nothing to do")


check.main(test)
