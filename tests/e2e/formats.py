# SPDX-License-Identifier: MIT
"""Settings and data: each format that they are written in, with secrets among ordinary
values, is redacted and then read by a parser that is not ours (lib/formats.py)."""
import base64
import json
import os
import plistlib
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))

import check
import formats
from formats import INI, XML, Parser, both, module, tool


# ---- parsers ----

def secret_of_cluster(yaml, data):
    """What stands in `data` has to be base64; a cluster refuses the whole document otherwise."""
    document = yaml.safe_load(data)
    for value in document["data"].values():
        base64.b64decode(value, validate=True)
    return document


def template_of_helm(yaml, data):
    """YAML once the actions are evaluated; here each becomes a word."""
    return yaml.safe_load(re.sub(rb"\{\{.*?\}\}", b"value", data))


def java_properties(javaproperties, data):
    return javaproperties.loads(data.decode("latin1"))


def with_comments(data, scratch):
    """The reader of tsconfig.json and of Visual Studio Code's settings."""
    path = formats.written(scratch, "settings.json", data)
    said = formats.called(scratch, ["node", "-e", JSONC, path], NODE_PATH="/usr/share/nodejs")
    return json.loads(said)


JSONC = """const r = require("typescript").readConfigFile(process.argv[1],
  f => require("fs").readFileSync(f, "utf8"));
if (r.error) throw r.error;
console.log(JSON.stringify(r.config));"""


YAML = module("yaml", lambda yaml, data: list(yaml.safe_load_all(data)))
JSON = Parser("json of Python", lambda data, _: json.loads(data))
JSON_COMMENTS = Parser("TypeScript", with_comments, "node", "tsc")
PROPERTIES = module("javaproperties", java_properties)
TOML = module("tomllib", lambda tomllib, data: tomllib.loads(data.decode()))
PLIST = Parser("plistlib", lambda data, _: plistlib.loads(data))
DOTENV = Parser("dotenv", lambda data, scratch: dict(formats.importlib.import_module("dotenv").dotenv_values(
    formats.written(scratch, "env", data), interpolate=False)), ".dotenv")
COMPOSE = both(YAML, tool("docker-compose", "-f", "FILE", "config", ext=".yml"))
CLUSTER = module("yaml", secret_of_cluster)
HELM = module("yaml", template_of_helm)
INVENTORY = tool("ansible-inventory", "-i", "FILE", "--list", read=json.loads)
HCL = module("hcl", lambda hcl, data: hcl.loads(data.decode()))


# ---- files ----

FILES = [
    ("YAML", "plain.yaml", YAML, "db:\n  host: db\n  password: «@»\n  port: 5432 # default\n"),
    ("YAML", "single.yaml", YAML, "db:\n  host: 'db'\n  password: '«@''s é@»'\n  port: 5432\n"),
    ("YAML", "double.yaml", YAML, 'db: {host: "db", password: "«@\\\\7@\\/7é»", port: 5432}\n'),
    ("YAML", "odd.yaml", YAML, "db:\n  password: «@\"@'<@;@&9»  # of the database\n  port: 5432\n"),
    ("YAML", "literal.yaml", YAML, "db:\n  password: |\n    «@»\n  host: db\n"),
    ("YAML", "folded.yml", YAML, "db:\n  api_token: >-\n    «@@@\n    @@@»\n  host: db\n"),
    ("YAML", "wrapped.yaml", YAML, "db:\n  api_token: \"«@@@\\\n    @@@»\"\n  host: db\n"),
    ("YAML", "base64.yaml", YAML, "db:\n  password: «{b64:21}/=»\n  api_key: \"«{b64:22}==»\"\n  host: db\n"),
    ("YAML", "list.yaml", YAML,
     "env:\n  - name: DB_HOST\n    value: db\n  - name: DB_PASSWORD\n    value: «@»\n"
     "  - {name: API_TOKEN, value: \"«@#@»\"}\n"),
    ("YAML", "two.yaml", YAML, "---\ndb_password: «@»\n...\n---\n- token: «@»\n- host: db\n"),
    ("compose", "docker-compose.yml", COMPOSE,
     "version: '3'\nservices:\n  db:\n    image: redis\n    environment:\n      - HOST=db\n"
     "      - DB_PASSWORD=«@»\n      - \"API_TOKEN=«@»\"\n"
     "    command: redis-server --requirepass «@» --port 1\n"),
    ("compose", "compose.yaml", COMPOSE,
     "version: '3'\nservices:\n  db:\n    image: mysql\n    environment:\n      HOST: db\n"
     "      MYSQL_ROOT_PASSWORD: '«@$$@»'\n    healthcheck:\n"
     "      test: [\"CMD\", \"mysqladmin\", \"ping\", \"-uroot\", \"-p«@»\"]\n"),
    ("Kubernetes", "secret.yaml", CLUSTER,
     "apiVersion: v1\nkind: Secret\nmetadata:\n  name: db\ndata:\n  password: «=@»\n"
     "  api-token: \"«=@@7»\"\n  db_password: «=@78»\n"),
    ("Kubernetes", "strings.yaml", YAML,
     "apiVersion: v1\nkind: Secret\nstringData:\n  password: «@»\n  greeting: hello\n"),
    ("Kubernetes", "deployment.yaml", YAML,
     "kind: Deployment\nspec:\n  containers:\n    - name: app\n      args: [\"--db-password=«@»\", \"--port=1\"]\n"
     "      env:\n        - name: DB_PASSWORD\n          value: \"«@»\"\n        - name: HOST\n          value: db\n"),
    ("Kubernetes", "kubeconfig", YAML,
     "apiVersion: v1\nkind: Config\nusers:\n- name: a\n  user:\n    token: «@@@»\n"
     "- name: b\n  user:\n    username: b\n    password: «@»\n"),
    ("Helm", "values.yaml", YAML,
     "image:\n  tag: \"1.2\"\nauth:\n  username: app\n  password: \"«@»\"\n  existingSecret: \"\"\n"),
    ("Helm", "templates/secret.yaml", HELM,
     "apiVersion: v1\nkind: Secret\nmetadata:\n  name: {{ .Release.Name }}\nstringData:\n"
     "  password: «@»\n  token: {{ .Values.token | quote }}\n  host: {{ .Values.host }}\n"),
    ("Ansible inventory", "hosts", INVENTORY,
     "[web]\nh1 ansible_host=192.0.2.1 ansible_user=app ansible_password='«@ @»' ansible_port=22\n"
     "h2 ansible_ssh_pass=«@»\n[web:vars]\nansible_become_pass=«@»\nansible_python_interpreter=/usr/bin/python3\n"),
    ("Ansible inventory", "hosts.yml", INVENTORY,
     "all:\n  hosts:\n    h1:\n      ansible_host: 192.0.2.1\n      ansible_password: \"«@»\"\n"),
    ("Ansible vars", "group_vars/all.yml", YAML,
     "ansible_user: app\nansible_become_pass: \"«@!@»\"\nports: [1, 2]\nusers:\n"
     "  - {name: app, password: '«@»'}\n"),
    ("JSON", "one.json", JSON,
     '{"user":"app","password":"«@\\\\7@é7»","port":1,"token":"«@»"}'),
    ("JSON", "pairs.json", JSON,
     '[{"name": "DB_PASSWORD", "value": "«@»"},\n {"name": "HOST", "value": "db"},\n'
     ' {"value": "«@»", "name": "API_TOKEN"}]\n'),
    ("JSON", "escapes.json", JSON, '{"password": "«@\\"\\u00e9@»", "secret_key": "«{b64:22}==»", "a": "\\""}'),
    ("JSON", "jq.json", tool("jq", "-S", "."), '{"a": [1, {"client_secret": "«@»"}], "b": null}'),
    ("JSON", "pull.json", JSON, '{"auths": {"registry.internal": {"auth": "«=app:@»"}}, "credsStore": ""}'),
    ("JSON", "text.json", JSON, '{"script": "set -e\\nexport DB_PASSWORD=\\"«@»\\"\\nrun", "n": 1}'),
    ("Terraform state", "terraform.tfstate", JSON,
     '{"outputs": {"db_password": {"value": "«@»", "type": "string"}}, "serial": 3,\n'
     ' "resources": [{"instances": [{"attributes": {"password": "«@»", "port": 1}}]}]}'),
    ("Terraform vars", "prod.tfvars", HCL, "region = \"x\"\ndb_password = \"«@»\"\napi_tokens = { a = \"b\" }\n"),
    ("Terraform vars", "main.tf", HCL,
     "variable \"db_password\" {\n  type    = \"string\"\n  default = \"«@@»\"\n}\n"
     "resource \"x\" \"y\" {\n  password = \"«@@»\"\n  port     = 1\n}\n"),
    ("INI", "app.ini", INI,
     "[db]\nhost = db\npassword = «@\"@'@;@9»\nport = 1\n[mail]\nsmtp_password=«@ @7»\n"),
    ("INI", ".pypirc", INI, "[internal]\nusername = app\npassword = «@»\n"),
    ("INI", "base64.ini", INI, "[db]\nsecret_key = «{b64:43}=»\napi_key: «{b64:22}==»\nhost = db\n"),
    ("INI", "keys.ini", INI,
     "[default]\naws_access_key_id = x\naws_secret_access_key = «{b64:40}»\n"),
    ("properties", "app.properties", PROPERTIES,
     "db.user=app\ndb.password=«@\\:@\\=@»\ndb.port = 1\njms.password   «@@@\\\n      @@@»\n"
     "ftp.password : «@ \"@'9»\nmail.password=«@\\u00e9@»\nlast=x\n"),
    ("TOML", "basic.toml", TOML,
     '[db]\nhost = "db"\npassword = "«@\\\\7@é»"\nport = 1\nlogin = { user = "a", token = "«@»" }\n'),
    ("TOML", "literal.toml", TOML, "[db]\npassword = '«@\"@\\7»'\nport = 1\n"),
    ("TOML", "multi.toml", TOML,
     "[db]\npassword = \"\"\"«@»\"\"\"\ntoken = '''\n«@'@»'''\nport = 1\n"),
    ("XML", "elements.xml", XML,
     "<s><server><id>a</id><password>«@ é@»</password></server>\n"
     "<password><![CDATA[«@<&@»]]></password><x>y</x></s>"),
    ("XML", "attributes.xml", XML,
     "<c><user name='a' password='«@\"@»' roles=\"r\"/><x password=\"«@&amp;&#x41;@»\"/></c>"),
    ("XML", "lint.xml", tool("xmllint", "--noent", "-"), "<a>\n<password>«@»</password>\n</a>"),
    ("XML", "app.plist", PLIST,
     '<?xml version="1.0" encoding="UTF-8"?>\n<plist version="1.0"><dict><key>Host</key>'
     "<string>db</string><key>Password</key>\n<string>«@»</string></dict></plist>"),
    ("XML: .NET config", "web.config", XML,
     "<c><add name=\"d\" connectionString=\"Server=db;User Id=sa;Password=«@»;Database=app\"/>"
     "<add name=\"e\" connectionString=\"Server=db;Pwd=«@»;User Id=sa\"/>\n"
     "<add key=\"SmtpPassword\" value=\"«@&amp;@»\"/>\n<add value=\"«@»\" key=\"ApiSecret\"/></c>"),
    ("XML: Maven", "settings.xml", XML,
     "<settings><servers><server><id>x</id><username>a</username>\n<password>«@»</password>"
     "</server></servers><proxies><proxy><host>h</host><password>«@»</password></proxy></proxies></settings>"),
    ("XML: Tomcat", "tomcat-users.xml", XML,
     "<tomcat-users><role rolename=\"r\"/>\n<user username=\"a\" password=\"«@»\" roles=\"manager-gui\"/></tomcat-users>"),
    ("XML: Tomcat", "server.xml", XML,
     "<Server><Connector port=\"8443\" keystoreFile=\"k\" keystorePass=\"«@»\"/>\n"
     "<Resource name=\"jdbc/x\" username=\"a\" password=\"«@»\" url=\"jdbc:mysql://db/x\"/></Server>"),
    ("XML: Jenkins", "credentials.xml", XML,
     "<list><c><username>a</username>\n<password>«@»</password></c>\n<c><apiToken>«@@»</apiToken></c></list>"),
    ("XML: IDE stores", "dataSources.local.xml", XML,
     "<project><data-source name=\"d\"><user-name>app</user-name>\n<password>«@»</password>"
     "<jdbc-url>jdbc:postgresql://db/x?user=a&amp;password=«@»</jdbc-url></data-source></project>"),
    ("XML: IDE stores", "webServers.xml", XML,
     "<project><server><fileTransfer host=\"h\" port=\"22\" password=\"«@»\" username=\"a\"/></server></project>"),
    ("XML", "bean.xml", XML,
     "<b><property name=\"db.password\">«@»</property><property><name>db.password</name>\n"
     "<value>«@»</value></property><property name=\"password\"><value>«@»</value></property></b>"),
    (".env", ".env", DOTENV, "HOST=db\nDB_PASSWORD=«@ @7»\nAPI_TOKEN=«@»\nPORT=1\n"),
    (".env", "quoted.env", DOTENV,
     "HOST=db\nDB_PASSWORD='«@ é@»' # of db\nexport API_TOKEN=\"«@\\n@#»\"\nAPP_KEY=base64:«{b64:43}=»\nPORT=1\n"),
    ("editors' connection files", ".vscode/sftp.json", JSON_COMMENTS,
     '{ // web\n "name": "web", "host": "web", "username": "app", "password": "«@\'@»",\n "port": 22,\n}'),
    ("editors' connection files", "sftp-config.json", JSON_COMMENTS,
     '{\n    "type": "sftp",\n    "host": "web",\n    "user": "app",\n    "password": "«@»",\n'
     '    //"port": "22",\n    "remote_path": "/srv/"\n}\n'),
    ("editors' connection files", "settings.json", JSON_COMMENTS,
     '{\n "sqltools.connections": [{"server": "db", "username": "app", "password": "«@»"}], /* x */\n'
     ' "mssql.connections": [{"server": "db", "user": "sa", "password": "«@»"}],\n}\n'),
]

DECOYS = {
    "decoy.yaml": "db:\n  password: ${DB_PASSWORD}\n  password_file: /run/secrets/db\n  name: 'it''s'\n",
    "decoy.json": '{"name": "DB_HOST", "value": "db7x9a2k4m"}',
    "decoy.properties": "db.user=a\\:b\\\n   c\ndb.password=changeme\n",
    "decoy.xml": '<a><user name="db7x9a2k4m"/><password>${env.PW}</password></a>',
}

# Each of these has a parser where the tests' needs are installed.
WANTED = [
    "YAML", "compose", "Kubernetes", "Helm", "Ansible inventory", "Ansible vars", "JSON",
    "Terraform state", "Terraform vars", "INI", "properties", "TOML", "XML", "XML: .NET config",
    "XML: Maven", "XML: Tomcat", "XML: Jenkins", "XML: IDE stores", ".env",
    "editors' connection files",
]


def test(t):
    formats.run(t, FILES, DECOYS, WANTED)


check.main(test)
