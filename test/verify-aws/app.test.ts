import { readFileSync } from 'node:fs';
import * as path from 'node:path';
import { verifyApp } from './app';
import { Template } from './deployed-template';
import { Names } from './names';
import { makeTemporary, removeTemporary } from '../local-aws/temporary';

test('events of other pools, which the rule cannot leave out, are kept for an hour at most', () => {
  const outdir = makeTemporary('verify-app');
  try {
    const names = new Names('01234567');
    verifyApp({
      account: '111122223333', region: 'us-east-1', replicaRegion: 'us-west-2', names, createTrail: false, outdir,
    });
    const { Resources } = JSON.parse(readFileSync(path.join(outdir, 'Primary.template.json'), 'utf8')) as Template;
    const queue = Object.values(Resources).find(({ Properties }) => Properties?.QueueName === names.eventsQueue);
    expect(queue?.Properties?.MessageRetentionPeriod).toBe(3_600);
  } finally {
    removeTemporary(outdir);
  }
});
