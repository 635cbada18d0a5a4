/**
 * Orders for goods, from the approval of a proposal to the arrival. `stock.inbound` is the sum of what is outstanding, kept by
 * `keepInbound` in the transaction of every change. Lock order: proposals, orders, reservations, balances.
 */
import type { Topic } from '../contract/board.ts';
import type { SupplyOrderKind, SourceKind } from '../contract/words.ts';
import { column } from '../platform/column.ts';
import type { Sql } from '../platform/database.ts';
import type { Pair, SupplyDoor } from './door.ts';
import { orderCode, orderKindOf } from './supply-order.ts';

/** An order to be made. */
export type OrderDraft = {
  kind: SupplyOrderKind;
  fromLocationNo: number | null;
  supplier: string | null;
  toLocationNo: number;
  expectedAt: Date;
  /** Since when the goods have been wanted; null: since now. */
  wantedAt: Date | null;
  note: string | null;
  by: string;
  /** Each SKU once. */
  lines: readonly { skuNo: number; qty: number; proposalId: string | null }[];
};

export type MadeOrder = { no: number; code: string; draft: OrderDraft };

/** Inserts orders and numbers them. It neither holds goods nor counts them as inbound: see `placeOrders`. */
async function insertOrders(sql: Sql, drafts: readonly OrderDraft[]): Promise<MadeOrder[]> {
  if (drafts.length === 0) return [];
  const numbers = await sql<{ no: number }[]>`
    select nextval(pg_get_serial_sequence('supply_order', 'no')) as no from generate_series(1, ${drafts.length}::int)`;
  const made = drafts.map((draft, i) => ({
    no: numbers[i]!.no,
    code: orderCode(draft.kind, numbers[i]!.no),
    draft,
  }));
  await sql`
    insert into supply_order (no, code, kind, from_location_no, supplier, to_location_no, expected_at, created_by, wanted_at, note)
    overriding system value
    select no, code, kind, from_no, supplier, to_no, expected_at, by, coalesce(wanted_at, now()), note from unnest(
      ${column(made, (m) => m.no)}::bigint[], ${column(made, (m) => m.code)}::text[],
      ${column(made, (m) => m.draft.kind)}::text[], ${column(made, (m) => m.draft.fromLocationNo)}::int[],
      ${column(made, (m) => m.draft.supplier)}::text[], ${column(made, (m) => m.draft.toLocationNo)}::int[],
      ${column(made, (m) => m.draft.expectedAt.toISOString())}::timestamptz[],
      ${column(made, (m) => m.draft.wantedAt?.toISOString())}::timestamptz[],
      ${column(made, (m) => m.draft.by)}::text[], ${column(made, (m) => m.draft.note)}::text[])
    as o (no, code, kind, from_no, supplier, to_no, expected_at, wanted_at, by, note)`;
  const lines = made.flatMap(({ no, draft }) => draft.lines.map((line) => ({ no, ...line })));
  await sql`
    insert into supply_order_line (order_no, sku_no, qty, proposal_id)
    select * from unnest(${column(lines, (l) => l.no)}::bigint[], ${column(lines, (l) => l.skuNo)}::int[],
      ${column(lines, (l) => l.qty)}::int[], ${column(lines, (l) => l.proposalId)}::uuid[])`;
  return made;
}

/** What a transfer lacks at its source. */
export type Shortage = Pair & { wanted: number; available: number };

/**
 * Makes orders: a transfer's goods are held at its source, and all of them are inbound where they go. A transfer whose source
 * has not enough is left out, with what it lacks; earlier ones are served first.
 */
export async function placeOrders(
  sql: Sql,
  drafts: readonly OrderDraft[],
  door: SupplyDoor,
): Promise<{ made: MadeOrder[]; short: { draft: OrderDraft; shortages: Shortage[] }[] }> {
  const destinations = drafts.flatMap((draft) => destinationsOf(draft));
  const sources = drafts.flatMap((draft) => heldBy(draft));
  await makeBalances(sql, destinations);
  const left = new Map(
    (await door.lockBalances(sql, [...destinations, ...sources])).map((each) => [
      keyOf(each),
      each.available,
    ]),
  );
  const short: { draft: OrderDraft; shortages: Shortage[] }[] = [];
  const possible = drafts.filter((draft) => {
    const lines = heldBy(draft);
    const shortages = lines.flatMap(({ qty, ...pair }) => {
      const available = Math.max(0, left.get(keyOf(pair)) ?? 0);
      return available < qty ? [{ ...pair, wanted: qty, available }] : [];
    });
    if (shortages.length > 0) short.push({ draft, shortages });
    else for (const line of lines) left.set(keyOf(line), left.get(keyOf(line))! - line.qty);
    return shortages.length === 0;
  });
  const made = await insertOrders(sql, possible);
  const holds = made.flatMap(({ code, draft }) => {
    const lines = heldBy(draft);
    return lines.length === 0 ? [] : [{ reference: code, lines, by: draft.by }];
  });
  if (holds.length > 0) await door.addSignals(sql, await door.holdGoods(sql, holds));
  await keepInbound(sql, destinations);
  if (made.length > 0) await door.noteChange(sql, boardChange);
  return { made, short };
}

/** Screens show what is under way on both. */
export const boardChange = { topics: ['stock', 'alerts'] as Topic[], minutes: [], locationNos: [] };

const keyOf = ({ skuNo, locationNo }: Pair): string => `${skuNo}|${locationNo}`;

const destinationsOf = ({ lines, toLocationNo }: OrderDraft): Pair[] =>
  lines.map(({ skuNo }) => ({ skuNo, locationNo: toLocationNo }));

const heldBy = ({ lines, fromLocationNo }: OrderDraft): (Pair & { qty: number })[] =>
  fromLocationNo === null
    ? []
    : lines
        .map(({ skuNo, qty }) => ({ skuNo, qty, locationNo: fromLocationNo }))
        .sort((a, b) => a.skuNo - b.skuNo);

export const pairsOf = (sql: Sql, pairs: readonly Pair[]) => sql`
  select distinct * from unnest(${column(pairs, (p) => p.skuNo)}::int[], ${column(pairs, (p) => p.locationNo)}::int[])
  as p (sku_no, location_no)`;

/** Goods may be on their way to where their SKU has never been: a balance of nothing, sold out, is there from then on. */
async function makeBalances(sql: Sql, pairs: readonly Pair[]): Promise<void> {
  await sql`
    with made as (
      insert into stock (sku_no, location_no, flagged_at)
      select sku_no, location_no, now() from (${pairsOf(sql, pairs)}) p order by 1, 2
      on conflict do nothing returning location_no
    )
    insert into stock_location as t (location_no, balances, sold_out)
    select location_no, count(*)::int, count(*)::int from made group by 1 order by 1
    on conflict (location_no) do update set balances = t.balances + excluded.balances,
      sold_out = t.sold_out + excluded.sold_out`;
}

/** Pieces outstanding by balance, of the orders that are under way. */
export const outstandingByBalance = (sql: Sql) => sql`
  select n.sku_no, o.to_location_no as location_no, sum(greatest(0, n.qty - n.received - n.damaged))::int as qty
  from supply_order o join supply_order_line n on n.order_no = o.no
  where o.state in ('open', 'sent', 'shipped') group by 1, 2`;

/**
 * Sets inbound of these balances to what is outstanding. The balances are locked first and summed in a second statement: one
 * that waited for its lock must see the lines of whoever held it.
 */
export async function keepInbound(sql: Sql, pairs: readonly Pair[]): Promise<void> {
  if (pairs.length === 0) return;
  await sql`
    select from stock s join (${pairsOf(sql, pairs)}) p using (sku_no, location_no)
    order by s.sku_no, s.location_no for update of s`;
  await sql`
    update stock s set inbound = coalesce(n.qty, 0)
    from (${pairsOf(sql, pairs)}) p
    left join lateral (
      select sum(greatest(0, n.qty - n.received - n.damaged))::int as qty
      from supply_order_line n join supply_order o on o.no = n.order_no
      where n.sku_no = p.sku_no and o.to_location_no = p.location_no and o.state in ('open', 'sent', 'shipped')) n on true
    where s.sku_no = p.sku_no and s.location_no = p.location_no and s.inbound <> coalesce(n.qty, 0)`;
}

/** A signal for each balance: what is on its way there changed, or came. */
export async function signalBalances(sql: Sql, pairs: readonly Pair[]): Promise<void> {
  if (pairs.length === 0) return;
  await sql`insert into signal (kind, sku_no, location_no) select 'stock', * from (${pairsOf(sql, pairs)}) p`;
}

/** What was asked of a proposal; `qty` changes it. */
export type Approval = { id: string; qty?: number | undefined };
export type Refused = 'not_found' | 'not_open' | 'outside_scope' | 'insufficient_stock';
export type ApprovalResult =
  | { id: string; order: string; refused: null }
  | { id: string; order: null; refused: Refused; available?: number };

type OpenProposal = {
  id: string;
  skuNo: number;
  locationNo: number;
  code: string;
  region: string | null;
  sourceKind: SourceKind;
  sourceLocationNo: number | null;
  supplier: string | null;
  qty: number;
  expectedAt: Date;
  wantedAt: Date;
};

/**
 * Approves open proposals and makes their orders, one for each source and destination. Of two that approve the same at once,
 * one does it and the other is told that it is not open. What a source has not enough of is refused; the rest goes ahead.
 *
 * @param mayDecide whether the caller may decide for a destination
 */
export async function approveProposals(
  sql: Sql,
  approvals: readonly Approval[],
  {
    by,
    mayDecide,
    door,
  }: {
    by: string;
    mayDecide: (place: { code: string; region: string | null }) => boolean;
    door: SupplyDoor;
  },
): Promise<{ results: ApprovalResult[]; made: MadeOrder[] }> {
  const asked = new Map(approvals.map((approval) => [approval.id, approval]));
  const open = await sql<OpenProposal[]>`
    select p.id, p.sku_no as "skuNo", p.location_no as "locationNo", l.code, l.region, p.source_kind as "sourceKind",
      p.source_location_no as "sourceLocationNo", p.supplier, p.qty, p.expected_at as "expectedAt",
      least(p.created_at, s.low_at) as "wantedAt"
    from proposal p join location l on l.no = p.location_no
    left join stock s on s.sku_no = p.sku_no and s.location_no = p.location_no
    where p.id = any(${[...asked.keys()]}::uuid[]) and p.state = 'open'
    order by p.sku_no, p.location_no for update of p`;
  const refused = new Map<string, ApprovalResult>();
  const refuse = (id: string, why: Refused, available?: number) =>
    refused.set(id, { id, order: null, refused: why, ...(available !== undefined && { available }) });
  let wanted = open.filter((proposal) => {
    if (mayDecide(proposal)) return true;
    refuse(proposal.id, 'outside_scope');
    return false;
  });
  for (const proposal of wanted) proposal.qty = asked.get(proposal.id)?.qty ?? proposal.qty;

  // A source that lacks one SKU does not hold up the others: what is short is taken out before orders are made of the rest.
  const pairs = wanted.flatMap(({ skuNo, locationNo, sourceLocationNo }) => [
    { skuNo, locationNo },
    ...(sourceLocationNo === null ? [] : [{ skuNo, locationNo: sourceLocationNo }]),
  ]);
  await makeBalances(sql, wanted);
  const left = new Map((await door.lockBalances(sql, pairs)).map((each) => [keyOf(each), each.available]));
  wanted = wanted.filter(({ id, skuNo, sourceLocationNo, qty }) => {
    if (sourceLocationNo === null) return true;
    const key = keyOf({ skuNo, locationNo: sourceLocationNo });
    const available = left.get(key) ?? 0;
    if (available < qty) refuse(id, 'insufficient_stock', Math.max(0, available));
    else left.set(key, available - qty);
    return available >= qty;
  });
  const { made } = await placeOrders(sql, ordersOf(wanted, by), door);

  const approved = made.flatMap(({ no, code, draft }) =>
    draft.lines.map(({ proposalId, qty }) => ({ id: proposalId!, no, code, qty })),
  );
  await sql`
    update proposal p set state = 'approved', decided_at = now(), decided_by = ${by}, updated_at = now(),
      approved_qty = a.qty, supply_order_no = a.no
    from unnest(${column(approved, (a) => a.id)}::uuid[], ${column(approved, (a) => a.no)}::bigint[],
      ${column(approved, (a) => a.qty)}::int[]) as a (id, no, qty)
    where p.id = a.id and p.state = 'open'`;
  const orders = new Map(approved.map(({ id, code }) => [id, code]));
  const missing = [...asked.keys()].filter((id) => !orders.has(id) && !refused.has(id));
  if (missing.length > 0) {
    const known = await sql<{ id: string }[]>`select id from proposal where id = any(${missing}::uuid[])`;
    for (const id of missing) refuse(id, known.some((row) => row.id === id) ? 'not_open' : 'not_found');
  }
  const results = approvals.map(({ id }): ApprovalResult => {
    const order = orders.get(id);
    return order === undefined ? refused.get(id)! : { id, order, refused: null };
  });
  return { results, made };
}

/** One order for each source and destination. */
function ordersOf(proposals: readonly OpenProposal[], by: string): OrderDraft[] {
  const groups = Map.groupBy(
    proposals,
    (p) => `${orderKindOf(p.sourceKind)}|${p.sourceLocationNo ?? ''}|${p.supplier ?? ''}|${p.locationNo}`,
  );
  return [...groups.values()].map((group) => {
    const [first] = group as [OpenProposal, ...OpenProposal[]];
    return {
      kind: orderKindOf(first.sourceKind),
      fromLocationNo: first.sourceLocationNo,
      supplier: first.supplier,
      toLocationNo: first.locationNo,
      expectedAt: new Date(Math.max(...group.map(({ expectedAt }) => expectedAt.getTime()))),
      wantedAt: new Date(Math.min(...group.map(({ wantedAt }) => wantedAt.getTime()))),
      note: null,
      by,
      lines: group.map(({ id, skuNo, qty }) => ({ skuNo, qty, proposalId: id })),
    };
  });
}
