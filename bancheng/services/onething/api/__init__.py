"""The API of one thing done once: for people their own cases, for partners what they hand in, for departments their desk.

Nothing here gives an identifier or a phone, but the desk of a department with an open task, where each look is on record (P-3).
"""

from ninja import Router

from bancheng.services.onething.api import departments, papers, partners, people

router = Router()
router.add_router("", people.router)
router.add_router("", partners.router)
router.add_router("", papers.router)
router.add_router("desk", departments.router)
