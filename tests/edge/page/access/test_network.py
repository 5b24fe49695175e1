"""Tests of where a visitor comes from."""

from pathlib import Path

import pytest

from edge.page.access.network import is_near

ROUTES = """\
Iface\tDestination\tGateway\tFlags\tRefCnt\tUse\tMetric\tMask\tMTU\tWindow\tIRTT
eth0\t00000000\t0101A8C0\t0003\t0\t0\t0\t00000000\t0\t0\t0
eth0\t0001A8C0\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0
vpn0\t0000000A\t0101A8C0\t0003\t0\t0\t0\t000000FF\t0\t0\t0
"""

ADDRESSES = """\
00000000000000000000000000000001 01 80 10 80       lo
20010db8000100000000000000000005 02 40 00 80     eth0
"""


@pytest.mark.parametrize(
    ("address", "near"),
    [
        *[("127.0.0.1", True), ("::1", True), ("192.168.1.77", True), ("::ffff:192.168.1.77", True)],
        *[("192.168.2.77", False), ("10.0.0.1", False), ("8.8.8.8", False), ("169.254.3.4", True)],
        *[("2001:db8:1:0:aaaa::1", True), ("2001:db8:1:1::1", False), ("fe80::1%eth0", True)],
        *[("", False), ("nonsense", False)],
    ],
)
def test_near_is_what_is_reached_without_a_router(tmp_path: Path, address: str, near: bool) -> None:
    routes, addresses = tmp_path / "route", tmp_path / "if_inet6"
    routes.write_text(ROUTES)
    addresses.write_text(ADDRESSES)
    assert is_near(address, routes=routes, addresses=addresses) is near


def test_without_the_kernels_tables_only_this_machine_is_near(tmp_path: Path) -> None:
    gone = tmp_path / "none"
    assert is_near("127.0.0.1", routes=gone, addresses=gone)
    assert not is_near("192.168.1.77", routes=gone, addresses=gone)
