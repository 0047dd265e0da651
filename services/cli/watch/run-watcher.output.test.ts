import { expect } from 'chai';
import { drained, finished, output, running, starting, step, watch } from '../../../tests/support/cli/watched-run.ts';

describe('what RunWatcher shows of a model’s answer', () => {
  it('fills in what of a model’s answer was said while the connection was away', async () => {
    const { watcher, server, told, feed } = watch(running());
    feed(starting(1), step('greet', 1, 'started'), output('Hello'));
    watcher.connection('lost');
    server.run = running({ steps: finished.steps ?? [] });
    feed(step('greet', 1, 'succeeded'));
    await watcher.refresh();
    expect(told().slice(0, 5)).to.deep.equal(['starting 1', 'start greet', 'out Hello', 'start pause', 'done pause']);
    expect(told().slice(5)).to.deep.equal(['out , world.', 'done greet']);
  });

  it('shows the whole answer again when what was heard is not its beginning', async () => {
    const { watcher, server, told, feed } = watch(running());
    feed(output('world.'));
    server.run = finished;
    feed(step('greet', 1, 'succeeded'));
    await watcher.ended;
    expect(told()).to.include('again Hello, world.');
  });

  it('does not ask the server for an answer it has heard from beginning to end', async () => {
    const { server, feed } = watch(null);
    feed(
      starting(1),
      step('greet', 1, 'started'),
      output('x'),
      output('', true),
      output('Hello, world.'),
      step('greet', 1, 'succeeded'),
    );
    feed(step('pause', 0, 'succeeded'));
    await drained();
    expect(server.asked).to.equal(0);
  });

  it('shows a step again that another worker had to begin again', async () => {
    const { watcher, told, feed } = watch(null);
    feed(
      starting(1),
      step('greet', 1, 'started'),
      output('Hel'),
      starting(2),
      step('greet', 1, 'started'),
      output('Hello'),
    );
    await drained();
    watcher.connection('lost');
    await drained();
    expect(told()).to.deep.equal(['starting 1', 'start greet', 'out Hel', 'starting 2', 'start greet', 'out Hello']);
  });
});
