# SPDX-License-Identifier: MIT
"""Programs, scripts, SQL, command lines, connection strings and headers: each with secrets
among ordinary code is redacted and then read by a compiler or interpreter (lib/formats.py)."""
import ast
import email
import json
import os
import subprocess
import sys
import urllib.parse

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))

import check
import formats
from formats import Parser, both, called, module, tool, written


# ---- parsers ----

def python(data, _):
    """Every node's type, name and constant."""
    return [[type(node).__name__, str(getattr(node, "id", getattr(node, "attr", ""))),
             node.value.decode("latin1") if isinstance(getattr(node, "value", None), bytes)
             else node.value if isinstance(node, ast.Constant) and isinstance(node.value, str)
             else str(getattr(node, "arg", ""))] for node in ast.walk(ast.parse(data))]


# What no shell knows prints its words; nothing of the path is run.
COMMANDS = "command_not_found_handle() { printf '%s\\n' \"$@\"; }; PATH=/nowhere; "


def shell(*names):
    """The words of all commands, and what the shell then has in some variables."""
    show = "".join('\nprintf "%%s\\n" "$%s"' % name for name in names)

    def parse(data, scratch):
        return called(scratch, ["bash", "--norc", "-c", COMMANDS + 'eval "$1"' + show, "sh",
                                data.decode()]).splitlines()
    return Parser("bash", parse, "bash")


def java(data, scratch):
    """What the class writes when it runs."""
    path = written(scratch, "App.java", data)
    called(scratch, ["ecj", "-17", "-proc:none", "-nowarn", "-d", scratch, path])
    return called(scratch, ["java", "-cp", scratch, "App"]).splitlines()


def csharp(data, scratch):
    path = written(scratch, "App.cs", data)
    called(scratch, ["mcs", "-r:System.Data.dll", "-out:App.exe", path])
    return called(scratch, ["mono", "App.exe"]).splitlines()


# ADO's own reader of connection strings, with the rules of ODBC where a line says so.
CONNECTION = b"""class P { static void Main() { string l; while ((l = System.Console.ReadLine()) != null) {
  bool odbc = l.StartsWith("odbc "); var b = new System.Data.Common.DbConnectionStringBuilder(odbc);
  b.ConnectionString = odbc ? l.Substring(5) : l;
  foreach (string k in b.Keys) System.Console.WriteLine(k + "=" + b[k]); } } }"""


def connection_strings(data, scratch):
    path = written(scratch, "Read.cs", CONNECTION)
    if not os.path.exists(os.path.join(scratch, "Read.exe")):
        called(scratch, ["mcs", "-r:System.Data.dll", "-out:Read.exe", path])
    return called(scratch, ["mono", "Read.exe"], data).splitlines()


JDBC = """import java.util.*;
class Jdbc {
  public static void main(String[] a) throws Exception {
    for (String line; (line = System.console() == null ? in.readLine() : null) != null;)
      System.out.println(new TreeMap<>(org.postgresql.Driver.parseURL(line, null)));
  }
  static java.io.BufferedReader in = new java.io.BufferedReader(new java.io.InputStreamReader(System.in));
}
"""
DRIVER = "/usr/share/java/postgresql.jar"


def jdbc(data, scratch):
    """What PostgreSQL's driver makes of each line."""
    if not os.path.exists(os.path.join(scratch, "Jdbc.class")):
        called(scratch, ["ecj", "-17", "-proc:none", "-nowarn", "-cp", DRIVER, "-d", scratch,
                         written(scratch, "Jdbc.java", JDBC.encode())])
    return [line.split(", ") for line in called(
        scratch, ["java", "-cp", scratch + ":" + DRIVER, "Jdbc"], data).splitlines()]


TREE = """const ts = require("typescript"), out = [];
const source = ts.createSourceFile(process.argv[1], require("fs").readFileSync(process.argv[1], "utf8"),
  ts.ScriptTarget.Latest, true);
for (const d of source.parseDiagnostics) throw d.messageText;
(function walk(n) {
  out.push(ts.SyntaxKind[n.kind] + " " + (n.getChildCount() ? "" : n.text || n.getText()));
  ts.forEachChild(n, walk);
})(source);
console.log(JSON.stringify(out));"""


def tree_of(ext):
    """Every node of TypeScript's parser, which reads JavaScript too."""
    return Parser("TypeScript", lambda data, scratch: json.loads(called(
        scratch, ["node", "-e", TREE, written(scratch, "app" + ext, data)],
        NODE_PATH="/usr/share/nodejs")), "node", "tsc")


PHP_TOKENS = """$all = token_get_all(file_get_contents($argv[1]), TOKEN_PARSE);
echo json_encode(array_map(fn($t) => is_array($t) ? [token_name($t[0]), $t[1]] : $t, $all));"""


def without_places(node):
    """The tree less the positions in the text."""
    if isinstance(node, dict):
        return {k: without_places(v) for k, v in node.items() if "location" not in k and k != "stmt_len"}
    return [without_places(n) for n in node] if isinstance(node, list) else node


def postgres(pglast, data):
    return without_places(json.loads(pglast.parse_sql_json(data.decode())))


def tokens(sqlparse, data):
    return [str(token) for statement in sqlparse.parse(data.decode()) for token in statement.flatten()]


def mariadb(data, scratch):
    """The server itself does it, in a database of its own."""
    base = os.path.join(scratch, "mariadb")
    server = ["--no-defaults", "--datadir=" + base, "--user=root", "--skip-networking"]
    if not os.path.exists(base):
        called(scratch, ["mariadb-install-db", *server, "--auth-root-authentication-method=normal",
                         "--skip-test-db"])
    called(scratch, ["mariadbd", *server, "--bootstrap", "--loose-innodb-buffer-pool-size=8M"],
           b"CREATE DATABASE IF NOT EXISTS app;\nUSE app;\nFLUSH PRIVILEGES;\n" + data)
    return ""


def sqlite(data, scratch):
    path = os.path.join(scratch, "base.sqlite")
    if os.path.exists(path):
        os.unlink(path)
    called(scratch, ["sqlite3", "-bail", path], data)
    return called(scratch, ["sqlite3", path, ".dump"]).splitlines()


def built(data, scratch):
    """The environment and labels of the image that is built."""
    where = ["--root", scratch + "/images", "--runroot", scratch + "/run", "--storage-driver", "vfs"]
    path = written(scratch, "Dockerfile", data)
    called(scratch, ["buildah", *where, "bud", "--isolation", "chroot", "--layers=false", "-q", "-f", path,
                     "-t", "app", scratch])
    said = json.loads(called(scratch, ["buildah", *where, "inspect", "--type", "image", "app"]))
    called(scratch, ["buildah", *where, "rmi", "-a", "-f"])
    config = said["OCIv1"]["config"]
    return [config["Env"], config.get("Labels"), config.get("Cmd"), config.get("Entrypoint")]


def urls(data, _):
    return [[part or "" for part in (u.scheme, u.username, u.password, u.hostname, u.path, u.query)]
            for u in map(urllib.parse.urlsplit, data.decode().split())]


def libpq(psycopg2, data):
    return [psycopg2.extensions.parse_dsn(line) for line in data.decode().splitlines()]


def headers(data, _):
    return [list(item) for item in email.message_from_bytes(data).items()]


SHELL = shell("HOST", "PASSWORD", "SECRET", "TOKEN")
DOCKERFILE = Parser("buildah bud", built, "buildah", root=True)
PYTHON = Parser("ast of Python", python)
NODE = tool("node", "-e", "console.log(JSON.stringify(require('FILE')))", ext=".js", read=json.loads, name="node")
JAVASCRIPT, TYPESCRIPT = tree_of(".js"), tree_of(".ts")
PERL = tool("perl", "-MJSON::PP", "-e", "print JSON::PP->new->canonical->encode(do 'FILE')", ext=".pl",
            read=json.loads, name="perl")
RUBY = tool("ruby", "-rjson", "-rripper", "-e", "s = $stdin.read; puts [eval(s), Ripper.lex(s).map { |t| t[2] }].to_json",
            read=json.loads, name="ruby, Ripper")
PHP = both(tool("php", "-r", "echo json_encode(include 'FILE');", ext=".php", read=json.loads, name="php"),
           tool("php", "-r", PHP_TOKENS, "FILE", ext=".php", read=json.loads, name="its tokens"))
LUA = tool("lua", "-e", "for k, v in pairs(dofile('FILE')) do print(k, v) end", ext=".lua",
           read=lambda said: sorted(said.splitlines()), name="lua")
C = tool("gcc", "-std=c11", "-E", "-P", "-x", "c", "-", name="gcc -E")
JAVA = Parser("ecj, java", java, "ecj", "java")
GO = tool("yaegi", "run", "FILE", ext=".go", name="yaegi (go/parser)")
RUST = tool("rustfmt", "--edition", "2021", name="rustfmt")
CSHARP = Parser("mcs, mono", csharp, "mcs", "mono")
SQLITE = Parser("sqlite3", sqlite, "sqlite3")
POSTGRES = module("pglast.parser", postgres)
MARIADB = both(Parser("mariadbd", mariadb, "mariadbd", "mariadb-install-db", root=True),
               module("sqlparse", tokens))
URL = Parser("urllib.parse", urls)
ADO = Parser("System.Data", connection_strings, "mcs", "mono")
LIBPQ = module("psycopg2", libpq)
JDBC_URL = Parser("PostgreSQL's driver", jdbc, "ecj", "java")
HEADERS = Parser("email of Python", headers)


# ---- files ----

FILES = [
    ("shell", "run.sh", SHELL,
     "HOST=db\nPASSWORD=$'«@\\'@»'; SECRET=«@»\nTOKEN='«@'\"'\"'@»' # here\nexport API_TOKEN=\"«@\\$@#»\"\n"
     "env | grep \"$API_TOKEN\"\n"),
    ("shell", "wrapped.sh", SHELL,
     "HOST=db PASSWORD=\"«@@\\\n@»\"\nexport SECRET='«@ @»'\n: ${TOKEN:=«@@»}\n"),
    ("command lines", "commands.sh", SHELL,
     "mysql -h db -uroot -p«@» app\nmysql --password='«@ @»' app\nmysqldump -u root -p\"«@ @»\" app\n"
     "curl -u app:«@» http://web/\ncurl -u 'app:«@ @»' http://web/\n"
     "curl -H \"Authorization: Bearer «@@»\" -H 'X-Api-Key: «@»' http://web/\n"
     "sshpass -p '«@»' ssh app@web\nsshpass -p'«@ @»' ssh app@web\n"
     "ldapsearch -x -w «@» -b dc=x\ndocker login -u ci -p «@» registry\n"
     "smbclient -U 'app%«@»' //web/x\ntool --password \"«@»\" --host web\n"
     "mysql \\\n  --user=app \\\n  --password=«@» \\\n  --host=db\n"),
    ("command lines", "windows.bat", SHELL,
     "net use \\\\web\\share «@» /user:app\nnet use x: \\\\web\\share /user:app «@»\n"),
    ("Dockerfile", "Dockerfile", DOCKERFILE,
     "FROM scratch\nARG API_KEY=«@»\nENV DB_PASSWORD=«@»\nENV API_TOKEN=\"«@»\" HOST=db \\\n  REDIS_PASSWORD='«@»'\n"
     "ENV SMTP_PASSWORD «@»\nENV KEY=$API_KEY\nLABEL a=b\nCMD [\"redis-server\", \"--requirepass\", \"«@»\"]\n"),
    ("Python", "app.py", PYTHON,
     "HOST = 'db'\nPASSWORD = '«@\\'@ é7»'\nx = connect(host=HOST, password=\"«@»\", port=1)\n"
     "token = r'«@»'\nos.environ.setdefault('API_TOKEN', '«@»')\n"
     "api_key: str = \"\"\"«@»\"\"\"\nserver.login('app', \"«@»\")\nsecret_key = b'«@»'\n"
     "c = {'password': '«@»', 'n': 1}\nc['secret'] = u'«@»'\n"),
    ("JavaScript", "app.js", NODE,
     "const password = \"«@»\", token = `«@»`;\n"
     "module.exports = {host: 'db', password, token, auth: {pass: '«@\\'@»', 'api_key': \"«@»\"}};\n"),
    ("JavaScript", "module.js", JAVASCRIPT,
     "import x from 'y';\nexport const apiKey = '«@@»';\nx.login({user: 'a', password: `«@»`});\n"
     "const secret = process.env.SECRET || '«@@»';\n"),
    ("TypeScript", "app.ts", TYPESCRIPT,
     "interface A { password: string }\nconst password: string = \"«@»\";\n"
     "export class B { private readonly apiKey = '«@@»'; token?: string = `«@@»`; constructor(public x: number) {} }\n"
     "const a = <A>{ password: '«@\\'@»' as string };\n"),
    ("Perl", "app.pl", PERL,
     "my $password = '«@\\'@»';\n{ host => 'db', password => $password, token => \"«@»\" };\n"),
    ("Ruby", "app.rb", RUBY,
     "password = '«@\\'@»'\nSECRET_KEY = '«@@»'.freeze\n"
     "{ :host => 'db', :password => password, token: \"«@»\", 'k' => SECRET_KEY }\n"),
    ("PHP", "app.php", PHP,
     "<?php\ndefine('DB_PASSWORD', '«@\\'@»');\n$c['host'] = 'db';\n$c['password'] = \"«@»\";\n"
     "return array('a' => DB_PASSWORD, 'c' => $c, 'token' => '«@»');\n"),
    ("PHP", "class.php", PHP,
     "<?php\nclass A {\n  const API_KEY = '«@@»';\n  private $password = \"«@»\";\n"
     "  public function b() { return [$this->password, self::API_KEY]; }\n}\nreturn (new A)->b();\n"),
    ("Lua", "app.lua", LUA, "return { host = 'db', password = \"«@»\", token = '«@»' }\n"),
    ("C", "app.c", C,
     "#define DB_PASSWORD \"«@@»\"\nconst char *a = DB_PASSWORD;\nconst char password[] = \"«@»\", *host = \"db\";\n"),
    ("Java", "App.java", JAVA,
     "class App {\n  static final String API_KEY = \"«@@»\";\n  private String password = \"«@\\\\t@»\";\n"
     "  static void setPassword(String s) {\n    System.out.println(s);\n  }\n"
     "  public static void main(String[] a) {\n    setPassword(\"«@@»\");\n"
     "    System.out.println(API_KEY + a.length);\n    System.out.println(new App().password);\n"
     "    var m = java.util.Map.of(\"secret\", \"«@@»\");\n    System.out.println(m);\n  }\n}\n"),
    ("Go", "app.go", GO,
     "package main\n\nimport \"fmt\"\n\nvar password string = \"«@@»\"\n\nconst apiKey = \"«@@»\"\n\n"
     "type config struct{ Host, Password string }\n\nfunc main() {\n\ttoken := `«@@»`\n"
     "\tc := config{Host: \"db\", Password: \"«@@»\"}\n"
     "\tfmt.Println(password)\n\tfmt.Println(apiKey)\n\tfmt.Println(token)\n\tfmt.Println(c.Password)\n}\n"),
    ("Rust", "app.rs", RUST,
     "const API_KEY: &str = \"«@@»\";\nfn main() {\n    let token = String::from(\"«@@»\");\n"
     "    let password = r#\"«@@»\"#;\n    println!(\"{}{}{}\", API_KEY, token, password);\n}\n"),
    ("C#", "App.cs", CSHARP,
     "using System;\nclass App {\n  public const string ApiKey = \"«@@»\";\n"
     "  string dsn = @\"Server=db;Pwd=«@@»;User Id=sa\";\n  string Password { get; set; } = \"«@@»\";\n"
     "  static void Main() {\n    var a = new App();\n    Console.WriteLine(ApiKey);\n"
     "    Console.WriteLine(a.dsn);\n    Console.WriteLine(a.Password);\n  }\n}\n"),
    ("SQL", "dump.sql", SQLITE,
     "CREATE TABLE users (id, name, password);\nINSERT INTO users (id, name, password) VALUES "
     "(2, 'a', '«$2y$10${alnum:53}»'),\n(3, 'b', '«$2y$10${alnum:53}»');\n"
     "INSERT INTO users VALUES (4, 'c', 'd');\n"
     "UPDATE users SET name = 'b''s', password = '«@''@»' WHERE id = 4;\n"),
    ("SQL", "accounts.sql", MARIADB,
     "CREATE USER 'app'@'db' IDENTIFIED BY '«@''@»';\nALTER USER 'app'@'db' IDENTIFIED BY \"«@»\";\n"
     "SET PASSWORD FOR 'app'@'db' = PASSWORD('«@»');\n"
     "GRANT ALL ON app.* TO 'b'@'%' IDENTIFIED BY '«@»' WITH GRANT OPTION;\nDROP USER 'app'@'db', 'b'@'%';\n"),
    ("SQL", "roles.sql", POSTGRES,
     "CREATE ROLE app WITH LOGIN ENCRYPTED PASSWORD '«@''@»' VALID UNTIL 'infinity';\n"
     "ALTER ROLE app WITH PASSWORD '«SCRAM-SHA-256$4096:{b64:22}==${b64:43}=:{b64:43}=»';\n"
     "ALTER USER b PASSWORD '«md5{hex:32}»';\nCREATE SCHEMA x;\n"
     "CREATE USER MAPPING FOR a SERVER s OPTIONS (user 'a', password '«@»');\n"),
    ("URLs", "list.txt", URL,
     "postgres://app:«@»@db:5432/x\nredis://:«@»@cache/0\nhttps://a:«@%40@»@web/y\n"
     "mongodb+srv://a:«@»@m.internal/x?w=majority\nhttps://web/cb?state=1&access_token=«@@»&x=2\n"),
    ("ADO and ODBC strings", "connections.txt", ADO,
     "Server=db;User Id=sa;Password=«@»;Database=x\nData Source=db;Pwd=\"«@;@»\";User Id=sa\n"
     "Server=db;Uid=a;Pwd='«@»'\nodbc Driver={x};Server=db;Uid=a;Pwd=«@»\nodbc Driver={x};PWD={«@;@»};UID=b\n"),
    ("JDBC", "jdbc.txt", JDBC_URL,
     "jdbc:postgresql://db/x?user=app&password=«@»\njdbc:postgresql://db:1/x?password=«@%40@»&user=a&ssl=true\n"),
    ("DSN", "dsn.txt", LIBPQ,
     "host=db user=app password=«@» dbname=x\nhost=db password='«@ @»' user=app\npostgresql://app:«@»@db/x?sslmode=require\n"),
    ("HTTP headers", "headers.txt", HEADERS,
     "Host: web\nAuthorization: Bearer «@»\nX-Api-Key: «@»\nProxy-Authorization: Basic «=app:@»\n"
     "Cookie: session=«@@»\nAccept: */*\n\n"),
]

DECOYS = {
    "decoy.php": "<?php define('DB_PASSWORD', getenv('DB_PASSWORD')); $x->getPassword('db7x9a2k4m');\n",
    "decoy.sh": 'sshpass -p "$PASSWORD" ssh a@b\ndocker run -p 8080:80 image\nmysql -u root -p app\n',
    "decoy.sql": "CREATE USER app IDENTIFIED BY '${PASSWORD}';\n",
    "decoy.rs": "fn password(token: &str) -> String {\n    read_token(token)\n}\n",
}

# Each of these has a parser where the tests' needs are installed.
WANTED = [
    "shell", "command lines", "Dockerfile", "Python", "JavaScript", "TypeScript", "Ruby", "PHP",
    "Java", "Go", "Rust", "C#", "SQL", "URLs", "ADO and ODBC strings", "JDBC", "DSN",
    "HTTP headers",
]


def test(t):
    formats.run(t, FILES, DECOYS, WANTED)


check.main(test)
