import {
  CfnElement, CfnResource, DefaultTokenResolver, IPostProcessor, IResolvable, IResolveContext, Reference, ResolveChangeContextOptions, Stack,
  StringConcat, Token, Tokenization,
} from 'aws-cdk-lib';
import { IConstruct } from 'constructs';

/**
 * What a value of a template refers to, however deep: in a part of an ARN, in either branch of a condition, and by a logical id of its own stack, as
 * in `Fn.ref('Users')`.
 */
export function referencesIn(scope: IConstruct, value: unknown): IConstruct[] {
  const collector = new ReferenceCollector(scope);
  collector.look(value);
  return [...collector.targets];
}

/** What a resource as a whole refers to, in its overrides as well. */
export function referencesOf(resource: CfnResource): IConstruct[] {
  const { rawOverrides } = resource as unknown as { rawOverrides: unknown };
  return referencesIn(resource, [(resource as unknown as { _toCloudFormation(): unknown })._toCloudFormation(), rawOverrides]);
}

/** How the CDK writes a token into a text: as a marker, or, where it stands for a number, as a number that is larger than any other. */
const WRITTEN_TOKEN = /[$#]\{Token\[|\de\+2/;

/** What in the argument of an intrinsic function is a logical id. */
const IDS_IN: Readonly<Record<string, (argument: unknown) => unknown[]>> = {
  'Ref': id => [id],
  'Fn::GetAtt': argument => [typeof argument === 'string' ? argument.split('.')[0] : (argument as unknown[] | undefined)?.[0]],
  'Fn::Sub': argument => [...String([argument].flat()[0]).matchAll(/\$\{(\w+)/g)].map(([, id]) => id),
};

/** Elements of stacks by their logical ids. */
const ELEMENTS = new WeakMap<Stack, ReadonlyMap<string, CfnElement>>();

/** Few are referred to so, but by what the CDK itself adds: the ids of a stack are read anew only where one is not known. */
function elementOf(stack: Stack, id: string): CfnElement | undefined {
  const known = ELEMENTS.get(stack)?.get(id);
  if (known && stack.resolve(known.logicalId) === id) return known;
  const elements = stack.node.findAll().filter(node => CfnElement.isCfnElement(node)).filter(element => element.stack === stack);
  const byId = new Map(elements.map(element => [stack.resolve(element.logicalId) as string, element]));
  ELEMENTS.set(stack, byId);
  return byId.get(id);
}

/**
 * Looks at every token, and makes nothing of them. Rendering resources only to see what they refer to, with every check of a property, cost a
 * tenth of a synthesis.
 */
class ReferenceCollector implements IResolveContext {
  public readonly targets = new Set<IConstruct>();
  /** CDK keeps the references in a text of JSON, such as a definition of a state machine, only while it prepares. */
  public readonly preparing = true;
  public readonly documentPath = [];
  private readonly seen = new Set<IResolvable>();

  constructor(public readonly scope: IConstruct) {}

  public look(value: unknown): void {
    if (typeof value === 'string') {
      if (WRITTEN_TOKEN.test(value)) for (const token of Tokenization.reverseString(value).tokens) this.lookAt(token);
      return;
    }
    // Of a list with one element, the CDK takes the element for a text, and fails on any other that has a length.
    const isList = Array.isArray(value);
    const token = isList && typeof value[0] !== 'string' ? undefined : Tokenization.reverse(value);
    if (token) {
      this.lookAt(token);
    } else if (isList) {
      for (const inner of value) this.look(inner);
    } else if (typeof value === 'object' && value !== null) {
      // In a text of JSON, a name may refer to something as well.
      for (const [name, inner] of Object.entries(value)) {
        this.look(name);
        this.look(inner);
        if (Object.hasOwn(IDS_IN, name)) this.lookForIds(IDS_IN[name](inner));
      }
    }
  }

  private lookForIds(ids: readonly unknown[]): void {
    const stack = Stack.of(this.scope);
    for (const given of ids) {
      const id: unknown = Token.isUnresolved(given) ? stack.resolve(given) : given;
      // Pseudo parameters have colons, and the paths below slashes.
      const element = typeof id === 'string' && /^[A-Za-z0-9]+$/.test(id) ? elementOf(stack, id) : undefined;
      if (element) this.targets.add(element);
    }
  }

  /** For tokens that are made of the values of others. */
  public resolve(value: unknown, options?: ResolveChangeContextOptions): unknown {
    this.look(value);
    // Of the CDK, only what makes a text of JSON asks so, and that of a dashboard takes long to write. It refers to nothing else, but to what the
    // CDK makes of a list in it, which refers to what the list does. An empty text is JSON as well, for a token that reads what it gets.
    if (options?.allowIntrinsicKeys) return '';
    // The CDK takes these options from a token alone.
    const inside: IResolvable = { creationStack: [], resolve: context => context.resolve(value, options), toString: () => '' };
    return Tokenization.resolve(inside, { scope: this.scope, resolver: new NamedReferences(), preparing: this.preparing });
  }

  /** What a value is made into afterwards refers to nothing else. */
  public registerPostProcessor(_postProcessor: IPostProcessor): void {}

  private lookAt(token: IResolvable): void {
    if (this.seen.has(token)) return;
    this.seen.add(token);
    if (Reference.isReference(token)) this.targets.add(token.target);
    else this.look(token.resolve(this));
  }
}

/** Leaves references as they are: the CDK refuses to render one to a resource of another Region. */
class NamedReferences extends DefaultTokenResolver {
  constructor() {
    super(new StringConcat());
  }

  public resolveToken(token: IResolvable, context: IResolveContext, postProcessor: IPostProcessor): unknown {
    return Reference.isReference(token) ? { Ref: token.target.node.path } : super.resolveToken(token, context, postProcessor);
  }
}
