"""The bank's interface (land register §13.3): what is filed, how far it is, what happened, what stands at a day's end. Signed both ways (decision 0032)."""

from ninja import Router

from bancheng.services.mortgages.api import days, events

router = Router()
router.add_router("", events.router)
router.add_router("", days.router)
