"""Proof that a count is right, without keeping footage: held against a count by hand of the same windows."""

from passerby.site.proof.hand import HandCount, HandCounts, HandWindow
from passerby.site.proof.lines import ProvableLine, provable_lines
from passerby.site.proof.moved import MovedCameras
from passerby.site.proof.proofs import Proofs
from passerby.site.proof.report import LineProof, ProofBoard

__all__ = [
    "HandCount",
    "HandCounts",
    "HandWindow",
    "LineProof",
    "MovedCameras",
    "ProofBoard",
    "Proofs",
    "ProvableLine",
    "provable_lines",
]
