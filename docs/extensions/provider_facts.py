"""What docs/providers.md says of each provider besides tools/configure/providers.py.

Facts of 2026. For each provider's name: whether a token can replace the password (OAuth2), "" if
only its own page can tell, and how many mails it takes. Where a number is not certain, there is a
link to the provider's page.
"""

_GOOGLE = "[500 mails a day](https://support.google.com/mail/answer/22839)"
_MICROSOFT = (
    "https://learn.microsoft.com/en-us/office365/servicedescriptions/"
    "exchange-online-service-description/exchange-online-limits"
)

FACTS: dict[str, tuple[str, str]] = {
    "Gmail": ("yes", f"{_GOOGLE}; Google Workspace: 2,000"),
    "Outlook": ("required", "[see Microsoft's page](https://support.microsoft.com/outlook)"),
    "Microsoft 365": ("yes", f"[10,000 recipients a day]({_MICROSOFT})"),
    "Yahoo": ("for approved developers", "[see Yahoo's page](https://help.yahoo.com/)"),
    "AOL": ("for approved developers", "[see AOL's page](https://help.aol.com/)"),
    "iCloud": ("", "[1,000 mails a day](https://support.apple.com/102198)"),
    "Fastmail": ("", "[by plan](https://www.fastmail.help/)"),
    "GMX": ("", "[see GMX's page](https://hilfe.gmx.net/)"),
    "GMX.com": ("", "[see GMX's page](https://support.gmx.com/)"),
    "web.de": ("", "[see web.de's page](https://hilfe.web.de/)"),
    "Posteo": ("", "[see Posteo's page](https://posteo.de/en/help)"),
    "mailbox.org": ("", "[see mailbox.org's page](https://kb.mailbox.org/)"),
    "T-Online": ("", "[see Telekom's page](https://www.telekom.de/hilfe)"),
    "Zoho": ("", "[by plan](https://www.zoho.com/mail/help/)"),
    "Proton": ("", "[by plan](https://proton.me/support)"),
    "Amazon SES": (
        "",
        "[200 mails a day](https://docs.aws.amazon.com/ses/latest/dg/quotas.html) and verified"
        " recipients only, until Amazon lifts the sandbox",
    ),
    "Mailgun": ("", "[by plan](https://www.mailgun.com/pricing/)"),
    "SendGrid": ("", "[by plan](https://sendgrid.com/pricing)"),
    "Brevo": ("", "[300 mails a day](https://www.brevo.com/pricing/) without a paid plan"),
    "Postmark": ("", "[by plan](https://postmarkapp.com/pricing)"),
    "Mailjet": ("", "[200 mails a day](https://www.mailjet.com/pricing/) without a paid plan"),
    "SMTP2GO": ("", "[by plan](https://www.smtp2go.com/pricing/)"),
}
