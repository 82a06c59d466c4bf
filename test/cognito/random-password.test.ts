import { randomPassword } from '../../src/cognito/random-password';

test.each([[6, 32], [32, 32], [99, 99]])('with a minimum length of %d it has %d characters, of every class', (minimum, length) => {
  const passwords = Array.from({ length: 200 }, () => randomPassword(minimum));
  for (const password of passwords) {
    expect(password).toHaveLength(length);
    for (const aClass of [/[a-z]/, /[A-Z]/, /[0-9]/, /[\^$*.[\]{}()?\-"!@#%&/\\,><':;|_~`+=]/]) expect(password).toMatch(aClass);
    // Cognito takes no white space at the ends, and nothing outside ASCII counts as a symbol.
    expect(password).toMatch(/^[!-~]+$/);
  }
  expect(new Set(passwords).size).toBe(200);
});
