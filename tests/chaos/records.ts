/** What the clients were told. It stands outside of the company, so that nothing that is killed can forget it. */
export type FactRecord = {
  /** Whether it was answered as accepted or duplicate: then it has to be in the ledger. */
  answered: boolean;
};

export type ReservationRecord = {
  /** What was answered: the id, or null where it was refused; undefined: nobody answered. */
  id: string | null | undefined;
};

/** What a blow may come in the middle of. */
export const phases = ['fan-out', 'claims', 'deadlines'] as const;
export type Phase = (typeof phases)[number];

export class Records {
  /** By `source id`. */
  readonly facts = new Map<string, FactRecord>();
  /** By reference, the id of the order that is to come. */
  readonly reservations = new Map<string, ReservationRecord>();
  /** Codes by member, by campaign. */
  readonly claimed = new Map<string, Record<string, string>>();
  /** Campaigns that were sent out, with how many coupons that has to be. */
  readonly sent = new Map<string, number>();
  /** Orders by the code that was redeemed for them. */
  readonly redeemed = new Map<string, string>();
  /** Who is in which group, by the order that they name. */
  readonly seats = new Map<string, { groupId: string; memberId: string }>();
  /** Orders of seats that were told as paid, and answered. */
  readonly paid = new Set<string>();
  /** Who helped, by bargain. */
  readonly helped = new Map<string, string[]>();
  /** What the shop was told to pay back, by order: each refund once for each message that it was in. */
  readonly refunds = new Map<string, { id: string; amount: number; webhookId: string }[]>();
  /** What was booked, points, by reference; 0: it was refused; undefined: nobody answered. */
  readonly points = new Map<string, number | undefined>();
  /** Answers that contradict earlier ones. */
  readonly contradictions: string[] = [];
  readonly #underWay: Record<Phase, number> = { 'fan-out': 0, claims: 0, deadlines: 0 };

  /** Does something that blows shall come in the middle of. */
  async during<T>(phase: Phase, work: () => Promise<T>): Promise<T> {
    this.#underWay[phase] += 1;
    try {
      return await work();
    } finally {
      this.#underWay[phase] -= 1;
    }
  }

  /** What is under way now. */
  underWay(): Phase[] {
    return phases.filter((phase) => this.#underWay[phase] > 0);
  }
}
