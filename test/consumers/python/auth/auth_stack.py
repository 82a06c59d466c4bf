from aws_cdk import CfnOutput, Stack
from aws_cdk.aws_cognito import AuthFlow, SignInAliases, UserPool
from cognito_dr_replica import CognitoDrReplica
from constructs import Construct


class AuthStack(Stack):
    def __init__(self, scope: Construct, construct_id: str, **kwargs) -> None:
        super().__init__(scope, construct_id, **kwargs)

        user_pool = UserPool(self, "Users", sign_in_aliases=SignInAliases(email=True), self_sign_up_enabled=True)
        web = user_pool.add_client("Web", auth_flows=AuthFlow(user_srp=True), prevent_user_existence_errors=True)

        CognitoDrReplica(self, "Dr", user_pool=user_pool, replica_region="us-west-2")

        CfnOutput(self, "UserPoolId", value=user_pool.user_pool_id)
        CfnOutput(self, "WebClientId", value=web.user_pool_client_id)
