/** Claims, redeems and quotes over HTTP from a process of its own, so that it shares no event loop with what is measured. */
import { atRate, inLanes, runInChild, serveLoad, tallied, type Tally } from './sending.ts';

export type CouponPlan = {
  url: string;
  key: string;
  clients: number;
  /** Requests a second, sent whether or not earlier ones were answered; 0: as fast as the answers come. */
  rate: number;
  count: number;
} & (
  | { kind: 'claim'; campaignId: string; run: string }
  | { kind: 'redeem'; codes: string[] }
  | { kind: 'quote'; members: number }
);

/** Runs a plan in a child process. `good`: 201 of claims, 200 of the others. */
export const runCouponLoad = (plan: CouponPlan): Promise<Tally> => runInChild(import.meta.filename, plan);

const lines = (no: number) => [
  { sku: `SKU-${String(1 + (no % 30_000)).padStart(5, '0')}`, qty: 1 + (no % 3), unitPrice: 5_000 },
  { sku: `SKU-${String(1 + ((no * 7) % 30_000)).padStart(5, '0')}`, qty: 1, unitPrice: 3_000 },
];

function requestOf(plan: CouponPlan, no: number): { path: string; body: object } {
  switch (plan.kind) {
    case 'claim':
      return { path: `/api/v1/campaigns/${plan.campaignId}/claims`, body: { memberId: `${plan.run}-${no}` } };
    case 'redeem':
      return {
        path: `/api/v1/coupons/${plan.codes[no]!}/redeem`,
        body: { orderId: `o-${plan.codes[no]!}`, channel: 'pos', location: 'L01', lines: lines(no) },
      };
    case 'quote':
      return {
        path: '/api/v1/coupons/quote',
        body: { memberId: `m${1 + ((no * 7919) % plan.members)}`, channel: 'mall', lines: lines(no) },
      };
  }
}

serveLoad(import.meta.filename, (plan: CouponPlan) =>
  tallied(
    { url: plan.url, path: '', key: plan.key, contentType: 'application/json' },
    { sockets: plan.rate > 0 ? Infinity : plan.clients, wanted: plan.kind === 'claim' ? 201 : 200 },
    async (post) => {
      const send = (no: number, due: number) => {
        const { path, body } = requestOf(plan, no);
        return post(JSON.stringify(body), due, path);
      };
      if (plan.rate > 0) await atRate(plan.count, plan.rate, send);
      else await inLanes(plan.clients, { seconds: 300, most: plan.count }, send);
    },
  ),
);
