import { expect } from 'chai';
import { knownPackages, neededPackages } from './needed-packages.ts';
import { packageHint } from './package-hint.ts';

describe('installing', () => {
  it('reads from a simulation which packages to unpack, in their versions, without those only an installed system needs', () => {
    const simulation = `NOTE: This is only a simulation!
Reading package lists...
The following NEW packages will be installed:
  libjemalloc2 perl redis-server redis-tools
Inst perl (5.36.0-7+deb12u2 Debian:12.11/stable [amd64])
Inst libjemalloc2 (5.3.0-1 Debian:12.11/stable [amd64])
Inst libssl3 [3.0.15-1~deb12u1] (3.0.16-1~deb12u1 Debian-Security:12/stable-security [amd64])
Inst libc6 [2.36-9] (2.36-10 Debian:12.11/stable [amd64])
Inst libllvm14 (1:14.0.6-12 Debian:12.11/stable [amd64])
Inst redis-tools (5:7.0.15-1~deb12u4 Debian:12.11/stable [amd64]) []
Conf libjemalloc2 (5.3.0-1 Debian:12.11/stable [amd64])`;
    expect(neededPackages(simulation)).to.deep.equal([
      'libjemalloc2=5.3.0-1',
      'libssl3=3.0.16-1~deb12u1',
      'redis-tools=5:7.0.15-1~deb12u4',
    ]);
  });

  it('reads which of the packages asked for the archive has, each once', () => {
    const madison = `prometheus | 2.42.0+ds-5+deb12u1 | http://deb.debian.org/debian bookworm/main amd64 Packages
prometheus-redis-exporter | 1.45.0-2+b4 | http://deb.debian.org/debian bookworm/main amd64 Packages
prometheus | 2.42.0+ds-5 | http://deb.debian.org/debian bookworm/main Sources`;
    expect(knownPackages(madison)).to.deep.equal(['prometheus', 'prometheus-redis-exporter']);
    expect(knownPackages('')).to.deep.equal([]);
  });

  it('names the exact command of the package manager that is there', () => {
    expect(packageHint(['postgres', 'nginx'], (file) => file === '/usr/bin/dnf')).to.equal(
      'Run "sudo dnf install postgresql-server nginx", then "make up" again.',
    );
    expect(packageHint(['prometheus', 'promtool'], (file) => file === '/usr/bin/pacman')).to.equal(
      'Run "sudo pacman -S prometheus", then "make up" again.',
    );
    expect(packageHint(['redis'], () => false)).to.equal(
      'Install what is missing so that redis-server is in PATH, then run "make up" again.',
    );
    expect(packageHint(['redis', 'redis-exporter'], (file) => file === '/usr/bin/dnf')).to.match(/are in PATH/);
  });
});
