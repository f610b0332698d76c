"""make configure: the providers that it knows."""

import pytest
from hssmtp import Client

from host_tests.support.configuring import written
from tools import choices
from tools.configure import kinds, providers


def test_table_of_providers_is_valid():
    keys = [one.name.lower().replace(" ", "") for one in providers.PROVIDERS]
    domains = [domain for one in providers.PROVIDERS for domain in one.domains]
    hosts = [one.host for one in providers.PROVIDERS]
    for words in (keys, domains, hosts):
        assert len(set(words)) == len(words)
        assert [word.lower() for word in words] == words
    for one in providers.PROVIDERS:
        assert Client(one.host, None, one.security, insecure=True).port in (465, 587)
        assert providers.by_host(one.host) is one


@pytest.mark.parametrize(
    ("found", "name"),
    [
        (providers.by_host(kinds.server().settle("microsoft365")), "Microsoft 365"),
        (providers.by_host(kinds.server().settle("GMAIL")), "Gmail"),
        (providers.by_host(kinds.server().settle("2")), "Outlook"),
        (choices.choose("smtp.gmail.com", {"Gmail": "smtp.gmail.com"}), None),
        (providers.by_address("x@GoogleMail.com"), "Gmail"),
        (providers.by_address("x@gmx.com"), "GMX.com"),
        (providers.by_address("x@gmx.net"), "GMX"),
        (providers.by_address("x@notgmail.com"), None),
    ],
)
def test_provider_is_found_by_name(found, name):
    assert (found and found.name) == name


def test_providers_name_stands_for_its_server(answers, device, monkeypatch, configured):
    monkeypatch.setattr(
        providers, "PROVIDERS", (providers.Provider("Here", "localhost", "starttls", "any"),)
    )
    configured({**answers, "SERVER": "here"})
    assert written(device)["SERVER"] == "localhost"
