/** Reads all rows of a list that comes in pages: `page` answers what follows a row, or the beginning for null. */
export async function everything<Row>(
  page: (last: Row | null) => Promise<Row[]>,
  pageSize: number,
): Promise<Row[]> {
  const rows: Row[] = [];
  for (let last: Row | null = null; ;) {
    const found = await page(last);
    rows.push(...found);
    last = found.at(-1) ?? null;
    if (last === null || found.length < pageSize) return rows;
  }
}
