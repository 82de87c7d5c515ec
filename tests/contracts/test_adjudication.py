"""Readings, drafts, questions and the laboratory on both databases, over HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from reachback.accounts.models import Role
from reachback.adjudication.referral_sweeps import ReferralClock
from reachback.db.session import Database
from tests.contracts.databases import StillClock
from tests.contracts.made_desk import SAID, Desk, DrawnChance, identified, make_desk

FENTANYL = {"substance": "fentanyl", "form": "hydrochloride"}
LACTOSE = {"substance": "lactose"}


@pytest.fixture
def desk(database: Database, clock: StillClock, tmp_path: Path) -> Iterator[Desk]:
    made = make_desk(database, clock, tmp_path)
    with made.client:
        yield made


def second_read_case(desk: Desk) -> str:
    return desk.found_case("mixture", FENTANYL, LACTOSE)


def test_an_agreeing_finding_is_found_at_once(desk: Desk) -> None:
    case_id = desk.new_case()
    one = desk.chemist("one")
    one.claim(case_id)
    answer = one.say("finding", case_id, "mixture", *SAID, confidence="sure", evidence_used=["residual"])
    assert answer.status_code == 200
    assert answer.json()["case"]["state"] == "found"
    assert answer.json()["next_reader_because"] is None
    finding = answer.json()["finding"]
    assert (finding["version"], finding["reading"], finding["confidence"]) == (1, "first", "sure")
    assert finding["components"][0] == {
        "substance": "cocaine",
        "form": None,
        "class": "stimulant",
        "in_library": True,
    }
    assert answer.json()["case"]["holder"] is None


def test_a_name_the_library_does_not_know_is_allowed_and_said(desk: Desk) -> None:
    case_id = desk.new_case([])
    one = desk.chemist("one")
    one.claim(case_id)
    answer = one.say("finding", case_id, "identified", {"substance": "bluezine"})
    assert answer.json()["finding"]["components"][0]["in_library"] is False


@pytest.mark.parametrize(
    ("components", "because"),
    [
        ([FENTANYL, LACTOSE], "always read twice"),
        ([{"substance": "4-ANPP"}], "always read twice"),
        ([LACTOSE, {"substance": "caffeine"}], "the machine named cocaine"),
    ],
)
def test_a_second_reader_is_due(desk: Desk, components: list[dict[str, Any]], because: str) -> None:
    case_id = desk.new_case()
    one = desk.chemist("one")
    one.claim(case_id)
    answer = one.say("finding", case_id, "mixture", *components)
    assert answer.json()["case"]["state"] == "second_read"
    assert because in answer.json()["next_reader_because"]


def test_a_second_reader_is_due_at_random(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(DrawnChance, "drawn", 0.04)
    assert desk.state(desk.found_case()) == "second_read"


def test_nobody_reads_his_own_finding_twice(desk: Desk) -> None:
    case_id = second_read_case(desk)
    assert desk.chemist("one").claim(case_id).status_code == 409
    assert desk.chemist("one").post("/cases/claim-next").status_code == 204


def test_the_second_reader_is_blind_and_agreement_finds_the_case(desk: Desk) -> None:
    case_id = second_read_case(desk)
    two = desk.chemist("two")
    assert two.claim(case_id).status_code == 200
    evidence = two.get(f"/cases/{case_id}/evidence").json()
    assert (evidence["findings"], evidence["findings_hidden"], evidence["unfolded"]) == ([], True, False)
    assert "fentanyl" not in str(evidence).casefold()
    assert two.look(case_id).status_code == 200
    assert two.get(f"/cases/{case_id}/evidence").json()["findings"] == []
    answer = two.say("second-read", case_id, "mixture", LACTOSE, {"substance": "FENTANYL"})
    assert answer.json()["case"]["state"] == "found"
    assert len(two.get(f"/cases/{case_id}/evidence").json()["findings"]) == 2


def test_disagreement_is_decided_by_a_third_who_did_neither(desk: Desk) -> None:
    case_id = second_read_case(desk)
    two, three = desk.chemist("two"), desk.chemist("three")
    two.claim(case_id)
    answer = two.say("second-read", case_id, "mixture", {"substance": "fentanyl", "form": "base"}, LACTOSE)
    assert answer.json()["case"]["state"] == "third_read"
    assert desk.chemist("one").claim(case_id).status_code == 409
    assert two.claim(case_id).status_code == 409
    three.claim(case_id)
    assert three.get(f"/cases/{case_id}/evidence").json()["findings"] == []
    three.look(case_id)
    assert len(three.get(f"/cases/{case_id}/evidence").json()["findings"]) == 2
    answer = three.say("third-read", case_id, "mixture", *SAID)
    assert answer.json()["case"]["state"] == "found"
    desk.chemist("one").post(f"/cases/{case_id}/release", {})
    reply = desk.officer().get(f"/cases/{case_id}/reply").json()
    assert reply["content"]["headline"] == "cocaine + lactose + caffeine"


def test_a_reading_is_taken_in_its_turn_only(desk: Desk) -> None:
    case_id = desk.new_case()
    one = desk.chemist("one")
    one.claim(case_id)
    for where in ("second-read", "third-read"):
        assert one.say(where, case_id, "mixture", *SAID).status_code == 409
    assert desk.state(case_id) == "claimed"


def test_a_late_finish_is_refused_and_its_text_kept(desk: Desk) -> None:
    case_id = desk.new_case()
    one, two = desk.chemist("one"), desk.chemist("two")
    one.claim(case_id)
    desk.clock.pass_time(seconds=901)
    assert two.claim(case_id).status_code == 200
    late = one.say("finding", case_id, "identified", {"substance": "cocaine"}, comment="an hour of work")
    assert late.status_code == 409
    (draft,) = one.get(f"/cases/{case_id}/drafts").json()["items"]
    assert draft["draft_id"] == late.json()["draft_id"]
    assert (draft["body"]["comment"], draft["body"]["reading"]) == ("an hour of work", "first")
    assert two.get(f"/cases/{case_id}/drafts").json()["items"] == []
    assert two.say("finding", case_id, "mixture", *SAID).status_code == 200


def test_a_token_counts_only_for_the_account_it_was_given_to(desk: Desk) -> None:
    case_id = desk.new_case()
    one, two = desk.chemist("one"), desk.chemist("two")
    one.claim(case_id)
    two.lease = one.lease
    assert two.say("finding", case_id, "mixture", *SAID).status_code == 409


def test_the_same_finding_sent_twice_is_taken_once(desk: Desk) -> None:
    case_id = desk.found_case()
    assert desk.chemist("one").say("finding", case_id, "mixture", *SAID).status_code == 409
    assert len(desk.chemist("one").get(f"/cases/{case_id}/evidence").json()["findings"]) == 1


def test_of_equal_findings_at_once_one_is_taken(desk: Desk) -> None:
    case_id = desk.new_case()
    one = desk.chemist("one")
    one.claim(case_id)
    with ThreadPoolExecutor(6) as pool:
        statuses = sorted(pool.map(lambda _: one.say("finding", case_id, "mixture", *SAID).status_code, range(6)))
    assert statuses == [200, 409, 409, 409, 409, 409]
    assert len(one.get(f"/cases/{case_id}/evidence").json()["findings"]) == 1
    assert len(one.get(f"/cases/{case_id}/drafts").json()["items"]) == 5


def test_what_another_reader_asked_is_hidden_until_ones_own_impression(desk: Desk) -> None:
    case_id = desk.new_case()
    one, two = desk.chemist("one"), desk.chemist("two")
    one.claim(case_id)
    one.post(f"/cases/{case_id}/ask-officer", {"lease_token": one.lease, "question": "Is it fentanyl?"})
    one.post(f"/cases/{case_id}/hand-back", {"lease_token": one.lease})
    two.claim(case_id)
    assert two.get(f"/cases/{case_id}/questions").json()["items"] == []
    assert two.get(f"/cases/{case_id}/evidence").json()["questions"] == []
    two.look(case_id)
    assert len(two.get(f"/cases/{case_id}/questions").json()["items"]) == 1
    assert len(two.get(f"/cases/{case_id}/evidence").json()["questions"]) == 1


def test_what_is_typed_is_saved_over_and_over(desk: Desk) -> None:
    case_id = desk.new_case()
    one = desk.chemist("one")
    for text in ("co", "cocaine"):
        assert one.put(f"/cases/{case_id}/draft", {"body": {"comment": text}}).status_code == 200
    (draft,) = one.get(f"/cases/{case_id}/drafts").json()["items"]
    assert draft["body"] == {"comment": "cocaine"}


def test_the_first_impression_unfolds_what_others_think(desk: Desk) -> None:
    case_id = desk.new_case(form={"place": "a car", "suspicion": "coke", "strips": [{"kind": "cocaine"}]})
    one = desk.chemist("one")
    one.claim(case_id)
    folded = one.get(f"/cases/{case_id}/evidence").json()
    assert not folded["unfolded"]
    assert folded["scans"][0]["suspicions"] is None
    assert folded["scans"][0]["circumstances"] == {"place": "a car"}
    assert "cocaine" not in str(folded)
    assert one.get(folded["scans"][0]["file"].removeprefix("/api/v1")).content == identified()[0]
    assert one.get(f"/scans/{desk.scan_of(case_id)}/report.pdf").status_code == 409
    assert one.look(case_id).status_code == 200
    assert one.look(case_id).status_code == 409
    unfolded = one.get(f"/cases/{case_id}/evidence").json()
    assert unfolded["scans"][0]["suspicions"]["machine"][0]["components"]
    assert unfolded["scans"][0]["suspicions"]["officer"]["suspicion"] == "coke"
    assert unfolded["first_impressions"][0]["text"] == "a cut"


def test_a_first_impression_needs_the_lease(desk: Desk) -> None:
    case_id = desk.new_case()
    assert desk.chemist("one").look(case_id).status_code == 409


def test_a_question_waits_on_its_own_clock_and_the_deadline_stays(desk: Desk) -> None:
    case_id = desk.new_case()
    one, anna = desk.chemist("one"), desk.officer()
    due_at = one.claim(case_id).json()["case"]["due_at"]
    asked = one.post(f"/cases/{case_id}/ask-officer", {"lease_token": one.lease, "question": "Was it wet?"})
    assert asked.json()["case"]["state"] == "awaiting_officer"
    assert asked.json()["case"]["due_at"] == due_at
    assert asked.json()["case"]["waiting_since"] is not None
    assert [notice["kind"] for notice in anna.get("/notices").json()["items"]] == ["case.question"]
    assert anna.get(f"/cases/{case_id}/questions").json()["items"][0]["question"] == "Was it wet?"
    answered = anna.post(f"/cases/{case_id}/officer-answer", {"answer": "Damp."})
    assert (answered.json()["case"]["state"], answered.json()["case"]["waiting_since"]) == ("claimed", None)
    assert anna.post(f"/cases/{case_id}/officer-answer", {"answer": "Again."}).status_code == 409
    assert one.get(f"/cases/{case_id}/evidence").json()["questions"][0]["answer"] == "Damp."
    assert one.say("finding", case_id, "mixture", *SAID).status_code == 200


def test_an_answer_that_comes_when_the_reader_has_gone_queues_the_case(desk: Desk) -> None:
    case_id = desk.new_case()
    one = desk.chemist("one")
    one.claim(case_id)
    one.post(f"/cases/{case_id}/ask-officer", {"lease_token": one.lease, "question": "Where?"})
    desk.clock.pass_time(seconds=2000)
    answered = desk.officer().post(f"/cases/{case_id}/officer-answer", {"answer": "In a car."})
    assert answered.json()["case"]["state"] == "queued"


def test_an_officer_of_another_unit_learns_nothing(desk: Desk) -> None:
    case_id = desk.released_case()
    stranger = desk.officer("boris", "airport")
    for path in ("questions", "replies", "reply"):
        assert stranger.get(f"/cases/{case_id}/{path}").status_code == 404
    for path in ("report.pdf", "package.zip"):
        assert stranger.get(f"/scans/{desk.scan_of(case_id)}/{path}").status_code == 404
    assert stranger.post(f"/cases/{case_id}/officer-answer", {"answer": "x"}).status_code == 404


def test_rights_are_refused_by_role(desk: Desk) -> None:
    case_id = desk.new_case()
    anna = desk.officer()
    said = {"lease_token": "x", "outcome": "not_identified", "components": [], "comment": ""}
    for path in ("finding", "second-read", "third-read"):
        assert anna.post(f"/cases/{case_id}/{path}", said).status_code == 403
    assert anna.post(f"/cases/{case_id}/release", {}).status_code == 403
    assert anna.get(f"/cases/{case_id}/evidence").status_code == 403
    assert desk.reader(Role.AUDITOR, "audrey").post(f"/cases/{case_id}/finding", said).status_code == 403
    assert desk.chemist("one").post(f"/cases/{case_id}/officer-answer", {"answer": "x"}).status_code == 403


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"outcome": "certain"}, "outcome"),
        ({"components": "cocaine"}, "components"),
        ({"components": [{"substance": 7}]}, "substance"),
        ({"components": []}, "components"),
        ({"components": [{"substance": "x"}, {"substance": " X "}]}, "components"),
        ({"comment": None}, "comment"),
        ({"comment": "a\0b"}, "NUL"),
        ({"coment": "x"}, "coment"),
        ({"lease_token": 3}, "lease_token"),
    ],
)
def test_a_wrong_finding_is_refused_naming_the_field(desk: Desk, body: dict[str, Any], field: str) -> None:
    case_id = desk.new_case()
    one = desk.chemist("one")
    one.claim(case_id)
    right = {"lease_token": one.lease, "outcome": "identified", "components": [{"substance": "x"}], "comment": ""}
    answer = one.post(f"/cases/{case_id}/finding", right | body)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert field in answer.text


def test_a_case_that_is_not_there_is_not_found(desk: Desk) -> None:
    one = desk.chemist("one")
    assert one.say("finding", "nothing", "not_identified").status_code == 404
    assert one.get("/cases/nothing/evidence").status_code == 404
    assert one.post("/cases/nothing/release", {}).status_code == 404
    assert one.post("/cases/nothing/laboratory-referral", {"laboratory": "North"}).status_code == 404


def test_a_referral_has_a_clock_of_24_hours_of_its_own(desk: Desk) -> None:
    case_id = desk.released_case()
    before = desk.officer().get(f"/cases/{case_id}").json()["due_at"]
    answer = desk.chemist("one").post(f"/cases/{case_id}/laboratory-referral", {"laboratory": "North"}).json()
    assert answer["referral"]["referred_at"][:11] == "2030-01-02T"
    assert answer["referral"]["due_at"][:11] == "2030-01-03T"
    assert answer["referral"]["referred_at"][11:] == answer["referral"]["due_at"][11:]
    assert answer["case"]["due_at"] == before


def test_an_overdue_referral_is_told_of_once(desk: Desk) -> None:
    case_id = desk.released_case()
    one = desk.chemist("one")
    one.post(f"/cases/{case_id}/laboratory-referral", {"laboratory": "North"})
    clock = ReferralClock(desk.app.state.services.adjudication.desk)
    desk.clock.pass_time(hours=23, minutes=59)
    assert clock.run_once() == 0
    desk.clock.pass_time(minutes=1)
    assert [clock.run_once(), clock.run_once()] == [1, 0]
    assert [notice["kind"] for notice in one.get("/notices").json()["items"]] == ["referral.overdue"]
