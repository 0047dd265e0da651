import { expect } from 'chai';
import { COMMAND_SPECS } from '../command-line/command-specs.ts';
import { renderCommandHelp, renderHelp } from './help.ts';
import { createStyle } from './style.ts';

const style = createStyle(false);

describe('help', () => {
  it('names every command on the front page, and every exit code', () => {
    const page = renderHelp(COMMAND_SPECS, style, 'npx weir').join('\n');
    for (const { name, summary } of COMMAND_SPECS)
      expect(page).to.match(new RegExp(`  ${name} +${summary.slice(0, 10)}`));
    for (const code of ['0', '1', '2', '3', '4', '130']) expect(page).to.match(new RegExp(`^  ${code} `, 'm'));
  });

  it('fits a terminal of 120 columns, and its examples can be pasted', () => {
    for (const spec of COMMAND_SPECS) {
      const page = renderCommandHelp(spec, style, 'npx weir');
      for (const line of page.filter((candidate) => candidate.startsWith('  ')))
        expect(line.length, line).to.be.at.most(120);
      for (const example of spec.examples) expect(page).to.include(`  npx weir ${example}`);
    }
  });
});
