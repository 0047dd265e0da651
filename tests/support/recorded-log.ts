import type { LogFields, Logger } from '../../shared/observability/logger.ts';

export interface LogLine {
  level: 'error' | 'warn' | 'info' | 'debug';
  message: string;
  fields: LogFields;
}

/** A logger that keeps its lines instead of printing them, for tests about what is said (and quiet tests about the rest). */
export function recordedLog(lines: LogLine[] = [], bound: LogFields = {}): Logger & { readonly lines: LogLine[] } {
  const keep =
    (level: LogLine['level']) =>
    (message: string, fields: LogFields = {}) => {
      lines.push({ level, message, fields: { ...bound, ...fields } });
    };
  return {
    lines,
    error: keep('error'),
    warn: keep('warn'),
    info: keep('info'),
    debug: keep('debug'),
    child: (fields) => recordedLog(lines, { ...bound, ...fields }),
  };
}
