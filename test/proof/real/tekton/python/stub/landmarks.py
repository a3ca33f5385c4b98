"""Stands in for Tekton's `landmarks`, decorators that only document. The original writes to a fixed folder of its author's machine.

These do what Tekton's own fallback does where `landmarks` is not installed: nothing.
"""


def _no_op(**_described):
    return lambda decorated: decorated


api_contract = _no_op
architecture_decision = _no_op
danger_zone = _no_op
integration_point = _no_op
performance_boundary = _no_op
state_checkpoint = _no_op
