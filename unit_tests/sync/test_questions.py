"""Questions that are asked once each, and all at once where that is cheaper."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from destination_activecampaign.errors import TransientError
from destination_activecampaign.sync.questions import FEW, Questions
from unit_tests.sync.pump import Pump


class Asked:
    """An account that answers with the key in capitals. `fails`: what every question raises."""

    def __init__(self) -> None:
        self.keys: list[str] = []
        self.costs = 0
        self.loads = 0
        self.cost = 1_000
        self.fails: Exception | None = None

    def ask(self, key: str) -> str:
        """Answer one."""
        if self.fails is not None:
            raise self.fails
        self.keys.append(key)
        return key.upper()

    def index_cost(self) -> int:
        """Tell what loading costs."""
        self.costs += 1
        if self.fails is not None and self.costs:
            raise self.fails
        return self.cost

    def load_index(self) -> None:
        """Load."""
        self.loads += 1


@pytest.fixture
def asked() -> Asked:
    """Give the account."""
    return Asked()


@pytest.fixture
def pump() -> Iterator[Pump]:
    """Give the lane of look-ups."""
    pump = Pump(lookup=3)
    yield pump
    pump.lanes.stop()


@pytest.fixture
def questions(asked: Asked, pump: Pump) -> Questions[str]:
    """Give the questions."""
    return Questions(pump.lanes, asked.ask, asked.index_cost, asked.load_index)


def put(questions: Questions[str], count: int) -> list[str]:
    """Ask about so many keys; returns where answers go."""
    answers: list[str] = []
    for number in range(count):
        questions.put(f"k{number}", answers.append)
    return answers


def test_a_key_is_asked_once(asked: Asked, pump: Pump, questions: Questions[str]) -> None:
    """All who wait hear the answer, in their order."""
    answers: list[str] = []
    questions.put("a", answers.append)
    questions.put("a", lambda answer: answers.append(answer * 2))
    questions.put("b", lambda _: None)
    assert len(questions) == 2
    pump.run(questions.work)
    assert sorted(asked.keys) == ["a", "b"]
    assert answers == ["A", "AA"]
    assert len(questions) == 0


def test_few_are_asked_without_looking_at_the_cost(asked: Asked, pump: Pump, questions: Questions[str]) -> None:
    """Even if an index were cheap."""
    asked.cost = 1
    put(questions, FEW)
    pump.run(questions.work)
    assert (len(asked.keys), asked.costs, asked.loads) == (FEW, 0, 0)


def test_many_are_asked_by_index_when_it_is_cheaper(asked: Asked, pump: Pump, questions: Questions[str]) -> None:
    """Loaded once."""
    asked.cost = 30
    answers = put(questions, 200)
    pump.run(questions.work)
    assert (asked.costs, asked.loads) == (1, 1)
    assert len(answers) == 200
    put(questions, 300)
    pump.run(questions.work)
    assert (asked.costs, asked.loads) == (1, 1)


def test_many_are_asked_singly_when_an_index_costs_more(asked: Asked, pump: Pump, questions: Questions[str]) -> None:
    """A large account and few rows."""
    answers = put(questions, 100)
    pump.run(questions.work)
    assert (asked.costs, asked.loads, len(answers)) == (1, 0, 100)


def test_questions_that_keep_coming_make_an_index_worthwhile(
    asked: Asked, pump: Pump, questions: Questions[str]
) -> None:
    """Those asked already count."""
    asked.cost = 60
    for start in range(0, 100, 10):
        for number in range(start, start + 10):
            questions.put(str(number), lambda _: None)
        pump.run(questions.work)
    assert asked.loads == 1


@pytest.mark.parametrize("count", [1, FEW + 1])
def test_what_a_question_raises_reaches_the_loop(
    asked: Asked, pump: Pump, questions: Questions[str], count: int
) -> None:
    """Be it the question's or the cost's."""
    asked.fails = TransientError("gone")
    put(questions, count)
    with pytest.raises(TransientError, match="gone"):
        pump.run(questions.work)


def test_an_index_that_costs_as_much_is_not_loaded(asked: Asked, pump: Pump, questions: Questions[str]) -> None:
    """One that costs less is, counted with what waits."""
    asked.cost = 60
    put(questions, 60)
    pump.run(questions.work)
    assert asked.loads == 0
    other = Questions(pump.lanes, asked.ask, asked.index_cost, asked.load_index)
    put(other, 61)
    pump.run(other.work)
    assert asked.loads == 1
