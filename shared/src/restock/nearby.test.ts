import { expect, it } from 'vitest';
import { distanceKm, nearby, type Holder } from './nearby.ts';

const holder = (locationNo: number, more: Partial<Holder> = {}): Holder => ({
  locationNo,
  code: `L${locationNo}`,
  kind: 'store',
  available: 10,
  inbound: 0,
  reorderPoint: 2,
  orderUpTo: 6,
  rate: 1,
  promised: 0,
  latitude: 31 + locationNo / 100,
  longitude: 121,
  ...more,
});
const shop = { locationNo: 1, latitude: 31, longitude: 121 };
const nosOf = ({ sources }: ReturnType<typeof nearby>) => sources.map(({ locationNo }) => locationNo);

it('measures as the crow flies', () => {
  // Shanghai to Hangzhou.
  expect(
    distanceKm({ latitude: 31.23, longitude: 121.47 }, { latitude: 30.27, longitude: 120.16 }),
  ).toBeCloseTo(164, -1);
  expect(distanceKm(shop, { latitude: null, longitude: 121 })).toBeNull();
});

it('weighs the nearest stores, those with pieces beyond their own need first, and all warehouses', () => {
  const near = Array.from({ length: 15 }, (_, i) => holder(i + 2, { available: 5 }));
  const beyond = holder(90);
  const nowhere = holder(91, { latitude: null, available: 5 });
  const warehouse = holder(92, { kind: 'online_warehouse', latitude: 60 });
  const found = nearby(shop, [holder(1), ...near, beyond, nowhere, warehouse], null);
  expect(nosOf(found)).toEqual([...near.slice(0, 14).map(({ locationNo }) => locationNo), 90, 92]);
});

it('leaves out what others will take, and counts what the own proposal takes as free', () => {
  const given = holder(2, { available: 4, promised: 4 });
  expect(nosOf(nearby(shop, [given], null))).toEqual([]);
  const found = nearby(shop, [given], { locationNo: 2, qty: 3 });
  expect(found.sources).toMatchObject([{ locationNo: 2, available: 4, promised: 1 }]);
  expect(nosOf(nearby(shop, [given], { locationNo: 3, qty: 3 }))).toEqual([]);
});

it('knows the HQ warehouse also when it has nothing, and not as a source of itself', () => {
  const empty = holder(5, { kind: 'hq_warehouse', available: -2 });
  expect(nearby(shop, [empty], null)).toMatchObject({ sources: [], warehouse: { locationNo: 5 } });
  expect(nearby({ ...shop, locationNo: 5 }, [empty], null).warehouse).toBeNull();
});
