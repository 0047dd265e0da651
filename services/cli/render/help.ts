import type { CommandSpec } from '../command-line/command-spec.ts';
import type { Style } from './style.ts';
import { renderTable } from './table.ts';

/** The front page of the help. */
export function renderHelp(specs: readonly CommandSpec[], style: Style, program: string): string[] {
  const commands = renderTable(specs.map((spec) => [`  ${style.bold(spec.name)}`, spec.summary]));
  return [
    `${style.bold('weir')}  start AI workflows and watch them live`,
    '',
    ...commands,
    '',
    style.dim('Begin with'),
    `  ${program} run examples/hello.json --watch`,
    '',
    style.dim('Settings'),
    ...renderTable([
      ['  WEIR_URL', 'which cluster; without it the one that "make up" started here'],
      ['  WEIR_TOKEN', 'your access token; a cluster of "make up" needs none'],
      ['  WEIR_STATE_DIR', 'where "make up" keeps its cluster (.weir)'],
      ['  NO_COLOR', 'no colours'],
    ]),
    '',
    style.dim('Exit codes'),
    ...renderTable([
      ['  0', 'done; a watched run succeeded'],
      ['  1', 'the watched run failed, was cancelled or waited too long'],
      ['  2', 'wrong usage'],
      ['  3', 'the server refused (4xx)'],
      ['  4', 'no server, or its error (5xx)'],
      ['  130', 'interrupted'],
    ]),
    '',
    `${program} help <command> says more; --json is for scripts, --version says which version this is.`,
  ];
}

/** The page of one command. */
export function renderCommandHelp(spec: CommandSpec, style: Style, program: string): string[] {
  const options = Object.entries(spec.options).map(([name, option]) => [
    `  ${option.short === undefined ? '   ' : `-${option.short},`} --${name}${option.value === undefined ? '' : ` <${option.value}>`}`,
    option.about,
  ]);
  return [
    spec.summary,
    '',
    ...spec.usage.map((usage) => `  ${style.bold(`${program} ${usage}`)}`),
    ...(options.length > 0 ? ['', ...renderTable(options)] : []),
    ...(spec.notes ?? []).flatMap((note) => ['', note]),
    '',
    style.dim('Examples'),
    ...spec.examples.map((example) => `  ${program} ${example}`),
  ];
}
