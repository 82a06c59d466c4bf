from aws_cdk import App, Duration, Environment, Stack
from aws_cdk.aws_cognito import Mfa, MfaSecondFactor, SignInAliases, StringAttribute, UserPool, UserPoolEmail
from aws_cdk.aws_dynamodb import TableEncryptionV2
from aws_cdk.aws_iam import AccountPrincipal, Role
from aws_cdk.aws_kms import Key
from aws_cdk.aws_logs import RetentionDays
from aws_cdk.aws_sns import Topic
from aws_cdk.aws_ssm import StringParameter
from cognito_dr_replica import CognitoDrReplica, RequestQuotas, Standby

REPLICA_REGION = "us-west-2"


def imported_pool(app: App, env: Environment) -> None:
    """A pool that another app made: no settings to mirror, no trigger slots to fill."""
    stack = Stack(app, "ImportedPool", env=env)
    CognitoDrReplica(
        stack, "Dr",
        user_pool=UserPool.from_user_pool_id(stack, "Users", "us-east-1_AbCdEfGhI"),
        replica_region=REPLICA_REGION,
        standby=Standby.none(),
        restore_targets=[UserPool.from_user_pool_id(stack, "Target", "us-west-2_JkLmNoPqR")],
        sweep_interval=Duration.minutes(30),
        create_trail=True,
    )


def own_replica_stack(app: App, env: Environment) -> None:
    """A team that owns the stack in the replica Region, with alarms in both."""
    replica_stack = Stack(app, "DirectoryReplica", env=Environment(account=env.account, region=REPLICA_REGION))
    stack = Stack(app, "Directory", env=env)
    user_pool = UserPool(
        stack, "Users",
        sign_in_aliases=SignInAliases(username=True, email=True),
        mfa=Mfa.OPTIONAL,
        mfa_second_factor=MfaSecondFactor(sms=True, otp=True),
        custom_attributes={"tenant": StringAttribute(mutable=False)},
    )
    dr = CognitoDrReplica(
        stack, "Dr",
        user_pool=user_pool,
        replica_region=REPLICA_REGION,
        replica_stack=replica_stack,
        alarm_topics=[Topic(stack, "Alarms"), Topic(replica_stack, "Alarms")],
        restore_quotas=RequestQuotas(user_creation=100, user_read=240),
        history_retention=Duration.days(90),
        log_retention=RetentionDays.ONE_YEAR,
    )
    dr.metric_capture_lag().create_alarm(stack, "SlowCapture", threshold=60_000, evaluation_periods=3)
    operator = Role(replica_stack, "Operator", assumed_by=AccountPrincipal(replica_stack.account))
    dr.grant_start_restore(operator)


def warm_standby(app: App, env: Environment) -> None:
    """A standby pool that follows every change, with groups that have roles."""
    stack = Stack(app, "WarmStandby", env=env)
    user_pool = UserPool(stack, "Users", sign_in_aliases=SignInAliases(email=True, phone=True))
    web = user_pool.add_client("Web")
    dr = CognitoDrReplica(
        stack, "Dr",
        user_pool=user_pool,
        replica_region=REPLICA_REGION,
        standby=Standby.warm(
            deletion_grace_period=Duration.hours(48),
            quota_share=0.3,
            source_sub_claim="app_user_id",
            email=UserPoolEmail.with_ses(from_email="no-reply@example.com", ses_region=REPLICA_REGION),
        ),
        group_roles={"admins": Role.from_role_arn(stack, "Admins", f"arn:aws:iam::{env.account}:role/admins")},
        capture_triggers=False,
    )
    StringParameter(dr.replica_stack, "WebClientId", string_value=dr.standby_client(web).user_pool_client_id)


def encrypted(app: App, env: Environment) -> None:
    """Tables under customer managed keys, one in each Region."""
    stack = Stack(app, "Encrypted", env=env)

    def key(region: str) -> str:
        return f"arn:aws:kms:{region}:{env.account}:key/mrk-1234abcd12ab34cd56ef1234567890ab"

    CognitoDrReplica(
        stack, "Dr",
        user_pool=UserPool(stack, "Users"),
        replica_region=REPLICA_REGION,
        encryption=TableEncryptionV2.customer_managed_key(
            Key.from_key_arn(stack, "Key", key(REPLICA_REGION)), {env.region: key(env.region)}),
    )


if __name__ == "__main__":
    app = App()
    env = Environment(account="111122223333", region="us-east-1")
    imported_pool(app, env)
    own_replica_stack(app, env)
    warm_standby(app, env)
    encrypted(app, env)
    app.synth()
