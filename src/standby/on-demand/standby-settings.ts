import { DescribedUserPool, PoolSettings, poolSettingsOf } from '../../cognito/pool-settings';
import { isThrottling } from '../../cognito/refusals';
import { CUSTOM_SOURCE_SUB } from '../../cognito/source-sub';
import { SourceDirectory } from '../source-directory';

/**
 * Settings of the standby pool, kept for the life of a function instance. Cognito describes pools 15 times a second, and each new instance asks.
 * When all users come at once, the copy of the source pool, which the standby mirrors, stands in until Cognito answers.
 */
export class StandbySettings {
  private readonly known = new Map<string, PoolSettings>();

  constructor(
    private readonly describe: (userPoolId: string) => Promise<DescribedUserPool>, private readonly directory: Pick<SourceDirectory, 'source'>,
  ) {}

  public async of(userPoolId: string): Promise<PoolSettings> {
    const known = this.known.get(userPoolId);
    if (known) return known;
    try {
      const settings = poolSettingsOf(await this.describe(userPoolId));
      this.known.set(userPoolId, settings);
      return settings;
    } catch (error) {
      const source = isThrottling(error) ? await this.directory.source() : undefined;
      if (!source) throw error;
      return poolSettingsOf(mirrorOf(source.described));
    }
  }
}

function mirrorOf({ SchemaAttributes: attributes = [], ...pool }: DescribedUserPool): DescribedUserPool {
  const others = attributes.filter(({ Name }) => Name !== CUSTOM_SOURCE_SUB);
  return { ...pool, SchemaAttributes: [...others, { Name: CUSTOM_SOURCE_SUB, Mutable: false }] };
}
