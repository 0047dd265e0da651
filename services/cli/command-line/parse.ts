import { type ParseArgsConfig, parseArgs } from 'node:util';
import { nearestName } from '../../../shared/config/nearest-name.ts';
import { UsageError } from '../usage-error.ts';
import type { CommandSpec, OptionSpec } from './command-spec.ts';
import { COMMAND_SPECS, type CommandName } from './command-specs.ts';
import { OptionValues } from './option-values.ts';

export type CommandLine =
  | { kind: 'help'; topic: CommandSpec | null }
  | { kind: 'version' }
  | { kind: 'command'; name: Exclude<CommandName, 'help'>; positionals: string[]; options: OptionValues };

type ParserOptions = NonNullable<ParseArgsConfig['options']>;

const GLOBAL_OPTIONS: ParserOptions = { help: { type: 'boolean', short: 'h' }, version: { type: 'boolean' } };

/** What `argv` (without node and script) asks for. Throws {@link UsageError} with one sentence. */
export function parseCommandLine(argv: readonly string[]): CommandLine {
  const { name, rest } = splitCommand(argv);
  if (name === undefined) {
    const values = parse(rest, { ...GLOBAL_OPTIONS, json: { type: 'boolean' } }, null).values;
    return values.version === true ? { kind: 'version' } : { kind: 'help', topic: null };
  }
  const spec = findSpec(name);
  const { values, positionals } = parse(rest, { ...GLOBAL_OPTIONS, ...parserOptions(spec.options) }, spec);
  if (values.version === true) return { kind: 'version' };
  if (spec.name === 'help')
    return { kind: 'help', topic: positionals[0] === undefined ? null : findSpec(positionals[0]) };
  if (values.help === true) return { kind: 'help', topic: spec };
  checkCount(spec, positionals);
  return { kind: 'command', name: spec.name, positionals, options: new OptionValues(values) };
}

/** The command is the first word that is neither an option nor the value of one, so options may stand before it. */
function splitCommand(argv: readonly string[]): { name: string | undefined; rest: string[] } {
  const every: ParserOptions = { ...GLOBAL_OPTIONS };
  for (const spec of COMMAND_SPECS) Object.assign(every, parserOptions(spec.options));
  const { tokens } = parseArgs({ args: [...argv], options: every, strict: false, tokens: true });
  const first = tokens.find((token) => token.kind === 'positional');
  if (first === undefined) return { name: undefined, rest: [...argv] };
  return { name: first.value, rest: argv.filter((_, index) => index !== first.index) };
}

function parse(args: string[], options: ParserOptions, spec: CommandSpec | null) {
  try {
    return parseArgs({ args, options, strict: true, allowPositionals: true });
  } catch (error) {
    throw toUsageError(error, args, options, spec);
  }
}

function toUsageError(error: unknown, args: string[], options: ParserOptions, spec: CommandSpec | null): unknown {
  const code = (error as { code?: string }).code;
  const place = spec === null ? 'weir' : `weir ${spec.name}`;
  const help = spec === null ? 'weir help' : `weir help ${spec.name}`;
  if (code === 'ERR_PARSE_ARGS_UNKNOWN_OPTION') {
    const known = Object.keys(options);
    const { tokens } = parseArgs({ args, options, strict: false, tokens: true });
    const unknown = tokens.find((token) => token.kind === 'option' && !known.includes(token.name));
    const raw = unknown?.kind === 'option' ? unknown.rawName : 'this option';
    const name = raw.replace(/^-+/, '');
    const owner = COMMAND_SPECS.find((other) => Object.keys(other.options).includes(name));
    const advice =
      owner === undefined ? `; did you mean --${nearestName(name, known)}?` : `; "weir ${owner.name}" has it.`;
    return new UsageError(
      `"${place}" has no option ${raw}${name.length === 1 ? '.' : advice}`,
      `${help} lists what it has.`,
    );
  }
  if (code === 'ERR_PARSE_ARGS_INVALID_OPTION_VALUE') {
    const message = (error as Error).message;
    const option = /'(?:-\w, )?(--[\w-]+)/.exec(message)?.[1] ?? 'An option';
    const wants = message.includes('does not take') ? 'takes no value' : 'needs a value';
    return new UsageError(`${option} ${wants}.`, `${help} shows how it is written.`);
  }
  return error;
}

function findSpec(name: string): (typeof COMMAND_SPECS)[number] {
  const spec = COMMAND_SPECS.find((candidate) => candidate.name === name);
  if (spec) return spec;
  const nearest = nearestName(
    name,
    COMMAND_SPECS.map((candidate) => candidate.name),
  );
  throw new UsageError(`There is no command "${name}"; did you mean "weir ${nearest}"?`, 'weir help lists them all.');
}

function checkCount(spec: CommandSpec, positionals: string[]): void {
  const help = `weir help ${spec.name} shows how it is written.`;
  if (positionals.length < spec.positionals.min) throw new UsageError(spec.positionals.missing, help);
  const extra = positionals[spec.positionals.max];
  if (extra !== undefined) throw new UsageError(`"weir ${spec.name}" does not know what to do with "${extra}".`, help);
}

function parserOptions(options: Readonly<Record<string, OptionSpec>>): ParserOptions {
  return Object.fromEntries(
    Object.entries(options).map(([name, option]) => [
      name,
      {
        type: option.value === undefined ? ('boolean' as const) : ('string' as const),
        ...(option.short === undefined ? {} : { short: option.short }),
      },
    ]),
  );
}
