package com.myorg;

import io.github.cognitodrreplica.CognitoDrReplica;
import io.github.cognitodrreplica.RequestQuotas;
import io.github.cognitodrreplica.Standby;
import io.github.cognitodrreplica.WarmStandbyOptions;
import java.util.List;
import java.util.Map;
import software.amazon.awscdk.App;
import software.amazon.awscdk.Duration;
import software.amazon.awscdk.Environment;
import software.amazon.awscdk.Stack;
import software.amazon.awscdk.services.cloudwatch.CreateAlarmOptions;
import software.amazon.awscdk.services.cognito.Mfa;
import software.amazon.awscdk.services.cognito.MfaSecondFactor;
import software.amazon.awscdk.services.cognito.SignInAliases;
import software.amazon.awscdk.services.cognito.StringAttribute;
import software.amazon.awscdk.services.cognito.UserPool;
import software.amazon.awscdk.services.cognito.UserPoolClient;
import software.amazon.awscdk.services.cognito.UserPoolEmail;
import software.amazon.awscdk.services.cognito.UserPoolSESOptions;
import software.amazon.awscdk.services.dynamodb.TableEncryptionV2;
import software.amazon.awscdk.services.iam.AccountPrincipal;
import software.amazon.awscdk.services.iam.Role;
import software.amazon.awscdk.services.kms.Key;
import software.amazon.awscdk.services.logs.RetentionDays;
import software.amazon.awscdk.services.sns.Topic;
import software.amazon.awscdk.services.ssm.StringParameter;

public final class Configurations {
    private static final String REPLICA_REGION = "us-west-2";

    public static void main(final String[] args) {
        App app = new App();
        Environment env = Environment.builder().account("111122223333").region("us-east-1").build();
        importedPool(app, env);
        ownReplicaStack(app, env);
        warmStandby(app, env);
        encrypted(app, env);
        app.synth();
    }

    /** A pool that another app made: no settings to mirror, no trigger slots to fill. */
    private static void importedPool(final App app, final Environment env) {
        Stack stack = Stack.Builder.create(app, "ImportedPool").env(env).build();
        CognitoDrReplica.Builder.create(stack, "Dr")
            .userPool(UserPool.fromUserPoolId(stack, "Users", "us-east-1_AbCdEfGhI"))
            .replicaRegion(REPLICA_REGION)
            .standby(Standby.none())
            .restoreTargets(List.of(UserPool.fromUserPoolId(stack, "Target", "us-west-2_JkLmNoPqR")))
            .sweepInterval(Duration.minutes(30))
            .createTrail(true)
            .build();
    }

    /** A team that owns the stack in the replica Region, with alarms in both. */
    private static void ownReplicaStack(final App app, final Environment env) {
        Stack replicaStack = Stack.Builder.create(app, "DirectoryReplica")
            .env(Environment.builder().account(env.getAccount()).region(REPLICA_REGION).build())
            .build();
        Stack stack = Stack.Builder.create(app, "Directory").env(env).build();
        UserPool userPool = UserPool.Builder.create(stack, "Users")
            .signInAliases(SignInAliases.builder().username(true).email(true).build())
            .mfa(Mfa.OPTIONAL)
            .mfaSecondFactor(MfaSecondFactor.builder().sms(true).otp(true).build())
            .customAttributes(Map.of("tenant", StringAttribute.Builder.create().mutable(false).build()))
            .build();
        CognitoDrReplica dr = CognitoDrReplica.Builder.create(stack, "Dr")
            .userPool(userPool)
            .replicaRegion(REPLICA_REGION)
            .replicaStack(replicaStack)
            .alarmTopics(List.of(new Topic(stack, "Alarms"), new Topic(replicaStack, "Alarms")))
            .restoreQuotas(RequestQuotas.builder().userCreation(100).userRead(240).build())
            .historyRetention(Duration.days(90))
            .logRetention(RetentionDays.ONE_YEAR)
            .build();
        dr.metricCaptureLag().createAlarm(stack, "SlowCapture", CreateAlarmOptions.builder().threshold(60_000).evaluationPeriods(3).build());
        Role operator = Role.Builder.create(replicaStack, "Operator").assumedBy(new AccountPrincipal(replicaStack.getAccount())).build();
        dr.grantStartRestore(operator);
    }

    /** A standby pool that follows every change, with groups that have roles. */
    private static void warmStandby(final App app, final Environment env) {
        Stack stack = Stack.Builder.create(app, "WarmStandby").env(env).build();
        UserPool userPool = UserPool.Builder.create(stack, "Users")
            .signInAliases(SignInAliases.builder().email(true).phone(true).build())
            .build();
        UserPoolClient web = userPool.addClient("Web");
        CognitoDrReplica dr = CognitoDrReplica.Builder.create(stack, "Dr")
            .userPool(userPool)
            .replicaRegion(REPLICA_REGION)
            .standby(Standby.warm(WarmStandbyOptions.builder()
                .deletionGracePeriod(Duration.hours(48))
                .quotaShare(0.3)
                .sourceSubClaim("app_user_id")
                .email(UserPoolEmail.withSES(UserPoolSESOptions.builder().fromEmail("no-reply@example.com").sesRegion(REPLICA_REGION).build()))
                .build()))
            .groupRoles(Map.of("admins", Role.fromRoleArn(stack, "Admins", "arn:aws:iam::" + env.getAccount() + ":role/admins")))
            .captureTriggers(false)
            .build();
        StringParameter.Builder.create(dr.getReplicaStack(), "WebClientId").stringValue(dr.standbyClient(web).getUserPoolClientId()).build();
    }

    /** Tables under customer managed keys, one in each Region. */
    private static void encrypted(final App app, final Environment env) {
        Stack stack = Stack.Builder.create(app, "Encrypted").env(env).build();
        CognitoDrReplica.Builder.create(stack, "Dr")
            .userPool(new UserPool(stack, "Users"))
            .replicaRegion(REPLICA_REGION)
            .encryption(TableEncryptionV2.customerManagedKey(
                Key.fromKeyArn(stack, "Key", key(env, REPLICA_REGION)), Map.of(env.getRegion(), key(env, env.getRegion()))))
            .build();
    }

    private static String key(final Environment env, final String region) {
        return "arn:aws:kms:" + region + ":" + env.getAccount() + ":key/mrk-1234abcd12ab34cd56ef1234567890ab";
    }
}
