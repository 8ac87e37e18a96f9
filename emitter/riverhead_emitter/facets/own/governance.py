"""For the steward: where personal data is, what may be done with it, what must be erased, and how it is kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from riverhead_emitter.facets.facet import Facet, entries, entry, instant, own_facet
from riverhead_emitter.facets.own.bounds import first

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime


class Classification(NamedTuple):
    """What kind of data this is: of a column, or of the whole dataset where no column is named."""

    label: str
    column: str | None = None
    level: str | None = None
    is_personal: bool | None = None
    subject: str | None = None
    identifies_subject: bool | None = None
    method: str | None = None
    confidence: float | None = None
    source: str | None = None


class Policy(NamedTuple):
    """A rule that holds for a dataset, or for some columns of it."""

    name: str
    kind: str
    version: str | None = None
    columns: tuple[str, ...] | None = None
    retention_days: float | None = None
    erase_by: datetime | str | None = None
    regions: tuple[str, ...] | None = None
    enforcement: str | None = None
    description: str | None = None
    url: str | None = None


class Consent(NamedTuple):
    """On what ground data may be used; `reference` leads to the consent's or the contract's own record."""

    basis: str
    reference: str | None = None
    given: datetime | str | None = None
    expires: datetime | str | None = None


class Cipher(NamedTuple):
    """How data is encrypted, and by which key (its id, never the key)."""

    algorithm: str
    key_id: str | None = None
    key_provider: str | None = None
    is_client_side: bool | None = None


class ColumnProtection(NamedTuple):
    """How one column is kept: ENCRYPTED, TOKENISED, HASHED or MASKED."""

    column: str
    method: str
    algorithm: str | None = None
    key_id: str | None = None


def classification(found: Iterable[Classification]) -> Facet:
    """Return the `riverhead_classification` dataset facet."""
    every = tuple(found)
    named, count = first(every)
    judged = [label.is_personal for label in every if label.is_personal is not None]
    return own_facet(
        "classification",
        "1-0-0",
        isPersonal=any(judged) if judged else None,
        classCount=count,
        classes=entries(named),
    )


def policy(rules: Iterable[Policy]) -> Facet:
    """Return the `riverhead_policy` dataset facet."""
    named, count = first(rules)
    return own_facet("policy", "1-0-0", policyCount=count, policies=[_told(rule) for rule in named])


def terms(
    *,
    licence: str | None = None,
    licence_url: str | None = None,
    attribution: str | None = None,
    consent: Consent | None = None,
    purposes: Iterable[str] | None = None,
    forbidden_purposes: Iterable[str] | None = None,
    jurisdiction: str | None = None,
) -> Facet:
    """Return the `riverhead_terms` dataset facet: licence (an SPDX id), consent, and what data may be used for."""
    return own_facet(
        "terms",
        "1-0-0",
        licence=licence,
        licenceUrl=licence_url,
        attribution=attribution,
        consent=None if consent is None else _told(consent),
        purposes=None if purposes is None else first(purposes)[0],
        forbiddenPurposes=None if forbidden_purposes is None else first(forbidden_purposes)[0],
        jurisdiction=jurisdiction,
    )


def encryption(
    at_rest: Cipher | None = None, in_transit: str | None = None, columns: Iterable[ColumnProtection] = ()
) -> Facet:
    """Return the `riverhead_encryption` dataset facet; `in_transit` is a protocol, say TLS 1.3."""
    named, count = first(columns)
    return own_facet(
        "encryption",
        "1-0-0",
        atRest=None if at_rest is None else entry(at_rest),
        inTransit=in_transit,
        columnCount=count or None,
        columns=entries(named) or None,
    )


def _told(value: Policy | Consent) -> Facet:
    told = entry(value)
    for name in ("eraseBy", "given", "expires"):
        if name in told:
            told[name] = instant(told[name])
    for name in ("columns", "regions"):
        if name in told:
            told[name] = first(told[name])[0]
    return told
