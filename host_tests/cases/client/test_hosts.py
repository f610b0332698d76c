"""Client(host=…, hostname=…, username=…): valid values, and messages for invalid ones."""

import hssmtp
import hssmtp.net
from scripted import check_table, same
from scripted_link import ScriptedLink
from scripted_server import Server


def client(host="mail.example.com", **options):
    options.setdefault("security", "none")
    return hssmtp.Client(host, allow_plaintext_auth=True, **options)


def raised(named, **options):
    """Return the text of the ValueError; it names the argument."""
    try:
        client(**options)
    except ValueError as problem:
        same("%r names %s" % (str(problem), named), str(problem).startswith(named + ": "), True)
        return str(problem)
    raise AssertionError("%r is taken" % options)


TAKEN = (
    ("smtp.example.com", "smtp.example.com"),
    ("smtp.example.com.", "smtp.example.com"),
    ("SMTP.Example.COM", "smtp.example.com"),
    ("SMTP.EXAMPLE.COM.", "smtp.example.com"),
    ("localhost", "localhost"),
    ("LocalHost.", "localhost"),
    ("mail", "mail"),
    ("mail_relay.local", "mail_relay.local"),
    ("xn--bcher-kva.example", "xn--bcher-kva.example"),
    ("1.2.3.4.example", "1.2.3.4.example"),
    ("9", None),
    ("a" * 63 + ".example", "a" * 63 + ".example"),
    (".".join(["a" * 62] * 4) + ".", ".".join(["a" * 62] * 4)),
    ("192.0.2.1", "192.0.2.1"),
    ("0.0.0.0", "0.0.0.0"),
    ("255.255.255.255", "255.255.255.255"),
    ("[192.0.2.1]", "192.0.2.1"),
    ("::1", "::1"),
    ("::", "::"),
    ("2001:DB8::1", "2001:db8::1"),
    ("[2001:db8::1]", "2001:db8::1"),
    ("1:2:3:4:5:6:7::", "1:2:3:4:5:6:7::"),
    ("::ffff:192.0.2.1", "::ffff:192.0.2.1"),
    ("1:2:3:4:5:6:192.0.2.1", "1:2:3:4:5:6:192.0.2.1"),
)


def test_valid_hosts_are_accepted():
    def check(given, wanted):
        if wanted:
            same("host", client(given).host, wanted)
        else:
            raised("host", host=given)

    check_table(TAKEN, check)


# host, what the message says to write
REFUSED = (
    (":", "is not an IP address"),
    (":25", "is not an IP address"),
    ("smtp.example.com:465", 'host="smtp.example.com", port=465'),
    ("localhost:25", 'host="localhost", port=25'),
    ("192.0.2.1:25", 'host="192.0.2.1", port=25'),
    ("[2001:db8::1]:587", 'host="2001:db8::1", port=587'),
    ("[smtp.example.com]:587", 'host="smtp.example.com", port=587'),
    ("smtp.example.com:", 'host="smtp.example.com"'),
    ("smtps://smtp.example.com", 'host="smtp.example.com", security="tls"'),
    ("SMTPS://SMTP.example.com:465/", 'host="smtp.example.com", port=465, security="tls"'),
    ("smtp://smtp.example.com:587", 'host="smtp.example.com", port=587, security="starttls"'),
    ("https://smtp.example.com/mail?a=b", 'host="smtp.example.com"'),
    ("ssl://smtp.example.com:465", 'host="smtp.example.com", port=465'),
    ("//smtp.example.com", 'host="smtp.example.com"'),
    ("smtp.example.com/", 'host="smtp.example.com"'),
    ("smtps://boiler:geheim@smtp.example.com:465", 'host="smtp.example.com", port=465'),
    ("boiler:geheim@smtp.example.com", "server"),
    ("boiler@example.com", 'host="smtp.example.com"'),
    (" smtp.example.com", "space"),
    ("smtp.example.com ", "space"),
    ("smtp example.com", "space"),
    ("", 'host="smtp.example.com"'),
    ("bücher.example", "xn--"),
    ("smtp。example。com", "xn--"),
    ("a" * 64 + ".example", "63"),
    (".".join(["a" * 62] * 4) + ".aa", "name"),
    ("a" * 256, "255"),
    ("smtp..example.com", "name"),
    ("smtp.example.com..", "name"),
    (".smtp.example.com", "name"),
    ("-smtp.example.com", "name"),
    ("smtp-.example.com", "name"),
    ("smtp.example.com,smtp.example.org", "name"),
    ("*.example.com", "name"),
    ('smtp"example', "name"),
    ("smtp\\example", "name"),
    (".", "address"),
    ("192.0.2.1.", "address"),
    ("192.0.2", "address"),
    ("192.0.2.256", "address"),
    ("192.0.2.01", "address"),
    ("[192.0.2.1", "address"),
    ("[smtp.example.com]", "brackets"),
    ("::1]", "address"),
    ("[::1]x", "address"),
    (":::", "address"),
    ("1::2::3", "address"),
    ("2001:db8::g", "address"),
    ("1:2:3:4:5:6:7", "address"),
    ("1:2:3:4:5:6:7:8:9", "address"),
    ("1:2:3:4:5:6:7:8::", "address"),
    ("12345::", "address"),
    ("::192.0.2.256", "address"),
    ("192.0.2.1::", "address"),
    ("fe80::1%eth0", "zone"),
    ("[fe80::1%25eth0]", "zone"),
    ("mail.example.com:smtp", "colons"),
    ("smtp:mail.example.com", "colons"),
    ("smtp.example.com\0", "control"),
    ("smtp.example.com\n", "control"),
)


def test_refused_host_says_what_to_write():
    def check(given, advice):
        said = raised("host", host=given)
        same("%r has %r" % (said, advice), advice in said, True)
        same("secrets", "geheim" in said, False)

    check_table(REFUSED, check)


def test_host_is_connected_to_and_verified_by_one_name():
    """Neither a certificate nor TLS's server name has the root's dot (RFC 6066 3)."""
    for host in ("MAIL.example.com", "mail.example.com."):
        link = ScriptedLink(Server(["STARTTLS"]))
        one = client(host, link=link, security="starttls", insecure=True)
        same("sent", one.deliver(hssmtp.Message("a@example.com", "b@example.com")), True)
        same("opened", link.opened, [("mail.example.com", 587)])
        same("verified", [name for _, name in link.secured_by], ["mail.example.com"])


def test_localhost_needs_no_name_server():
    for host in ("localhost", "LOCALHOST", "localhost."):
        link = hssmtp.net.Link()
        link.open(client(host).host, 25)
        same("resolved", (link._resolver, link._addresses), (None, ["127.0.0.1"]))
        link.close()


def test_hostname_is_sent_in_ehlo():
    def check(given, wanted):
        same("EHLO", client(hostname=given)._session.hostname, wanted)

    check_table(
        (
            (None, b"[127.0.0.1]"),
            ("", b"[127.0.0.1]"),
            ("boiler", b"boiler"),
            ("Boiler.example.com.", b"Boiler.example.com"),
            ("boiler_1", b"boiler_1"),
            ("[192.0.2.1]", b"[192.0.2.1]"),
            ("[IPv6:2001:db8::1]", b"[IPv6:2001:db8::1]"),
        ),
        check,
    )
    for bad, advice in (
        ("192.0.2.1", '"[192.0.2.1]"'),
        ("2001:db8::1", '"[IPv6:2001:db8::1]"'),
        ("[192.0.2.256]", "literal"),
        ("[boiler]", "literal"),
        ("boiler example", "space"),
        ("böiler", "xn--"),
        ("boiler@example.com", "name"),
        ("boiler..example", "name"),
        ("boiler\r\nMAIL", "control"),
        ("a" * 300, "255"),
    ):
        said = raised("hostname", hostname=bad)
        same("%r has %r" % (said, advice), advice in said, True)


def test_password_needs_a_username():
    for options in (
        {"password": "geheim"},
        {"password": "geheim", "token": "token"},
        {"password": "geheim", "auth": "PLAIN"},
        {"auth": "PLAIN"},
    ):
        said = raised("auth" if options == {"auth": "PLAIN"} else "username", **options)
        same("username", "username" in said, True)
        same("secrets", "geheim" in said, False)
    raised("password", username="boiler")
    client(token="token")
    client(username="boiler", password="")  # an empty value counts as given
    client(username="", password="geheim")
