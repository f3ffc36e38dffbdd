/** Serves an operation of the table: who is calling, does the body fit, what came of it. Every route of ours goes through here. */
import { describeIssues, TruelineError } from "@trueline/protocol";
import { type Identity, inSpan } from "@trueline/server";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { z } from "zod";
import type { Engine } from "../engine.ts";
import { type Operation, type OperationName, operations } from "./operations.ts";
import { bearerOf, requestFacts } from "./request-facts.ts";

type Table = typeof operations;
type BodyOf<Name extends OperationName> = Table[Name] extends {
  readonly body: infer Schema extends z.ZodType;
}
  ? z.infer<Schema>
  : undefined;
type AnswerOf<Name extends OperationName> = Table[Name] extends {
  readonly answer: infer Schema extends z.ZodType;
}
  ? z.infer<Schema>
  : // biome-ignore lint/suspicious/noConfusingVoidType: it is what an async handler without an answer returns
    void;

export interface Call<Body> {
  readonly caller: Identity;
  /** The `:id` of the path; empty where there is none. Not checked: it may be anything. */
  readonly id: string;
  readonly body: Body;
  readonly address: string;
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
}

export type OpenCall<Body> = Omit<Call<Body>, "caller">;

export function serve<Name extends OperationName>(
  app: FastifyInstance,
  engine: Engine,
  name: Name,
  handle: (call: Call<BodyOf<Name>>) => Promise<AnswerOf<Name>>,
): void {
  route(app, name, async (request, reply) => {
    const caller = await callerOf(engine, request);
    const call = { ...openCall(engine, name, request, reply), caller };
    return () => handle(call);
  });
}

/** One that may be called without signing in. */
export function serveOpen<Name extends OperationName>(
  app: FastifyInstance,
  engine: Engine,
  name: Name,
  handle: (call: OpenCall<BodyOf<Name>>) => Promise<AnswerOf<Name>>,
): void {
  route(app, name, async (request, reply) => {
    const call = openCall(engine, name, request, reply);
    return () => handle(call);
  });
}

/** `admit` throws what is wrong with a call, and gives what answers it. */
function route(
  app: FastifyInstance,
  name: OperationName,
  admit: (request: FastifyRequest, reply: FastifyReply) => Promise<() => Promise<unknown>>,
): void {
  const { method, path: url, status } = operations[name];
  app.route({
    method,
    url,
    handler: async (request, reply) => {
      const answer = await inSpan(`trueline.http.${name}`, {}, await admit(request, reply));
      reply.code(status);
      return answer;
    },
  });
}

function openCall<Name extends OperationName>(
  engine: Engine,
  name: Name,
  request: FastifyRequest,
  reply: FastifyReply,
): OpenCall<BodyOf<Name>> {
  const body = bodyOf(operations[name], request.body) as BodyOf<Name>;
  const { id = "" } = request.params as { id?: string };
  const { address } = requestFacts(request.raw, engine.trustedProxies);
  return { id, body, address, request, reply };
}

const callers = new WeakMap<FastifyRequest, Identity>();

/** Throws `unauthorized`. */
export async function callerOf(engine: Engine, request: FastifyRequest): Promise<Identity> {
  const facts = requestFacts(request.raw, engine.trustedProxies);
  const caller = await engine.authenticator.authenticate(bearerOf(request.raw), facts);
  callers.set(request, caller);
  return caller;
}

/** Undefined where nobody asked who it is, or it proved nobody. */
export const knownCaller = (request: FastifyRequest): Identity | undefined => callers.get(request);

function bodyOf(operation: Operation, given: unknown): unknown {
  if (!operation.body) return undefined;
  const body = given ?? (operation.bodyOptional ? {} : undefined);
  if (body === undefined)
    throw new TruelineError("invalid_request", "A JSON body is missing (content-type: application/json).");
  const parsed = operation.body.safeParse(body);
  if (parsed.success) return parsed.data;
  throw new TruelineError("invalid_request", describeIssues(parsed.error));
}
