"""proof (案例自证): the award text, recomputed in public.

Promise: every figure and every promise of the published cases stands here with its sentence; what can be recomputed from this
platform's own data is, every night, with how and when; what cannot is shown as what it is: quoted, or not built yet.
For whom: anybody who reads the text and wonders; no sign-in.
Law: –
States: of a claim `claims.Result`; of a proving: asked → done, the page always shows the latest that is done.
Can fail: a figure differs (shown with both numbers, never bent); a query breaks (shown as "cannot be computed", with the
reason); the night's proving is missed (the page says of when its figures are, and an operator can ask for one by a button).

The claims and their provings are the kernel's (`kernel/claims`); this folder has the pages.
"""
