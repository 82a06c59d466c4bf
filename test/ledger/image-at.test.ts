import * as fc from 'fast-check';
import { Beginning } from '../../src/ledger/beginning';
import { imageAt, ImageAt, KeptImage, PastImage } from '../../src/ledger/image-at';

/** A row with a word in it, so that images are told apart. */
interface Word extends PastImage {
  readonly word: string;
}

const SECOND = 1_000;
const BASE = Date.UTC(2026, 0, 10);
const at = (second: number) => BASE + second * SECOND;
const key = (second: number) => new Date(at(second)).toISOString();
const began = (notBefore: number | undefined, since: number, byEvent?: [number, number]): Beginning => ({
  ...(notBefore === undefined ? {} : { notBefore: at(notBefore) }),
  since: at(since),
  ...(byEvent ? { byEvent: { notBefore: at(byEvent[0]), since: at(byEvent[1]) } } : {}),
});
const image = (word: string, observed: number, more: Partial<Word> = {}): Word => ({ word, observedAt: at(observed), ...more });
const kept = (of: Word, ended?: Beginning): KeptImage<Word> => ({ key: new Date(of.observedAt).toISOString(), image: of, ended });

/** Sweeps have compared everything since, unless a test says otherwise. */
const ALL_COMPARED = { comparedUntil: Infinity };

function ask(
  second: number, row: Word, history: readonly KeptImage<Word>[] = [], isUser = false, comparedUntil = Infinity,
): [string | undefined, string] {
  const found = imageAt(row, history, { moment: at(second), isUser, isWhole: true, comparedUntil }) as ImageAt<Word>;
  return [found.image?.word, found.grade];
}

/** The first image is of second 10, and was replaced between the seconds 100 and 200, by an event of 150. */
const old = image('old', 100, { began: began(undefined, 10) });
const change = began(100, 200, [150, 152]);
const row = image('new', 201, { began: change, replaces: key(100) });

test.each<[string, number, [string | undefined, string]]>([
  ['a row that had begun is taken as it is', 200, ['new', 'certain']],
  ['the event says that it had', 152, ['new', 'by-event']],
  ['it changed around that moment: the earlier state', 151, ['old', 'uncertain']],
  ['the event says that it had not', 150, ['old', 'by-event']],
  ['Cognito still showed the old one', 100, ['old', 'certain']],
  ['the first image, as it was first seen', 10, ['old', 'certain']],
  ['before anything was seen', 9, [undefined, 'uncertain']],
])('%s', (_what, second, expected) => {
  expect(ask(second, row, [kept(old, change)])).toEqual(expected);
});

test('where the row answers, no history is asked for, and none where the row is dated and names no predecessor', () => {
  const look = (second: number, of: Word) => imageAt(of, [], { moment: at(second), isUser: true, isWhole: false, ...ALL_COMPARED });
  expect(look(200, row)).toEqual({ image: row, grade: 'certain' });
  expect(look(100, row)).toBe('more');
  expect(look(3, image('new', 5, { began: began(4, 5) }))).toEqual({ grade: 'certain' });
  expect(look(3, image('new', 5))).toBe('more');
  expect(look(3, image('new', 90, { createdAt: at(5) }))).toEqual({ grade: 'certain' });
});

test('more is asked for until the image that had begun is there', () => {
  const images = [5, 4, 3, 2].map(n => image(`n${n}`, n * 10, { began: began(n * 10 - 5, n * 10), replaces: key(n * 10 - 10) }));
  const [first, ...others] = images;
  const history = others.map(one => kept(one));
  const look = (second: number, count: number) =>
    imageAt(first, history.slice(0, count), { moment: at(second), isUser: true, isWhole: false, ...ALL_COMPARED });
  expect([0, 1, 2, 3].map(count => look(21, count))).toEqual(['more', 'more', 'more', { image: others[2], grade: 'certain' }]);
});

test('an image that is named and not there is noticed, unless the moment is for certain before its end', () => {
  expect(ask(90, row)).toEqual(['new', 'incomplete']);
  expect(ask(90, image('gone', 201, { began: change, replaces: key(100), deletedAt: at(201) }), [], true)).toEqual(['gone', 'incomplete']);
  const gone = imageAt(image('gone', 201, { began: change, replaces: key(100), deletedAt: at(201) }), [],
    { moment: at(90), isUser: true, isWhole: true, ...ALL_COMPARED }) as ImageAt<Word>;
  expect(gone.image).not.toHaveProperty('deletedAt');
  // The one of second 60, which the row names as second to last, is missing.
  const older = kept(image('older', 40, { began: began(undefined, 10) }), began(40, 60));
  const middle = image('middle', 100, { began: began(70, 80), replaces: key(60) });
  expect(ask(75, row, [kept(middle, change), older])).toEqual(['older', 'incomplete']);
  expect(ask(50, row, [kept(middle, change), older])).toEqual(['older', 'incomplete']);
  expect(ask(40, row, [kept(middle, change), older])).toEqual(['older', 'certain']);
});

test('a row whose own image the history says to have ended is not believed after that', () => {
  const own = kept(image('new', 201, { began: change, replaces: key(100) }), began(300, 310));
  expect(ask(299, row, [own])).toEqual(['new', 'certain']);
  expect(ask(301, row, [own])).toEqual(['new', 'incomplete']);
});

test('a wrong tombstone of a user is passed over, as a sub never comes back; a group may really have been gone', () => {
  const tombstone = kept(image('grave', 100, { began: began(20, 30), deletedAt: at(30), replaces: key(20) }), began(40, 50));
  const before = kept(image('before', 20, { began: began(undefined, 10) }), began(20, 30));
  const back = image('back', 110, { began: began(40, 50), replaces: key(100) });
  expect(ask(35, back, [tombstone, before], true)).toEqual(['before', 'certain']);
  expect(ask(45, back, [tombstone, before], true)).toEqual(['before', 'uncertain']);
  expect(ask(35, back, [tombstone, before])).toEqual(['grave', 'certain']);
});

test('who was deleted since is alive at the moment before, and who had been deleted by then is not', () => {
  const grave = image('gone', 100, { began: began(90, 95), deletedAt: at(95), replaces: key(50) });
  const alive = kept(image('alive', 50, { began: began(undefined, 10) }), began(90, 95));
  expect(ask(90, grave, [alive], true)).toEqual(['alive', 'certain']);
  expect(ask(95, grave, [alive], true)).toEqual(['gone', 'certain']);
});

test('a user who was made before the first look is better known by that look than not at all; a group is not', () => {
  const first = image('first', 50, { createdAt: at(10), began: began(9, 40) });
  expect(ask(8, first, [], true)).toEqual([undefined, 'certain']);
  expect(ask(20, first, [], true)).toEqual(['first', 'uncertain']);
  expect(ask(20, { ...first, createdAt: undefined })).toEqual([undefined, 'uncertain']);
  // As earlier releases wrote it.
  const undated = image('undated', 50, { createdAt: at(10) });
  expect([8, 20, 50].map(second => ask(second, undated, [], true))).toEqual([[undefined, 'certain'], ['undated', 'uncertain'], ['undated', 'certain']]);
});

test('images of earlier releases are read: they had begun when they were seen, and nothing is known of the time before', () => {
  const history = [kept(image('b', 50)), kept(image('a', 20))];
  const current = image('c', 80);
  expect([80, 79, 50, 49, 20].map(second => ask(second, current, history))).toEqual(
    [['c', 'certain'], ['b', 'uncertain'], ['b', 'uncertain'], ['a', 'uncertain'], ['a', 'uncertain']]);
  // The next change of such a row is dated, and what it replaced is then known for certain.
  const next = image('d', 120, { began: began(100, 110), replaces: key(80) });
  expect([100, 80, 79].map(second => ask(second, next, [kept(current, began(100, 110)), ...history]))).toEqual(
    [['c', 'certain'], ['c', 'certain'], ['b', 'uncertain']]);
});

test('once a newer image was refused, the row is in doubt from the last look that showed it', () => {
  const refused = image('kept', 100, { began: began(undefined, 10), refusedAt: at(190) });
  expect([39, 100, 101, 191].map(second => ask(second, refused))).toEqual(
    [['kept', 'certain'], ['kept', 'by-event'], ['kept', 'uncertain'], ['kept', 'uncertain']]);
});

test('a row that nothing superseded is certain until a look last confirmed it: its own, less what Cognito may lag, or that of a sweep', () => {
  const last = image('last', 1_000, { began: began(100, 200), replaces: key(50) });
  // 60 seconds of lag and one between the clocks.
  expect([200, 939, 940].map(second => ask(second, last, [], false, at(0)))).toEqual(
    [['last', 'certain'], ['last', 'certain'], ['last', 'by-event']]);
  expect([1_500, 1_501].map(second => ask(second, last, [], false, at(1_500)))).toEqual([['last', 'certain'], ['last', 'by-event']]);
  // How it ended is known of an image that another one replaced, and Cognito itself says when a user was made.
  const past = kept(image('past', 400, { began: began(90, 100) }), began(500, 510));
  expect(ask(150, image('next', 1_000, { began: began(500, 510), replaces: key(400) }), [past], false, at(0))).toEqual(['past', 'certain']);
  expect(ask(5, image('new', 20, { createdAt: at(10), began: began(9, 15) }), [], true, at(0))).toEqual([undefined, 'certain']);
});

test('a group that was made again was there before: its date of creation says nothing of the time before, as that of a user does', () => {
  const gone = image('first', 200, { began: began(199, 200), createdAt: at(10), deletedAt: at(200), replaces: key(100) });
  const first = kept(image('first', 100, { began: began(9, 10), createdAt: at(10) }), began(199, 200));
  const again = image('again', 400, { began: began(399, 400), createdAt: at(400), replaces: key(200) });
  const history = [kept(gone, began(399, 400)), first];
  expect(ask(150, again, history)).toEqual(['first', 'certain']);
  expect(ask(300, again, history)).toEqual(['first', 'certain']); // the tombstone, which says that it was gone
  expect(ask(5, again, history)).toEqual([undefined, 'certain']);
});

/** Changes at moments of their own, each with what is known of its moment. */
interface Life {
  readonly changes: readonly number[];
  readonly row: Word;
  readonly history: readonly KeptImage<Word>[];
  /** A user's absence before the first change is Cognito's own word. */
  readonly isUser: boolean;
}

const step = fc.record({
  pause: fc.integer({ min: 2, max: 60 }),
  /** Where in the pause the looks are, and the event that says what happened. */
  before: fc.nat(100),
  after: fc.nat(100),
  event: fc.boolean(),
  touched: fc.nat(100),
});

const steps = fc.array(step, { minLength: 1, maxLength: 12 });
const lives: fc.Arbitrary<Life> = fc.tuple(steps, fc.boolean()).map(([taken, isUser]) => {
  let now = 0;
  const changes = taken.map(({ pause }) => (now += pause));
  const share = (from: number, to: number, percent: number) => from + Math.floor((to - from) * percent / 100);
  let images: Word[] = [];
  for (const [i, { before, after, event, touched }] of taken.entries()) {
    const [moment, next] = [changes[i], changes[i + 1] ?? now + 50];
    // An answer shows the new state from the change on, and before the next one.
    const since = share(moment, next - 1, after);
    const lastLook = i === 0 ? (isUser ? moment - 1 : undefined) : share(changes[i - 1], moment - 1, before);
    const observed = share(since, next - 1, touched);
    images = [...images, image(`n${i}`, observed, {
      began: began(lastLook, since, event ? [moment - 1, moment] : undefined),
      ...(isUser ? { createdAt: at(changes[0]) } : {}),
      ...(i > 0 ? { replaces: new Date(images[i - 1].observedAt).toISOString() } : {}),
    })];
  }
  const history = images.slice(0, -1).map((one, i) => kept(one, images[i + 1].began)).reverse();
  return { changes, row: images[images.length - 1], history, isUser };
});

function truth({ changes }: Life, second: number): number {
  return changes.filter(moment => moment <= second).length - 1;
}

test('property: what is certain or said by an event is what there was; what is uncertain is one of the two states around the moment', () => {
  fc.assert(fc.property(lives, fc.double({ min: -0.1, max: 1.2, noNaN: true }), (life, share) => {
    const second = Math.round(share * life.changes[life.changes.length - 1]);
    const found = imageAt(life.row, life.history, { moment: at(second), isUser: life.isUser, isWhole: true, ...ALL_COMPARED }) as ImageAt<Word>;
    const index = found.image ? Number(found.image.word.slice(1)) : -1;
    if (found.grade === 'uncertain') expect([truth(life, second) - 1, truth(life, second), truth(life, second) + 1]).toContain(index);
    else expect([found.grade, index]).toEqual([expect.stringMatching(/^(certain|by-event)$/), truth(life, second)]);
  }), { numRuns: 2_000 });
});

test('property: reading piece by piece, and stopping early, answers the same', () => {
  fc.assert(fc.property(lives, fc.integer({ min: 0, max: 800 }), (life, second) => {
    const how = { moment: at(second), isUser: life.isUser, ...ALL_COMPARED };
    const whole = imageAt(life.row, life.history, { ...how, isWhole: true });
    for (let count = 0; count <= life.history.length; count += 1) {
      const found = imageAt(life.row, life.history.slice(0, count), { ...how, isWhole: count === life.history.length });
      if (found !== 'more') expect(found).toEqual(whole);
    }
  }), { numRuns: 500 });
});

test('property: whichever item of the history is missing, it is noticed, or the answer is the same', () => {
  fc.assert(fc.property(lives, fc.nat(), fc.integer({ min: 0, max: 800 }), (life, which, second) => {
    fc.pre(life.history.length > 0);
    const how = { moment: at(second), isUser: life.isUser, isWhole: true, ...ALL_COMPARED };
    const found = imageAt(life.row, life.history.filter((_, i) => i !== which % life.history.length), how) as ImageAt<Word>;
    if (found.grade !== 'incomplete') expect(found).toEqual(imageAt(life.row, life.history, how));
  }), { numRuns: 1_000 });
});
