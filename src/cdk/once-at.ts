import { IAspect } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';

/** Acts once per synthesis, when the root of what is synthesised is visited. */
export class OnceAt implements IAspect {
  constructor(private readonly root: IConstruct, private readonly act: () => void) {}

  public visit(node: IConstruct): void {
    if (node === this.root) {
      this.act();
    }
  }
}
