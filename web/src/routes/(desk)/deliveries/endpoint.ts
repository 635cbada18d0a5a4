import type { Scope } from '@zhanggui/shared/contract/board.ts';
import type { Locale, Severity } from '@zhanggui/shared/contract/words.ts';
import type { DeliveryEvent, EndpointKind } from '@zhanggui/shared/delivery/endpoint.ts';

export type EndpointSettings = {
  name: string;
  events: DeliveryEvent[];
  scope: Scope;
  /** Hears only of orders to this supplier; null: of all. */
  supplier: string | null;
  minSeverity: Severity;
  locale: Locale;
  perMinute: number;
  /** Minutes of the business day; null: no quiet time. */
  quietFrom: number | null;
  quietTo: number | null;
  /** Messages to members are about those only who agreed to it; null: about all. */
  medium: string | null;
  enabled: boolean;
};

/** As the server shows it: the address without what lets others write there, and never the secret. */
export type Endpoint = EndpointSettings & {
  id: string;
  kind: EndpointKind;
  address: string;
  signed: boolean;
  createdAt: string;
};

export const settingsOf = ({
  name,
  events,
  scope,
  supplier,
  minSeverity,
  locale,
  perMinute,
  quietFrom,
  quietTo,
  medium,
  enabled,
}: Endpoint): EndpointSettings => ({
  name,
  events,
  scope,
  supplier,
  minSeverity,
  locale,
  perMinute,
  quietFrom,
  quietTo,
  medium,
  enabled,
});

/** `22:30` as minutes of the day; null when it is empty or no time. */
export function minuteOfDay(text: string): number | null {
  const match = /^(\d{1,2}):(\d{2})/.exec(text);
  if (!match) return null;
  const minute = Number(match[1]) * 60 + Number(match[2]);
  return minute < 1440 ? minute : null;
}

export const timeText = (minute: number | null): string =>
  minute === null
    ? ''
    : `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`;

/** Messages a minute as typed; null when it is no rate that the server takes. */
export function rateOf(typed: string): number | null {
  const rate = Number(typed);
  return /^\d+$/.test(typed.trim()) && rate >= 1 && rate <= 600 ? rate : null;
}

/** A secret of Standard Webhooks, of random bytes. */
export const webhookSecret = (bytes: Uint8Array): string => `whsec_${btoa(String.fromCharCode(...bytes))}`;
