// The spec reporter, plus a file with "<passed> <failed> <yes|no: ran to its end>" for .ci/run, also when the run crashes.
const { writeFileSync } = require('node:fs');
const { reporters } = require('mocha');

/** Teardown needs seconds; longer than this means that something was left open, which is a failure and not a reason to wait (ms). */
const LINGER_MS = 60_000;

module.exports = class CountingReporter extends reporters.Spec {
  constructor(runner, options) {
    super(runner, options);
    const file = options.reporterOptions?.file ?? options.reporterOption?.file;
    let ended = 'no';
    runner.once('end', () => {
      ended = 'yes';
      setTimeout(() => {
        ended = 'no';
        console.error(`mocha does not end; still open: ${process.getActiveResourcesInfo().join(', ')}`);
        process.exit(1);
      }, LINGER_MS).unref();
    });
    process.on('exit', () => writeFileSync(file, `${this.stats.passes} ${this.stats.failures} ${ended}\n`));
  }
};
