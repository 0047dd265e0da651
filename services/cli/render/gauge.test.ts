import { expect } from 'chai';
import { gauge } from './gauge.ts';
import { createStyle } from './style.ts';

describe('gauge', () => {
  const plain = createStyle(false);

  it('shows the share used, at least one cell for anything at all, and never more than its width', () => {
    expect(gauge(0, 10, plain)).to.equal('▱'.repeat(20));
    expect(gauge(1, 1_000, plain)).to.equal(`▰${'▱'.repeat(19)}`);
    expect(gauge(5, 10, plain)).to.equal('▰'.repeat(10) + '▱'.repeat(10));
    expect(gauge(99, 10, plain)).to.equal('▰'.repeat(20));
    expect(gauge(0, 0, plain)).to.equal('▰'.repeat(20));
  });

  it('turns yellow at 80 % and red at 100 %', () => {
    const style = createStyle(true);
    expect(gauge(79, 100, style)).to.contain('\u001b[32m');
    expect(gauge(80, 100, style)).to.contain('\u001b[33m');
    expect(gauge(100, 100, style)).to.contain('\u001b[31m');
  });
});
