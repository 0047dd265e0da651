import { expect } from 'chai';
import { renderTemplate } from './render-template.ts';

describe('templates of Nginx', () => {
  it('fill in names in capitals and leave the variables of Nginx alone', () => {
    expect(renderTemplate(`listen \${PORT}; set $own \${small};`, { PORT: '1' })).to.equal(
      `listen 1; set $own \${small};`,
    );
  });

  it('insert values as they are, also those with a dollar', () => {
    expect(renderTemplate(`path \${DIR};`, { DIR: '/a$&b' })).to.equal('path /a$&b;');
  });

  it('refuse a name without a value', () => {
    expect(() => renderTemplate(`listen \${WEIR_NGINX_LISTEN};`, {})).to.throw(/WEIR_NGINX_LISTEN/);
  });
});
