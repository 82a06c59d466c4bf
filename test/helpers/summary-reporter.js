/** Closes jest's output with a plain line `N passed, N failed[, N skipped]`, after the coverage table. */
module.exports = class SummaryReporter {
  onRunComplete(_contexts, results) {
    process.once('exit', () => {
      // A suite that cannot be loaded runs no test: it counts as one that failed.
      const failed = results.numFailedTests + results.numRuntimeErrorTestSuites;
      const skipped = results.numPendingTests + results.numTodoTests;
      process.stdout.write(`${results.numPassedTests} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}\n`);
    });
  }
};
