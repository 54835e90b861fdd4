"""payments: money that comes in and goes back by a payment channel, once.

Promise: an order that was paid is told of once, whoever says it first, the channel's call or our own question; what goes back is written
down with its number before the channel is asked, never under a second number while the first is not final, never more than came in.
For: shared power first; every service that takes money. There is no wallet: a payment belongs to one thing and what is left of it goes back.
Law: 非银行支付机构监督管理条例 (a stored balance is a prepaid-card scheme; there is none here); the channels' public rules (WeChat Pay API v3, Alipay).
States: order new → open → paid | closed → late; refund planned → submitted → processing → success | abnormal | closed, unknown between.
What can go wrong: a call is lost, doubled, early, forged (asked ourselves; once by the order's row; signature); the channel acts and does
not answer (asked by number); a refund is refused (a person, or a new number); a bill names what we do not know (reconciliation).
"""
