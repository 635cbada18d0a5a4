/** Who of those who claim gets a coupon. Pure. */
import type { GiveMode } from './campaign.ts';

/** What a campaign is like at the moment. */
export type Claimed = {
  no: number;
  /** See `givesAt`. */
  gives: boolean;
  give: GiveMode | null;
  perMember: number;
  /** How many more there are; null: any number. */
  room: number | null;
};

/** Who claims: null where nobody named this member before. */
export type Claimant = {
  memberNo: number | null;
  eligible: boolean;
  /** How many of this campaign they have. */
  had: number;
};

export type ClaimRefusal = 'campaign_not_running' | 'not_eligible' | 'limit_reached' | 'sold_out';

/**
 * Decides one claim after the other. Counts what it gives, so that within a group nobody gets more than their limit and no more are
 * given than there are.
 */
export class Claims {
  #rooms = new Map<number, number | null>();
  #had = new Map<string, number>();

  /** Which of the member's coupons they get (1, 2, …), or why none. */
  decide(
    campaign: Claimed,
    { memberNo, eligible, had }: Claimant & { memberNo: number },
  ): number | ClaimRefusal {
    if (!campaign.gives || campaign.give === 'rule') return 'campaign_not_running';
    if (!eligible) return 'not_eligible';
    const key = `${campaign.no} ${memberNo}`;
    const has = this.#had.get(key) ?? had;
    if (has >= campaign.perMember) return 'limit_reached';
    const room = this.#rooms.has(campaign.no) ? this.#rooms.get(campaign.no)! : campaign.room;
    if (room !== null && room < 1) return 'sold_out';
    this.#rooms.set(campaign.no, room === null ? null : room - 1);
    this.#had.set(key, has + 1);
    return has + 1;
  }
}

/** Claims from one source in a minute that are more than a person makes. */
export const ODD_CLAIMS = 30;
const MOST_SOURCES = 50_000;

/** Counts claims by source and minute, to tell those that are odd. In memory: it is a hint to look, nothing is refused for it. */
export class ClaimWatch {
  #minute = 0;
  #counts = new Map<string, number>();

  /** Counts claims of a source; answers how many that makes in this minute, where it is odd. */
  count(campaign: string, source: string, now: number): number | null {
    const minute = Math.floor(now / 60_000);
    if (minute !== this.#minute || this.#counts.size > MOST_SOURCES) this.#counts.clear();
    this.#minute = minute;
    const key = `${campaign} ${source}`;
    const count = (this.#counts.get(key) ?? 0) + 1;
    this.#counts.set(key, count);
    return count > ODD_CLAIMS ? count : null;
  }
}
