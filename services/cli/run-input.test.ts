import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { isUuid, readDefinition, readPayload } from './run-input.ts';

describe('input of "weir run"', () => {
  let folder: string;
  const file = (name: string, text: string) => writeFileSync(join(folder, name), text);
  const refusal = (work: Promise<unknown>) =>
    work.then(
      () => 'accepted',
      (error: Error) => `${error.name}: ${error.message}`,
    );

  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'weir-cli-'));
  });
  after(() => rmSync(folder, { recursive: true }));

  it('reads a definition relative to the working folder, also behind a byte order mark', async () => {
    file('ok.json', '\uFEFF{"name": "a", "steps": []}');
    expect(await readDefinition('ok.json', folder)).to.deep.equal({ name: 'a', steps: [] });
  });

  it('says where a file stops being JSON', async () => {
    file('broken.json', '{\n  "name": "a",\n  "steps": [}\n}');
    expect(await refusal(readDefinition('broken.json', folder))).to.match(
      /^UsageError: broken\.json is not valid JSON at line 3, column 13: Unexpected token/,
    );
    file('cut.json', '{"name": ');
    expect(await refusal(readDefinition('cut.json', folder))).to.match(
      /^UsageError: cut\.json is not valid JSON: Unexpected end/,
    );
  });

  it('says what is wrong with a file that is none, or no workflow', async () => {
    expect(await refusal(readDefinition('gone.json', folder))).to.equal('UsageError: gone.json does not exist.');
    expect(await refusal(readDefinition('.', folder))).to.equal('UsageError: . is a folder, not a file.');
    for (const text of ['[]', '"x"', 'null', '{"name": "a"}']) {
      file('other.json', text);
      expect(await refusal(readDefinition('other.json', folder)), text).to.contain('other.json is not a workflow');
    }
  });

  it('takes a payload from the command line or a file, and only an object', async () => {
    file('payload.json', '{"topic": "tides"}');
    expect(await readPayload('@payload.json', folder)).to.deep.equal({ topic: 'tides' });
    expect(await readPayload('{"n": 1}', folder)).to.deep.equal({ n: 1 });
    expect(await refusal(readPayload('[1]', folder))).to.contain('UsageError: --payload must be a JSON object');
    expect(await refusal(readPayload('{topic: 1}', folder))).to.contain(
      'UsageError: --payload is not valid JSON at line 1, column 2',
    );
  });

  it('tells an id from a file', () => {
    expect(isUuid('0198C0DE-0000-7000-8000-000000000001')).to.equal(true);
    expect(isUuid('hello.json')).to.equal(false);
  });
});
