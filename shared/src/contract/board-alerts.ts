/** The board's topic `alerts`. See board.ts. */
import type { AlertKind, AlertLevel, AlertStatus, AnomalyKind, Severity, SourceKind } from './words.ts';

/** Keys of topic `alerts`. */
export type AlertsBoard = {
  summary: AlertSums;
  /** The 100 that matter most; in scope `all` those that a company-wide one stands for are left out. */
  [alert: `alert:${string}`]: AlertTile;
  /** Of the whole company, in scope `all`: what loses money now. */
  [anomaly: `anomaly:${string}`]: Anomaly;
};
/** Of alerts that are neither snoozed nor silenced. `open`: nobody is on it; `critical` are those of them. */
export type AlertSums = {
  open: number;
  acknowledged: number;
  critical: number;
  /** Medians of the last 7 days, in minutes; null: none. */
  acknowledgeMinutes: number | null;
  resolveMinutes: number | null;
};
export type AlertTile = {
  id: string;
  kind: AlertKind;
  severity: Severity;
  status: AlertStatus;
  level: AlertLevel;
  sku: string | null;
  nameZh: string | null;
  nameEn: string | null;
  location: string | null;
  locationNameZh: string | null;
  locationNameEn: string | null;
  openedAt: string;
  /** Id of the person or key that takes care of it: names may be the same. */
  ownerId: string | null;
  owner: string | null;
  snoozedUntil: string | null;
  /** Until when the owner has time, or until when an answer is awaited. */
  dueAt: string | null;
  params: AlertParams;
  /** The restock proposed against it. */
  proposal: { id: string; qty: number; sourceKind: SourceKind; expectedAt: string } | null;
};
export type AlertParams = {
  available?: number;
  onHand?: number;
  inbound?: number;
  reorderPoint?: number;
  /** Pieces an hour now, and when the last one goes at that rate. */
  perHour?: number;
  soldOutAt?: string;
  /** Of a count: what the book said, and what was seen. */
  book?: number;
  counted?: number;
  /** Stores that lack the SKU. */
  stores?: number;
  /** Code of the transfer or purchase, and since when it is late. */
  order?: string;
  lateSince?: string;
};

/** Something that loses money while it goes on. Amounts in minor units. */
export type Anomaly = {
  /** The same for as long as it is the same matter. */
  id: string;
  kind: AnomalyKind;
  /** Of the campaign. */
  name: string | null;
  sku: string | null;
  nameZh: string | null;
  nameEn: string | null;
  /** What was redeemed in the minute, what is lost, or what was refunded. */
  amount: number | null;
  /** What is allowed in a minute, or usual; of a price below cost null. */
  usualAmount: number | null;
  /** The one divided by the other; null: there is no other. */
  times: number | null;
  /** Pieces sold. */
  units: number | null;
};
