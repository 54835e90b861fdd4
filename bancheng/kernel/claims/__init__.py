"""claims: the source document proves itself (案例自证).

Promise: every figure and every promise of the city's published cases is a row with its sentence, its definition and the
service that keeps it; what can be recomputed is recomputed from live data, the rest is shown as what it is.
For whom: anybody who reads an award text and wonders. States of a result: `rules.Result`.
What can go wrong: a query drifts from the published figure (shown as 不符 with both numbers); a query breaks (shown as
无法计算 with the reason); a figure only the world can produce is taken for ours (kind "quoted" is never computed).
"""
