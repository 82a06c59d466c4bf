#!/usr/bin/env node
import { App } from 'aws-cdk-lib';
import { AuthStack } from '../lib/auth-stack';

const app = new App();
new AuthStack(app, 'AuthStack', {
  // The copy is kept for one account, in another Region than this one: both have to be known at synthesis.
  env: { account: process.env.CDK_DEFAULT_ACCOUNT, region: 'us-east-1' },
});
