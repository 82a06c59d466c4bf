import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { ROOT } from './generated-files';

export interface BundledPackage {
  readonly name: string;
  readonly version: string;
  /** As package.json has it: an SPDX expression, where it is right. */
  readonly license?: unknown;
  readonly url?: string;
  /** Where it is installed. */
  readonly directory: string;
}

interface Task {
  readonly steps?: readonly { readonly execArgs?: readonly string[] }[];
}

interface Metafile {
  readonly outputs: Readonly<Record<string, { readonly inputs: Readonly<Record<string, { readonly bytesInOutput: number }>> }>>;
}

/** The command lines that make the bundles, as projen wrote them: what is found is what ships. */
export function bundleCommands(): string[][] {
  const { tasks } = readJson(path.join(ROOT, '.projen', 'tasks.json')) as { tasks: Record<string, Task> };
  return Object.entries(tasks)
    .filter(([name]) => name.startsWith('bundle:') && !name.endsWith(':watch'))
    .map(([name, { steps = [] }]) => {
      const [{ execArgs } = {}] = steps;
      if (steps.length !== 1 || execArgs?.[0] !== 'esbuild') throw new Error(`task ${name} is not one call of esbuild: .projen/tasks.json has another form now`);
      return [...execArgs];
    });
}

/** Packages of which at least one byte is in a bundle, by name and version. */
export function bundledPackages(): BundledPackage[] {
  const directories = new Set(bundleCommands().flatMap(inputsOf).map(packageDirectory).filter(directory => directory !== undefined));
  const packages = [...directories].map(directory => {
    const { name, version, license, repository, homepage } = readJson(path.join(ROOT, directory, 'package.json')) as Record<string, unknown>;
    return { name: String(name), version: String(version), license, url: urlOf(repository) ?? urlOf(homepage), directory };
  });
  const byNameAndVersion = new Map(packages.map(found => [`${found.name} ${found.version}`, found]));
  // By code unit: the order must not depend on a locale.
  return [...byNameAndVersion].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, found]) => found);
}

function inputsOf([esbuild, ...args]: string[]): string[] {
  const directory = mkdtempSync(path.join(tmpdir(), 'bundle-'));
  try {
    const metafile = path.join(directory, 'meta.json');
    const elsewhere = args.map(arg => (arg.startsWith('--outfile=') ? `--outfile=${path.join(directory, 'index.js')}` : arg));
    execFileSync(path.join(ROOT, 'node_modules', '.bin', esbuild), [...elsewhere, `--metafile=${metafile}`, '--log-level=warning'], { cwd: ROOT });
    const { outputs } = readJson(metafile) as Metafile;
    return Object.values(outputs).flatMap(({ inputs }) => Object.keys(inputs).filter(input => inputs[input].bytesInOutput > 0));
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/** Undefined for this project's own code. */
function packageDirectory(input: string): string | undefined {
  if (input.startsWith('src/')) return undefined;
  const [directory] = /^.*\bnode_modules\/(@[^/]+\/)?[^/]+/.exec(input) ?? [];
  if (directory === undefined) throw new Error(`a bundle has ${input}, which is neither in src/ nor in node_modules/`);
  return directory;
}

function urlOf(repository: unknown): string | undefined {
  const url = typeof repository === 'object' && repository !== null && 'url' in repository ? repository.url : repository;
  return typeof url === 'string' ? url.replace(/^git\+/, '').replace(/\.git$/, '') : undefined;
}

function readJson(file: string): unknown {
  return JSON.parse(readFileSync(file, 'utf8'));
}
