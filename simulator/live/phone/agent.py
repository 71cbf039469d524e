"""pjsua2 as a SIP user agent without sound: the only module that knows pjsua2.

The library registers, calls, answers and hangs up. It never touches RTP: accounts use its
loop transport, which opens no socket, and each local SDP names the RTP port of our own
`MediaPort` instead. So arrival times are the kernel's, and nothing hides in a jitter buffer.

Everything runs in the thread that calls `pump`: callbacks come from inside it, and from
inside the calls that place, answer or end.
"""
# pjsua2 is generated code without type information; it is kept inside this module.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false, reportUnknownParameterType=false

import os
import re
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Protocol

from pjsua2 import pjsua2 as pj

from simulator.live.phone.limits import CALLS_IN_LIBRARY, PUMP_ROUNDS_MAX
from simulator.live.phone.media import LOOPBACK, PhoneFault

_CODEC_PRIORITIES: Final = {"PCMA/8000/1": 200, "PCMU/8000/1": 150}
_REGISTER_S: Final = 300
_CODEC_TYPES: Final = {"PCMU": 0, "PCMA": 8}
_REASON_BUSY: Final = 486
_RINGING: Final = 180
_OK: Final = 200


@dataclass(frozen=True, slots=True)
class MediaTarget:
    """Where to send RTP and with which payload types, as negotiated."""

    remote: tuple[str, int]
    payload_type: int
    send_event_type: int
    receive_event_type: int


class Listener(Protocol):
    """What happens on the wire, told in the agent's thread."""

    def sip_registered(self, account: str, status: int, reason: str) -> None:
        """A REGISTER or un-REGISTER of the account has its final answer."""
        ...

    def sip_offered(self, account: str, from_uri: str) -> str | None:
        """An INVITE arrived; the new call's id, or None to refuse it as busy."""
        ...

    def sip_media_port(self, call: str) -> int:
        """The RTP port that the call's SDP shall name."""
        ...

    def sip_ringing(self, call: str, status: int) -> None:
        """A placed call got a provisional answer."""
        ...

    def sip_media(self, call: str, target: MediaTarget) -> None:
        """Offer and answer agree, for the first time or anew."""
        ...

    def sip_answered(self, call: str) -> None:
        """The 200 OK to the INVITE was received or sent; told once."""
        ...

    def sip_ended(self, call: str, status: int, reason: str) -> None:
        """The call is over; told once, nothing follows."""
        ...


class SipAgent:
    """One pjsua2 endpoint on a loopback port, with its accounts and calls by our own ids."""

    def __init__(self, listener: Listener) -> None:
        self._listener = listener
        self._accounts: dict[str, _Account] = {}
        self._calls: dict[str, _Call] = {}
        self._over: list[_Call] = []
        self._endpoint = pj.Endpoint()
        self._endpoint.libCreate()
        self._endpoint.libInit(_endpoint_config())
        self._endpoint.audDevManager().setNullDev()
        for codec in self._endpoint.codecEnum2():
            priority = _CODEC_PRIORITIES.get(str(codec.codecId), 0)
            self._endpoint.codecSetPriority(codec.codecId, priority)
        before = _open_sockets()
        transport = pj.TransportConfig()
        transport.port = 0
        transport.boundAddress = LOOPBACK
        number = self._endpoint.transportCreate(pj.PJSIP_TRANSPORT_UDP, transport)
        self.sockets: frozenset[int] = _open_sockets() - before
        self._endpoint.libStart()
        name = str(self._endpoint.transportGetInfo(number).localName)
        self.sip_port: int = int(name.rpartition(":")[2])
        self.library: str = str(self._endpoint.libVersion().full)

    def pump(self) -> None:
        """Let the library handle what has arrived and what is due."""
        for _ in range(PUMP_ROUNDS_MAX):
            if self._endpoint.libHandleEvents(0) <= 0:
                break
        # A call object must not die inside its own callback, nor outlive the library.
        self._over.clear()

    def listen(self, account: str, user: str) -> None:
        """Be reachable as sip:user@127.0.0.1:port, without a registrar."""
        self._create(account, _account_config(f"sip:{user}@{LOOPBACK}"))

    def register(self, account: str, user: str, *, password: str, registrar: str) -> None:
        """Register; `sip_registered` tells how it ended."""
        host = registrar.partition(":")[0]
        config = _account_config(f"sip:{user}@{host}")
        config.regConfig.registrarUri = f"sip:{registrar}"
        config.regConfig.timeoutSec = _REGISTER_S
        config.regConfig.retryIntervalSec = 0
        credentials = pj.AuthCredInfo("digest", "*", user, 0, password)
        config.sipConfig.authCreds.append(credentials)
        self._create(account, config)

    def unregister(self, account: str) -> None:
        """Ask the registrar to forget the account; `sip_registered` tells when it has."""
        try:
            self._accounts[account].setRegistration(False)
        except pj.Error as error:
            raise PhoneFault(f"un-registering failed: {error.reason}") from error

    def remove(self, account: str) -> None:
        """Take the account away, with no further word to the registrar."""
        gone = self._accounts.pop(account, None)
        if gone is not None:
            gone.shutdown()

    def place(self, call: str, *, account: str, to_uri: str) -> None:
        """Send the INVITE."""
        made = _Call(self._accounts[account], pj.PJSUA_INVALID_ID, self._listener, name=call)
        try:
            made.makeCall(to_uri, _parameters(0))
        except pj.Error as error:
            self._over.append(made)
            raise PhoneFault(f"cannot call {to_uri}: {error.reason}") from error
        self._calls[call] = made

    def ring(self, call: str) -> None:
        """Answer 180."""
        self._calls[call].answer(_parameters(_RINGING))

    def answer(self, call: str) -> None:
        """Answer 200."""
        self._calls[call].answer(_parameters(_OK))

    def reject(self, call: str, status: int) -> None:
        """Refuse an offered call."""
        self._calls[call].hangup(_parameters(status))

    def hang_up(self, call: str) -> None:
        """End the call as its state asks: CANCEL, BYE, or 603 to an offer."""
        self._calls[call].hangup(_parameters(0))

    def offered(self, account: "_Account", number: int) -> None:
        """An account's callback: name the call, or refuse it as busy."""
        made = _Call(account, number, self._listener, name="")
        info = made.getInfo()
        name = self._listener.sip_offered(account.name, str(info.remoteUri))
        if name is None:
            made.hangup(_parameters(_REASON_BUSY))
            self._over.append(made)
            return
        made.name = name
        self._calls[name] = made

    def registered(self, account: "_Account", status: int, reason: str) -> None:
        """An account's callback: pass the registrar's answer on."""
        self._listener.sip_registered(account.name, status, reason)

    def buried(self, call: str) -> None:
        """The listener has taken leave of an ended call: drop it at the next safe moment."""
        over = self._calls.pop(call, None)
        if over is not None:
            self._over.append(over)

    def close(self) -> None:
        """End the library; all calls should have ended before."""
        self._over.extend(self._calls.values())
        self._calls.clear()
        self._over.clear()
        for account in list(self._accounts):
            self.remove(account)
        # Without network: goodbyes were said before, and pjsua would wait a second for more.
        self._endpoint.libDestroy(pj.PJSUA_DESTROY_NO_NETWORK)

    def _create(self, name: str, config: Any) -> None:
        account = _Account(self, name)
        try:
            account.create(config)
        except pj.Error as error:
            raise PhoneFault(f"pjsua2 refused the account: {error.reason}") from error
        self._accounts[name] = account


class _Account(pj.Account):
    def __init__(self, agent: SipAgent, name: str) -> None:
        super().__init__()
        self._agent = agent
        self.name = name

    def onIncomingCall(self, prm: Any) -> None:  # noqa: N802 (named by pjsua2)
        self._agent.offered(self, int(prm.callId))

    def onRegState(self, prm: Any) -> None:  # noqa: N802 (named by pjsua2)
        reason = str(prm.reason)
        self._agent.registered(self, int(prm.code), reason)


class _Call(pj.Call):
    def __init__(self, account: _Account, number: int, listener: Listener, *, name: str) -> None:
        super().__init__(account, number)
        self._listener = listener
        self._answered = False
        self.name = name

    def onCallSdpCreated(self, prm: Any) -> None:  # noqa: N802 (named by pjsua2)
        if self.name:
            port = self._listener.sip_media_port(self.name)
            prm.sdp.wholeSdp = with_media_port(str(prm.sdp.wholeSdp), port)

    def onCallMediaState(self, prm: Any) -> None:  # noqa: N802, ARG002 (named by pjsua2)
        # Named, not chained: `media` points into `info` and dies with it.
        info = self.getInfo()
        for index, media in enumerate(info.media):
            if media.type == pj.PJMEDIA_TYPE_AUDIO and media.status == pj.PJSUA_CALL_MEDIA_ACTIVE:
                self._listener.sip_media(self.name, _target(self.getStreamInfo(index)))

    def onCallState(self, prm: Any) -> None:  # noqa: N802, ARG002 (named by pjsua2)
        info = self.getInfo()
        status, state = int(info.lastStatusCode), info.state
        if not self.name:
            return
        if state == pj.PJSIP_INV_STATE_EARLY and info.role == pj.PJSIP_ROLE_UAC:
            self._listener.sip_ringing(self.name, status)
        elif state in (pj.PJSIP_INV_STATE_CONNECTING, pj.PJSIP_INV_STATE_CONFIRMED):
            if not self._answered:
                self._answered = True
                self._listener.sip_answered(self.name)
        elif state == pj.PJSIP_INV_STATE_DISCONNECTED:
            self._listener.sip_ended(self.name, status, str(info.lastReason))


def with_media_port(sdp: str, port: int) -> str:
    """The SDP with its audio port, and the RTCP port above it, put in place."""
    sdp = re.sub(r"(?m)^m=audio \d+ ", f"m=audio {port} ", sdp)
    return re.sub(r"(?m)^a=rtcp:\d+", f"a=rtcp:{port + 1}", sdp)


def _target(stream: Any) -> MediaTarget:
    host, _, port = str(stream.remoteRtpAddress).rpartition(":")
    return MediaTarget(
        remote=(host, int(port)),
        payload_type=_CODEC_TYPES[str(stream.codecName).upper()],
        send_event_type=int(stream.audTxEventPt),
        receive_event_type=int(stream.audRxEventPt),
    )


def _parameters(status: int) -> Any:
    parameters = pj.CallOpParam(True)
    parameters.statusCode = status
    return parameters


def _endpoint_config() -> Any:
    config = pj.EpConfig()
    config.uaConfig.threadCnt = 0
    config.uaConfig.mainThreadOnly = True
    config.uaConfig.maxCalls = CALLS_IN_LIBRARY
    config.uaConfig.userAgent = "expertline test phone"
    config.medConfig.threadCnt = 0
    config.medConfig.noVad = True
    config.logConfig.level = 1
    config.logConfig.consoleLevel = 1
    config.logConfig.msgLogging = 0
    return config


def _account_config(uri: str) -> Any:
    config = pj.AccountConfig()
    config.idUri = uri
    config.mediaConfig.useLoopMedTp = True
    config.mediaConfig.enableLoopback = False
    # Plain desk phone: what is written in the configuration is what goes out.
    config.natConfig.contactRewriteUse = 0
    config.natConfig.viaRewriteUse = 0
    config.natConfig.sdpNatRewriteUse = 0
    config.natConfig.sipOutboundUse = 0
    config.callConfig.timerUse = pj.PJSUA_SIP_TIMER_INACTIVE
    config.regConfig.registerOnAdd = True
    return config


def _open_sockets() -> frozenset[int]:
    """The process's socket descriptors: pjsua2 does not tell its own, and we must wait on it."""
    found: set[int] = set()
    for entry in Path("/proc/self/fd").iterdir():
        number = int(entry.name)
        try:
            if stat.S_ISSOCK(os.fstat(number).st_mode):
                found.add(number)
        except OSError:
            continue
    return frozenset(found)
