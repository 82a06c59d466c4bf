import { cognitoError } from '../helpers/fake-cognito';
import { CASES, KINDS, passedOn, SHAPES, there, wanted } from '../helpers/passed-names';

describe.each(CASES)('$kind, $shape', ({ of, names }) => {
  test('a run that is killed at any one call to Cognito is gone on with', async () => {
    const calls = await passedOn(of, names).then(async calm => { await calm.restore(); return calm.pool.calls.length; });
    for (const tookEffect of [false, true]) {
      for (let after = 1; after <= calls; after++) {
        const killed = await passedOn(of, names);
        let [seen, isDone] = [0, false];
        const once = (now: boolean) => {
          if (isDone || now !== tookEffect || seen < after) return;
          isDone = true;
          throw cognitoError('InternalErrorException');
        };
        killed.pool.before = () => { seen++; once(false); };
        killed.pool.after = () => once(true);
        const { report } = await killed.restore();
        const is = { after, tookEffect, failed: report!.failed, there: there(killed) };
        expect(is).toEqual({ after, tookEffect, failed: 0, there: wanted(of, names) });
      }
    }
  });
});

test.each(Object.entries(KINDS))('%s: where Cognito refuses any one call of a circle, nobody is left with a stand-in, and the next run goes on', async (_kind, of) => {
  const names = SHAPES['three in a circle'];
  const calls = await passedOn(of, names).then(async calm => { await calm.restore(); return calm.pool.calls.length; });
  for (let refused = 1; refused <= calls; refused++) {
    const made = await passedOn(of, names);
    let seen = 0;
    made.pool.before = operation => {
      if (++seen === refused && ['updateAttributes', 'getUser'].includes(operation)) throw cognitoError('NotAuthorizedException');
    };
    await made.restore();
    made.pool.before = undefined;
    expect(JSON.stringify(there(made))).not.toMatch(/parked|\+999/);
    await made.restore();
    expect(there(made)).toEqual(wanted(of, names));
  }
});
