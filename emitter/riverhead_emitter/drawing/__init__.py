"""A lineage as a tree for a terminal: `trees_of` says what stands in it, `drawn` makes lines of it."""

from riverhead_emitter.drawing.lines import DIM, RED, Branch, Piece, drawn
from riverhead_emitter.drawing.screen import is_coloured, width
from riverhead_emitter.drawing.tree import View, folded, trees_of
from riverhead_emitter.drawing.uses import called

__all__ = ["DIM", "RED", "Branch", "Piece", "View", "called", "drawn", "folded", "is_coloured", "trees_of", "width"]
