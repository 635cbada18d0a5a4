import { fireEvent, screen, within } from '@testing-library/svelte';
import { describe, expect, it } from 'vitest';
import { Places } from '#lib/desk/places.svelte.ts';
import { drawDesk, FakeApi } from '#lib/testing/desk.ts';
import Found from './Found.svelte';
import KeptHere from './KeptHere.svelte';

const shelf = (location: string, available: number) => ({
  location,
  nameZh: `${location} 店`,
  nameEn: location,
  kind: 'store',
  city: null,
  distanceKm: 3,
  available,
  earliestPickup: null,
});
const kept = { id: 'r1', reference: 'Y-7KQ9MX4', expiresAt: '2026-03-01T16:00:00Z' };

describe('finding stock for a customer', () => {
  const draw = async (qty: number) => {
    const api = new FakeApi(({ method, address }) => {
      if (method === 'POST') return { status: 201, body: kept };
      return address.startsWith('/api/v1/availability')
        ? { body: { sku: 'A', nameZh: '甲', nameEn: 'A', qty, here: null, rows: [shelf('SH02', 40)] } }
        : { body: { rows: [], nextCursor: null } };
    });
    // A manager of other stores than the one that has it.
    await drawDesk(api, Found, { sku: 'A', location: '', qty, places: new Places() }, 'manager');
    await screen.findByText('SH02 店');
    return api;
  };

  it('keeps a few pieces at a store that is not the clerk’s own, and says the code', async () => {
    const api = await draw(10);
    await fireEvent.click(screen.getByRole('button', { name: '在此预留 10 件' }));
    expect(await screen.findByText('Y-7KQ9MX4')).toBeTruthy();
    expect(api.sent('POST')).toMatchObject([
      { address: '/api/v1/reservations', body: { location: 'SH02', lines: [{ sku: 'A', qty: 10 }] } },
    ]);
  });

  it('of more than that sends to the telephone', async () => {
    await draw(12);
    expect(screen.queryByRole('button', { name: /在此预留/ })).toBeNull();
    expect(screen.getByText('超过 10 件，请联系该店预留')).toBeTruthy();
  });

  it('shows a store what is kept there, by whom, and not what web shops hold', async () => {
    const row = (reference: string, channel: string, location: string) => ({
      ...kept,
      id: reference,
      reference,
      channel,
      createdBy: '李强',
      lines: [{ sku: 'A', location, qty: 2 }],
    });
    const rows = [row('Y-1', 'pos', 'SH01'), row('M-2', 'mall', 'SH01'), row('Y-3', 'pos', 'SH09')];
    await drawDesk(new FakeApi(() => ({ body: { rows, nextCursor: null } })), KeptHere, { location: 'SH01' });
    const [item, ...more] = await screen.findAllByRole('listitem');
    expect(more).toEqual([]);
    expect(within(item!).getByText('Y-1')).toBeTruthy();
    expect(item!.textContent).toContain('李强');
  });
});
