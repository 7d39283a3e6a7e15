"""The address of a MySQL or MariaDB server becomes a connection with TLS where a network lies
between, and without it over a socket of this machine."""

from __future__ import annotations

import pytest

from models.database import open_database

pytestmark = pytest.mark.one_database
LOCAL = "mysql://shop@localhost/shop?unix_socket=/run/mysqld/mysqld.sock"


@pytest.mark.parametrize(
    ("url", "without_tls"),
    [
        (LOCAL, True),
        (f"{LOCAL}&ssl_ca=/etc/ssl/ca.pem", None),
        (f"{LOCAL}&ssl_disabled=false", False),
        ("mysql://shop@127.0.0.1/shop", None),
        ("mysql://shop@db.example.com/shop", None),
    ],
)
def test_only_a_socket_of_this_machine_goes_without_tls(url: str, without_tls: object) -> None:
    given = open_database(url).connect_params
    assert given.get("ssl_disabled") == without_tls
