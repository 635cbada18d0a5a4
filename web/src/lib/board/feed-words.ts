import type { FeedItem } from '@zhanggui/shared/contract/board.ts';
import type { Format } from '#lib/format/format.svelte.ts';
import type { FeedWords, Messages } from '#lib/i18n/zh-CN.ts';

/** Kinds that ask for a hand; the others are news. */
const alarms: readonly FeedItem['kind'][] = [
  'sold_out',
  'oversold',
  'complaint',
  'big_refund',
  'unknown_sku',
  'unknown_location',
];

export const isAlarm = (item: FeedItem): boolean => alarms.includes(item.kind);

/** A notable event in words: what it is, and its parts in order of importance. Amounts that are withheld are left out. */
export function feedWords(item: FeedItem, m: Messages, format: Format): { title: string; parts: string[] } {
  const { amount, channel, qty, text, ...who } = item.params;
  const words: FeedWords = {};
  if (amount != null) words.amount = format.money(amount, 'whole');
  if (channel) words.channel = m.channels[channel];
  if (qty !== undefined) words.qty = format.whole(qty);
  if (text) words.text = text;
  const place = format.name({ nameZh: who.locationNameZh, nameEn: who.locationNameEn }) || who.location;
  if (place) words.place = place;
  const sku = format.name({ nameZh: who.skuNameZh, nameEn: who.skuNameEn }) || who.sku;
  if (sku) words.sku = sku;
  return { title: m.feed[item.kind], parts: m.feedLine(item.kind, words) };
}

/** Happens so often, and says so little, that it would push out what is worth reading. */
const routine: readonly FeedItem['kind'][] = ['group_opened'];

/** The latest `count` worth reading, newest first. */
export function latest(items: Iterable<FeedItem>, count: number): FeedItem[] {
  return [...items]
    .filter((item) => !routine.includes(item.kind))
    .sort((a, b) => b.id - a.id)
    .slice(0, count);
}
