"""Who may do what, written down a second time by hand from domain.md §2, §6 and DESIGN §5.

A column for each role in the order of ``COLUMNS``, a row for each command. A cell says:
``a`` allowed anywhere; ``l``, ``o``, ``t`` allowed in the own location, organisation or tenant and
refused in a foreign one; ``-`` refused everywhere.
"""

from __future__ import annotations

from ledger.decision_models.actor import Scope
from schemas.access import Role
from tests.builders import CONTOSO, FABRIKAM

COLUMNS = (
    Role.OPERATOR,
    Role.GLOBAL_ADMIN,
    Role.ACCOUNT_ADMIN,
    Role.INCENTIVE_ADMIN,
    Role.INCENTIVE_USER,
    Role.CUSTOMER_ADMIN,
    Role.REVIEWER,
    Role.AUDITOR,
    Role.ANALYST,
    Role.BILLING_ADMIN,
    Role.EXECUTIVE,
)

_GRID = """
    command                       O G A I U C R a n B X
    role.grant operator           a - - - - - - - -
    role.grant global_admin       a - - - - - - - -
    role.grant account_admin      a - - - - - - - -
    role.grant incentive_admin    - o o - - - - - -
    role.grant incentive_user     - o o - - - - - -
    role.grant customer_admin     a - - - - - - - -
    role.grant reviewer           a - - - - - - - -
    role.grant auditor            a - - - - - - - -
    role.grant analyst            a - - - - - - - -
    role.grant billing_admin      - o o - - - - - -
    role.grant executive          - o o - - - - - -
    role.revoke operator          a - - - - - - - -
    role.revoke global_admin      a - - - - - - - -
    role.revoke account_admin     a - - - - - - - -
    role.revoke incentive_admin   - o o - - - - - -
    role.revoke incentive_user    - o o - - - - - -
    role.revoke customer_admin    a - - - - - - - -
    role.revoke reviewer          a - - - - - - - -
    role.revoke auditor           a - - - - - - - -
    role.revoke analyst           a - - - - - - - -
    role.revoke billing_admin     - o o - - - - - -
    role.revoke executive         - o o - - - - - -
    roles.adopt                   a - - - - - - - -
    person.erase                  a - - - - - - - -
    organisation.register         a - - - - - - - -
    location.register             a - - - - - - - -
    organisation.merge            a - - - - - - - -
    location.move                 a - - - - - - - -
    location.repoint              a o o - - - - - -
    location.delete               a o o - - - - - -
    customer.register             a - - - - - - - -
    customer.migrate              a - - - - - - - -
    identity.register             a - - - - - - - -
    subscription.start            a - - - - - - - -
    subscription.change_state     a - - - - - - - -
    subscription.change_seats     a - - - - - - - -
    subscription.transfer         a - - - - - - - -
    subscription.move             a - - - - - - - -
    subscription.end              a - - - - - - - -
    agreement.sign                a - - - - - - - -
    agreement.amend               a - - - - - - - -
    agreement.end                 a - - - - - - - -
    enrolment.invite              a - - - - - - - -
    enrolment.start               - - - l - - - - -
    enrolment.submit_profiles     - - - l - - - - -
    enrolment.validate_profiles   a - - - - - - - -
    enrolment.reject_profiles     a - - - - - - - -
    enrolment.make_ineligible     a - - - - - - - -
    enrolment.leave               - - - l - - - - -
    enrolment.discontinue         a - - - - - - - -
    competency.start              a o o - - - - - -
    competency.qualify            a - - - - - - - -
    competency.attain             a - - - - - - - -
    competency.renew              a - - - - - - - -
    competency.risk               a - - - - - - - -
    partner_agreement.sign        a - - - - - - - -
    partner_agreement.end         a - - - - - - - -
    incentive.adopt               a - - - - - - - -
    dpor.set                      - - - - - t - - -
    dpor.remove                   - - - - - t - - -
    pal.link                      a - - - - - - - -
    pal.unlink                    a - - - - - - - -
    azure_role.assign             a - - - - t - - -
    azure_role.remove             a - - - - t - - -
    identity.disable              a o - - - - - - -
    identity.enable               a o - - - - - - -
    identity.delete               a o - - - - - - -
    group.register                a - - - - t - - -
    group.add_member              a - - - - t - - -
    group.remove_member           a - - - - t - - -
    scope.place                   a - - - - t - - -
    gdap.request                  a o - - - - - - -
    gdap.approve                  a - - - - t - - -
    gdap.set_auto_extend          a o - - - - - - -
    gdap.terminate customer       a - - - - t - - -
    gdap.terminate partner        a o - - - - - - -
    tracking_id.register          a o o - - - - - -
    tracking_id.remove            a o o - - - - - -
    deployment.report             a - - - - - - - -
    deployment.end                a - - - - - - - -
    delegated_admin.grant         a - - - - t - - -
    delegated_admin.end           a - - - - t - - -
    association.record            a - - - - - - - -
    association.end               a - - - - - - - -
    claim.import                  a - - - - - - - -
    dpor.import                   a - - - - - - - -
    policy.adopt                  a - - - - - - - -
    programme.adopt               a - - - - - - - -
    metric.record                 a o o - - - - - -
    metric.withdraw               a o o - - - - - -
    rates.adopt                   a - - - - - - - -
    statement.issue               a - - - - - - - -
    calendar.adopt                a - - - - - - - -
    usage.load                    a - - - - - - - -
    usage.withdraw                a - - - - - - - -
    usage.reserve                 a - - - - - - - -
    claim.draft                   - - - l l - - - -
    claim.edit                    - - - l l - - - -
    claim.discard                 - - - l l - - - -
    claim.amend                   - - - l l - - - -
    claim.comment                 - - - l l - a - -
    claim.submit                  - - - l l - - - -
    claim.resubmit                - - - l l - - - -
    claim.add_proof               - - - l l - - - -
    claim.dispute                 - - - l l - - - -
    claim.disassociate            - - - l - - - - -
    claim.start_review            - - - - - - a - -
    claim.request_action          - - - - - - a - -
    claim.approve                 - - - - - - a - -
    claim.reject                  - - - - - - a - -
    arbitration.open              - - - - - - a - -
    arbitration.answer            - - - l l - - - -
    arbitration.decide            - - - - - - a - -
    consent.confirm               - - - - - t a - -
    consent.decline               - - - - - t a - -
    consent.bounce                a - - - - - a - -
    claim.resubmit received_at    a - - - - - a - -
    consent.decline received_at   a - - - - - a - -
"""


def _row(words: list[str]) -> tuple[str, dict[Role, str]]:
    """The command and its cells; a row may leave out the last columns where they are ``-``."""
    cells = [word for word in words if len(word) == 1]
    cells += ["-"] * (len(COLUMNS) - len(cells))
    command = " ".join(word for word in words if len(word) > 1)
    return command, dict(zip(COLUMNS, cells, strict=True))


GRID: dict[str, dict[Role, str]] = dict(
    _row(line.split()) for line in _GRID.strip().splitlines()[1:]
)

OWN: dict[Role, Scope] = {
    Role.OPERATOR: Scope(),
    Role.GLOBAL_ADMIN: Scope(organisation="100"),
    Role.ACCOUNT_ADMIN: Scope(organisation="100"),
    Role.INCENTIVE_ADMIN: Scope(organisation="100", location="101"),
    Role.INCENTIVE_USER: Scope(organisation="100", location="101"),
    Role.CUSTOMER_ADMIN: Scope(tenant=CONTOSO),
    Role.REVIEWER: Scope(organisation="100"),
    Role.AUDITOR: Scope(organisation="100"),
    Role.ANALYST: Scope(organisation="100"),
    Role.BILLING_ADMIN: Scope(organisation="100"),
    Role.EXECUTIVE: Scope(organisation="100"),
}
"""The scope of a role that commands about 100, 101 and Contoso belong to."""

FOREIGN: dict[Role, Scope] = {
    Role.OPERATOR: Scope(),
    Role.GLOBAL_ADMIN: Scope(organisation="200"),
    Role.ACCOUNT_ADMIN: Scope(organisation="200"),
    Role.INCENTIVE_ADMIN: Scope(organisation="100", location="102"),
    Role.INCENTIVE_USER: Scope(organisation="100", location="102"),
    Role.CUSTOMER_ADMIN: Scope(tenant=FABRIKAM),
    Role.REVIEWER: Scope(organisation="200"),
    Role.AUDITOR: Scope(organisation="200"),
    Role.ANALYST: Scope(organisation="200"),
    Role.BILLING_ADMIN: Scope(organisation="200"),
    Role.EXECUTIVE: Scope(organisation="200"),
}
"""Another scope of the same role; for incentive roles a sister location, 102 of 100."""


def expected(command: str, role: Role, *, own: bool) -> bool:
    """Whether the grid allows the command to the role, in the own scope or in a foreign one."""
    cell = GRID[command][role]
    return cell == "a" or (own and cell in {"l", "o", "t"})
