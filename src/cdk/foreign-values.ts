import {
  CfnResource, DefaultTokenResolver, IPostProcessor, IResolvable, IResolveContext, Reference, Stack, StringConcat, Tokenization,
} from 'aws-cdk-lib';
import { IConstruct } from 'constructs';
import { topLevelStackOf } from './names';
import { referencesOf } from './references';

/**
 * What a resource refers to in stacks of other Regions, which its own stack could only know by depending on them. A resource that has a
 * physical name is known by it.
 */
export function foreignValues(resource: CfnResource): IConstruct[] {
  const own = topLevelStackOf(resource);
  // Most refer to nothing far: those are not rendered.
  if (!referencesOf(resource).some(target => isForeign(target, own))) return [];
  const finder = new ForeignFinder(own);
  const rendered = (resource as unknown as { _toCloudFormation(): object })._toCloudFormation();
  Tokenization.resolve(rendered, { scope: Stack.of(resource), resolver: finder, preparing: false });
  return [...finder.found];
}

/** Resolves as CDK does, and keeps what CDK could only import. */
class ForeignFinder extends DefaultTokenResolver {
  public readonly found = new Set<IConstruct>();

  constructor(private readonly own: Stack) {
    super(new StringConcat());
  }

  public resolveToken(token: IResolvable, context: IResolveContext, postProcessor: IPostProcessor): unknown {
    if (!Reference.isReference(token) || !isForeign(token.target, this.own)) return super.resolveToken(token, context, postProcessor);
    try {
      const value: unknown = super.resolveToken(token, context, postProcessor);
      // A physical name, or an ARN that is made of one.
      if (!/"(Ref|Fn::GetAtt)":(?!"AWS::)/.test(JSON.stringify(value))) return value;
    } catch {
      // CDK refuses to give another Region a resource that has no physical name.
    }
    this.found.add(token.target);
    return token.target.node.path;
  }
}

function isForeign(target: IConstruct, own: Stack): boolean {
  const stack = topLevelStackOf(target);
  return stack !== own && stack.region !== own.region;
}
