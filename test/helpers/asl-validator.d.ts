/** What the tests use of asl-validator, which comes without types. */
declare module 'asl-validator' {
  function validate(definition: object): { isValid: boolean; errors: { message: string }[] };
  export = validate;
}
