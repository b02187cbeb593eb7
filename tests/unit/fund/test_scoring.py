"""Data quality weighted by outstanding money, by hand."""

from decimal import Decimal

from bilanz.fund.project import FundObservation
from bilanz.fund.scoring import data_quality, scores

D = Decimal


def seen(of: str, score: int | None, indicator: str = "saving", year: int = 2024) -> FundObservation:
    return FundObservation(
        id=f"{of}-{indicator}-{score}",
        project=of,
        indicator=indicator,
        year=year,
        value=D(1),
        unit="kWh",
        sight="ex_post",
        data_quality=score,
        evidence="report",
    )


def test_the_score_is_weighted_by_money() -> None:
    # (100 · 1 + 300 · 3) / 400 = 2.5; tonnes play no part
    found = data_quality({"a": D(100), "b": D(300)}, {"a": 1, "b": 3})
    assert (found.score, found.coverage, found.uncovered) == (D("2.50"), D(1), ())


def test_what_is_not_scored_is_uncovered_and_no_five() -> None:
    # scored 400 of 500
    found = data_quality({"a": D(100), "b": D(300), "c": D(60), "d": D(40)}, {"a": 1, "b": 3, "c": None})
    assert found.score == D("2.50")
    assert (found.outstanding, found.scored, found.coverage) == (500, 400, D("0.8"))
    assert found.uncovered == ("c", "d")


def test_without_money_or_scores_there_is_no_score() -> None:
    assert data_quality({}, {"a": 1}).coverage is None
    found = data_quality({"a": D(10)}, {})
    assert (found.score, found.coverage) == (None, 0)


def test_what_has_no_money_outstanding_has_no_weight() -> None:
    found = data_quality({"a": D(10), "b": D(0), "c": D(-5)}, {"a": 2, "b": 5})
    assert (found.score, found.outstanding, found.uncovered) == (D(2), 10, ())


def test_a_score_outside_the_scale_is_none() -> None:
    assert data_quality({"a": D(10)}, {"a": 0}).uncovered == ("a",)
    assert scores([seen("a", 6)], 2024, {"saving"}) == {"a": None}


def test_a_project_is_as_good_as_its_worst_observation_of_the_year() -> None:
    rows = [seen("a", 2), seen("a", 4), seen("a", 5, year=2023), seen("a", 5, "visitors"), seen("b", 1)]
    assert scores(rows, 2024, {"saving"}) == {"a": 4, "b": 1}


def test_one_observation_without_a_score_leaves_the_project_without() -> None:
    assert scores([seen("a", 2), seen("a", None)], 2024, {"saving"}) == {"a": None}
