/**
 * Requests that are under way: from their first byte to the last of their answer, and whatever their handler still does
 * when the client is gone. So that closing waits for them before it takes the store away. Answers only what it refuses.
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import { TruelineError } from "@trueline/protocol";
import type { FastifyInstance, RouteHandlerMethod } from "fastify";

export interface Requests {
  /** A request and its answer; refused once `stop` was called. */
  take(request: IncomingMessage, response: ServerResponse): void;
  /** Work for a request that has no answer of node:http's: an upgrade. */
  during<T>(work: () => Promise<T>): Promise<T>;
  /** Takes no more, and resolves when nothing is under way, or `graceMs` are over: with the number of what is left. */
  stop(graceMs: number): Promise<number>;
}

/** Before the routes are registered: what they do is counted from then on. */
export function countRequests(app: FastifyInstance): Requests {
  let underWay = 0;
  let stopped: PromiseWithResolvers<void> | undefined;
  const end = (): void => {
    underWay -= 1;
    if (underWay === 0) stopped?.resolve();
  };
  async function during<T>(work: () => Promise<T>): Promise<T> {
    underWay += 1;
    try {
      return await work();
    } finally {
      end();
    }
  }
  app.addHook("onRoute", (route) => {
    const { handler } = route;
    const counted: RouteHandlerMethod = function (request, reply) {
      return during(async () => handler.call(this, request, reply));
    };
    route.handler = counted;
  });
  return {
    during,
    take(request, response) {
      if (stopped) {
        refuse(response);
        return;
      }
      underWay += 1;
      response.once("close", end);
      app.routing(request, response);
    },
    async stop(graceMs) {
      stopped ??= Promise.withResolvers<void>();
      if (underWay > 0) await withinMs(graceMs, stopped.promise);
      return underWay;
    },
  };
}

async function withinMs(ms: number, done: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const over = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  await Promise.race([done, over]);
  clearTimeout(timer);
}

function refuse(response: ServerResponse): void {
  const error = new TruelineError("going_away", "This gateway is closing. Try again.", 1_000);
  const headers = {
    connection: "close",
    "content-type": "application/json; charset=utf-8",
    "cache-control": "no-store",
    "retry-after": "1",
  };
  response.writeHead(error.status, headers).end(JSON.stringify(error.toBody()));
}
