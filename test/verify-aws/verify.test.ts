import { answerOf, Assumption, refusedWith, unobservable } from './assumptions/assumption';
import { once, Port, until } from './port';
import { verify } from './verify';

const port = (signal = new AbortController().signal) => ({ signal, patience: { poll: 1 } }) as unknown as Port;
const assumption = (id: string, check: Assumption['check']): Assumption => ({ id, what: id, assumed: 'x', source: 'a test', check });
const verdicts = async (assumptions: Assumption[], on = port()) => (await verify(assumptions, on)).map(({ id, verdict }) => [id, verdict]);
const refusal = (name: string) => Object.assign(new Error('x'), { name, $metadata: { httpStatusCode: 400 } });

test('each has its verdict; a check that throws failed, by name only, and stops nobody', async () => {
  expect(await verdicts([
    assumption('throws', () => Promise.reject(new RangeError('about ann@example.com'))),
    assumption('throws what is no error', () => { throw 'ann'; }), // eslint-disable-line @typescript-eslint/only-throw-error
    assumption('holds', () => Promise.resolve({ observed: 'x', holds: true })),
    assumption('differs', () => Promise.resolve({ observed: 'y', holds: false })),
    unobservable('unobservable', 'x', 'x', 'x', 'nobody can see it'),
  ])).toEqual([
    ['throws', 'check failed: RangeError'],
    ['throws what is no error', 'check failed: something was thrown that is no error'],
    ['holds', 'as assumed'],
    ['differs', 'differs'],
    ['unobservable', 'not observed: nobody can see it'],
  ]);
});

test('after an interruption nothing is checked any more', async () => {
  const interruption = new AbortController();
  const later = jest.fn();
  const interrupted = 'not observed: the run was interrupted';
  expect(await verdicts([
    assumption('interrupts', () => { interruption.abort(); throw new Error('x'); }), assumption('later', later),
  ], port(interruption.signal))).toEqual([['interrupts', interrupted], ['later', interrupted]]);
  expect(later).not.toHaveBeenCalled();
});

test('only what the service says is an answer', async () => {
  expect(await answerOf(Promise.resolve())).toBe('accepted');
  expect(await answerOf(Promise.reject(refusal('AliasExistsException')))).toBe('AliasExistsException');
  await expect(answerOf(Promise.reject(new Error('no connection')))).rejects.toThrow('no connection');
  expect(await refusedWith(Promise.resolve(), 'AliasExistsException')).toEqual({ observed: 'accepted', holds: false });
  expect(await refusedWith(Promise.reject(refusal('AliasExistsException')), 'AliasExistsException')).toMatchObject({ holds: true });
});

test('waiting: for what comes, as long as the patience is, and not after an interruption', async () => {
  let looks = 0;
  expect(await until(port(), 10_000, () => Promise.resolve(++looks === 3 ? 'there' : undefined))).toBe('there');
  expect(await until(port(), 5, () => Promise.resolve(undefined))).toBeUndefined();
  await expect(until(port(AbortSignal.abort()), 10_000, () => Promise.resolve(undefined))).rejects.toMatchObject({ name: 'AbortError' });
});

test('the work of several checks is done once in a run', async () => {
  const work = jest.fn((_: Port) => Promise.resolve({}));
  const shared = once(work);
  const [one, other] = [port(), port()];
  expect(await shared(one)).toBe(await shared(one));
  expect(await shared(one)).not.toBe(await shared(other));
  expect(work).toHaveBeenCalledTimes(2);
});
