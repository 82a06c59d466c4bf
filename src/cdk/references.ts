import { CfnResource, DefaultTokenResolver, IResolvable, IResolveContext, IPostProcessor, Reference, StringConcat, Tokenization } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';

/** What a value of a template refers to, however deep: in a part of an ARN, in either branch of a condition. */
export function referencesIn(scope: IConstruct, value: unknown): IConstruct[] {
  const resolver = new ReferenceCollector();
  Tokenization.resolve(value, { scope, resolver, preparing: false });
  return [...resolver.targets];
}

/** What a resource as a whole refers to, in its overrides as well. */
export function referencesOf(resource: CfnResource): IConstruct[] {
  const { rawOverrides } = resource as unknown as { rawOverrides: unknown };
  return referencesIn(resource, [(resource as unknown as { _toCloudFormation(): unknown })._toCloudFormation(), rawOverrides]);
}

/** Resolves as CDK does, and remembers what it met. */
class ReferenceCollector extends DefaultTokenResolver {
  public readonly targets = new Set<IConstruct>();

  constructor() {
    super(new StringConcat());
  }

  public resolveToken(token: IResolvable, context: IResolveContext, postProcessor: IPostProcessor): unknown {
    if (Reference.isReference(token)) {
      this.targets.add(token.target);
    }
    return super.resolveToken(token, context, postProcessor);
  }
}
