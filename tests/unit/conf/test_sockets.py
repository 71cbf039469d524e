"""Reading what the kernel and the console print: sockets, modules, channels, processes."""

from __future__ import annotations

import os
import socket

import pytest

from simulator.live.asterisk_process import running_modules
from simulator.live.launch import no_ipv6_filter
from simulator.live.preflight import AsteriskProblem, check_files_limit, check_port
from simulator.live.sockets import holder_of, listening_sockets, parse_table
from simulator.live.witness import bridges_in, channels_in, processes_left

pytestmark = pytest.mark.unit

HEAD = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt"
TAIL = "00000000:00000000 00:00000000 00000000     0        0"


def test_tcp_listener_is_seen_and_connection_is_not() -> None:
    table = "\n".join(
        [
            HEAD,
            f"   0: 0100007F:1F98 00000000:0000 0A {TAIL} 77 1 0 100 0 0 10 0",
            f"   1: 0100007F:1F98 0100007F:CAFE 01 {TAIL} 78 1 0 100 0 0 10 0",
            f"   2: 00000000:07E8 00000000:0000 0A {TAIL} 79 1 0 100 0 0 10 0",
        ]
    )
    rows = list(parse_table(table, protocol="tcp"))
    assert [str(row) for row in rows] == ["tcp 127.0.0.1:8088", "tcp 0.0.0.0:2024"]
    assert [row.is_loopback for row in rows] == [True, False]
    assert [row.inode for row in rows] == [77, 79]


def test_udp_of_both_families_is_seen() -> None:
    four = f"{HEAD}\n 10: 0100007F:13C4 00000000:0000 07 {TAIL} 5 2 0 0"
    every = f"{HEAD}\n 11: {'0' * 32}:9595 {'0' * 32}:0000 07 {TAIL} 6 2 0 0"
    one = f"{HEAD}\n 12: {'0' * 24}01000000:0035 {'0' * 32}:0000 07 {TAIL} 7 2 0 0"
    assert str(next(parse_table(four, protocol="udp"))) == "udp 127.0.0.1:5060"
    assert not next(parse_table(every, protocol="udp")).is_loopback
    assert next(parse_table(one, protocol="udp")).address == "::1"


def test_own_sockets_are_found_by_the_kernel() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as held:
        held.bind(("127.0.0.1", 0))
        port = int(held.getsockname()[1])
        mine = listening_sockets([os.getpid()])
        assert ("udp", "127.0.0.1", port) in {(s.protocol, s.address, s.port) for s in mine}
        assert f"process {os.getpid()}" in (holder_of("udp", port) or "")
        with pytest.raises(AsteriskProblem) as caught:
            check_port("udp", port, setting="sip_port")
    told = str(caught.value)
    assert f"udp port {port} on 127.0.0.1 is held by process {os.getpid()}" in told
    assert "choose another sip_port" in told
    check_port("udp", port, setting="sip_port")


def test_file_limit_too_low_is_one_sentence() -> None:
    with pytest.raises(AsteriskProblem, match="raise its limit"):
        check_files_limit(2**40)


def test_modules_that_run_are_told_from_those_that_do_not() -> None:
    text = (
        "Module                 Description                 Use Count  Status      Support Level\n"
        "chan_pjsip.so          PJSIP Channel Driver        0          Not Running          core\n"
        "res_stasis.so          Stasis application support  1          Running              core\n"
        "res_x.so               Not Running in its name 3   0          Running              core\n"
        "acl                    Named ACL system            2          Running              core\n"
    )
    assert running_modules(text) == {"res_stasis.so", "res_x.so"}


def test_channels_and_bridges_are_counted_from_the_console() -> None:
    line = "PJSIP/trunk-00000001!from-trunk!10086!2!Up!Stasis!expertline,inbound,10086!!!!3!3!!c.1"
    assert channels_in(f"{line}\n{line}\n") == 2
    assert channels_in("\n") == 0
    heading = "Bridge-ID   Name   Chans Type    Technology   Duration"
    assert bridges_in(heading + "\n") == 0
    assert bridges_in(f"{heading}\nb1  <unknown>  0 stasis  simple_bridge  00:00:03\n\n") == 1
    with pytest.raises(AsteriskProblem):
        bridges_in("No such command 'bridge show all'")


def test_this_process_is_never_left_behind() -> None:
    group = os.getpgid(0)
    assert os.getpid() not in {seen.pid for seen in processes_left(group=group)}
    assert processes_left(marker="no command line has this 4711") == ()


def test_filter_refuses_ipv6_on_known_machines_only() -> None:
    assert no_ipv6_filter("pdp11") is None
    assert len(no_ipv6_filter("x86_64") or b"") == 8 * 8
    assert no_ipv6_filter("aarch64") != no_ipv6_filter("x86_64")
