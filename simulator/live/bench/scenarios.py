"""SIPp's scenarios, rendered: callers, agents and the registration of the agents' phones.

SIPp does the signalling alone. The callers' media is ours (``media.py``), at a port that each
caller's line of the injection file names: SIPp plays RTP through raw sockets, which need root.
The agents' media is SIPp's echo of what arrives, so a caller who hears herself has proven both
ways of the path.
"""

from collections.abc import Mapping

from simulator.live.bench.load import Load
from simulator.live.bench.site import NUMBER

BYE_MS_MAX = 30_000
"""A caller who is not told of the end by then counts as failed."""

REGISTRATION_S = 600

_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n<scenario name="{name}">\n'
_SDP = """\
      v=0
      o=- 1 1 IN IP4 127.0.0.1
      s=-
      c=IN IP4 127.0.0.1
      t=0 0
      m=audio {port} RTP/AVP 8 101
      a=rtpmap:8 PCMA/8000
      a=rtpmap:101 telephone-event/8000
      a=fmtp:101 0-15
      a=ptime:20
"""
_SDP_HEADERS = """\
      Content-Type: application/sdp
      Content-Length: [len]
"""
_VIA = "      Via: SIP/2.0/UDP [local_ip]:[local_port];branch=[branch]\n"
_CALLER_PARTIES = """\
      From: <sip:[field0]@127.0.0.1>;tag=caller[call_number]
      To: <sip:{number}@127.0.0.1>{to_tag}
      Call-ID: [call_id]
      Contact: <sip:[field0]@[local_ip]:[local_port]>
      Max-Forwards: 70
"""
_EMPTY = "      Content-Length: 0\n"

_SEND = "  <send{retrans}>\n    <![CDATA[\n{text}\n    ]]>\n  </send>\n"


def _send(text: str, *, retrans: bool = False) -> str:
    return _SEND.format(retrans=' retrans="500"' if retrans else "", text=text)


def _answer(status: str, *, own_tag: str = "", extra: str = _EMPTY) -> str:
    """A response to what came last; only the first in a dialogue adds our tag."""
    return (
        f"      SIP/2.0 {status}\n      [last_Via:]\n      [last_From:]\n"
        f"      [last_To:]{own_tag}\n      [last_Call-ID:]\n      [last_CSeq:]\n{extra}"
    )


def _log(*variables: str, message: str) -> str:
    asked = (
        f'      <gettimeofday assign_to="{variables[0]},{variables[1]}" />\n' if variables else ""
    )
    return f'    <action>\n{asked}      <log message="{message}" />\n    </action>\n'


def _provisional(*codes: int) -> str:
    return "".join(f'  <recv response="{code}" optional="true" />\n' for code in codes)


def callers() -> str:
    """Each caller dials, is answered, and hears out whatever comes until the other side ends it.

    Logged: ``answered NUMBER SECONDS MICROSECONDS`` when the 200 OK is read, ``ended NUMBER`` when
    the call ended as it should.
    """
    uri = f"sip:{NUMBER}@127.0.0.1:[remote_port]"
    new = _CALLER_PARTIES.format(number=NUMBER, to_tag="")
    known = _CALLER_PARTIES.format(number=NUMBER, to_tag="[peer_tag_param]")
    invite = f"      INVITE {uri} SIP/2.0\n{_VIA}{new}      CSeq: 1 INVITE\n{_SDP_HEADERS}"
    ack = f"      ACK {uri} SIP/2.0\n{_VIA}{known}      CSeq: 1 ACK\n{_EMPTY}"
    answered = _log("s", "us", message="answered [field0] [$s] [$us]")
    return (
        _HEAD.format(name="callers")
        + _send(invite + "\n" + _SDP.format(port="[field1]"), retrans=True)
        + _provisional(100, 180, 183)
        + f'  <recv response="200">\n{answered}  </recv>\n'
        + _send(ack)
        + f'  <recv request="BYE" timeout="{BYE_MS_MAX}" />\n'
        + _send(_answer("200 OK"))
        + f"  <nop>\n{_log(message='ended [field0]')}  </nop>\n</scenario>\n"
    )


def agents(load: Load) -> str:
    """One phone for all agents: rings, answers after a while, talks, hangs up.

    A question whether the phone is still there (OPTIONS) is answered too, or it would be taken
    for gone.
    """
    tag = ";tag=agent[call_number]"
    contact = "      Contact: <sip:[local_ip]:[local_port]>\n"
    parties = (
        '      <ereg regexp=".*" search_in="hdr" header="To:" assign_to="us" />\n'
        '      <ereg regexp=".*" search_in="hdr" header="From:" assign_to="them" />\n'
    )
    bye = (
        f"      BYE sip:asterisk@127.0.0.1:[remote_port] SIP/2.0\n{_VIA}"
        "      From:[$us]\n      To:[$them]\n      [last_Call-ID:]\n      CSeq: 1 BYE\n"
        f"      Max-Forwards: 70\n{_EMPTY}"
    )
    ok = _answer("200 OK", own_tag=tag, extra=contact + _SDP_HEADERS)
    return (
        _HEAD.format(name="agents")
        + '  <recv request="OPTIONS" optional="true" next="alive" />\n'
        + '  <recv request="INVITE" />\n'
        + _send(_answer("180 Ringing", own_tag=tag, extra=contact + _EMPTY))
        + f'  <pause milliseconds="{load.answer_after_ms}" />\n'
        + _send(ok + "\n" + _SDP.format(port="[media_port]"), retrans=True)
        + f'  <recv request="ACK">\n    <action>\n{parties}    </action>\n  </recv>\n'
        + f'  <pause milliseconds="{load.talk_ms}" />\n'
        + _send(bye, retrans=True)
        + '  <recv response="200" next="done" />\n'
        + '  <label id="alive" />\n'
        + _send(_answer("200 OK", own_tag=tag))
        + '  <label id="done" />\n</scenario>\n'
    )


def registration() -> str:
    """Each phone registers, with digest authentication, from the agents' own port."""

    def register(sequence: int, extra: str) -> str:
        return _send(
            f"      REGISTER sip:127.0.0.1:[remote_port] SIP/2.0\n{_VIA}"
            "      From: <sip:[field0]@127.0.0.1>;tag=phone[call_number]\n"
            "      To: <sip:[field0]@127.0.0.1>\n      Call-ID: [call_id]\n"
            "      Contact: <sip:[field0]@[local_ip]:[local_port]>\n"
            f"      CSeq: {sequence} REGISTER\n{extra}      Max-Forwards: 70\n"
            f"      Expires: {REGISTRATION_S}\n{_EMPTY}",
            retrans=True,
        )

    return (
        _HEAD.format(name="registration")
        + register(1, "")
        + '  <recv response="401" auth="true" />\n'
        + register(2, "      [field1]\n")
        + '  <recv response="200" />\n</scenario>\n'
    )


def callers_file(ports: Mapping[str, int]) -> str:
    """The callers' injection file: each caller's number and media port."""
    return (
        "\n".join(["SEQUENTIAL", *(f"{number};{port};" for number, port in ports.items())]) + "\n"
    )


def phones_file(passwords: Mapping[str, str]) -> str:
    """The phones' injection file: each account and its digest. It holds passwords: keep it 0600."""
    rows = [
        f"{device};[authentication username={device} password={password}];"
        for device, password in passwords.items()
    ]
    return "\n".join(["SEQUENTIAL", *rows]) + "\n"
