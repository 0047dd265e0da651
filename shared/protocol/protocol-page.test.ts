import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import type { z } from 'zod';
import { CLOSE_CODES, mayReconnect } from './close-codes.ts';
import { clientFrameSchema, EVENT_SCHEMAS, MAX_CLIENT_FRAME_BYTES } from './events.ts';
import { HEARTBEAT_INTERVAL_MS, SILENCE_LIMIT_MS } from './timing.ts';

const page = readFileSync(new URL('../../docs/protocol.md', import.meta.url), 'utf8');

/** Cells of the table rows below a heading, header and ruler left out. */
function rows(heading: string): string[][] {
  const section = page.split(`${heading}\n`)[1]?.split(/\n#+ /)[0] ?? '';
  const lines = section.split('\n').filter((line) => line.startsWith('|'));
  return lines.slice(2).map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}

const names = (cell: string | undefined): string[] =>
  [...(cell ?? '').matchAll(/`([^`]+)`/g)].map((match) => match[1] ?? '');

describe('docs/protocol.md', () => {
  it('describes every frame of the server, each with exactly its fields, and no other', () => {
    const described = rows('## From server to client').map(([type, , data]) => [names(type)[0], names(data).sort()]);
    const known = Object.entries(EVENT_SCHEMAS).map(([type, schema]) => [
      type,
      Object.keys((schema as z.ZodObject).shape).sort(),
    ]);
    expect(described).to.have.deep.members(known);
  });

  it('says of every frame whether it is stored; the two that only stand in the stream are SNAPSHOT and RESUMED', () => {
    const kinds = rows('## From server to client').map(([type, kind]) => [names(type)[0], kind]);
    for (const [type, kind] of kinds) {
      const isPosition = type === 'SNAPSHOT' || type === 'RESUMED';
      expect(kind, type).to.be.oneOf(isPosition ? ['position'] : ['stored', 'live']);
    }
  });

  it('describes every frame of the client, and no other', () => {
    const described = rows('## From client to server').map(([type]) => names(type)[0]);
    expect(described).to.have.members(clientFrameSchema.options.map((option) => option.shape.type.value));
  });

  it('lists every close code with its reason and the duty that its range carries', () => {
    const known = Object.values(CLOSE_CODES).map(({ code, reason }) => [
      String(code),
      reason,
      mayReconnect(code) ? 'reconnect' : 'stop',
    ]);
    expect(rows('### Close codes')).to.deep.equal(known);
  });

  it('names the clocks and sizes that are in force', () => {
    expect(page).to.contain(`nothing else for ${HEARTBEAT_INTERVAL_MS / 1_000} seconds`);
    expect(page).to.contain(`hears nothing for ${SILENCE_LIMIT_MS / 1_000} seconds`);
    expect(page).to.contain(`at most ${MAX_CLIENT_FRAME_BYTES / 1_024} KiB`);
  });
});
