package com.myorg;

import software.amazon.awscdk.App;
import software.amazon.awscdk.Environment;
import software.amazon.awscdk.StackProps;

public final class AuthApp {
    public static void main(final String[] args) {
        App app = new App();
        new AuthStack(app, "AuthStack", StackProps.builder()
            // The copy is kept in another Region than this one, which has to be known at synthesis.
            .env(Environment.builder().account(System.getenv("CDK_DEFAULT_ACCOUNT")).region("us-east-1").build())
            .build());
        app.synth();
    }
}
