/** What people do about groups and bargains is in the audit log; what machines do is not. Over HTTP, on real Postgres. */
import { describe, expect, it } from 'vitest';
import { listAudit } from '@zhanggui/shared/access/audit-store.ts';
import { call, person } from '../support/running-server.ts';
import { groupCompany } from '../support/groups.ts';

const { at, running, opened, joins, leaves, member } = groupCompany();

const audited = async (target: string) =>
  (await listAudit(at.server.sql, { before: null, limit: 200 }))
    .filter((row) => row.target === target)
    .map(({ actorName, action, details }) => [actorName, action, details])
    .reverse();

describe('a person who commands', () => {
  it('a group is written down with it, once, and only where something was done', async () => {
    const marketer = await person(at.server.sql, 'marketer');
    const campaignId = await running('group', { size: 5 });
    const [one, two] = [member(), member()];
    const send = (path: string, body: object, key?: string) =>
      call<{ id: string }>(at.server, 'POST', `/api/v1/groups${path}`, {
        as: marketer,
        body,
        headers: { origin: at.server.url, ...(key && { 'idempotency-key': key }) },
      });
    const { id } = (await send('', { campaignId, memberId: one, orderId: 'o1' })).body;
    const answers = [];
    for (const key of ['k', 'k']) answers.push(await send(`/${id}/joins`, { memberId: two }, key));
    expect(answers.map(({ status }) => status)).toEqual([201, 201]);
    expect((await send(`/${id}/joins`, { memberId: two })).status).toBe(409);
    await send(`/${id}/leaves`, { memberId: two });
    expect(await audited(id)).toEqual([
      [marketer.email, 'group.open', { campaignId, memberId: one, orderId: 'o1' }],
      [marketer.email, 'group.join', { campaignId, memberId: two }],
      [marketer.email, 'group.leave', { campaignId, memberId: two }],
    ]);
    const machines = await opened(campaignId);
    const other = member();
    await joins(machines.id, other);
    await leaves(machines.id, other);
    expect(await audited(machines.id)).toEqual([]);
  });

  it('a bargain too', async () => {
    const marketer = await person(at.server.sql, 'marketer');
    const campaignId = await running('bargain', { helpers: 1 });
    const [owner, friend] = [member(), member()];
    const send = (path: string, body: object, as: object = marketer) =>
      call<{ id: string }>(at.server, 'POST', `/api/v1/bargains${path}`, {
        as,
        body,
        headers: { origin: at.server.url },
      });
    const { id } = (await send('', { campaignId, memberId: owner })).body;
    await send(`/${id}/helps`, { memberId: friend });
    for (let i = 0; i < 2; i++) expect((await send(`/${id}/buy`, { orderId: 'b1' })).status).toBe(200);
    expect(await audited(id)).toEqual([
      [marketer.email, 'bargain.open', { campaignId, memberId: owner }],
      [marketer.email, 'bargain.help', { memberId: friend, cut: 8_010 }],
      [marketer.email, 'bargain.buy', { price: 1_990, orderId: 'b1' }],
    ]);
    const machines = (await send('', { campaignId, memberId: member() }, at.shop)).body;
    await send(`/${machines.id}/helps`, { memberId: friend }, at.shop);
    expect(await audited(machines.id)).toEqual([]);
  });
});
