const { default: Sequencer } = require('@jest/test-sequencer');

/** The suites that take minutes come first: one that began last would leave a core idle until its end. */
module.exports = class EndToEndFirst extends Sequencer {
  sort(tests) {
    const isEndToEnd = ({ path }) => path.endsWith('.e2e.test.ts');
    const sorted = super.sort(tests);
    return [...sorted.filter(isEndToEnd), ...sorted.filter(test => !isEndToEnd(test))];
  }
};
