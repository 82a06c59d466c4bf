"""Makes ministack's functions and services call as IAM has them call on AWS: with a role of their own, or by the leave of a resource's policy.

A function gets credentials whose session token names its role; the gateway judges its calls. What ministack does itself for a state machine, a rule, a
schedule or an event source mapping never passes the gateway: the gateway is asked before, and what it refuses does not happen.

https://docs.aws.amazon.com/lambda/latest/dg/lambda-intro-execution-role.html
https://docs.aws.amazon.com/step-functions/latest/dg/procedure-create-iam-role.html
https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html
https://docs.aws.amazon.com/scheduler/latest/UserGuide/cross-service-confused-deputy-prevention.html
https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-eventsourcemapping.html
https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/serverless-policy-template-list.html
"""

import base64
import contextvars
import json
import logging
import threading
import time

from ministack.core import lambda_runtime
from ministack.services import eventbridge, lambda_svc, stepfunctions

_logger = logging.getLogger("local-aws")
# The state machine whose task is running: tasks get no other word of it.
_machine = contextvars.ContextVar("machine")
# An event source mapping is looked at many times a second; what IAM says of it holds for this long.
_MAPPING_SECONDS = 1.0
# Where an integration of Step Functions is not called after the signing name of its service.
_SIGNING_NAMES = {"sfn": "states", "cognitoidentityprovider": "cognito-idp", "eventbridge": "events"}
# Not ListStreams, which the guide names as well: it takes no resource, and AWS SAM's own policy for readers of a stream names one for it.
_STREAM_ACTIONS = ("DescribeStream", "GetRecords", "GetShardIterator")


def install(ask):
    """`ask`: a hook of the gateway, and a question to it."""
    def refused(question):
        return ask("authorize", question)["refused"]

    _install_credentials()
    _install_state_machines(refused)
    _install_targets(refused)
    _install_mappings(refused)


def _function_session(config):
    return {"roleArn": config.get("Role", ""), "sessionName": config.get("FunctionName", ""), "functionArn": config.get("FunctionArn", "")}


def _install_credentials():
    credentials = lambda_runtime.execution_credentials

    def of_its_own(config):
        token = base64.urlsafe_b64encode(json.dumps(_function_session(config)).encode()).decode().rstrip("=")
        return {**credentials(config), "AWS_SESSION_TOKEN": f"local-aws.{token}"}

    lambda_runtime.execution_credentials = of_its_own
    lambda_svc.execution_credentials = of_its_own


def _install_state_machines(refused):
    execute_task, invoke = stepfunctions._execute_task, stepfunctions._invoke_resource

    def executed(state_def, raw_input, execution, ctx):
        _machine.set(stepfunctions._state_machines.get(execution["stateMachineArn"]))
        return execute_task(state_def, raw_input, execution, ctx)

    def invoked(resource, input_data):
        machine, call = _machine.get(None), _call_of_task(resource, input_data)
        if machine and call:
            arn = machine["stateMachineArn"]
            _, _, _, region, account, *_ = arn.split(":")
            message = refused({
                "principal": {"roleArn": machine["roleArn"], "sessionName": machine["name"]},
                "assumedBy": {"service": "states.amazonaws.com", "sourceArn": arn, "sourceAccount": account},
                "region": region, "call": call,
            })
            if message:
                error = "Lambda.AWSLambdaException" if call["service"] == "lambda" else "States.Permissions"
                raise stepfunctions._ExecutionError(error, f"{message} (Status Code: 403; Error Code: AccessDeniedException)")
        return invoke(resource, input_data)

    stepfunctions._execute_task = executed
    stepfunctions._invoke_resource = invoked


def _call_of_task(resource, input_data):
    """The call that a task makes; None for an activity, which calls nobody."""
    parts = resource.split(":")
    if parts[2] == "lambda":
        return {"service": "lambda", "operation": "Invoke", "input": {"FunctionName": resource}}
    if ":activity:" in resource:
        return None
    service, operation = parts[6:8] if parts[5] == "aws-sdk" else parts[5:7]
    operation = operation.split(".")[0]
    return {
        "service": _SIGNING_NAMES.get(service, service), "operation": operation[:1].upper() + operation[1:],
        # Step Functions writes members in PascalCase; the call itself has those of its own API.
        "input": {(key[:1].lower() + key[1:] if service in ("sfn", "states") else key): value for key, value in input_data.items()},
    }


def _install_targets(refused):
    invoke_target = eventbridge._invoke_target

    def judged(target, event, rule, view):
        arn, own = target.get("Arn", ""), rule.get("Arn", "")
        service, region = arn.split(":")[2:4]
        account = own.split(":")[4]
        if "Target" in rule:
            # A schedule: it takes on its role for its group.
            caller = {"service": "scheduler.amazonaws.com", "sourceArn": f"arn:aws:scheduler:{own.split(':')[3]}:{account}:schedule-group/{rule.get('GroupName') or 'default'}"}
        else:
            caller = {"service": "events.amazonaws.com", "sourceArn": own}
        caller["sourceAccount"] = account
        actions = {"states": "states:StartExecution", "lambda": "lambda:InvokeFunction", "sqs": "sqs:SendMessage", "sns": "sns:Publish", "events": "events:PutEvents"}
        role = target.get("RoleArn")
        message = refused({
            "principal": {"roleArn": role, "sessionName": rule.get("Name", "")} if role else caller,
            **({"assumedBy": caller} if role else {}),
            "region": region, "needs": [{"action": actions[service], "resource": arn}],
        })
        if message:
            _logger.warning("target %s of %s not called: %s", arn, own, message)
        else:
            invoke_target(target, event, rule, view)

    def invoked(target, event, rule, view=None):
        # Who fires a rule may be in the middle of a call, and the gateway asks ministack for policies: never in that thread.
        threading.Thread(target=contextvars.copy_context().run, args=(judged, target, event, rule, view), daemon=True).start()

    eventbridge._invoke_target = invoked


def _install_mappings(refused):
    all_mappings, known = lambda_svc._iter_all_esms, {}

    def needs_of(mapping):
        source = mapping.get("EventSourceArn", "")
        service = source.split(":")[2] if source.count(":") > 2 else ""
        if service == "sqs":
            needs = [{"action": f"sqs:{name}", "resource": source} for name in ("ReceiveMessage", "DeleteMessage", "GetQueueAttributes")]
        elif service == "dynamodb":
            needs = [{"action": f"dynamodb:{name}", "resource": source} for name in _STREAM_ACTIONS]
        else:
            return []
        destination = ((mapping.get("DestinationConfig") or {}).get("OnFailure") or {}).get("Destination")
        if destination and destination.split(":")[2] == "sqs":
            needs.append({"action": "sqs:SendMessage", "resource": destination})
        return needs

    def may_poll(account, region, mapping):
        account_token = lambda_svc._request_account_id.set(account)
        region_token = lambda_svc._request_region.set(region)
        try:
            _, config = lambda_svc._get_func_record_for_qualifier(mapping["FunctionName"], mapping.get("Qualifier"))
        finally:
            lambda_svc._request_account_id.reset(account_token)
            lambda_svc._request_region.reset(region_token)
        needs = needs_of(mapping)
        if not config or not needs or not mapping.get("Enabled", True):
            return True
        until, answer = known.get(mapping["UUID"], (0, None))
        if time.monotonic() < until:
            return answer
        answer = refused({
            "principal": _function_session(config), "assumedBy": {"service": "lambda.amazonaws.com"}, "region": region, "needs": needs,
        }) is None
        known[mapping["UUID"]] = (time.monotonic() + _MAPPING_SECONDS, answer)
        return answer

    def allowed_mappings():
        for account, region, mapping in all_mappings():
            try:
                polls = may_poll(account, region, mapping)
            except OSError:
                # The gateway is going down.
                polls = False
            if polls:
                yield account, region, mapping

    lambda_svc._iter_all_esms = allowed_mappings
