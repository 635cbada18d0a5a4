import type { SupplyOrderKind, SupplyOrderState } from '@zhanggui/shared/contract/words.ts';

/** A transfer or purchase as the API lists it. */
export type SupplyOrder = {
  code: string;
  kind: SupplyOrderKind;
  status: SupplyOrderState;
  from: string | null;
  fromNameZh: string | null;
  fromNameEn: string | null;
  to: string;
  toNameZh: string;
  toNameEn: string;
  lineCount: number;
  qty: number;
  received: number;
  damaged: number;
  outstanding: number;
  /** At cost, minor units. */
  value: number | null;
  late: boolean;
  expectedAt: string;
  createdAt: string;
  createdBy: string;
  sentAt: string | null;
  shippedAt: string | null;
  receivedAt: string | null;
  closedShort: boolean;
  note: string | null;
};

export type SupplyLine = {
  sku: string;
  nameZh: string;
  nameEn: string;
  qty: number;
  received: number;
  damaged: number;
  outstanding: number;
  packSize: number;
};

export type OrderDetail = SupplyOrder & {
  lines: SupplyLine[];
  receipts: { deliveryId: string; at: string; by: string; final: boolean; qty: number; damaged: number }[];
};

export const orderPath = (code: string): string => `/api/v1/supply-orders/${encodeURIComponent(code)}`;

/** What may be done to it now, in the order in which it usually happens. */
export function stepsOf({ status }: Pick<SupplyOrder, 'status'>): ('send' | 'ship' | 'receive' | 'cancel')[] {
  switch (status) {
    case 'open':
      return ['send', 'ship', 'receive', 'cancel'];
    case 'sent':
      return ['ship', 'receive', 'cancel'];
    case 'shipped':
      return ['receive'];
    default:
      return [];
  }
}
