"""Notices: a message to a person, from the transaction that made it true to the receipt that proves it arrived.

Promise: nothing is lost, nothing is sent twice on one channel, nobody is woken at night, and whoever said stop is
left alone. For: every service that reminds, informs or warns. A notice is not legal service (送达, N-1).

A message waits until it is due, goes out on the first rung of its kind's ladder (push, SMS, …), and steps to the next
rung when no receipt comes in time; at the end of the ladder a person takes over (hook `exhausted`). What is sent at
once to one phone is one delivery, so that forty licences of one agent are one text. Receipts only ever add: see
`rules/states.py`.

What can go wrong, and what then holds:
- a process dies at any moment: deliveries are written, with the id the gateway knows them by, before anything is sent,
  and sent again with the same id; the gateway takes an id once (decision 0008);
- a gateway is down: it is left alone for a growing while, the ladder steps on, the rest is caught up;
- the subject was settled meanwhile: `still_wanted` is asked in the second before each sending (N-3);
- receipts are late, doubled, disordered, lost or forged: the states are a lattice, lost ones are asked for, forged
  ones refused.
"""
