"""Well-known mail providers: server, user name and kind of password.

Each has port 587 with STARTTLS or 465 with TLS, the library's defaults.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Provider:
    """A mail provider."""

    name: str
    host: str
    security: str
    secret: str  # the kind of password, and where to get it
    domains: tuple[str, ...] = ()  # domains of its addresses
    user: str | None = ""  # "": the sender's address; None: unknown


APP_PASSWORD = "an app password, not the account's own"

PROVIDERS = (
    Provider(
        "Gmail",
        "smtp.gmail.com",
        "starttls",
        f"{APP_PASSWORD}: https://myaccount.google.com/apppasswords (needs 2-step verification)",
        ("gmail.com", "googlemail.com"),
    ),
    Provider(
        "Outlook",
        "smtp-mail.outlook.com",
        "starttls",
        "Microsoft accepts only OAuth2 for personal accounts, no passwords: use another provider",
        ("outlook.com", "outlook.de", "hotmail.com", "live.com", "msn.com"),
    ),
    Provider(
        "Microsoft 365",
        "smtp.office365.com",
        "starttls",
        "the mailbox's password, if its administrator allows SMTP AUTH with one (Microsoft is"
        " about to end that)",
    ),
    Provider(
        "Yahoo",
        "smtp.mail.yahoo.com",
        "tls",
        f"{APP_PASSWORD}: Account security, Generate app password",
        ("yahoo.com", "yahoo.de", "yahoo.fr", "yahoo.co.uk", "ymail.com", "rocketmail.com"),
    ),
    Provider("AOL", "smtp.aol.com", "tls", APP_PASSWORD, ("aol.com", "aol.de")),
    Provider(
        "iCloud",
        "smtp.mail.me.com",
        "starttls",
        "an app-specific password: https://account.apple.com",
        ("icloud.com", "me.com", "mac.com"),
    ),
    Provider(
        "Fastmail",
        "smtp.fastmail.com",
        "tls",
        f"{APP_PASSWORD}: Settings, Privacy & Security",
        ("fastmail.com", "fastmail.fm"),
    ),
    Provider(
        "GMX",
        "mail.gmx.net",
        "starttls",
        "the account's password (an app password with two-factor login); POP3/IMAP access has to"
        " be allowed in its settings",
        ("gmx.de", "gmx.net", "gmx.at", "gmx.ch"),
    ),
    Provider(
        "GMX.com",
        "mail.gmx.com",
        "starttls",
        "the account's password (an app password with two-factor login); POP3/IMAP access has to"
        " be allowed in its settings",
        ("gmx.com",),
    ),
    Provider(
        "web.de",
        "smtp.web.de",
        "starttls",
        "the account's password (an app password with two-factor login); POP3/IMAP access has to"
        " be allowed in its settings",
        ("web.de",),
    ),
    Provider("Posteo", "posteo.de", "starttls", "the account's password", ("posteo.de",)),
    Provider(
        "mailbox.org",
        "smtp.mailbox.org",
        "tls",
        "the account's password, or an app password",
        ("mailbox.org",),
    ),
    Provider(
        "T-Online",
        "securesmtp.t-online.de",
        "tls",
        "the password for e-mail programs, not the account's own",
        ("t-online.de", "magenta.de"),
    ),
    Provider(
        "Zoho",
        "smtp.zoho.com",
        "tls",
        "an app password, or the account's own without two-factor login (accounts of the EU:"
        " smtp.zoho.eu)",
        ("zohomail.com",),
    ),
    Provider(
        "Proton",
        "smtp.protonmail.ch",
        "starttls",
        "an SMTP token, made for one address (a plan with a domain of your own): Settings,"
        " IMAP/SMTP",
        ("proton.me", "protonmail.com", "pm.me"),
    ),
    Provider(
        "Amazon SES",
        "email-smtp.us-east-1.amazonaws.com",
        "starttls",
        "SMTP credentials from the console of SES, not an access key (another region: its host)",
        user=None,
    ),
    Provider(
        "Mailgun",
        "smtp.mailgun.org",
        "starttls",
        "the SMTP password of the sending domain (the EU's: smtp.eu.mailgun.org)",
        user=None,
    ),
    Provider("SendGrid", "smtp.sendgrid.net", "starttls", "an API key", user="apikey"),
    Provider(
        "Brevo",
        "smtp-relay.brevo.com",
        "starttls",
        "an SMTP key (not an API key); the login is shown beside it",
        user=None,
    ),
    Provider(
        "Postmark",
        "smtp.postmarkapp.com",
        "starttls",
        "the server API token, as user and as password",
        user=None,
    ),
    Provider(
        "Mailjet",
        "in-v3.mailjet.com",
        "starttls",
        "the secret key; the API key is the user",
        user=None,
    ),
    Provider(
        "SMTP2GO",
        "mail.smtp2go.com",
        "starttls",
        "the password of one of its SMTP users",
        user=None,
    ),
)


def by_host(host: str) -> Provider | None:
    """Return the provider of a server."""
    return next((one for one in PROVIDERS if one.host == host.lower()), None)


def by_address(address: str) -> Provider | None:
    """Return the provider of an address."""
    domain = address.rpartition("@")[2].lower()
    return next((one for one in PROVIDERS if domain in one.domains), None)
