/** Writes the licenses of the packages whose code is in the bundles, which ship in `assets/`. `--check` compares. */
import { bundledPackages } from './bundled-packages';
import { writeOrCheck } from './generated-files';
import { LicensedPackage, licensed } from './license-texts';

const LINE = '-'.repeat(80);

function notices(packages: readonly LicensedPackage[]): string {
  const texts = [...new Set(packages.map(({ text }) => text))];
  return [
    'Third-party notices for cognito-dr-replica',
    '',
    'The functions and the command in assets/ contain code of the packages below. Their licenses follow, each text once.',
    'Made by scripts/third-party-notices.ts from what is in the bundles; not to be edited.',
    '',
    LINE,
    ...packages.flatMap(found => section(found, texts.indexOf(found.text) + 1)),
    ...texts.flatMap((text, index) => textSection(text, index + 1, packages.filter(found => found.text === text))),
  ].join('\n').concat('\n');
}

function section({ name, version, license, url, isStandardText, notice }: LicensedPackage, number: number): string[] {
  return [
    '',
    `${name} ${version}`,
    `License: ${license}, text ${number}${isStandardText ? ' (the package has no license file: standard text of the SPDX license list)' : ''}`,
    ...(url ? [`Source: ${url}`] : []),
    ...(notice ? ['Notice:', '', notice] : []),
  ];
}

function textSection(text: string, number: number, packages: readonly LicensedPackage[]): string[] {
  return ['', LINE, '', `Text ${number}, of ${packages.map(({ name }) => name).join(', ')}:`, '', text];
}

writeOrCheck({ 'THIRD-PARTY-NOTICES.txt': notices(bundledPackages().map(licensed)) }, 'npm run docs');
