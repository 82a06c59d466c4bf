import { customAttributeNames, hasSourceSub, mirroredSchema, sourceSubProblem, writableAttributes } from '../../../src/standby/mirror/mirror-schema';

const SOURCE_SUB = { Name: 'source_sub', AttributeDataType: 'String', Mutable: false };
const attributes = (...names: string[]) => ({ Schema: names.map(Name => ({ Name, AttributeDataType: 'String', Mutable: true })) });
const many = (count: number, ...more: string[]) => attributes(...Array.from({ length: count }, (_, i) => `a${i}`), ...more);

test.each<[string, object, boolean]>([
  ['no schema', {}, true],
  ['49 custom attributes', many(49), true],
  ['49 custom attributes and a standard one', many(49, 'email'), true],
  ['50 custom attributes', many(50), false],
  ['50 custom attributes, custom:source_sub among them', { Schema: [...many(49).Schema, SOURCE_SUB] }, true],
])('room for custom:source_sub beside %s', (_name, pool, room) => {
  expect(hasSourceSub(pool as never)).toBe(room);
  const names = mirroredSchema(pool as never)!.map(attribute => attribute.Name);
  expect(names.filter(name => name === 'source_sub')).toHaveLength(room ? 1 : 0);
  // First, unless the source has one in a place of its own.
  if (room) expect(names[0] === 'source_sub' || JSON.stringify(pool).includes('source_sub')).toBe(true);
});

test.each<[string, object, boolean]>([
  ['an immutable string', SOURCE_SUB, true],
  ['mutable', { ...SOURCE_SUB, Mutable: true }, false],
  ['mutable by default', { Name: 'source_sub', AttributeDataType: 'String' }, false],
  ['a number', { ...SOURCE_SUB, AttributeDataType: 'Number' }, false],
  ['for developers only', { ...SOURCE_SUB, DeveloperOnlyAttribute: true }, false],
])('the source\'s own custom:source_sub is %s', (_name, attribute, fine) => {
  expect(sourceSubProblem({ Schema: [attribute] }) === undefined).toBe(fine);
});

test('writable are the standard attributes and the custom ones, less custom:source_sub and those for developers', () => {
  const pool = { Schema: [...attributes('email', 'team', 'sub').Schema, SOURCE_SUB, { Name: 'internal', DeveloperOnlyAttribute: true }] };
  const written = writableAttributes(pool);
  expect(written).toHaveLength(18);
  expect(written.filter(name => name.includes(':'))).toEqual(['custom:team']);
  expect(written).not.toContain('email_verified');
});

/** Cognito takes them for attributes of the pool's own: https://github.com/aws/aws-cdk/pull/14699. */
test.each(['email_verified', 'phone_number_verified'])('a schema that names %s makes a custom attribute, which the mirror has', name => {
  const pool = attributes('email', name);
  expect(customAttributeNames(pool)).toEqual([`custom:${name}`]);
  expect(writableAttributes(pool).filter(each => each.endsWith('_verified'))).toEqual([`custom:${name}`]);
  expect(mirroredSchema(pool)!.map(({ Name }) => Name)).toEqual(['source_sub', 'email', name]);
  expect(hasSourceSub(many(49, name))).toBe(false);
});
