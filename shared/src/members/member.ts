/**
 * What is known of a member, as the statements about them add up. Each field is from the statement with the largest key
 * (`time source id`) that names it, so statements may come late, twice or in any order and end the same. Pure.
 */

/** A value of a field: a text, sorted tags, a yes or no, or null where it was taken back. */
export type Value = string | boolean | string[] | null;

/** Field → [key of its statement, value]. Fields as below; consents are `consent:<medium>`. */
export type Said = Record<string, [key: string, value: Value]>;

/** What one fact or command says. Fields that it does not name stay as they are. */
export type Statement = {
  /** `time source id`. */
  key: string;
  name?: string | null | undefined;
  phone?: string | null | undefined;
  mail?: string | null | undefined;
  level?: string | null | undefined;
  /** YYYY-MM-DD. */
  birthday?: string | null | undefined;
  /** RFC 3339. */
  joinedAt?: string | null | undefined;
  tags?: readonly string[] | null | undefined;
  /** Medium → whether they may be written to. */
  consents?: Readonly<Record<string, boolean | null>> | undefined;
};

export type KnownMember = {
  name: string | null;
  phone: string | null;
  mail: string | null;
  level: string | null;
  birthday: string | null;
  joinedAt: string | null;
  tags: string[];
  consents: Record<string, boolean>;
};

const CONSENT = 'consent:';

/** The fields after one more statement. Never changes `said`. */
export function foldStatement(said: Said, statement: Statement): Said {
  const next = { ...said };
  const say = (field: string, value: Value | undefined) => {
    const known = next[field];
    if (value !== undefined && (known === undefined || known[0] < statement.key))
      next[field] = [statement.key, value];
  };
  const { name, phone, mail, level, birthday, joinedAt, tags, consents = {} } = statement;
  say('name', cleanText(name));
  say('phone', phone && cleanPhone(phone));
  say('mail', mail && cleanMail(mail));
  say('level', cleanText(level));
  say('birthday', birthday);
  say('joinedAt', joinedAt && new Date(joinedAt).toISOString());
  say('tags', tags && cleanTags(tags));
  for (const [medium, given] of Object.entries(consents)) say(CONSENT + medium, given);
  return next;
}

/** The member as the statements say. */
export function knownMember(said: Said): KnownMember {
  const text = (field: string) => (said[field]?.[1] as string | null | undefined) ?? null;
  const consents: Record<string, boolean> = {};
  for (const [field, [, given]] of Object.entries(said).sort(([a], [b]) => (a < b ? -1 : 1)))
    if (field.startsWith(CONSENT) && typeof given === 'boolean')
      consents[field.slice(CONSENT.length)] = given;
  return {
    name: text('name'),
    phone: text('phone'),
    mail: text('mail'),
    level: text('level'),
    birthday: text('birthday'),
    joinedAt: text('joinedAt'),
    tags: (said['tags']?.[1] as string[] | null | undefined) ?? [],
    consents,
  };
}

const cleanText = (text: string | null | undefined): string | null | undefined =>
  text && (text.trim() || null);

/** Without blanks and other marks that people put into numbers, so that a number is found however it was written. */
const cleanPhone = (phone: string): string | null => phone.replace(/[\s().\-–/]/g, '') || null;

/** Null where it is no address: nothing could be sent there. */
const cleanMail = (mail: string): string | null => /^[^\s@]+@[^\s@]+$/.exec(mail.trim())?.[0] ?? null;

/** Sorted, each once. */
export function cleanTags(tags: readonly string[]): string[] {
  return [...new Set(tags.map((tag) => tag.trim()).filter((tag) => tag !== ''))].sort();
}

/** A phone, or the end of one, as people type it: its digits, maybe with a +; null for what is none. */
export function typedPhone(text: string): string | null {
  const digits = cleanPhone(text) ?? '';
  return /^\+?\d{4,20}$/.test(digits) ? digits : null;
}

/** The last four digits: all that a mask leaves of the end. More is taken for a whole phone where phones are masked. */
export const PHONE_TAIL = 4;

/** `138****5678`: enough to tell two numbers apart in front of a customer, too little to call them. */
export function maskPhone(phone: string): string {
  if (phone.length <= 4) return '*'.repeat(phone.length);
  const tail = phone.slice(phone.length > 7 ? -4 : -2);
  const head = phone.slice(0, Math.min(3, Math.max(0, phone.length - tail.length - 4)));
  return head + '*'.repeat(phone.length - head.length - tail.length) + tail;
}

/** `w***@mail.example`: who gave it knows it again, nobody else can write there. */
export const maskMail = (mail: string): string => mail.replace(/^(.).*(?=@)/u, '$1***');
