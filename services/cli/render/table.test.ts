import { expect } from 'chai';
import { createStyle } from './style.ts';
import { renderTable, visibleWidth } from './table.ts';

describe('renderTable', () => {
  it('aligns columns left or right and leaves no blanks at the ends', () => {
    const lines = renderTable(
      [
        ['NAME', 'N', 'X'],
        ['a', '10', ''],
        ['bcdef', '7', 'y'],
      ],
      [1],
    );
    expect(lines).to.deep.equal(['NAME    N  X', 'a      10', 'bcdef   7  y']);
  });

  it('aligns coloured cells as if they had no colour', () => {
    const style = createStyle(true);
    const [first, second] = renderTable([
      [style.red('a'), '1'],
      ['bbb', '2'],
    ]);
    expect(first).to.equal('\u001b[31ma\u001b[39m    1');
    expect(second).to.equal('bbb  2');
    expect(visibleWidth(style.bold('🌊x'))).to.equal(2);
  });
});
