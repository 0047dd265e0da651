/**
 * artillery decides when somebody arrives; who that is and what they do is decided in loadtests/users. artillery finds an engine by its package
 * name and loads it as CommonJS; the users are TypeScript, for which tests/… and `make load` preload tsx in every thread (NODE_OPTIONS).
 */
const { join } = require('node:path');

const users = import(join(__dirname, '../../users/arrive.ts'));
// An engine that cannot be loaded shows in the first arrival, not as an unhandled rejection of the thread.
users.catch(() => {});

module.exports = class WeirEngine {
  createScenario(_spec, events) {
    return (context, done) => {
      events.emit('started');
      users
        .then(({ arrive }) => arrive({ counter: (name) => events.emit('counter', name, 1), time: (name, ms) => events.emit('histogram', name, ms) }))
        .then(
          () => done(null, context),
          (error) => {
            events.emit('error', error.code ?? error.message);
            done(error, context);
          },
        );
    };
  }
};
