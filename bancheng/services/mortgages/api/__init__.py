"""The bank's interface (land register §13.3): what is filed, how far it is, what happened, which paper the bank keeps, what stands at a day's end. Signed both ways (decision 0032)."""

from ninja import Router

from bancheng.kernel.exchange import public as exchange
from bancheng.services.mortgages import agreeing
from bancheng.services.mortgages.api import archives, batches, certificates, days, events, filing, letters

router = Router()
router.add_router("", filing.router)
router.add_router("", letters.router)
router.add_router("", batches.router)
router.add_router("", certificates.router)
router.add_router("", events.router)
router.add_router("", archives.router)
router.add_router("", days.router)

exchange.reconciles("mortgages", agreeing.SOURCE)
