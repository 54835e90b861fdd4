"""The words of OCPP 1.6 in ours: reasons, errors, and what a charge point is told to be set to."""

from bancheng.lib.socketwire import Cut, Op, Result
from bancheng.services.sockets.rules.charging import SAMPLE_SECONDS
from bancheng.services.sockets.rules.sessions import START_SECONDS

CUTS: dict[str, Cut] = {
    "EVDisconnected": Cut.STOP,
    "PowerLoss": Cut.POWER,
    "Reboot": Cut.POWER,
    "HardReset": Cut.POWER,
    "SoftReset": Cut.POWER,
}  # every other reason: somebody, there or here, said stop

PROTECTIONS: dict[str, str] = {
    "GroundFailure": "RC",
    "OverCurrentFailure": "OC",
    "OverVoltage": "OV",
    "UnderVoltage": "UV",
    "HighTemperature": "OT",
}

SETTINGS: dict[str, str] = {
    "MeterValueSampleInterval": str(SAMPLE_SECONDS),
    "MeterValuesSampledData": "Energy.Active.Import.Register,Power.Active.Import,Current.Import,Voltage",
    "StopTransactionOnInvalidId": "true",
    "AllowOfflineTxForUnknownId": "false",
    "LocalAuthorizeOffline": "false",
    "LocalPreAuthorize": "false",
    "AuthorizeRemoteTxRequests": "false",
    "ConnectionTimeOut": str(START_SECONDS),  # whoever plugs in later has his money back already
}

BY_THE_PLATFORM = {Op.RAISE: Result.DONE, Op.LIMIT: Result.BAD, Op.CLEAR: Result.BAD, Op.METER: Result.DONE}
