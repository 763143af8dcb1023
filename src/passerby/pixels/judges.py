"""Which judge of masks looks: the one place that knows them all."""

from collections.abc import Callable, Mapping

from passerby.errors import ModelError
from passerby.gate.messages import ModelPlan
from passerby.pixels.heads import Judge
from passerby.pixels.mask_heads import HeadJudge
from passerby.pixels.masks import MaskJudge

JUDGES: Mapping[str, Callable[[ModelPlan], Judge]] = {"passerby-mask": HeadJudge, "aizoo": MaskJudge}
"""By the family of the model."""


def mask_judge(plan: ModelPlan) -> Judge:
    """The judge for a model, on one CPU thread.

    Raises:
        ModelError: no judge reads models of that family, or the file cannot be used.
    """
    if plan.family not in JUDGES:
        raise ModelError(
            f"{plan.file}: masks need a model of the family {' or '.join(JUDGES)}, not {plan.family}. "
            "Check the model of `masks`."
        )
    return JUDGES[plan.family](plan)
