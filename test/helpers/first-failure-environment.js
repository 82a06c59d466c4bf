const OwnTmpdirEnvironment = require('./own-tmpdir-environment');

/** The last mutant that a test noticed. Stryker runs the tests of one mutant after the other in one process. */
let noticed;

/** One test that fails is enough to notice a mutant, and jest cannot stop there inside a process: what comes after it is skipped. */
module.exports = class FirstFailureEnvironment extends OwnTmpdirEnvironment {
  async handleTestEvent({ name, test }) {
    const mutant = process.env.__STRYKER_ACTIVE_MUTANT__;
    if (mutant === undefined) return;
    if (name === 'test_start' && mutant === noticed) test.mode = 'skip';
    if (name === 'test_done' && test.errors.length > 0) noticed = mutant;
  }
};
