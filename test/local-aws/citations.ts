import { readdirSync, readFileSync } from 'node:fs';
import * as path from 'node:path';
import { sourceFault } from '../docs/sources';

const CITATION = /^\s*\*\s*@see (.+?)\s*$/gm;

/** Behaviour of AWS that nobody is named for: files of a directory, or single ones, that cite nothing, or something that is not there. */
export function uncited(places: readonly string[]): string[] {
  return places.flatMap(filesOf).flatMap(file => {
    const sources = [...readFileSync(file, 'utf8').matchAll(CITATION)].map(([, source]) => source);
    const faults = sources.flatMap(source => sourceFault(source) ?? []);
    return [...sources.length > 0 ? [] : ['cites nothing'], ...faults].map(fault => `${path.basename(file)}: ${fault}`);
  });
}

function filesOf(place: string): string[] {
  if (place.endsWith('.ts')) return [place];
  return readdirSync(place).filter(name => name.endsWith('.ts') && !name.endsWith('.test.ts')).sort().map(name => path.join(place, name));
}
