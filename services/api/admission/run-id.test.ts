import { expect } from 'chai';
import { z } from 'zod';
import { newRunId } from './run-id.ts';

describe('run ids', () => {
  it('are UUIDs of version 7, all different', () => {
    const ids = Array.from({ length: 3_000 }, () => newRunId());
    expect(new Set(ids).size).to.equal(ids.length);
    for (const id of ids) expect(id).to.match(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(z.uuid().safeParse(ids[0]).success).to.equal(true);
  });

  it('begin with the time, so that later ones sort after earlier ones', () => {
    expect(newRunId(0x0123456789ab)).to.match(/^01234567-89ab-7/);
    expect(newRunId(1_000) < newRunId(1_001)).to.equal(true);
  });

  it('draw all four variants', () => {
    const variants = new Set(Array.from({ length: 1_000 }, () => newRunId().charAt(19)));
    expect([...variants].sort()).to.deep.equal(['8', '9', 'a', 'b']);
  });
});
