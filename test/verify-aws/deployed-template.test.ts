import { customResources, Template } from './deployed-template';

test('custom resources of a template', () => {
  const template: Template = {
    Resources: { A: { Type: 'Custom::S3AutoDeleteObjects' }, B: { Type: 'AWS::CloudFormation::CustomResource' }, C: { Type: 'AWS::SQS::Queue' } },
  };
  expect(customResources(template)).toEqual(['A', 'B']);
});
