import { EXIT_CODES } from './report';
import { planOf, RunOptions } from './run';
import { main, optionsOf } from './verify-aws';

const REGIONS = ['--region', 'us-east-1', '--replica-region', 'eu-central-1'];

test('arguments', () => {
  expect(optionsOf(REGIONS)).toEqual({ region: 'us-east-1', replicaRegion: 'eu-central-1', createTrail: false, keep: false, yes: false, json: undefined });
  expect(optionsOf([...REGIONS, '--create-trail', '--keep', '--yes', '--json', 'out.json'])).toMatchObject({ createTrail: true, keep: true, yes: true, json: 'out.json' });
  expect(optionsOf(['--help'])).toBe('help');
});

test.each([
  [[], '--region is not given: give the name of a Region, such as us-west-2'],
  [['--region', 'us-east-1'], '--replica-region is not given'],
  [['--region', 'Virginia', '--replica-region', 'us-west-2'], '--region is \'Virginia\''],
  [['--unknown'], 'Unknown option'],
])('refuses %j', (args, message) => {
  expect(() => optionsOf(args)).toThrow(message);
});

test('help', async () => {
  const write = jest.spyOn(process.stdout, 'write').mockReturnValue(true);
  expect(await main(['--help'])).toBe(0);
  expect(write).toHaveBeenCalledWith(expect.stringContaining('--replica-region'));
  expect(write).toHaveBeenCalledWith(expect.stringContaining(EXIT_CODES));
});

describe('the plan', () => {
  const options = { region: 'us-east-1', replicaRegion: 'us-west-2', createTrail: false, keep: false, yes: false };
  const plan = (more: Partial<RunOptions> = {}) => planOf({ ...options, ...more }, '111122223333').replace(/\n */g, ' ');

  test('says what happens, what it costs, and what a trail does', () => {
    expect(plan()).toMatch(/Account 111122223333.*At the end everything is removed.*Cost: cents.*No trail is made/);
    expect(plan({ createTrail: true, keep: true })).toMatch(/Nothing is removed \(--keep\).*--create-trail makes a trail/);
  });

  test('says what becomes of the events of other pools', () => {
    expect(plan()).toContain('those of other pools are looked through in memory and not kept');
    expect(plan()).not.toContain('closed to further events');
    expect(plan({ keep: true })).toContain('the queue is closed to further events and emptied');
  });

  test('says what may stay, and what credentials it takes', () => {
    expect(plan()).toContain('AWS may refuse to delete the global table for 24 hours after its replica was added; the run then names it, gives the command, and exits with 1');
    expect(plan()).toContain('Use credentials that last two hours and may administer both Regions');
  });
});
