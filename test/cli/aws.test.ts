import { CloudFormationClient, ListStackResourcesCommand } from '@aws-sdk/client-cloudformation';
import { CloudWatchClient, DescribeAlarmsCommand } from '@aws-sdk/client-cloudwatch';
import { mockClient } from 'aws-sdk-client-mock';
import { Aws } from '../../src/cli/aws';

test('alarms of a stack: where they go, whether their actions are on, and which of them somebody deleted', async () => {
  const [stacks, watch] = [mockClient(CloudFormationClient), mockClient(CloudWatchClient)];
  const resource = (PhysicalResourceId: string, LogicalResourceId = `Dr${PhysicalResourceId}`) => ({
    PhysicalResourceId, LogicalResourceId, ResourceType: 'AWS::CloudWatch::Alarm', LastUpdatedTimestamp: new Date(0), ResourceStatus: 'CREATE_COMPLETE' as const,
  });
  stacks.on(ListStackResourcesCommand).resolves({
    StackResourceSummaries: [resource('Heard'), resource('Off'), resource('Deleted'), resource('OfTheApp', 'AppAlarm')],
  });
  watch.on(DescribeAlarmsCommand, { AlarmNames: ['Heard', 'Off', 'Deleted'] }).resolves({
    MetricAlarms: [{ AlarmName: 'Off', AlarmActions: ['topic'], ActionsEnabled: false }, { AlarmName: 'Heard', AlarmActions: ['topic'], ActionsEnabled: true }],
  });
  expect(await new Aws().alarmActions('us-east-1', 'Auth', 'Dr')).toEqual([
    { name: 'Heard', region: 'us-east-1', actions: ['topic'], isEnabled: true, isThere: true },
    { name: 'Off', region: 'us-east-1', actions: ['topic'], isEnabled: false, isThere: true },
    { name: 'Deleted', region: 'us-east-1', actions: [], isEnabled: true, isThere: false },
  ]);
});
