package main

import (
	"os"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"
)

func main() {
	defer jsii.Close()
	app := awscdk.NewApp(nil)
	if len(os.Args) > 1 && os.Args[1] == "configurations" {
		configurations(app)
	} else {
		NewAuthStack(app, "AuthStack", &awscdk.StackProps{
			// The copy is kept for one account, in another Region than this one: both have to be known at synthesis.
			Env: &awscdk.Environment{Account: jsii.String(os.Getenv("CDK_DEFAULT_ACCOUNT")), Region: jsii.String("us-east-1")},
		})
	}
	app.Synth(nil)
}
