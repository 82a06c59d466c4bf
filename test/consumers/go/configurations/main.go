package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscognito"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsdynamodb"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsssm"
	"github.com/aws/jsii-runtime-go"
	"github.com/cognito-dr-replica/cognito-dr-replica-go/cognitodrreplica"
)

var replicaRegion = jsii.String("us-west-2")

func main() {
	defer jsii.Close()

	app := awscdk.NewApp(nil)
	env := &awscdk.Environment{Account: jsii.String("111122223333"), Region: jsii.String("us-east-1")}
	importedPool(app, env)
	ownReplicaStack(app, env)
	warmStandby(app, env)
	encrypted(app, env)
	app.Synth(nil)
}

// A pool that another app made: no settings to mirror, no trigger slots to fill.
func importedPool(app awscdk.App, env *awscdk.Environment) {
	stack := awscdk.NewStack(app, jsii.String("ImportedPool"), &awscdk.StackProps{Env: env})
	cognitodrreplica.NewCognitoDrReplica(stack, jsii.String("Dr"), &cognitodrreplica.CognitoDrReplicaProps{
		UserPool:      awscognito.UserPool_FromUserPoolId(stack, jsii.String("Users"), jsii.String("us-east-1_AbCdEfGhI")),
		ReplicaRegion: replicaRegion,
		Standby:       cognitodrreplica.Standby_None(),
		RestoreTargets: &[]awscognito.IUserPool{
			awscognito.UserPool_FromUserPoolId(stack, jsii.String("Target"), jsii.String("us-west-2_JkLmNoPqR")),
		},
		SweepInterval: awscdk.Duration_Minutes(jsii.Number(30)),
		CreateTrail:   jsii.Bool(true),
	})
}

// A team that owns the stack in the replica Region, with alarms in both.
func ownReplicaStack(app awscdk.App, env *awscdk.Environment) {
	replicaStack := awscdk.NewStack(app, jsii.String("DirectoryReplica"), &awscdk.StackProps{
		Env: &awscdk.Environment{Account: env.Account, Region: replicaRegion},
	})
	stack := awscdk.NewStack(app, jsii.String("Directory"), &awscdk.StackProps{Env: env})
	userPool := awscognito.NewUserPool(stack, jsii.String("Users"), &awscognito.UserPoolProps{
		SignInAliases:   &awscognito.SignInAliases{Username: jsii.Bool(true), Email: jsii.Bool(true)},
		Mfa:             awscognito.Mfa_OPTIONAL,
		MfaSecondFactor: &awscognito.MfaSecondFactor{Sms: jsii.Bool(true), Otp: jsii.Bool(true)},
		CustomAttributes: &map[string]awscognito.ICustomAttribute{
			"tenant": awscognito.NewStringAttribute(&awscognito.StringAttributeProps{Mutable: jsii.Bool(false)}),
		},
	})
	dr := cognitodrreplica.NewCognitoDrReplica(stack, jsii.String("Dr"), &cognitodrreplica.CognitoDrReplicaProps{
		UserPool:      userPool,
		ReplicaRegion: replicaRegion,
		ReplicaStack:  replicaStack,
		AlarmTopics: &[]awssns.ITopic{
			awssns.NewTopic(stack, jsii.String("Alarms"), nil),
			awssns.NewTopic(replicaStack, jsii.String("Alarms"), nil),
		},
		RestoreQuotas:    &cognitodrreplica.RequestQuotas{UserCreation: jsii.Number(100), UserRead: jsii.Number(240)},
		HistoryRetention: awscdk.Duration_Days(jsii.Number(90)),
		LogRetention:     awslogs.RetentionDays_ONE_YEAR,
	})
	dr.MetricCaptureLag(nil).CreateAlarm(stack, jsii.String("SlowCapture"), &awscloudwatch.CreateAlarmOptions{
		Threshold:         jsii.Number(60_000),
		EvaluationPeriods: jsii.Number(3),
	})
	operator := awsiam.NewRole(replicaStack, jsii.String("Operator"), &awsiam.RoleProps{
		AssumedBy: awsiam.NewAccountPrincipal(replicaStack.Account()),
	})
	dr.GrantStartRestore(operator)
}

// A standby pool that follows every change, with groups that have roles.
func warmStandby(app awscdk.App, env *awscdk.Environment) {
	stack := awscdk.NewStack(app, jsii.String("WarmStandby"), &awscdk.StackProps{Env: env})
	userPool := awscognito.NewUserPool(stack, jsii.String("Users"), &awscognito.UserPoolProps{
		SignInAliases: &awscognito.SignInAliases{Email: jsii.Bool(true), Phone: jsii.Bool(true)},
	})
	web := userPool.AddClient(jsii.String("Web"), nil)
	dr := cognitodrreplica.NewCognitoDrReplica(stack, jsii.String("Dr"), &cognitodrreplica.CognitoDrReplicaProps{
		UserPool:      userPool,
		ReplicaRegion: replicaRegion,
		Standby: cognitodrreplica.Standby_Warm(&cognitodrreplica.WarmStandbyOptions{
			DeletionGracePeriod: awscdk.Duration_Hours(jsii.Number(48)),
			QuotaShare:          jsii.Number(0.3),
			SourceSubClaim:      jsii.String("app_user_id"),
			Email: awscognito.UserPoolEmail_WithSES(&awscognito.UserPoolSESOptions{
				FromEmail: jsii.String("no-reply@example.com"),
				SesRegion: replicaRegion,
			}),
		}),
		GroupRoles: &map[string]awsiam.IRole{
			"admins": awsiam.Role_FromRoleArn(stack, jsii.String("Admins"), jsii.String("arn:aws:iam::"+*env.Account+":role/admins"), nil),
		},
		CaptureTriggers: jsii.Bool(false),
	})
	awsssm.NewStringParameter(dr.ReplicaStack(), jsii.String("WebClientId"), &awsssm.StringParameterProps{
		StringValue: dr.StandbyClient(web).UserPoolClientId(),
	})
}

// Tables under customer managed keys, one in each Region.
func encrypted(app awscdk.App, env *awscdk.Environment) {
	stack := awscdk.NewStack(app, jsii.String("Encrypted"), &awscdk.StackProps{Env: env})
	key := func(region *string) *string {
		return jsii.String("arn:aws:kms:" + *region + ":" + *env.Account + ":key/mrk-1234abcd12ab34cd56ef1234567890ab")
	}
	cognitodrreplica.NewCognitoDrReplica(stack, jsii.String("Dr"), &cognitodrreplica.CognitoDrReplicaProps{
		UserPool:      awscognito.NewUserPool(stack, jsii.String("Users"), nil),
		ReplicaRegion: replicaRegion,
		Encryption: awsdynamodb.TableEncryptionV2_CustomerManagedKey(
			awskms.Key_FromKeyArn(stack, jsii.String("Key"), key(replicaRegion)), &map[string]*string{*env.Region: key(env.Region)}),
	})
}
