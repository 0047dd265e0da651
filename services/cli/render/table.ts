import { stripVTControlCharacters } from 'node:util';

/** Columns of equal width, two spaces apart, without trailing blanks. Colours count as nothing; `right` names right-aligned columns. */
export function renderTable(rows: readonly (readonly string[])[], right: readonly number[] = []): string[] {
  const widths: number[] = [];
  for (const row of rows) {
    row.forEach((cell, column) => {
      widths[column] = Math.max(widths[column] ?? 0, visibleWidth(cell));
    });
  }
  return rows.map((row) =>
    row
      .map((cell, column) => {
        const padding = ' '.repeat((widths[column] ?? 0) - visibleWidth(cell));
        return right.includes(column) ? padding + cell : cell + padding;
      })
      .join('  ')
      .trimEnd(),
  );
}

/** Characters a reader sees; colours count as nothing. */
export function visibleWidth(text: string): number {
  return [...stripVTControlCharacters(text)].length;
}
