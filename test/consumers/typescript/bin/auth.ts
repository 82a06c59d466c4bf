#!/usr/bin/env node
import { App } from 'aws-cdk-lib';
import { AuthStack } from '../lib/auth-stack';

const app = new App();
new AuthStack(app, 'AuthStack', {
  // The copy is kept in another Region than this one, which has to be known at synthesis.
  env: { account: process.env.CDK_DEFAULT_ACCOUNT, region: 'us-east-1' },
});
