# SPDX-License-Identifier: MIT
"""What stands in the templates' places: secrets of each kind, in the spelling that the
place asks for, and the harmless values round them. All are drawn from one seeded
source, so that a run can be repeated.

    draw = values.Draw(seed)
    draw.secret("pw", "dq")     # (kind, spelling of it between double quotes)
    draw.filler("host", "")     # a value that is no secret
"""
import base64
import json
import os
import random
import re
import string
import sys
import urllib.parse
import xml.sax.saxutils

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))

import packs
import plant

WORDS = """anchor autumn badger bamboo beacon blossom breeze bridge butter canyon carbon castle
cherry cinder cobalt comet copper coral cotton cricket crystal dagger dakota desert dragon eagle
echo engine falcon fender flamingo forest galaxy garden ginger glacier guitar hammer harbor harvest
hockey honey hunter island jaguar jungle kitchen knight ladder lantern lemon lion magnet mango maple
marble meadow melon monkey mountain mustang ninja ocean olive orange orchid otter panther pepper
phoenix pilot pirate planet pumpkin purple rabbit ranger raven river rocket saffron sailor salmon
shadow silver sparrow spider spring stallion stone summer sunset thunder tiger timber tulip turtle
velvet violet walnut whisper willow winter wizard wolf yellow zebra""".split()
NAMES = """Alice Andrea Anton Berta Carlos Daniel Elena Fatima Felix Giulia Hannah Igor Ivan Jessica
Kenji Lars Laura Marco Maria Mehmet Michael Natasha Olga Pedro Priya Rahul Robert Sandra Sofia
Stefan Tomas Ursula Viktor Wei Xavier Yuki Zhang""".split()
FOREIGN = """schluessel kaffee sommer winterzeit fussball geheimnis contrasena bienvenido corazon
mariposa soleil chocolat jetaime bonjour amore ciao parola haslo kochanie sonne wochenende
senha obrigado wachtwoord welkom privet woaini mima nihao sakura aikotoba parool salasana""".split()
ACCENTED = ["Schl\u00fcssel", "contrase\u00f1a", "\u00fcberfall", "gar\u00e7on", "cora\u00e7\u00e3o",
            "ma\u00f1ana", "fran\u00e7ais", "\u0142\u00f3dka"]
WALKS = ["qwertz", "1qaz2wsx", "zxcvbn", "qazwsx", "asdfgh", "!QAZ2wsx", "1q2w3e4r", "poiuyt",
         "q1w2e3r4", "mnbvcx", "zaq12wsx", "qweasd"]
SAFE, ALL = "-_.@+!", "-_.@+!#$%^&*()=?/:;,<>[]{}|~"
PREFIXES = """db database mysql postgres pg redis mongo smtp mail imap ldap ldap_bind admin root app
rabbitmq amqp kafka ftp sftp proxy vpn backup keystore truststore jdbc datasource spring_datasource
elastic grafana service replication master repl user ssh git registry nexus sonar jira wifi
""".split()
PASS_CORES = "password password password passwd pass pwd passphrase pw".split()
KEY_NAMES = """secret_key secret_key_base api_key client_secret app_secret auth_token access_token
api_token jwt_secret session_secret encryption_key signing_key access_key secret_access_key
cookie_secret webhook_secret refresh_token service_token deploy_token shared_secret hmac_secret
private_token bot_token api_secret consumer_secret token app_key master_key auth_secret
csrf_secret oauth_client_secret storage_account_key license_key secret""".split()
APPS = """billing shop inventory webmail gateway portal orders tracker wiki forum reports ledger
frontend backend scheduler mailer importer catalog helpdesk crm booking""".split()
NOUNS = """account address archive asset batch bucket buffer cache channel client cluster column
comment config connection contact content counter currency customer device document driver element
endpoint entry error event export feature field filter folder format frame gateway group handler
header history image index input invoice item job journal label layer layout level limit link list
locale log manager member menu message metric model module monitor name network node note object
option order output owner package page panel parser partner path payload payment period pipeline
player plugin policy pool port post price process product profile project property protocol queue
record region release report request resource response result role route rule sample schedule schema
scope screen script section segment series server service session setting shape sheet shipment
signal site slot snapshot source stage state status step storage store stream string style subject
summary symbol system table tag target task team template tenant term theme thread ticket timer title
topic trace transfer tree trigger type unit update user validator value variant version view volume
warehouse widget window worker zone""".split()
VERBS = """add apply build cancel check clear close connect convert copy count create delete detect
drop emit encode fetch filter find flush format generate handle import index init insert invoke join
list load lookup merge move normalize open parse pause print process push query read rebuild receive
refresh register release remove render reset resolve restore resume retry run save scan select send
serialize set sort split start stop store submit sync trim update upload validate verify write""".split()


def styled(words, style):
    """snake_case words in another spelling."""
    parts = words.split("_")
    if style == "SNAKE":
        return words.upper()
    if style == "camel":
        return parts[0] + "".join(p.capitalize() for p in parts[1:])
    if style == "Pascal":
        return "".join(p.capitalize() for p in parts)
    return {"kebab": "-", "dot": ".", "flat": ""}.get(style, "_").join(parts)


def backslashed(quote):
    return lambda text: text.replace("\\", "\\\\").replace(quote, "\\" + quote)


# A place: which symbols a password may hold there, may it hold spaces and letters
# beyond ASCII, and how it is spelled.
PLACES = {
    "": (SAFE, False, str),
    "word": ("", False, str),
    "raw": ("-_.@+!%^&*=?/:~$,([{|", False, str),
    "dq": (ALL.replace("$", "") + "\"\\'`", True, backslashed('"')),
    "sq": (ALL + '"', True, str),
    "pysq": (ALL + "\"'\\", True, backslashed("'")),
    "yq": (ALL + "\"'", True, lambda text: text.replace("'", "''")),
    "xml": (ALL + "'", True, xml.sax.saxutils.escape),
    "attr": (ALL + "'", True, lambda text: xml.sax.saxutils.escape(text, {'"': "&quot;"})),
    "url": ("-_.!@#%/:?&=+", False, lambda text: urllib.parse.quote(text, safe="!-_.~")),
    "ado": ("-_.@+!#%^&*()?/:,[]|~", False, str),
    "b64": (ALL, False, lambda text: base64.b64encode(text.encode()).decode()),
    "user": ("-_.@+!", False, lambda text: base64.b64encode(("deploy:" + text).encode()).decode()),
}


def own_tokens():
    """The samples of those rules whose tokens are known by themselves."""
    found = []
    for rule in packs.rules():
        if rule.get("paths") or rule.get("judge", "token") not in ("token", "github") or \
                rule["severity"] in ("info", "low"):
            continue
        for template in rule["match"]:
            text, secret = token_of(rule, template)
            hit = secret and packs.find(rule["pattern"], secret)
            if hit and hit.group("secret") == secret and any(
                    str(word).lower() in secret.lower() for word in rule.get("keywords", [])):
                found.append((rule, template))
                break
    return found


def token_of(rule, template):
    text, _ = plant.expand(template)
    hit = packs.find(rule["pattern"], text)
    return text, hit.group("secret") if hit else None


class Draw:
    def __init__(self, seed):
        self.seed, self.random = seed, random.Random(seed)
        plant.secrets = self.random  # what fills a rule's sample
        self.tokens = own_tokens()
        self.begin("")

    def begin(self, name):
        """Another file: another program, host and account; what is drawn for it does
        not depend on what was drawn before."""
        self.random.seed("%d %s" % (self.seed, name))
        self.same = {"app": self.of(APPS), "user": self.of(NAMES).lower(),
                     "host": "%s.%s" % (self.of(WORDS), self.of(["internal", "example.net", "corp.lan"]))}

    def of(self, things):
        return self.random.choice(things)

    def some(self, count, letters):
        return "".join(self.of(letters) for _ in range(count))

    def number(self, low, high):
        return self.random.randint(low, high)

    # ---- secrets ----

    def secret(self, name, place=""):
        """(kind, bytes as they stand in the file)"""
        symbols, wide, spell = PLACES[place]
        kind, value = getattr(self, "make_" + name)(symbols, wide)
        return kind, spell(value).encode()

    def make_pw(self, symbols, wide):
        return self.of([self.make_human, self.make_random])(symbols, wide)

    def make_human(self, symbols, wide):
        sign = self.of(symbols) if symbols else ""
        end = "!" if "!" in symbols else ""
        word, year = self.of(WORDS), str(self.number(1968, 2027))
        choices = [
            ("word", word + str(self.number(1, 9999))),
            ("word", word.capitalize() + year + end),
            ("words", word.capitalize() + sign + self.of(WORDS).capitalize() + str(self.number(1, 99))),
            ("leet", self.leet(word) + str(self.number(1, 99))),
            ("walk", self.of(WALKS).replace("!", end) + str(self.number(1, 999))),
            ("word", self.of(NAMES) + self.of([year, year[2:] + end, sign + year])),
            ("word", self.of(FOREIGN) + str(self.number(1, 999)) + end),
            ("words", self.of(FOREIGN).capitalize() + sign + str(self.number(10, 99)) + self.of(WORDS)),
            ("words", word.upper() + str(self.number(100, 999)) + self.of(WORDS)),
            ("word", str(self.number(10, 99)) + word + sign + str(self.number(10, 99))),
        ]
        if symbols:
            choices += [
                ("words", word + sign + self.of(WORDS) + sign + self.of(WORDS) + str(self.number(0, 9))),
                ("no-digit", word.capitalize() + sign + self.of(FOREIGN))]
        if wide:
            choices += [
                ("accents", self.of(ACCENTED) + str(self.number(10, 9999)) + sign),
                ("phrase", " ".join(self.of(WORDS) for _ in range(3)) + " " + str(self.number(1, 99)))]
        kind, value = self.of(choices)
        return "password-" + kind, value

    def leet(self, word):
        return "".join(dict(a="4", e="3", i="1", o="0", s="5").get(c, c) for c in word).capitalize()

    def make_random(self, symbols, _wide):
        letters = string.ascii_letters + string.digits
        while True:
            kind, value = self.of([
                lambda: ("alnum", self.some(self.number(8, 32), letters)),
                lambda: ("symbols" if symbols else "alnum", self.some(self.number(10, 24), letters + symbols)),
                lambda: ("lower", self.some(self.number(12, 20), string.ascii_lowercase + string.digits)),
                lambda: ("spoken", self.spoken()),
                lambda: ("groups", "-".join(self.some(6, letters) for _ in range(3))),
            ])()
            # Nothing can tell a value that begins or ends in punctuation from its place.
            if value[0].isalnum() and value[-1].isalnum() and any(c.isdigit() for c in value):
                return "password-" + kind, value

    def make_strong(self, *_):
        """One that nobody doubts, where the place is what is asked about."""
        while True:
            value = self.some(self.number(14, 24), string.ascii_letters + string.digits)
            if re.search("[0-9].*[0-9]", value) and re.search("[a-z]", value) and re.search("[A-Z]", value):
                return "password-alnum", value

    def spoken(self):
        """As password makers do it that want it to be remembered."""
        parts = [self.of("bcdfghjklmnprstvz") + self.of(["a", "e", "i", "o", "u", "ee", "ie"])
                 for _ in range(self.number(3, 6))]
        parts[self.number(0, len(parts) - 2)] += str(self.number(2, 9))
        at = self.number(0, len(parts) - 1)
        return "".join(parts[:at] + [parts[at].capitalize()] + parts[at + 1:])

    def make_uuid(self, *_):
        return "key-uuid", self.fill_uuid("")

    def make_long(self, *_):
        """As frameworks make it for a new project."""
        return "key-symbols", self.some(50, string.ascii_lowercase + string.digits + "!@#$%^*(-_=+)")

    def make_key(self, *_):
        return self.of([self.make_hex, self.make_b64, lambda: (
            "key-alnum", self.make_random("", False)[1] + plant.pick("alnum", 20))])()

    def make_hex(self, *_):
        return "key-hex", self.some(self.of([32, 40, 48, 64]), "0123456789abcdef")

    def make_b64(self, *_):
        size = self.of([16, 24, 32, 48, 64])
        return "key-base64", base64.b64encode(self.random.randbytes(size)).decode()

    def make_token(self, *_):
        """One of those that a rule knows; the secret is what the rule says."""
        while True:
            rule, template = self.of(self.tokens)
            _, secret = token_of(rule, template)
            if secret and "\n" not in secret:
                return "token", secret

    def make_jwt(self, *_):
        def part(value):
            return base64.urlsafe_b64encode(value).rstrip(b"=").decode()
        return "jwt", ".".join([
            part(json.dumps({"alg": "HS256", "typ": "JWT"}).encode()),
            part(json.dumps({"sub": self.some(12, string.hexdigits), "exp": self.number(1_700_000_000, 1_900_000_000)}).encode()),
            part(self.random.randbytes(32))])

    def make_pem(self, *_):
        return "private-key", plant.private_key(self.of(["ec", "ed25519"])).strip()

    def make_lines(self, *_):
        """A key block in a string of one line."""
        return "private-key", self.make_pem()[1].replace("\n", "\\n")

    def make_hash(self, *_):
        return "password-hash", self.of([
            lambda: "$6$%s$%s" % (plant.pick("alnum", 16), plant.pick("alnum", 86)),
            lambda: "$2y$%02d$%s" % (self.number(10, 12), plant.pick("alnum", 53)),
            lambda: "$y$j9T$%s$%s" % (plant.pick("alnum", 22), plant.pick("alnum", 43)),
            lambda: "$apr1$%s$%s" % (plant.pick("alnum", 8), plant.pick("alnum", 22))])()

    # ---- what is no secret ----

    def filler(self, name, more):
        if name in self.same:
            return self.same[name]
        return getattr(self, "fill_" + name)(more)

    def fill_kpw(self, style):
        """The name of a setting that holds a password."""
        return styled(self.of(PREFIXES) + "_" + self.of(PASS_CORES), style)

    def fill_ksec(self, style):
        return styled(self.of(["", "", self.of(APPS) + "_"]) + self.of(KEY_NAMES), style)

    def fill_name(self, style):
        """The name of any setting or function."""
        return styled(self.of(self.of([VERBS, NOUNS])) + "_" + self.of(NOUNS), style)

    def fill_word(self, _):
        return self.of(NOUNS)

    def fill_Word(self, _):
        return self.of(NOUNS).capitalize()

    def fill_person(self, _):
        return self.of(NAMES)

    def fill_email(self, _):
        return "%s@%s.example" % (self.of(NAMES).lower(), self.of(WORDS))

    def fill_site(self, _):
        return "%s.%s" % (self.of(WORDS), self.of(["example.com", "example.net", "internal"]))

    def fill_ip(self, _):
        return "10.%d.%d.%d" % (self.number(0, 255), self.number(0, 255), self.number(1, 254))

    def fill_n(self, more):
        low, _, high = more.partition("-")
        return str(self.number(int(low), int(high)))

    def fill_hex(self, more):
        return self.some(int(more), "0123456789abcdef")

    def fill_HEX(self, more):
        return self.some(int(more), "0123456789ABCDEF")

    def fill_alnum(self, more):
        return self.some(int(more), string.ascii_letters + string.digits)

    def fill_b64(self, more):
        """Of so many bytes."""
        return base64.b64encode(self.random.randbytes(int(more))).decode()

    def fill_uuid(self, _):
        digits = self.some(32, "0123456789abcdef")
        return "-".join([digits[:8], digits[8:12], "4" + digits[13:16], "a" + digits[17:20], digits[20:]])

    def fill_ver(self, _):
        return "%d.%d.%d" % (self.number(0, 12), self.number(0, 30), self.number(0, 40))

    def fill_date(self, _):
        return "20%02d-%02d-%02d" % (self.number(12, 26), self.number(1, 12), self.number(1, 28))

    def fill_time(self, _):
        return "%02d:%02d:%02d" % (self.number(0, 23), self.number(0, 59), self.number(0, 59))

    def fill_sentence(self, _):
        words = [self.of(self.of([NOUNS, VERBS, ["the", "a", "to", "of", "and", "is", "for", "with"]]))
                 for _ in range(self.number(5, 14))]
        return " ".join(words).capitalize() + "."

    def fill_code(self, more):
        """A minified piece of a program."""
        letters = string.ascii_lowercase
        out = ""
        while len(out) < int(more):
            out += self.of([
                lambda: "function %s(%s,%s){return %s.%s(%s)}" % (
                    self.of(letters), self.of(letters), self.of(letters), self.of(letters),
                    self.of(VERBS), self.of(letters)),
                lambda: "var %s=%s.%s,%s=%d;" % (self.of(letters), self.of(letters), self.of(NOUNS),
                                                 self.of(letters), self.number(0, 4096)),
                lambda: "%s.%s=function(%s){%s[%s]=!0}," % (self.of(letters), self.of(VERBS),
                                                            *(self.of(letters) for _ in range(3)))])()
        return out
