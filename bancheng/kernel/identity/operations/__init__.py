"""Every change of people, agencies, grants and consents: one transaction, one audit line, nothing personal in the line."""

from bancheng.kernel.identity.operations.accounts import check_password_strength as check_password_strength
from bancheng.kernel.identity.operations.accounts import citizen_account as citizen_account
from bancheng.kernel.identity.operations.accounts import open_machine_account as open_machine_account
from bancheng.kernel.identity.operations.accounts import open_staff_account as open_staff_account
from bancheng.kernel.identity.operations.accounts import set_account_active as set_account_active
from bancheng.kernel.identity.operations.agencies import end_agency as end_agency
from bancheng.kernel.identity.operations.agencies import link_agent as link_agent
from bancheng.kernel.identity.operations.agencies import note_agent_act as note_agent_act
from bancheng.kernel.identity.operations.consents import give_consent as give_consent
from bancheng.kernel.identity.operations.consents import withdraw_consent as withdraw_consent
from bancheng.kernel.identity.operations.grants import appoint_first_operators as appoint_first_operators
from bancheng.kernel.identity.operations.grants import approve_grant as approve_grant
from bancheng.kernel.identity.operations.grants import expire_grants as expire_grants
from bancheng.kernel.identity.operations.grants import grant as grant
from bancheng.kernel.identity.operations.grants import revoke as revoke
from bancheng.kernel.identity.operations.organisations import close_organisation as close_organisation
from bancheng.kernel.identity.operations.organisations import link_representative as link_representative
from bancheng.kernel.identity.operations.organisations import register_organisation as register_organisation
from bancheng.kernel.identity.operations.people import register_person as register_person
from bancheng.kernel.identity.operations.proofs import prove_identity as prove_identity
from bancheng.kernel.identity.operations.proofs import reveal as reveal
