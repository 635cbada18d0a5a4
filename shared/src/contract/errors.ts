/**
 * Every error code a client can see, with its HTTP status and a title. Clients match on `code`; it never changes meaning.
 * Thrown anywhere as `AppError`, turned into RFC 9457 problem details in one place (the server's error middleware).
 */
export const errorCodes = {
  invalid_request: { status: 400, title: 'The request does not fit its schema' },
  malformed_json: { status: 400, title: 'The body is not JSON' },
  invalid_event: { status: 400, title: 'The event does not fit its schema' },
  unknown_type: { status: 400, title: 'No such event type' },
  currency_mismatch: { status: 400, title: 'The event is in another currency than the company' },
  unauthenticated: { status: 401, title: 'Sign in first, or send a key' },
  wrong_credentials: { status: 401, title: 'E-mail and password do not match' },
  link_used: { status: 401, title: 'This link was used already or is too old' },
  forbidden: { status: 403, title: 'Not allowed for this role or key' },
  outside_scope: { status: 403, title: 'Not one of your stores or regions' },
  second_person_needed: { status: 403, title: 'Somebody else has to approve this' },
  cross_site: { status: 403, title: 'The request came from another site' },
  not_found: { status: 404, title: 'There is no such thing' },
  conflict: { status: 409, title: 'Someone else was faster, or it exists already' },
  insufficient_stock: { status: 409, title: 'Less is available than was asked for' },
  insufficient_points: { status: 409, title: 'The member has fewer points than that' },
  sold_out: { status: 409, title: 'All of them are given away, or the budget is used up' },
  limit_reached: { status: 409, title: 'This member has as many as one may have' },
  not_eligible: { status: 409, title: 'This campaign is not for this member' },
  campaign_not_running: { status: 409, title: 'The campaign does not run now' },
  coupon_used: { status: 409, title: 'The coupon was used for another order' },
  coupon_not_yet_valid: { status: 409, title: 'The coupon is not valid yet' },
  coupon_expired: { status: 409, title: 'The coupon is not valid any more' },
  coupon_not_applicable: { status: 409, title: 'The coupon takes nothing off this basket' },
  coupon_not_combinable: { status: 409, title: 'The coupon does not go with another one of this order' },
  already_joined: { status: 409, title: 'This member is in the group already' },
  not_joined: { status: 409, title: 'This member is not in the group' },
  group_full: { status: 409, title: 'The group is full' },
  group_over: { status: 409, title: 'The time of the group is up' },
  already_helped: { status: 409, title: 'This member has helped already' },
  at_floor: { status: 409, title: 'The price is as low as it gets' },
  not_at_floor: { status: 409, title: 'It can be bought when the price is as low as it gets' },
  bargain_over: { status: 409, title: 'The bargain is bought, or its time is up' },
  too_large: { status: 413, title: 'The body is too large' },
  too_many_events: { status: 413, title: 'Too many events in one request' },
  unsupported_media_type: { status: 415, title: 'Unknown content type' },
  too_many_requests: { status: 429, title: 'Too many requests' },
  overloaded: { status: 429, title: 'The server takes in as much as it can; try again soon' },
  internal: { status: 500, title: 'Something went wrong on our side' },
  database_away: { status: 503, title: 'The database is away; nothing was taken' },
  shutting_down: { status: 503, title: 'The server is shutting down' },
} as const;

export type ErrorCode = keyof typeof errorCodes;

/** What can be promised of a SKU at a location. */
export type AvailablePieces = { sku: string; location: string; available: number };

/** RFC 9457 with our stable `code`; `errors` names the offending fields, `available` comes with `insufficient_stock`. */
export type Problem = {
  type: string;
  title: string;
  status: number;
  code: ErrorCode;
  detail?: string;
  errors?: { field: string; detail: string }[];
  available?: AvailablePieces[];
  requestId?: string;
};

/** An error with a code for the client; `retryAfter` in seconds becomes the Retry-After header. */
export class AppError extends Error {
  readonly code: ErrorCode;
  readonly errors: { field: string; detail: string }[] | undefined;
  readonly retryAfter: number | undefined;
  readonly available: readonly AvailablePieces[] | undefined;

  constructor(
    code: ErrorCode,
    detail?: string,
    more: {
      errors?: { field: string; detail: string }[];
      retryAfter?: number;
      available?: readonly AvailablePieces[];
      cause?: unknown;
    } = {},
  ) {
    super(detail ?? errorCodes[code].title, { cause: more.cause });
    this.name = 'AppError';
    this.code = code;
    this.errors = more.errors;
    this.retryAfter = more.retryAfter;
    this.available = more.available;
  }

  get status(): number {
    return errorCodes[this.code].status;
  }
}
