import fc from 'fast-check';
import { expect, it } from 'vitest';
import { DECIDES, elsewhereOf, firstOut, movesOf, runwaysOf, type Place } from './runway.ts';

const NOW = Date.UTC(2026, 10, 11, 12, 10);
const MINUTE = 60_000;
const at = { featuredAt: NOW - 30 * MINUTE, now: NOW };
const place = (location: string, more: Partial<Place> = {}): Place => ({
  location, available: 100, inbound: 0, units: 0, lately: 0, recent: 0, pace: 0, ...more,
}); // prettier-ignore
const first = (...places: Place[]) => firstOut(runwaysOf(places, at));

it('pieces in one place do not help what is sent from another', () => {
  const out = first(
    place('ONLINE', { available: 20, units: 400, lately: 400, recent: 400 }),
    place('SHOP', { available: 500, units: 1, lately: 1, recent: 1 }),
  )!;
  // 400 in two minutes.
  expect(out).toMatchObject({ location: 'ONLINE', available: 20, perHour: 12_000 });
  expect(out.soldOutAt! - NOW).toBe(6000);
});

it('a shelf that sends next to nothing does not decide, gone or not; one that sends a tenth does', () => {
  const online = place('ONLINE', { available: 9000, units: 95, lately: 95, recent: 20 });
  expect(first(online, place('SHOP', { available: 0, units: 5, lately: 5, recent: 1 }))).toMatchObject({
    location: 'ONLINE',
    available: 9000,
  });
  expect(first(online, place('SHOP', { available: 0, units: 20, lately: 20, recent: 1 }))).toMatchObject({
    location: 'SHOP',
    soldOutAt: NOW,
  });
  // Many small ones together do: with the fifth shop gone, a tenth of what is sold has no place.
  const shops = Array.from({ length: 50 }, (_, i) =>
    place(`S${String(i).padStart(2, '0')}`, { lately: 2, available: i < 5 ? 0 : 40 }),
  );
  expect(first(...shops)).toMatchObject({ location: 'S04', soldOutAt: NOW });
  expect(first(...shops.slice(1))).toMatchObject({ available: 40, soldOutAt: null });
});

it('what was sent long ago, or called off, says nothing once something is sent from elsewhere', () => {
  const was = place('ONLINE', { available: 0, units: 400 });
  expect(first(was, place('SHOP', { available: 60, units: 9, lately: 9, recent: 2 }))).toMatchObject({
    location: 'SHOP',
    perHour: 60,
  });
  // Before anything is sold lately, the whole session tells.
  expect(first(was, place('SHOP', { available: 60, units: 9 }))).toMatchObject({ location: 'ONLINE' });
  // Nothing was sold at all: online warehouses are alike.
  expect(first(place('W1', { available: 3 }), place('W2', { available: 9 }))).toMatchObject({ share: 0.5 });
  expect(first()).toBeNull();
});

it('what all channels take counts where it is more', () => {
  const busy = place('ONLINE', { available: 50, units: 9, lately: 9, recent: 1, pace: 600 });
  expect(first(busy)).toMatchObject({ perHour: 600, soldOutAt: NOW + 5 * MINUTE });
});

it('shares are of a whole, the order is by end, and what is shown takes at least a tenth with it', () => {
  const counts = fc.integer({ min: 0, max: 50 });
  const places = fc.array(
    fc.record({ available: fc.integer({ min: -5, max: 60 }), units: counts, lately: counts, recent: counts }),
    { minLength: 1, maxLength: 12 },
  );
  fc.assert(
    fc.property(places, (list) => {
      const runways = runwaysOf(list.map((more, i) => place(`L${i}`, more)), at); // prettier-ignore
      const ends = runways.map(({ soldOutAt }) => soldOutAt ?? Infinity);
      expect(ends).toEqual(ends.toSorted((a, b) => a - b));
      expect(runways.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1);
      const out = firstOut(runways)!;
      const until = runways.indexOf(out);
      const missing = runways.slice(0, until + 1).reduce((sum, { share }) => sum + share, 0);
      if (out.soldOutAt !== null) expect(missing).toBeGreaterThanOrEqual(DECIDES - 1e-9);
      // Nobody that ends earlier takes so much with them.
      expect(missing - out.share).toBeLessThan(DECIDES);
      if (runways.length > 1) expect(elsewhereOf(runways, out)).toBeGreaterThanOrEqual(0);
    }),
  );
});

it('a place of the show that gives to another one keeps what it needs itself', () => {
  const spare = (location: string, available: number) => ({ location, available, reorderPoint: 10, isWarehouse: false }); // prettier-ignore
  const moves = movesOf([spare('SHOP', 100), spare('HQ', 100)], {
    wanted: 60,
    packSize: 12,
    needs: new Map([['SHOP', 80]]),
  });
  expect(moves.map(({ location, spare: left, qty }) => [location, left, qty])).toEqual([
    ['HQ', 90, 60], ['SHOP', 20, 12],
  ]); // prettier-ignore
});
