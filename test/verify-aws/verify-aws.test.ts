import { planOf } from './run';
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
});

test('the plan says what happens, what it costs, and what a trail does', () => {
  const options = { region: 'us-east-1', replicaRegion: 'us-west-2', createTrail: false, keep: false, yes: false };
  expect(planOf(options, '111122223333')).toMatch(/Account 111122223333[^]*Everything is removed at the end[^]*Cost: cents[^]*No trail is made/);
  expect(planOf({ ...options, createTrail: true, keep: true }, '111122223333')).toMatch(/Nothing is removed \(--keep\)[^]*--create-trail makes a trail/);
});
