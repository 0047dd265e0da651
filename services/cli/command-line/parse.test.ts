import { expect } from 'chai';
import { UsageError } from '../usage-error.ts';
import { parseCommandLine } from './parse.ts';

function refusal(...argv: string[]): string {
  try {
    parseCommandLine(argv);
  } catch (error) {
    if (error instanceof UsageError) return error.message;
    throw error;
  }
  throw new Error(`${argv.join(' ')} was understood`);
}

function command(...argv: string[]) {
  const line = parseCommandLine(argv);
  if (line.kind !== 'command') throw new Error(`${argv.join(' ')} is no command`);
  return line;
}

describe('parseCommandLine', () => {
  it('understands a command with its arguments and options, in any order', () => {
    for (const argv of [
      ['run', 'a.json', '--watch', '--priority', 'high'],
      ['--priority=high', 'run', '-w', 'a.json'],
      ['-w', '--priority', 'high', 'run', 'a.json'],
    ]) {
      const line = command(...argv);
      expect(line).to.deep.include({ name: 'run', positionals: ['a.json'] });
      expect(line.options.flag('watch'), argv.join(' ')).to.equal(true);
      expect(line.options.text('priority')).to.equal('high');
      expect(line.options.flag('json')).to.equal(false);
    }
  });

  it('takes a payload as it is, and a file whose name looks like a command', () => {
    expect(command('run', 'status', '--payload', '{"a": "--watch"}').positionals).to.deep.equal(['status']);
    expect(command('run', 'f.json', '-p', '@p.json').options.text('payload')).to.equal('@p.json');
  });

  it('gives help wherever it is asked for, and the version', () => {
    expect(parseCommandLine([])).to.deep.equal({ kind: 'help', topic: null });
    expect(parseCommandLine(['--help'])).to.deep.equal({ kind: 'help', topic: null });
    for (const argv of [
      ['help', 'run'],
      ['run', '--help'],
      ['run', '-h'],
    ]) {
      expect(parseCommandLine(argv)).to.have.nested.property('topic.name', 'run');
    }
    expect(parseCommandLine(['--version'])).to.deep.equal({ kind: 'version' });
  });

  it('answers wrong usage with one sentence that names the nearest right one', () => {
    expect(refusal('stats')).to.equal('There is no command "stats"; did you mean "weir status"?');
    expect(refusal('help', 'rnu')).to.equal('There is no command "rnu"; did you mean "weir run"?');
    expect(refusal('run', 'f', '--pryority', 'high')).to.equal(
      '"weir run" has no option --pryority; did you mean --priority?',
    );
    expect(refusal('status', '--watch')).to.equal('"weir status" has no option --watch; "weir run" has it.');
    expect(refusal('status', '-x')).to.equal('"weir status" has no option -x.');
    expect(refusal('--verison')).to.equal('"weir" has no option --verison; did you mean --version?');
  });

  it('answers missing and surplus arguments and values', () => {
    expect(refusal('run')).to.equal('Say which file to run, such as examples/hello.json.');
    expect(refusal('cancel')).to.equal('Say which run, by its id; "last" is your newest.');
    expect(refusal('status', 'now')).to.equal('"weir status" does not know what to do with "now".');
    expect(refusal('run', 'f', '--priority')).to.equal('--priority needs a value.');
    expect(refusal('run', 'f', '-p')).to.equal('--payload needs a value.');
    expect(refusal('status', '--json=yes')).to.equal('--json takes no value.');
  });
});
