import { expect } from 'chai';
import { readSampledParent, readTraceParent, writeTraceParent } from './trace-parent.ts';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const SPAN = '00f067aa0ba902b7';

describe('traceparent', () => {
  it('is read and written as W3C Trace Context says', () => {
    for (const [flags, sampled] of [
      ['00', false],
      ['01', true],
    ] as const) {
      const header = `00-${TRACE}-${SPAN}-${flags}`;
      const read = readTraceParent(header);
      expect(read).to.deep.equal({ traceId: TRACE, spanId: SPAN, sampled });
      expect(read && writeTraceParent(read)).to.equal(header);
    }
  });

  it('of a later version is read as far as it is known', () => {
    expect(readTraceParent(`cc-${TRACE}-${SPAN}-03-what-the-future-brings`)).to.include({
      traceId: TRACE,
      sampled: true,
    });
  });

  it('of what its writer has recorded is told from others by any flags', () => {
    for (let flags = 0; flags < 256; flags++) {
      const header = `00-${TRACE}-${SPAN}-${flags.toString(16).padStart(2, '0')}`;
      expect(readSampledParent(header), header).to.deep.equal(flags % 2 === 1 ? readTraceParent(header) : null);
    }
    for (const header of [undefined, '', `00-${TRACE}-${SPAN}`, `00-${'0'.repeat(32)}-${SPAN}-01`])
      expect(readSampledParent(header), header).to.equal(null);
  });

  it('that is not valid counts as none', () => {
    for (const header of [
      undefined,
      '',
      ['a', 'b'],
      `ff-${TRACE}-${SPAN}-01`,
      `00-${TRACE}-${SPAN}-01-more`,
      `00-${TRACE.toUpperCase()}-${SPAN}-01`,
      `00-${'0'.repeat(32)}-${SPAN}-01`,
      `00-${TRACE}-${'0'.repeat(16)}-01`,
      `00-${TRACE}-${SPAN}`,
      `00-${TRACE}-${SPAN}-1`,
    ])
      expect(readTraceParent(header), String(header)).to.equal(null);
  });
});
