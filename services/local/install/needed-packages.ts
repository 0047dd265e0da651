/**
 * Only for installed systems, never needed to run an unpacked server: management scripts with their Perl, certificates, documentation, and
 * the compiler for long queries, which alone is 100 MB and is switched off. And the C library: another one than the machine's would not start.
 */
const UNNEEDED =
  /^(perl(-base|-modules.*)?|libperl.*|libllvm.*|libz3.*|libjson-perl|libtypes-.*|libcommon-.*|ssl-cert|sysstat|postgresql-common|postgresql-client-common|logrotate|cron|ucf|debconf|adduser|init-system-helpers|sensible-utils|netbase|iproute2|libc6|libc-bin)$/;

/** Reads what `apt-get --simulate install` would do: `Inst <package> [<installed>] (<version> <origin> [<architecture>])`; answers `package=version`. */
export function neededPackages(simulation: string): string[] {
  const needed: string[] = [];
  for (const line of simulation.split('\n')) {
    const match = /^Inst (\S+) (?:\[[^\]]*\] )?\((\S+) /.exec(line);
    if (match?.[1] === undefined || match[2] === undefined || UNNEEDED.test(match[1])) continue;
    needed.push(`${match[1]}=${match[2]}`);
  }
  return needed;
}

/** Reads `apt-cache madison`: `package | version | source`, one line per version; answers each package once. */
export function knownPackages(madison: string): string[] {
  return [...new Set(madison.split('\n').flatMap((line) => /^\s*(\S+) \|/.exec(line)?.[1] ?? []))];
}
