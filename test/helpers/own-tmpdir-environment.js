const { mkdtempSync, rmSync } = require('node:fs');
const { tmpdir } = require('node:os');
const { join } = require('node:path');
const { TestEnvironment } = require('jest-environment-node');

/**
 * Each suite has a temporary directory of its own, which goes with it. Every synthesis of an app without `outdir` leaves one of 4 MB behind:
 * a run of all tests would leave gigabytes on its machine.
 */
module.exports = class OwnTmpdirEnvironment extends TestEnvironment {
  constructor(config, context) {
    const before = process.env.TMPDIR;
    const own = mkdtempSync(join(tmpdir(), 'cognito-dr-replica-'));
    // Before `super`, which copies the environment for the suite.
    process.env.TMPDIR = own;
    super(config, context);
    this.before = before;
    this.own = own;
  }

  async teardown() {
    await super.teardown();
    if (this.before === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = this.before;
    rmSync(this.own, { recursive: true, force: true, maxRetries: 5 });
  }
};
