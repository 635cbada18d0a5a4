import type { AlertTile, SalesSums, StockFlag, StoreTile } from '@zhanggui/shared/contract/board.ts';

export const sums = (more: Partial<SalesSums> = {}): SalesSums => ({
  orders: 100,
  units: 220,
  placed: 2_100_000,
  paid: 2_060_000,
  refunded: 10_000,
  net: 2_050_000,
  ...more,
});

export const storeTile = (more: Partial<StoreTile> = {}): StoreTile => ({
  code: 'SH01',
  nameZh: '上海南京西路店',
  nameEn: 'Shanghai West Nanjing Road',
  region: 'east',
  city: '上海',
  orders: 10,
  units: 21,
  net: 200_000,
  target: 400_000,
  reached: 0.5,
  vsYesterday: 0.1,
  lastSaleAt: '2026-03-01T11:59:00Z',
  ...more,
});

export const stockFlag = (more: Partial<StockFlag> = {}): StockFlag => ({
  kind: 'sold_out',
  sku: '100001',
  nameZh: '花生油 5L',
  nameEn: 'Peanut oil 5 l',
  location: 'SH01',
  locationNameZh: '上海南京西路店',
  locationNameEn: 'Shanghai West Nanjing Road',
  onHand: 0,
  reserved: 0,
  available: 0,
  since: '2026-03-01T11:30:00Z',
  ...more,
});

export const alertTile = (more: Partial<AlertTile> = {}): AlertTile => ({
  id: 'a1',
  kind: 'sold_out',
  severity: 'critical',
  status: 'open',
  level: 'store',
  sku: '100001',
  nameZh: '花生油 5L',
  nameEn: 'Peanut oil 5 l',
  location: 'SH01',
  locationNameZh: '上海南京西路店',
  locationNameEn: 'Shanghai West Nanjing Road',
  openedAt: '2026-03-01T11:55:00Z',
  ownerId: null,
  owner: null,
  snoozedUntil: null,
  dueAt: null,
  params: { available: 0, reorderPoint: 12, inbound: 0 },
  proposal: null,
  ...more,
});
