/**
 * artillery decides when somebody arrives; who that is and what they do is decided in loadtests/users. artillery finds an engine by its
 * package name and loads it in each of its threads; the users are TypeScript, and a thread does not inherit the loader of its process.
 */
const { join } = require('node:path');

const users = import('tsx/esm/api').then(({ register }) => {
  register();
  return import(join(__dirname, '../../users/arrive.ts'));
});
// An engine that cannot be loaded shows in the first arrival, not as an unhandled rejection of the thread.
users.catch(() => {});

module.exports = class WeirEngine {
  createScenario(_spec, events) {
    const tally = {
      counter: (name) => events.emit('counter', name, 1),
      time: (name, ms) => events.emit('histogram', name, ms),
    };
    return (context, done) => {
      events.emit('started');
      users
        .then(({ arrive }) => arrive(tally))
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
