import type { DeliveryEvent } from '@zhanggui/shared/delivery/endpoint.ts';
import { api, type Page } from '#lib/api/api.ts';
import type { RulesMessages } from '#lib/i18n/rules.ts';

export const deliveryStatuses = ['waiting', 'sent', 'failed'] as const;
export type DeliveryStatus = (typeof deliveryStatuses)[number];

export type Delivery = {
  id: string;
  endpointId: string;
  endpoint: string;
  event: DeliveryEvent | 'test';
  status: DeliveryStatus;
  attempts: number;
  /** HTTP status of the last answer. */
  lastStatus: number | null;
  error: string | null;
  createdAt: string;
  nextAt: string | null;
  doneAt: string | null;
  /** What was sent, without signatures. */
  body: string | null;
};

type Reason = keyof RulesMessages['deliveries']['reasons'];

/** Why a message did not arrive, as far as it can be told; the other side's own words stand beside it. */
export function reasonOf({ error, lastStatus }: Pick<Delivery, 'error' | 'lastStatus'>): Reason | null {
  if (error === null) return null;
  if (lastStatus === null) {
    if (error.includes('switched off')) return 'off';
    if (error.includes('no answer within')) return 'timeout';
    return /^the address|address/.test(error) ? 'address' : 'unreachable';
  }
  if (lastStatus < 300) return 'bot';
  if (lastStatus < 400) return 'redirect';
  if (lastStatus === 429 || lastStatus === 503) return 'busy';
  if (lastStatus === 404 || lastStatus === 410) return 'missing';
  if (lastStatus === 401 || lastStatus === 403) return 'forbidden';
  return lastStatus >= 500 ? 'server' : 'other';
}

/** Waits before each look at what came of a test: it goes out within seconds. */
const LOOKS_MS = [0, 500, 500, 1000, 1000, 1500, 1500, 2000, 2000, 2000];

/** Sends a test message and waits for what comes of it: done, failed, or after some seconds still on its way. */
export async function sendTest(endpointId: string): Promise<Delivery | null> {
  const { deliveryId } = await api.post<{ deliveryId: string }>(
    `/api/v1/delivery-endpoints/${endpointId}/test`,
  );
  let last: Delivery | null = null;
  for (const ms of LOOKS_MS) {
    await new Promise((resolve) => setTimeout(resolve, ms));
    const { rows } = await api.get<Page<Delivery>>('/api/v1/deliveries', { id: deliveryId, limit: 1 });
    last = rows[0] ?? null;
    // An attempt that failed and is tried again has said why already.
    if (last && (last.status !== 'waiting' || last.error !== null)) break;
  }
  return last;
}
