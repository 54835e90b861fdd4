"""The payment channels, simulated: WeChat Pay API v3 and Alipay's gateway with keys of their own, a pay sheet for the phone, and a fault panel.

The production clients run unchanged against it. `/pay/` shows what was asked and has the faults; `/pay.json` is the same for programs.
"""
