"""How the steps of a pipeline say what became of a URL."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import apache_beam as beam

from schemas.hops import Run
from schemas.outcome import Outcome, Problem, Stage
from transforms.clock import Clock
from transforms.core.outcomes import outcome_of

OUTCOMES = "outcomes"
"""The name of the second output of every step."""


@dataclass(frozen=True, slots=True)
class Reporter:
    """Makes the outcome rows of one stage."""

    run: Run
    clock: Clock
    stage: Stage

    def outcome(self, problem: Problem, url: str, **details: Any) -> Outcome:
        """The row for ``problem``; ``details`` as `transforms.core.outcomes.outcome_of` names them."""
        return outcome_of(problem, run=self.run, stage=self.stage, url=url, at=self.clock.now(), **details)

    def tagged(self, problem: Problem, url: str, **details: Any) -> beam.pvalue.TaggedOutput:
        """The same, on its way to the second output."""
        return beam.pvalue.TaggedOutput(OUTCOMES, self.outcome(problem, url, **details))
