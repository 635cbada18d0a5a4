/** Results as text for people: aligned tables, amounts with their decimals. */

export type Column<T> = { title: string; value: (row: T) => string | number | null; right?: boolean };

/** Rows under their titles, aligned; Chinese characters count as two columns. Says `none` without rows. */
export function table<T>(rows: readonly T[], columns: readonly Column<T>[], none: string): string {
  if (rows.length === 0) return none;
  const cells = [
    columns.map(({ title }) => title),
    ...rows.map((row) => columns.map(({ value }) => String(value(row) ?? '–'))),
  ];
  const widths = columns.map((_, i) => Math.max(...cells.map((line) => displayWidth(line[i] ?? ''))));
  return cells
    .map((line) =>
      line
        .map((text, i) => {
          const gap = ' '.repeat((widths[i] ?? 0) - displayWidth(text));
          return columns[i]?.right ? gap + text : text + gap;
        })
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** Columns of a terminal that a text takes. */
export function displayWidth(text: string): number {
  let width = 0;
  for (const char of text)
    width +=
      /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe4f\uff00-\uff60\uffe0-\uffe6]/.test(
        char,
      )
        ? 2
        : 1;
  return width;
}

/** Whole numbers with separators: 1,234,567. */
export function whole(value: number): string {
  return value.toLocaleString('en-GB', { maximumFractionDigits: 0 });
}

/** Minor units as money of the currency: "£6,781,619.00". */
export function money(minor: number, currency: string): string {
  const format = new Intl.NumberFormat('en-GB', { style: 'currency', currency });
  return format.format(minor / 10 ** (format.resolvedOptions().maximumFractionDigits ?? 2));
}

/** A moment for people, in the machine's time zone; a dash for none. */
export function moment(at: Date | string | null): string {
  return at === null ? '–' : new Date(at).toLocaleString('sv-SE').slice(0, 16);
}
