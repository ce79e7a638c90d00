"""A stand-in for one ActiveCampaign account, on this machine and in memory. It shares no code with the connector."""

from activecampaign_emulator.emulator import Emulator
from activecampaign_emulator.options import Options
from activecampaign_emulator.replies import Reply
from activecampaign_emulator.server import EmulatorServer
from activecampaign_emulator.store import Account

__all__ = ["Account", "Emulator", "EmulatorServer", "Options", "Reply"]
