/**
 * A column of rows as Postgres writes an array: `${column(rows, (row) => row.sku)}::int[]`. The driver would look up how to
 * write each value on its own, which was a seventh of what a server did all day.
 *
 * @param pick a number, a text, or null
 */
export function column<T>(rows: readonly T[], pick: (row: T) => number | string | null | undefined): string {
  let text = '{';
  let comma = '';
  for (const row of rows) {
    const value = pick(row);
    text += comma;
    if (typeof value === 'number') text += value;
    else text += value === null || value === undefined ? 'NULL' : quoted(value);
    comma = ',';
  }
  return `${text}}`;
}

const quoted = (text: string): string =>
  `"${/["\\]/.test(text) ? text.replaceAll('\\', '\\\\').replaceAll('"', '\\"') : text}"`;
