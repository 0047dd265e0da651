import type { ComponentChildren } from 'preact';
import styles from './table.module.css';

export interface Column<Row> {
  head: string;
  cell(row: Row): ComponentChildren;
  /** Figures stand right. */
  numeric?: boolean;
}

interface TableProps<Row> {
  /** Read out before the table. */
  caption: string;
  columns: readonly Column<Row>[];
  rows: readonly Row[];
  keyOf(row: Row): string;
}

/** Rows of figures; on a narrow screen each row becomes a card with the heads in front. */
export function Table<Row>({ caption, columns, rows, keyOf }: TableProps<Row>) {
  return (
    <table class={styles.table}>
      <caption class="unseen">{caption}</caption>
      <thead>
        <tr>
          {columns.map(({ head, numeric }) => (
            <th key={head} scope="col" class={numeric ? styles.numeric : undefined}>
              {head}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={keyOf(row)}>
            {columns.map(({ head, cell, numeric }) => (
              <td key={head} data-head={head} class={numeric ? styles.numeric : undefined}>
                {cell(row)}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
