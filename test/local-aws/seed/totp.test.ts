import { totp } from './totp';

/** RFC 6238, appendix B: the secret is the text 12345678901234567890; of its eight digits an authenticator shows the last six. */
test.each([[59, '287082'], [1_111_111_109, '081804'], [1_234_567_890, '005924'], [2_000_000_000, '279037']])('at second %d', (seconds, code) => {
  expect(totp('GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ', seconds * 1_000)).toBe(code);
});
