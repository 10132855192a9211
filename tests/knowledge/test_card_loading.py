"""What a card file says is what the rule gets: exact numbers, units, words; overlays on top; the version follows."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from cds_service.authoring.variants import with_changes
from cds_service.chart.case import Case
from cds_service.knowledge.errors import KnowledgeError
from cds_service.knowledge.load import find_rule as find_real_rule
from cds_service.knowledge.load import load
from cds_service.knowledge.rule_signature import signature_of
from cds_service.knowledge.yaml_source import read_yaml
from cds_service.outcomes import NotFired, Outcome
from cds_service.service.knowledge_files import cards_folder, load_knowledge, read_card_files
from cds_service.terminology.dates import Span
from cds_service.terminology.quantities import Limit, Quantity
from tests.knowledge.card_texts import CARD, PARAMETERS, REASONS, SERVICES, SITE, edited, find_rule, good_files, loaded


def quantity(value: str, unit: str, substance: str = "") -> Quantity:
    return Quantity(Decimal(value), unit, substance)


def test_parameters_become_the_arguments_of_the_rule() -> None:
    assert loaded().cards["calcium-watch"].arguments == {
        "treat_at": Limit((quantity("3.00", "mmol/L", "calcium"), quantity("12.0", "mg/dL", "calcium"))),
        "upper_limit": Limit((quantity("2.60", "mmol/L", "calcium"), quantity("10.4", "mg/dL", "calcium"))),
        "age": Span(days=7),
        "dose": quantity("4", "mg"),
        "points": 7,
        "slope": Decimal("0.02"),
        "preferred": "denosumab",
        "alarming": True,
        "primaries": ("breast-cancer", "lung-cancer"),
    }


def test_a_parameter_keeps_its_reason_its_source_and_its_range() -> None:
    parameters = loaded().cards["calcium-watch"].parameters
    upper = parameters["upper_limit"]
    assert (upper.why, upper.source.url) == ("Above it calcium is high.", "https://example.org/manual")
    assert (upper.shared, upper.origin, upper.reviewed) == ("calcium_upper_limit", "default", date(2026, 11, 21))
    assert [(other.value, other.why) for other in upper.alternatives] == [("2.65 mmol/L", "Another laboratory.")]
    assert upper.range_text == "2.5 to 2.75 mmol/L"
    assert not parameters["age"].confirmed
    assert (parameters["age"].text, parameters["age"].range_text) == ("7 days", "1 to 14 days")
    assert parameters["slope"].range_text == "0.01 to 0.03"
    assert parameters["preferred"].range_text == "denosumab, zoledronic-acid"


def test_one_of_what_is_counted_is_said_and_read_in_the_singular() -> None:
    card = edited(CARD, "unit: points, between: [6, 9]", "unit: points, between: [1, 9]")
    points = loaded(card=card, settings=("calcium-watch.points=1 point",)).cards["calcium-watch"].parameters["points"]
    assert (points.value, points.text, points.range_text) == (1, "1 point", "1 to 9 points")


def test_the_rule_runs_with_the_arguments_of_its_card() -> None:
    card = loaded().cards["calcium-watch"]
    assert card.rule(None, **card.bound) == NotFired("normal")


def test_a_dose_that_only_the_words_hold_stays_out_of_the_rule() -> None:
    written = "{value: 500, unit: mL, between: [250, 1000], why: Seed., source: seed, reviewed: 2026-11-21}"
    text = edited(CARD, "parameters:\n", f"parameters:\n  bag: {written}\n")
    card = loaded(card=edited(text, "fluids: Give fluids", "fluids: Give {bag}")).cards["calcium-watch"]
    assert "bag" not in card.arguments
    assert card.parameters["bag"].value == quantity("500", "mL")


def test_a_preset_stands_for_its_reasons_and_others_may_follow() -> None:
    text = edited(CARD, "[already-done, data-wrong]", "[usual]")
    assert loaded(card=text).cards["calcium-watch"].override_reasons == loaded().cards["calcium-watch"].override_reasons
    more = edited(REASONS, "usual: [already-done, data-wrong]", "usual: [already-done]")
    named = loaded(card=edited(text, "[usual]", "[usual, data-wrong]"), override_reasons=more).cards["calcium-watch"]
    assert [reason.name for reason in named.override_reasons] == ["already-done", "data-wrong"]
    with pytest.raises(KnowledgeError, match="'data-wrong' has the same code as 'data-wrong'"):
        loaded(card=edited(text, "[usual]", "[usual, data-wrong]"))


def test_a_card_offers_at_most_five_reasons() -> None:
    names = [f"reason-{number}" for number in range(6)]
    more = REASONS + "".join(f"- {{name: {name}, display: Reason}}\n" for name in names)
    five = edited(CARD, "[already-done, data-wrong]", f"[{', '.join(names[:5])}]")
    assert len(loaded(card=five, override_reasons=more).cards["calcium-watch"].override_reasons) == 5
    with pytest.raises(KnowledgeError, match="6 reasons; a card offers at most 5"):
        loaded(card=edited(five, "reason-4]", "reason-4, reason-5]"), override_reasons=more)


def test_a_source_is_cited_by_its_id_with_what_it_says() -> None:
    card = loaded().cards["calcium-watch"]
    assert (card.source.label, card.source.url, card.source.says) == (
        "A guideline",
        "https://example.org/guideline",
        "Treat it.",
    )
    assert card.parameters["treat_at"].source.title == "A label"
    text = edited(CARD, "why: Stale., source: seed", "why: Stale., source: {id: seed, says: seven days}")
    assert loaded(card=text).cards["calcium-watch"].parameters["age"].source.title == "Seed: seven days"


def test_an_example_may_set_parameters_in_rule_and_orders_alike() -> None:
    card = with_changes(loaded().cards["calcium-watch"], {"treat_at": "3.1 mmol/L", "dose": "3.5 mg"})
    assert card.arguments["treat_at"] == Limit((quantity("3.1", "mmol/L", "calcium"),))
    template = card.suggestions["bisphosphonate"].actions[0].template
    assert template is not None
    assert template.parameters["dose"] == quantity("3.5", "mg")
    with pytest.raises(ValueError, match="outside 3 to 4 mg"):
        with_changes(card, {"dose": "5 mg"})


def test_a_service_asks_for_what_its_cards_need_and_no_more() -> None:
    services = loaded().services
    assert list(services["bone-view", "patient-view"].prefetch) == ["patient", "laboratory", "observations"]
    assert [card.topic for card in services["bone-view", "patient-view"].cards] == ["calcium-watch"]
    assert services["bone-sign", "order-sign"].prefetch == {}


@pytest.mark.parametrize(("status", "runs"), [("active", True), ("silent", True), ("draft", False), ("retired", False)])
def test_only_active_and_silent_cards_are_evaluated(status: str, runs: bool) -> None:
    knowledge = loaded(card=edited(CARD, "status: active", f"status: {status}"))
    assert bool(knowledge.services["bone-view", "patient-view"].cards) is runs
    assert knowledge.cards["calcium-watch"].status == status


def test_cards_stand_in_the_order_of_the_services_file() -> None:
    files = good_files()
    files["oxygen.yaml"] = edited(CARD, "topic: calcium-watch", "topic: oxygen")
    knowledge = load(files, find=find_rule)
    assert list(knowledge.cards) == ["oxygen", "calcium-watch"]
    assert knowledge.rank("oxygen") < knowledge.rank("calcium-watch") < knowledge.rank("unknown")


def test_an_overlay_changes_values_and_says_where_it_did() -> None:
    knowledge = loaded(overlay="sites/example.yaml")
    card = knowledge.cards["calcium-watch"]
    assert card.arguments["treat_at"] == Limit((quantity("3.1", "mmol/L", "calcium"),))
    assert card.arguments["upper_limit"] == Limit((quantity("2.55", "mmol/L", "calcium"),))
    assert (card.status, knowledge.maximum_cards, knowledge.site) == ("silent", 4, "example")
    assert knowledge.display_units == {"calcium": ("mg/dL",)}
    assert card.parameters["upper_limit"].origin_why == "Our laboratory."
    assert knowledge.origins == (
        "calcium-watch.treat_at is 3.1 mmol/L instead of 3 mmol/L (12 mg/dL) (cards/sites/example.yaml:5:15)",
        "calcium-watch.upper_limit is 2.55 mmol/L instead of 2.6 mmol/L (10.4 mg/dL) (cards/sites/example.yaml:8:26)",
        "calcium-watch.preferred is zoledronic-acid instead of denosumab (cards/sites/example.yaml:6:16)",
        "services.maximum_cards is 4 cards instead of 5 cards (cards/sites/example.yaml:10:20)",
        "calcium-watch is silent (cards/sites/example.yaml:12:25)",
        "calcium is shown in mg/dL (cards/sites/example.yaml:11:26)",
    )


def test_an_overlay_may_state_a_limit_in_two_units() -> None:
    site = edited(SITE, "treat_at: 3.1 mmol/L", "treat_at: {value: 3.1, unit: mmol/L, also: {mg/dL: 12.4}}")
    card = loaded(overlay="sites/example.yaml", site=site).cards["calcium-watch"]
    stated = (quantity("3.1", "mmol/L", "calcium"), quantity("12.4", "mg/dL", "calcium"))
    assert card.arguments["treat_at"] == Limit(stated)


def test_an_overlay_may_use_another_unit_within_the_same_range() -> None:
    site = edited(SITE, "treat_at: 3.1 mmol/L", "treat_at: 12.5 mg/dL")
    card = loaded(overlay="sites/example.yaml", site=site).cards["calcium-watch"]
    assert card.arguments["treat_at"] == Limit((quantity("12.5", "mg/dL", "calcium"),))
    with pytest.raises(KnowledgeError, match=r"14 mg/dL lies outside 2\.8 to 3\.3 mmol/L"):
        loaded(overlay="sites/example.yaml", site=edited(SITE, "treat_at: 3.1 mmol/L", "treat_at: 14 mg/dL"))


def test_a_setting_stands_above_the_overlay() -> None:
    knowledge = loaded(overlay="sites/example.yaml", settings=("calcium-watch.treat_at=3.2 mmol/L",))
    parameter = knowledge.cards["calcium-watch"].parameters["treat_at"]
    assert parameter.value == Limit((quantity("3.2", "mmol/L", "calcium"),))
    assert parameter.origin == "--set calcium-watch.treat_at=3.2 mmol/L"


@pytest.mark.parametrize(
    ("setting", "name", "value"),
    [
        ("calcium-watch.age=2 wk", "age", Span(days=14)),
        ("calcium-watch.age='48 h'", "age", Span(hours=48)),
        ("calcium-watch.points=8 points", "points", 8),
        ("calcium-watch.points=8", "points", 8),
        ("calcium-watch.slope=0.025", "slope", Decimal("0.025")),
        ("calcium-watch.alarming=false", "alarming", False),
        ("calcium-watch.primaries=melanoma, sarcoma", "primaries", ("melanoma", "sarcoma")),
        ("calcium-watch.dose=3500 ug", "dose", quantity("3500", "ug")),
    ],
)
def test_settings_are_read_for_every_kind_of_parameter(setting: str, name: str, value: object) -> None:
    assert loaded(settings=(setting,)).cards["calcium-watch"].arguments[name] == value


def test_a_changed_shared_parameter_reaches_the_card_unless_the_card_is_changed_itself() -> None:
    both = ("shared.calcium_upper_limit=2.55 mmol/L", "calcium-watch.upper_limit=2.7 mmol/L")
    assert loaded(settings=both).cards["calcium-watch"].parameters["upper_limit"].text == "2.7 mmol/L"
    assert loaded(settings=both[:1]).cards["calcium-watch"].parameters["upper_limit"].text == "2.55 mmol/L"


def test_a_changed_shared_parameter_that_nobody_uses_is_refused() -> None:
    unused = PARAMETERS + PARAMETERS.replace("calcium_upper_limit", "calcium_lower_limit")
    with pytest.raises(KnowledgeError, match="no card uses the shared parameter 'calcium_lower_limit'"):
        loaded(parameters=unused, settings=("shared.calcium_lower_limit=2.55 mmol/L",))


def test_the_version_follows_content_and_not_layout() -> None:
    plain = loaded().version
    assert len(plain) == 12
    assert loaded(card="# a comment\n" + CARD).version == plain
    assert loaded(card=edited(CARD, "Calcium is normal.", '"Calcium is normal."')).version == plain
    assert loaded(card=edited(CARD, "Calcium is normal.", "Calcium is fine.")).version != plain
    assert loaded(settings=("calcium-watch.points=8",)).version != plain
    assert loaded(settings=("calcium-watch.points=7",)).version == plain
    assert loaded(overlay="sites/example.yaml").version != plain


def test_override_reasons_carry_the_codes_of_hl7_or_our_own() -> None:
    done, wrong = loaded().cards["calcium-watch"].override_reasons
    assert (done.code, done.system) == (
        "action-completed",
        "http://terminology.hl7.org/CodeSystem/non-adherence-reason-codes",
    )
    assert (wrong.code, wrong.display) == ("data-wrong", "The data are wrong")


def test_codes_and_phrases_reach_the_codebook() -> None:
    codebook = loaded().codebook
    assert codebook.of_code("http://loinc.org", "17861-6") == {"calcium-total", "any-calcium"}
    assert codebook.of_code("http://hl7.org/fhir/sid/icd-10-cm", "C7951") == {"bone-metastasis"}
    measure = codebook.measure(frozenset({"calcium-total"}))
    assert measure is not None
    assert (measure.units, measure.assume[0].low) == (("mmol/L", "mg/dL"), Decimal("1.0"))


def test_an_empty_list_of_cards_is_knowledge_too() -> None:
    files = good_files()
    del files["calcium-watch.yaml"], files["examples/calcium-watch.yaml"]
    assert load(files, find=find_rule).cards == {}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("3.00", Decimal("3.00")),
        ("12", 12),
        ("007", "007"),
        ("'12'", "12"),
        ("yes", "yes"),
        ("true", True),
        ("2026-11-21", "2026-11-21"),
        ("12:30", "12:30"),
        ("~", None),
        ("1e-3", Decimal("0.001")),
        (".inf", ".inf"),
    ],
)
def test_plain_scalars_are_read_exactly_and_nothing_is_guessed(text: str, value: object) -> None:
    read = read_yaml("cards/x.yaml", f"a: {text}").data["a"]
    assert read == value
    assert type(read) is type(value)


def test_a_rule_without_the_shape_of_one_is_refused() -> None:
    def two_cases(case: Case, other: Case) -> Outcome:
        raise NotImplementedError

    def untyped(case: Case, *, limit: float) -> Outcome:
        raise NotImplementedError

    with pytest.raises(TypeError, match="a rule takes the case only"):
        signature_of(two_cases)
    with pytest.raises(TypeError, match="'limit' has no usable annotation"):
        signature_of(untyped)


def test_a_rule_is_found_by_its_name() -> None:
    with pytest.raises(LookupError) as error:
        find_real_rule("no_such_rule")
    assert error.value.args[0] == "there is no rule 'no_such_rule'"


def test_files_are_read_from_a_folder_and_a_site_from_anywhere(tmp_path: Path) -> None:
    folder = tmp_path / "cards"
    for name, text in good_files().items():
        if "calcium-watch" not in name:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(text, encoding="utf-8")
    elsewhere = tmp_path / "ours.yaml"
    elsewhere.write_text("site: ours\ntitle: Ours\nparameters: {services: {maximum_cards: 3}}\n", encoding="utf-8")
    assert cards_folder(folder) == folder
    assert set(read_card_files(folder)) == {name for name in good_files() if "calcium-watch" not in name}
    knowledge = load_knowledge(folder, site=elsewhere)
    assert (knowledge.site, knowledge.maximum_cards) == ("ours", 3)
    with pytest.raises(FileNotFoundError, match="no folder of cards"):
        cards_folder(tmp_path / "nowhere")


def test_a_file_that_is_not_utf8_is_named_with_the_place(tmp_path: Path) -> None:
    (tmp_path / "services.yaml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(KnowledgeError, match=r"cards/services\.yaml:1:1: not UTF-8 text: save the file as UTF-8"):
        read_card_files(tmp_path)
    overlay = tmp_path / "house.yaml"
    overlay.write_bytes("site: house\ntitle: Café\n".encode("latin-1"))
    with pytest.raises(KnowledgeError) as caught:
        load_knowledge(site=overlay)
    assert str(caught.value) == f"{overlay}:2:11: not UTF-8 text: save the file as UTF-8"


def test_two_services_may_share_an_id_on_two_hooks_but_not_on_one() -> None:
    assert len(loaded(services=edited(SERVICES, "id: bone-sign", "id: bone-view")).services) == 2
    twice = edited(edited(SERVICES, "id: bone-sign", "id: bone-view"), "hook: order-sign", "hook: patient-view")
    with pytest.raises(KnowledgeError, match="'bone-view' stands twice for the hook 'patient-view'"):
        loaded(services=twice)
