import { dirname, join } from 'path';

/**
 * More than half of a synthesis is the CDK's own validation of the templates against CloudFormation's schemas. A thousand tests synthesise the same
 * few templates: it runs in the one that is about it, over a template with everything.
 */
const VALIDATING = /\/test\/guidelines\.test\.ts$/;

const PLUGIN = join(dirname(require.resolve('aws-cdk-lib/package.json')), 'core/lib/validation/cloudformation-validate-plugin.js');

if (!VALIDATING.test(expect.getState().testPath!)) {
  // A mock is made when somebody asks for it: a test that synthesises nothing does not load the CDK for this.
  jest.doMock(PLUGIN, () => {
    const actual = jest.requireActual<typeof import('aws-cdk-lib/core')>(PLUGIN);
    const { PLUGIN_NAME: name } = actual.CloudFormationValidatePlugin as unknown as { PLUGIN_NAME: string };
    const silent = { name, version: '0', ruleIds: [], validate: () => ({ success: true, violations: [] }) };
    // The CDK's own instance would load its engine, which takes a second.
    const quick = Object.assign(class extends actual.CloudFormationValidatePlugin {}, { _singletonInstance: () => silent });
    return { ...actual, CloudFormationValidatePlugin: quick };
  });
}

process.env.CDK_CONTEXT_JSON = JSON.stringify({
  // Where each resource was made, no test asks; under jest, which maps every stack trace to its source, the answer is dear.
  'aws:cdk:disable-creation-stack-traces': true,
  // Nor for a copy of each function's code, 4 MB for each synthesis.
  'aws:cdk:disable-asset-staging': true,
});
