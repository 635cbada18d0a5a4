/** Opening bargains, helping with them and buying, each in a transaction of its own under the bargain's lock. */
import { randomUUID } from 'node:crypto';
import { writeAudit, type Actor, type AuditEntry } from '@zhanggui/shared/access/audit-store.ts';
import { noteChange } from '@zhanggui/shared/board/change-store.ts';
import { AppError } from '@zhanggui/shared/contract/errors.ts';
import { givesAt } from '@zhanggui/shared/coupons/campaign.ts';
import {
  findCampaign,
  findCampaignsByNo,
  type CampaignRow,
} from '@zhanggui/shared/coupons/campaign-store.ts';
import { campaignHonours } from '@zhanggui/shared/coupons/redeem.ts';
import { introduceMembers } from '@zhanggui/shared/coupons/claim-store.ts';
import { cutOf } from '@zhanggui/shared/groups/bargain.ts';
import {
  buyBargain,
  cutBargain,
  insertBargain,
  lockBargain,
  takenBargains,
  type LockedBargain,
} from '@zhanggui/shared/groups/bargain-store.ts';
import {
  CampaignCounts,
  countOnCampaigns,
  findMembers,
  type Hold,
  type KnownMember,
} from '@zhanggui/shared/groups/group-store.ts';
import { lookAgain } from '@zhanggui/shared/groups/told-store.ts';
import { bargainLiability, bargainTemplate, type BargainTemplate } from '@zhanggui/shared/groups/template.ts';
import type { Sql } from '@zhanggui/shared/platform/database.ts';
import type { BusinessTime } from '@zhanggui/shared/sales/business-time.ts';
import { readReferences } from '@zhanggui/shared/stock/promise-store.ts';
import { isStanding } from '@zhanggui/shared/stock/reservation.ts';
import { insertReservations } from '@zhanggui/shared/stock/reservation-store.ts';
import { bookHolds, nothing, type Booked } from '../stock/book-holds.ts';
import type { Places } from '../stock/places.ts';
import { audiencesOf } from './audiences.ts';
import { lockShelves, readShelves } from './shelves.ts';

const HOUR = 3_600_000;
/** What is bought is held so long: that is how long its order may take to come. */
const HOLD_SECONDS = 86_400;

export type BargainContext = { time: BusinessTime; places: Places; now: Date; by: Actor };

type Running = { campaign: CampaignRow; template: BargainTemplate };

/** A bargain that is open goes on until its own deadline, also when the campaign's time is over: only a new one needs it to run. */
function runningOf(campaign: CampaignRow, { opens, now }: { opens: boolean; now: Date }): Running {
  if (campaign.kind !== 'bargain') throw new AppError('not_found', 'There is no such bargain campaign');
  if (!(opens ? givesAt(campaign, now) : campaignHonours(campaign.state)))
    throw new AppError('campaign_not_running');
  return { campaign, template: bargainTemplate.parse(campaign.template) };
}

/** A member by the shop's id; one that nobody named before is made. Throws `not_eligible` for one who wished to be forgotten. */
async function memberOf(tx: Sql, id: string): Promise<KnownMember> {
  const [known] = await findMembers(tx, [id]);
  if (known?.forgotten) throw new AppError('not_eligible');
  if (known) return known;
  await introduceMembers(tx, [id]);
  const [made] = await findMembers(tx, [id]);
  if (!made) throw new AppError('conflict', 'Send it again');
  return made;
}

/** What machines ask for is in the bargains; what people do is in the audit log too. */
async function auditPerson(tx: Sql, by: Actor, entry: AuditEntry): Promise<void> {
  if (by.kind === 'user') await writeAudit(tx, by, entry);
}

const tell = (tx: Sql) => noteChange(tx, { topics: ['groups'], minutes: [], locationNos: [] });

/** Of a bargain that was there already: what the shop told of it before us is compared again. */
async function tellAgain(tx: Sql, id: string): Promise<void> {
  await lookAgain(tx, 'bargain', [id]);
  await tell(tx);
}

/** Counts, or says what the campaign has no more of. */
async function count(
  tx: Sql,
  campaign: CampaignRow,
  change: Parameters<CampaignCounts['add']>[1],
): Promise<void> {
  const counts = new CampaignCounts();
  counts.add(campaign.no, change);
  if (await countOnCampaigns(tx, counts.rows())) return;
  const [now] = await findCampaignsByNo(tx, [campaign.no]);
  throw new AppError(now?.state === 'running' ? 'sold_out' : 'campaign_not_running');
}

/** Answers the new bargain's id. */
export async function openBargain(
  tx: Sql,
  { time, now, by }: BargainContext,
  asked: { campaignId: string; memberId: string },
): Promise<string> {
  const { campaign, template } = runningOf(await findCampaign(tx, asked.campaignId), { opens: true, now });
  const [known] = await findMembers(tx, [asked.memberId]);
  if (!known && campaign.audience.kind !== 'all') throw new AppError('not_eligible');
  const member = await memberOf(tx, asked.memberId);
  const eligible = (await audiencesOf(tx, time, [campaign], [member], now)).get(campaign.no);
  if (eligible && !eligible.has(member.no)) throw new AppError('not_eligible');
  const taken = await takenBargains(tx, campaign.no, member.no);
  const nth = Array.from({ length: campaign.perMember }, (_, i) => i + 1).find((each) => !taken.has(each));
  if (nth === undefined) throw new AppError('limit_reached');
  const { startPrice, floorPrice, helpers, buyAnytime, hours } = template;
  const id = randomUUID();
  const expiresAt = new Date(now.getTime() + Math.round(hours * HOUR));
  const made = {
    id,
    campaignNo: campaign.no,
    memberNo: member.no,
    nth,
    startPrice,
    floorPrice,
    helpers,
    buyAnytime,
    openedAt: now,
    expiresAt,
  };
  if (!(await insertBargain(tx, made))) throw new AppError('limit_reached');
  await tell(tx);
  const details = { campaignId: campaign.id, memberId: asked.memberId };
  await auditPerson(tx, by, { action: 'bargain.open', target: id, details });
  await count(tx, campaign, { issued: 1, reserved: bargainLiability(template), takes: true, opens: true });
  return id;
}

/** A bargain of ours that is open now, with its campaign. Throws why it is not. */
async function openOne(tx: Sql, id: string, now: Date): Promise<{ bargain: LockedBargain } & Running> {
  const bargain = await lockBargain(tx, id);
  if (!bargain) throw new AppError('not_found', `There is no bargain ${id}`);
  if (bargain.source === 'theirs')
    throw new AppError('conflict', 'This bargain is run by the shop’s own engine');
  if (bargain.state !== 'open' || bargain.expiresAt <= now) throw new AppError('bargain_over');
  const [campaign] = await findCampaignsByNo(tx, [bargain.campaignNo]);
  return { bargain, ...runningOf(campaign!, { opens: false, now }) };
}

/** Answers what the helper took off, minor units. */
export async function helpBargain(
  tx: Sql,
  { now, by }: BargainContext,
  secret: Uint8Array,
  asked: { id: string; memberId: string },
): Promise<number> {
  const { bargain } = await openOne(tx, asked.id, now);
  const member = await memberOf(tx, asked.memberId);
  if (member.no === bargain.memberNo)
    throw new AppError('not_eligible', 'Nobody helps with their own bargain');
  const nth = bargain.helps + 1;
  const full = nth > bargain.helpers;
  const cut = full ? 0 : cutOf(bargain, { secret, bargainId: bargain.id, nth, price: bargain.price });
  if (full) throw new AppError('at_floor');
  if (!(await cutBargain(tx, { no: bargain.no, nth, memberNo: member.no, cut, at: now })))
    throw new AppError('already_helped');
  await tellAgain(tx, bargain.id);
  const details = { memberId: asked.memberId, cut };
  await auditPerson(tx, by, { action: 'bargain.help', target: bargain.id, details });
  return cut;
}

/** Fixes the price and holds the pieces. The same order again is answered as the first time. */
export async function buyOne(
  tx: Sql,
  { places, now, by }: BargainContext,
  asked: { id: string; orderId: string | null },
): Promise<Booked> {
  const before = await lockBargain(tx, asked.id);
  if (before?.state === 'bought' && asked.orderId !== null && before.orderId === asked.orderId)
    return nothing;
  const { bargain, campaign, template } = await openOne(tx, asked.id, now);
  if (!bargain.buyAnytime && bargain.price > bargain.floorPrice) throw new AppError('not_at_floor');
  const { held, hold, booked } = await holdGoods(tx, places, campaign, template, bargain, asked.orderId);
  await buyBargain(tx, { no: bargain.no, at: now, orderId: asked.orderId, held, hold });
  await tellAgain(tx, bargain.id);
  const details = { price: bargain.price, ...(asked.orderId !== null && { orderId: asked.orderId }) };
  await auditPerson(tx, by, { action: 'bargain.buy', target: bargain.id, details });
  const spent = bargain.startPrice - bargain.price;
  await count(tx, campaign, { redeemed: 1, reserved: -bargainLiability(template), spent });
  return { ...booked, topics: [...booked.topics, 'groups'] };
}

async function holdGoods(
  tx: Sql,
  places: Places,
  campaign: CampaignRow,
  template: BargainTemplate,
  bargain: LockedBargain,
  orderId: string | null,
): Promise<{ held: string | null; hold: Hold | null; booked: Booked }> {
  const none = { held: null, hold: null, booked: nothing };
  const shelves = await readShelves(tx, places, [[campaign.no, template]]);
  const shelf = shelves.get(campaign.no);
  if (!shelf) return none;
  if (shelf instanceof AppError) throw shelf;
  const reference = orderId ?? `bargain/${bargain.id}`;
  const [known] = await readReferences(tx, [reference]);
  if (known?.placed || (known?.last && isStanding(known.last.state))) return none;
  const locked = await lockShelves(tx, shelves);
  const short = locked.take(campaign.no, shelf.hold);
  if (short) throw short;
  const lines = shelf.hold.lines.map((line) => ({ ...line, locationNo: shelf.hold.locationNo }));
  const made = await insertReservations(tx, [
    { reference, channel: 'group', lines, ttlSeconds: HOLD_SECONDS, requestHash: '', createdBy: 'bargain' },
  ]);
  if (made.length === 0)
    throw new AppError('conflict', 'Something else was reserved for this order a moment ago');
  return { held: reference, hold: shelf.hold, booked: await bookHolds(tx, { held: lines }) };
}
