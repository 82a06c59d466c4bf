package main

import (
	"os"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscognito"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
	"github.com/cognito-dr-replica/cognito-dr-replica-go/cognitodrreplica"
)

func NewAuthStack(scope constructs.Construct, id string, props *awscdk.StackProps) awscdk.Stack {
	stack := awscdk.NewStack(scope, &id, props)

	userPool := awscognito.NewUserPool(stack, jsii.String("Users"), &awscognito.UserPoolProps{
		SignInAliases:     &awscognito.SignInAliases{Email: jsii.Bool(true)},
		SelfSignUpEnabled: jsii.Bool(true),
	})
	web := userPool.AddClient(jsii.String("Web"), &awscognito.UserPoolClientOptions{
		AuthFlows:                  &awscognito.AuthFlow{UserSrp: jsii.Bool(true)},
		PreventUserExistenceErrors: jsii.Bool(true),
	})

	cognitodrreplica.NewCognitoDrReplica(stack, jsii.String("Dr"), &cognitodrreplica.CognitoDrReplicaProps{
		UserPool:      userPool,
		ReplicaRegion: jsii.String("us-west-2"),
	})

	awscdk.NewCfnOutput(stack, jsii.String("UserPoolId"), &awscdk.CfnOutputProps{Value: userPool.UserPoolId()})
	awscdk.NewCfnOutput(stack, jsii.String("WebClientId"), &awscdk.CfnOutputProps{Value: web.UserPoolClientId()})
	return stack
}

func main() {
	defer jsii.Close()

	app := awscdk.NewApp(nil)
	NewAuthStack(app, "AuthStack", &awscdk.StackProps{
		// The copy is kept in another Region than this one, which has to be known at synthesis.
		Env: &awscdk.Environment{Account: jsii.String(os.Getenv("CDK_DEFAULT_ACCOUNT")), Region: jsii.String("us-east-1")},
	})
	app.Synth(nil)
}
