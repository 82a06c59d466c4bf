import { Faker } from '@faker-js/faker';
import { faker as ar } from '@faker-js/faker/locale/ar';
import { faker as de } from '@faker-js/faker/locale/de';
import { faker as el } from '@faker-js/faker/locale/el';
import { faker as en } from '@faker-js/faker/locale/en';
import { faker as fr } from '@faker-js/faker/locale/fr';
import { faker as ja } from '@faker-js/faker/locale/ja';
import { faker as pl } from '@faker-js/faker/locale/pl';
import { faker as tr } from '@faker-js/faker/locale/tr';
import { faker as vi } from '@faker-js/faker/locale/vi';
import { faker as zh } from '@faker-js/faker/locale/zh_CN';

const LOCALES: readonly { faker: Faker; locale: string; country: string }[] = [
  { faker: en, locale: 'en-US', country: '1' }, { faker: de, locale: 'de-DE', country: '49' }, { faker: fr, locale: 'fr-FR', country: '33' },
  { faker: ja, locale: 'ja-JP', country: '81' }, { faker: pl, locale: 'pl-PL', country: '48' }, { faker: tr, locale: 'tr-TR', country: '90' },
  { faker: vi, locale: 'vi-VN', country: '84' }, { faker: zh, locale: 'zh-CN', country: '86' }, { faker: ar, locale: 'ar-SA', country: '966' },
  { faker: el, locale: 'el-GR', country: '30' },
];

const NOTES = [
  'comma, semicolon; and tab\tinside', 'She said "call me", twice', 'first line\nsecond line\r\nthird', 'back\\slash and \'quotes\'',
  '=SUM(A1:A9)', '{"json":["in","an",{"attribute":true}]}', '👩‍👩‍👧 family 🇯🇵', '‮right to left‬', 'ﬁ ligature, e\u0301 decomposed', ' leading and trailing ',
  'null', '0', '<b>&amp;</b>', 'x'.repeat(2048),
];

/** What somebody in a user directory is. */
export type PersonState = 'confirmed' | 'force-change-password' | 'unconfirmed' | 'reset-required' | 'federated';

export interface Person {
  readonly index: number;
  readonly state: PersonState;
  readonly disabled: boolean;
  /** Signs in through a provider as well. */
  readonly linked: boolean;
  readonly username: string;
  readonly email: string;
  readonly phone: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly note: string;
  readonly groupCount: number;
  /** Deterministic noise in [0, 1) for choices of whoever uses the person. */
  readonly chance: number;
}

/** People, the same ones for the same seed; unlike `faker.seed` alone, also when somebody else uses faker in between. */
export function people(count: number, seed: number): Person[] {
  for (const { faker } of LOCALES) {
    faker.seed(seed);
    faker.setDefaultRefDate('2026-01-01T00:00:00Z');
  }
  return Array.from({ length: count }, (_, index) => person(index));
}

function person(index: number): Person {
  const { faker, locale, country } = LOCALES[index % LOCALES.length];
  const given = faker.person.firstName();
  const family = faker.person.lastName();
  // Letters of ten scripts make a poor user name: the ASCII one is English, made unique by its index.
  const handle = `${en.internet.username().toLowerCase().replace(/[^a-z0-9]/g, '')}${index}`;
  const plus = index % 9 === 4 ? `+${en.word.noun().replace(/[^a-z]/g, '')}` : '';
  const optional = (share: number, value: () => string) => en.number.float() < share ? value() : '';
  const attributes: Record<string, string> = {
    name: `${given} ${family}`,
    given_name: given,
    family_name: family,
    birthdate: optional(0.5, () => en.date.birthdate().toISOString().slice(0, 10)),
    gender: optional(0.2, () => en.person.sex()),
    locale,
    zoneinfo: optional(0.6, () => en.location.timeZone()),
    address: optional(0.3, () => `${faker.location.streetAddress()}\n${faker.location.city()}`),
    website: optional(0.1, () => en.internet.url()),
    nickname: optional(0.2, () => `"${given}"`),
  };
  return {
    index,
    state: stateOf(index),
    disabled: index % 17 === 5,
    linked: index % 53 === 7,
    username: index % 11 === 3 ? `${given.replace(/\s/g, '')}.${index}` : handle,
    email: `${handle}${plus}@${en.helpers.arrayElement(['example.com', 'example.org', 'mail.example.net'])}`,
    phone: `+${country}${String(500_000_000 + index)}`,
    attributes: Object.fromEntries(Object.entries(attributes).filter(([, value]) => value !== '')),
    note: NOTES[index % NOTES.length],
    groupCount: groupCount(index),
    chance: en.number.float(),
  };
}

function stateOf(index: number): PersonState {
  if (index % 40 === 13) {
    return 'federated';
  }
  if (index % 25 === 8) {
    return 'unconfirmed';
  }
  if (index % 25 === 16) {
    return 'reset-required';
  }
  return index % 10 === 9 ? 'force-change-password' : 'confirmed';
}

/** Most people are in none or one group, some in several, a few in as many as 20. */
function groupCount(index: number): number {
  if (index % 100 === 42) {
    return 20;
  }
  return [0, 1, 1, 0, 2, 1, 0, 3, 1, 0][index % 10];
}
