"""Every change of the service: one function, one transaction, one audit line each."""

from bancheng.services.expiry.operations.inspection import Inspected as Inspected
from bancheng.services.expiry.operations.inspection import inspect as inspect
from bancheng.services.expiry.operations.inspection import record_request as record_request
from bancheng.services.expiry.operations.inspection import still_wanted as still_wanted
from bancheng.services.expiry.operations.items import load as load
from bancheng.services.expiry.operations.items import restore as restore
from bancheng.services.expiry.operations.items import review_quarter as review_quarter
from bancheng.services.expiry.operations.items import withdraw as withdraw
from bancheng.services.expiry.operations.ledger import forget_bad_rows as forget_bad_rows
from bancheng.services.expiry.operations.ledger import read_batch as read_batch
from bancheng.services.expiry.operations.ledger import record_download as record_download
from bancheng.services.expiry.operations.ledger import upload as upload
from bancheng.services.expiry.operations.tasks import assign as assign
from bancheng.services.expiry.operations.tasks import close as close
from bancheng.services.expiry.operations.tasks import open_unreachable as open_unreachable
from bancheng.services.expiry.operations.tasks import reveal_contact as reveal_contact
from bancheng.services.expiry.operations.tasks import take as take
from bancheng.services.expiry.operations.watches import accept_application as accept_application
from bancheng.services.expiry.operations.watches import answer as answer
from bancheng.services.expiry.operations.watches import ask_for_help as ask_for_help
from bancheng.services.expiry.operations.watches import hold_undecided as hold_undecided
from bancheng.services.expiry.operations.watches import note_licences as note_licences
from bancheng.services.expiry.operations.watches import recompute_windows as recompute_windows
from bancheng.services.expiry.operations.watches import rewatch as rewatch
from bancheng.services.expiry.operations.watches import withdraw_application as withdraw_application
