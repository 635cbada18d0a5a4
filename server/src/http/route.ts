/**
 * A route, described once: the description checks access, validates, serialises, and is what the OpenAPI document and
 * the route × role test are made of. A slice exports `const fooRoutes = (parts: Parts) => [route({…}), …]`.
 */
import express, { type Express, type Request, type RequestHandler, type Response } from 'express';
import { z } from 'zod';
import { may, type Permission, type Who } from '@zhanggui/shared/access/permissions.ts';
import { AppError, type ErrorCode } from '@zhanggui/shared/contract/errors.ts';
import { refuseCrossSite } from './cross-site.ts';
import { problemFromZod } from './problems.ts';

export type Method = 'get' | 'post' | 'put' | 'patch' | 'delete';

type Output<S, Absent> = S extends z.ZodType ? z.output<S> : Absent;

/** What a handler gets: validated input, and who asks. */
export type Call<P, Q, B> = {
  params: Output<P, Record<string, never>>;
  query: Output<Q, Record<string, never>>;
  body: Output<B, undefined>;
  who: Who;
  req: Request;
  res: Response;
  requestId: string;
};

type Shape = z.ZodObject | undefined;
type Body = z.ZodType | undefined;

export type RouteSpec<P extends Shape, Q extends Shape, B extends Body, A extends Body> = {
  method: Method;
  /** Express 5 path, parameters as `:name`. */
  path: `/${string}`;
  permission: Permission;
  /** One line for the API description, in the imperative. */
  summary: string;
  description?: string;
  tag: string;
  params?: P;
  /** Unknown query parameters are refused: a misspelt filter that is ignored answers the wrong question. */
  query?: Q;
  /** Request headers that the handler reads, for the description. */
  headers?: z.ZodObject;
  body?: B;
  /** Describes the body where `body` checks less than the handler does. */
  describeBody?: z.ZodType;
  /** What is answered; absent: 204 without a body. Fields that the schema does not name never leave. */
  answer?: A;
  /** Content type of an answer that the handler sends itself, for the description. */
  answerType?: string;
  /** Defaults to 200, or 204 without an answer. */
  status?: number;
  /** The handler reads the body from `req` itself; `body` then only describes it. */
  rawBody?: boolean;
  /** Content types of a raw body, for the description. */
  bodyTypes?: readonly string[];
  /** Largest JSON body in bytes; 100 KiB unless said. */
  bodyLimit?: number;
  /** Lets in, besides those of the table, whom this says yes to. */
  alsoAllow?: (req: Request) => boolean;
  /** Run before access is checked or anything is read, e.g. a limit by address. */
  before?: readonly RequestHandler[];
  /** Run when the body is read but not checked, e.g. a limit by account. */
  afterBody?: readonly RequestHandler[];
  /** Error codes beyond those that any route can answer, for the description. */
  errors?: readonly ErrorCode[];
  /** A handler that has answered by itself (a stream) returns undefined. */
  handler: (call: Call<P, Q, B>) => Promise<Output<A, void> | undefined> | Output<A, void> | undefined;
};

/** A route whose types are erased: what the registry, the description and the tests handle. */
export type Route = Omit<RouteSpec<Shape, Shape, Body, Body>, 'handler'> & {
  run: (call: Omit<Call<Shape, Shape, Body>, 'params' | 'query' | 'body'>) => Promise<void>;
};

const DEFAULT_BODY_LIMIT = 100 * 1024;

/** Describes a route; see `RouteSpec`. Inference makes the handler's arguments and answer follow from the schemas. */
export function route<
  P extends Shape = undefined,
  Q extends Shape = undefined,
  B extends Body = undefined,
  A extends Body = undefined,
>(spec: RouteSpec<P, Q, B, A>): Route {
  const { handler, ...description } = spec;
  const query = spec.query?.strict();
  const run: Route['run'] = async ({ req, res, who, requestId }) => {
    const call = {
      params: checked(spec.params, req.params, 'path'),
      query: checked(query, req.query, 'query'),
      body: spec.rawBody ? undefined : checked(spec.body, req.body, 'body'),
      who,
      req,
      res,
      requestId,
    } as Call<P, Q, B>;
    const answer = await handler(call);
    if (res.headersSent) return;
    if (spec.status !== undefined) res.status(spec.status);
    if (spec.answer === undefined) {
      if (spec.status === undefined) res.status(204);
      res.end();
      return;
    }
    res.json(z.encode(spec.answer, answer as never));
  };
  return { ...description, run };
}

/** Checks one part of a request. Throws `invalid_request` that names each offending field. */
function checked(schema: z.ZodType | undefined, value: unknown, where: 'path' | 'query' | 'body'): unknown {
  if (schema === undefined) return where === 'body' ? undefined : {};
  const result = schema.safeParse(where === 'body' ? value : { ...(value as object) });
  if (!result.success) throw problemFromZod(result.error, where);
  return result.data;
}

/**
 * Hangs routes into the app. Order of the checks: who is asking (set by the identity middleware), whether another site
 * made the browser ask, whether they may; only then is the body read.
 */
export function registerRoutes(app: Express, routes: readonly Route[], publicUrl: string): void {
  const seen = new Set<string>();
  for (const entry of routes) {
    const name = `${entry.method} ${entry.path}`;
    if (seen.has(name)) throw new Error(`Route ${name} is defined twice`);
    seen.add(name);
    const checks = [
      nameRoute(entry),
      ...(entry.before ?? []),
      checkAccess(entry, publicUrl),
      ...bodyReader(entry),
      ...(entry.afterBody ?? []),
    ];
    app[entry.method](entry.path, ...checks, (req, res) =>
      entry.run({ req, res, who: res.locals.who, requestId: res.locals.requestId }),
    );
  }
}

/** The pattern, not the path, labels metrics and the access log: a path has ids in it. */
function nameRoute(entry: Route): RequestHandler {
  return (_req, res, next) => {
    res.locals.route = entry.path;
    next();
  };
}

function checkAccess(entry: Route, publicUrl: string): RequestHandler {
  return (req, res, next) => {
    const who = res.locals.who;
    refuseCrossSite(req, who, publicUrl);
    if (!may(who, entry.permission) && !entry.alsoAllow?.(req)) {
      throw new AppError(who.kind === 'anonymous' ? 'unauthenticated' : 'forbidden');
    }
    next();
  };
}

function bodyReader(entry: Route): RequestHandler[] {
  if (entry.body === undefined || entry.rawBody) return [];
  const parse = express.json({ limit: entry.bodyLimit ?? DEFAULT_BODY_LIMIT, strict: false });
  return [
    (req, res, next) => {
      // No body at all: whether one is needed, and which fields, the schema says.
      if (!hasBody(req)) next();
      else if (req.is('application/json'))
        parse(req, res, (error?: unknown) => {
          if (error) next(error);
          // Who hung up before it was read has no body any more, and the parser goes on without one: a command must not, since what
          // it was asked with is lost.
          else if (req.body === undefined) next(new AppError('malformed_json', 'The body ended early'));
          else next();
        });
      else throw new AppError('unsupported_media_type', 'Send the body as application/json');
    },
  ];
}

function hasBody({ headers }: Request): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}
