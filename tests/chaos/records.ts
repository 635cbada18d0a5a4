/** What the clients were told. It stands outside of the company, so that nothing that is killed can forget it. */
export type FactRecord = {
  /** Whether it was answered as accepted or duplicate: then it has to be in the ledger. */
  answered: boolean;
};

export type ReservationRecord = {
  /** What was answered: the id, or null where it was refused; undefined: nobody answered. */
  id: string | null | undefined;
};

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
  /** Answers that contradict earlier ones. */
  readonly contradictions: string[] = [];
}
