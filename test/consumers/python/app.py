#!/usr/bin/env python3
import os

import aws_cdk as cdk

from auth.auth_stack import AuthStack

app = cdk.App()
# The copy is kept in another Region than this one, which has to be known at synthesis.
AuthStack(app, "AuthStack", env=cdk.Environment(account=os.getenv("CDK_DEFAULT_ACCOUNT"), region="us-east-1"))
app.synth()
