"""What can stand in the way of bringing a hotline up: each is one sentence for a person."""

from ivr.adapters.conf.problem import ConfProblem
from ivr.app import EngineProblem
from ivr.prompts.catalogue import CatalogueInvalid
from ivr.provision.errors import ProvisionError
from simulator.live.hotline import HotlineProblem
from simulator.live.phone import PhoneRackError
from simulator.live.preflight import AsteriskProblem

REFUSALS = (
    AsteriskProblem,
    CatalogueInvalid,
    ConfProblem,
    EngineProblem,
    HotlineProblem,
    PhoneRackError,
    ProvisionError,
    OSError,  # a folder that cannot be written, and the like: its own words name the path
)
