# SPDX-License-Identifier: MIT
"""Text in every form in which it may lie in a file, and where in it each byte of
the text then begins. Nothing of imgsan's.

    for form in forms.of(token, key):
        form.name, form.data, form.at       # at: of the canary's first byte
        form.codings, form.inside           # as the report has to tell them
    forms.of(near_miss, None)        # the same for decoys
"""
import base64
import collections
import gzip
import json

HEAD, TAIL = b"first line\nthe second\nnote ", b" here\nthe end\n"

# run: begin and end of the encoded text; codings: None where several readings are
# true; inside: the last components of the member's name, a pattern
Form = collections.namedtuple("Form", "name kind data run at codings inside")


class Text:
    """Bytes, and where each byte of what they stand for begins in them."""

    def __init__(self, data, at=None, codings=(), run=None):
        self.data, self.codings = data, list(codings)
        self.at = list(range(len(data))) if at is None else at
        self.run = run or (0, len(data))

    def through(self, coding, data, place):
        """`place` says where byte n of the present bytes begins in `data`."""
        return Text(data, [place(n) for n in self.at], [coding] + self.codings)


def around(text, head=HEAD, tail=TAIL):
    return Text(head + text.data + tail, [len(head) + n for n in text.at], text.codings,
                (len(head), len(head) + len(text.data)))


def base64_of(text, alphabet=b"+/", width=0, end=b"\n"):
    """A byte begins in the digit that holds its first bit."""
    flat = base64.b64encode(text.data, alphabet)
    if not width:
        return text.through("base64", flat, lambda n: n * 8 // 6)
    lines = [flat[n:n + width] for n in range(0, len(flat), width)]
    return text.through("base64", end.join(lines), lambda n: n * 8 // 6 + n * 8 // 6 // width * len(end))


def hex_of(text, upper=False):
    data = text.data.hex()
    return text.through("hex", (data.upper() if upper else data).encode(), lambda n: 2 * n)


def units_of(coding, form, width):
    def encode(text):
        return text.through(coding, b"".join(form % unit for unit in text.data), lambda n: width * n)
    return encode


def wide_of(name):
    codec = name.replace("utf-16", "utf-16-").replace("utf-32", "utf-32-")
    width = 2 if "16" in name else 4
    return lambda text: text.through(name, text.data.decode("ascii").encode(codec), lambda n: width * n)


percent_of = units_of("percent", b"%%%02X", 3)
short_escapes = units_of("escapes", b"\\x%02x", 4)
long_escapes = units_of("escapes", b"\\u%04x", 6)
utf16le_of = wide_of("utf-16le")


def quoted(text):
    """As a URL has base64: only what is no letter or digit is escaped."""
    flat = base64.b64encode(text.data)
    parts = [b"%%%02X" % c if chr(c) in "+/=" else bytes([c]) for c in flat]
    begins = [sum(map(len, parts[:n])) for n in range(len(parts))]
    return text.through("base64", b"".join(parts), lambda n: begins[n * 8 // 6])


def chain(text, *ways):
    """The first is the innermost."""
    for way in ways:
        text = way(text)
    return text


# Its base64 has digits of both alphabets, so that these can be told apart, and when it
# is wrapped the canary lies across the end of a line.
INNER = b">>>???~~~ some words, so that a line is full: ", b" and ~~~???>>> go on"

EMBEDDED = [
    ("base64", [base64_of]),
    ("base64url", [lambda t: base64_of(t, b"-_")]),
    ("wrapped", [lambda t: base64_of(t, width=64)]),
    ("wrapped-crlf", [lambda t: base64_of(t, width=76, end=b"\r\n")]),
    ("hex", [hex_of]),
    ("HEX", [lambda t: hex_of(t, True)]),
    ("percent", [percent_of]),
    ("\\u", [long_escapes]),
    ("\\x", [short_escapes]),
    ("base64-base64", [base64_of, base64_of]),
    ("hex(base64)", [base64_of, hex_of]),
    ("percent(base64)", [base64_of, percent_of]),
    ("base64(utf-16le)", [utf16le_of, base64_of]),
    ("base64(\\u)", [long_escapes, base64_of]),
    ("depth-5", [utf16le_of, base64_of, short_escapes, hex_of, base64_of]),
    ("base64-x5", [base64_of] * 5),
]
WIDE = ["utf-16le", "utf-16be", "utf-32le", "utf-32be"]
BOMS = {"utf-16le": b"\xff\xfe", "utf-16be": b"\xfe\xff",
        "utf-32le": b"\xff\xfe\0\0", "utf-32be": b"\0\0\xfe\xff"}


def form_of(name, text, before, kind="token"):
    """`text` as it lies in the file; `before`: bytes of the payload before the canary."""
    return Form(name, kind, text.data, text.run, text.at[before], text.codings, "")


def embedded(secret):
    inner = Text(INNER[0] + secret + INNER[1])
    for name, ways in EMBEDDED:
        yield form_of(name, around(chain(inner, *ways)), len(INNER[0]))
    url = around(quoted(inner), HEAD + b"https://example.invalid/?q=", TAIL)
    # What stands between two escapes is base64 by itself: both readings are true.
    yield form_of("quoted", url, len(INNER[0]))._replace(codings=None)


def whole(secret):
    """The file as a whole in wide characters, with and without its mark."""
    plain = around(Text(secret))
    for name in WIDE:
        text = wide_of(name)(plain)
        yield form_of(name, text, 0)
        mark = BOMS[name]
        marked = around(text, mark, b"")
        yield form_of(name + "-bom", marked, 0)
    script = around(base64_of(Text(INNER[0] + secret + INNER[1])))
    yield form_of("utf-16le(base64)", utf16le_of(script), len(INNER[0]))


def packed(secret):
    """Compressed, then made text: a container inside a coding."""
    inner = gzip.compress(INNER[0] + secret + INNER[1], mtime=0)
    config = gzip.compress(json.dumps({"name": "app", "config": {"note": secret.decode()}}).encode(), mtime=0)
    for name, data, ways in (("base64(gzip)", inner, [base64_of]),
                             ("helm", config, [base64_of, base64_of])):
        text = around(chain(Text(data), *ways))
        yield Form(name, "token", text.data, text.run, None, [], "base64.*@3!.*content")


def structured(secret):
    """Base64 where programs have it by their own rules."""
    manifest = b"apiVersion: v1\nkind: Secret\nmetadata: {name: app}\ndata:\n  note: "
    text = around(base64_of(Text(INNER[0] + secret + INNER[1])), manifest, b"\ntype: Opaque\n")
    yield form_of("kubernetes", text, len(INNER[0]))


def logins(secret):
    """Name and password for a registry: told as it stands, or among other bytes, where
    the rule for it does not look, decoded. Any login is a secret: there are no decoys."""
    login = b'{"auths": {\n "registry.invalid": {"auth": "'
    text = around(base64_of(Text(b"me:" + secret)), login, b'"}}}\n')
    yield form_of("docker-auth", text, 3, "login")._replace(codings=None)


def keys(key):
    """`key`: PEM with its last newline."""
    lines = key.rstrip(b"\n")
    body = lines.index(b"\n") + 1  # the frame of a key is none of its secret
    yield form_of("pem", around(Text(lines), HEAD + b"\n", b"\n" + TAIL), body, "key")
    line = json.dumps({"type": "x", "it": key.decode()}).encode()
    yield Form("pem-json", "json-key", line, (0, len(line)), line.index(b"\\n") + 2, None, "")
    yield form_of("pem-base64", around(base64_of(Text(key))), body, "key")
    manifest = b"kind: Secret\ndata:\n  tls.key: "
    yield form_of("pem-kubernetes", around(base64_of(Text(key)), manifest, b"\n"), body, "key")
    yield form_of("pem-utf-16le", utf16le_of(around(Text(lines), HEAD + b"\n", b"\n" + TAIL)),
                  body, "key")


def of(secret, key=None):
    """The first is plain. Decoys need no keys."""
    found = [form_of("plain", around(Text(secret)), 0)]
    for group in (whole, embedded, structured, packed):
        found += group(secret)
    return found + (list(logins(secret)) + list(keys(key)) if key else [])
