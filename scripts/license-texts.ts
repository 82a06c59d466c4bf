import { readdirSync, readFileSync } from 'node:fs';
import * as path from 'node:path';
import * as standardTexts from 'spdx-license-list/full';
import { BundledPackage } from './bundled-packages';
import { ROOT } from './generated-files';

/** Licenses under which code may be shipped in a package that is MIT itself. */
export const ALLOWED_LICENSES: readonly string[] = ['0BSD', 'Apache-2.0', 'BSD-2-Clause', 'BSD-3-Clause', 'BlueOak-1.0.0', 'ISC', 'MIT', 'MIT-0'];

/** Their text is the same for everybody. The others begin with a copyright line, which only the package itself can give. */
const WITHOUT_OWN_TEXT: readonly string[] = ['0BSD', 'Apache-2.0', 'BlueOak-1.0.0', 'MIT-0'];

export interface LicensedPackage extends BundledPackage {
  readonly license: string;
  readonly text: string;
  /** The package has no license file: the text is the standard one. */
  readonly isStandardText: boolean;
  /** What Apache-2.0 asks to pass on. */
  readonly notice?: string;
}

/** @throws when the package may not be shipped, or not without a text that it does not have */
export function licensed(found: BundledPackage): LicensedPackage {
  const { name, version, license, directory } = found;
  if (typeof license !== 'string' || !ALLOWED_LICENSES.includes(license)) {
    throw new Error(`${name} ${version} is in a bundle and has the license ${JSON.stringify(license) ?? 'none'}: `
      + 'have its code left out, or, if it may be shipped, add the license to ALLOWED_LICENSES');
  }
  const text = textOf(directory, /^(licen[cs]e|copying)(-mit)?(\.(md|txt))?$/i);
  if (text === undefined && !WITHOUT_OWN_TEXT.includes(license)) {
    throw new Error(`${name} ${version} is in a bundle, has no license file, and ${license} wants its copyright line: ask its authors to ship one`);
  }
  const notice = textOf(directory, /^notice(\.(md|txt))?$/i);
  return { ...found, license, text: text ?? normalized(standardTexts[license].licenseText), isStandardText: text === undefined, notice };
}

function textOf(directory: string, pattern: RegExp): string | undefined {
  const file = readdirSync(path.join(ROOT, directory)).sort().find(name => pattern.test(name));
  return file === undefined ? undefined : normalized(readFileSync(path.join(ROOT, directory, file), 'utf8'));
}

function normalized(text: string): string {
  return text.replace(/\r\n/g, '\n').replace(/[ \t]+$/gm, '').replace(/^\n+|\n+$/g, '');
}
