import { randomInt } from 'crypto';

const CLASSES = ['abcdefghijklmnopqrstuvwxyz', 'ABCDEFGHIJKLMNOPQRSTUVWXYZ', '0123456789', '^$*.[]{}()?-"!@#%&/\\,><\':;|_~`+='];
const LENGTH = 32;

/** A password that meets any policy of Cognito's and that nobody ever learns: it is sent to Cognito and forgotten. */
export function randomPassword(minimumLength: number): string {
  const any = CLASSES.join('');
  const characters = CLASSES.map(pick);
  while (characters.length < Math.max(LENGTH, minimumLength)) characters.push(pick(any));
  return shuffled(characters).join('');
}

function pick(from: string): string {
  return from[randomInt(from.length)];
}

function shuffled(characters: string[]): string[] {
  for (let i = characters.length - 1; i > 0; i--) {
    const j = randomInt(i + 1);
    [characters[i], characters[j]] = [characters[j], characters[i]];
  }
  return characters;
}
