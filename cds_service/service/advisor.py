"""Answers a hook call: fetch missing prefetch, read the chart, evaluate every card, write the answer, record it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from time import perf_counter
from typing import Any, Protocol

from msgspec import UNSET, Raw
from msgspec.structs import replace as with_fields

from cds_service.chart.case import Case
from cds_service.chart.gaps import Supply
from cds_service.chart.meanings import Meanings
from cds_service.chart.needs import KEYS, NEEDS
from cds_service.chart.read_fhir import read_case
from cds_service.chart.reading import Circumstances
from cds_service.chart.text_allowance import TextAllowance
from cds_service.chart.wire import Prefetch
from cds_service.engine.client_adaptation import adapted
from cds_service.engine.evaluate import OutOfTime, Verdict, evaluate
from cds_service.engine.ledger import ledger, ledger_json
from cds_service.engine.respond import respond
from cds_service.engine.shown import Answer
from cds_service.engine.view_links import ViewLinks
from cds_service.hooks import discovery
from cds_service.hooks.contexts import OrderSelect, OrderSign
from cds_service.hooks.extensions import BARE, ExtensionNames
from cds_service.hooks.request import Request, RequestError
from cds_service.knowledge.cards import CardDefinition, Knowledge, ServiceDefinition
from cds_service.knowledge.profiles import STANDARD, ClientProfile
from cds_service.outcomes import Failed
from cds_service.service.advice import Advice
from cds_service.service.answer_records import remembered
from cds_service.service.auth.caller import ANYBODY, Caller
from cds_service.service.candidate import Candidate
from cds_service.service.consultation import Consultation
from cds_service.service.fetching import Fetcher, supplement
from cds_service.service.languages import Languages
from cds_service.service.patient_memory import NO_MEMORY, PatientMemory
from cds_service.service.store import RememberedAnswer
from cds_service.service.telemetry import NO_METERS, Meters, Stage
from cds_service.service.time_budget import TimeBudget

_READ = frozenset(need for need, types in NEEDS.items() if types)
CALL_SECONDS = 0.5
"""Processor time that reading and judging one call may take."""
Memories = Callable[[Caller, str, str, datetime], PatientMemory]
"""For a caller's patient and user at a moment: which advice is snoozed."""


Ask = Callable[[str, Request[Prefetch], datetime, Caller, str], Consultation]
"""Answers a call of a service at a moment for a caller and the languages that it accepts."""


class Trial(Protocol):
    """A knowledge that is tried on some patients in place of an advisor's own (:mod:`canary`)."""

    def divide(
        self,
        usual: Ask,
        service_id: str,
        request: Request[Prefetch],
        as_of: datetime,
        caller: Caller,
        accept_language: str,
    ) -> Consultation:
        """Answer a call with the knowledge that is the patient's."""

    def advisor_for(self, patient: str) -> KnowledgeAdvisor | None:
        """Who advises on this patient; ``None``: the usual one."""


class KnowledgeAdvisor:
    """Advises with one loaded knowledge; holds nothing of a call beyond its end."""

    def __init__(
        self,
        knowledge: Knowledge,
        *,
        fetcher: Fetcher | None = None,
        remember: Callable[[RememberedAnswer], object] | None = None,
        meters: Meters = NO_METERS,
        memories: Memories | None = None,
        candidate: Candidate | None = None,
        names: ExtensionNames = BARE,
        anybody: str = STANDARD.profile,
        seconds: float = CALL_SECONDS,
        pages: str = "",
        view: ViewLinks | None = None,
        trial: Trial | None = None,
        languages: Languages | None = None,
    ) -> None:
        self._trial = trial
        self._pages = pages
        self.languages = languages or Languages(knowledge, ())
        """Those that it can answer in."""
        self.knowledge = knowledge
        self._view = view
        self._anybody = anybody
        self._names = names
        self._seconds = seconds
        self._memories = memories
        self._candidate = candidate
        self._meters = meters
        self._fetcher = fetcher
        self._remember = remember
        self._meanings = Meanings(knowledge.codebook)

    @property
    def version(self) -> str:
        """The version of the knowledge behind the answers."""
        return self.knowledge.version

    @property
    def services(self) -> Sequence[discovery.Service]:
        """The discovery entries, each with the version of the knowledge behind it."""
        return tuple(
            discovery.Service(
                id=service.id,
                hook=service.hook,
                title=service.title,
                description=service.description,
                usage_requirements=service.usage_requirements or UNSET,
                prefetch=dict(service.prefetch) or UNSET,
                extension={self._names.knowledge_version: self.knowledge.version},
            )
            for service in self.knowledge.services.values()
        )

    def spoken_cards(self) -> Iterator[CardDefinition]:
        """Every card of the knowledge in every language that it is translated to."""
        languages = [self.languages.language(tag) for tag in self.languages.tags]
        spoken = (language.card(card) for language in languages for card in self.knowledge.cards.values())
        return (card for card in spoken if card is not None)

    def advisor_for(self, patient: str) -> KnowledgeAdvisor:
        """Who advises on this patient: this one, or one whose knowledge is tried."""
        return (self._trial.advisor_for(patient) if self._trial is not None else None) or self

    def advise(
        self, service_id: str, request: Request[Prefetch], at: datetime, caller: Caller, accept_language: str = ""
    ) -> Advice:
        """Answer a call of a moment; raises :class:`RequestError` with 412 when nothing that the red flags need was supplied."""
        consultation = self.consult(service_id, request, at, caller, accept_language)
        if self._remember is not None:
            self._remember(remembered(consultation))
        if self._candidate is not None and consultation.knowledge is self.knowledge:
            self._candidate.consider(consultation)
        return Advice(consultation.answer.response, consultation.knowledge.version)

    def consult(
        self,
        service_id: str,
        request: Request[Prefetch],
        at: datetime,
        caller: Caller = ANYBODY,
        accept_language: str = "",
    ) -> Consultation:
        """Answer a call and keep what was behind it; what is judged is judged as of the minute."""
        if self._trial is not None:
            return self._trial.divide(self._consult, service_id, request, at, caller, accept_language)
        return self._consult(service_id, request, at, caller, accept_language)

    def _consult(
        self, service_id: str, request: Request[Prefetch], at: datetime, caller: Caller, accept_language: str
    ) -> Consultation:
        language = self.languages.accepted(accept_language)
        as_of = at.replace(second=0, microsecond=0)
        service = self.knowledge.services[service_id, request.hook]
        budget = TimeBudget(self._seconds)
        took = _Stopwatch(self._meters).took
        fetched: Mapping[str, Raw] = {}
        absent: Mapping[str, str] = {}
        if self._fetcher is not None:
            fetched, absent = supplement(request, service.prefetch, self._fetcher, as_of)
            took("fetch")
        prefetch: Mapping[str, Any] = {**request.prefetch, **fetched}
        case = self._read(
            prefetch,
            replace(
                circumstances_of(request, as_of),
                absent_reasons=absent,
                client=caller.client if caller.authenticated else "",
            ),
            budget,
        )
        took("read")
        _refuse_without_data(service, case, absent)
        verdicts = evaluate(case, service.cards, budget)
        budget.close()
        took("evaluate")
        if budget.spent:
            self._meters.cut_short(service.id)
        memory = self._memory(caller, request, at)
        answer = respond(
            case,
            verdicts,
            self.knowledge,
            hook_instance=request.hook_instance,
            patient_id=request.context.patient,
            snoozed=memory.is_snoozed,
            put_off=memory.put_off,
            names=self._names,
            pages=self._pages,
            language=language,
        )
        profile = self._profile(caller)
        if self._view is not None:
            answer = self._view.added_to(answer, profile, caller.client)
        answer = adapted(answer, profile, self.knowledge.orderables, caller.client)
        if request.extension.get(self._names.ledger) is True:
            answer = self._with_ledger(answer, case, verdicts)
        took("respond")
        self._count(service, verdicts, answer)
        self._count_what_was_not_understood(case)
        return Consultation(
            request, caller, self.knowledge, service, case, verdicts, answer, prefetch, at, language, memory.is_snoozed
        )

    def _with_ledger(self, answer: Answer, case: Case, verdicts: tuple[Verdict, ...]) -> Answer:
        """The answer with what each red flag rests on, for a client that asks for it."""
        entries = ledger_json(ledger(case, verdicts, self.knowledge), self.knowledge)
        if not entries:
            return answer
        extension = {**(answer.response.extension or {}), self._names.ledger: entries}
        return replace(answer, response=with_fields(answer.response, extension=extension))

    def _profile(self, caller: Caller) -> ClientProfile:
        """How the caller wants its answers adapted; for one that nobody authenticates a setting says so."""
        named = caller.profile if caller.authenticated else self._anybody
        return self.knowledge.profiles[named]

    def _read(self, prefetch: Mapping[str, Any], circumstances: Circumstances, budget: TimeBudget) -> Case:
        """The chart; when the time of the call is over before it is read, one in which everything is unreadable."""
        try:
            with budget:
                return read_case(prefetch, circumstances, self._meanings.within(TextAllowance()))
        except OutOfTime:
            budget.close()
            unread = Supply("unreadable", detail="too large to be read in time")
            return Case(
                as_of=circumstances.as_of,
                hook=circumstances.hook,
                supply=dict.fromkeys((*NEEDS, *prefetch), unread),
                groups=self.knowledge.codebook.groups,
            )

    def _memory(self, caller: Caller, request: Request[Prefetch], at: datetime) -> PatientMemory:
        context = request.context
        return NO_MEMORY if self._memories is None else self._memories(caller, context.patient, context.user_id, at)

    def _count(self, service: ServiceDefinition, verdicts: tuple[Verdict, ...], answer: Answer) -> None:
        for shown in (one for card in answer.shown for one in (card, *card.parts)):
            self._meters.shown(service.id, shown.topic, shown.indicator)
        for topic in answer.held_back:
            self._meters.held_back(service.id, topic)
        for verdict in verdicts:
            if verdict.unanswered:
                outcome = verdict.outcome
                self._meters.unanswered(verdict.card.topic, "failed" if isinstance(outcome, Failed) else "cannot tell")

    def _count_what_was_not_understood(self, case: Case) -> None:
        for gap in case.gaps:
            self._meters.not_understood(gap.need if gap.need in NEEDS else _OTHER_NEED, gap.problem)
        for need, times in case.unlisted.items():
            self._meters.not_understood(need, _UNLISTED, times)

    @property
    def not_understood(self) -> list[tuple[str, str, int]]:
        """What of the calls so far could not be used: kind of data, problem, how often."""
        return self._meters.not_understood_so_far()


_OTHER_NEED, _UNLISTED = "other", "not-listed"
"""Labels of metrics: a key of the client's own, and a code in no value set."""


class _Stopwatch:
    """Tells the meters how long each stage took since the one before."""

    __slots__ = ("_meters", "_since")

    def __init__(self, meters: Meters) -> None:
        self._meters, self._since = meters, perf_counter()

    def took(self, stage: Stage) -> None:
        now = perf_counter()
        self._meters.took(stage, now - self._since)
        self._since = now


def _refuse_without_data(service: ServiceDefinition, case: Case, absent: Mapping[str, str]) -> None:
    """Refuse a call that brings none of the data that counts: nothing could be assessed, not even what is missing.

    Under which key data comes is all the same; a key that brings nothing of what a card reads does not count.
    """
    if not service.required:
        return
    failed = {KEYS[key].need for key in absent if key in KEYS}
    for need, supply in case.supply.items():
        came = supply.state not in {"absent", "error"} or (supply.state == "error" and need not in failed)
        if came and need in _READ:
            return
    raise RequestError(
        f"Required data was neither prefetched nor to be had from a FHIR server: {', '.join(service.required)}",
        "prefetch",
        code="required",
        status=412,
    )


def circumstances_of(request: Request[Prefetch], as_of: datetime) -> Circumstances:
    """What a request says beside its data."""
    context = request.context
    return Circumstances(
        patient_id=context.patient,
        hook=request.hook,
        as_of=as_of,
        encounter_id=context.encounter_id or "",
        user_id=context.user_id,
        trigger=request.trigger,
        draft_orders=context.draft_orders if isinstance(context, OrderSign) else b"",
        selections=context.selections if isinstance(context, OrderSelect) else None,
    )
