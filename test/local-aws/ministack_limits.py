"""Makes ministack refuse what is too large for Step Functions and EventBridge, as AWS does: 256 KiB of a state, and of all entries of one PutEvents.

https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html
https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html
https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-putevent-size.html
"""

import json

from ministack.core.responses import error_response_json
from ministack.services import eventbridge, stepfunctions

_MOST_BYTES = 262_144
_TOO_LARGE = "States.DataLimitExceeded"


def install():
    _limit_states()
    _limit_tasks()
    _limit_entries()


def _hold(what, value):
    size = len(json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode())
    if size > _MOST_BYTES:
        raise stepfunctions._ExecutionError(_TOO_LARGE, f"The {what} has {size} bytes, more than the {_MOST_BYTES} that a state may have")


def _limit_states():
    """What goes into a state and what comes out of it, in the branches of a Map too."""
    def limited(execute):
        def executed(state_def, raw_input, *args):
            _hold("input", raw_input)
            output, following = execute(state_def, raw_input, *args)
            _hold("output", output)
            return output, following
        return executed

    for kind in ("pass", "task", "choice", "wait", "parallel", "map"):
        name = f"_execute_{kind}"
        setattr(stepfunctions, name, limited(getattr(stepfunctions, name)))


def _limit_tasks():
    """What a task sends and gets. That is an end which States.ALL does not catch."""
    invoke, matches = stepfunctions._invoke_resource, stepfunctions._error_matches

    def invoked(resource, input_data):
        _hold("input of the task", input_data)
        result = invoke(resource, input_data)
        _hold("output of the task", result)
        return result

    def matched(named, error):
        return _TOO_LARGE in named if error == _TOO_LARGE else matches(named, error)

    stepfunctions._invoke_resource = invoked
    stepfunctions._error_matches = matched


def _limit_entries():
    put = eventbridge._put_events

    def size_of(entry):
        texts = [entry.get("Source"), entry.get("DetailType"), entry.get("Detail"), *(entry.get("Resources") or [])]
        return sum(len(text.encode()) for text in texts if isinstance(text, str)) + (14 if entry.get("Time") else 0)

    def limited(data, allow_aws_source=False):
        # AWS cuts what its own events say of an execution.
        if not allow_aws_source and sum(map(size_of, data.get("Entries") or [])) >= _MOST_BYTES:
            return error_response_json("ValidationException", "Total size of the entries in the request is over the limit.", 400)
        return put(data, allow_aws_source)

    eventbridge._put_events = limited
