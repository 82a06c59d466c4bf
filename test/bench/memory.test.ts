import { SWEEP_MEMORY } from '../../src/capture/constants';
import { RESTORE_MEMORY } from '../../src/restore/constants';
import { documentText } from '../helpers/documents';
import { choiceOf, isChosenWell, MEMORY_SIZES, tune } from '../helpers/power-tuning';
import { firstCopyOf, MEASURED_TIMES, worksOf } from '../helpers/processor-times';

const { restore, sweep } = worksOf(MEASURED_TIMES);

test('the memory of the functions is among what is fast and cheap, by the processor time of their work: B10', () => {
  expect(isChosenWell(restore, RESTORE_MEMORY)).toBe(true);
  expect(isChosenWell(sweep, SWEEP_MEMORY)).toBe(true);
  // Neither is the least that Lambda takes, nor the most.
  for (const work of [restore, sweep]) for (const memory of [128, 3_008]) expect([memory, isChosenWell(work, memory)]).toEqual([memory, false]);
});

test('the first copy of the largest pool ends within two and a half days with the memory that sweeps have', () => {
  const [{ minutes }] = tune(firstCopyOf(MEASURED_TIMES), [SWEEP_MEMORY]);
  expect(minutes / 60 / 24).toBeLessThan(2.5);
});

test('more memory is never slower, and the choice is the cheapest that is fast', () => {
  for (const work of [restore, sweep, firstCopyOf(MEASURED_TIMES)]) {
    const tuned = tune(work);
    expect(tuned.map(({ minutes }) => minutes)).toEqual(tuned.map(({ minutes }) => minutes).sort((a, b) => b - a));
    tuned.filter(({ isFast }) => isFast).forEach(({ usd }) => expect(usd).toBeGreaterThanOrEqual(choiceOf(tuned).usd));
  }
});

test('the documents say what comes of each memory', () => {
  const [both, copies] = [tune(restore).map((each, i) => [each, tune(sweep)[i]]), tune(firstCopyOf(MEASURED_TIMES))];
  const rows = both.map(([restored, swept], i) => `| ${[
    `${MEMORY_SIZES[i].toLocaleString('en')} MB`, `${(restored.minutes / 60).toFixed(1)}${restored.isFast ? ', fast' : ''}`, restored.usd.toFixed(2),
    `${swept.minutes.toFixed(0)}${swept.isFast ? ', fast' : ''}`, swept.usd.toFixed(2), (copies[i].minutes / 60 / 24).toFixed(1),
  ].join(' | ')} |`);
  expect(documentText('docs/evidence.md')).toContain(rows.join('\n'));
});
