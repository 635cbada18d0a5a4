/** Who gets a seat of a group-buy, and in which company: over HTTP, on real Postgres. */
import { describe, expect, it } from 'vitest';
import { event } from '../support/books.ts';
import { groupCompany } from '../support/groups.ts';

const { get, running, opened, joins, member, post, tell, expectSound } = groupCompany();

describe('commands that come at once', () => {
  it('and name the same order are decided one after the other, and hold up nobody beside them', async () => {
    await tell(
      event('in H', 'stock.received', Date.now(), {
        location: 'W01',
        ref: 'r',
        lines: [{ sku: 'H', qty: 50 }],
      }),
    );
    const id = await running('group', { location: 'W01', goods: [{ sku: 'H' }], size: 5 });
    const groups = await Promise.all([opened(id), opened(id), opened(id)]);
    const answers = await Promise.all([
      joins(groups[0]!.id, member(), { orderId: 'twice' }),
      joins(groups[1]!.id, member(), { orderId: 'twice' }),
      ...Array.from({ length: 6 }, (_, i) => joins(groups[i % 3]!.id)),
      post('/groups', { campaignId: id, memberId: member(), orderId: 'twice' }),
    ]);
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 201));
    expect((await get(`/groups/${groups[0]!.id}`)).members).toBe(4);
    await expectSound();
  });
});
