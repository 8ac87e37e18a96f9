"""Secrets out before a record exists: the net below every room, which leaves secrets out where it reads them."""

from riverhead_emitter.redaction.mask import MASK
from riverhead_emitter.redaction.options import SAFE_OPTIONS, allowed_options
from riverhead_emitter.redaction.scanning import REDACTION, Redaction, prepare_rules, scrubbed

__all__ = ["MASK", "REDACTION", "SAFE_OPTIONS", "Redaction", "allowed_options", "prepare_rules", "scrubbed"]
