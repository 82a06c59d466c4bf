import { readFileSync } from 'node:fs';
import * as path from 'node:path';
import { script } from './script';
import { BundledPackage, bundleCommands, bundledPackages } from '../../scripts/bundled-packages';
import { ROOT } from '../../scripts/generated-files';
import { ALLOWED_LICENSES, licensed } from '../../scripts/license-texts';

const TEXT = readFileSync(path.join(ROOT, 'THIRD-PARTY-NOTICES.txt'), 'utf8');

test('is what the bundles make of it', async () => {
  expect(await script('scripts/third-party-notices.ts', '--check')).toEqual('');
});

test('names every package of the bundles and no other, each with an allowed license and its text', () => {
  const [, list, ...texts] = TEXT.split(/^-{80}$/m);
  const sections = list.trim().split(/\n\n/).map(section => /^(?<what>\S+ \S+)\nLicense: (?<license>[^,]+), text (?<number>\d+)/.exec(section)?.groups);
  expect(sections.map(section => section?.what)).toEqual(bundledPackages().map(({ name, version }) => `${name} ${version}`));
  expect(sections.filter(section => !ALLOWED_LICENSES.includes(section?.license ?? ''))).toEqual([]);
  for (const section of sections) {
    const text = texts[Number(section?.number) - 1];
    expect(text).toContain(section?.what.split(' ')[0]);
    expect(text).toMatch(section?.license === 'Apache-2.0' ? /Apache License\s+Version 2\.0/ : /permission is hereby granted|permission to use/i);
  }
});

test('there is a bundle for every handler, and one for the command line', () => {
  const entries = bundleCommands().map(command => command.find(arg => arg.startsWith('src/')));
  expect(entries.length).toBeGreaterThanOrEqual(12);
  expect(entries.filter(entry => !entry?.endsWith('.lambda.ts'))).toEqual(['src/cli/main.ts']);
});

describe('a package', () => {
  const found: BundledPackage = { name: 'p', version: '1.0.0', license: 'MIT', directory: 'node_modules/zod' };

  test('with a license file gives its own text', () => {
    expect(licensed(found)).toMatchObject({ isStandardText: false, text: expect.stringContaining('Colin McDonnell') });
  });

  test.each([['GPL-3.0-only'], ['UNLICENSED'], [undefined], [{ type: 'MIT' }]])('of the license %j may not be shipped', license => {
    expect(() => licensed({ ...found, license })).toThrow(/^p 1\.0\.0 is in a bundle and has the license/);
  });

  test('without a license file gets the standard text, where that says it all', () => {
    const without = { ...found, directory: 'scripts' };
    expect(licensed({ ...without, license: 'MIT-0' })).toMatchObject({ isStandardText: true, text: expect.stringMatching(/^MIT No Attribution/) });
    expect(() => licensed(without)).toThrow('MIT wants its copyright line');
  });
});
