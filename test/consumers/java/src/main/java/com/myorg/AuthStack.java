package com.myorg;

import io.github.cognitodrreplica.CognitoDrReplica;
import software.amazon.awscdk.CfnOutput;
import software.amazon.awscdk.Stack;
import software.amazon.awscdk.StackProps;
import software.amazon.awscdk.services.cognito.AuthFlow;
import software.amazon.awscdk.services.cognito.SignInAliases;
import software.amazon.awscdk.services.cognito.UserPool;
import software.amazon.awscdk.services.cognito.UserPoolClient;
import software.amazon.awscdk.services.cognito.UserPoolClientOptions;
import software.constructs.Construct;

public class AuthStack extends Stack {
    public AuthStack(final Construct scope, final String id, final StackProps props) {
        super(scope, id, props);

        UserPool userPool = UserPool.Builder.create(this, "Users")
            .signInAliases(SignInAliases.builder().email(true).build())
            .selfSignUpEnabled(true)
            .build();
        UserPoolClient web = userPool.addClient("Web", UserPoolClientOptions.builder()
            .authFlows(AuthFlow.builder().userSrp(true).build())
            .preventUserExistenceErrors(true)
            .build());

        CognitoDrReplica.Builder.create(this, "Dr")
            .userPool(userPool)
            .replicaRegion("us-west-2")
            .build();

        CfnOutput.Builder.create(this, "UserPoolId").value(userPool.getUserPoolId()).build();
        CfnOutput.Builder.create(this, "WebClientId").value(web.getUserPoolClientId()).build();
    }
}
