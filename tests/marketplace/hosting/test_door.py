"""Who takes turns at a hosted plugin."""

from kernel.http.signed_only import SignedCaller
from marketplace.hosting.door import party_of
from marketplace.package.manifest import DISPATCH, INVOKE, SCHEDULE


def caller(user: str, project: str) -> SignedCaller:
    return SignedCaller(app="flows", user=user, project=project, task="", request_id="r")


def test_the_nodes_of_a_project_share_one_turn_and_who_fills_in_a_form_has_his_own() -> None:
    ann, ben = caller("ann", "shop"), caller("ben", "shop")
    assert party_of(ann, INVOKE) == party_of(ben, SCHEDULE) == "shop"
    parties = {party_of(each, DISPATCH) for each in (ann, ben, caller("ann", "late"))}
    assert len(parties | {"shop", "late"}) == 5
