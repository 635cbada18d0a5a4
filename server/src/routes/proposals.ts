import { z } from 'zod';
import { writeAudit } from '@zhanggui/shared/access/audit-store.ts';
import { maySee, sightOf, type Who } from '@zhanggui/shared/access/permissions.ts';
import { noteChange } from '@zhanggui/shared/board/change-store.ts';
import { visibleLocationNos } from '@zhanggui/shared/catalog/place-store.ts';
import { AppError } from '@zhanggui/shared/contract/errors.ts';
import { proposalStates, sourceKinds } from '@zhanggui/shared/contract/words.ts';
import type { SqlTransaction } from '@zhanggui/shared/platform/database.ts';
import {
  chooseSource,
  findOpenBalance,
  listProposals,
  lockOpenProposal,
  namesOfSources,
  rejectProposals,
  reopenProposal,
  REOPEN_MINUTES,
  type Decision,
  type ProposalRow,
} from '@zhanggui/shared/restock/decision-store.ts';
import { readSourcing } from '@zhanggui/shared/restock/proposal-store.ts';
import { MAX_QTY, sourceOptions, type SourceOption } from '@zhanggui/shared/restock/sourcing.ts';
import { readRestockSummary } from '@zhanggui/shared/supply/order-store.ts';
import { readRule, setRule } from '@zhanggui/shared/supply/rule-store.ts';
import { approveProposals, boardChange, type ApprovalResult } from '@zhanggui/shared/supply/supply-store.ts';
import { actorOf } from '../http/actor.ts';
import { code, cutPage, decodeCursor, instant, line, money, pageOf, pageQuery } from '../http/fields.ts';
import { idempotencyHeaders, once } from '../http/idempotency.ts';
import { route } from '../http/route.ts';
import type { Parts } from '../parts.ts';
import { supplyDoor } from '../supply/door.ts';

const name = z.string().nullable();
const qty = z.int().min(1).max(MAX_QTY);

const option = z.object({
  kind: z.enum(sourceKinds),
  location: name,
  supplier: name,
  qty: z.int(),
  expectedAt: z.string(),
  cost: z.int().describe('What the company pays: moving, and the goods where they are bought'),
  handling: z.int(),
  lost: z.int().describe('Margin of the sales that are lost until it is there'),
  holding: z.int().describe('Keeping what goes beyond the order-up-to level'),
  relief: z.int().describe('What keeping these pieces where they lie now would cost'),
  total: z.int().describe('handling + lost + holding − relief; the smallest was chosen'),
  outOfQuestion: z
    .enum(['no_surplus', 'less_than_a_pack', 'minimum_order_too_large', 'not_direct'])
    .nullable(),
});

export const whyProposed = z.object({
  available: z.int(),
  inbound: z.int(),
  reorderPoint: z.int(),
  orderUpTo: z.int(),
  rate: z.number().describe('Pieces a day'),
  packSize: z.int(),
  minOrder: z.int(),
  wanted: z.int().describe('orderUpTo − available − inbound'),
  coverDays: z.number().nullable(),
  waiting: z
    .object({ locations: z.int(), qty: z.int() })
    .nullable()
    .describe('Stores that wait for a purchase'),
  chosen: option,
  rejected: z.array(option),
  warnings: z.array(z.enum(['over_replenishment', 'partial', 'late'])),
});

const proposal = z.object({
  id: z.uuid(),
  status: z.enum(proposalStates),
  sku: z.string(),
  skuNameZh: z.string(),
  skuNameEn: z.string(),
  location: z.string(),
  locationNameZh: z.string(),
  locationNameEn: z.string(),
  qty: z.int(),
  approvedQty: z.int().nullable(),
  sourceKind: z.enum(sourceKinds),
  source: name.describe('Code of the location or supplier that sends'),
  sourceNameZh: name,
  sourceNameEn: name,
  cost: z.int(),
  expectedAt: instant,
  why: whyProposed,
  createdAt: instant,
  updatedAt: instant,
  decidedAt: instant.nullable(),
  decidedBy: name,
  reason: name,
  order: name.describe('Code of the order that came of it'),
});

const chosenSource = z
  .union([z.strictObject({ location: code }), z.strictObject({ supplier: code })])
  .describe('Another source than the one proposed, of those that /sources lists');

const refusals = ['not_found', 'not_open', 'outside_scope', 'insufficient_stock'] as const;
const outcome = z.object({
  id: z.uuid(),
  order: name,
  refused: z.enum(refusals).nullable(),
  available: z.int().optional().describe('What the source has, where that is too little'),
});

const ids = z.array(z.uuid()).min(1).max(500);
const reason = line(500);
const byId = z.object({ id: z.uuid() });

const rule = z.object({
  kinds: z.array(z.enum(sourceKinds)).max(sourceKinds.length).describe('None: nothing is approved by rule'),
  maxCost: money,
  maxQty: qty,
});

/** Throws what one refused decision means to a caller who asked for nothing else. */
function demandDone({
  refused,
  available,
}: {
  refused: ApprovalResult['refused'];
  available?: number;
}): void {
  switch (refused) {
    case null:
      return;
    case 'not_found':
      throw new AppError('not_found', 'There is no such proposal');
    case 'not_open':
      throw new AppError('conflict', 'This proposal is not open any more');
    case 'outside_scope':
      throw new AppError('outside_scope');
    case 'insufficient_stock':
      throw new AppError('insufficient_stock', `The source has ${available ?? 0} available`);
  }
}

/** Restocks suggested, and what people say to them. */
export const proposalRoutes = ({ sql, hints, signalled }: Parts) => {
  const sight = (who: Who) => {
    const seen = sightOf(who);
    return seen === 'all' ? null : seen;
  };
  const told = () => {
    hints.publish('stock', 'alerts');
    signalled();
  };

  async function find(db: Parts['sql'] | SqlTransaction, id: string): Promise<ProposalRow> {
    const [row] = await listProposals(db, { id, sight: null }, null, 1);
    if (!row) throw new AppError('not_found', 'There is no such proposal');
    return row;
  }

  /** Approves and writes it down; what is refused is answered, not thrown. */
  async function approve(
    tx: SqlTransaction,
    who: Who,
    approvals: { id: string; qty?: number | undefined }[],
    source?: z.output<typeof chosenSource>,
  ) {
    const actor = actorOf(who);
    const distinct = [...new Map(approvals.map((each) => [each.id, each])).values()];
    const { results, made } = await approveProposals(tx, distinct, {
      by: actor.name,
      mayDecide: (place) => maySee(who, place),
      door: supplyDoor,
    });
    for (const { code: order, draft } of made)
      await writeAudit(tx, actor, {
        action: 'proposal.approve',
        target: order,
        details: {
          proposals: draft.lines.map(({ proposalId }) => proposalId),
          lines: draft.lines.length,
          ...(source && { source }),
        },
      });
    return results;
  }

  async function reject(
    tx: SqlTransaction,
    who: Who,
    list: readonly string[],
    why: string,
  ): Promise<Decision[]> {
    const actor = actorOf(who);
    const mayDecide = (place: { code: string; region: string | null }) => maySee(who, place);
    const results = await rejectProposals(tx, [...new Set(list)], { by: actor.name, reason: why, mayDecide });
    const done = results.filter(({ refused }) => refused === null);
    if (done.length > 0) {
      await noteChange(tx, boardChange);
      await writeAudit(tx, actor, {
        action: 'proposal.reject',
        target: done.length === 1 ? done[0]!.id : null,
        details: { proposals: done.map(({ id }) => id), reason: why },
      });
    }
    return results;
  }

  /** What could be sent from where instead of what is proposed. Balances are locked first where it is about to be taken. */
  async function weighSources(
    db: Parts['sql'] | SqlTransaction,
    { skuNo, locationNo }: { skuNo: number; locationNo: number },
    wanted: number,
  ) {
    const [row] = await readSourcing(db, [{ skuNo, locationNo }]);
    return row ? sourceOptions(row, wanted, new Date()) : [];
  }

  /**
   * Has it sent from elsewhere: only by a source that is in question, and that can give all of it without lacking itself.
   * Both balances are locked while it looks, so of two who ask the same shop the second sees what the first took.
   */
  async function sendFrom(
    tx: SqlTransaction,
    who: Who,
    id: string,
    { source, qty: asked }: { source: z.output<typeof chosenSource>; qty?: number | undefined },
  ): Promise<void> {
    const open = await lockOpenProposal(tx, id);
    if (open === null || !maySee(who, open)) return;
    const wanted = asked ?? open.qty;
    const isIt = (each: SourceOption) =>
      'location' in source ? each.location === source.location : each.supplier === source.supplier;
    const before = (await weighSources(tx, open, wanted)).find(isIt);
    const locationNo = before?.locationNo ?? null;
    const pairs = [open.locationNo, ...(locationNo === null ? [] : [locationNo])].map((no) => ({
      skuNo: open.skuNo,
      locationNo: no,
    }));
    await supplyDoor.lockBalances(tx, pairs);
    const option = (await weighSources(tx, open, wanted)).find(isIt);
    if (option === undefined) throw new AppError('conflict', 'This source has nothing to send there');
    if (
      option.outOfQuestion !== null &&
      option.outOfQuestion !== 'less_than_a_pack' &&
      option.outOfQuestion !== 'no_surplus'
    )
      throw new AppError('conflict', 'This source does not send that there');
    if (option.qty < wanted || option.outOfQuestion !== null)
      throw new AppError(
        'insufficient_stock',
        `This source can give ${option.qty} without lacking them itself`,
      );
    await chooseSource(tx, id, { ...option, qty: wanted });
  }

  return [
    route({
      method: 'get',
      path: '/api/v1/proposals/:id/sources',
      permission: 'restock.read',
      tag: 'restock',
      summary: 'Where else it could come from, the cheapest first',
      description: 'As things are now. Those out of the question come last, and say why.',
      params: byId,
      query: z.object({
        qty: z.coerce
          .number()
          .int()
          .min(1)
          .max(MAX_QTY)
          .optional()
          .describe('Instead of the quantity proposed'),
      }),
      answer: z.object({
        rows: z.array(
          option.extend({
            nameZh: name,
            nameEn: name,
            current: z.boolean().describe('The one that is proposed'),
          }),
        ),
      }),
      errors: ['not_found', 'conflict'],
      async handler({ params: { id }, query, who }) {
        const [row] = await listProposals(sql, { id, sight: sight(who) }, null, 1);
        if (!row) throw new AppError('not_found', 'There is no such proposal');
        const open = await findOpenBalance(sql, id);
        if (open === null) throw new AppError('conflict', 'This proposal is not open any more');
        const options = await weighSources(sql, open, query.qty ?? row.qty);
        const names = await namesOfSources(sql, {
          locations: options.flatMap(({ location }) => location ?? []),
          suppliers: options.flatMap(({ supplier }) => supplier ?? []),
        });
        return {
          rows: options.map((each) => {
            const { location, supplier } = each;
            const named =
              location === null ? names.suppliers.get(supplier ?? '') : names.locations.get(location);
            return {
              ...each,
              nameZh: named?.nameZh ?? null,
              nameEn: named?.nameEn ?? null,
              current: row.sourceKind === each.kind && row.source === (location ?? supplier),
            };
          }),
        };
      },
    }),
    route({
      method: 'get',
      path: '/api/v1/proposals',
      permission: 'restock.read',
      tag: 'restock',
      summary: 'List restock proposals, newest first',
      query: z.object({
        status: z.enum(proposalStates).optional(),
        sku: code.optional(),
        location: code.optional(),
        ...pageQuery,
      }),
      answer: pageOf(proposal),
      async handler({ query: { limit, cursor, ...filter }, who }) {
        const before = decodeCursor(cursor, z.tuple([z.iso.datetime(), z.uuid()]));
        const rows = await listProposals(
          sql,
          { ...filter, sight: sight(who) },
          before && { at: new Date(before[0]), id: before[1] },
          limit + 1,
        );
        return cutPage(rows, limit, (row) => [row.createdAt.toISOString(), row.id]);
      },
    }),
    route({
      method: 'post',
      path: '/api/v1/proposals/:id/approve',
      permission: 'stock.command',
      tag: 'restock',
      summary: 'Approve a proposal, or another quantity or source of it: makes a transfer or purchase order',
      description:
        'Another source is refused where it cannot give all of it without falling below its own need.',
      params: byId,
      headers: idempotencyHeaders,
      body: z.strictObject({ qty: qty.optional(), source: chosenSource.optional() }).optional(),
      answer: proposal,
      errors: ['not_found', 'conflict', 'outside_scope', 'insufficient_stock', 'cross_site'],
      async handler({ params: { id }, body, who, req }) {
        const answer = await once(sql, { req, who }, proposal, async (tx) => {
          const source = body?.source;
          if (source) await sendFrom(tx as SqlTransaction, who, id, { source, qty: body?.qty });
          const [result] = await approve(tx as SqlTransaction, who, [{ id, qty: body?.qty }], source);
          demandDone(result!);
          return find(tx as SqlTransaction, id);
        });
        told();
        return answer;
      },
    }),
    route({
      method: 'post',
      path: '/api/v1/proposals/:id/reject',
      permission: 'stock.command',
      tag: 'restock',
      summary: 'Reject a proposal, with a reason',
      params: byId,
      body: z.strictObject({ reason }),
      answer: proposal,
      errors: ['not_found', 'conflict', 'outside_scope', 'cross_site'],
      async handler({ params: { id }, body, who }) {
        const row = await sql.begin(async (tx) => {
          const [result] = await reject(tx, who, [id], body.reason);
          demandDone(result!);
          return find(tx, id);
        });
        told();
        return row;
      },
    }),
    route({
      method: 'post',
      path: '/api/v1/proposals/:id/reopen',
      permission: 'stock.command',
      tag: 'restock',
      summary: `Take a rejection back, within ${REOPEN_MINUTES} minutes`,
      params: byId,
      answer: proposal,
      errors: ['not_found', 'conflict', 'outside_scope', 'cross_site'],
      async handler({ params: { id }, who }) {
        const row = await sql.begin(async (tx) => {
          const result = await reopenProposal(tx, id, {
            by: actorOf(who).name,
            mayDecide: (place) => maySee(who, place),
          });
          if (result.refused === 'not_open')
            throw new AppError('conflict', 'It was rejected too long ago, or another one is open by now');
          demandDone(result);
          await noteChange(tx, boardChange);
          await writeAudit(tx, actorOf(who), { action: 'proposal.reopen', target: id });
          return find(tx, id);
        });
        told();
        return row;
      },
    }),
    route({
      method: 'post',
      path: '/api/v1/proposals/approve',
      permission: 'stock.command',
      tag: 'restock',
      summary: 'Approve many proposals: one order for each source and destination',
      description: 'Each is answered. What cannot be approved does not hold up the others.',
      headers: idempotencyHeaders,
      body: z.strictObject({ ids }),
      answer: z.object({ results: z.array(outcome) }),
      errors: ['cross_site', 'conflict'],
      async handler({ body, who, req }) {
        const answer = await once(sql, { req, who }, z.object({ results: z.array(outcome) }), async (tx) => ({
          results: await approve(
            tx as SqlTransaction,
            who,
            body.ids.map((id) => ({ id })),
          ),
        }));
        told();
        return answer;
      },
    }),
    route({
      method: 'post',
      path: '/api/v1/proposals/reject',
      permission: 'stock.command',
      tag: 'restock',
      summary: 'Reject many proposals for one reason',
      body: z.strictObject({ ids, reason }),
      answer: z.object({ results: z.array(outcome.pick({ id: true, refused: true })) }),
      errors: ['cross_site'],
      async handler({ body, who }) {
        const results = await sql.begin((tx) => reject(tx, who, body.ids, body.reason));
        told();
        return { results };
      },
    }),
    route({
      method: 'get',
      path: '/api/v1/approval-rules',
      permission: 'restock.read',
      tag: 'restock',
      summary: 'Show which proposals are approved by rule',
      answer: rule.extend({ updatedAt: instant.nullable(), updatedBy: name }),
      handler: async () => {
        const kept = await readRule(sql);
        return { ...kept, kinds: [...kept.kinds] };
      },
    }),
    route({
      method: 'put',
      path: '/api/v1/approval-rules',
      permission: 'approvals.manage',
      tag: 'restock',
      summary: 'Set which proposals are approved by rule',
      description:
        'Those of these kinds that cost no more and have no more pieces, and that do not warn of too much.',
      body: rule.strict(),
      answer: rule.extend({ updatedAt: instant.nullable(), updatedBy: name }),
      errors: ['cross_site'],
      async handler({ body, who }) {
        const actor = actorOf(who);
        const kept = await sql.begin(async (tx) => {
          const row = await setRule(tx, body, actor.name);
          await writeAudit(tx, actor, { action: 'approval_rule.set', details: { ...body } });
          return row;
        });
        return { ...kept, kinds: [...kept.kinds] };
      },
    }),
    route({
      method: 'get',
      path: '/api/v1/restock/summary',
      permission: 'restock.read',
      tag: 'restock',
      summary: 'How the loop from signal to shelf does',
      answer: z.object({
        openProposals: z.int(),
        underWay: z.int(),
        underWayUnits: z.int(),
        late: z.int(),
        cycleHours: z.number().nullable().describe('Median of 30 days, from the first signal to the shelf'),
        stockoutShare: z.number().nullable().describe('Share of balances with nothing left'),
      }),
      handler: async ({ who }) => readRestockSummary(sql, await visibleLocationNos(sql, sightOf(who))),
    }),
  ];
};
